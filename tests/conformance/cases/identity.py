"""Cases of `foreign-id`, `split-brain`, `illegal-transition` and `state-leak`; of races, threads and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..case import Case, Seen, Site, call, teardown

FOREIGN = "foreign-id"
SPLIT = "split-brain"
CHANGE = "illegal-transition"
LEAK = "state-leak"
USE = "deprecated-use"

IDS = """
import uuid
from dataclasses import dataclass

def make_id():
    return f"order-{uuid.uuid4().hex}"

class Ids:
    @staticmethod
    def plain():
        return f"plain-{uuid.uuid4().hex}"

    @classmethod
    def typed(cls):
        return uuid.uuid4()

    async def slow(self):
        return f"slow-{uuid.uuid4().hex}"

    def many(self):
        yield f"many-{uuid.uuid4().hex}"

def load():
    return [{"id": "stored-1", "lines": ("stored-2",)}]

def take(order="", *, strict=False):
    return order

async def later(request):
    return request

@dataclass
class Parcel:
    order: str
"""

TRACKERS = """
import enum

class State(enum.Enum):
    PENDING = "pending"
    RUNNING = "running"

class Tracker:
    def update(self, order, state="PENDING"):
        self.state = state

class Log:
    def note(self, context):
        return context

    async def later(self, order):
        return order
"""

TRACKER = """
class Tracker:  # site: class
    def __init__(self):
        self.orders = {}

_tracker = Tracker()

def get_tracker():
    return _tracker
"""

HEAD = "import asyncio, threading\nfrom concurrent.futures import ThreadPoolExecutor\n"

OLD = """
class Log:
    pass
"""


def foreign(slug: str, says: str, test: str, *targets: str, **more: Any) -> Case:
    """Return a case of `foreign-id`; one of `targets` is reached at `here` in `test_it`."""
    config = {
        "ids.proj": {
            "generators": ["proj.ids:make_id", "proj.ids:Ids.*"],
            "adopt": ["proj.ids:load"],
            "consumers": {"proj.ids:take": "order", "proj.ids:later": "request.order", "proj.ids:Parcel": "order"},
        }
    }
    sites = tuple(Site("here", FOREIGN, f"proj.ids:{target}", "test_it") for target in targets)
    return Case(
        slug=f"foreign_{slug}",
        says=says,
        about="issue 4, item 3",
        rule=FOREIGN,
        files={
            "ids.py": IDS,
            "app/__init__.py": "",
            "test_it.py": f"{HEAD}import uuid\nfrom proj.ids import *\n{test}",
        },
        config=config,
        source=("app",),  # elsewhere, so that no table of another case forbids its uuid4
        **{"sites": sites, **more},
    )


def handled(rule: str, slug: str, says: str, test: str, *targets: str, **more: Any) -> Case:
    """Return a case of `split-brain` or `illegal-transition`; one of `targets` is reached at `here` in `test_it`."""
    tables: Mapping[str, Mapping[str, Any]] = {
        SPLIT: {
            "ssot.proj.keys": {
                "proj.trackers:Tracker.update": "order",
                "proj.trackers:Log.note": "context.order",
                "proj.trackers:Log.later": "order",
            }
        },
        CHANGE: {
            "ssot.proj.states": {
                "method": "proj.trackers:Tracker.update",
                "key": "order",
                "state": "state",
                "allowed": {"": ["PENDING"], "PENDING": ["RUNNING"], "RUNNING": ["DONE"]},
            }
        },
    }
    sites = tuple(Site("here", rule, f"proj.trackers:{target}", "test_it") for target in targets)
    test = f"{HEAD}from proj.trackers import *\n{test}"
    return Case(
        slug=f"{'split' if rule == SPLIT else 'change'}_{slug}",
        says=says,
        about=f"issue 4, item {4 if rule == SPLIT else 5}",
        rule=rule,
        files={"trackers.py": TRACKERS, "test_it.py": test},
        **{
            "config": {"ssot.proj": {"canonical": "proj.trackers:Tracker"}, **tables[rule]},
            "sites": sites,
            **more,
        },
    )


def leaking(slug: str, says: str, test: str, **more: Any) -> Case:
    """Return a case of `state-leak`, whose site is the class statement."""
    given = {
        "slug": f"leak_{slug}",
        "says": says,
        "about": "contract 3: state-leak",
        "rule": LEAK,
        "files": {"core.py": TRACKER, "test_it.py": f"from proj.core import get_tracker\n{test}"},
        "config": {
            "ssot.proj": {
                "canonical": "proj.core:Tracker",
                "accessors": ["proj.core:get_tracker"],
                "fixture": "proj_tracker",
            }
        },
        "sites": (Site("class", LEAK, "proj.core:Tracker", "<module>", (teardown(None),)),),
        "outcomes": {"test_it": "passed"},
    }
    return Case(**{**given, **more})


def started(slug: str, says: str, test: str, *seen: Seen, scope: str = "test_it", **more: Any) -> Case:
    """Return a case of who is told for what a thread, an executor or a task does at `here`."""
    return Case(
        slug=f"started_{slug}",
        says=says,
        about="issue 4, item 1",
        files={"old.py": OLD, "test_it.py": f"{HEAD}from proj import old\n{test}"},
        config={"ssot.proj": {"deprecated": ["proj.old:Log"]}},
        sites=(Site("here", USE, "proj.old:Log", scope, seen or (call(),)),),
        **more,
    )


def late() -> Seen:
    """Return what is seen of something that outlived the test that started it."""
    return Seen(None, "call", 1, None, "unattributed")


CASES = [
    foreign(
        "literal",
        "an identifier out of nowhere is seen where it is consumed",
        """
