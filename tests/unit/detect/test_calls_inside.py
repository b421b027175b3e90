"""Whoever calls an accessor or a generator, and whenever: what is booked is what a program knows of itself.

Each program notes by itself how deep it is in accessors (or generators) when it makes something, and where. It calls
them in ways that the short ways through the sentinels might take for one another.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from random import Random

import pytest

from pytest_ssot_tracker.detect.record.recorder import Moment
from pytest_ssot_tracker.model import Step

CORE = """
import threading
from collections import Counter

class Tracker:
    def __init__(self):
        pass

class Base:
    def __init__(self):
        pass

class Kept(Base):
    pass

def fresh():
    return "x"

depth = threading.local()
truth = Counter()

def note(scope):
    truth[scope, getattr(depth, "now", 0) > 0] += 1
"""
ACCESS = """
import core

def get(action=None):
    core.depth.now = getattr(core.depth, "now", 0) + 1
    try:
        if action is not None:
            action()
    finally:
        core.depth.now -= 1

def get_by_another(action=None):
    get(action)
    get()

def get_with_own(action=None):
    core.depth.now = getattr(core.depth, "now", 0) + 1
    try:
        {make}
        get(action)
    finally:
        core.depth.now -= 1

def other(action=None):
    core.note("other")
    {make}
"""
APP = """
import threading
import core, access

GETS = [access.get, access.get_by_another, access.get_with_own]

def in_turn(get, action):
    for _ in range(3):
        get()
        core.note("in_turn"); {make}
        get(action)
    core.note("in_turn"); {make}

def in_row(get, action):
    for _ in range(12):
        core.note("in_row"); {make}

def often(get, action):
    for _ in range(25):
        get()
    get(action)
    core.note("often"); {make}

def twice_in_a_line(get, action):
    core.note("twice_in_a_line"); core.note("twice_in_a_line"); {make}, {make}

def alike(get, action):
    core.note("alike"); {make}

def as_alike(get, action):
    core.note("as_alike"); {make}

def only_enters(get, action):
    get(action)

def from_elsewhere(get, action):
    access.other()
    get(access.other)

def at_home(get, action):
    for _ in range(2):
        core.spare()
        get(core.spare)

def raises(get, action):
    def fail():
        action()
        raise KeyError
    try:
        get(fail)
    except KeyError:
        core.note("raises"); {make}

def recursive(get, action, depth=3):
    if depth:
        (get if depth == 2 else lambda inner: inner())(lambda: recursive(get, action, depth - 1))
    core.note("recursive"); {make}

def steps(get, action):
    get()
    core.note("steps"); {make}
    yield
    core.note("steps"); {make}
    get(action)
    yield
    core.note("steps"); {make}

def suspended(get, action):
    several = [steps(get, action) for _ in range(3)]
    for step in several:
        next(step)
    get(lambda: [next(step) for step in several])
    for step in reversed(several):
        next(step, None)
        alike(get, action)

def by_map(get, action):
    def one(_):
        core.note("by_map.one"); return {make}
    list(map(one, range(2)))
    get(lambda: list(map(one, range(2))))

def threaded(get, action):
    def body():
        alike(get, action)
        get(action)
        alike(get, action)
    workers = [threading.Thread(target=body) for _ in range(2)]
    for worker in workers:
        worker.start()
        worker.join()
    get(lambda: None)

def while_another_is_inside(get, action):
    entered, leave = threading.Event(), threading.Event()
    def hold():
        entered.set()
        leave.wait(5)
        as_alike(get, action)
    worker = threading.Thread(target=get, args=(hold,))
    worker.start()
    entered.wait(5)
    for _ in range(2):
        as_alike(get, action)
    leave.set()
    worker.join()
    as_alike(get, action)

def by_text(get, action):
    for _ in range(3):
        core.note("by_text"); exec("{make}", {{"core": core}})
        get(lambda: None)
        core.note("by_text"); eval("{make}", {{"core": core}})

WAYS = [in_turn, in_row, often, twice_in_a_line, alike, as_alike, only_enters, from_elsewhere, at_home, raises, recursive,
        suspended, by_map, threaded, while_another_is_inside, by_text]
"""
HEIR = """
class Heir({cls}):
    def __init__(self):
        super().__init__()

    def twin(self):
        core.note("Heir.twin"); return {make}

    @classmethod
    def another(cls):
        core.note("Heir.another"); return cls()

def by_heir(get, action):
    for _ in range(3):
        core.note("by_heir"); heir = Heir()
        heir.twin()
        get(heir.twin)
        heir.another()
        get(Heir.another)

