"""Isolate trackers as people write them: every way to keep a singleton, every way a test can leave it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from pytest_ssot_tracker.isolate.access import IsolationError
from pytest_ssot_tracker.isolate.isolation import Isolation
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Ssot

target = Target.parse
Make = Callable[..., tuple[Any, Isolation, Ssot]]

BODY = """
import threading, asyncio, itertools, functools, collections, weakref
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field

@dataclass
class Record:
    id: str
    state: str = "PENDING"
    history: list = field(default_factory=list)

class Tracker{bases}:
    {head}
    def __init__(self, timeout=15):
        self.timeout = timeout
        self.executions = {{}}
        self.active = set()
        self.by_agent = defaultdict(set)
        self.recent = deque(maxlen=5)
        self.ordered = OrderedDict()
        self.callbacks = []
        self.total = 0
        self.lock = threading.RLock()
        self.idle = threading.Condition()
        self.stopped = threading.Event()
        self.alock = asyncio.Lock()
        self.monitor = None

    def start(self, id):
        with self.lock:
            self.executions[id] = Record(id)
            self.active.add(id)
            self.by_agent["a"].add(id)
            self.recent.append(id)
            self.ordered[id] = len(self.ordered)
            self.total += 1
        return self.executions[id]
"""


def source(*, head: str = "pass", bases: str = "", tail: str, before: str = "") -> str:
    return before + BODY.format(head=head, bases=bases) + "\n" + tail


WAYS = {
    "a module global": source(
        tail="""
_tracker = None
def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
    return _tracker
"""
    ),
    "a module global made at import": source(
        tail="""
tracker = Tracker()
def get_tracker():
    return tracker
"""
    ),
    "lru_cache": source(tail="@functools.lru_cache\ndef get_tracker():\n    return Tracker()\n"),
    "lru_cache of one": source(tail="@functools.lru_cache(maxsize=1)\ndef get_tracker():\n    return Tracker()\n"),
    "cache": source(tail="@functools.cache\ndef get_tracker():\n    return Tracker()\n"),
    "cache with a closure": source(
        tail="""
def build(kind, timeout):
    @functools.lru_cache()
    def get_tracker():
        return kind(timeout)
    return get_tracker
get_tracker = build(Tracker, 15)
"""
    ),
    "a cache behind the accessor": source(
        tail="""
@functools.lru_cache(maxsize=None)
def _make():
    return Tracker()
def get_tracker():
    return _make()
"""
    ),
    "a class attribute": source(
        head="_instance = None",
        tail="""
def get_tracker():
    if Tracker._instance is None:
        Tracker._instance = Tracker()
    return Tracker._instance
""",
    ),
    "a class attribute that is not there at first": source(
        tail="""
def get_tracker():
    if not hasattr(Tracker, "_instance"):
        Tracker._instance = Tracker()
    return Tracker._instance
"""
    ),
    "__new__": source(
        head="""
    _instance = None
    _ready = False
    def __new__(cls, *a):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance
    """,
        tail="""
_plain = Tracker.__init__
def _once(self):
    if not Tracker._ready:
        _plain(self)
        Tracker._ready = True
Tracker.__init__ = _once
def get_tracker():
    return Tracker()
""",
    ),
    "a metaclass": source(
        before="""
class Single(type):
    _instances = {}
    def __call__(cls, *a):
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*a)
        return cls._instances[cls]
""",
        bases="(metaclass=Single)",
        tail="def get_tracker():\n    return Tracker()\n",
    ),
    "a decorator's closure": source(
        tail="""
def singleton(cls):
    instances = {}
    def get(*a):
        if cls not in instances:
            instances[cls] = cls(*a)
        return instances[cls]
    return get
get_tracker = singleton(Tracker)
"""
    ),
    "a variable of a closure": source(
        tail="""
def accessor():
    made = None
    def get():
        nonlocal made
        if made is None:
            made = Tracker()
        return made
    return get
get_tracker = accessor()
"""
    ),
    "an attribute of the accessor": source(
        tail="""
def get_tracker():
    if not hasattr(get_tracker, "made"):
        get_tracker.made = Tracker()
    return get_tracker.made
"""
    ),
    "a mutable default": source(
        tail="""
