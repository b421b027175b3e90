from __future__ import annotations

import sys
import threading
from dataclasses import replace

import pytest

from pytest_ssot_tracker.model import Target

IDS = {"forbidden": ["uuid:uuid1", "uuid:uuid4"], "generators": ["ours.ids:Manager.generate", "ours.ids:later"]}
GENERATOR = """
import uuid
from uuid import uuid4

def helper():
    return uuid4()

class Manager:
    @classmethod
    def generate(cls):
        return helper(), uuid.uuid4()

async def later():
    import asyncio
    await asyncio.sleep(0)
    return uuid4()
"""
APP = """
import uuid
from dataclasses import dataclass, field
from uuid import uuid4
from ours.ids import Manager, helper

@dataclass
class Order:
    id: str = field(default_factory=uuid4)

def go():
    uuid4()
    uuid.uuid1()
    Order()
    Manager.generate()
    helper()
    uuid4()
"""


@pytest.fixture
def settings(project):
    project.write(
        ours__ids=GENERATOR, ours__app=APP, tests__x="from uuid import uuid4\ndef go():\n    return uuid4()\n"
    )
    return project.settings(source=("ours",), ids=IDS)


def test_a_forbidden_source_of_ids_is_seen_for_every_alias_outside_the_generators(project, settings):
    app, tests = project.load("ours.app"), project.load("tests.x")
    with project.watched(settings) as seen:
        app.go()
        tests.go()
        assert seen.sites() == [
            "out-of-band-id uuid:uuid1 ours/app.py:13 go | uuid.uuid1()",
            "out-of-band-id uuid:uuid4 ours/app.py:12 go | uuid4()",
            "out-of-band-id uuid:uuid4 ours/app.py:17 go | uuid4()",
            "out-of-band-id uuid:uuid4 ours/app.py:9 Order | id: str = field(default_factory=uuid4)",
            "out-of-band-id uuid:uuid4 ours/ids.py:6 helper | return uuid4()",
        ]


def test_a_pattern_over_a_library_means_what_that_library_defines(project):
    project.write(ours__app="import uuid\ndef go():\n    return uuid.uuid4(), uuid.int_(3), uuid.Enum\n")
    with project.watched(project.settings(source=("ours",), ids={"forbidden": ["uuid:*"]})) as seen:
        project.load("ours.app", seen.calls).go()
        assert [one.split()[1] for one in seen.sites()] == ["uuid:uuid4"]
        assert seen.calls.blind_spots == []


def test_a_generator_that_waits_keeps_its_rights_while_others_run(project, settings):
    import asyncio

    project.write(
        ours__both="""
        import asyncio
        from uuid import uuid4
        from ours.ids import later

        async def other():
            for _ in range(3):
                uuid4()
                await asyncio.sleep(0)

        async def both():
            await asyncio.gather(later(), other(), later())
        """
    )
    both = project.load("ours.both")
    with project.watched(settings) as seen:
        asyncio.run(both.both())
        assert seen.lines() == [("ours/both.py", 8, 3)]


def test_a_generator_is_known_while_its_own_module_is_executed(project, settings):
    project.write(ours__ids=GENERATOR + "\nfirst = Manager.generate()\nsecond = uuid4()\n")
    with project.watched(settings) as seen:
        project.load("ours.ids", seen.calls)
        assert seen.lines() == [("ours/ids.py", 19, 1)]


def test_what_a_generator_calls_is_a_site_of_another_table_that_has_another_generator(project):
    project.write(
        ours__ids="""
        from uuid import uuid4
        def first():
            return uuid4()
        def second():
            return uuid4()
        def go():
            return [first() for _ in range(3)], [second() for _ in range(4)], uuid4()
        """
    )
    both = project.settings(source=("ours",), ids={"forbidden": ["uuid:uuid4"], "generators": ["ours.ids:first"]})
    (table,) = both.ids
    other = replace(table, name="other", generators=(Target.parse("ours.ids:second"),))
    ids = project.load("ours.ids")
    with project.watched(replace(both, ids=(table, other))) as seen:
        ids.go()
        sites = sorted((one.site.ssot, one.site.line, one.count) for one in seen.observations())
    assert sites == [(table.name, 6, 4), (table.name, 8, 1), ("other", 4, 3), ("other", 8, 1)]


def test_a_generator_that_raises_is_over(project, settings):
    project.write(
        ours__bad="""
        from uuid import uuid4
        def fail():
            raise ValueError
        def go():
            for _ in range(3):
                try:
                    fail()
                except ValueError:
                    pass
                uuid4()
        """
    )
    settings = project.settings(source=("ours",), ids={"forbidden": ["uuid:uuid4"], "generators": ["ours.bad:fail"]})
    bad = project.load("ours.bad")
    with project.watched(settings) as seen:
        bad.go()
        assert seen.lines() == [("ours/bad.py", 11, 3)]


def test_counts_of_threads_hammering_one_site_are_exact(project, settings):
    project.write(
        ours__many="""
        from uuid import uuid4
        from ours.ids import Manager
        def go(times):
            for n in range(times):
                uuid4()
                if n % 10 == 0:
                    Manager.generate()
        """
    )
    many = project.load("ours.many")
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with project.watched(settings) as seen:
            threads = [threading.Thread(target=many.go, args=(500,), name=f"t{n}") for n in range(6)]
            for thread in threads:
                thread.start()
            found = seen.observations()
            for thread in threads:
                thread.join()
            found += seen.observations()
    finally:
        sys.setswitchinterval(before)
    assert sum(one.count for one in found) == 3000
    assert {(one.site.path, one.site.line) for one in found} == {("ours/many.py", 6)}
    assert {one.thread for one in found} == {f"t{n}" for n in range(6)}


def test_callers_under_allow_in_are_recorded_as_allowed(project):
    project.write(ours__app="from uuid import uuid4\ndef go():\n    return uuid4()\n")
    settings = project.settings(source=("ours",), ids={"forbidden": ["uuid:uuid4"], "allow_in": ["ours.app"]})
    with project.watched(settings) as seen:
        project.load("ours.app", seen.calls).go()
        assert seen.sites() == ["out-of-band-id uuid:uuid4 ours/app.py:3 go | return uuid4() (allow_in)"]
