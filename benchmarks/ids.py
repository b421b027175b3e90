"""Print what ten million issued identifiers cost: bytes and nanoseconds each, and what they add to a call.

    python benchmarks/ids.py              ten million
    python benchmarks/ids.py 1000000      as many as given

The time is the thread's own, with that of making the texts taken off; beside it stands a plain `set` of a million such
texts. The last lines are the calls of a generator and of a consumer, watched and unwatched in turn.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Protocol

from pytest_ssot_tracker.detect.calls.watch import Calls
from pytest_ssot_tracker.detect.ids.issued import Issued
from pytest_ssot_tracker.detect.ids.watch import Identifiers
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Ids, Settings, Tree

SHOP = """\
from uuid import uuid4

def new_id():
    return f"order-{uuid4()}"

def take(order):
    return order

def make(times):
    for _ in times:
        new_id()

def use(times, order):
    for _ in times:
        take(order)
"""
BLOCK, SLICES, CALLS = 100_000, 200, 100


class Collection(Protocol):
    """Be what identifiers are added to."""

    def add(self, text: str, /) -> None:
        """Add one."""


def main(argv: list[str]) -> None:
    """Fill the set, then time the calls."""
    count = int(argv[0]) if argv else 10_000_000
    print(f"Python {sys.version.split()[0]}")
    print(f"a set of texts, {1_000_000:>12,}: {filled(set(), 1_000_000)}")
    issued = Issued()
    print(f"issued,         {count:>12,}: {filled(issued, count)}")
    known = [text(number) for number in range(0, count, max(1, count // BLOCK))]
    unknown = [f"not-{each}" for each in known]
    print(f"asked for one that was issued long ago: {timed(known, issued.__contains__):6.0f} ns")
    print(f"asked for one that was not:             {timed(unknown, issued.__contains__):6.0f} ns")
    calls()


def text(number: int) -> str:
    """Return the identifier of that number, as long as one with a UUID."""
    return f"order-{number:032x}"


def filled(collection: Collection, count: int) -> str:
    """Add `count` identifiers in blocks and return bytes and nanoseconds for each."""
    gc.collect()
    before, spent = resident(), 0.0
    for start in range(0, count, BLOCK):
        texts = [text(number) for number in range(start, min(start + BLOCK, count))]
        spent += timed(texts, collection.add) * len(texts)
        del texts
    gc.collect()
    return f"{(resident() - before) / count:6.1f} bytes, {spent / count:6.0f} ns each"


def timed(texts: list[str], call: Callable[[str], object]) -> float:
    """Return the nanoseconds of one call, of all those with `texts`."""
    before = time.thread_time_ns()
    for each in texts:
        call(each)
    return (time.thread_time_ns() - before) / len(texts)


def resident() -> int:
    """Return the memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def calls() -> None:
    """Time a generator and a consumer, watched and unwatched in turn."""
    shop = ModuleType("shop")
    shop.__file__ = "/shop/shop.py"
    exec(compile(SHOP, "/shop/shop.py", "exec"), vars(shop))
    sys.modules["shop"] = shop
    table = Ids(name="order", generators=(Target.parse("shop:new_id"),), consumers={Target.parse("shop:take"): "order"})
    root = Path("/shop")
    settings = Settings(root=root, file=None, tree=Tree.of(root), ids=(table,))
    plain: list[tuple[float, float]] = []
    watched: list[tuple[float, float]] = []
    for _ in range(SLICES // 20):
        plain += round_of(shop)
        recorder = Recorder(settings.tree)
        scope = Scope(recorder.sites)
        sentinels = Calls(settings, recorder=recorder, scope=scope)
        identifiers = Identifiers(settings, recorder=recorder, scope=scope, planting=sentinels.planting)
        sentinels.plant(shop)
        identifiers.plant(shop)
        watched += round_of(shop)
        sentinels.undo()
    for name, at in (("a generator's call", 0), ("a consumer's call", 1)):
        before, after = best(one[at] for one in plain), best(one[at] for one in watched)
        print(f"{name:20} {after / before:6.2f} {after - before:+8.0f} ns")


def round_of(shop: ModuleType) -> list[tuple[float, float]]:
    """Return the nanoseconds of a call of the generator and of the consumer, for twenty slices."""
    order = shop.new_id()
    times = range(CALLS)
    found = []
    for _ in range(20):
        marks = [time.thread_time_ns()]
        shop.make(times)
        marks.append(time.thread_time_ns())
        shop.use(times, order)
        marks.append(time.thread_time_ns())
        found.append(((marks[1] - marks[0]) / CALLS, (marks[2] - marks[1]) / CALLS))
    return found


def best(times: Iterable[float]) -> float:
    """Return the fastest twentieth."""
    ordered = sorted(times)
    return ordered[len(ordered) // 20]


if __name__ == "__main__":
    main(sys.argv[1:])
