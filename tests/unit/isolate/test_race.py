"""A race runs everything at once, many times, shakes the order, and tells what came of it."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextvars import ContextVar

import pytest

from pytest_ssot_tracker.isolate.race import Race, StuckError
from pytest_ssot_tracker.judge import words
from pytest_ssot_tracker.judge.words import harmless
from pytest_ssot_tracker.model import Rule, Site


class Counter:
    def __init__(self) -> None:
        self.value = 0
        self.lock = threading.Lock()

    def bump(self) -> int:
        self.value += 1
        return self.value

    def bump_locked(self) -> int:
        with self.lock:
            return self.bump()


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def race(shown: list[str]) -> Race:
    return Race(list, show=shown.append)


def test_a_lost_update_between_two_instructions_is_brought_about(race: Race) -> None:
    counter = Counter()
    race(counter.bump, counter.bump, seed=1)
    assert counter.value < 200


def test_a_locked_update_is_never_lost(race: Race) -> None:
    counter = Counter()
    race(counter.bump_locked, counter.bump_locked, seed=1)
    assert counter.value == 200


def test_shaking_loses_no_update_of_a_variable_that_closures_share(race: Race) -> None:
    value, lock = 0, threading.Lock()

    def bump() -> None:
        nonlocal value
        with lock:
            value += 1

    race(bump, bump, lambda: bump(), seed=1)
    assert value == 300


def test_an_update_lost_between_two_awaits_is_brought_about_and_with_a_lock_it_is_not(race: Race) -> None:
    values = {"plain": 0, "locked": 0}

    async def bump(name: str) -> None:
        value = values[name]
        await asyncio.sleep(0)
        values[name] = value + 1

    async def plain() -> None:
        await bump("plain")

    for _ in range(30):
        lock = asyncio.Lock()

        async def locked(lock: asyncio.Lock = lock) -> None:
            async with lock:
                await bump("locked")

        race(plain, plain, rounds=1)
        race(locked, locked, rounds=1)
    assert values["plain"] < 60
    assert values["locked"] == 60


def test_results_come_per_round_in_the_order_of_the_callables(race: Race) -> None:
    async def task() -> str:
        await asyncio.sleep(0)
        return "task"

    found = race(lambda: "first", task, lambda: "third", rounds=3)
    assert found.results == (("first", "task", "third"),) * 3
    assert (found.rounds, found.exceptions, found.violations) == (3, (), ())


def test_what_callables_raise_is_returned_and_nothing_is_raised(race: Race) -> None:
    def broken() -> None:
        raise KeyError("x")

    async def failing() -> None:
        pytest.fail("not here")

    found = race(broken, failing, lambda: 1, rounds=2)
    assert sorted(type(one).__name__ for one in found.exceptions) == ["Failed", "Failed", "KeyError", "KeyError"]
    assert found.results == ((None, None, 1),) * 2


def test_the_first_failing_round_shows_who_ran_what_and_the_others_are_counted(race: Race, shown: list[str]) -> None:
    counter = Counter()

    def broken() -> None:
        counter.bump()
        raise KeyError("x")

    race(broken, counter.bump, rounds=3, seed=7)
    first, rest = shown
    assert first.startswith("ssot_race: round 1 failed (seed 7)\n  KeyError: 'x'\n  who ran what, in order:\n")
    assert f"{__file__}:" in first
    assert "2 Counter.bump" in first
    assert "self.value += 1" in first
    assert rest == "ssot_race: 3 of 3 rounds failed; the first is shown above"


def raise_with_help() -> None:
    raise ValueError(harmless("told by the package under test"))


def test_nobody_rests_in_the_code_that_watches(race: Race, shown: list[str]) -> None:
    race(raise_with_help, raise_with_help, rounds=1)
    assert "raise ValueError(harmless" in shown[0]
    assert words.__file__ not in shown[0]


def test_violations_are_those_of_its_own_rounds() -> None:
    site = Site(Rule.SPLIT_BRAIN, "x", "pkg.mod:f", "a.py", 3, "f", "f()")
    recorded, shown = [site], list[str]()
    found = Race(lambda: tuple(recorded), show=shown.append)(lambda: recorded.append(site), rounds=2)
    assert found.violations == (site, site)
    assert "  split-brain of pkg.mod:f at a.py:3\n" in shown[0] + "\n"


def test_it_works_inside_a_running_loop(race: Race) -> None:
    async def task() -> int:
        await asyncio.sleep(0)
        return 1

    async def test() -> object:
        return race(task, task, rounds=2).results

    assert asyncio.run(test()) == ((1, 1), (1, 1))


def test_context_reaches_threads_and_tasks(race: Race) -> None:
    variable: ContextVar[int] = ContextVar("variable")
    variable.set(5)

    async def task() -> int:
        return variable.get()

    assert race(variable.get, task, rounds=1).results == ((5, 5),)


def test_switch_interval_and_trace_function_are_left_as_they_were(race: Race) -> None:
    before = sys.getswitchinterval(), sys.gettrace()
    seen = set()
    race(lambda: seen.add(sys.getswitchinterval()), rounds=4)
    assert min(seen) < 1e-4
    assert (sys.getswitchinterval(), sys.gettrace()) == before


def test_some_rounds_run_with_the_tracing_that_others_have_put_there(race: Race) -> None:
    traced = []

    def tracer(*_: object) -> None:
        return None

    threading.settrace(tracer)
    try:
        race(lambda: traced.append(sys.gettrace() is tracer), rounds=4)
    finally:
        threading.settrace(None)  # type: ignore[arg-type]
    assert set(traced) == {True, False}


def test_a_seed_gives_the_same_order_again(race: Race) -> None:
    orders: list[list[str]] = [[], []]
    for order in orders:

        async def one(order: list[str] = order) -> None:
            order.append("one")

        async def two(order: list[str] = order) -> None:
            order.append("two")

        race(one, two, rounds=20, seed=3)
    assert orders[0] == orders[1]
    assert {tuple(orders[0][at : at + 2]) for at in range(0, 40, 2)} == {("one", "two"), ("two", "one")}


def test_a_race_of_nothing_is_refused(race: Race) -> None:
    with pytest.raises(ValueError, match="give at least one callable, and at least one round"):
        race()
    with pytest.raises(ValueError, match="at least one round"):
        race(list, rounds=0)


def test_a_round_that_never_ends_is_told_and_ends_the_race(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_ssot_tracker.isolate.race._PATIENCE", 0.05)
    gate = threading.Event()
    found = race(gate.wait, list, rounds=5)
    gate.set()
    assert found.rounds == 1
    (error,) = found.exceptions
    assert isinstance(error, StuckError)
    assert str(error).startswith("ssot_race: round 1 did not end within 0 s; still running: 1 Event.wait.")


def test_what_cannot_be_called_is_refused_before_any_round(race: Race) -> None:
    calls: list[int] = []
    with pytest.raises(TypeError, match="ssot_race: None cannot be called; give a function, not what it returns"):
        race(lambda: calls.append(1), calls.append(0))  # type: ignore[func-returns-value, arg-type]
    assert calls == [0]


def test_a_coroutine_is_refused_with_the_name_of_its_function(race: Race) -> None:
    async def update() -> None:
        pass

    with pytest.raises(TypeError, match=r"update\(\) is a coroutine, which can run once; give update itself"):
        race(update())  # type: ignore[arg-type]
