"""Move a definition to its new home; its old module goes on offering it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pytest_ssot_tracker.fix.fixes import Uncertain
from pytest_ssot_tracker.fix.moving import move
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.settings import load

from .conftest import Project

OLD = '''\
"""The old things."""

import json
import os.path as p
from collections import deque, OrderedDict as Ordered

LIMIT = 3  # at most
COUNT = LIMIT


# How a thing is written.
# In full.
@staticmethod
def dump(thing: "Thing | None" = None) -> str:
    return json.dumps([deque([thing]).maxlen, p.sep])


class Thing:
    """A thing."""

    def copy(self) -> "Thing":
        return Thing()


def local(thing=None, *, by=len):
    json = 1
    return json, by


def counted():
    return COUNT


def named():
    return __name__


def spelled(x: Ordered):
    return x
'''


@pytest.fixture
def old(project: Project) -> Project:
    project.write("app/things.py", OLD)
    project.write("app/home.py", '"""The home."""\n\nimport json\n\n\ndef there():\n    return json\n')
    return project


def moved(project: Project, *names: str) -> dict[str, str]:
    """Return the files as they are once `names`, each `old=new`, are moved; write them too."""
    moves = {}
    for text in names:
        spelled, _, new = text.partition("=")
        moves[Name("app.things", spelled)] = Name.of(new)
    changes = move(load(project.root).tree, moves)
    for change in changes:
        project.write(change.path, change.after)
    return {change.path: change.after.decode() for change in changes}


def called(project: Project, code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=project.root, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr


def test_a_class_moves_to_a_new_file(old: Project) -> None:
    files = moved(old, "Thing=app.fresh:Thing")
    assert files["app/fresh.py"] == (
        'class Thing:\n    """A thing."""\n\n    def copy(self) -> "Thing":\n        return Thing()\n'
    )
    assert "from app.fresh import Thing\n" in files["app/things.py"]
    assert "class Thing" not in files["app/things.py"]
    assert called(old, "from app.things import Thing; print(Thing().copy().__class__.__module__)") == "app.fresh"


def test_a_function_takes_the_imports_that_it_needs(old: Project) -> None:
    files = moved(old, "dump=app.home:dump", "Thing=app.home:Thing")
    assert files["app/home.py"] == (
        '"""The home."""\n\nimport json\nimport os.path as p\nfrom collections import deque\n\n\n'
        "def there():\n    return json\n\n\n"
        "# How a thing is written.\n# In full.\n@staticmethod\n"
        'def dump(thing: "Thing | None" = None) -> str:\n    return json.dumps([deque([thing]).maxlen, p.sep])\n\n\n'
        'class Thing:\n    """A thing."""\n\n    def copy(self) -> "Thing":\n        return Thing()\n'
    )
    after = files["app/things.py"]
    assert after.startswith(
        '"""The old things."""\n\nfrom collections import OrderedDict as Ordered\n'
        "from app.home import Thing as Thing, dump as dump\n\nLIMIT = 3  # at most\n"
    )
    assert called(old, "import app.things as t, app.home as h; print(t.dump is h.dump)") == "True"


def test_a_name_can_change_on_the_way(old: Project) -> None:
    files = moved(old, "Thing=app.fresh:Item")
    assert files["app/fresh.py"] == (
        'class Item:\n    """A thing."""\n\n    def copy(self) -> "Item":\n        return Item()\n'
    )
    assert "from app.fresh import Item as Thing\n" in files["app/things.py"]


def test_a_constant_moves_with_its_comment(old: Project) -> None:
    files = moved(old, "LIMIT=app.fresh:LIMIT")
    assert files["app/fresh.py"] == "LIMIT = 3  # at most\n"
    assert called(old, "from app.things import LIMIT, COUNT; print(LIMIT, COUNT)") == "3 3"


def test_what_the_new_home_took_from_the_old_one_is_defined_there(old: Project) -> None:
    old.write("app/home.py", "from app.things import Thing\n\n\ndef make():\n    return Thing()\n")
    files = moved(old, "Thing=app.home:Thing")
    assert files["app/home.py"].startswith("def make():\n    return Thing()\n\n\nclass Thing:\n")


@pytest.mark.parametrize("use", ["DEFAULT = Thing()", "def f(x=Thing()): ...", "class More(Thing): ..."])
def test_what_the_new_home_needs_while_it_is_loaded_is_not_put_at_its_end(old: Project, use: str) -> None:
    old.write("app/home.py", f"from app.things import Thing\n\n\n{use}\n")
    with pytest.raises(Uncertain, match=r"app\.home uses Thing while it is loaded"):
        moved(old, "Thing=app.home:Thing")


def test_what_it_needs_must_not_lead_back(old: Project) -> None:
    old.write("app/mid.py", "import app.things\n\n\ndef helper(): ...\n")
    old.write("app/things.py", "from app.mid import helper\n\n\ndef f():\n    return helper()\n")
    with pytest.raises(Uncertain, match=r"it needs app\.mid, which imports app\.things"):
        moved(old, "f=app.fresh:f")


def test_a_definition_is_put_before_what_runs_as_a_program(old: Project) -> None:
    old.write("app/home.py", 'if __name__ == "__main__":\n    print(1)\n')
    assert moved(old, "LIMIT=app.home:LIMIT")["app/home.py"] == (
        'LIMIT = 3  # at most\n\n\nif __name__ == "__main__":\n    print(1)\n'
    )


REFUSED = {
    "counted=app.home:counted": "it uses COUNT of app.things: move that too, or first",
    "COUNT=app.home:COUNT": "it uses LIMIT of app.things: move that too, or first",
    "named=app.home:named": "__name__ is used, and means something else in app.home",
    "Thing=app.home:there": "app.home has a there already",
    "json=app.home:json": "app.things only imports json",
    "gone=app.home:gone": "app.things defines no gone at its top level",
    "Thing=app.none.home:Thing": "there is no package app.none: make it first",
    "local=app.core:local": "app.core imports app.things, which would have to import it in turn",
}


@pytest.mark.parametrize(("asked", "reason"), REFUSED.items(), ids=REFUSED)
def test_what_would_not_be_the_same_is_not_moved(old: Project, asked: str, reason: str) -> None:
    old.write("app/core.py", "import app.things\n")
    with pytest.raises(Uncertain) as caught:
        move_only(old, asked)
    assert caught.value.reason == reason


def move_only(project: Project, asked: str) -> None:
    spelled, _, new = asked.partition("=")
    configuration = "[tool.ssot_tracker]\nsource = ['app']\n"
    project.write("pyproject.toml", configuration)
    move(load(project.root).tree, {Name("app.things", spelled): Name.of(new)})


def test_what_shares_a_line_is_not_moved(old: Project) -> None:
    old.write("app/things.py", "first = 1; second = 2\n")
    with pytest.raises(Uncertain, match="first shares a line with another statement"):
        move_only(old, "first=app.home:first")


def test_what_a_test_patches_is_not_moved_away(old: Project) -> None:
    old.write("tests/test_it.py", 'from unittest.mock import patch\n\npatch("app.things.json.dumps")\n')
    with pytest.raises(Uncertain, match=r"tests/test_it\.py patches app\.things\.json, which what is moved"):
        moved(old, "dump=app.home:dump", "Thing=app.home:Thing")


def test_annotations_keep_being_texts(old: Project) -> None:
    old.write("app/things.py", f"from __future__ import annotations\n\n{OLD.partition(chr(10))[2]}")
    assert moved(old, "Thing=app.fresh:Thing")["app/fresh.py"].startswith(
        "from __future__ import annotations\n\n\nclass"
    )
    old.write("app/things.py", f"from __future__ import annotations\n\n{OLD.partition(chr(10))[2]}")
    with pytest.raises(Uncertain, match="has no `from __future__ import annotations`"):
        moved(old, "spelled=app.home:spelled")
