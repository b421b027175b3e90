from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_ssot_tracker.model import Phase, Rule, Site, Status, Step
from pytest_ssot_tracker.report import REPORTERS, Output, Report, RunInfo, progress
from pytest_ssot_tracker.report.rows import (
    AllowRow,
    BlindRow,
    BudgetRow,
    Exercise,
    SeenRow,
    SiteRow,
    SsotRow,
    TestRow,
    Totals,
)
from pytest_ssot_tracker.settings.options import GROUPS

RUN = RunInfo(version="1", phase=Phase.RATCHET, python="3.13", pytest="9", root="/p", started="now")
CLEAN = Report(run=RUN, ssots=(SsotRow(name="execution", phase=Phase.RATCHET),), totals=Totals(known=12, fixed=3))


class Screen:
    """Keep what a terminal would show."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str, sep: str = "=", **markup: bool) -> None:
        self.lines.append(f"{sep} {title}")

    def write_line(self, line: str, **markup: bool) -> None:
        self.lines.append(line)


def shown(report: Report, *, verbose: bool = False, group: str = "rule") -> list[str]:
    screen: Any = Screen()
    REPORTERS["term-verbose" if verbose else "term"](report, Output(terminal=screen, group=group))
    return list(screen.lines)


def row(path: str = "app/b.py", rule: Rule = Rule.DEPRECATED_USE, status: Status = Status.NEW, **more: Any) -> SiteRow:
    given = {
        "site": Site(rule, "execution", more.pop("target", "pkg.old:Thing"), path, 12, "f", "Thing()"),
        "status": status,
        "found_by": ("run",),
        "exercise": Exercise.EXERCISED,
        "seen": (SeenRow(test="t1", step=Step.CALL, count=1),),
        **more,
    }
    return SiteRow(**given)


def with_sites(*rows: SiteRow, **more: Any) -> Report:
    totals = Totals(**{status.value: sum(one.status is status for one in rows) for status in Status})
    return replace(CLEAN, sites=rows, totals=totals, **more)


def test_a_clean_run_is_one_line() -> None:
    assert shown(CLEAN) == ["ssot: clean (phase ratchet, 12 known, 0 allowed, 0 expected, 3 fixed, 0 stale)"]


def test_what_is_retired_is_named_for_it_may_be_a_slip_of_the_pen() -> None:
    old = [SsotRow(name="a", phase=Phase.RATCHET, retired=("pkg.old", "pkg.older:Thing"))]
    assert shown(replace(CLEAN, ssots=tuple(old))) == [
        "ssot: clean (phase ratchet, 12 known, 0 allowed, 0 expected, 3 fixed, 0 stale; "
        "retired: pkg.old, pkg.older:Thing)"
    ]
    old.append(SsotRow(name="b", phase=Phase.RATCHET, retired=("pkg.old", "x", "y")))
    assert shown(replace(CLEAN, ssots=tuple(old), failures=("z",)))[-1].endswith(
        "; retired: pkg.old, pkg.older:Thing, x and 1 more)"
    )
    verbose = shown(replace(CLEAN, ssots=tuple(old)), verbose=True)
    assert verbose[-7:-1] == ["retired", "  a: pkg.old", "  a: pkg.older:Thing", "  b: pkg.old", "  b: x", "  b: y"]


def test_known_sites_that_nothing_fails_for_stay_a_count() -> None:
    report = with_sites(row(status=Status.KNOWN), row(status=Status.EXPECTED), row(status=Status.ALLOWED))
    assert shown(report) == ["ssot: clean (phase ratchet, 1 known, 1 allowed, 1 expected, 0 fixed, 0 stale)"]


def test_new_sites_come_first_by_rule_with_what_to_do_and_then_the_counts() -> None:
    report = with_sites(
        row(
            seen=(
                SeenRow(test="t1", step=Step.CALL, count=4),
                SeenRow(test="t1", step=Step.SETUP, count=1),
                SeenRow(test="t2", step=Step.CALL, count=2),
            ),
            owner="platform",
            issue="#220",
            replacement="pkg.new:Thing",
        ),
        row("app/c.py", Rule.DEPRECATED_IMPORT, target="pkg.old", replacement="pkg.new"),
        row("app/d.py"),
        row("app/k.py", status=Status.KNOWN),
        failures=("tests: 2 tests failed for a violation: t1, t2",),
    )
    assert shown(report) == [
        "= ssot: phase ratchet, 3 new",
        "new (3)",
        "  deprecated-import",
        "    app/c.py:12  pkg.old  1 time by 1 test; use pkg.new",
        "  deprecated-use",
        "    app/b.py:12  pkg.old:Thing  7 times by 2 tests; use pkg.new:Thing (platform, #220)",
        "    app/d.py:12  pkg.old:Thing  1 time by 1 test",
        "failed",
        "  tests: 2 tests failed for a violation: t1, t2",
        "ssot: 3 new, 1 known, 0 allowed, 0 expected, 0 fixed, 0 stale, 0 blind spots (phase ratchet)",
    ]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"exercise": Exercise.UNEXERCISED, "seen": ()}, "unexercised"),
        ({"exercise": Exercise.DYNAMIC}, "1 time by 1 test, dynamic"),
        ({"seen": (SeenRow(test="t1", step=Step.CALL, count=1, via="re"),)}, "1 time by 1 test via re"),
        ({"seen": (SeenRow(test=None, step=Step.COLLECT, count=2, bucket="collection"),)}, "2 times at collection"),
        (
            {"seen": (SeenRow(test=None, step=Step.TEARDOWN, count=1, bucket="teardown", fixture="db"),)},
            "1 time in teardown of db",
        ),
        (
            {"seen": (SeenRow(test=None, step=Step.CALL, count=1, bucket="unattributed", origin="a thread of t9"),)},
            "1 time unattributed (a thread of t9)",
        ),
        (
            {
                "seen": (
                    SeenRow(test="t1", step=Step.CALL, count=1),
                    SeenRow(test=None, step=Step.CALL, count=1, bucket="unattributed"),
                )
            },
            "2 times by 1 test, unattributed",
        ),
    ],
)
def test_a_site_says_who_reached_it(more: dict[str, Any], text: str) -> None:
    assert shown(with_sites(row(**more)))[3] == f"    app/b.py:12  pkg.old:Thing  {text}"


def test_facts_of_a_site_are_shown_once_beneath_it() -> None:
    seen = tuple(SeenRow(test=test, step=Step.CALL, count=1, detail=("first at app/a.py:3",)) for test in ("a", "b"))
    assert shown(with_sites(row(seen=seen)))[4:-1] == ["      first at app/a.py:3"]


def test_known_sites_are_listed_where_they_fail() -> None:
    report = with_sites(
        row(status=Status.KNOWN, fails="test"),
        failures=("x",),
        ssots=(SsotRow(name="execution", phase=Phase.ENFORCE),),
    )
    assert shown(report)[1:4] == ["known (1)", "  deprecated-use", "    app/b.py:12  pkg.old:Thing  1 time by 1 test"]


def test_it_is_said_for_which_tables_another_phase_holds_and_why() -> None:
    report = replace(
        CLEAN,
        run=replace(RUN, started="2026-11-23T01:00:00+00:00"),
        ssots=(
            SsotRow(name="late", phase=Phase.ENFORCE, until="2026-11-22"),
            SsotRow(name="ahead", phase=Phase.ENFORCE, until="2026-11-23"),
            SsotRow(name="execution", phase=Phase.RATCHET),
        ),
        failures=("x",),
    )
    assert shown(report)[1:4] == [
        "held to another phase",
        "  late: enforce, for its until, 2026-11-22, is over",
        "  ahead: enforce",
    ]


def test_verbose_lists_everything() -> None:
    report = with_sites(
        row(status=Status.KNOWN),
        row("app/e.py", status=Status.EXPECTED),
        row("app/a.py", status=Status.ALLOWED),
        tests=(
            TestRow(id="t1", outcome="passed", notes=("fixed: remove it (x)",)),
            TestRow(id="t2", outcome="passed", notes=("stale: no effect (y)",)),
        ),
        fixed=(row("app/f.py").site,),
        budgets=(BudgetRow("execution", Rule.DEPRECATED_USE, 4, 1),),
    )
    assert shown(report, verbose=True) == [
        "= ssot: phase ratchet",
        "known (1)",
        "  deprecated-use",
        "    app/b.py:12  pkg.old:Thing  1 time by 1 test",
        "expected (1)",
        "  deprecated-use",
        "    app/e.py:12  pkg.old:Thing  1 time by 1 test",
        "allowed (1)",
        "  deprecated-use",
        "    app/a.py:12  pkg.old:Thing  1 time by 1 test",
        "fixed markers",
        "  t1: remove it (x)",
        "stale markers",
        "  t2: no effect (y)",
        "fixed sites",
        "  app/f.py  deprecated-use pkg.old:Thing  Thing()",
        "budgets",
        "  execution: 1 site of deprecated-use, max is 4",
        "ssot: clean (phase ratchet, 1 known, 1 allowed, 1 expected, 0 fixed, 0 stale)",
    ]


def test_what_could_not_be_watched_and_what_was_lost_is_said_before_why_it_failed() -> None:
    report = replace(
        CLEAN,
        run=replace(RUN, complete=False, lost_workers=("gw1",), incomplete=("the session was interrupted",)),
        ssots=(SsotRow(name="execution", phase=Phase.RATCHET, blind_spots=(BlindRow("pkg.old", "loaded before"),)),),
        tests=(
            TestRow(id="t1", outcome="passed", blind_spots=(BlindRow("child", "not watched"),)),
            *(TestRow(id=f"t{n}", outcome="passed", blind_spots=(BlindRow("os.fork", "too"),)) for n in (2, 3, 4)),
        ),
        blind_spots=(BlindRow("x", "y"),),
        allows=(AllowRow("app/b.py", 3, "it exempts nothing; remove it"),),
        budgets=(
            BudgetRow("execution", Rule.DEPRECATED_USE, 4, 5),
            BudgetRow("execution", Rule.DEPRECATED_BASE, 4, 4),
        ),
        failures=("one", "two"),
    )
    assert shown(report)[1:] == [
        "blind spots",
        "  x: y",
        "  execution: pkg.old: loaded before",
        "  t1: child: not watched",
        "  t2 and 2 more tests: os.fork: too",
        "allows without effect",
        "  app/b.py:3: it exempts nothing; remove it",
        "budgets",
        "  execution: 5 sites of deprecated-use, max is 4",
        "incomplete",
        "  worker gw1 was lost: what it had not yet reported is missing",
        "  the session was interrupted",
        "  nothing is called fixed and no baseline is changed",
        "failed",
        "  one",
        "  two",
        "ssot: 0 new, 12 known, 0 allowed, 0 expected, 3 fixed, 0 stale, 4 blind spots, incomplete (phase ratchet)",
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"blind_spots": (BlindRow("x", "y"),)},
        {"allows": (AllowRow("a", 1, "b"),)},
        {"failures": ("x",)},
        {"run": replace(RUN, complete=False)},
        {"totals": Totals(new=1)},
    ],
)
def test_a_run_with_anything_to_say_is_not_called_clean(more: dict[str, Any]) -> None:
    assert not any("clean" in line for line in shown(replace(CLEAN, **more)))


HOSTILE = "a\n\x1b[2J\u202eb\udcff"


def test_hostile_text_is_harmless_wherever_it_stands() -> None:
    seen = (
        SeenRow(test=None, step=Step.CALL, count=1, bucket="unattributed", origin=HOSTILE, detail=(HOSTILE,)),
        SeenRow(test=None, step=Step.CALL, count=1, bucket="teardown", fixture=HOSTILE),
    )
    site = row(HOSTILE, target=HOSTILE, owner=HOSTILE, issue=HOSTILE, replacement=HOSTILE, seen=seen)
    spot = BlindRow(HOSTILE, HOSTILE)
    report = with_sites(
        site,
        tests=(TestRow(id=HOSTILE, outcome="passed", notes=(f"fixed: {HOSTILE}",), blind_spots=(spot,)),),
        blind_spots=(spot,),
        fixed=(site.site,),
        ssots=(SsotRow(name=HOSTILE, phase=Phase.ENFORCE, retired=(HOSTILE,), blind_spots=(spot,)),),
        allows=(AllowRow(HOSTILE, 1, HOSTILE),),
        budgets=(BudgetRow(HOSTILE, Rule.DEPRECATED_USE, 0, 1),),
        failures=(HOSTILE,),
        run=replace(RUN, complete=False, lost_workers=(HOSTILE,), incomplete=(HOSTILE,)),
    )
    lines = shown(report, verbose=True)
    assert [line for line in lines if not line.isprintable()] == []
    assert sum("\\x1b[2J" in line for line in lines) == 15


def test_without_a_terminal_nothing_is_shown() -> None:
    REPORTERS["term"](CLEAN, Output())


@pytest.mark.parametrize(
    ("group", "lines"),
    [
        (
            "target",
            ["  pkg.old:Thing", "    app/b.py:12  deprecated-use", "  pkg.older", "    lib/c.py:12  deprecated-import"],
        ),
        (
            "owner",
            [
                "  no owner",
                "    lib/c.py:12  deprecated-import  pkg.older",
                "  platform",
                "    app/b.py:12  deprecated-use  pkg.old:Thing",
            ],
        ),
        (
            "path",
            [
                "  app/",
                "    app/b.py:12  deprecated-use  pkg.old:Thing",
                "  lib/",
                "    lib/c.py:12  deprecated-import  pkg.older",
            ],
        ),
    ],
)
def test_sites_are_listed_by_what_was_asked_for(group: str, lines: list[str]) -> None:
    report = with_sites(row(owner="platform"), row("lib/c.py", Rule.DEPRECATED_IMPORT, target="pkg.older"))
    told = [line.partition("  1 time")[0] for line in shown(report, group=group)[2:6]]
    assert told == lines


def test_every_group_that_an_option_offers_can_be_listed_by() -> None:
    assert set(GROUPS) == set(progress.GROUPS)


def test_the_largest_group_comes_first_where_sites_are_not_listed_by_rule() -> None:
    report = with_sites(row("a/x.py"), row("b/y.py"), row("b/z.py"))
    assert [line for line in shown(report, group="path") if line.endswith("/")] == ["  b/", "  a/"]


def test_of_many_sites_the_first_are_listed_and_what_is_left_out_is_said() -> None:
    many = [row(f"app/{number:03}.py") for number in range(300)]
    few = [row(f"lib/{number}.py", Rule.DEPRECATED_IMPORT) for number in range(4)]
    report = with_sites(*many, *few)
    lines = shown(report)
    assert sum(line.startswith("    ") for line in lines) == 50
    assert lines[2:8] == [
        "  deprecated-import",
        *(f"    lib/{number}.py:12  pkg.old:Thing  1 time by 1 test" for number in range(4)),
        "  deprecated-use (300)",
    ]
    assert "  254 of 304 are not shown; --ssot-report=term-verbose lists them all" in lines
    assert sum(line.startswith("    ") for line in shown(report, verbose=True)) == 304


def test_of_many_groups_the_largest_are_listed_and_what_is_left_out_is_said() -> None:
    lines = shown(with_sites(*(row(f"d{number:02}/x.py") for number in range(30))), group="path")
    assert sum(line.startswith("    ") for line in lines) == 20
    line = "  10 of 30 are not shown, some in 10 more groups; --ssot-report=term-verbose lists them all"
    assert line in lines


def test_of_many_blind_spots_the_first_are_listed_and_what_is_left_out_is_said() -> None:
    spots = tuple(BlindRow(f"pkg.m{number}", "why") for number in range(25))
    lines = shown(replace(CLEAN, blind_spots=spots))
    assert lines[-3:-1] == [
        "  pkg.m19: why",
        "  and 5 more; --ssot-report=term-verbose lists them all",
    ]
    assert "  pkg.m24: why" in shown(replace(CLEAN, blind_spots=spots), verbose=True)
