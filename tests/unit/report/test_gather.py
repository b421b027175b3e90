from __future__ import annotations

import pytest

from pytest_ssot_tracker.judge import Marks
from pytest_ssot_tracker.model import BlindSpot, Decision, Guard, Observation, Rule, Site, Status, Step, Verdict
from pytest_ssot_tracker.report import Gather, GatheredTest, SessionPacket, TestPacket, pack
from pytest_ssot_tracker.report.rows import ListedTests, TestRow, telling

THING = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "app/b.py", 12, "make", "thing = Thing()")
OTHER = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "app/c.py", 12, "make", "thing = Thing()")
TEST = "tests/test_a.py::test_x"


def seen(site: Site = THING, count: int = 1, **more: object) -> Observation:
    return Observation(site, TEST, Step.CALL, count, **more)  # type: ignore[arg-type]


def loose(bucket: str, count: int = 1, site: Site = THING) -> Observation:
    return Observation(site, None, Step.COLLECT, count, bucket=bucket)


def packet(step: Step = Step.CALL, *observations: Observation, **more: object) -> str:
    statuses = {one.site.id: Status.NEW for one in observations if one.test is not None}
    return pack(TestPacket(test=TEST, step=step, observations=observations, statuses=statuses, **more))  # type: ignore[arg-type]


def run(gather: Gather, call: str, outcome: str = "passed", worker: str = "") -> None:
    gather.test(TEST, step="setup", outcome="passed", packet=packet(Step.SETUP), worker=worker)
    gather.test(TEST, step="call", outcome=outcome, packet=call, worker=worker)
    gather.test(TEST, step="teardown", outcome="passed", packet=packet(Step.TEARDOWN), worker=worker)


def only(gather: Gather) -> GatheredTest:
    (test,) = gather.result().tests
    return test


@pytest.mark.parametrize(
    ("outcomes", "outcome"),
    [
        ({"setup": "passed", "call": "passed", "teardown": "passed"}, "passed"),
        ({"setup": "passed", "call": "failed", "teardown": "passed"}, "failed"),
        ({"setup": "passed", "call": "failed", "teardown": "failed"}, "failed"),
        ({"setup": "passed", "call": "passed", "teardown": "failed"}, "error"),
        ({"setup": "passed", "call": "xfailed", "teardown": "failed"}, "error"),
        ({"setup": "failed", "teardown": "passed"}, "error"),
        ({"setup": "skipped", "teardown": "passed"}, "skipped"),
        ({"setup": "skipped", "teardown": "failed"}, "error"),
        ({"setup": "xfailed", "teardown": "passed"}, "xfailed"),
        ({"setup": "passed", "call": "skipped", "teardown": "passed"}, "skipped"),
        ({"setup": "passed", "call": "xpassed", "teardown": "passed"}, "xpassed"),
        ({"setup": "passed"}, "unfinished"),
        ({"setup": "passed", "call": "rerun"}, "unfinished"),
        ({"setup": "passed", "???": "failed"}, "failed"),
        ({"???": "failed"}, "failed"),
    ],
)
def test_the_steps_of_a_test_make_one_outcome(outcomes: dict[str, str], outcome: str) -> None:
    gather = Gather()
    for step, one in outcomes.items():
        gather.test(TEST, step=step, outcome=one)
    assert only(gather).outcome == outcome


def test_what_the_steps_saw_is_put_together() -> None:
    gather = Gather()
    marks = Marks(names=("slow",))
    blind = BlindSpot("child", "why", test=TEST)
    gather.test(
        TEST, step="setup", outcome="passed", packet=packet(Step.SETUP, seen(), path="a.py", scope="t", marks=marks)
    )
    gather.test(TEST, step="call", outcome="passed", packet=packet(Step.CALL, seen(OTHER), blind_spots=(blind,)))
    test = only(gather)
    assert test.observations == (seen(), seen(OTHER))
    assert test.statuses == {THING.id: Status.NEW, OTHER.id: Status.NEW}
    assert (test.path, test.scope, test.marks, test.blind_spots) == ("a.py", "t", marks, (blind,))


def test_the_decision_that_made_the_outcome_is_kept_with_every_note() -> None:
    gather = Gather()
    xfail, torn = Decision(Verdict.XFAIL, "x", ("fixed: a",)), Decision(Verdict.FAIL, "y", ("stale: b",))
    gather.test(TEST, step="call", outcome="xfailed", packet=packet(decision=xfail))
    gather.test(TEST, step="teardown", outcome="failed", packet=packet(Step.TEARDOWN, decision=torn))
    assert only(gather).decision == Decision(Verdict.FAIL, "y", ("fixed: a", "stale: b"))


