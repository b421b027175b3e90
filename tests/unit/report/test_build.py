from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.judge import Allowed, Baseline, Expect, Judge, Marks
from pytest_ssot_tracker.model import (
    BlindSpot,
    By,
    Decision,
    Exempt,
    Flag,
    Guard,
    Observation,
    Phase,
    Rule,
    Site,
    Status,
    Step,
    Target,
    Verdict,
)
from pytest_ssot_tracker.report import Gathered, GatheredTest, Report, RunInfo, Scanned
from pytest_ssot_tracker.report.rows import AllowRow, BlindRow, BudgetRow, Exercise, SeenRow, SiteRow
from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Tree
from pytest_ssot_tracker.settings.tables import Unfound
from pytest_ssot_tracker.source import Allow

TODAY = datetime.date(2026, 6, 1)
THING = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "app/b.py", 12, "make", "thing = Thing()")
IMPORT = Site(Rule.DEPRECATED_IMPORT, "execution", "pkg.old", "app/c.py", 1, "<module>", "import pkg.old")
IN_BODY = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "tests/test_a.py", 9, "test_x.inner", "Thing()")
TEST = "tests/test_a.py::test_x"
EXPECT = Marks(expects=(Expect((Rule.DEPRECATED_USE,)),))
RUN = RunInfo(
    version="1.0",
    phase=Phase.RATCHET,
    python="3.13.0",
    pytest="9.2.0",
    root="/project",
    started="2026-06-01T12:00:00+00:00",
)


def judge(phase: Phase = Phase.RATCHET, *known: Site, allow: Allow | None = None, **table: Any) -> Judge:
    given = {"name": "execution", "canonical": Target.parse("pkg.new:Tracker"), **table}
    settings = Settings(root=Path("/project"), file=None, tree=Tree("/project"), phase=phase, ssots=(Ssot(**given),))

    def lookup(site: Site) -> Allow | None:
        return allow if allow is not None and (site.path, site.line) == (allow.path, allow.line) else None

    return Judge(settings=settings, baseline=Baseline.of(known), today=TODAY, allow_lookup=lookup)


def seen(site: Site = THING, test: str | None = TEST, **more: Any) -> Observation:
    return Observation(site, test, more.pop("step", Step.CALL), **more)


def ran(*observations: Observation, status: Status = Status.NEW, **more: Any) -> GatheredTest:
    given = {
        "id": TEST,
        "outcome": "passed",
        "ended": True,
        "path": "tests/test_a.py",
        "scope": "test_x",
        "observations": observations,
        "statuses": {one.site.id: status for one in observations},
        **more,
    }
    return GatheredTest(**given)


def build(judge: Judge, *tests: GatheredTest, scan: Any = None, run: RunInfo = RUN, **more: Any) -> Report:
    strict = more.pop("strict_blind_spots", False)
    gathered = Gathered(tests=tests, **more)
    scanned = Scanned(sites=scan) if isinstance(scan, list) else scan
    return Report.build(judge.settings, judge, gathered, run=run, scan=scanned, strict_blind_spots=strict)


def only(report: Report) -> SiteRow:
    (row,) = report.sites
    return row


def test_an_empty_run_does_not_fail() -> None:
    report = build(judge())
    assert (report.failed, report.failures, report.sites) == (False, (), ())


def test_a_site_knows_every_test_that_reached_it_and_how_often() -> None:
    report = build(
        judge(),
        ran(seen(count=2), seen(count=1), seen(step=Step.SETUP, fixture="db"), seen(thread="T-1", detail=("fact",))),
        ran(seen(test="t2", count=4), id="t2"),
    )
    row = only(report)
    assert (row.count, row.tests, row.found_by) == (9, ("t2", TEST), ("run",))
    assert row.seen == (
        SeenRow(test="t2", step=Step.CALL, by=By.CALL, count=4),
        SeenRow(test=TEST, step=Step.CALL, by=By.CALL, count=3),
        SeenRow(test=TEST, step=Step.CALL, by=By.CALL, count=1, thread="T-1", detail=("fact",)),
        SeenRow(test=TEST, step=Step.SETUP, by=By.CALL, count=1, fixture="db"),
    )