def get_tracker(_made=[]):
    if not _made:
        _made.append(Tracker())
    return _made[0]
"""
    ),
    "a registry in the module": source(
        tail="""
_made = {}
def get_tracker():
    if "it" not in _made:
        _made["it"] = Tracker()
    return _made["it"]
"""
    ),
    "a weak registry": source(
        tail="""
_all = weakref.WeakValueDictionary()
_keep = []
def get_tracker():
    if "it" not in _all:
        _keep.append(Tracker())
        _all["it"] = _keep[-1]
    return _all["it"]
"""
    ),
    "a coroutine that waits for nothing": source(
        tail="""
_tracker = None
_lock = asyncio.Lock()
async def get_tracker():
    global _tracker
    async with _lock:
        if _tracker is None:
            _tracker = Tracker()
    return _tracker
"""
    ),
}
NOT_MADE_AGAIN = {"a module global made at import"}

FACTORY = source(
    tail="""
class Factory:
    _made = None
    @classmethod
    def get(cls):
        if cls._made is None:
            cls._made = Tracker()
        return cls._made
    @staticmethod
    def fetch():
        return Factory.get()
    @staticmethod
    @functools.lru_cache
    def cached():
        return Tracker()
"""
)


def fetch(module: Any) -> Any:
    found = module.get_tracker()
    if asyncio.iscoroutine(found):
        try:
            found.send(None)
        except StopIteration as stop:
            return stop.value
    return found


def attributes(tracker: Any) -> dict[str, Any]:
    """Return all that `tracker` holds, copied, with the identity of each object."""
    copied: dict[str, Any] = {}
    for name, value in vars(tracker).items():
        if isinstance(value, dict):
            entries = [(key, getattr(each, "__dict__", each)) for key, each in value.items()]
            copied[name] = (id(value), [(key, dict(each) if isinstance(each, dict) else each) for key, each in entries])
        elif isinstance(value, set):
            copied[name] = (id(value), set(value))
        elif hasattr(value, "append"):
            copied[name] = (id(value), list(value))
        elif isinstance(value, threading.Event):
            copied[name] = (id(value), value.is_set())
        else:
            copied[name] = value
    return copied


def is_empty(tracker: Any) -> bool:
    containers = (tracker.executions, tracker.active, tracker.by_agent, tracker.recent, tracker.ordered)
    return not any(containers) and tracker.total == 0 and not tracker.stopped.is_set() and not tracker.callbacks


def wreck(tracker: Any) -> None:
    """Do to a tracker what a careless test does."""
    tracker.start("late")
    tracker.executions["late"].state = "RUNNING"
    for name in list(tracker.executions):
        tracker.executions[name].history.append("seen")
    tracker.executions.pop("early", None)
    tracker.ordered = {}
    tracker.active = {"other"}
    tracker.by_agent.clear()
    tracker.callbacks.append(print)
    tracker.stopped.set()
    tracker.extra = object()
    del tracker.timeout
    tracker.monitor = asyncio.Event()


@pytest.mark.parametrize("looked_at", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_the_state_is_reset_in_place_and_put_back_exactly(make: Make, way: str, *, looked_at: bool) -> None:
    module, isolation, ssot = make(WAYS[way])
    if looked_at:
        isolation.ready()
    tracker = fetch(module)
    record = tracker.start("early")
    aliases = tracker.executions, tracker.active, tracker.by_agent, tracker.recent, tracker.ordered
    before = attributes(tracker)

    with isolation.fresh(ssot) as lent:
        assert lent is tracker
        assert fetch(module) is tracker
        assert is_empty(lent)
        assert not any(aliases)
        assert aliases[0] is lent.executions
        wreck(lent)

    assert attributes(tracker) == before
    assert tracker.executions["early"] is record
    assert vars(record) == {"id": "early", "state": "PENDING", "history": []}
    assert fetch(module) is tracker


@pytest.mark.parametrize("way", WAYS)
def test_a_singleton_that_a_test_is_first_to_ask_for_starts_fresh_and_ends_fresh(make: Make, way: str) -> None:
    _, isolation, ssot = make(WAYS[way])
    with isolation.fresh(ssot) as first:
        assert is_empty(first)
        wreck(first)
    with isolation.fresh(ssot) as second:
        assert second is first
        assert is_empty(second)
        assert second.timeout == 15
    assert is_empty(first)


@pytest.mark.parametrize("way", [way for way in WAYS if way not in NOT_MADE_AGAIN])
@pytest.mark.parametrize("looked_at", [False, True])
def test_a_new_instance_is_handed_out_and_the_old_one_put_back_behind_its_accessor(
    make: Make, way: str, *, looked_at: bool
) -> None:
    module, isolation, ssot = make(WAYS[way], reset="instance")
    if looked_at:
        isolation.ready()
    tracker = fetch(module)
    tracker.start("early")
    before = attributes(tracker)

    with isolation.fresh(ssot) as lent:
        assert lent is not tracker
        assert fetch(module) is lent
        assert is_empty(lent)
        wreck(lent)
        tracker.start("behind its back")

    assert fetch(module) is tracker
    assert attributes(tracker) == before
    with isolation.fresh(ssot) as another:
        assert another is not lent
        assert is_empty(another)
    assert fetch(module) is tracker


@pytest.mark.parametrize("way", [way for way in WAYS if way not in NOT_MADE_AGAIN])
def test_a_new_instance_before_there_is_any_leaves_none_behind(make: Make, way: str) -> None:
    module, isolation, ssot = make(WAYS[way], reset="instance")
    with isolation.fresh(ssot) as lent:
        assert fetch(module) is lent
        wreck(lent)
    assert isolation.fingerprints() == {}
    assert fetch(module) is not lent


def test_a_singleton_made_at_import_has_no_second_instance(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global made at import"], reset="instance")
    module.tracker.start("early")
    with pytest.raises(IsolationError, match=r"no second instance can be had from shop\.tracker:get_tracker"):
        isolation.enter(ssot)
    assert module.get_tracker() is module.tracker
    assert list(module.tracker.executions) == ["early"]


@pytest.mark.parametrize("method", ["get", "fetch", "cached"])
@pytest.mark.parametrize("reset", ["state", "instance"])
@pytest.mark.parametrize("looked_at", [False, True])
def test_an_accessor_may_be_a_method_of_another_class(make: Make, method: str, reset: str, *, looked_at: bool) -> None:
    module, isolation, ssot = make(FACTORY, accessors=(target(f"shop.tracker:Factory.{method}"),), reset=reset)
    get = getattr(module.Factory, method)
    tracker = get()
    tracker.start("early")
    if looked_at:
        assert list(isolation.fingerprints()) == ["execution"]
    with isolation.fresh(ssot) as lent:
        assert (lent is tracker) == (reset == "state")
        assert get() is lent
        assert is_empty(lent)
        wreck(lent)
    assert get() is tracker
    assert list(tracker.executions) == ["early"]


@pytest.mark.parametrize("reset", ["state", "instance"])
@pytest.mark.parametrize(
    ("way", "rebind"),
    [
        ("a module global", "module._tracker = module.Tracker()"),
        ("a module global", "module._tracker = None; module.get_tracker()"),
        ("a module global", "del module._tracker"),
        ("a module global", "module.get_tracker = lambda: None"),
        ("a class attribute", "module.Tracker._instance = module.Tracker()"),
        ("a class attribute", "del module.Tracker._instance"),
        ("lru_cache", "module.get_tracker.cache_clear(); module.get_tracker()"),
        ("cache", "module.get_tracker.cache_clear(); module.get_tracker()"),
        ("cache with a closure", "module.get_tracker.cache_clear(); module.get_tracker()"),
        ("a metaclass", "module.Single._instances.clear(); module.get_tracker()"),
        ("a mutable default", "module.get_tracker.__defaults__[0].clear()"),
        ("a decorator's closure", "module.get_tracker.__closure__[1].cell_contents.clear(); module.get_tracker()"),
    ],
)
def test_a_test_that_puts_another_instance_in_its_place_is_undone(
    make: Make, way: str, rebind: str, reset: str
) -> None:
    module, isolation, ssot = make(WAYS[way], reset=reset)
    tracker = module.get_tracker()
    tracker.start("early")
    before = attributes(tracker)
    with isolation.fresh(ssot) as lent:
        lent.start("late")
        exec(rebind)
    assert module.get_tracker() is tracker
    assert attributes(tracker) == before


def test_an_accessor_patched_by_the_test_does_not_keep_the_state_from_being_put_back(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    tracker = module.get_tracker()
    original = module.get_tracker
    tracker.start("early")
    with isolation.fresh(ssot) as lent:
        monkeypatch.setattr(module, "get_tracker", lambda: 1 / 0)
        lent.start("late")
    assert list(tracker.executions) == ["early"]
    monkeypatch.undo()
    assert module.get_tracker is original


def test_a_spy_put_on_the_accessor_before_the_fixture_stays(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    module.get_tracker().start("early")
    with isolation.fresh(ssot):
        pass
    calls = []
    original = module.get_tracker

    def spy() -> Any:
        calls.append(1)
        return original()

    module.get_tracker = spy
    with isolation.fresh(ssot) as lent:
        calls.clear()
        assert module.get_tracker() is lent
        assert calls == [1]
    assert module.get_tracker is spy


def test_class_attributes_and_module_globals_that_hold_state_are_part_of_it(make: Make) -> None:
    module, isolation, ssot = make(
        source(
            head="log = []\n    made = 0\n    settings = {'limit': 3}\n    LIMIT = 10",
            tail="""
