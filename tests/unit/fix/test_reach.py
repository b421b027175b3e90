"""What may be reached in a way that no name shows stays as it is, and what is plainly something else is not touched."""

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
"shop.old:Log.note(text, level)" = "shop.new:Tracker.record(text)"
"shop.old:Log.size"              = "shop.new:Tracker.width"
"shop.old:add(a, b)"             = "shop.new:total(b, a)"
"shop.old:LIMIT"                 = "shop.new:MAXIMUM"
"shop.old:same"                  = "shop.new:equal"
"""
OLD = """\
LIMIT = 7

class Log:
    size = 4

    def __init__(self, name="n"):
        self.name = name

    def note(self, text, level=0):
        pass

def add(a, b=1):
    pass

def same(a):
    pass
"""
NEW = """\
MAXIMUM = 7

class Tracker:
    width = 4

    def __init__(self, name="n"):
        self.name = name

    def record(self, text):
        pass

def total(b=1, a=None):
    pass

def equal(a):
    pass
"""


@pytest.fixture
def shop(project: Project) -> Project:
    return project.lay_out(CONFIGURATION, old=OLD, new=NEW)


def reasons(shop: Project, text: str) -> str:
    """Return why `text` stays as it is, which it has to."""
    assert shop.rewrite(text, "shop/use.py") == text
    return "\n".join(shop.reasons)


LOG = "from shop.old import Log\n\n"
OTHER = LOG + "class Other:\n    def note(self, text, level=0):\n        pass\n\n\n"
MEMBERS = {
    "of one of two objects": OTHER + "log = Log() if x else Other()\nlog.note(1, 2)\n",
    "of what is another object later": OTHER + "log = Log()\nlog.note(1)\nlog = Other()\nlog.note(2, 3)\n",
    "of what comes from elsewhere as well": LOG + "log = Log()\nfor log in logs:\n    log.note(1)\n",
    "of what is either by its annotation": OTHER + "def f(log: Log | Other):\n    log.note(1, 2)\n",
    "of what is either by a quoted annotation": OTHER + "def f(log: 'Log | Other'):\n    log.note(1, 2)\n",
    "of an attribute that is set twice": OTHER
    + "class A:\n    def __init__(self):\n        self.log = Log()\n\n"
    + "    def f(self, log):\n        self.log.note(1)\n        self.log = log\n",
    "by a name that is made": LOG + "getattr(Log(), 'no' + 'te')(1)\n",
    "by a name that is put together": LOG + "getattr(Log(), f'no{x}')(1)\n",
    "by a list of names": LOG + "assert 'note' in dir(Log())\n",
    "by the dictionary of the class": LOG + "Log.__dict__['size']\n",
    "in a text that is formatted": LOG + "'{0.size}'.format(Log())\n",
    "in a pattern": LOG + "match x:\n    case Log(name=1, size=2):\n        pass\n",
}


@pytest.mark.parametrize("text", MEMBERS.values(), ids=list(MEMBERS))
def test_a_member_is_not_renamed_where_it_may_be_of_something_else(shop: Project, text: str) -> None:
    found = reasons(shop, text)
    assert "of something that may be a Log" in found or "Tracker has no size" in found


def test_a_member_is_renamed_where_all_that_a_name_may_be_is_replaced(shop: Project) -> None:
    text = (
        LOG
        + "log = None\nif x:\n    log = Log() or None\nelse:\n    log = other = Log('b')\nlog.note(1)\nother.note(2)\n"
    )
    assert shop.rewrite(text, "shop/use.py") == text.replace("Log", "Tracker").replace("note", "record").replace(
        "old", "new"
    )


TAKEN = {
    "a method": LOG + "class D(Log):\n    def record(self):\n        pass\n",
    "an attribute": LOG + "class D(Log):\n    def __init__(self):\n        self.width = 1\n",
    "an attribute of an object": LOG + "log = Log()\nlog.width = 3\nlog.size\n",
    "one of another base": LOG + "class M:\n    def record(self):\n        pass\n\n\nclass D(M, Log):\n    pass\n",
    "one that another base uses": LOG
    + "class M:\n    def go(self):\n        self.note(1)\n\n\nclass D(M, Log):\n    pass\n",
    "one of a base that nobody knows": "import lib\nfrom shop.old import Log\n\n\nclass D(lib.M, Log):\n    pass\n",
}


@pytest.mark.parametrize("text", TAKEN.values(), ids=list(TAKEN))
def test_a_member_is_not_renamed_to_a_name_that_is_taken(shop: Project, text: str) -> None:
    reasons(shop, text)


@pytest.mark.parametrize("name", ["f'send_{x}'", "'send_' + x", "x + '_event'", "'send'"])
def test_a_name_that_is_made_and_cannot_be_the_members_is_in_nobodys_way(shop: Project, name: str) -> None:
    text = LOG + f"getattr(x, {name})\nLog().note(1)\n"
    assert "Tracker().record(1)" in shop.rewrite(text, "shop/use.py")


@pytest.mark.parametrize("base", ["M", "ABC", "Exception", "Own", "object"])
def test_a_base_without_such_members_is_in_nobodys_way(shop: Project, base: str) -> None:
    head = "from abc import ABC\n\nfrom shop.old import Log\n\n\n"
    text = f"class M(ABC):\n    pass\n\n\nclass Own(ValueError):\n    pass\n\n\nclass D({base}, Log):\n    pass\n"
    assert f"class D({base}, Tracker)" in shop.rewrite(head + text, "shop/use.py")


NAMED = {
    "in a class": "class A:\n    from shop.old import add\n\nA.add(1, 2)\n",
    "by eval": "from shop.old import add\n\nadd(1)\neval('add(2)')\n",
    "by globals": "from shop.old import add\n\nglobals()['add'](1)\n",
    "in a doctest": 'from shop.old import add\n\ndef f():\n    """\n    >>> add(1)\n    """\n    return add(2)\n',
    "by a text that shows it": "from shop.old import LIMIT\n\nprint(f'{LIMIT=}')\n",
    "by a text that shows a call": 'from shop.old import add\n\nprint(f"{add(1) = !r:>30}")\n',
}


@pytest.mark.parametrize("text", NAMED.values(), ids=list(NAMED))
def test_what_is_used_otherwise_stays_where_no_name_shows_each_use(shop: Project, text: str) -> None:
    assert reasons(shop, text)


KEPT = {
    "by eval": "from shop.old import same\n\neval('same(2)')\n",
    "by globals": "from shop.old import LIMIT\n\n'{LIMIT}'.format(**globals())\n",
    "by locals": "def f():\n    from shop.old import LIMIT\n\n    return locals()\n",
    "in a comment for type checkers": "from shop.old import LIMIT\n\nx = y  # type: LIMIT\n",
    "from another scope": "def f():\n    global same\n    from shop.old import same\n\nsame(1)\n",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=list(KEPT))
def test_a_name_is_kept_where_it_may_be_asked_for(shop: Project, text: str) -> None:
    new = {"same": "equal", "LIMIT": "MAXIMUM"}
    expected = text
    for old, name in new.items():
        expected = expected.replace(f"from shop.old import {old}", f"from shop.new import {name} as {old}")
    assert shop.rewrite(text, "shop/use.py") == expected


def test_what_a_file_sets_in_a_module_holds_back_what_it_takes_from_there(shop: Project) -> None:
    text = "import shop.old as o\n\no.add = max\n\nfrom shop.old import add\n\nadd(1, 2)\n"
    assert "which shares add with it" in reasons(shop, text)


def test_a_name_does_not_move_into_an_import_that_runs_later(shop: Project) -> None:
    text = "from shop.old import same\n\nsame(1)\n\nfrom shop.new import total\n"
    assert shop.rewrite(text, "shop/use.py") == text.replace("old", "new").replace("same", "equal")


def test_an_argument_that_nothing_defines_is_not_dropped(shop: Project) -> None:
    text = LOG + "Log().note(1, nothing_of_this_name)\n"
    assert "what it is given has effects" in reasons(shop, text)


def test_a_generator_that_gets_a_keyword_gets_parentheses(shop: Project) -> None:
    assert "total(a=(x for x in y))" in shop.rewrite(
        "from shop.old import add\n\ny = ()\nadd(x for x in y)\n", "shop/use.py"
    )


def test_what_raises_for_any_reason_proves_no_absence(shop: Project) -> None:
    text = "def f():\n    try:\n        from shop.old import same\n\n"
    text += "        if not same(1):\n            raise ValueError\n    except Exception:\n        pass\n"
    assert shop.rewrite(text, "shop/use.py") == text.replace("old", "new").replace("same", "equal")