def test_a_rerun_test_counts_with_its_last_attempt() -> None:
    gather = Gather()
    gather.test(TEST, step="setup", outcome="passed", packet=packet(Step.SETUP))
    gather.test(TEST, step="call", outcome="rerun", packet=packet(Step.CALL, seen(count=5), raised=True))
    run(gather, packet(Step.CALL, seen(OTHER)))
    test = only(gather)
    assert (test.outcome, test.ended, test.observations) == ("passed", True, (seen(OTHER),))
    assert test.statuses == {OTHER.id: Status.NEW}


def test_what_a_wide_fixture_did_in_an_earlier_attempt_is_kept() -> None:
    gather = Gather()
    wide = seen(fixture="db", fixture_scope="module")
    narrow = seen(OTHER, fixture="tmp", fixture_scope="function")
    for _ in range(2):
        gather.test(TEST, step="setup", outcome="rerun", packet=packet(Step.SETUP, wide, narrow))
        wide, narrow = seen(count=2, fixture="other", fixture_scope="session"), seen(OTHER)
    run(gather, packet())
    test = only(gather)
    assert [one.fixture for one in test.observations] == ["db", "other"]
    assert test.statuses == {THING.id: Status.NEW}


@pytest.mark.parametrize(
    ("outcome", "decision", "raised", "ended"),
    [
        ("passed", None, False, True),
        ("xpassed", None, False, True),
        ("failed", None, True, False),
        ("failed", Decision(Verdict.FAIL, "x"), False, True),
        ("failed", Decision(Verdict.FAIL, "x"), True, False),
        ("xfailed", Decision(Verdict.XFAIL, "x"), False, True),
        ("xfailed", Decision(Verdict.XFAIL, "x"), True, False),
        ("xfailed", None, True, False),
        ("skipped", None, True, False),
    ],
)
def test_a_body_that_ran_to_its_end_is_known(
    outcome: str, decision: Decision | None, raised: bool, ended: bool
) -> None:
    gather = Gather()
    run(gather, packet(decision=decision, raised=raised), outcome)
    assert only(gather).ended is ended


def test_every_worker_collects_the_same_and_loses_track_on_its_own() -> None:
    gather = Gather()
    for worker, count in (("gw0", 2), ("gw1", 3)):
        observations = (loose("collection", count), loose("unattributed", count))
        gather.session(SessionPacket(observations=observations, statuses={THING.id: Status.NEW}), worker=worker)
    result = gather.result()
    assert result.observations == (loose("collection", 3), loose("unattributed", 5))
    assert result.statuses == {THING.id: Status.NEW}
    assert result.workers == ("gw0", "gw1")


def test_what_every_worker_checks_once_counts_once() -> None:
    gather = Gather()
    incomplete = Observation(Site(Rule.INCOMPLETE_SSOT, "execution", "a:B", "a.py", 1, "B", "class B"), None, Step.CALL)
    for worker in ("gw0", "gw1"):
        gather.session(SessionPacket(observations=(incomplete,)), worker=worker)
    assert gather.result().observations == (incomplete,)


def test_a_packet_that_arrives_twice_counts_once() -> None:
    gather = Gather()
    for number in (0, 0, 1):
        gather.session(SessionPacket(number=number, observations=(loose("teardown"),)), worker="gw0")
    assert gather.result().observations == (loose("teardown", 2),)


def test_a_wide_teardown_that_rides_on_a_test_is_booked_on_the_session() -> None:
    gather = Gather()
    gather.test(TEST, step="teardown", outcome="passed", packet=packet(Step.TEARDOWN, seen(), loose("teardown")))
    assert only(gather).observations == (seen(),)
    assert gather.result().observations == (loose("teardown"),)


def test_guards_blind_spots_and_targets_of_all_workers_are_listed_once() -> None:
    gather = Gather()
    guard, blind = Guard("pkg.old", "import"), BlindSpot("x", "y", "execution")
    met, gone = (("execution", "pkg.there"),), (("execution", "pkg.gone"),)
    for worker in ("gw0", "gw1"):
        gather.session(SessionPacket(guards=(guard,), blind_spots=(blind,), met=met, gone=gone), worker=worker)
    result = gather.result()
    assert (result.guards, result.blind_spots) == ((guard,), (blind,))
    assert (result.met, result.gone) == (frozenset(met), frozenset(gone))