_events = []
_seen = 0
_tracker = None
TABLE = {"a": 1}
class Base: pass
def get_tracker():
    global _tracker, _seen
    if _tracker is None:
        _tracker = Tracker()
        Tracker.made += 1
    _seen += 1
    return _tracker
def note(self, text):
    self.log.append(text)
    _events.append(text)
    TABLE[text] = 1
Tracker.note = note
""",
        )
    )
    isolation.ready()
    tracker = module.get_tracker()
    tracker.note("early")
    module.Tracker.settings["limit"] = 4
    log, events = module.Tracker.log, module._events

    with isolation.fresh(ssot):
        assert (module.Tracker.log, module._events, module.TABLE) == ([], [], {"a": 1})
        assert module.Tracker.made == 1
        assert module.Tracker.settings == {"limit": 3}
        tracker.note("late")
        module.Tracker.log = ["other"]
        module.Tracker.made = 77
        module._seen = -1

    assert module.Tracker.log is log
    assert module._events is events
    assert (log, events, module.TABLE) == (["early"], ["early"], {"a": 1, "early": 1})
    assert module.Tracker.made == 1
    assert module._seen > 0


def test_a_constant_patched_before_the_fixture_stays_patched(make: Make) -> None:
    module, isolation, ssot = make(
        source(
            head="LIMIT = 10", tail=WAYS["a module global"].partition("return self.executions[id]")[2] + "WAIT = 5\n"
        )
    )
    with isolation.fresh(ssot):
        pass
    module.Tracker.LIMIT = 1
    module.WAIT = 1
    with isolation.fresh(ssot):
        assert (module.Tracker.LIMIT, module.WAIT) == (1, 1)


@pytest.mark.parametrize("reset", ["state", "instance"])
def test_what_was_registered_at_import_stays_registered(make: Make, reset: str) -> None:
    module, isolation, ssot = make(
        source(
            head="handlers = {}\n    runs = {}",
            tail=WAYS["a module global"].partition("return self.executions[id]")[2]
            + "def on_start(): pass\nTracker.handlers['start'] = on_start\nTracker.handlers['kind'] = Record\n",
        ),
        reset=reset,
    )
    module.get_tracker()
    module.Tracker.runs["e1"] = module.Record("e1")
    with isolation.fresh(ssot):
        assert list(module.Tracker.handlers) == ["start", "kind"]
        assert module.Tracker.runs == {}
    assert list(module.Tracker.runs) == ["e1"]


def test_locks_and_other_primitives_are_neither_copied_nor_replaced(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    tracker = module.get_tracker()
    names = ("lock", "idle", "stopped", "alock")
    primitives = [getattr(tracker, name) for name in names]
    with tracker.lock, isolation.fresh(ssot) as lent:
        assert all(getattr(lent, name) is each for name, each in zip(names, primitives, strict=True))
        lent.lock = threading.RLock()
    assert all(getattr(tracker, name) is each for name, each in zip(names, primitives, strict=True))


def test_a_thread_that_waits_for_an_event_of_the_singleton_is_not_forgotten(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    tracker = module.get_tracker()
    tracker.stopped.set()
    with isolation.fresh(ssot) as lent:
        assert not lent.stopped.is_set()
        waiter = threading.Thread(target=lent.stopped.wait, daemon=True)
        waiter.start()
    waiter.join(10)
    assert not waiter.is_alive()
    assert tracker.stopped.is_set()


def test_a_timer_that_outlives_the_test_is_reported_and_the_state_is_put_back(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    tracker = module.get_tracker()
    tracker.start("early")
    lent = isolation.enter(ssot)
    go = threading.Event()
    timer = threading.Timer(60, go.set)
    timer.name = "Heartbeat"
    lent.monitor = timer
    timer.start()
    lent.start("late")
    left = isolation.leave(ssot)
    timer.cancel()
    timer.join(10)
    assert left == ("the Timer Heartbeat still runs after the test",)
    assert list(tracker.executions) == ["early"]
    assert tracker.monitor is None


def test_a_timer_that_ran_before_the_test_runs_on(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    tracker = module.get_tracker()
    fired = threading.Event()
    tracker.monitor = threading.Timer(0.05, fired.set)
    tracker.monitor.start()
    timer = tracker.monitor
    with isolation.fresh(ssot) as lent:
        assert lent.monitor is None
        assert fired.wait(10)
    assert tracker.monitor is timer
    timer.join(10)


def test_a_lock_the_test_never_released_is_reported(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    module.get_tracker().guard = guard = threading.Lock()
    lent = isolation.enter(ssot)
    lent.guard = guard
    guard.acquire()
    assert isolation.leave(ssot) == ("the lock in guard is still held after the test",)


def test_a_background_task_that_is_still_running_is_reported_and_taken_out(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])

    async def run() -> tuple[str, ...]:
        lent = isolation.enter(ssot)
        lent.monitor = asyncio.create_task(asyncio.sleep(60))
        task = lent.monitor
        left = isolation.leave(ssot)
        task.cancel()
        return left

    assert asyncio.run(run()) == ("the task in monitor still runs after the test",)
    assert module.get_tracker().monitor is None


def test_a_background_task_of_the_application_is_put_back_running(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])

    async def run() -> None:
        tracker = module.get_tracker()
        tracker.monitor = task = asyncio.create_task(asyncio.sleep(60))
        with isolation.fresh(ssot) as lent:
            assert lent.monitor is None
            await asyncio.sleep(0)
        assert tracker.monitor is task
        assert not task.done()
        task.cancel()

    asyncio.run(run())


def test_threads_that_write_all_the_time_do_not_break_the_snapshot(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    tracker = module.get_tracker()
    tracker.start("early")
    stop = threading.Event()
    errors: list[BaseException] = []

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                tracker.executions[f"n{number % 50}"] = number
                tracker.executions.pop(f"n{number % 40}", None)
                tracker.by_agent[number % 50].add(number % 7)
                tracker.recent.append(number)
                tracker.ordered[number % 50] = number
                tracker.active.add(number % 50)
                tracker.active.discard(number % 40)
            except Exception as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(30):
            with isolation.fresh(ssot) as lent:
                assert lent is tracker
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert "early" in tracker.executions


def test_two_who_ask_in_one_test_share_one_snapshot(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    module.get_tracker().start("early")
    with isolation.fresh(ssot) as outer:
        outer.start("kept")
        with isolation.fresh(ssot) as inner:
            assert inner is outer
            assert list(inner.executions) == ["kept"]
        assert list(outer.executions) == ["kept"]
    assert list(module.get_tracker().executions) == ["early"]


def test_two_tables_on_one_canonical_share_one_snapshot(project: Any) -> None:
    project.write(WAYS["a module global"])
    one, two = project.ssot(), project.ssot(name="again", fixture="again")
    isolation = project.isolation(one, two)
    with isolation.fresh(one) as first, isolation.fresh(two) as second:
        first.start("kept")
        assert second is first
        assert list(second.executions) == ["kept"]
    assert is_empty(first)


def test_a_callable_is_called_with_the_singleton_before_and_after(make: Make) -> None:
    module, isolation, ssot = make(
        WAYS["a module global"] + "\ncalls = []\ndef reset(tracker):\n    calls.append(tracker)\n"
        "    tracker.executions.clear()\n",
        reset=target("shop.tracker:reset"),
    )
    tracker = module.get_tracker()
    tracker.start("early")
    with isolation.fresh(ssot) as lent:
        assert module.calls == [tracker]
        assert lent is tracker
        assert lent.executions == {}
        lent.start("late")
        module._tracker = None
    assert module.calls == [tracker, tracker]
    assert tracker.executions == {}
    assert module.get_tracker() is tracker


def test_a_callable_that_fails_after_the_test_still_leaves_the_singleton_where_it_was(make: Make) -> None:
    module, isolation, ssot = make(
        WAYS["a module global"] + "\ncalls = []\ndef reset(tracker):\n    calls.append(1)\n    assert len(calls) < 2\n",
        reset=target("shop.tracker:reset"),
    )
    tracker = module.get_tracker()
    isolation.enter(ssot)
    module._tracker = None
    with pytest.raises(AssertionError):
        isolation.leave(ssot)
    assert module.get_tracker() is tracker


def test_the_twin_is_made_quietly_and_leaves_no_trace(project: Any) -> None:
    project.write(
        source(
            head="all = []\n    live = weakref.WeakSet()",
            tail=WAYS["a module global"].partition("return self.executions[id]")[2]
            + "\nquiet = []\nprobe = None\n_plain = Tracker.__init__\ndef init(self):\n"
            "    Tracker.all.append(self); Tracker.live.add(self); quiet.append(probe()); _plain(self)\n"
            "Tracker.__init__ = init\n",
        )
    )
    module = project.load()
    module.probe = lambda: project.quiet_depth[0]
    ssot = project.ssot()
    isolation = project.isolation(ssot)
    tracker = module.get_tracker()
    with isolation.fresh(ssot) as lent:
        assert module.Tracker.all == [lent]
        assert list(module.Tracker.live) == [lent]
    assert module.Tracker.all == [tracker]
    assert list(module.Tracker.live) == [tracker]
    assert project.quiet_depth == [0]
    assert module.quiet == [0]  # the entry the twin made while it was quiet was taken out with it


def test_what_a_twin_closes_over_is_not_handed_to_the_real_singleton(make: Make) -> None:
    module, isolation, ssot = make(
        source(
            tail=WAYS["a module global"].partition("return self.executions[id]")[2]
            + """