def test_it():
    take("order-7")  # site: here
""",
        "take",
    ),
    foreign(
        "uuid",
        "an identifier made beside the generators is seen, passed by name",
        """
def test_it():
    mine = uuid.uuid4()
    take(strict=True, order=str(mine))  # site: here
""",
        "take",
    ),
    foreign(
        "derived",
        "what is put together from an issued identifier was not issued",
        """
def test_it():
    take(make_id() + "-2")  # site: here
""",
        "take",
    ),
    foreign(
        "swallowed",
        "one that is consumed under except Exception counts all the same",
        """
def test_it():
    try:
        take(1 / 0 if False else "x")  # site: here
        raise ValueError
    except Exception:
        pass
""",
        "take",
    ),
    foreign(
        "coroutine",
        "a coroutine that takes it inside an object or a mapping is seen",
        """
def test_it():
    async def main():
        await later({"order": "order-7"})  # site: here

    asyncio.run(main())
""",
        sites=(Site("here", FOREIGN, "proj.ids:later", "test_it.main"),),
    ),
    foreign(
        "constructor",
        "a class that takes it when it is constructed is seen",
        """
def test_it():
    Parcel("order-7")  # site: here
""",
        "Parcel",
    ),
    foreign(
        "thread",
        "one that is consumed in a thread counts for the test that started it",
        """
def work():
    take("order-7")  # site: here

def test_it():
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
""",
        sites=(Site("here", FOREIGN, "proj.ids:take", "work"),),
    ),
    foreign(
        "executor",
        "one that is consumed in an executor, for as many times as it is",
        """
def work(number):
    take(str(number))  # site: here

def test_it():
    with ThreadPoolExecutor(1) as pool:
        list(pool.map(work, range(3)))
""",
        sites=(Site("here", FOREIGN, "proj.ids:take", "work", (call(3),)),),
    ),
    foreign(
        "handed",
        "a consumer that is handed to an executor is seen where that is done",
        """
def test_it():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(take, "x").result()  # site: here
""",
        sites=(Site("here", FOREIGN, "proj.ids:take", "test_it"),),
    ),
    foreign(
        "issued",
        "what functions, static and class methods issue is fine, as UUID and as text",
        """
def test_it():
    take(make_id())
    take(Ids.plain())
    take(Ids().plain())
    take(Ids.typed())
    take(str(Ids.typed()))
    Parcel(order=make_id())
""",
    ),
    foreign(
        "issued_later",
        "what a coroutine or a generator function issues is fine",
        """
def test_it():
    take(asyncio.run(Ids().slow()))
    for each in Ids().many():
        take(each)
""",
    ),
    foreign(
        "issued_in_thread",
        "what another thread was issued is fine",
        """
def test_it():
    made = []
    thread = threading.Thread(target=lambda: made.append(make_id()))
    thread.start()
    thread.join()
    take(made[0])
""",
    ),
    foreign(
        "issued_at_import",
        "what was issued while modules were imported is fine in every test",
        """
