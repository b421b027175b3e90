"""Follow each test where it runs: say whose moment it is, have it judged, act on the verdict.

One object of `Running` lives in every process that runs tests: alone, or as an xdist worker.
"""

from __future__ import annotations

import os
from _thread import get_ident
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.skipping import xfailed_key

from pytest_ssot_tracker.detect.record.recorder import Moment
from pytest_ssot_tracker.judge.markers import UNMARKED, MarkError, Marks, read_marks
from pytest_ssot_tracker.judge.verdict import Judgement, Raised
from pytest_ssot_tracker.judge.whole_run import collected
from pytest_ssot_tracker.judge.words import harmless, told
from pytest_ssot_tracker.model import BlindSpot, Decision, Observation, Phase, Site, Step, Verdict
from pytest_ssot_tracker.plugin import Hooks
from pytest_ssot_tracker.plugin.marked import MarkedTargets
from pytest_ssot_tracker.plugin.screen import width
from pytest_ssot_tracker.plugin.source_scan import remember
from pytest_ssot_tracker.records import replace
from pytest_ssot_tracker.report.wire import SessionPacket, TestPacket, pack

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.lines import Lines
    from pytest_ssot_tracker.detect.threads.watch import Lingering
    from pytest_ssot_tracker.isolate.isolation import Isolation
    from pytest_ssot_tracker.isolate.leak import Fingerprint
    from pytest_ssot_tracker.plugin.active import Active
    from pytest_ssot_tracker.plugin.chain import Frame

__all__ = ["Attempt", "Running"]

_ABOVE_TESTS = frozenset({pytest.Function.runtest.__code__.co_filename, pytest.FixtureDef.execute.__code__.co_filename})
"""Where what calls tests and fixtures stands: what is above it is nobody's way to a site."""

_SELDOM = 64
"""After how many tests all that is watched is looked after, and not only what was declared."""

_LEAVE_ALONE = (KeyboardInterrupt, SystemExit, GeneratorExit, pytest.exit.Exception)


class Attempt:
    """One attempt at one test: whose moments there were, what they held, what was decided.

    `step` is the one that runs, and `moments` are those that somebody has asked for, of steps by step. `seen` are all
    its observations so far, `unsent` those that no report has carried yet; `judgement` is the latest; `own_markers` is
    how many markers the test itself had when `marks` were read; `raised` tells that set-up or body ended by an
    exception of their own. `put_off` is what could not be judged while the test had something replaced that judging
    needs: how its body ended, and why it was put off. `named` are the blind spots it was given, so that each is told
    once. `failure` is the exception that failed it last, and the sites (their ids) that it speaks of. `news` is set
    with whatever a report is to carry beside what was booked.
    """

    # No record: each test makes one, and what few have is looked up on the class.
    step = Step.SETUP
    seen: tuple[Observation, ...] = ()
    unsent: tuple[Observation, ...] = ()
    reached: tuple[Observation, ...] = ()
    blind_spots: tuple[BlindSpot, ...] = ()
    named: tuple[BlindSpot, ...] = ()
    failure: tuple[BaseException, tuple[str, ...]] | None = None
    judgement: Judgement | None = None
    raised = False
    news = False
    put_off: tuple[Raised | None, Exception] | None = None

    def __init__(self, test: str, marks: Marks, era: int, own_markers: int) -> None:
        self.test = test
        self.marks = marks
        self.era = era
        self.own_markers = own_markers
        self.is_marked = marks is not UNMARKED and (bool(marks.expects) or marks.enforce)
        self.moments: dict[object, Moment] = {}

    def moment(self) -> Moment:
        """Return the moment of the step that runs, the same one for every thread."""
        step = self.step
        return self.moments.get(step) or self.moments.setdefault(step, Moment(self.test, step))

    @property
    def quiet(self) -> bool:
        """Whether nothing was seen and no marker of ours says anything."""
        if self.seen or self.is_marked:
            return False
        for moment in [*self.moments.values()]:  # noqa: SIM110 - a test may have replaced `any`
            if moment.tally:
                return False
        return True

    def failed(self, decision: Decision) -> BaseException:
        """Return what fails the test for `decision`, and keep it: its report will show how the test got there."""
        error = pytest.fail.Exception(decision.reason, pytrace=False)
        self.failure = error, decision.sites
        return error