class Monitor:
    def __init__(self, owner):
        self.owner = owner
        self.seen = []
_plain = Tracker.__init__
def init(self):
    _plain(self)
    self.handlers = {"start": lambda id: self.start(id), "bound": self.start}
    self.partial = functools.partial(Tracker.start, self)
    self.monitor = Monitor(self)
    self.pair = (self, self.monitor)
Tracker.__init__ = init
"""
        )
    )
    tracker = module.get_tracker()
    tracker.start("early")
    tracker.monitor.seen.append(1)
    monitor = tracker.monitor
    with isolation.fresh(ssot) as lent:
        lent.handlers["start"]("a")
        lent.handlers["bound"]("b")
        lent.partial("c")
        assert list(lent.executions) == ["a", "b", "c"]
        assert lent.monitor is monitor
        assert lent.monitor.owner is lent
        assert lent.monitor.seen == []
        assert lent.pair == (lent, monitor)
    assert list(tracker.executions) == ["early"]
    assert monitor.seen == [1]


def test_a_twin_that_starts_a_thread_says_so(make: Make) -> None:
    module, isolation, ssot = make(
        source(
            tail=WAYS["a module global"].partition("return self.executions[id]")[2]
            + """
stop = threading.Event()
_plain = Tracker.__init__
def init(self):
    _plain(self)
    threading.Thread(target=stop.wait, name="beat", daemon=True).start()
