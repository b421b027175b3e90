from __future__ import annotations

import pytest

from pytest_ssot_tracker.detect.canonical.offering import missing
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.model import BlindSpot

CORE = """
import dataclasses

class Base:
    def inherited(self): ...
    def start(this):
        this.begun, other.far = 1, 2

@dataclasses.dataclass
class Tracker(Base):
    field: int
    def method(self): ...
    @property
    def value(self): raise RuntimeError("never run")
    def __getattr__(self, name): raise RuntimeError("never run")
"""


def test_each_name_the_canonical_lacks_stands_at_its_class_statement(project):
    project.write(core=CORE)
    names = ("inherited", "field", "method", "value", "begun", "timeout", "state", "far")
    settings = project.settings(ssot={"canonical": "core:Tracker", "provides": names})
    project.load("core")
    found = list(missing(Recorder(settings.tree), settings.ssots))
    assert [(one.site.target, one.site.where, one.site.text, one.detail) for one in found] == [
        (
            "core:Tracker.timeout",
            "core.py:10",
            "class Tracker(Base):",
            ("core:Tracker has no timeout, which provides asks for",),
        ),
        (
            "core:Tracker.state",
            "core.py:10",
            "class Tracker(Base):",
            ("core:Tracker has no state, which provides asks for",),
        ),
        (
            "core:Tracker.far",
            "core.py:10",
            "class Tracker(Base):",
            ("core:Tracker has no far, which provides asks for",),
        ),
    ]
    assert {(one.test, one.bucket, one.site.scope) for one in found} == {(None, "collection", "<module>")}


def test_a_canonical_without_a_file_still_has_a_site(project):
    project.write(core="class Tracker:\n    pass\n")
    settings = project.settings(ssot={"canonical": "core:Tracker", "provides": ("x",)})
    project.load("core")
    (project.root / "core.py").unlink()
    (one,) = missing(Recorder(settings.tree), settings.ssots)
    assert one.site.where == "core.py:1"


def test_a_canonical_that_nobody_has_imported_is_imported(project):
    project.write(core="class Tracker:\n    pass\n")
    settings = project.settings(ssot={"canonical": "core:Tracker", "provides": ("x",)})
    (one,) = missing(Recorder(settings.tree), settings.ssots)
    assert one.site.target == "core:Tracker.x"


def test_a_canonical_that_cannot_be_imported_lacks_nothing(project):
    settings = project.settings(ssot={"canonical": "gone:Tracker", "provides": ("x",)})
    assert list(missing(Recorder(settings.tree), settings.ssots)) == []


@pytest.mark.parametrize("raised", ["RuntimeError('no database')", "SystemExit('no database')"])
def test_a_canonical_whose_module_raises_is_a_blind_spot(project, raised):
    project.write(core=f"raise {raised}\n")
    settings = project.settings(ssot={"canonical": "core:Tracker", "provides": ("x",)})
    name = raised.partition("(")[0]
    why = f"what it provides could not be looked at: importing it raised {name}: no database"
    assert list(missing(Recorder(settings.tree), settings.ssots)) == [BlindSpot("core:Tracker", why, "execution")]