EARLY = make_id()

def test_it():
    take(EARLY)

def test_again():
    take(EARLY)
""",
    ),
    foreign(
        "issued_before",
        "what was issued in one test is fine in a later one of the process",
        """
kept = []

def test_first():
    kept.append(make_id())

def test_second():
    take(kept[0])
""",
        spread=False,
    ),
    foreign(
        "no_id",
        "None and the default are no identifiers",
        """
def test_it():
    take()
    take(None)
    take("")
    asyncio.run(later({}))
""",
    ),
    foreign(
        "adopted",
        "what an adopted function returns is fine, however deep in containers",
        """
def test_it():
    (row,) = load()
    take(row["id"])
    take(row["lines"][0])
""",
    ),
    foreign(
        "allowed",
        "a test may take them on purpose",
        """
import pytest

@pytest.mark.ssot_allow("foreign-id", reason="parses what a customer sent")
def test_it():
    take("order-7")  # site: here
""",
        sites=(Site("here", FOREIGN, "proj.ids:take", "test_it", status="allowed"),),
    ),
    handled(
        SPLIT,
        "object",
        "one key in two classes is seen at the second call, inside an object or a mapping",
        """
def test_it():
    Tracker().update("e1")
    Log().note({"order": "e1"})  # site: here
""",
        "Log.note",
    ),
    handled(
        SPLIT,
        "coroutine",
        "one key in a method and in a coroutine of another class is seen",
        """
def test_it():
    Tracker().update(order="e1")
    asyncio.run(Log().later(order="e1"))  # site: here
""",
        "Log.later",
    ),
    handled(
        SPLIT,
        "tasks",
        "one key in two tasks is seen",
        """
async def one():
    Tracker().update("e1")

async def other():
    await asyncio.sleep(0.01)
    Log().note({"order": "e1"})  # site: here

def test_it():
    async def main():
        await asyncio.gather(one(), other())

    asyncio.run(main())
""",
        sites=(Site("here", SPLIT, "proj.trackers:Log.note", "other"),),
    ),
    handled(
        SPLIT,
        "threads",
        "one key in two threads is seen",
        """
def other():
    Log().note({"order": "e1"})  # site: here

def test_it():
    Tracker().update("e1")
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
""",
        sites=(Site("here", SPLIT, "proj.trackers:Log.note", "other"),),
    ),
    handled(
        SPLIT,
        "race",
        "one key in two callables that race is seen in each round",
        """
def other():
    Log().note({"order": "e1"})

def test_it(ssot_race):
    Tracker().update("e1")
    found = ssot_race(lambda: Log().note({"order": "e1"}), rounds=5)  # site: here
    assert len(found.violations) == 5
""",
        sites=(Site("here", SPLIT, "proj.trackers:Log.note", "test_it", (call(5),)),),
    ),
    handled(
        SPLIT,
        "apart",
        "other keys, no key, and the same key in two tests are fine",
        """
def test_it():
    Tracker().update("e1")
    Tracker().update("e1")
    Log().note({"order": "e2"})
    Log().note({"order": None})

def test_other():
    Log().note({"order": "e1"})
""",
    ),
    handled(
        CHANGE,
        "start",
        "a state that may not be the first is seen",
        """
def test_it():
    Tracker().update("e1", "RUNNING")  # site: here
""",
        "Tracker.update",
    ),
    handled(
        CHANGE,
        "decorated",
        "of methods behind one decorator only the declared one changes a state; handed to a thread, where that starts",
        """
import functools

def traced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

class Orders:
    @traced
    def move(self, order, state):
        return state

    @traced
    def show(self, order, state):
        return state

def test_it():
    orders = Orders()
    orders.show("g1", "RUNNING")
    orders.move("g1", "PENDING")
    orders.move("g1", "RUNNING")
    orders.show("g1", "PENDING")
    thread = threading.Thread(target=orders.move, args=("g2", "RUNNING"))
    thread.start()  # site: here
    thread.join()
""",
        sites=(Site("here", CHANGE, "proj.test_it:Orders.move", "test_it"),),
        config={
            "ssot.proj.states": {
                "method": "proj.test_it:Orders.move",
                "key": "order",
                "state": "state",
                "allowed": {"": ["PENDING"], "PENDING": ["RUNNING"]},
            }
        },
    ),
    handled(
        CHANGE,
        "end",
        "a change after an end is seen",
        """