def test_a_site_carries_owner_issue_and_replacement() -> None:
    row = only(build(judge(owner="platform", issue="#220"), ran(seen())))
    assert (row.owner, row.issue, row.replacement) == ("platform", "#220", "pkg.new:Tracker")


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ([Status.EXPECTED, Status.NEW], Status.NEW),
        ([Status.EXPECTED, Status.KNOWN], Status.KNOWN),
        ([Status.ALLOWED, Status.EXPECTED], Status.EXPECTED),
        ([Status.ALLOWED], Status.ALLOWED),
    ],
)
def test_a_site_stands_as_its_worst_observation(statuses: list[Status], worst: Status) -> None:
    tests = [ran(seen(test=f"t{n}"), id=f"t{n}", status=status) for n, status in enumerate(statuses)]
    assert only(build(judge(), *tests)).status is worst


def test_a_bypass_that_is_always_inside_an_accessor_is_allowed() -> None:
    bypass = Site(Rule.SINGLETON_BYPASS, "execution", "pkg.new:Tracker", "pkg/new.py", 5, "get", "Tracker()")
    inside, outside = seen(bypass, exempt=Exempt.ACCESSOR), seen(bypass)
    assert only(build(judge(), ran(inside, statuses={}))).status is Status.ALLOWED
    assert only(build(judge(), ran(inside, statuses={}), ran(outside, id="t2", statuses={}))).status is Status.NEW


@pytest.mark.parametrize(
    ("in_run", "in_scan", "covered", "found_by", "exercise"),
    [
        (True, True, True, ("scan", "run"), Exercise.EXERCISED),
        (False, True, True, ("scan",), Exercise.UNEXERCISED),
        (True, False, True, ("run",), Exercise.DYNAMIC),
        (True, False, False, ("run",), Exercise.EXERCISED),
    ],
)
def test_scan_and_run_are_one_list_of_sites(
    in_run: bool, in_scan: bool, covered: bool, found_by: tuple[str, ...], exercise: Exercise
) -> None:
    scan = Scanned(sites=[THING] if in_scan else [], covers=lambda path: covered)
    row = only(build(judge(), *([ran(seen())] if in_run else [ran()]), scan=scan))
    assert (row.found_by, row.exercise) == (found_by, exercise)


def test_without_a_scan_nothing_is_called_dynamic() -> None:
    assert only(build(judge(), ran(seen()))).exercise is Exercise.EXERCISED


@pytest.mark.parametrize(
    ("phase", "known", "fails"),
    [
        (Phase.BASELINE, False, False),
        (Phase.RATCHET, True, False),
        (Phase.RATCHET, False, True),
        (Phase.ENFORCE, True, True),
    ],
)
def test_a_site_that_the_scan_alone_found_fails_the_session_where_an_unmarked_test_would(
    phase: Phase, known: bool, fails: bool
) -> None:
    report = build(judge(phase, *([THING] if known else [])), ran(), scan=[THING])
    assert report.failed is fails
    assert only(report).status is (Status.KNOWN if known else Status.NEW)
    if fails:
        assert report.failures == ("unexercised: 1 site found by the scan alone: app/b.py:12",)


def test_a_site_that_a_marked_test_reaches_does_not_fail_the_session() -> None:
    report = build(judge(), ran(seen(), status=Status.EXPECTED), scan=[THING])
    assert (report.failed, only(report).status) == (False, Status.EXPECTED)


@pytest.mark.parametrize(
    ("marks", "status", "fails"),
    [
        (EXPECT, Status.EXPECTED, False),
        (Marks(allows=(Allowed(reason="r"),)), Status.ALLOWED, False),
        (Marks(), Status.NEW, True),
    ],
)
def test_a_marker_covers_scan_sites_in_the_tests_own_body(marks: Marks, status: Status, fails: bool) -> None:
    report = build(judge(), ran(marks=marks), scan=[IN_BODY])
    assert (only(report).status, report.failed) == (status, fails)


def test_a_marker_covers_no_scan_site_elsewhere() -> None:
    report = build(judge(), ran(marks=EXPECT), ran(marks=EXPECT, id="t2", scope="test"), scan=[THING])
    assert report.failed
    other = Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "tests/test_a.py", 9, "test_xy", "Thing()")
    assert build(judge(), ran(marks=EXPECT), scan=[other]).failed


def test_a_test_held_to_enforce_makes_its_own_body_fail_the_session() -> None:
    assert build(judge(Phase.BASELINE), ran(marks=Marks(enforce=True)), scan=[IN_BODY]).failed


def test_a_flagged_site_never_fails() -> None:
    report = build(judge(Phase.ENFORCE), ran(), scan=[IMPORT.flagged(Flag.TYPE_CHECKING)])
    assert (report.failed, only(report).status) == (False, Status.ALLOWED)