Tracker.__init__ = init
"""
        )
    )
    module.get_tracker()
    isolation.enter(ssot)
    left = isolation.leave(ssot)
    module.stop.set()
    assert left == ("a second Tracker was made to learn the fresh state, and the Thread beat still runs",)


def test_no_twin_is_made_of_a_singleton_whose_making_was_seen(make: Make) -> None:
    text = WAYS["a module global"].replace(
        "_tracker = Tracker()", "_tracker = Tracker(); made.append(1); hook(_tracker)"
    )
    module, isolation, ssot = make(text + "\nmade = []\nhook = None\n")
    module.hook = isolation.created
    tracker = module.get_tracker()
    tracker.start("early")
    executions = tracker.executions
    tracker.executions = {"other": 1}
    with isolation.fresh(ssot) as lent:
        assert is_empty(lent)
        wreck(lent)
    assert tracker.executions == {"other": 1}
    assert list(executions) == ["early"]
    assert module.made == [1]


def test_instances_made_beside_the_accessor_are_not_taken_for_the_singleton(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"])
    stray = module.Tracker()
    stray.start("stray")
    isolation.created(stray)
    isolation.created(object())
    with isolation.fresh(ssot) as lent:
        assert lent is not stray
        assert is_empty(lent)
    assert list(stray.executions) == ["stray"]


def test_another_singleton_within_reach_is_left_alone(make: Make) -> None:
    module, isolation, ssot = make(
        source(
            tail="""
