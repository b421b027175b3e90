"""Pass arguments on as `replace` says: renamed, dropped, reordered, and evaluated in the order they were."""

from __future__ import annotations

import pytest

from .conftest import Project

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["shop"]
scan   = ["shop"]

[tool.ssot_tracker.ssot.orders]
canonical  = "shop.new:Tracker"
deprecated = ["shop.old"]

[tool.ssot_tracker.ssot.orders.replace]
"shop.old:Manager(config)"       = "shop.new:Tracker(timeout_config)"
"shop.old:Log"                   = "shop.new:Tracker"
"shop.old:Log.note(text, level)" = "shop.new:Tracker.record(text)"
"shop.old:pair(a, b)"            = "shop.new:duo(b, a)"
"shop.old:ask(a)"                = "shop.new:tell(a, strict=True)"
"shop.old:far(a, b)"             = "shop.away:near(c=b, d=a)"
"""
OLD = """\
class Manager:
    def __init__(self, config=None):
        pass

class Log:
    def note(self, text, level=0):
        pass

    def close(self):
        pass

def pair(a, b=0):
    pass

def ask(a=0):
    pass

def far(a, b):
    pass
"""
NEW = """\
class Tracker:
    def __init__(self, size=0, timeout_config=None):
        pass

    def record(self, text):
        pass

    def close(self):
        pass

def duo(b=0, a=0):
    pass

def tell(a=0, *, strict=False):
    pass