class Running(Hooks):
    """Book what happens on the test, step and fixture it belongs to, and fail or xfail the test that violates."""

    def __init__(self, active: Active) -> None:
        self._active = active
        self._recorder = active.recorder
        self._processes = active.processes
        self._watch = active.watch
        self._is_bound = active.watch.is_bound
        self._tables = {table.name for table in active.settings.tables}
        self._targets = MarkedTargets(active.settings)
        self._marks: dict[str, Marks] = {}
        self._marked: list[Marks] = []
        self._marks_by_path: dict[str, list[Marks]] = {}
        self._session_packets: list[SessionPacket] = []
        self._of_no_test: list[Observation] = []
        self._attempt: Attempt | None = None
        self._collection = active.recorder.current
        self._isolation = active.isolation() if active.has_singletons else None
        self._before: Mapping[str, Fingerprint] = {}
        self._lingering: list[Lingering] = []
        self._between = Moment(step=Step.TEARDOWN, bucket="unattributed", origin="between tests")
        self._session_moments: list[Moment] = [self._between]
        self._collected: list[Observation] | None = None
        self._module_sites: dict[str, list[Site]] = {}
        self._deselected = False
        self._can_fail = True
        self.refused: str | None = None
        self._junit = any(request.type == "junit" for request in active.options.reports)
        self._lines: Lines | None = None
        self._reached: list[Observation] = []
        # Loaded before the first test, which may replace what loading needs, and only where something can come of it.
        self._chain: Any = None
        self._leaked: Callable[..., Observation]
        self._carrying = False
        self._forked = self._follows_forked = False
        self._processes.on_start_between = self._follow_forked
        self.on_carry: Callable[[], object] = lambda: None

    # What the scan knows

    def pytest_sessionstart(self) -> None:
        """Watch the lines where the scan found what no detector sees; know what earlier runs have found out."""
        scanned = self._active.session.scanned
        if self._active.config.option.collectonly:
            return
        remember(self._active)
        if scanned is None:
            return
        if scanned.lines:
            from pytest_ssot_tracker.detect.lines import Lines

            self._lines = Lines(self._active.settings.tree, self._recorder, scanned.sites, scanned.lines)
            self._active.config.add_cleanup(self._lines.start())

    def _in_own_body(self, item: pytest.Item, path: str) -> list[Site]:
        """Return the scan sites that stand in the body of the test."""
        scanned = self._active.session.scanned
        if scanned is None:
            return []
        scope = _scope(item)
        inside = f"{scope}."
        mine = (site for site in scanned.at(path) if site.scope == scope or site.scope.startswith(inside))
        return [site for site in mine if site.id not in scanned.exempt]

    def _ran(self, test: str) -> list[Observation]:
        """Return which scan sites the test has reached since it was last asked; keep those reached elsewhere."""
        if self._lines is None:
            return []
        fresh = self._lines.drain()
        self._reached += (observation for observation in fresh if observation.test != test)
        return [observation for observation in fresh if observation.test == test]

    # Collection

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note that not everything was asked for: an xdist controller never hears of it."""
        self._deselected = self._deselected or bool(items)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Read the markers of every test, and refuse all bad ones at once."""
        problems = self._shadowed_by_conftests()
        above = cache(lambda node: [] if node is None else [*node.own_markers, *above(node.parent)])
        path, of_path = None, list[Marks]()
        for item in items:
            # What `iter_markers` gives, without a walk from the item to the root for each item.
            written = item.own_markers + above(item.parent)
            marks = UNMARKED
            if written:
                try:
                    marks = self._read(written)
                    self._marked.append(marks)
                except MarkError as error:
                    problems.append(f"{item.nodeid}: {error}")
                    continue
            if item.path is not path:
                path = item.path
                of_path = self._marks_by_path.setdefault(self._active.settings.tree.relative(str(path)) or "", [])
            self._marks[item.nodeid] = marks
            of_path.append(marks)
        if problems:
            # An xdist worker hands on its items before it hears of the error: it must have none to be given back.
            items.clear()
            self.refused = "\n".join(map(harmless, problems))
            raise pytest.UsageError(self.refused)

    def _shadowed_by_conftests(self) -> list[str]:
        """Return a problem for each fixture of the configuration that a conftest defines too, as another thing.

        Conftests are known when tests have been collected, not when the configuration is read.
        """
        claims = {ssot.fixture: ssot.name for ssot in self._active.settings.ssots if ssot.fixture is not None}
        if not claims:
            return []
        from pytest_ssot_tracker.plugin.claimed import fixtures_of_conftests

        settings = self._active.settings
        file = "the configuration" if settings.file is None else settings.file.name
        found = fixtures_of_conftests(self._active.config.pluginmanager, settings.root)
        return [
            f"{file}: ssot.{table}.fixture: the fixture {name!r} is {found[name]}, which hands out something else; "
            "choose another name, or remove that fixture"
            for name, table in claims.items()
            if name in found
        ]

    def _read(self, marks: Iterable[pytest.Mark]) -> Marks:
        """Return what the markers of one test say in this run; raise `MarkError`."""
        read = read_marks(marks, tables=self._tables)
        self._targets.check(read)
        # As pytest does it: as if nothing were expected.
        return read._replace(expects=()) if self._active.config.option.runxfail else read

    def _read_again(self, item: pytest.Item, attempt: Attempt) -> None:
        """Take the markers that the test or a fixture has added while it ran, as pytest does for its own xfail."""
        attempt.own_markers, attempt.news = len(item.own_markers), True
        try:
            attempt.marks = marks = self._marks[item.nodeid] = self._read(item.iter_markers())
            attempt.is_marked = bool(marks.expects) or marks.enforce
        except MarkError as error:
            raise pytest.fail.Exception(harmless(f"{item.nodeid}: {error}"), pytrace=False) from None

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """End the collection's moment where the first test can begin."""
        self._begin()
        return (yield)

    def _begin(self) -> None:
        if self._isolation is not None:
            with self._active.muted():
                self._isolation.ready()
        self._recorder.made = self._moment
        self._recorder.current = self._between
        self._can_fail = self._judge_fails_tests()
        if self._can_fail:
            from pytest_ssot_tracker.plugin import chain

            self._recorder.way_ends = _ABOVE_TESTS
            self._chain = chain
        if self._isolation is not None:
            from pytest_ssot_tracker.detect.canonical.offering import leaked

            self._leaked = leaked
        self._look(self._watch.heal)
        self._active.era_ended(lambda: self._collection)
        heard = self._active.processes.drain(0)
        self._of_no_test += (observation for observation in heard if observation.bucket != "collection")
        self._collected = self._recorder.drain(self._collection)
        self._collected += (observation for observation in heard if observation.bucket == "collection")
        for observation in self._collected:
            if observation.exempt is None:
                self._module_sites.setdefault(observation.site.path, []).append(observation.site)
        marks = {path: self._marks_by_path[path] for path in self._module_sites if path in self._marks_by_path}
        judged = collected(self._active.session.judge, self._collected, marks)
        self._session_packets.append(
            self._active.packet(
                number=0, observations=tuple(self._collected), statuses=judged.statuses, failing=judged.failing
            )
        )

    def _judge_fails_tests(self) -> bool:
        """Whether a test can fail for a site at all."""
        phases = map(self._active.session.judge.phase, self._tables)
        if any(phase is not Phase.BASELINE for phase in phases):
            return True
        if any(table.late for table in self._active.settings.tables):  # some of what it declares is to be gone by now
            return True
        return any(marks.enforce or marks.expects for marks in self._marked)

    # What goes out

    def _is_quiet(self, attempt: Attempt) -> bool:
        """Whether nothing was seen in a test and no marker of ours says anything."""
        if self._recorder.stirred or attempt.seen:
            return attempt.quiet
        return not attempt.is_marked

    def carry(self) -> None:
        """Have reports carry what there is to tell, from now on."""
        if self._carrying:
            return
        with suppress(Exception):  # the test has something replaced that this needs: after its next step, then
            self.on_carry()
            self._active.config.pluginmanager.register(Carrying(self), "ssot_tracker_carrying")
            self._carrying = True

    def _follow_forked(self) -> None:
        """See to it that no test is lost without a word: what starts between tests may be the process of one."""
        if not self._follows_forked:
            self._follows_forked = True
            self._active.config.pluginmanager.register(ForkedTests(self._active), "ssot_tracker_forked_tests")

    def _has_been_forked(self) -> None:
        """Begin to tell of a test from a process of its own: what was seen before, the one that forked it tells."""
        self._forked = True
        self._drain_session()
        self._session_packets, self._of_no_test, self._reached = [], [], []
        self.carry()

    def load(self, report: pytest.TestReport, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Let what is new ride on the report, where neither a crash nor a worker's end can lose it."""
        attempt = self._attempt
        if attempt is not None and attempt.test == report.nodeid:
            if attempt.failure is not None and call.excinfo is not None:
                self._show_chain(attempt, call.excinfo, report)
            try:
                packet = self._packet(item, attempt, call.when)
                if packet is not None:
                    vars(report)["ssot"] = packet
            except Exception as error:  # the test has something replaced: its next report carries everything
                if call.when == "teardown":
                    vars(report)["ssot_lost"] = f"what {attempt.test} did could not be reported: {told(error)}"
            if self._junit and call.when == "teardown":
                report.user_properties += _properties(attempt.seen)
        if self._forked and call.when == "teardown":
            self._session_packets.append(self._packet_of_session(number=os.getpid()))
        if self._session_packets:
            vars(report)["ssot_session"] = [pack(packet) for packet in self._session_packets]
            self._session_packets.clear()

    def _show_chain(
        self, attempt: Attempt, error: pytest.ExceptionInfo[BaseException], report: pytest.TestReport
    ) -> None:
        """Have the report of a test that we failed show the way to each site."""
        assert attempt.failure is not None
        failure, sites = attempt.failure
        chain = self._chain
        if error.value is not failure or chain is None:
            return

        def way_to(site: str) -> Sequence[Frame]:
            way = self._recorder.way([*attempt.moments.values()], site)
            found: Sequence[Frame] = chain.frames(way, self._recorder.sites, self._active.settings.tree)
            return found

        with suppress(Exception):  # the test has something replaced: its sentence stands without the way
            shown = chain.representation(error, sites, way_to, width(self._active.config))
            report.longrepr = shown or report.longrepr

    def _packet(self, item: pytest.Item, attempt: Attempt, step: str) -> str | None:
        """Return what this step has to tell, packed; `None` for nothing: most tests have nothing to tell."""
        if not (self._is_quiet(attempt) and self._processes.silent):
            self.observed()
        judgement = attempt.judgement
        names = step == "setup" and attempt.marks.names
        if self._lines is not None and self._lines.hits:
            attempt.reached += tuple(self._ran(attempt.test))
        if not (attempt.unsent or judgement or names or attempt.blind_spots or attempt.reached):
            return None
        packet = TestPacket(
            test=attempt.test,
            step=Step(step),
            path=self._active.settings.tree.relative(str(item.path)) or "",
            scope=_scope(item),
            observations=attempt.unsent,
            reached=attempt.reached,
            decision=None if judgement is None else judgement.decision,
            statuses={} if judgement is None else judgement.statuses,
            marks=attempt.marks,
            blind_spots=attempt.blind_spots,
            raised=attempt.raised,
        )
        text = pack(packet)
        attempt.judgement = None
        attempt.unsent = attempt.reached = attempt.blind_spots = ()
        return text

    def final(self) -> list[SessionPacket]:
        """Return what is left to tell at the end of the session, each thing once."""
        self._drain_session()
        if self._attempt is not None:  # an interrupt ends a test without a report
            self.observed()
            self._of_no_test += self._attempt.unsent
            self._attempt.unsent = ()
        if self._collected is None:
            self._begin()
        self._of_no_test += self._active.incomplete()
        self._of_no_test += self._active.processes.drain(-1)
        self._active.processes.unwatched_by("")
        self._ran("")
        self._attempt = None
        self._look(self._watch.heal)
        packets = [*self._session_packets, self._packet_of_session(number=1)]
        self._session_packets, self._of_no_test, self._reached = [], [], []
        # Not only when pytest cleans up: another plugin's `pytest_unconfigure` may raise before that.
        if self._lines is not None:
            self._lines.close()
        self._active.stop()
        return packets

    def _drain_session(self) -> None:
        """Take what was seen that belongs to no test."""
        for moment in (*self._session_moments, *self._watch.origins.late):
            self._of_no_test += self._recorder.drain(moment)

    def _packet_of_session(self, *, number: int) -> SessionPacket:
        """Return what belongs to no test."""
        self._drain_session()
        return self._active.packet(
            number=number,
            observations=tuple(self._of_no_test),
            reached=tuple(self._reached),
            deselected=self._deselected,
        )

    # Steps of a test

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, object, object]:
        """Book the set-up on the test; judge at once when it ends the test."""
        __tracebackhide__ = True
        test = item.nodeid
        if self._processes.in_child and not self._forked and self._processes.runs_test():
            self._has_been_forked()
        marks = self._marks.get(test)
        if marks is None:
            marks = self._marks[test] = self._read(item.iter_markers())
        self._attempt = attempt = Attempt(test, marks, self._processes.era, len(item.own_markers))
        if marks.names:
            self.carry()
            attempt.blind_spots += tuple(self._targets.blind_spots(marks, test))
        if self._isolation is not None:
            self._isolation.test_begins()
            self._before = self._isolation.fingerprints()
            self._lingering = self._watch.origins.lingering()
        recorder = self._recorder
        # From here on the one question whether there may be anything to judge or to tell of the test.
        recorder.stirred = attempt.is_marked or not self._processes.silent
        if recorder.runner != get_ident():
            recorder.current = self._between
        recorder.turn(None)
        try:
            return (yield)
        except _LEAVE_ALONE:
            raise
        except BaseException as error:
            self._judge(item, Step.SETUP, error)
            raise
        finally:
            recorder.turn(self._between)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Book the call on the test, then act on the verdict: what the body swallowed counts all the same."""
        __tracebackhide__ = True
        attempt, recorder = self._attempt, self._recorder
        assert attempt is not None
        attempt.step = Step.CALL
        recorder.turn(None)
        try:
            result = yield
        except _LEAVE_ALONE:
            raise
        except BaseException as error:
            recorder.turn(self._between)
            self._judge(item, Step.CALL, error)
            raise
        finally:
            recorder.turn(self._between)
            if not self._is_bound():
                self._look(self._watch.rebound)
        if recorder.stirred or len(item.own_markers) != attempt.own_markers:
            self._judge(item, Step.CALL, None)
        return result

    def _look(self, ask: Callable[[], list[BlindSpot]], *, for_all: bool = False) -> None:
        """Name what the test, or any before it, had replaced of what is watched, as `ask` tells."""
        if self._processes.in_child and not self._forked:
            return
        attempt = None if for_all else self._attempt
        try:
            spots = ask()
        except Exception as error:  # the test has something replaced that looking needs
            spots = [BlindSpot("calls", f"whether they were still watched could not be told: {told(error)}")]
        if attempt is None:
            self._active.name(spots)
        elif spots:
            attempt.news = True
            known = set(attempt.named)
            fresh = tuple(spot for spot in (replace(spot, test=attempt.test) for spot in spots) if spot not in known)
            attempt.named += fresh
            attempt.blind_spots += fresh

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Book the teardown on the test; what is violated there is an error of the teardown."""
        __tracebackhide__ = True
        attempt, recorder = self._attempt, self._recorder
        assert attempt is not None
        attempt.step = Step.TEARDOWN
        recorder.turn(None)
        try:
            try:
                result = yield
            finally:
                recorder.turn(self._between)
                self._end(item, attempt)
            if recorder.stirred or attempt.put_off is not None:
                self._judge_teardown(item)
        finally:
            hit = self._lines is not None and self._lines.hits
            if not self._carrying and (recorder.stirred or attempt.news or hit):
                self.carry()
        return result

    def _end(self, item: pytest.Item, attempt: Attempt) -> None:
        """See that what the test has replaced is watched again, and that from now on nothing is booked on it."""
        if not self._watch.stands():
            self._look(self._watch.heal)
        elif self._processes.era % _SELDOM == 0:
            self._look(self._watch.heal, for_all=True)
        if self._lines is not None:
            self._lines.heal()
        if self._isolation is not None:
            self._note_leaks(self._isolation, item, attempt)
        self._active.era_ended(attempt.moment)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Book a fixture's set-up on the test that triggered it, and see that its teardown will be booked as well."""
        __tracebackhide__ = True
        recorder = self._recorder
        outer = recorder.current
        name, scope = fixturedef.argname, fixturedef.scope
        left: list[Moment] = []
        # Finalizers run last in, first out: these two stand around the fixture's own.
        fixturedef.addfinalizer(lambda: self._left(name, scope, left.pop()))
        recorder.current = self._booked(
            Moment(
                test=outer.test,
                step=outer.step,
                fixture=name,
                fixture_scope=scope,
                bucket=outer.bucket,
                origin=outer.origin,
            )
        )
        try:
            return (yield)
        finally:
            recorder.current = outer
            fixturedef.addfinalizer(lambda: left.append(self._leave(name, scope)))

    def _note_leaks(self, isolation: Isolation, item: pytest.Item, attempt: Attempt) -> None:
        """Book state that the test left in a singleton it did not ask for.

        Where something that an earlier test left running has run meanwhile, nobody can tell which of the two it was.
        """
        leaks = isolation.leaks(self._before)
        if not leaks:
            return
        lent = {"ssot", "execution_tracker", *(ssot.fixture for ssot in self._active.settings.ssots)}
        if lent.isdisjoint(getattr(item, "fixturenames", ())):
            attempt.news, moment = True, attempt.moment()
            ssots = {ssot.name: ssot for ssot in self._active.settings.ssots}
            other = next((each for each in self._lingering if each.has_moved), None)
            found = [
                self._leaked(self._recorder, ssots[table], changes, moment, other) for table, changes in leaks.items()
            ]
            if other is None:
                attempt.unsent += tuple(found)
            else:
                self._of_no_test += found

    def _leave(self, name: str, scope: str) -> Moment:
        """Begin the teardown of a fixture and return the moment that it interrupts."""
        recorder = self._recorder
        outer = recorder.current
        recorder.current = self._leaving(name, scope)
        return outer

    def _left(self, name: str, scope: str, outer: Moment) -> None:
        """End the teardown of a fixture; what a wide one has handled is forgotten with it."""
        self._recorder.current = outer
        if scope != "function":
            self._watch.fixture_ended(name)

    def _leaving(self, name: str, scope: str) -> Moment:
        """Return the moment of a fixture's teardown: the test's for a function's fixture, else the session's."""
        attempt = self._attempt
        if scope == "function" and attempt is not None:
            return self._booked(Moment(test=attempt.test, step=Step.TEARDOWN, fixture=name, fixture_scope=scope))
        moment = Moment(step=Step.TEARDOWN, fixture=name, fixture_scope=scope, bucket="teardown")
        self._session_moments.append(moment)
        return moment

    def _moment(self) -> Moment:
        """Return the moment of the step that runs."""
        assert self._attempt is not None
        return self._attempt.moment()

    def _booked(self, moment: Moment) -> Moment:
        if moment.test is not None and self._attempt is not None:
            self._attempt.moments[moment] = moment
        return moment

    # Verdicts

    def observed(self) -> Sequence[Observation]:
        """Return what the running test has recorded so far."""
        attempt = self._attempt
        if attempt is None:
            return ()
        for moment in [*attempt.moments.values()]:
            if moment.tally:
                fresh = tuple(self._recorder.drain(moment))
                attempt.seen += fresh
                attempt.unsent += fresh
        self._hear(attempt)
        return attempt.seen

    def _hear(self, attempt: Attempt) -> None:
        """Take what child processes have seen; what is not of this attempt is nobody's."""
        processes = self._processes
        if processes.silent:
            return
        for observation in processes.drain(attempt.era, attempt.test):
            if observation.test is None:
                self._of_no_test.append(observation)
            else:
                attempt.seen += (observation,)
                attempt.unsent += (observation,)
        attempt.blind_spots += tuple(processes.unwatched_by(attempt.test))

    def recorded(self) -> list[Site]:
        """Return the site of each observation of the running test so far, those that are exempt left out."""
        allows_caller = self._active.session.judge.allows_caller
        sites = (observation.site for observation in self.observed() if observation.exempt is None)
        return [site for site in sites if not allows_caller(site)]

    @property
    def violations(self) -> Sequence[Site]:
        """Return a live view of the sites that the running test has violated so far."""
        return Violations(self)

    def _judge(self, item: pytest.Item, step: Step, error: BaseException | None) -> None:
        """Judge set-up and call together; raise what the verdict asks for."""
        attempt = self._attempt
        assert attempt is not None
        attempt.raised = error is not None
        if len(item.own_markers) != attempt.own_markers:
            self._read_again(item, attempt)
        if self._processes.silent and self._is_quiet(attempt):
            return  # as nearly all are
        if _pytest_xfails(item) or isinstance(error, pytest.xfail.Exception):
            return
        skipped = isinstance(error, pytest.skip.Exception)
        raised = None if error is None else Raised(type(error), skip=skipped)
        try:
            if not self._processes.silent:
                self._hear(attempt)
            if self._is_quiet(attempt):
                return
            self.carry()
            if not self._is_judged(attempt):
                return
            attempt.judgement = self._judgement(item, attempt, raised)
        except Exception as problem:  # the test has something replaced, which its teardown puts back
            attempt.put_off, attempt.news = (raised, problem), True
            return
        decision = attempt.judgement.decision
        if decision.verdict is Verdict.XFAIL:
            raise pytest.xfail.Exception(decision.reason) from error
        if decision.verdict is Verdict.FAIL:
            if error is None or skipped:
                raise attempt.failed(decision) from None
            item.add_report_section(step.value, "ssot", decision.reason)
        for note in decision.notes if error is not None else ():
            item.add_report_section(step.value, "ssot", note)

    def _is_judged(self, attempt: Attempt) -> bool:
        """Whether a test can end otherwise than it does by itself; how its sites stand the report finds out anyway."""
        return self._can_fail or attempt.is_marked

    def _judgement(self, item: pytest.Item, attempt: Attempt, raised: Raised | None) -> Judgement:
        """Return what the judge says of set-up and call together."""
        in_module, in_body = self._evidence(item, attempt)
        return self._active.session.judge.test(
            attempt.test,
            self.observed(),
            attempt.marks,
            raised=raised,
            module_sites=in_module,
            own_scan_sites=in_body,
        )

    def _evidence(self, item: pytest.Item, attempt: Attempt) -> tuple[Sequence[Site], Sequence[Site]]:
        """Return the sites of the test's module at collection, and those that the scan found in the test's body."""
        path = self._active.settings.tree.relative(str(item.path)) or ""
        return self._module_sites.get(path, ()), self._in_own_body(item, path) if attempt.marks.expects else ()

    def _judge_put_off(self, item: pytest.Item, attempt: Attempt) -> None:
        """Judge after the teardown what could not be judged before it; what still cannot be is no pass."""
        assert attempt.put_off is not None
        raised, problem = attempt.put_off
        try:
            attempt.judgement = self._judgement(item, attempt, raised)
        except Exception:
            reason = harmless(f"{item.nodeid} could not be judged: {told(problem)}; what does it leave replaced?")
            raise pytest.fail.Exception(reason, pytrace=False) from None
        decision = attempt.judgement.decision
        if decision.verdict is Verdict.FAIL and raised is None:
            raise attempt.failed(decision)

    def _judge_teardown(self, item: pytest.Item) -> None:
        attempt = self._attempt
        assert attempt is not None
        if attempt.put_off is not None:
            self._judge_put_off(item, attempt)
            return
        if self._is_quiet(attempt) and self._processes.silent:
            return
        before = len(attempt.seen)
        fresh = list(self.observed()[before:])
        if not fresh:
            return
        attempt.news = True
        if not self._is_judged(attempt):
            return
        earlier = [use.site for use in attempt.seen[:before] if use.exempt is None]
        in_module, in_body = self._evidence(item, attempt)
        judgement = self._active.session.judge.teardown(
            attempt.test, fresh, attempt.marks, before=[*earlier, *in_module, *in_body]
        )
        attempt.judgement = judgement
        if judgement.decision.verdict is Verdict.FAIL:
            raise attempt.failed(judgement.decision)


