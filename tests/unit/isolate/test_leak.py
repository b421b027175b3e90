"""Tell what a test left behind in a singleton it did not ask for."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from pytest_ssot_tracker.isolate.isolation import Isolation
from pytest_ssot_tracker.isolate.leak import Fingerprint
from pytest_ssot_tracker.settings import Ssot


class Record:
    def __init__(self, state: str) -> None:
        self.state = state


class Tracker:
    registry: dict[str, int] = {}  # noqa: RUF012 - class-level state is what is tested

    def __init__(self) -> None:
        self._executions: dict[str, Record] = {}
        self._total = 0
        self._by_agent: defaultdict[str, set[str]] = defaultdict(set)
        self._callbacks: list[Any] = []
        self._name = "tracker"
        self._task: object = None
        self._stop = threading.Event()
        self._lock = threading.Lock()

    @property
    def loud(self) -> Any:
        raise AssertionError("asked")


CHANGES: list[tuple[Callable[[Tracker], object], tuple[str, ...]]] = [
    (lambda t: None, ()),
    (lambda t: t._executions.update(a=Record("R"), b=Record("R"), c=Record("R")), ("_executions: 0 -> 3 entries",)),
    (lambda t: t._executions.update(a=Record("R")), ("_executions: 0 -> 1 entry",)),
    (lambda t: setattr(t, "_total", 3), ("_total: 0 -> 3",)),
    (lambda t: setattr(t, "_name", "x" * 50), (f"_name: 'tracker' -> '{'x' * 38}…",)),
    (lambda t: t._by_agent["a"].add("e1"), ("_by_agent: 0 -> 1 entry",)),
    (lambda t: t._callbacks.append(print), ("_callbacks: 0 -> 1 item",)),
    (lambda t: setattr(t, "_task", Record("R")), ("_task: None -> a test_leak.Record",)),
    (lambda t: setattr(t, "_extra", {}), ("_extra: added, 0 entries",)),
    (lambda t: delattr(t, "_name"), ("_name: removed, was 'tracker'",)),
    (lambda t: t._stop.set(), ("_stop: a threading.Event, changed",)),
    (lambda t: setattr(t, "_executions", {}), ()),
    (lambda t: setattr(t, "_lock", threading.Lock()), ("_lock: a _thread.lock, another one",)),
    (lambda t: t._lock.acquire(), ()),
]


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_each_change_is_told_in_one_line(change: Callable[[Tracker], object], told: tuple[str, ...]) -> None:
    tracker = Tracker()
    before = Fingerprint.of(tracker)
    change(tracker)
    assert before.difference(Fingerprint.of(tracker)) == told


def test_a_change_inside_an_entry_is_told_as_such() -> None:
    tracker = Tracker()
    tracker._executions["a"] = Record("PENDING")
    tracker._by_agent["a"].add("e1")
    before = Fingerprint.of(tracker)
    tracker._executions["a"].state = "RUNNING"
    tracker._by_agent["a"].add("e2")
    assert before.difference(Fingerprint.of(tracker)) == (
        "_executions: 1 entry, changed",
        "_by_agent: 1 entry, changed",
    )


def test_a_singleton_that_is_a_container_is_looked_into() -> None:
    class Registry(dict):  # type: ignore[type-arg]
        pass

    registry = Registry(a=1)
    before = Fingerprint.of(registry)
    registry["b"] = 2
    registry.name = "x"  # type: ignore[attr-defined]
    assert before.difference(Fingerprint.of(registry)) == ("its content: 1 -> 2 entries", "name: added, 'x'")


def test_nothing_of_the_objects_is_called() -> None:
    class Touchy:
        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(name)

        def __eq__(self, other: object) -> bool:
            raise AssertionError("compared")

        __hash__ = None  # type: ignore[assignment]

        def __repr__(self) -> str:
            raise AssertionError("shown")

    touchy = Touchy()
    object.__setattr__(touchy, "inner", [Touchy(), {"a": Touchy()}])
    assert Fingerprint.of(touchy).difference(Fingerprint.of(touchy)) == ()


def test_the_work_is_bounded() -> None:
    import time

    tracker = Tracker()
    tracker._executions = {str(number): Record("R") for number in range(200_000)}
    Fingerprint.of(tracker)
    start = time.perf_counter()
    before = Fingerprint.of(tracker)
    assert time.perf_counter() - start < 0.5
    tracker._executions["more"] = Record("R")
    assert before.difference(Fingerprint.of(tracker)) == ("_executions: 200000 -> 200001 entries",)


def test_no_object_is_kept_alive() -> None:
    import weakref

    tracker = Tracker()
    tracker._executions["a"] = Record("R")
    record = weakref.ref(tracker._executions["a"])
    fingerprint = Fingerprint.of(tracker)
    tracker._executions.clear()
    assert record() is None
    assert fingerprint is not None


SOURCE = """
class Tracker:
    log = []
    def __init__(self):
        self.executions = {}
