"""A gate says for each criterion whether it is met, and by how much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_ssot_tracker.model import Phase, Rule, Site, Status, Step
from pytest_ssot_tracker.report import Report, RunInfo
from pytest_ssot_tracker.report.gate import check
from pytest_ssot_tracker.report.rows import Exercise, SeenRow, SiteRow, TestRow
from pytest_ssot_tracker.settings import Gate

RUN = RunInfo(version="1", phase=Phase.RATCHET, python="3", pytest="9", root="/", started="2026-06-01T12:00:00+00:00")


def site(number: int, rule: Rule, status: Status, *tests: str) -> SiteRow:
    return SiteRow(
        site=Site(rule, "execution", f"pkg.old:T{number}", "app/b.py", number, "f", f"T{number}()"),
        status=status,
        found_by=("run",),
        exercise=Exercise.EXERCISED,
        seen=tuple(SeenRow(test=test, step=Step.CALL, count=1) for test in tests),
    )


SITES = (
    site(1, Rule.DEPRECATED_IMPORT, Status.NEW, "tests/a.py::test_1"),
    site(2, Rule.DEPRECATED_IMPORT, Status.ALLOWED),
    site(3, Rule.DEPRECATED_USE, Status.KNOWN, "tests/b.py::test_2"),
)
REPORT = Report(
    run=RUN,
    sites=SITES,
    tests=(
        TestRow(id="tests/a.py::test_1", outcome="passed", markers=("critical",), sites=(SITES[0].site.id,)),
        TestRow(id="tests/a.py::test_2", outcome="failed"),
        TestRow(id="tests/a.py::test_3", outcome="skipped"),
        TestRow(id="tests/b.py::test_2", outcome="xfailed", sites=(SITES[2].site.id,)),
    ),
)


@pytest.mark.parametrize(
    ("gate", "figure", "met"),
    [
        (Gate(name="g", measure="sites", max=2), 2, True),
        (Gate(name="g", measure="sites", rule=Rule.DEPRECATED_IMPORT, max=0), 1, False),
        (Gate(name="g", measure="sites", ssot="other", max=0), 0, True),
        (Gate(name="g", measure="sites", tests="tests/b*", max=0), 1, False),
        (Gate(name="g", measure="passed_percent", tests="tests/a*", min=100), 50.0, False),
        (Gate(name="g", measure="passed_percent", marker="critical", min=100), 100.0, True),
        (Gate(name="g", measure="failed_percent", max=34), pytest.approx(33.33, abs=0.01), True),
        (Gate(name="g", measure="xfailed_percent", tests="tests/b*", min=100), 100.0, True),
        (Gate(name="g", measure="failures", max=0), 1, False),
        (Gate(name="g", measure="failures", rule=Rule.DEPRECATED_USE, max=0), 0, True),
        (Gate(name="g", measure="failures", tests="nothing*", max=0), None, False),
    ],
)
def test_a_criterion_is_met_or_not_with_its_figure(gate, figure, met):
    (row,) = check([gate], REPORT).rows
    assert (row.figure, row.met) == (figure, met)


IDS = ("tests/a.py::test_1", "tests/a.py::test_2", "tests/b.py::C::test_2", "a.py::test_x[1-b]", "a.py::test_x2")


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("tests/a.py", IDS[:2]),
        ("**/a.py::*", (*IDS[:2], *IDS[3:])),
        ("a.py::test_x[*]", IDS[3:4]),
        ("tests/[ab].py", ()),
        ("tests/", IDS[:3]),
        ("tests/**/?.py", IDS[:3]),
        ("*::test_2", IDS[1:3]),
        ("tests/b.py::C", IDS[2:3]),
        ("a.py::test_x", IDS[3:4]),
        ("a.py::test_x[1-b]", IDS[3:4]),
        ("a.py::test_x[1-c]", ()),
        ("te", ()),
    ],
)
def test_tests_are_named_by_glob_or_as_on_pytests_command_line(pattern, named):
    gate = Gate(name="g", measure="passed_percent", tests=pattern, min=100)
    reports = {name: replace(REPORT, tests=(TestRow(id=name, outcome="passed"),)) for name in IDS}
    assert tuple(name for name, report in reports.items() if check([gate], report).rows[0].met) == named


@pytest.mark.parametrize(
    ("passed", "gate", "shown"),
    [
        (2, Gate(name="g", measure="passed_percent", min=60), "66.67 %"),
        (2, Gate(name="g", measure="passed_percent", max=66.67), "66.67 %"),
        (2, Gate(name="g", measure="passed_percent", min=66.67), "66.667 %"),
        (20_000, Gate(name="g", measure="passed_percent", min=100), "99.995 %"),
        (200_000, Gate(name="g", measure="failed_percent", max=0), "0.0005 %"),
        (3, Gate(name="g", measure="failures", max=0), "1"),
        (1, Gate(name="g", measure="passed_percent", marker="no", max=0), "-"),
    ],
)
def test_a_figure_is_not_rounded_to_the_other_side_of_its_bound(passed, gate, shown):
    many = TestRow(id="t", outcome="passed"), TestRow(id="t", outcome="failed")
    report = replace(REPORT, tests=(many[0],) * passed + many[1:])
    assert check([gate], report).rows[0].shown == shown


def test_a_large_figure_is_written_out():
    rows = tuple(site(number, Rule.DEPRECATED_USE, Status.NEW) for number in range(12_345))
    (row,) = check([Gate(name="g", measure="sites", max=1_234_567)], replace(REPORT, sites=rows)).rows
    assert (row.shown, row.bounds) == ("12345", "<= 1234567")


def test_a_rollback_trigger_that_failed_is_named():
    failed = TestRow(id="t.py::test_x", outcome="error", markers=("ssot_rollback_trigger",))
    passed = TestRow(id="t.py::test_y", outcome="passed", markers=("ssot_rollback_trigger",))
    result = check([], replace(REPORT, tests=(failed, passed)))
    assert (result.triggers, result.passed) == (("t.py::test_x",), False)


def test_an_incomplete_result_gets_no_all_clear():
    lost = replace(REPORT, run=replace(RUN, complete=False, lost_workers=("gw1",)))
    result = check([Gate(name="g", measure="sites", max=5)], lost)
    assert result.rows[0].met
    assert (result.passed, result.lost) == (False, ("worker gw1 was lost",))