class Carrying(Hooks):
    """What lets reports carry what a test has to tell; most tests have nothing, so it is not there until one has.

    A wrapper that does nothing costs each test as much as all else that we do for it.
    """

    def __init__(self, running: Running) -> None:
        self._running = running

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let what is new ride on the report."""
        report = yield
        self._running.load(report, item, call)
        return report


class ForkedTests(Hooks):
    """What notices that a test ended before it was torn down, as one does whose process is not that of the session.

    A plugin that forks for each test (pytest-forked) gets the reports of it back, which carry what there is to tell,
    and makes one up where the process has crashed.
    """

    def __init__(self, active: Active) -> None:
        self._active = active
        self._torn_down: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which test was torn down last."""
        if report.when == "teardown":
            self._torn_down = report.nodeid

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Name a test whose end nobody has told."""
        if nodeid != self._torn_down:
            self._active.name([BlindSpot(nodeid, "the process it ran in ended before it had told what the test used")])


class Violations(Sequence[Site]):
    """What the running test has recorded so far, each site once, those that the configuration allows left out."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def _now(self) -> list[Site]:
        return list(dict.fromkeys(self._running.recorded()))

    def __len__(self) -> int:
        return len(self._now())

    def __getitem__(self, index: Any) -> Any:
        return self._now()[index]

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<ssot_violations: {[f'{site.rule} of {site.target} at {site.where}' for site in self]}>"


def _scope(item: pytest.Item) -> str:
    """Return the qualified name of the test's function."""
    return item.location[2].partition("[")[0]


def _properties(seen: Iterable[Observation]) -> list[tuple[str, object]]:
    """Return what a test reached as properties for pytest's own JUnit file, each site once."""
    sites = dict.fromkeys(use.site for use in seen)
    return [(f"ssot.{site.rule}", harmless(f"{site.target} at {site.where}")) for site in sites]


def _pytest_xfails(item: pytest.Item) -> bool:
    """Whether pytest's own xfail holds for the test: then its outcome is pytest's business."""
    return item.stash.get(xfailed_key, None) is not None and not item.config.option.runxfail
