"""Say whose the observations of child processes are: the test's that started them while it runs, nobody's later."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.detect.children.starting import Starts
from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder
from pytest_ssot_tracker.detect.record.sites import Watch
from pytest_ssot_tracker.detect.threads.baggage import Carried
from pytest_ssot_tracker.detect.threads.watch import started_by
from pytest_ssot_tracker.model import BlindSpot, Exempt, Observation, Rule, Site, Step
from pytest_ssot_tracker.records import NamedTuple, replace

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.children.spool import Era, Spool, Spools

__all__ = ["LOADING", "SERVICE", "Processes"]

SERVICE = "service"
"""The bucket of a program that runs under watch, whose observations no test has a part in."""

LOADING = "settings.json"
"""The file in the folder of the spools that says how a child loads the settings."""


_BETWEEN = "between tests"
_CHILD = "a child interpreter"
_UNHEARD = "it ended and never said that it watched: another user or limits may have kept it from writing, or a signal"
_UNWRITTEN = "it could not write what it saw: another user, another root or limits kept it from that"


class _ProcessStarter(NamedTuple):
    """Whoever starts a process: a moment, in its era; one that is nobody's has the era `None`."""

    era: int | None
    test: str | None
    step: Step
    fixture: str | None
    fixture_scope: str | None
    bucket: str | None
    words: str


class _Whose(NamedTuple):
    """What an observation says of whose it is: fields of the same names."""

    test: str | None
    bucket: str | None
    origin: str | None
    step: Step = Step.CALL
    fixture: str | None = None
    fixture_scope: str | None = None


def _whose(starter: _ProcessStarter, words: Mapping[str, Any], *, era: int, test: str | None) -> _Whose:
    """Return whose it is what a child has seen: the test's that its baggage names, else its starter's.

    `test` runs in the present `era`. What a test has left running when it ended is no part of it.
    """
    carried = Carried.of(words.get("test", ""))
    now = words["era"] == era
    if carried.test and not carried.left:
        if starter.bucket == SERVICE:
            return _Whose(carried.test, None, starter.words)
        if now and carried.test == test:
            return _Whose(test, None, None)
    if carried.test:
        sender = f"what {carried.test} left running" if carried.left else carried.test
        return _Whose(None, "unattributed", f"{starter.words}, asked by {sender}")
    if now and starter.era == era:
        origin = starter.words if starter.bucket == SERVICE else None
        return _Whose(starter.test, starter.bucket, origin, starter.step, starter.fixture, starter.fixture_scope)
    return _Whose(None, "unattributed", starter.words)


