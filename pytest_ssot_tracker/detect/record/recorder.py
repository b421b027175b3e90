"""Count what was seen, as numbers, while the code under test runs; turn the counts into observations afterwards.

Recording touches one dictionary of integers and calls nothing that a test may have replaced. A moment's tally
only ever grows, and each of its keys is written by one thread only, so nothing is lost or counted twice, whoever
drains it and whenever.

The thread that sets the moment, which is the one that runs the tests, counts in slots of its own: one list item per
instruction, found by a small number, which costs a third of a key of four. They are emptied into the tally when the
moment is over.
"""

from __future__ import annotations

import threading
from _thread import _local, get_ident
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from types import CodeType, FrameType, MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_ssot_tracker.detect.record.sites import Sites, Watch, Written
from pytest_ssot_tracker.model import Exempt, Observation, Site, Step
from pytest_ssot_tracker.records import NamedTuple

if TYPE_CHECKING:
    from pytest_ssot_tracker.settings import Tree

__all__ = ["Moment", "Recorder", "SlotGate", "Slots", "Watch", "Way"]

Key: TypeAlias = tuple[int, int, int, int]
Slots: TypeAlias = "dict[int, tuple[CodeType, list[int], SlotGate]]"
Way: TypeAlias = "tuple[tuple[CodeType, int], ...]"
"""The code and the instruction of each frame that led to a place, the place itself first."""

_DEEPEST = 64
"""How many frames of a way are looked at: a test that recurses must not be slowed down by it."""


class SlotGate:
    """What tells whether a call may be counted in a slot: it may on the thread `home`, on none where that is 0.

    On `thread` it may where the frame that calls has the id `base`. Otherwise `opens` is asked, with that frame.
    """

    # One class for all and 0 for none, so that what the hot path looks up and compares is of one kind.
    __slots__ = ("base", "home", "opens", "thread")

    def __init__(self, opens: Callable[[FrameType], bool] = lambda _: False) -> None:
        self.home = self.thread = self.base = 0
        self.opens = opens


class Fact(NamedTuple):
    """What a number in a tally stands for."""

    watch: Watch
    exempt: Exempt | None
    detail: tuple[str, ...]
    via: str | None = None


class Moment:
    """The span of the run on which observations are booked: one step of one test, or a bucket.

    `test` is a node id, or `None` with `bucket` set; `thread` names the thread or task whose moment this is when
    it has one of its own. `tally` counts by (fact number, thread number, id of the code, instruction); `ways` holds
    how each was first reached, `drained` what was handed out.
    """

    # Each test has three, and most of them hold nothing: what few have is looked up on the class, and no more is set
    # than has to be.
    fixture: str | None = None
    fixture_scope: str | None = None
    bucket: str | None = None
    origin: str | None = None
    thread: str | None = None
    drained: Mapping[Key, int] = MappingProxyType({})
    ways: MappingProxyType[Key, Way] | dict[Key, Way] = MappingProxyType({})

    def __init__(
        self,
        test: str | None = None,
        step: Step = Step.COLLECT,
        *,
        tally: dict[Key, int] | None = None,
        **more: str | None,
    ) -> None:
        self.test = test
        self.step = step
        self.tally: dict[Key, int] = {} if tally is None else tally
        for name, value in more.items():
            if name not in _OF_FEW:
                raise TypeError(f"a moment has no {name!r}")
            setattr(self, name, value)

    def own(self, name: str) -> dict[Key, Any]:
        """Return `drained` or `ways` to put something in, the same one for every thread."""
        held: dict[Key, Any] = self.__dict__.setdefault(name, {})
        return held

    def observed(self, site: Site, *, thread: str | None, **more: Any) -> Observation:
        """Return the observation of `site` in this moment."""
        return Observation(
            site=site,
            test=self.test,
            step=self.step,
            fixture=self.fixture,
            fixture_scope=self.fixture_scope,
            thread=thread,
            bucket=self.bucket,
            origin=self.origin,
            **more,
        )

    def __repr__(self) -> str:
        return f"<Moment: {self.step} of {self.test or self.bucket}, fixture {self.fixture}, origin {self.origin}>"