@pytest.mark.parametrize(
    ("rule", "by"),
    [
        (Rule.DEPRECATED_USE, By.CALL),
        (Rule.DEPRECATED_IMPORT, By.IMPORT),
        (Rule.DEPRECATED_BASE, By.CLASS),
        (Rule.STATE_LEAK, By.CHECK),
    ],
)
def test_what_a_detector_saw_says_what_that_was(rule: Rule, by: By) -> None:
    report = build(judge(), ran(seen(dataclasses.replace(THING, rule=rule))))
    assert [one.by for one in only(report).seen] == [by]


def test_a_line_and_coverage_are_told_apart_from_what_was_seen() -> None:
    tests = ran(reached=(seen(),)), ran(id="t2")
    report = build(judge(), *tests, scan=[THING])
    assert [(one.test, one.by) for one in only(report).seen] == [(TEST, By.LINE)]
    assert only(report).exercise is Exercise.EXERCISED
    assert only(build(judge(), ran(seen(), reached=(seen(count=5),)), scan=[THING])).count == 1
    covered = Report.build(
        judge().settings,
        judge(),
        Gathered(tests=tests),
        run=RUN,
        scan=Scanned(sites=[THING]),
        covered=[seen(test="t2")],
    )
    assert [(one.test, one.by) for one in only(covered).seen] == [("t2", By.COVERAGE), (TEST, By.LINE)]


def test_what_was_seen_at_collection_stands_as_it_was_judged_there() -> None:
    loose = seen(test=None, step=Step.COLLECT, bucket="collection")
    failing = build(judge(), observations=(loose,), statuses={THING.id: Status.NEW}, failing=frozenset([THING.id]))
    assert failing.failures == ("collection: 1 site seen at collection, where no test can fail for it: app/b.py:12",)
    assert only(failing).seen == (SeenRow(test=None, step=Step.COLLECT, by=By.CALL, count=1, bucket="collection"),)
    marked = build(judge(), observations=(loose,), statuses={THING.id: Status.EXPECTED})
    assert (marked.failed, only(marked).status) == (False, Status.EXPECTED)


@pytest.mark.parametrize(
    ("bucket", "text"),
    [
        ("unattributed", "unattributed: 1 site seen in no test that can be named: app/b.py:12"),
        ("teardown", "teardown: 1 site seen in the teardown of a wide fixture: app/b.py:12"),
    ],
)
def test_the_other_buckets_fail_the_session_as_an_unmarked_test_would(bucket: str, text: str) -> None:
    loose = seen(test=None, step=Step.TEARDOWN, fixture="db", bucket=bucket)
    assert build(judge(), observations=(loose,)).failures == (text,)
    assert not build(judge(Phase.RATCHET, THING), observations=(loose,)).failed
    assert not build(judge(Phase.BASELINE), observations=(loose,)).failed
    assert build(judge(Phase.ENFORCE, THING), observations=(loose,)).failed


