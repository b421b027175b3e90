"""A deprecated argument is passed under its new name, or with its new value."""

from __future__ import annotations

import pytest

from .conftest import Project

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["shop"]
scan   = ["shop"]

[tool.ssot_tracker.ssot.shop]
deprecated = [
  "shop.log:note(kind)", "shop.log:note(mode='old')", "shop.log:Log.put(kind)", "shop.log:Log(size)",
  "shop.log:bare(kind)", "shop.log:tell(mode='old')",
]

[tool.ssot_tracker.ssot.shop.replace]
"shop.log:note(kind)"       = "shop.log:note(sort)"
"shop.log:note(mode='old')" = "shop.log:note(mode='new')"
"shop.log:tell(mode='old')" = "shop.log:tell(mode='new')"
"shop.log:Log.put(kind)"    = "shop.log:Log.put(sort)"
"shop.log:Log(size)"        = "shop.log:Log(width)"
"""
LOG = """\
def note(text, kind=None, *, sort=None, mode="new"):
    return text, kind or sort, mode


def tell(text, mode="new", last=None):
    return text, mode, last


def bare(kind=None):
    return kind


class Log:
    def __init__(self, size=0, *, width=0):
        self.size = size or width

    def put(self, text, kind=None, sort=None):
        return text, kind or sort
"""


@pytest.fixture
def shop(project: Project) -> Project:
    return project.lay_out(CONFIGURATION, log=LOG)


PASSED = {
    "note('x', kind=1)": "note('x', sort=1)",
    "note('x', 1)": "note('x', sort=1)",
    "note('x', kind=note('y', kind=2))": "note('x', sort=note('y', sort=2))",
    "note('x', mode='old')": "note('x', mode='new')",
    'note("x", mode="old")': 'note("x", mode="new")',
    "tell('old', 'old', 'old')": "tell('old', 'new', 'old')",
    "tell('x'), tell('old', 'old')": "tell('x'), tell('old', 'new')",
    "Log(1)": "Log(width=1)",
    "Log(size=1)": "Log(width=1)",
    "log = Log()\nlog.put('x', 1)": "log = Log()\nlog.put('x', sort=1)",
    "log = Log()\nlog.put('x', kind=1)": "log = Log()\nlog.put('x', sort=1)",
}


@pytest.mark.parametrize(("before", "after"), PASSED.items(), ids=PASSED)
def test_a_deprecated_argument_is_passed_on(shop: Project, before: str, after: str) -> None:
    head = "from shop.log import Log, note, tell\n\n"
    assert shop.rewrite(f"{head}{before}\n", "shop/use.py") == f"{head}{after}\n", shop.reasons
    assert shop.reasons == []


REFUSED = {
    "with pytest.warns(DeprecationWarning):\n    note('x', kind=1)": "it stands in a block of warns, which proves",
    "note('x', kind=1, sort=2)": "sort would be given twice",
    "bare(kind=1)": "nothing replaces shop.log:bare(kind): add it to",
    "class A:\n    def put(self, kind):\n        pass\n\nA().put(kind=1), Log().put('x', kind=2)": (
        "several things are called here that may be Log.put"
    ),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items(), ids=REFUSED)
def test_what_is_not_certain_stays(shop: Project, text: str, reason: str) -> None:
    text = f"from shop.log import Log, bare, note\n\n{text}\n"
    assert shop.rewrite(text, "shop/use.py") == text
    assert any(told.startswith(reason) for told in shop.reasons), shop.reasons


def test_a_second_time_nothing_changes(shop: Project) -> None:
    shop.write("shop/use.py", "from shop.log import note\n\nnote('x', 1, mode='old')\n")
    for _ in range(2):
        shop.apply()
    assert (shop.root / "shop/use.py").read_text() == "from shop.log import note\n\nnote('x', sort=1, mode='new')\n"
    assert shop.fix().changes == ()