"""


@pytest.fixture
def shop(project: Project) -> Project:
    return project.lay_out(CONFIGURATION, old=OLD, new=NEW)


HEAD = "from shop.old import Log, Manager, ask, pair, far\n\n"

PASSED = {
    "a renamed one by place": ("Manager(1)", "Tracker(timeout_config=1)"),
    "a renamed one by keyword": ("Manager(config=load())", "Tracker(timeout_config=load())"),
    "none": ("Manager()", "Tracker()"),
    "a dropped one by place": ('Log().note("x", 1)', 'Tracker().record("x")'),
    "a dropped one by keyword": ('Log().note(level=1, text="x")', 'Tracker().record(text="x")'),
    "one that is not given": ('Log().note("x")', 'Tracker().record("x")'),
    "of a method of a name": ('log = Log()\nlog.note("x", 1)', 'log = Tracker()\nlog.record("x")'),
    "reordered ones": ("pair(1, 2)", "duo(2, 1)"),
    "reordered ones by keyword": ("pair(a=1, b=2)", "duo(a=1, b=2)"),
    "reordered ones with effects": ("pair(f(), g())", "duo(a=f(), b=g())"),
    "the first of two": ("pair(1)", "duo(a=1)"),
    "one more": ("ask(1)", "tell(1, strict=True)"),
    "one more than none": ("ask()", "tell(strict=True)"),
    "to another module": ("far(1, 2)", "near(d=1, c=2)"),
    "in parentheses of their own": ("pair((1), (2))", "duo((2), (1))"),
    "a generator": ("ask(x for x in y)", "tell((x for x in y), strict=True)"),
    "with a comma at the end": ("pair(1, 2,)", "duo(2, 1,)"),
    "that hold others": ("Manager(Manager(1))", "Tracker(timeout_config=Tracker(timeout_config=1))"),
    "what is replaced itself": ("Manager(Log)", "Tracker(timeout_config=Tracker)"),
    "in a text": ('f"{Manager(1)}, {ask(2)}"', 'f"{Tracker(timeout_config=1)}, {tell(2, strict=True)}"'),
    "over several lines": (
        "Manager(\n    1,  # the first\n)",
        "Tracker(\n    timeout_config=1,  # the first\n)",
    ),
    "a dropped one on a line of its own": (
        "Log().note(\n    1,  # the text\n    2,  # the level\n)",
        "Tracker().record(\n    1,  # the text\n)",
    ),
    "a dropped one first, on a line of its own": (
        "Log().note(\n    level=2,  # the level\n    text=1  # the text\n)",
        "Tracker().record(\n    text=1  # the text\n)",
    ),
    "of a parameter": (
        "def f(log: Log):\n    log.note(1, 2)",
        "def f(log: Tracker):\n    log.record(1)",
    ),
    "of an attribute that holds a parameter": (
        'class A:\n    def __init__(self, log: "Log | None"):\n        self.log = log\n\n'
        "    def f(self):\n        self.log.note(1)",
        'class A:\n    def __init__(self, log: "Tracker | None"):\n        self.log = log\n\n'
        "    def f(self):\n        self.log.record(1)",
    ),
}


@pytest.mark.parametrize(("before", "after"), PASSED.values(), ids=list(PASSED))
def test_arguments_are_passed_on(shop: Project, before: str, after: str) -> None:
    shop.write("shop/away.py", "def near(*, c, d):\n    pass\n")
    used = [name for name in ("Log", "Manager", "ask", "pair", "far") if name in before]
    head = f"from shop.old import {', '.join(used)}\n\n"
    changed = shop.rewrite(f"{head}{before}\n", "shop/use.py")
    assert changed.partition("\n\n")[2] == f"{after}\n", shop.reasons
    assert shop.reasons == []


REFUSED = {
    "a dropped one with effects": (
        "Log().note(1, f())",
        "level is passed on no more, and what it is given has effects",
    ),
    "unpacked ones": ("Manager(*rest)", "its arguments are unpacked, and they are passed on one by one"),
    "unpacked keywords": ("pair(**rest)", "its arguments are unpacked, and they are passed on one by one"),
    "one use of several": (
        "log = Log()\nlog.note(1)\nlog.note(2, f())",
        "level is passed on no more, and what it is given has effects",
    ),
    "a method that is handed on": (
        "log = Log()\nf = log.note\nf(1, 2)",
        "note is not only called here, and its arguments change",
    ),
    "a method that the new class has not": ("log = Log()\nlog.note(1)\nlog.weigh()", None),
}


@pytest.mark.parametrize(("before", "reason"), REFUSED.values(), ids=list(REFUSED))
def test_what_would_not_be_the_same_is_left_alone(shop: Project, before: str, reason: str | None) -> None:
    shop.write(
        "shop/old.py", f"{OLD}\n".replace("    def close", "    def weigh(self):\n        pass\n\n    def close")
    )
    used = [name for name in ("Log", "Manager", "pair") if name in before]
    text = f"from shop.old import {', '.join(used)}\n\n{before}\n"
    assert shop.rewrite(text, "shop/use.py") == text
    assert (reason or "Tracker has no weigh") in shop.reasons


def test_an_entry_with_arguments_says_that_a_class_is_constructed(shop: Project) -> None:
    shop.write("pyproject.toml", CONFIGURATION.replace("deprecated =", 'accessors = ["shop.new:get"]\ndeprecated ='))
    shop.write("shop/new.py", NEW + "\ndef get() -> Tracker:\n    pass\n")
    text = "from shop.old import Manager\n\nManager(), Manager(1), Manager(bad=1)\n"
    assert shop.rewrite(text, "shop/use.py") == (
        "from shop.new import Tracker, get\n\nget(), Tracker(timeout_config=1), get(bad=1)\n"
    )


def test_a_method_of_the_same_class_passes_its_arguments_on(shop: Project) -> None:
    shop.write(
        "pyproject.toml",
        CONFIGURATION.replace('["shop.old"]', '["shop.old", "shop.new:Tracker.put"]').replace(
            '"shop.old:Log"  ',
            '"shop.new:Tracker.put(text, level)" = "shop.new:Tracker.record(text)"\n"shop.old:Log"  ',
        ),
    )
    shop.write(
        "shop/new.py", NEW.replace("    def close", "    def put(self, text, level=0):\n        pass\n\n    def close")
    )
    text = 'from shop.new import Tracker\n\nlog = Tracker()\nlog.put("x", 2)\n'
    assert shop.rewrite(text, "shop/use.py") == text.replace('put("x", 2)', 'record("x")')