class Settings:
    def __init__(self): self.level = 1
settings = Settings()
@functools.cache
def get_bus(): return Bus()
class Bus:
    def __init__(self): self.sent = []
_tracker = None
def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
        _tracker.settings = settings
        _tracker.bus = get_bus()
    return _tracker
"""
        )
    )
    tracker = module.get_tracker()
    module.settings.level = 2
    tracker.bus.sent.append(1)
    with isolation.fresh(ssot) as lent:
        assert lent.settings.level == 2
        assert lent.bus.sent == [1]
        lent.bus.sent.append(2)
    assert tracker.bus.sent == [1, 2]


def test_a_reloaded_module_gives_a_new_singleton_and_is_isolated_too(project: Any) -> None:
    import importlib

    project.write(WAYS["a module global"])
    ssot = project.ssot()
    isolation = project.isolation(ssot)
    with isolation.fresh(ssot) as first:
        first.start("x")
    module = importlib.reload(project.load())
    module.get_tracker().start("early")
    with isolation.fresh(ssot) as second:
        assert second is not first
        assert is_empty(second)
    assert list(second.executions) == ["early"]


def test_errors_while_resetting_leave_everything_as_it_was(make: Make) -> None:
    module, isolation, ssot = make(
        WAYS["a module global"].replace("self.monitor = None", "self.monitor = None; self._check()")
        + "\nbroken = False\ndef check(self):\n    if broken: raise RuntimeError('no second one')\n"
        + "Tracker._check = check\n"
    )
    tracker = module.get_tracker()
    tracker.start("early")
    module.broken = True
    with pytest.raises(IsolationError) as caught:
        isolation.enter(ssot)
    assert str(caught.value) == (
        "[tool.ssot_tracker.ssot.execution] reset: no second instance can be had from shop.tracker:get_tracker "
        "(RuntimeError: no second one); name a function that resets the singleton: "
        'reset = "pkg.mod:callable"'
    )
    assert module.get_tracker() is tracker
    assert list(tracker.executions) == ["early"]
    module.broken = False
    with isolation.fresh(ssot) as lent:
        assert is_empty(lent)


def test_a_cached_class_keeps_its_instance(make: Make) -> None:
    text = source(tail="get_tracker = functools.lru_cache(Tracker)\n")
    module, isolation, ssot = make(text)
    tracker = module.get_tracker()
    tracker.start("early")
    with isolation.fresh(ssot) as lent:
        assert lent is tracker
        assert is_empty(lent)
    assert list(tracker.executions) == ["early"]


def test_a_new_instance_of_a_cached_class_is_refused(make: Make) -> None:
    text = source(tail="get_tracker = functools.lru_cache(Tracker)\n")
    module, isolation, ssot = make(text, reset="instance")
    tracker = module.get_tracker()
    with pytest.raises(IsolationError, match="is cached by functools"):
        isolation.enter(ssot)
    assert module.get_tracker() is tracker


def test_a_canonical_without_class_is_isolated_by_its_accessor_alone(make: Make) -> None:
    module, isolation, ssot = make(WAYS["a module global"], canonical=None)
    tracker = module.get_tracker()
    tracker.start("early")
    with isolation.fresh(ssot) as lent:
        assert lent is tracker
        assert is_empty(lent)
        wreck(lent)
    assert list(tracker.executions) == ["early"]


def test_a_thread_as_singleton_keeps_what_makes_it_a_thread(make: Make) -> None:
    module, isolation, ssot = make(
        """
