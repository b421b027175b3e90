"""Count what was seen, as numbers, while the code under test runs; turn the counts into observations afterwards.

Recording touches one dictionary of integers and calls nothing that a test may have replaced. A moment's tally
only ever grows, and each of its keys is written by one thread only, so nothing is lost or counted twice, whoever
drains it and whenever.
"""

from __future__ import annotations

import threading
from _thread import _local, get_ident
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from types import CodeType, FrameType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pytest_ssot_tracker.detect.sites import Sites
from pytest_ssot_tracker.model import Exempt, Observation, Rule, Site, Step

if TYPE_CHECKING:
    from pytest_ssot_tracker.settings import Tree

__all__ = ["Moment", "Recorder", "Watch"]

Key: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Watch:
    """Say what is watched: the `rule`, its table, the resolved name of the target, and the configured spelling."""

    rule: Rule
    ssot: str
    target: str
    declared: str


class Fact(NamedTuple):
    """Be what a number in a tally stands for."""

    watch: Watch
    exempt: Exempt | None
    detail: tuple[str, ...]


@dataclass(slots=True, eq=False, kw_only=True)
class Moment:
    """Be the span of the run on which observations are booked: one step of one test, or a bucket.

    `test` is a node id, or `None` with `bucket` set; `thread` names the thread or task whose moment this is when
    it has one of its own. `tally` counts by (fact number, thread number, id of the code, instruction).
    """

    test: str | None = None
    step: Step = Step.COLLECT
    fixture: str | None = None
    fixture_scope: str | None = None
    bucket: str | None = None
    origin: str | None = None
    thread: str | None = None
    tally: dict[Key, int] = field(default_factory=dict, repr=False)
    drained: dict[Key, int] = field(default_factory=dict, repr=False)


class Recorder:
    """Book what the detectors see, and hand it out as observations.

    `current` is the moment booked on. `moment_here`, when set, is asked instead: whoever follows threads and tasks
    puts a callable there that returns the moment of the caller (a `ContextVar.get` is cheap enough).
    `before_drain` are called first by each drain.
    `watches` lists everything that is watched, for those who want to show it.
    """

    def __init__(self, tree: Tree) -> None:
        self.current = Moment(bucket="collection")
        self.moment_here: Callable[[], Moment] | None = None
        self.before_drain: list[Callable[[], None]] = []
        self._sites = Sites(tree)
        self._codes: dict[int, CodeType] = {}
        self._threads: dict[int, str] = {}
        self._main = threading.main_thread().ident
        self.local = _local()
        self._next = count(1)
        self._facts: dict[int, Fact] = {}
        self._numbers: dict[Fact, int] = {}
        self._watches: dict[Watch, Watch] = {}

    @property
    def watches(self) -> list[Watch]:
        """Return what is watched, in the order it was first named."""
        return list(self._watches)

    @property
    def sites(self) -> Sites:
        """Return the maker of sites, with the files it has parsed so far."""
        return self._sites

    def watch(self, rule: Rule, *, ssot: str, target: str, declared: str) -> Watch:
        """Return the watch for this, the same one each time."""
        watch = Watch(rule, ssot, target, declared)
        return self._watches.setdefault(watch, watch)

    def number(self, watch: Watch, *, exempt: Exempt | None = None, detail: tuple[str, ...] = ()) -> int:
        """Return the number (from 1) under which this is booked, the same one each time."""
        fact = Fact(watch, exempt, detail)
        number = self._numbers.get(fact)
        if number is None:
            # Without a lock, which a finalizer on the same thread could run into: a lost race wastes a number.
            fresh = next(self._next)
            self._facts[fresh] = fact
            number = self._numbers.setdefault(fact, fresh)
        return number

    def book(self, number: int, frame: FrameType) -> None:
        """Count one occurrence of the fact `number` at the instruction `frame` is executing."""
        here = self.moment_here
        tally = (self.current if here is None else here()).tally
        code = frame.f_code
        key = (number, self.thread(), id(code), frame.f_lasti)
        try:
            tally[key] += 1
        except KeyError:
            self.first(tally, key, code)

    def first(self, tally: dict[Key, int], key: Key, code: CodeType) -> None:
        """Start counting `key`, and keep alive the code object whose id is in it."""
        self._codes[key[2]] = code
        tally[key] = 1

    def thread(self) -> int:
        """Return the number of this thread; unlike its ident, no other thread ever gets it."""
        try:
            number: int = self.local.number
        except AttributeError:
            ident = get_ident()
            number = next(self._next)
            if ident != self._main:
                # `current_thread()` would leave a dummy thread behind for one that `threading` did not start.
                thread = threading._active.get(ident)  # type: ignore[attr-defined]
                self._threads[number] = f"Thread-{number}" if thread is None else thread.name
            self.local.number = number
        return number

    def hit(
        self, watch: Watch, frame: FrameType, *, exempt: Exempt | None = None, detail: tuple[str, ...] = ()
    ) -> None:
        """Book one occurrence of `watch` at the instruction `frame` is executing."""
        self.book(self.number(watch, exempt=exempt, detail=detail), frame)

    def drain(self, moment: Moment) -> list[Observation]:
        """Return what was booked on `moment` since it was last drained, equal occurrences counted together."""
        for settle in self.before_drain:
            settle()
        found: dict[tuple[Site, Fact, str | None], int] = {}
        # `copy` is one step for every other thread; iterating is not.
        for key, total in moment.tally.copy().items():
            new = total - moment.drained.get(key, 0)
            if not new:
                continue
            moment.drained[key] = total
            number, thread_number, code, lasti = key
            fact = self._facts[number]
            thread = moment.thread or self._threads.get(thread_number)
            same = (self._site(fact.watch, self._codes[code], lasti), fact, thread)
            found[same] = found.get(same, 0) + new
        return [
            Observation(
                site=site,
                test=moment.test,
                step=moment.step,
                count=total,
                fixture=moment.fixture,
                fixture_scope=moment.fixture_scope,
                thread=thread,
                bucket=moment.bucket,
                origin=moment.origin,
                exempt=fact.exempt,
                detail=fact.detail,
            )
            for (site, fact, thread), total in found.items()
        ]

    def _site(self, watch: Watch, code: CodeType, lasti: int) -> Site:
        return self._sites.site(
            watch.rule, ssot=watch.ssot, target=watch.target, declared=watch.declared, code=code, lasti=lasti
        )
