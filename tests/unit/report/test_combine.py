"""Results of shards and machines become one, whatever the order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_ssot_tracker.judge.whole_run import BudgetRow
from pytest_ssot_tracker.model import By, Phase, Rule, Site, Status, Step
from pytest_ssot_tracker.report import Report, RunInfo
from pytest_ssot_tracker.report.build import failures_of, totals_of
from pytest_ssot_tracker.report.combine import combine
from pytest_ssot_tracker.report.rows import AllowRow, Exercise, SeenRow, SiteRow, TestRow

RUN = RunInfo(
    version="1.0",
    phase=Phase.RATCHET,
    python="3.13.0",
    pytest="9.2.0",
    root="/project",
    started="2026-06-01T12:00:00+00:00",
)
SITES = [Site(Rule.DEPRECATED_USE, "execution", f"pkg.old:T{n}", "app/b.py", n + 1, "f", f"T{n}()") for n in range(4)]


def report_of(tests: dict[str, tuple[str, dict[int, int]]], run: RunInfo = RUN) -> Report:
    """Return the report of tests: by name the outcome, and by the number of a site how often it was reached."""
    seen: dict[int, list[SeenRow]] = {}
    for name, (_, reached) in sorted(tests.items()):
        for number, count in reached.items():
            seen.setdefault(number, []).append(SeenRow(test=name, step=Step.CALL, count=count))
    rows = tuple(
        SiteRow(site=SITES[number], status=Status.NEW, found_by=("run",), exercise=Exercise.EXERCISED, seen=tuple(rows))
        for number, rows in sorted(seen.items())
    )
    test_rows = tuple(
        TestRow(id=name, outcome=outcome, sites=tuple(sorted(SITES[number].id for number in reached)))
        for name, (outcome, reached) in sorted(tests.items())
    )
    return Report(run=run, sites=rows, tests=test_rows, totals=totals_of(rows, test_rows, ()))


def scan_alone(number: int) -> SiteRow:
    """Return a new site that fails the session and that no test of its shard reached."""
    return SiteRow(
        site=SITES[number],
        status=Status.NEW,
        found_by=("scan",),
        exercise=Exercise.UNEXERCISED,
        fails="unexercised",
    )


def with_reasons(report: Report) -> Report:
    return replace(report, failures=tuple(failures_of(report, strict_blind_spots=False)))


outcomes = st.sampled_from(["passed", "failed", "skipped", "xfailed"])
reached = st.dictionaries(st.integers(0, 3), st.integers(1, 1000), max_size=4)
suites = st.dictionaries(
    st.sampled_from([f"t.py::test_{n}" for n in range(8)]), st.tuples(outcomes, reached), min_size=1
)


@settings(max_examples=60, deadline=None)
@given(suite=suites, shards=st.lists(st.integers(0, 2), min_size=8, max_size=8), order=st.permutations([0, 1, 2]))
def test_any_split_combines_to_the_whole_in_any_order(suite, shards, order):
    parts = [
        report_of({name: test for index, (name, test) in enumerate(sorted(suite.items())) if shards[index] == shard})
        for shard in order
    ]
    assert combine(parts) == combine([report_of(suite)]) == report_of(suite)


@settings(max_examples=40, deadline=None)
@given(one=suites, other=suites, third=suites)
def test_it_does_not_matter_what_is_combined_first(one, other, third):
    a, b, c = report_of(one), report_of(other), report_of(third)
    assert combine([combine([a, b]), c]) == combine([a, combine([b, c])]) == combine([c, b, a])


@settings(max_examples=40, deadline=None)
@given(suite=suites)
def test_the_same_result_twice_changes_nothing(suite):
    report = report_of(suite)
    assert combine([report, report]) == combine([report])


def test_an_incomplete_shard_makes_the_whole_incomplete_and_nothing_fixed():
    whole = replace(report_of({"t.py::test_0": ("passed", {})}), fixed=(SITES[0],))
    lost = report_of({}, replace(RUN, complete=False, lost_workers=("gw1",)))
    assert combine([whole]).fixed == (SITES[0],)
    both = combine([whole, lost])
    assert (both.run.complete, both.run.lost_workers, both.fixed) == (False, ("gw1",), ())


def test_a_marker_that_was_fixed_is_not_counted_while_something_is_lost():
    row = TestRow(id="t.py::test_0", outcome="passed", notes=("fixed: it is not violated any more",))
    one = replace(report_of({}), tests=(row,), totals=totals_of((), (row,), ()))
    assert combine([one]).totals.fixed == 1
    assert combine([one, replace(one, run=replace(RUN, complete=False))]).totals.fixed == 0


def test_what_one_shard_shows_no_other_calls_fixed():
    clean = replace(report_of({"t.py::test_0": ("passed", {})}), fixed=(SITES[1],))
    assert combine([clean, report_of({"t.py::test_1": ("passed", {1: 1})})]).fixed == ()


def test_an_allow_is_idle_only_where_it_is_idle_in_every_shard():
    idle = AllowRow("app/b.py", 3, "it exempts nothing; remove it")
    one = replace(report_of({}), allows=(idle,))
    assert combine([one, one]).allows == (idle,)
    assert combine([one, report_of({})]).allows == ()


def test_the_scan_of_one_shard_says_nothing_of_what_another_shard_saw():
    """As within one run, where a marked test that reaches a site makes it expected, whatever the scan found."""
    row = SiteRow(
        site=SITES[0],
        status=Status.EXPECTED,
        found_by=("scan", "run"),
        exercise=Exercise.EXERCISED,
        seen=(SeenRow(test="t.py::test_0", step=Step.CALL, count=2),),
    )
    test = TestRow(id="t.py::test_0", outcome="xfailed", reason="ssot", sites=(SITES[0].id,))
    whole = with_reasons(Report(run=RUN, sites=(row,), tests=(test,), totals=totals_of((row,), (test,), ())))
    assert (whole.totals.expected, whole.failures) == (1, ())
    other = with_reasons(Report(run=RUN, sites=(scan_alone(0),), tests=(TestRow(id="t.py::test_1", outcome="passed"),)))
    assert other.failures == ("unexercised: 1 site found by the scan alone: app/b.py:1",)
    both, turned = combine([whole, other]), combine([other, whole])
    assert both == turned == combine([both, other])
    assert (both.sites, both.totals, both.failures) == (whole.sites, whole.totals, ())


@pytest.mark.parametrize(
    "seen",
    [
        SeenRow(test="t.py::test_0", step=Step.CALL, count=1),
        SeenRow(test="t.py::test_0", step=Step.CALL, count=1, by=By.LINE),
        SeenRow(test=None, step=Step.COLLECT, count=1, by=By.LINE, bucket="collection"),
    ],
)
def test_a_line_that_only_ran_leaves_the_word_to_the_scan(seen):
    ran = SiteRow(
        site=SITES[0],
        status=Status.NEW,
        found_by=("scan", "run"),
        exercise=Exercise.EXERCISED,
        seen=(seen,),
        fails="exercised",
    )
    one = with_reasons(Report(run=RUN, sites=(ran,), tests=(TestRow(id="t.py::test_0", outcome="passed"),)))
    other = with_reasons(Report(run=RUN, sites=(scan_alone(0),), tests=(TestRow(id="t.py::test_1", outcome="passed"),)))
    both = combine([other, one])
    assert both.sites == (ran,)
    assert both.failures == ("exercised: 1 site found by the scan alone, in lines that ran: app/b.py:1",)


def test_the_whole_says_each_reason_once_with_all_the_places_of_its_shards():
    failed = {f"t.py::test_{n}": TestRow(id=f"t.py::test_{n}", outcome="failed", reason="ssot") for n in range(2)}
    shards = [
        with_reasons(Report(run=RUN, sites=(scan_alone(n), scan_alone(2)), tests=(test,)))
        for n, test in enumerate(failed.values())
    ]
    shards[0] = replace(shards[0], failures=(*shards[0].failures, "baseline: b.json is not updated: why"))
    assert combine(shards).failures == (
        "unexercised: 3 sites found by the scan alone: app/b.py:1, app/b.py:2, app/b.py:3",
        "tests: 2 tests failed for a violation: t.py::test_0, t.py::test_1",
        "baseline: b.json is not updated: why",
    )


def test_budgets_are_counted_over_all_shards():
    row = BudgetRow("execution", Rule.DEPRECATED_USE, 1, 1)
    parts = [replace(report_of({f"t.py::test_{n}": ("passed", {n: 1})}), budgets=(row,)) for n in range(2)]
    both = combine(parts)
    assert both.budgets == (replace(row, used=2),)
    assert both.failures == ("budget: 2 sites of deprecated-use in execution, max is 1; remove 1 of them",)
