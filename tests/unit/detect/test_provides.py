from __future__ import annotations

from pytest_ssot_tracker.detect.provides import check_provides
from pytest_ssot_tracker.detect.sites import Sites

CORE = """
import dataclasses

class Base:
    def inherited(self): ...

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
    names = ("inherited", "field", "method", "value", "timeout", "state")
    settings = project.settings(ssot={"canonical": "core:Tracker", "provides": names})
    assert check_provides(settings, sites=Sites(settings.tree)) == []
    project.load("core")
    found = check_provides(settings, sites=Sites(settings.tree))
    assert [(one.site.target, one.site.where, one.site.text, one.detail) for one in found] == [
        ("core:Tracker.timeout", "core.py:8", "class Tracker(Base):", ("core:Tracker has no timeout",)),
        ("core:Tracker.state", "core.py:8", "class Tracker(Base):", ("core:Tracker has no state",)),
    ]
    assert {(one.test, one.bucket, one.site.scope) for one in found} == {(None, "collection", "<module>")}


def test_a_canonical_without_a_file_still_has_a_site(project):
    project.write(core="class Tracker:\n    pass\n")
    settings = project.settings(ssot={"canonical": "core:Tracker", "provides": ("x",)})
    project.load("core")
    (project.root / "core.py").unlink()
    (one,) = check_provides(settings, sites=Sites(settings.tree))
    assert one.site.where == "core.py:1"