def test_it():
    for state in ("PENDING", "RUNNING", "DONE"):
        Tracker().update("e1", state)
    Tracker().update("e1", state="RUNNING")  # site: here
""",
        "Tracker.update",
    ),
    handled(
        CHANGE,
        "enum",
        "members of an enum are seen by name or value",
        """
def test_it():
    Tracker().update("e1", State.PENDING)
    Tracker().update("e1", "DONE")  # site: here
""",
        "Tracker.update",
    ),
    handled(
        CHANGE,
        "thread",
        "a change that another thread makes is seen",
        """
def other():
    Tracker().update("e1", "DONE")  # site: here

def test_it():
    Tracker().update("e1")
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
""",
        sites=(Site("here", CHANGE, "proj.trackers:Tracker.update", "other"),),
    ),
    handled(
        CHANGE,
        "legal",
        "what is allowed is fine, and so is the same state twice",
        """
def test_it():
    for state in (State.PENDING, "PENDING", State.RUNNING, "DONE"):
        Tracker().update("e1", state)
    Tracker().update("e2")
""",
    ),
    leaking(
        "left",
        "a test that leaves state behind is recorded at the class statement, and passes",
        """
def test_it():
    get_tracker().orders["e1"] = 1
""",
    ),
    leaking(
        "asked",
        "a test that asked for the fixture leaves nothing behind",
        """
def test_it(proj_tracker):
    proj_tracker.orders["e1"] = 1
""",
        sites=(),
    ),
    leaking(
        "tidy",
        "a test that takes back what it did leaves nothing behind",
        """
def test_it():
    get_tracker().orders["e1"] = 1
    get_tracker().orders.clear()
""",
        sites=(),
    ),
    started(
        "thread",
        "what a thread does counts for the test that started it",
        """
def test_it():
    thread = threading.Thread(target=lambda: old.Log())  # site: here
    thread.start()
    thread.join()
""",
    ),
    started(
        "timer",
        "what a timer does counts for the test that started it",
        """
def test_it():
    timer = threading.Timer(0.001, lambda: old.Log())  # site: here
    timer.start()
    timer.join()
""",
    ),
    started(
        "executor",
        "what an executor does counts for the test that gave it the work, whichever thread does it",
        """
POOL = ThreadPoolExecutor(1)

def test_it():
    POOL.submit(make).result()

def test_other():
    POOL.submit(make).result()

def make():
    return old.Log()  # site: here
""",
        call(),
        call(test="test_other"),
        scope="make",
    ),
    started(
        "to_thread",
        "what asyncio.to_thread does counts for its test",
        """
def test_it():
    async def main():
        await asyncio.to_thread(make)

    asyncio.run(main())

def make():
    return old.Log()  # site: here
""",
        scope="make",
    ),
    started(
        "task",
        "what a task does counts for the test that runs it",
        """
def test_it():
    async def work():
        old.Log()  # site: here

    async def main():
        await asyncio.create_task(work())

    asyncio.run(main())
""",
        scope="test_it.work",
    ),
    started(
        "race",
        "what racing callables do counts for the test that races them, in each round",
        """
def test_it(ssot_race):
    assert len(ssot_race(make, make, rounds=5).violations) == 10

def make():
    return old.Log()  # site: here
""",
        call(5),
        call(5),
        scope="make",
    ),
    started(
        "late_thread",
        "a thread that outlives its test is nobody's, and never the next test's",
        """
go, done = threading.Event(), threading.Event()

def late():
    go.wait()
    old.Log()  # site: here
    done.set()

def test_it():
    threading.Thread(target=late, daemon=True).start()

def test_next():
    go.set()
    assert done.wait(30)
""",
        late(),
        scope="late",
        spread=False,
    ),
    started(
        "late_task",
        "a task that outlives its test is nobody's, and never the next test's",
        """
loop = asyncio.new_event_loop()

def teardown_module():
    loop.close()

async def late():
    await asyncio.sleep(0.01)
    old.Log()  # site: here

def test_it():
    async def main():
        loop.kept = asyncio.create_task(late())

    loop.run_until_complete(main())

def test_next():
    loop.run_until_complete(loop.kept)
""",
        late(),
        scope="late",
        spread=False,
    ),
]