_events = []
_tracker = None
def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
    if len(_events) > 5: _events.clear()
    return _tracker
hook = None
"""

Make = Callable[..., tuple[Any, Isolation, Ssot]]


def test_what_a_test_left_behind_is_found_where_the_singleton_lives(make: Make) -> None:
    module, isolation, _ = make(SOURCE)
    assert isolation.fingerprints() == {}
    module.get_tracker()
    before = isolation.fingerprints()
    assert isolation.leaks(before) == {}
    module.get_tracker().executions["e"] = 1
    module.Tracker.log.append(1)
    module._events.append(1)
    assert isolation.leaks(before) == {
        "execution": (
            "executions: 0 -> 1 entry",
            "Tracker.log: 0 -> 1 item",
            "shop.tracker._events: 0 -> 1 item",
        )
    }


def test_looking_creates_and_imports_nothing(project: Any) -> None:
    import sys

    project.write(SOURCE)
    isolation = project.isolation(project.ssot())
    isolation.ready()
    assert isolation.fingerprints() == {}
    assert "shop.tracker" not in sys.modules
    module = project.load()
    assert isolation.fingerprints() == {}
    assert module._tracker is None


def test_a_test_with_the_fixture_leaves_nothing(make: Make) -> None:
    module, isolation, ssot = make(SOURCE)
    module.get_tracker().executions["early"] = 1
    before = isolation.fingerprints()
    with isolation.fresh(ssot) as tracker:
        tracker.executions["late"] = 1
        module.Tracker.log.append(1)
    assert isolation.leaks(before) == {}


def test_a_singleton_first_made_in_a_test_is_held_against_its_fresh_state(make: Make) -> None:
    module, isolation, _ = make(SOURCE.replace("_tracker = Tracker()", "_tracker = Tracker(); hook and hook(_tracker)"))
    before = isolation.fingerprints()
    module.hook = isolation.created
    module.get_tracker()
    module.hook = None
    assert isolation.leaks(before) == {}
    module.get_tracker().executions["e"] = 1
    assert isolation.leaks(before)["execution"][0] == "executions: 0 -> 1 entry"


def test_a_singleton_first_made_in_a_test_and_not_seen_being_made_is_not_judged(make: Make) -> None:
    module, isolation, _ = make(SOURCE)
    before = isolation.fingerprints()
    module.get_tracker().executions["e"] = 1
    assert isolation.leaks(before) == {}


def test_two_looks_can_be_compared_later(make: Make) -> None:
    module, isolation, _ = make(SOURCE)
    module.get_tracker()
    first = isolation.fingerprints()
    module.get_tracker().executions["e"] = 1
    second = isolation.fingerprints()
    module.get_tracker().executions.clear()
    assert first["execution"].difference(second["execution"]) == ("executions: 0 -> 1 entry",)


def test_a_running_task_is_shown_by_its_type() -> None:
    async def run() -> tuple[str, ...]:
        tracker = Tracker()
        before = Fingerprint.of(tracker)
        tracker._task = task = asyncio.create_task(asyncio.sleep(0))
        told = before.difference(Fingerprint.of(tracker))
        await task
        return told

    assert asyncio.run(run()) == ("_task: None -> a _asyncio.Task",)