def test_a_target_is_gone_that_is_so_at_the_end_of_a_worker() -> None:
    gather = Gather()
    for number, gone in ((0, (("a", "pkg.late"), ("a", "pkg.gone"))), (1, (("a", "pkg.gone"),))):
        gather.session(SessionPacket(number=number, gone=gone))
    assert gather.result().gone == {("a", "pkg.gone")}


def test_a_test_that_ran_in_two_workers_counts_with_its_worst_outcome_and_all_it_did() -> None:
    gather = Gather()
    run(gather, packet(Step.CALL, seen()), "passed", "gw0")
    run(gather, packet(Step.CALL, seen(OTHER), raised=True), "failed", "gw1")
    test = only(gather)
    assert (test.outcome, test.ended) == ("failed", False)
    assert test.observations == (seen(), seen(OTHER))


def test_tests_that_have_only_passed_are_listed_among_the_others_by_id() -> None:
    gather = Gather()
    gather.passed(["tests/test_a.py::test_z", "tests/test_a.py::test_b"])
    run(gather, packet(Step.CALL, seen()))
    tests = gather.result().tests
    assert [test.id[-6:] for test in tests] == ["test_b", "test_x", "test_z"]
    assert [test.id for test in telling(tests)] == [TEST]
    assert (len(tests), {test.outcome for test in tests}, all(test.ended for test in tests)) == (3, {"passed"}, True)


def test_a_test_has_more_to_tell_unless_every_step_has_passed() -> None:
    gather = Gather()
    gather.outcomes({"a": {"setup": "passed"}, "b": {"setup": "skipped", "teardown": "passed"}})
    found = [(test.id, test.outcome) for test in telling(gather.result().tests)]
    assert found == [("a", "unfinished"), ("b", "skipped")]


@pytest.mark.parametrize("worse", ["failed", "skipped"])
def test_a_test_that_has_passed_in_one_worker_counts_with_what_it_did_in_the_other(worse: str) -> None:
    gather = Gather()
    for worker, outcome in (("gw0", "passed"), ("gw1", worse)):
        for step in ("setup", "call", "teardown"):
            gather.test(TEST, step=step, outcome=outcome if step == "call" else "passed", worker=worker)
    assert only(gather).outcome == min("passed", worse, key=["failed", "passed", "skipped"].index)


def test_what_stands_for_a_test_that_has_passed_is_made_once_and_only_when_it_is_asked_for() -> None:
    made: list[str] = []

    def row(test: str) -> TestRow:
        made.append(test)
        return TestRow(id=test, outcome="passed")

    tests = ListedTests([TestRow(id="c", outcome="failed")], ["d", "b"], row)
    assert (len(tests), [test.id for test in telling(tests)], made) == (3, ["c"], [])
    assert [test.id for test in tests] == [test.id for test in tests[:]] == ["b", "c", "d"]
    assert sorted(made) == ["b", "d"]
    same = tuple(TestRow(id=test, outcome="failed" if test == "c" else "passed") for test in "bcd")
    assert (tests == same, hash(tests) == hash(same), repr(tests) == repr(same)) == (True, True, True)


def test_a_lost_worker_makes_the_run_incomplete_and_loses_nothing_that_had_arrived() -> None:
    gather = Gather()
    run(gather, packet(Step.CALL, seen()), worker="gw0")
    assert gather.result().complete
    gather.lost("gw0")
    gather.lost("gw0")
    result = gather.result()
    assert (result.complete, result.lost_workers, len(result.tests)) == (False, ("gw0",), 1)


def test_anything_else_lost_makes_the_run_incomplete_too() -> None:
    gather = Gather()
    gather.incomplete("interrupted")
    assert (gather.result().complete, gather.result().incomplete) == (False, ("interrupted",))


def test_the_order_in_which_workers_report_does_not_matter() -> None:
    results = []
    for order in (("gw0", "gw1"), ("gw1", "gw0")):
        gather = Gather()
        for worker in order:
            gather.session(
                SessionPacket(observations=(loose("teardown", site=OTHER), loose("collection"))), worker=worker
            )
            test = f"{TEST}[{worker}]"
            gather.test(test, step="call", outcome="passed", worker=worker)
        results.append(gather.result())
    assert results[0] == results[1]