_OF_FEW = ("fixture", "fixture_scope", "bucket", "origin", "thread")


def _above(frame: FrameType | None, code: CodeType, ends: frozenset[str]) -> Iterator[tuple[CodeType, int]]:
    """Yield what led to `code`, which runs in `frame` or above it, up to whatever stands in one of `ends`.

    Nothing where `code` has ended, as that of a thread's starter may have.
    """
    found = False
    for _ in range(_DEEPEST):
        if frame is None or frame.f_code.co_filename in ends:
            return
        if found:
            yield frame.f_code, frame.f_lasti
        found = found or frame.f_code is code
        frame = frame.f_back


class Recorder:
    """Book what the detectors see, and hand it out as observations.

    `current` is the moment booked on. `moment_here`, when set, is asked instead: whoever follows threads and tasks
    puts a callable there that returns the moment of the caller (a `ContextVar.get` is cheap enough). `elsewhere`, when
    set, is asked on threads other than the `runner`, the one that last set `current`. `task_here`, when set, returns
    the name of the task that runs here, `""` for one without a name and `None` where no event loop runs.
    `gate` is open for the thread that counts in slots, which is the one that last set `current`, and none while
    `moment_here` is set; `on_home` are called with its ident, or with 0, when that changes. `concerns` says which sites
    a drain tells of. `before_drain` are called first by each drain, `on_change` before another moment is current, of
    which each may take itself out. `way_ends` are the files at whose frames a way begins; `None` keeps no ways.
    `made` returns the moment that `turn` has left to be asked for.
    `stirred` is set whenever anything is booked anew on any moment; whoever asks takes it back. `followed_by`, when
    set, is called with each moment that is current from then on, and `told` with whatever is drained. Without
    `names_threads` a thread goes by its ident, which another gets when it has ended: a program that starts threads for
    ever needs no more memory for it.
    """

    def __init__(self, tree: Tree, *, names_threads: bool = True) -> None:
        self.concerns: Callable[[Site], bool] = lambda _: True
        self.before_drain: list[Callable[[], None]] = []
        self.on_change: list[Callable[[], None]] = []
        self.gate = SlotGate()
        self.on_home: list[Callable[[int], None]] = []
        self.runner: int = get_ident()
        self.elsewhere: Callable[[], Moment] | None = None
        self.way_ends: frozenset[str] | None = None
        self.stirred = False
        self.told: Callable[[list[Observation]], None] | None = None
        self.task_here: Callable[[], str | None] | None = None
        self.followed_by: Callable[[Moment], None] | None = None
        self._names_threads = names_threads
        self._sites = Sites(tree)
        self._codes: dict[int, CodeType | Written] = {}
        self._threads: dict[int, str] = {}
        self._tasks: dict[str, int] = {}
        self._main = threading.main_thread().ident
        self._local = _local()
        self._next = count(1)
        self._facts: dict[int, Fact] = {}
        self._numbers: dict[Fact, int] = {}
        self._slots: dict[tuple[int, str], Slots] = {}
        self._touched: list[tuple[int, int, Slots]] = []
        self._moment_here: Callable[[], Moment] | None = None
        self.made: Callable[[], Moment] = Moment
        self._current: Moment | None = None
        self.current = Moment(bucket="collection")

    @property
    def current(self) -> Moment:
        """Return the moment booked on where no `moment_here` says otherwise."""
        return self._current or self._asked()

    @current.setter
    def current(self, moment: Moment) -> None:
        if self._touched:
            self._settle()
        for changing in tuple(self.on_change):
            changing()
        self._current = moment
        self.runner = get_ident()
        apart = self._moment_here is not None or (self.task_here is not None and self.task_here() is not None)
        self.count_on(0 if apart else self.runner)
        if self.followed_by is not None:
            self.followed_by(moment)

    def turn(self, moment: Moment | None) -> None:
        """Make `moment` current on the thread that did so last; cheaper than to set `current`.

        `None` stands for what `made` returns, which is called once somebody asks: most steps of a test end unasked.
        """
        asked = self._moment_here or self.task_here or self.followed_by
        if self._touched or self.on_change or asked is not None:
            self.current = moment or self.made()
        else:
            self._current = moment

    def _asked(self) -> Moment:
        """Return the moment that nobody has asked for yet; only the thread that turns keeps it, for until it turns."""
        moment = self.made()
        if get_ident() == self.runner:
            self._current = moment
        return moment

    @property
    def home(self) -> int:
        """The ident of the thread that counts in slots, 0 for none."""
        return self.gate.home

    def count_on(self, home: int) -> None:
        """Let the thread with this ident count in slots, 0 for none."""
        if home != self.gate.home:
            self.gate.home = home
            for changed in self.on_home:
                changed(home)

    @property
    def moment_here(self) -> Callable[[], Moment] | None:
        """Return what is asked for the moment of the caller, `None` where it is always the current one."""
        return self._moment_here

    @moment_here.setter
    def moment_here(self, here: Callable[[], Moment] | None) -> None:
        self._moment_here = here
        self.current = self.current

    def here(self) -> Moment:
        """Return the moment of the caller."""
        if self._moment_here is not None:
            return self._moment_here()
        if self.elsewhere is None or get_ident() == self.runner:
            return self._current or self._asked()
        return self.elsewhere()

    def slots(self, number: int, filename: str) -> Slots:
        """Return where the home thread counts the fact `number` for callers in `filename`, by instruction."""
        return self._slots.setdefault((number, filename), {})

    def _settle(self) -> None:
        """Move what was counted in slots to the tally of the moment that ends."""
        tally = self.current.tally
        while self._touched:
            number, thread, slots = self._touched.pop()
            while slots:
                lasti, (code, counted, _) = slots.popitem()
                if counted[0]:
                    key = (number, thread, id(code), lasti)
                    tally[key] = tally.get(key, 0) + counted[0]

    def _totals(self, moment: Moment) -> dict[Key, int]:
        """Return the tally of `moment` with what its slots hold by now."""
        # `copy` is one step for every other thread; iterating is not.
        totals = moment.tally.copy()
        if moment is self._current:
            for number, thread, slots in list(self._touched):
                for lasti, (code, counted, _) in slots.copy().items():
                    key = (number, thread, id(code), lasti)
                    totals[key] = totals.get(key, 0) + counted[0]
        return totals

    @property
    def sites(self) -> Sites:
        """Return the maker of sites, with the files it has parsed so far."""
        return self._sites

    def number(
        self, watch: Watch, *, exempt: Exempt | None = None, detail: tuple[str, ...] = (), via: str | None = None
    ) -> int:
        """Return the number (from 1) under which this is booked, the same one each time."""
        fact = Fact(watch, exempt, detail, via)
        number = self._numbers.get(fact)
        if number is None:
            # Without a lock, which a finalizer on the same thread could run into: a lost race wastes a number.
            fresh = next(self._next)
            self._facts[fresh] = fact
            number = self._numbers.setdefault(fact, fresh)
        return number

    def book(self, number: int, frame: FrameType, *, slots: Slots | None = None, gate: SlotGate | None = None) -> None:
        """Count one occurrence of the fact `number` at the instruction `frame` is executing.

        With `slots`, which must be those of the number and the frame's file, later ones may be counted there, as long
        as `gate` is open.
        """
        code, lasti = frame.f_code, frame.f_lasti
        slot = None if slots is None else slots.get(lasti)
        if slot is not None and slot[0] is code and get_ident() == slot[2].home:
            slot[1][0] += 1
        else:
            self.book_at(number, code, lasti, slots=slots, frame=frame, gate=gate)

    def book_at(
        self,
        number: int,
        code: CodeType | Written,
        lasti: int,
        *,
        slots: Slots | None = None,
        frame: FrameType | None = None,
        gate: SlotGate | None = None,
    ) -> None:
        """Count one occurrence of the fact `number` at the instruction `lasti` of `code`.

        `code` runs in `frame` or above it, where that is known.
        """
        moment = self.here()
        tally = moment.tally
        task = None if self.task_here is None else self.task_here()
        thread = self._named(task) if task else self.thread()
        key = (number, thread, id(code), lasti)
        try:
            tally[key] += 1
        except KeyError:
            self._codes[key[2]] = code  # the id must not go to another
            tally[key] = 1
            self.stirred = True
            if self.way_ends is not None and not isinstance(code, Written):
                moment.own("ways")[key] = ((code, lasti), *_above(frame, code, self.way_ends))
        if slots is None or task is not None or isinstance(code, Written):
            return
        if lasti not in slots and get_ident() == self.home:
            if not slots:
                self._touched.append((number, thread, slots))
            slots[lasti] = code, [0], gate or self.gate

    def _named(self, task: str) -> int:
        """Return the number of the tasks called `task`."""
        number = self._tasks.get(task)
        if number is None:
            number = self._tasks.setdefault(task, next(self._next))
            self._threads[number] = task
        return number

    def thread(self) -> int:
        """Return the number of this thread; unlike its ident, no other thread ever gets it."""
        if not self._names_threads:
            return get_ident()
        try:
            number: int = self._local.number
        except AttributeError:
            ident = get_ident()
            number = next(self._next)
            if ident != self._main:
                # `current_thread()` would leave a dummy thread behind for one that `threading` did not start.
                thread = threading._active.get(ident)  # type: ignore[attr-defined]
                self._threads[number] = f"Thread-{number}" if thread is None else thread.name
            self._local.number = number
        return number

    def hit(
        self, watch: Watch, frame: FrameType, *, exempt: Exempt | None = None, detail: tuple[str, ...] = ()
    ) -> None:
        """Book one occurrence of `watch` at the instruction `frame` is executing."""
        self.book(self.number(watch, exempt=exempt, detail=detail), frame)

    def way(self, moments: Iterable[Moment], site: str) -> Way:
        """Return how the site with this id was first reached in `moments`; nothing where that is not known."""
        for moment in moments:
            for key, way in moment.ways.copy().items():
                fact, code, lasti, _ = self.meaning(key)
                if self._sites.site(fact.watch, code, lasti).id == site:
                    return way
        return ()

    def meaning(self, key: Key) -> tuple[Fact, CodeType | Written, int, str | None]:
        """Return what a key of a tally stands for: the fact, code and instruction, the thread if not the main one."""
        number, thread, code, lasti = key
        return self._facts[number], self._codes[code], lasti, self._threads.get(thread)

    def drain(self, moment: Moment) -> list[Observation]:
        """Return what was booked on `moment` since it was last drained, equal occurrences counted together."""
        for settle in self.before_drain:
            settle()
        found: dict[tuple[Site, Fact, str | None], int] = {}
        drained: dict[Key, int] = {}
        for key, total in self._totals(moment).items():
            new = total - moment.drained.get(key, 0)
            if new <= 0:  # below zero: counted between two looks, and seen by the next drain
                continue
            drained[key] = total
            number, thread_number, code, lasti = key
            fact = self._facts[number]
            if fact.watch.spelled and not self._sites.spells(self._codes[code], lasti, fact.watch.spelled):
                continue
            thread = moment.thread or self._threads.get(thread_number)
            same = (self._sites.site(fact.watch, self._codes[code], lasti), fact, thread)
            found[same] = found.get(same, 0) + new
        if drained:  # at the end, so that nothing is lost where a place could not be looked up
            moment.own("drained").update(drained)
        observations = [
            moment.observed(site, thread=thread, count=total, exempt=fact.exempt, detail=fact.detail, via=fact.via)
            for (site, fact, thread), total in found.items()
            if self.concerns(site)
        ]
        if self.told is not None:
            self.told(observations)
        return observations