def test_a_reason_names_the_first_places_only() -> None:
    sites = [
        Site(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", f"app/{n}\n.py", 1, "f", "Thing()") for n in range(5)
    ]
    assert build(judge(), ran(), scan=sites).failures == (
        "unexercised: 5 sites found by the scan alone: app/0\\n.py:1, app/1\\n.py:1, app/2\\n.py:1 and 2 more",
    )


def test_a_reason_names_a_place_with_several_sites_once() -> None:
    sites = [Site(Rule.DEPRECATED_IMPORT, "execution", f"pkg.old:{n}", "app/a.py", 1, "f", "x") for n in "abcd"]
    assert build(judge(), ran(), scan=[*sites, THING]).failures == (
        "unexercised: 5 sites found by the scan alone: app/a.py:1, app/b.py:12",
    )


def test_tests_that_we_failed_are_a_reason_and_others_are_not() -> None:
    ours = Decision(Verdict.FAIL, "x")
    report = build(
        judge(),
        ran(id="a", outcome="failed", decision=ours),
        ran(id="b", outcome="failed", decision=Decision(Verdict.PASS)),
        ran(id="c", outcome="error", decision=ours),
        ran(id="d", outcome="xfailed", decision=Decision(Verdict.XFAIL, "x")),
        ran(id="e"),
    )
    assert report.failures == ("tests: 2 tests failed for a violation: a, c",)
    assert [test.reason for test in report.tests] == ["ssot", None, "ssot", "ssot", None]


def test_an_exceeded_budget_fails_the_session_and_nothing_else_does() -> None:
    limited = judge(Phase.ENFORCE, max={Rule.DEPRECATED_USE: 1})
    within = build(limited, ran(seen()))
    assert (within.failed, within.budgets) == (False, (BudgetRow("execution", Rule.DEPRECATED_USE, 1, 1),))
    over = build(limited, ran(seen()), scan=[IN_BODY])
    assert over.failures == ("budget: 2 sites of deprecated-use in execution, max is 1; remove 1 of them",)


def test_state_left_behind_is_recorded_and_fails_nothing() -> None:
    leak = Site(Rule.STATE_LEAK, "execution", "pkg.new:Tracker", "pkg/new.py", 1, "Tracker", "class Tracker:")
    report = build(judge(Phase.ENFORCE), observations=(seen(leak, test=None, bucket="teardown"),))
    assert (report.failed, only(report).status) == (False, Status.NEW)


def test_totals_count_sites_and_fixed_and_stale_markers() -> None:
    notes = ("fixed: x", "stale: y")
    report = build(
        judge(Phase.RATCHET, IN_BODY, IMPORT),
        ran(seen(), decision=Decision(Verdict.PASS, "", notes)),
        ran(seen(IMPORT, test="t2"), id="t2", status=Status.KNOWN),
        scan=[THING, IMPORT],
    )
    totals = report.totals
    assert (totals.new, totals.known, totals.expected, totals.allowed) == (1, 1, 0, 0)
    assert (totals.fixed, totals.stale) == (2, 1)
    assert report.fixed == (IN_BODY,)


@pytest.mark.parametrize(
    ("more", "run", "fixed"),
    [
        ({}, RUN, True),
        ({"lost_workers": ("gw0",)}, RUN, False),
        ({"incomplete": ("interrupted",)}, RUN, False),
        ({}, RunInfo(**{**{f: getattr(RUN, f) for f in RUN.__slots__}, "selected": True}), False),
    ],
)
def test_an_incomplete_or_selected_run_calls_nothing_fixed(more: dict[str, Any], run: RunInfo, fixed: bool) -> None:
    assert bool(build(judge(Phase.RATCHET, THING), ran(), scan=[], run=run, **more).fixed) is fixed


def test_a_test_that_did_not_end_leaves_open_what_it_would_have_done() -> None:
    known = judge(Phase.RATCHET, THING)
    assert not build(known, ran(), ran(id="t2", ended=False, outcome="failed"), scan=[]).fixed
    gone = Scanned(stands=lambda site: False)
    assert build(known, ran(ended=False, outcome="failed"), scan=gone).fixed == (THING,)


def test_without_tests_and_scan_nothing_was_looked_at() -> None:
    assert not build(judge(Phase.RATCHET, THING)).fixed


def test_a_lost_worker_is_said() -> None:
    report = build(judge(), workers=("gw0", "gw1"), lost_workers=("gw1",))
    assert (report.run.complete, report.run.workers, report.run.lost_workers) == (False, ("gw0", "gw1"), ("gw1",))


def test_tables_are_listed_with_what_watches_them_and_what_could_not_be_watched() -> None:
    ssot = Ssot(
        name="execution",
        canonical=Target.parse("pkg.new:Tracker"),
        deprecated=(Target.parse("pkg.old"), Target.parse("pkg.gone")),
        owner="platform",
        issue="#220",
        until=datetime.date(2026, 12, 31),
        phase=Phase.ENFORCE,
    )
    ids = Ids(name="ids", forbidden=(Target.parse("uuid:uuid4"),), until=TODAY - datetime.timedelta(1))
    settings = Settings(root=Path("/p"), file=None, tree=Tree("/p"), phase=Phase.BASELINE, ssots=(ssot,), ids=(ids,))
    gone = Unfound("execution", "pkg.gone", goes=True, lacks="there is no module 'pkg.gone'", was="known to git")
    settings = dataclasses.replace(settings, unfound=(gone,))
    gathered = Gathered(
        guards=(Guard("uuid:uuid4", "monitoring"), Guard("pkg.old:Thing", "in-place"), Guard("pkg.old", "import")),
        blind_spots=(
            BlindSpot("pkg.old:C", "no code", "execution"),
            BlindSpot("x", "y"),
            BlindSpot("c", "d", None, "t"),
        ),
    )
    report = Report.build(settings, Judge(settings=settings, baseline=Baseline(), today=TODAY), gathered, run=RUN)
    first, second = report.ssots
    assert (first.name, first.phase, first.canonical) == ("execution", Phase.ENFORCE, "pkg.new:Tracker")
    assert (first.owner, first.issue, first.until, first.retired) == ("platform", "#220", "2026-12-31", ("pkg.gone",))
    assert first.guards == (Guard("pkg.old", "import"), Guard("pkg.old:Thing", "in-place"))
    assert first.blind_spots == (BlindRow("pkg.old:C", "no code"),)
    assert (second.name, second.phase, second.canonical) == ("ids", Phase.ENFORCE, None)
    assert second.guards == (Guard("uuid:uuid4", "monitoring"),)
    assert report.blind_spots == (BlindRow("x", "y"),)


def test_targets_that_name_nothing_are_gone_or_a_blind_spot_unless_the_run_has_met_them() -> None:
    unfound = (
        Unfound("execution", "pkg.gone", goes=True, lacks="nothing is there", was="known to git"),
        Unfound("execution", "pkg.made", goes=True, lacks="nothing is there"),
        Unfound("execution", "pkg.odd", goes=True, lacks="nothing is there", near="pkg.old"),
        Unfound("execution", "pkg.new:Tracker", lacks="nothing is there"),
    )
    told = judge()
    (table,) = told.settings.ssots
    table = dataclasses.replace(table, deprecated=(Target.parse("pkg.old"),))
    settings = dataclasses.replace(told.settings, unfound=unfound, ssots=(table,))
    pairs = {("execution", "pkg.made"), ("execution", "pkg.old"), ("execution", "pkg.old:get")}
    gathered = Gathered(met=frozenset({("execution", "pkg.made")}), gone=frozenset(pairs))
    report = Report.build(settings, told, gathered, run=RUN)
    (row,) = report.ssots
    assert row.retired == ("pkg.gone",)
    assert [spot.target for spot in row.blind_spots] == ["pkg.new:Tracker", "pkg.odd", "pkg.old:get"]
    assert report.failures == ("names: pkg.odd names nothing; did you mean pkg.old?",)
    only_scanned = dataclasses.replace(RUN, pytest=None)
    assert Report.build(settings, told, gathered, run=only_scanned).failures == ()


def test_blind_spots_fail_only_when_asked_to() -> None:
    spots = {"blind_spots": (BlindSpot("x", "y"), BlindSpot("pkg.old", "loaded before", "execution"))}
    child = ran(blind_spots=(BlindSpot("child", "not watched", None, TEST),))
    assert not build(judge(), child, **spots).failed
    strict = build(judge(), child, strict_blind_spots=True, **spots)
    assert strict.failures == ("blind spots: 3 targets could not be watched: x, pkg.old, child",)
    assert not build(judge(), ran(), strict_blind_spots=True).failed
    assert strict.tests[0].blind_spots == (BlindRow("child", "not watched"),)


ALLOW = Allow("app/b.py", 12, 12, ("deprecated-use",), "legacy")
BAD = Allow("app/z.py", 3, 3, ("nope",), "x", "there is no rule 'nope'")


def test_an_allow_that_exempts_something_is_not_reported() -> None:
    report = build(judge(allow=ALLOW), ran(), scan=Scanned(sites=[THING], allows=[ALLOW]))
    assert (report.allows, only(report).status, report.failed) == ((), Status.ALLOWED, False)


def test_allows_without_effect_are_reported_and_fail_nothing() -> None:
    report = build(judge(), ran(), scan=Scanned(allows=[BAD, ALLOW]))
    assert report.allows == (
        AllowRow("app/b.py", 12, "it exempts nothing; remove it"),
        AllowRow("app/z.py", 3, "there is no rule 'nope'"),
    )
    assert not report.failed


def test_that_an_allow_exempts_nothing_is_not_said_of_a_run_that_left_something_out() -> None:
    report = build(judge(), ran(), scan=Scanned(allows=[BAD, ALLOW]), lost_workers=("gw0",))
    assert [row.path for row in report.allows] == ["app/z.py"]


def test_the_caller_can_add_a_reason() -> None:
    one = judge()
    report = Report.build(one.settings, one, Gathered(), run=RUN, more_failures=["baseline: not updated"])
    assert (report.failed, report.failures) == (True, ("baseline: not updated",))


def test_sites_are_in_order_of_path_and_line() -> None:
    report = build(judge(Phase.BASELINE), ran(seen(IMPORT), seen(IN_BODY), seen(THING)))
    assert [row.site for row in report.sites] == [THING, IMPORT, IN_BODY]
