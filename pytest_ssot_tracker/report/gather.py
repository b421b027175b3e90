"""Gather in one place what the processes of a run report: the last attempt of each test, and each thing once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from types import MappingProxyType
from typing import Any, TypeAlias, cast

from pytest_ssot_tracker.judge.markers import Marks
from pytest_ssot_tracker.model import BlindSpot, Decision, Guard, Observation, Rule, Site, Status, Step, Verdict
from pytest_ssot_tracker.records import NamedTuple, dataclass, field, replace
from pytest_ssot_tracker.report.observed import Observed
from pytest_ssot_tracker.report.rows import OUTCOMES, ListedTests
from pytest_ssot_tracker.report.wire import PackedSites, SessionPacket, TestPacket, unpack

__all__ = ["Gather", "Gathered", "GatheredTest"]

_NO_MARKS = Marks()
_NOTHING: Mapping[str, Status] = MappingProxyType({})

Unpacker: TypeAlias = "Callable[[str], TestPacket]"


class GatheredTest(NamedTuple):
    """One test as it ended: its last attempt, with what its wide fixtures did in earlier ones.

    `outcome` is one of `OUTCOMES`; `ended` tells that its body ran to its end, so that what it did not do is known
    too. `reached` are scan sites whose line it ran.
    """

    id: str
    outcome: str
    ended: bool = False
    path: str = ""
    scope: str = ""
    decision: Decision | None = None
    marks: Marks = _NO_MARKS
    observations: Sequence[Observation] = ()
    reached: tuple[Observation, ...] = ()
    statuses: Mapping[str, Status] = _NOTHING
    blind_spots: tuple[BlindSpot, ...] = ()

    @property
    def failing(self) -> tuple[str, ...]:
        """Return the identities of the sites for which it failed."""
        if self.decision is None or self.outcome not in ("failed", "error"):
            return ()
        return self.decision.sites


class Gathered(NamedTuple):
    """Everything a run reported; `observations` and `reached` are those that belong to no test."""

    tests: Sequence[GatheredTest] = ()
    observations: tuple[Observation, ...] = ()
    reached: tuple[Observation, ...] = ()
    statuses: Mapping[str, Status] = _NOTHING
    failing: frozenset[str] = frozenset()
    guards: tuple[Guard, ...] = ()
    blind_spots: tuple[BlindSpot, ...] = ()
    met: frozenset[tuple[str, str]] = frozenset()
    gone: frozenset[tuple[str, str]] = frozenset()
    workers: tuple[str, ...] = ()
    lost_workers: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    deselected: bool = False

    @property
    def complete(self) -> bool:
        """Whether nothing was lost."""
        return not self.incomplete and not self.lost_workers


@dataclass(slots=True, eq=False, repr=False)
class _Attempt:
    """One attempt at a test: its `packets` are kept packed, since there may be many, until somebody asks."""

    outcomes: dict[str, str] = field(default_factory=dict)
    packets: tuple[str, ...] = ()
    carried: tuple[Observation, ...] = ()
    carried_statuses: Mapping[str, Status] = _NOTHING

    @property
    def only_passed(self) -> bool:
        """Whether there is nothing to tell but that the test has passed."""
        return not self.packets and not self.carried and _has_passed(self.outcomes)


@dataclass(slots=True, eq=False, repr=False)
class _Worker:
    """What one process has told; `of_no_test` is what attempts that were made again had to tell of no test."""

    packets: dict[int, SessionPacket] = field(default_factory=dict)
    attempts: dict[str, _Attempt] = field(default_factory=dict)
    quiet: dict[str, dict[str, str]] = field(default_factory=dict)
    of_no_test: list[Observation] = field(default_factory=list)


class Gather:
    """Collect reports as they come in; `result` may be asked at any time.

    A `worker` is `""` where there is only one process. Everything may arrive twice, in any order of workers.
    """

    def __init__(self) -> None:
        self._workers: dict[str, _Worker] = {}
        self._lost: set[str] = set()
        self._incomplete: dict[str, None] = {}
        self._sites = PackedSites()

    def test(self, test: str, *, step: str, outcome: str, packet: str | None = None, worker: str = "") -> None:
        """Take one report of the test with the node id `test`, and the packet that rides on it, packed.

        `step` is pytest's `when`, `outcome` its outcome, `xfailed` or `xpassed`. A report without a
        packet (a crashed worker's, say) counts by its outcome alone.
        """
        known = self._workers.get(worker) or self._worker(worker)
        attempts = known.attempts
        attempt = attempts.get(test)
        if attempt is None or (step == Step.SETUP and attempt.outcomes):
            attempt = attempts[test] = _next_attempt(attempt, self._unpacker(), known.of_no_test)
        attempt.outcomes[step] = outcome
        if packet is not None:
            attempt.packets += (self._sites.keep(packet),)

    def passed(self, tests: Iterable[str]) -> None:
        """Take tests that have passed and have nothing else to tell."""
        self.outcomes(dict.fromkeys(tests, PASSED))

    def outcomes(self, found: dict[str, dict[str, str]]) -> None:
        """Take the outcomes, by step, of tests that have nothing else to tell; of others those that are not known."""
        worker = self._worker("")
        for test, attempt in worker.attempts.items():
            attempt.outcomes = found.pop(test, {}) | attempt.outcomes
        worker.quiet = found

    def one(self, test: str, *, worker: str = "") -> Gathered:
        """Return what is known of one test that was taken, and what came with it that belongs to no test."""
        of_no_test: list[Observation] = []
        ended = _ended(test, self._worker(worker).attempts[test], self._unpacker(), of_no_test)
        return Gathered(tests=(ended,), observations=tuple(of_no_test))

    def session(self, packet: SessionPacket, *, worker: str = "") -> None:
        """Take what a process has to tell beside its tests; the same packet twice counts once."""
        self._worker(worker).packets.setdefault(packet.number, packet)

    def lost(self, worker: str) -> None:
        """Note that a worker died before it had told everything."""
        self._worker(worker)
        self._lost.add(worker)

    def incomplete(self, why: str) -> None:
        """Note that something else was lost, in words for people."""
        self._incomplete[why] = None

    def result(self) -> Gathered:
        """Return everything gathered so far."""
        workers = [self._workers[name] for name in sorted(self._workers)]
        packets = [packet for worker in workers for _, packet in sorted(worker.packets.items())]
        of_no_test = {name: [*worker.of_no_test] for name, worker in sorted(self._workers.items())}
        return Gathered(
            tests=_tests(self._workers, self._unpacker(), of_no_test),
            observations=_of_no_test(workers, of_no_test.values()),
            reached=_once(packets, "reached"),
            statuses=_joined(packet.statuses for packet in packets),
            failing=frozenset(_once(packets, "failing")),
            guards=_once(packets, "guards"),
            blind_spots=_once(packets, "blind_spots"),
            met=frozenset(_once(packets, "met")),
            gone=frozenset(_once(_latest(workers), "gone")),
            workers=tuple(sorted(filter(None, self._workers))),
            lost_workers=tuple(sorted(self._lost)),
            incomplete=tuple(self._incomplete),
            deselected=any(packet.deselected for packet in packets),
        )

    def _unpacker(self) -> Unpacker:
        """Return what unpacks the packets that are kept, and makes each site once."""
        known: dict[str, Site] = {}
        return lambda kept: cast(TestPacket, unpack(self._sites.whole(kept), known))

    def _worker(self, name: str) -> _Worker:
        if name not in self._workers:
            self._workers[name] = _Worker()
        return self._workers[name]


def _latest(workers: Iterable[_Worker]) -> Iterator[SessionPacket]:
    """Yield the latest packet of each worker: what was not there before may have come."""
    for worker in workers:
        if worker.packets:
            yield worker.packets[max(worker.packets)]


def _next_attempt(before: _Attempt | None, unpacked: Unpacker, of_no_test: list[Observation]) -> _Attempt:
    """Return a new attempt: of the one before only what wider fixtures did stays, for they are not set up again.

    What it had to tell of no test goes to `of_no_test`.
    """
    if before is None:
        return _Attempt()
    told = [*map(unpacked, before.packets)]
    seen = _of_the_test(told, of_no_test)
    carried = (*before.carried, *(use for use in seen if use.fixture_scope not in (None, "function")))
    statuses = _joined((before.carried_statuses, *(packet.statuses for packet in told)))
    ids = {observation.site.id for observation in carried}
    return _Attempt(carried=carried, carried_statuses={key: status for key, status in statuses.items() if key in ids})


def _of_the_test(told: Iterable[TestPacket], of_no_test: list[Observation]) -> list[Observation]:
    """Return what a test has come to; add to `of_no_test` what came with it that belongs to none."""
    seen = [observation for packet in told for observation in packet.observations]
    of_no_test += (observation for observation in seen if observation.test is None)
    return [observation for observation in seen if observation.test is not None]


def _once(packets: Iterable[object], part: str) -> tuple[Any, ...]:
    """Return what `packets` hold in one of their parts, each once, in order."""
    return tuple(dict.fromkeys(chain.from_iterable(map(attrgetter(part), packets))))


def _joined(several: Iterable[Mapping[str, Status]]) -> dict[str, Status]:
    """Return the worst of how each site stands."""
    statuses: dict[str, Status] = {}
    for key, status in chain.from_iterable(each.items() for each in several):
        statuses[key] = Status.worst(status, statuses.get(key, status))
    return statuses


def _of_no_test(workers: Iterable[_Worker], loose: Iterable[list[Observation]]) -> tuple[Observation, ...]:
    """Return what belongs to no test: every worker collects and checks the same, but tears down on its own."""
    collection: dict[Observation, int] = {}
    others: dict[Observation, int] = {}
    for worker, came_with_tests in zip(workers, loose, strict=True):
        mine: dict[Observation, int] = {}
        everything = [
            *came_with_tests,
            *(observation for packet in worker.packets.values() for observation in packet.observations),
        ]
        for fact in everything:
            counts = mine if fact.bucket == "collection" or fact.site.rule is Rule.INCOMPLETE_SSOT else others
            alike = replace(fact, count=1)
            counts[alike] = counts.get(alike, 0) + fact.count
        for alike, count in mine.items():
            collection[alike] = max(count, collection.get(alike, 0))
    return tuple(replace(observation, count=count) for observation, count in (collection | others).items())


def _tests(
    workers: Mapping[str, _Worker], unpacked: Unpacker, of_no_test: Mapping[str, list[Observation]]
) -> ListedTests[GatheredTest]:
    """Return every test once; one that ran in several workers counts with its worst outcome.

    What came with the tests of a worker and belongs to none is added to its `of_no_test`.
    """
    found: dict[str, GatheredTest] = {}
    passed: dict[str, None] = {}
    for name, worker in sorted(workers.items()):
        for test, attempt in worker.attempts.items():
            if attempt.only_passed:
                passed[test] = None
            else:
                mine = _ended(test, attempt, unpacked, of_no_test[name])
                found[test] = mine if test not in found else _merged(found[test], mine)
        for test, outcomes in worker.quiet.items():
            if _has_passed(outcomes):
                passed[test] = None
            else:
                found[test] = _quiet(test, outcomes)
    for test in found.keys() & passed.keys():
        found[test] = _merged(found[test], _passed(test))
    return ListedTests([found[test] for test in sorted(found)], [*(passed.keys() - found.keys())], _passed)


def _ended(test: str, attempt: _Attempt, unpacked: Unpacker, of_no_test: list[Observation]) -> GatheredTest:
    """Return the test as the attempt ended; add to `of_no_test` what belongs to no test."""
    if not attempt.packets and not attempt.carried:
        return _quiet(test, attempt.outcomes)
    told = [*map(unpacked, attempt.packets)]
    decisions = [packet.decision for packet in told if packet.decision is not None]
    first = told[0] if told else _NOTHING_TOLD
    return GatheredTest(
        id=test,
        outcome=_outcome(attempt.outcomes),
        ended=_has_ended(attempt.outcomes, told, decisions),
        path=first.path,
        scope=first.scope,
        decision=_decision(decisions),
        marks=first.marks,
        observations=Observed.of(chain(attempt.carried, _of_the_test(told, of_no_test))),
        reached=tuple(observation for packet in told for observation in packet.reached),
        statuses=_joined((attempt.carried_statuses, *(packet.statuses for packet in told))),
        blind_spots=_once(told, "blind_spots"),
    )


def _quiet(test: str, outcomes: Mapping[str, str]) -> GatheredTest:
    """Return a test that has nothing to tell beside its outcome, as most have not."""
    return GatheredTest(test, _outcome(outcomes), outcomes.get("call") in ("passed", "xpassed"))


def _passed(test: str) -> GatheredTest:
    return _quiet(test, PASSED)


PASSED = {"setup": "passed", "call": "passed", "teardown": "passed"}
_STEPS = frozenset(("setup", "call", "teardown"))
_NOTHING_TOLD = TestPacket(test="", step=Step.SETUP)
"""What most tests have to tell."""


def _has_ended(outcomes: Mapping[str, str], told: list[TestPacket], decisions: list[Decision]) -> bool:
    """Whether the body ran to its end: it passed, or it was failed or xfailed by us without raising."""
    if outcomes.get(Step.CALL) in ("passed", "xpassed"):
        return True
    ours = any(decision.verdict is not Verdict.PASS for decision in decisions)
    return ours and any(packet.step is Step.CALL and not packet.raised for packet in told)


def _merged(one: GatheredTest, other: GatheredTest) -> GatheredTest:
    return (one if one.path else other)._replace(
        outcome=min(one.outcome, other.outcome, key=OUTCOMES.index),
        ended=one.ended and other.ended,
        decision=_decision([decision for decision in (one.decision, other.decision) if decision is not None]),
        observations=Observed.of((*one.observations, *other.observations)),
        reached=(*one.reached, *other.reached),
        statuses=_joined((one.statuses, other.statuses)),
        blind_spots=_once((one, other), "blind_spots"),
    )


def _decision(decisions: list[Decision]) -> Decision | None:
    """Return the decision that made the outcome (a failure before an xfail before a pass), with all notes and sites."""
    if not decisions:
        return None
    order = (Verdict.FAIL, Verdict.XFAIL, Verdict.PASS)
    worst = min(decisions, key=lambda decision: order.index(decision.verdict))
    return replace(worst, notes=_once(decisions, "notes"), sites=_once(decisions, "sites"))


def _has_passed(outcomes: Mapping[str, str]) -> bool:
    """Whether a test has passed in every step, as most do."""
    return outcomes is PASSED or outcomes == PASSED


def _outcome(outcomes: Mapping[str, str]) -> str:
    """Return one word for a test from the outcomes of its steps."""
    if _has_passed(outcomes):
        return "passed"
    setup, call, teardown = outcomes.get("setup"), outcomes.get("call"), outcomes.get("teardown")
    if not outcomes.keys() <= _STEPS:
        return "failed"  # the report that stands for a test whose worker died
    if setup == "failed":
        return "error"
    if setup in ("skipped", "xfailed"):
        return "error" if teardown == "failed" else setup
    if call is None or call == "rerun":
        return "unfinished"
    return "error" if teardown == "failed" and call != "failed" else call