WAYS.append(by_heir)
"""
MAKES = {
    "a class": ("core.Tracker()", {"canonical": "core:Tracker"}),
    "a class that inherits how it is made": ("core.Kept()", {"canonical": "core:Kept"}),
    "an identifier": ("core.fresh()", None),
}
GETS = ["access:get", "access:get_by_another", "access:get_with_own"]


def settings_for(project, what):
    make, ssot = MAKES[what]
    at_home = f"\ndef spare():\n    note('spare'); return {make.removeprefix('core.')}\n"
    app = APP.format(make=make) + ("" if ssot is None else HEIR.format(make=make, cls=make.removesuffix("()")))
    project.write(core=CORE + at_home, access=ACCESS.format(make=make), app=app)
    if ssot is None:
        return project.settings(ids={"forbidden": ["core:fresh"], "generators": GETS})
    return project.settings(ssot={**ssot, "accessors": GETS})


def due(core, what) -> Counter[tuple[str, bool]]:
    """Return what a project knows to have happened: where, and whether an accessor makes it legitimate."""
    if what == "an identifier":  # within a generator it is none at all
        return Counter({key: times for key, times in core.truth.items() if not key[1]})
    return Counter(core.truth)


def wander(app, random: Random, depth: int = 2):
    """Return something to do that calls accessors, makes things, and does more of the kind in between."""
    way, get = random.choice(app.WAYS), random.choice(app.GETS)
    inner = wander(app, random, depth - 1) if depth else lambda: None
    return lambda: way(get, inner)


@pytest.mark.parametrize("what", MAKES)
@pytest.mark.parametrize("seed", range(12))
def test_what_is_booked_is_what_the_program_knows_to_be_outside_of_accessors(project, what, seed):
    settings = settings_for(project, what)
    random, found = Random(seed), Counter()
    with project.watched(settings) as seen:
        core, _, app = (project.load(name, seen.calls) for name in ("core", "access", "app"))
        for number in range(6):
            seen.recorder.current = Moment(test=f"test_{number}", step=Step.CALL)
            for _ in range(4):
                wander(app, random)()
            for one in seen.observations():
                assert one.test == f"test_{number}"
                found[one.site.scope, one.exempt is not None] += one.count
        assert found == due(core, what)


@pytest.mark.parametrize("what", MAKES)
def test_in_every_way_after_every_other_the_same_is_booked(project, what):
    settings = settings_for(project, what)
    found = Counter()
    with project.watched(settings) as seen:
        core, _, app = (project.load(name, seen.calls) for name in ("core", "access", "app"))
        for first in app.WAYS:
            for second in app.WAYS:
                first(app.GETS[0], lambda second=second: second(app.GETS[1], lambda: None))
                second(app.GETS[0], lambda: None)
        for one in seen.observations():
            found[one.site.scope, one.exempt is not None] += one.count
        assert found == due(core, what)


@pytest.mark.parametrize("what", MAKES)
def test_each_thread_is_told_by_its_name(project, what):
    settings = settings_for(project, what)
    with project.watched(settings) as seen:
        _, _, app = (project.load(name, seen.calls) for name in ("core", "access", "app"))

        def work():
            for _ in range(5):
                app.in_turn(app.GETS[0], lambda: None)

        work()
        worker = threading.Thread(target=work, name="worker")
        worker.start()
        worker.join()
        work()
        counts = Counter({None: 0})
        for one in seen.observations():
            counts[one.thread] += one.count
        assert counts == {None: 40, "worker": 20}


def test_code_that_takes_the_place_of_other_code_is_told_from_it(project):
    project.write(core=CORE, access=ACCESS.format(make="core.Tracker()"))
    text = (
        "def made():\n    return core.Tracker()\n\n\ndef made_in_turn():\n    access.get()\n    return core.Tracker()\n"
    )
    project.write(app=f"import access\nimport core\n\n\n{text}")
    settings = project.settings(ssot={"canonical": "core:Tracker", "accessors": GETS})
    with project.watched(settings) as seen:
        core, access, app = (project.load(name, seen.calls) for name in ("core", "access", "app"))
        for _ in range(50):
            names = {"core": core, "access": access}
            exec(compile("\n\n\n\n" + text, app.__file__, "exec"), names)
            names["made"]()
            names["made_in_turn"]()
            access.get(names["made"])
            del names
        assert seen.sites() == [
            "singleton-bypass core:Tracker app.py:11 made_in_turn | return core.Tracker() × 50",
            "singleton-bypass core:Tracker app.py:6 made | return core.Tracker() × 50",
            "singleton-bypass core:Tracker app.py:6 made | return core.Tracker() × 50 (accessor)",
        ]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.Runner")
def test_tasks_that_take_turns_are_told_apart(project):
    settings = settings_for(project, "a class")
    project.write(
        tasks="""
        import asyncio
        import access, core

        async def one(number):
            for _ in range(4):
                access.get()
                core.note("one"); core.Tracker()
                await asyncio.sleep(0)
                access.get(lambda: app.alike(None, None))

        async def both():
            await asyncio.gather(one(1), one(2))

        import app
        """
    )
    found = Counter()
    with project.watched(settings) as seen:
        core, _, _, tasks = (project.load(name, seen.calls) for name in ("core", "access", "app", "tasks"))
        import asyncio

        for _ in range(2):
            asyncio.run(tasks.both())
        for one in seen.observations():
            found[one.site.scope, one.exempt is not None] += one.count
        assert found == due(core, "a class")
