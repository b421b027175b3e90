from __future__ import annotations

import pytest

CORE = """
import functools

class Tracker:
    def __init__(self, n=0):
        self.n = n

    @classmethod
    def instance(cls):
        return cls()

class Sub(Tracker):
    def __init__(self):
        pass

_held = None

def get_tracker():
    global _held
    if _held is None:
        _held = _make()
    return _held

def _make():
    return Tracker()

@functools.lru_cache
def cached():
    return Tracker()

async def awaited():
    return Tracker()

def yielded():
    yield Tracker()
"""
ACCESSORS = ["core:get_tracker", "core:Tracker.instance", "core:cached", "core:awaited", "core:yielded"]


@pytest.fixture
def settings(project):
    project.write(core=CORE)
    return project.settings(ssot={"canonical": "core:Tracker", "accessors": ACCESSORS})


def test_constructing_the_canonical_outside_an_accessor_is_a_bypass(project, settings):
    project.write(
        app="""
        import core
        class Mine(core.Tracker):
            pass
        def go():
            core.Tracker()
            core.Sub()
            Mine()
            core._make()
        """
    )
    with project.watched(settings) as seen:
        project.load("app", seen.calls).go()
        assert seen.sites() == [
            "singleton-bypass core:Tracker app.py:6 go | core.Tracker()",
            "singleton-bypass core:Tracker app.py:7 go | core.Sub()",
            "singleton-bypass core:Tracker app.py:8 go | Mine()",
            "singleton-bypass core:Tracker core.py:25 _make | return Tracker()",
        ]


def test_inside_an_accessor_it_is_recorded_as_allowed_and_in_its_own_body_it_is_no_site(project, settings):
    project.write(
        app="""
        import core
        def go():
            core.get_tracker()
            core.get_tracker()
            core.Tracker.instance()
            core.cached()
            next(core.yielded())
            try:
                core.awaited().send(None)
            except StopIteration:
                pass
        """
    )
    with project.watched(settings) as seen:
        project.load("app", seen.calls).go()
        assert [
            (one.exempt, one.site.line, one.count) for one in sorted(seen.observations(), key=lambda o: o.site.line)
        ] == [
            ("accessor", 25, 1),
        ]


def test_one_site_reached_both_ways_is_both(project, settings):
    project.write(app="import core\ndef go():\n    core.get_tracker()\n    core._make()\n    core._make()\n")
    with project.watched(settings) as seen:
        project.load("app", seen.calls).go()
        assert seen.sites() == [
            "singleton-bypass core:Tracker core.py:25 _make | return Tracker() (accessor)",
            "singleton-bypass core:Tracker core.py:25 _make | return Tracker() × 2",
        ]


def test_an_accessor_that_its_own_module_calls_while_it_is_executed_is_one(project):
    project.write(
        core="class Tracker:\n    pass\n",
        access="import core\ndef get():\n    return core.Tracker()\nheld = get()\nother = core.Tracker()\n",
    )
    settings = project.settings(ssot={"canonical": "core:Tracker", "accessors": ["access:get"]})
    with project.watched(settings) as seen:
        project.load("core", seen.calls)
        project.load("access", seen.calls)
        assert seen.sites() == [
            "singleton-bypass core:Tracker access.py:3 get | return core.Tracker() (accessor)",
            "singleton-bypass core:Tracker access.py:5 <module> | other = core.Tracker()",
        ]


def test_without_accessors_the_rule_is_off(project):
    project.write(core=CORE, app="import core\ndef go():\n    core.Tracker()\n")
    with project.watched(project.settings(ssot={"canonical": "core:Tracker"})) as seen:
        project.load("app", seen.calls).go()
        assert seen.sites() == []
        assert seen.calls.guards == []


def test_deriving_from_the_canonical_is_no_deprecated_base(project, settings):
    project.write(app="import core\nclass Mine(core.Tracker):\n    pass\n")
    with project.watched(settings) as seen:
        project.load("core", seen.calls)
        project.load("app", seen.calls)
        assert seen.sites() == []


def test_copying_the_singleton_makes_a_second_one(project, settings):
    project.write(app="import copy\nimport core\ndef go():\n    return copy.copy(core.get_tracker())\n")
    with project.watched(settings) as seen:
        project.load("app", seen.calls).go()
        assert "singleton-bypass core:Tracker app.py:4 go | return copy.copy(core.get_tracker())" in seen.sites()


def test_an_accessor_that_is_deprecated_as_well_stays_an_accessor(project):
    project.write(core=CORE, app="import core\ndef go():\n    core.get_tracker()\n")
    settings = project.settings(
        ssot={"canonical": "core:Tracker", "accessors": ["core:get_tracker"], "deprecated": ["core:get_tracker"]}
    )
    with project.watched(settings) as seen:
        project.load("app", seen.calls).go()
        assert seen.sites() == [
            "deprecated-use core:get_tracker app.py:3 go | core.get_tracker()",
            "singleton-bypass core:Tracker core.py:25 _make | return Tracker() (accessor)",
        ]