class Processes:
    """Follow the processes that tests start.

    With `loading`, the arguments of `settings.load` as plain data, they watch themselves and are heard; without, each
    is a blind spot. `blind_spots` are those of no test; `era` counts the tests that are over. While `silent`, neither
    `drain` nor `unwatched_by` has anything to say. `killed` tells, in words, of processes that were killed: what they
    had seen is there, what they would have done is not. `on_start_between` is called whenever something is started
    while no test runs. `heard` tells that at least one has watched itself.
    """

    def __init__(self, recorder: Recorder, *, loading: Mapping[str, Any] | None = None) -> None:
        self.blind_spots: list[BlindSpot] = []
        self.era = 0
        self.killed: list[str] = []
        self.on_start_between: Callable[[], object] = lambda: None
        self.heard = False
        self.silent = loading is None
        self.folder = ""
        self.watches = loading is not None
        self._recorder = recorder
        self._loading = loading
        self._starts = Starts(self)
        self._starters: dict[_ProcessStarter, int] = {}
        self._served: dict[int, int] = {}
        self._expected: dict[int, tuple[_ProcessStarter, str]] = {}
        self._begun: set[int] = set()
        self._unwatched: list[BlindSpot] = []
        self._lost = 0
        self._page: Era | None = None
        self._spools: Spools | None = None
        self._new_spool: type[Spool] | None = None
        self._lives: Callable[[int], bool]
        self._before_fork: Callable[[], Moment] | None = None
        self._between = False

    def install(self) -> Callable[[], None]:
        """Begin to follow; return the undo, which leaves no file behind."""
        if self._loading is not None:
            from tempfile import mkdtemp

            self._begin(mkdtemp(prefix="ssot-"))  # which only this user can enter
        self._starts.install()
        return self.undo

    def _begin(self, folder: str) -> None:
        """Have children write into `folder` from now on."""
        from pytest_ssot_tracker.detect.children.spool import Era, Spool, Spools, lives

        self.folder = folder
        Path(folder, LOADING).write_text(json.dumps(dict(self._loading or {})), encoding="utf-8")
        self._page = Era(folder, writes=True)
        self._spools = Spools(folder)
        self._new_spool = Spool
        self._lives = lives

    def undo(self) -> None:
        """Follow nothing any more; may be called twice."""
        self._starts.undo()
        self._spools = None
        if self.folder and not self.in_child:
            from shutil import rmtree

            rmtree(self.folder, ignore_errors=True)

    @property
    def in_child(self) -> bool:
        """Whether this is a forked child, which has nothing to report of the run."""
        return self._starts.in_child

    def era_ended(self) -> None:
        """Note that a test is over: from now on nothing it has started is its own."""
        self.era += 1
        if self._page is not None:
            self._page.end()

    # What is told where a process starts

    def starting(self) -> int:
        """Return the number of whoever starts a process here."""
        return self._starters.setdefault(self._starter(), len(self._starters))

    def started(self, pid: int) -> None:
        """Note that the process `pid`, which cannot know it, is started here."""
        self._served[pid] = self.starting()

    def expects(self, pid: int, target: str) -> None:
        """Note that the process `pid` is to say that it watches; one that does not is a blind spot `target`."""
        self._expect(pid, self._starter(), target)

    def unwatched(self, target: str, why: str) -> None:
        """Note that a process which is started here is not watched."""
        self._blind(self._starter(), target, why)

    def forked(self, starter: int) -> Spool:
        """Begin anew in a forked child: what was seen before is its parent's."""
        assert self._new_spool is not None, "only one that watches its children is asked"
        spool = self._new_spool(self.folder, starter, self._recorder)
        self._before_fork = self._recorder.moment_here
        self._recorder.moment_here = spool.here
        self._spools = None
        return spool

    def runs_test(self) -> bool:
        """Watch as the forked process did, where this one was forked between tests to run one; return whether it was.

        The test is reported from here, with all that it starts.
        """
        if not (self.in_child and self._between):
            return False
        if self.watches:
            folder = f"{self.folder}{os.sep}{os.getpid()}"
            os.mkdir(folder, 0o700)
            self._begin(folder)
            self._starters, self._served, self._expected, self._begun = {}, {}, {}, set()
            self.era = self._lost = 0
            self._recorder.moment_here = self._before_fork
            self._starts.sink = self
        return True

    def _starter(self) -> _ProcessStarter:
        moment = self._recorder.here()
        late = moment.bucket == "unattributed"
        self._between = moment.origin == _BETWEEN
        if self._between:
            self.on_start_between()
        return _ProcessStarter(
            era=None if late else self.era,
            test=moment.test,
            step=moment.step,
            fixture=moment.fixture,
            fixture_scope=moment.fixture_scope,
            bucket=moment.bucket,
            words=(moment.origin or "?") if late or moment.bucket == SERVICE else started_by("process", moment),
        )

    def _blind(self, starter: _ProcessStarter, target: str, why: str) -> None:
        if starter.test is None:
            if starter.words != _BETWEEN:
                self._add(self.blind_spots, BlindSpot(target, why))
        else:
            self.silent = False
            self._recorder.stirred = True
            self._add(self._unwatched, BlindSpot(target, why, test=starter.test))

    @staticmethod
    def _add(spots: list[BlindSpot], spot: BlindSpot) -> None:
        if spot not in spots:
            spots.append(spot)

    # What is heard

    def unwatched_by(self, test: str) -> list[BlindSpot]:
        """Return what `test` has started that is not watched; what is left of other tests becomes nobody's."""
        if not self._unwatched:
            return []
        told, self._unwatched = self._unwatched, []
        for observation in told:
            if observation.test != test:
                self._add(self.blind_spots, BlindSpot(observation.target, observation.why))
        return [observation for observation in told if observation.test == test]

    def drain(self, era: int, test: str | None = None) -> list[Observation]:
        """Return what children have seen since the last call; what was not in `era`, or not its own, is nobody's.

        `test` is the one that runs in `era`.
        """
        if self._spools is None:
            return []
        found: dict[Observation, int] = {}
        starters = list(self._starters)
        ended = [pid for pid in self._expected if era < 0 or not self._lives(pid)]  # asked before all is read
        for seen in self._spools.read():
            starter = starters[self._served.get(seen.pid, seen.starter)]
            if self._is_of_process(seen.words, seen.pid, starter):
                continue
            observation = self._observation(seen.words, starter, _whose(starter, seen.words, era=era, test=test))
            if self._recorder.concerns(observation.site):
                found[observation] = found.get(observation, 0) + seen.new
        for pid in ended:
            if pid in self._expected:
                self._blind(*self._expected.pop(pid), _UNHEARD)
        self._name_lost(test)
        return [replace(observation, count=count) for observation, count in found.items()]

    def _is_of_process(self, words: Mapping[str, Any], pid: int, starter: _ProcessStarter) -> bool:
        """Take what a child says of a process, itself or one that it has started; tell whether it says that."""
        if "begun" in words:
            self._has_begun(pid)
        elif "expected" in words:
            self._expect(words["expected"], starter, words["target"])
        elif "killed" in words:
            self.killed.append(words["killed"])
        elif "ssot" in words:
            self._add(self.blind_spots, BlindSpot(words["target"], words["why"], words["ssot"] or None))
        elif "why" in words:
            if "target" not in words:
                self._has_begun(pid)
            self._blind(starter, words.get("target", _CHILD), words["why"])
        else:
            return False
        return True

    def _expect(self, pid: int, starter: _ProcessStarter, target: str) -> None:
        if pid in self._begun:
            self._begun.remove(pid)
        else:
            self._expected[pid] = starter, target

    def _has_begun(self, pid: int) -> None:
        self.heard = True
        if self._expected.pop(pid, None) is None:
            self._begun.add(pid)

    def _name_lost(self, test: str | None) -> None:
        """Name it where children had something to write and could not since the last call."""
        if self._page is not None and self._page.lost != self._lost:
            self._lost = self._page.lost
            self._add(self.blind_spots if test is None else self._unwatched, BlindSpot(_CHILD, _UNWRITTEN, test=test))

    def _observation(self, words: Mapping[str, Any], starter: _ProcessStarter, whose: _Whose) -> Observation:
        thread: str | None = words["thread"]
        if starter.bucket != SERVICE:
            thread = "child process" if thread is None else f"child process, {thread}"
        return Observation(
            site=self._site(words),
            thread=thread,
            exempt=None if words["exempt"] is None else Exempt(words["exempt"]),
            detail=tuple(words["detail"]),
            via=words["via"],
            **whose._asdict(),
        )

    def _site(self, words: Mapping[str, Any]) -> Site:
        rule, *names = words["watch"]
        return self._recorder.sites.site_at(Watch(Rule(rule), *names), *words["at"])
