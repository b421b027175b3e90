"""Tell which names of a module other files take from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.fix.outside import Held, Outside, contents
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
    outside = Outside(Tree.of(tmp_path), [("name", "app.use"), ("never", "app.use")])
    outside.look("other.py", text.encode())
    assert outside("name", "app.use") == (text in TAKES)
    assert not outside("never", "app.use")


PATCHED = {
    "by a string": ("patch('app.use.name')", True),
    "of its object": ("patch.object(use, 'name', 1)", True),
    "by a string and a name": ("monkeypatch.setattr('app.use', 'name', 1)", True),
    "over several lines": ("with patch.object(\n    app.use,\n    'name',\n):\n    pass", True),
    "by a member of it": ("patch('app.use.name.method')", True),
    "in a decorator behind another argument": ("@patch.multiple(target, new=mock.patch('app.use.name'))", True),
    "by an assignment": ("use.name = 1", True),
    "at the end of one line, of another call": ("patch(other)\nlook('app.use.name')", False),
    "behind a call that has ended": ("patch(other), look('app.use.name')", False),
    "by a comparison": ("use.name == 1", False),
    "by a longer name": ("patch('app.use.name_more')\nuse.name_more = 1", False),
    "of a longer owner": ("patch('app.reuse.name')\nreuse.name = 1", False),
    "as a second argument of something else": ("look(use, 'name')", False),
    "where it begins the file": ("name = 1", False),
    "where its comma does": (", 'name'", False),
}


@pytest.mark.parametrize(("text", "patched"), PATCHED.values(), ids=list(PATCHED))
def test_a_name_is_patched(tmp_path: Path, text: str, patched: bool) -> None:
    outside = Outside(Tree.of(tmp_path), [("name", "app.use")])
    outside.look("other.py", text.encode())
    assert outside.patches("name", "app.use") is patched


@pytest.mark.parametrize(
    "text", ["from app.maß import größe", "from app import maß as m\nm.größe", "patch('app.maß.größe')"]
)
def test_names_of_any_alphabet_are_taken(tmp_path: Path, text: str) -> None:
    outside = Outside(Tree.of(tmp_path), [("größe", "app.maß"), ("größ", "app.maß"), ("röße", "app.maß")])
    outside.look("other.py", text.encode())
    assert outside("größe", "app.maß")
    assert outside.patches("größe", "app.maß") is ("patch" in text)
    assert not outside("größ", "app.maß")
    assert not outside("röße", "app.maß")


def test_what_cannot_be_read_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_bytes(b"pass")
    assert list(contents(Tree.of(tmp_path), ["gone.py", "other.py"])) == [("other.py", b"pass")]


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
def test_a_member_is_taken_of_what_something_else_holds(text: str, taken: bool) -> None:
    held = Held(["log"], ["note"])
    held.look("other.py", text.encode())
    assert held("log", "note", "use.py") is taken
    assert not held("log", "note", "other.py")
