"""How often a race brings a bug about: in 99 runs of 100 at least, and never once it is fixed."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from itertools import count

import pytest

from pytest_ssot_tracker.isolate.race import Race

RUNS, ROUNDS = 100, 60


class TwoTruths:
    """A tracker and a timeout manager, each with a state of its own: one looks at the other, then writes."""

    def __init__(self) -> None:
        self.tracker: dict[int, str] = {}
        self.timeouts: dict[int, str] = {}

    def start(self, order: int) -> None:
        if self.timeouts.get(order) != "TIMEOUT":
            self.tracker[order] = "RUNNING"

    def expire(self, order: int) -> None:
        if self.tracker.get(order) != "RUNNING":
            self.timeouts[order] = "TIMEOUT"

    def contradicts(self, order: int) -> bool:
        return self.tracker.get(order) == "RUNNING" and self.timeouts.get(order) == "TIMEOUT"


class OneTruth:
    """Both ask the one tracker, which looks and writes under its lock."""

    def __init__(self) -> None:
        self.states: dict[int, str] = {}
        self.lock = threading.Lock()

    def change(self, order: int, state: str) -> None:
        with self.lock:
            self.states.setdefault(order, state)

    def start(self, order: int) -> None:
        self.change(order, "RUNNING")

    def expire(self, order: int) -> None:
        self.change(order, "TIMEOUT")

    def contradicts(self, order: int) -> bool:
        return self.states[order] not in ("RUNNING", "TIMEOUT")


class TwoEmitters:
    """Two trackers that send the last event of an order when they see that none was sent."""

    def __init__(self) -> None:
        self.sent: dict[int, list[str]] = defaultdict(list)

    def start(self, order: int) -> None:
        if not self.sent[order]:
            self.sent[order].append("completed")

    def expire(self, order: int) -> None:
        if not self.sent[order]:
            self.sent[order].append("failed")

    def contradicts(self, order: int) -> bool:
        return len(self.sent[order]) > 1


class OneEmitter(TwoEmitters):
    """The same, through one door."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def start(self, order: int) -> None:
        with self.lock:
            super().start(order)

    def expire(self, order: int) -> None:
        with self.lock:
            super().expire(order)


def runs_that_contradict(make: Callable[[], TwoTruths | OneTruth | TwoEmitters]) -> int:
    """Race both methods on a new order each round, and count the runs in which some order came out twice."""
    found = 0
    for run in range(RUNS):
        system, first, second = make(), count(), count()
        race = Race(list, show=lambda _: None)
        race(lambda: system.start(next(first)), lambda: system.expire(next(second)), rounds=ROUNDS, seed=run)  # noqa: B023
        found += any(system.contradicts(order) for order in range(ROUNDS))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("make", [TwoTruths, TwoEmitters])
def test_a_bug_shows_in_99_runs_of_100(make: Callable[[], TwoTruths | TwoEmitters]) -> None:
    assert runs_that_contradict(make) >= 99


@pytest.mark.slow
@pytest.mark.parametrize("make", [OneTruth, OneEmitter])
def test_what_is_fixed_shows_in_none(make: Callable[[], OneTruth | OneEmitter]) -> None:
    assert runs_that_contradict(make) == 0
