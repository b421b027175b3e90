"""Tell which names of a module other files take from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.fix.outside import Held, Outside
from pytest_ssot_tracker.settings import Tree

TAKES = [
    "from app.use import name",
    "from app.use import (\n    other,\n    name,\n)",
    "from .use import name as mine",
    "from app.use import *\nname()",
    "import app.use\napp.use.name",
    "from app import use\nuse.name()",
    "from app import use as u\nu.name()",
    "import app.use as u\npatch.object(u, 'name')",
    "monkeypatch.setattr(use, 'name', 1)",
    "patch('app.use.name.method')",
]
TAKES_NOT = [
    "from app.old import name\nfrom app.use import other",
    "from app import use\nname = use.other",
    "from app.use_more import name",
    "use(name)",
]


@pytest.mark.parametrize("text", [*TAKES, *TAKES_NOT])
def test_a_name_is_taken_by_import_attribute_or_string(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.py").write_text(text)
    outside = Outside(Tree.of(tmp_path), ["other.py", "gone.py"], [("name", "app.use"), ("never", "app.use")])
    assert outside("name", "app.use") == (text in TAKES)
    assert not outside("never", "app.use")


OWN = "class A:\n    def __init__(self):\n        self.log = 1\n\n    def f(self):\n        self.log.note()\n"
HELD = {
    "of another object": ("shop.log.note()", True),
    "of an object of its own class": (OWN, False),
    "of what a base holds": ("class A(Base):\n    def f(self):\n        self.log.note()\n", True),
    "of its own and of what a base holds": (
        f"{OWN}\nclass B(Base):\n    def f(self):\n        self.log.note()\n",
        True,
    ),
    "of its own and of another object": (f"{OWN}\nshop.log.note()\n", True),
    "where nobody can parse it": (f"{OWN}\n)", True),
    "of something else": ("log.note()\nshop.log.close()\n", False),
}


@pytest.mark.parametrize(("text", "taken"), HELD.values(), ids=list(HELD))
def test_a_member_is_taken_of_what_something_else_holds(tmp_path: Path, text: str, taken: bool) -> None:
    (tmp_path / "other.py").write_text(text)
    held = Held(Tree.of(tmp_path), ["other.py", "gone.py"], ["log"], ["note"])
    assert held("log", "note", "use.py") is taken
    assert not held("log", "note", "other.py")