import threading
class Tracker(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True, name="tracker")
        self.executions = {}
        self.halt = threading.Event()
    def run(self):
        self.halt.wait(30)
_tracker = None
def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
    return _tracker
"""
    )
    tracker = module.get_tracker()
    tracker.executions["early"] = 1
    tracker.start()
    with isolation.fresh(ssot) as lent:
        assert lent.executions == {}
        assert lent.is_alive()
    assert tracker.is_alive()
    assert tracker.executions == {"early": 1}
    tracker.halt.set()
    tracker.join(10)
    assert not tracker.is_alive()


LATE = """
handlers = {}
def handles(name):
    def register(cls):
        Tracker.kinds.append(cls)
        return handlers.setdefault(name, cls)
    return register
def used(): return handlers
"""


@pytest.mark.parametrize("reset", ["state", "instance"])
def test_what_modules_register_that_are_imported_meanwhile_stays_registered(
    make: Make, project: Any, reset: str
) -> None:
    module, isolation, ssot = make(
        source(
            head="kinds = []\n    def known(self): return handlers",
            tail=LATE + WAYS["a module global"].partition("return self.executions[id]")[2],
        ),
        reset=reset,
    )
    project.write("from shop.tracker import handles\n@handles('early')\nclass Early: pass", "early")
    project.write("from shop.tracker import handles\n@handles('late')\nclass Late: pass", "late")
    module.get_tracker()
    isolation.ready()
    project.load("early")
    with isolation.fresh(ssot) as lent:
        assert [*lent.known(), *(cls.__name__ for cls in lent.kinds)] == ["early", "Early"]
        project.load("late")
        lent.known()["test"] = 1
    assert [*module.handlers, *(cls.__name__ for cls in module.Tracker.kinds)] == ["early", "late", "Early", "Late"]


def test_what_other_threads_have_is_told_while_they_may_ask_for_it_again(make: Make) -> None:
    module, isolation, ssot = make(
        source(head="mine = threading.local()", tail=WAYS["a module global"].partition("return self.executions[id]")[2])
    )
    stop = threading.Event()
    worker = threading.Thread(target=stop.wait, name="beat", daemon=True)
    module.get_tracker()
    with isolation.fresh(ssot):
        pass
    assert isolation.blind_spots == ()
    worker.start()
    with isolation.fresh(ssot):
        pass
    stop.set()
    worker.join()
    (spot,) = isolation.blind_spots
    assert spot.target == "shop.tracker:Tracker.mine"
    assert "what other threads have put into it stays with them" in spot.why


OTHER = """
class Bus:
    def __init__(self): self.sent = []
_bus = None
def get_bus():
    global _bus
    if _bus is None:
        _bus = Bus()
    return _bus
_tracker = None
def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
        _tracker.bus = get_bus()
    return _tracker
"""


def test_a_singleton_of_another_table_is_lent_with_the_one_that_holds_it(project: Any) -> None:
    project.write(source(tail=OTHER))
    one = project.ssot()
    bus = project.ssot(name="bus", canonical=target("shop.tracker:Bus"), accessors=(target("shop.tracker:get_bus"),))
    isolation = project.isolation(one, bus)
    module = project.load()
    tracker = module.get_tracker()
    tracker.bus.sent.append(1)
    for _ in range(2):
        with isolation.fresh(one) as lent:
            assert lent.bus is module.get_bus()
            assert lent.bus.sent == []
            lent.bus.sent.append(2)
            with isolation.fresh(bus) as other:
                assert other.sent == [2]
        assert tracker.bus.sent == [1]
    assert isolation.blind_spots == ()
