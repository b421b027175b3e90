"""Make one report of several: shards, workers, machines, Python versions; in any order, the same one twice or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar

from pytest_ssot_tracker.judge.whole_run import BudgetRow, used_up
from pytest_ssot_tracker.model import UNSCANNED, By, Phase, Rule, Status
from pytest_ssot_tracker.records import replace
from pytest_ssot_tracker.report.build import Report, charged, failures_of, in_order, place, stands_beyond, totals_of
from pytest_ssot_tracker.report.rows import (
    CHARGES,
    OUTCOMES,
    PRODUCTION,
    WAYS,
    AllowRow,
    BlindRow,
    Exercise,
    RunInfo,
    SeenRow,
    SiteRow,
    SsotRow,
    TestRow,
)

__all__ = ["combine"]

T = TypeVar("T")
_PHASES = list(Phase)


def combine(reports: Sequence[Report]) -> Report:
    """Return the report of all `reports` together, at least one.

    Associative, commutative and idempotent. A count that several reports have for the same test and place is taken
    once, the largest of them, since two reports of one test are two looks at the same thing. Where a run of any report
    saw a site, that decides how it stands, and the scan says nothing more, as within one run. Nothing is fixed that any
    report shows, or while any of them is incomplete.
    """
    told = reports
    reports = _scanned(reports)
    run = reduce(_runs, (report.run for report in reports))
    parts: dict[str, list[tuple[SiteRow, bool]]] = {}
    for report in reports:
        saw = _saw(report)
        for row in report.sites:
            parts.setdefault(row.site.id, []).append((row, saw(row)))
    sites = tuple(_whole(row, parts[row.site.id]) for row in _merged(_all(reports, "sites"), "site.id", _sites))
    used = _budgets(reports, sites)
    sites = charged(sites, used)
    tests = _with_services(_merged(_all(reports, "tests"), "id", _tests), sites)
    shown = {row.site.id for row in sites}
    proved = (site for site in _all(reports, "fixed") if site.id not in shown)
    fixed = tuple(sorted({site.id: site for site in proved}.values(), key=place)) if run.complete else ()
    whole = Report(
        run=run,
        ssots=_merged(_all(reports, "ssots"), "name", _ssots, keep=True),
        sites=in_order(sites),
        tests=tuple(sorted(tests, key=lambda row: row.id)),
        blind_spots=tuple(sorted({*_all(reports, "blind_spots")})),
        totals=totals_of(sites, tests, fixed, complete=run.complete),
        fixed=fixed,
        allows=_idle(reports),
        budgets=used,
    )
    return replace(whole, failures=_failures(whole, told))


def _all(reports: Iterable[Report], kind: str) -> Iterable[Any]:
    """Return the rows of one kind of all reports."""
    return chain.from_iterable(map(attrgetter(kind), reports))


def _scanned(reports: Sequence[Report]) -> Sequence[Report]:
    """Return the reports without the blind spots of those that leave the scan out, where another has it."""
    if not any(report.run.python and not any(map(_left_out, _spots(report))) for report in reports):
        return reports
    return [
        replace(
            report,
            blind_spots=tuple(spot for spot in report.blind_spots if not _left_out(spot)),
            ssots=tuple(
                replace(row, blind_spots=tuple(spot for spot in row.blind_spots if not _left_out(spot)))
                for row in report.ssots
            ),
        )
        if any(map(_left_out, _spots(report)))
        else report
        for report in reports
    ]


def _spots(report: Report) -> Iterable[BlindRow]:
    return (*report.blind_spots, *(spot for row in report.ssots for spot in row.blind_spots))


def _left_out(spot: BlindRow) -> bool:
    return spot.why.endswith(UNSCANNED)


def _merged(rows: Iterable[T], key: str, join: Callable[[T, T], T], *, keep: bool = False) -> tuple[T, ...]:
    """Return `rows` with those joined that have one key, sorted by it unless they are to `keep` their order."""
    found: dict[Any, T] = {}
    name_of = attrgetter(key)
    for row in rows:
        name = name_of(row)
        found[name] = join(found[name], row) if name in found else row
    return tuple(found.values()) if keep else tuple(found[name] for name in sorted(found))


def _runs(one: RunInfo, other: RunInfo) -> RunInfo:
    """Return what is known of both runs: the earlier start, the stricter phase, and all that was lost."""
    first, second = sorted((one, other), key=lambda run: (run.started, run.root, run.python, run.version))
    return replace(
        first,
        version=first.version or second.version,
        root=first.root or second.root,
        phase=max(first.phase, second.phase, key=_PHASES.index),
        python=_both(first.python, second.python),
        pytest=_both(first.pytest or "", second.pytest or "") or None,
        selected=first.selected or second.selected,
        complete=first.complete and second.complete,
        workers=_union(first.workers, second.workers),
        lost_workers=_union(first.lost_workers, second.lost_workers),
        incomplete=_union(first.incomplete, second.incomplete),
    )


def _both(one: str, other: str) -> str:
    return ", ".join(sorted({*one.split(", "), *other.split(", ")} - {""}))


def _union(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*one, *other}))


def _failures(whole: Report, reports: Iterable[Report]) -> tuple[str, ...]:
    """Return why `whole` fails: what its rows say, and whatever else a report gives as a reason."""
    strict = any(reason.startswith("blind spots: ") for report in reports for reason in report.failures)
    other = {
        reason
        for report in reports
        if report.failures
        for reason in {*report.failures}.difference(failures_of(report, strict_blind_spots=True))
    }
    return (*failures_of(whole, strict_blind_spots=strict), *sorted(other))


def _sites(one: SiteRow, other: SiteRow) -> SiteRow:
    found_by = tuple(way for way in WAYS if way in one.found_by or way in other.found_by)
    ways = {one.exercise, other.exercise}
    exercise = one.exercise if len(ways) == 1 else Exercise.EXERCISED
    first = min((one, other), key=_told)
    return replace(first, found_by=found_by, exercise=exercise)


def _told(row: SiteRow) -> tuple[object, ...]:
    """Return by what the same row of two is chosen: one that knows its text (production does not), then the first."""
    return not row.site.text, row.site.line, row.site.text, row.owner or "", row.replacement or ""


def _whole(row: SiteRow, parts: Sequence[tuple[SiteRow, bool]]) -> SiteRow:
    """Return the joined `row` with what all its `parts` have seen, joined in one step, and how it stands by them.

    With each part goes whether a run saw the site there; where any did, the others have no say.
    """
    if len(parts) == 1:
        return row
    seen = _seen(part for part, _ in parts)
    told = [part for part, saw in parts if saw] or [part for part, _ in parts]
    excused = _is_excused(row, told, seen)
    if excused:
        told = [part for part, _ in parts]
    fails = min((part.fails for part in told if part.fails), key=CHARGES.index, default=None)
    if fails == "unexercised" and row.exercise is not Exercise.UNEXERCISED:
        fails = "allowed" if excused else "exercised"
    status = Status.worst(*(part.status for part in told))
    return replace(row, status=status, fails=fails, seen=seen)


def _is_excused(row: SiteRow, told: Iterable[SiteRow], seen: Iterable[SeenRow]) -> bool:
    """Whether only tests that are allowed what they do have come to a site in other code: then the scan has a say.

    Of a bypass nobody here knows whether it was inside of an accessor, which only a run can tell.
    """
    if row.site.rule is Rule.SINGLETON_BYPASS or any(part.status is not Status.ALLOWED for part in told):
        return False
    tests = [use.test for use in seen if use.test is not None]
    return bool(tests) and stands_beyond(row.site, tests)


def _saw(report: Report) -> Callable[[SiteRow], bool]:
    """Return whether the run of `report` saw a site itself, not only that its line ran."""
    seen = {site for test in report.tests for site in test.sites}

    def saw(row: SiteRow) -> bool:
        if "run" not in row.found_by:
            return False
        if row.seen and all(use.by in (By.LINE, By.COVERAGE) or use.bucket == PRODUCTION for use in row.seen):
            return False
        return not report.tests or row.site.id in seen or any(use.bucket or use.service for use in row.seen)

    return saw


_WHERE = attrgetter("test", "bucket", "step", "fixture", "thread", "via", "origin", "by", "detail")


def _seen(rows: Iterable[SiteRow]) -> tuple[SeenRow, ...]:
    found: dict[tuple[Any, ...], SeenRow] = {}
    for row in rows:
        for use in row.seen:
            where = _WHERE(use)
            known = found.get(where)
            if known is None or known.count < use.count:
                found[where] = use
    return tuple(
        found[where] for where in sorted(found, key=lambda where: (*(part or "" for part in where[:-1]), where[-1]))
    )


def _tests(one: TestRow, other: TestRow) -> TestRow:
    return replace(
        one,
        outcome=min(one.outcome, other.outcome, key=OUTCOMES.index),
        reason=one.reason or other.reason,
        markers=_union(one.markers, other.markers),
        notes=_union(one.notes, other.notes),
        sites=_union(one.sites, other.sites),
        blind_spots=tuple(sorted({*one.blind_spots, *other.blind_spots})),
    )


def _with_services(tests: Sequence[TestRow], sites: Iterable[SiteRow]) -> tuple[TestRow, ...]:
    """Return `tests` with the sites that each has reached in programs under watch, whose results know no tests."""
    reached: dict[str, list[str]] = {}
    for row in sites:
        for test in dict.fromkeys(seen.test for seen in row.seen if seen.test is not None and seen.service):
            reached.setdefault(test, []).append(row.site.id)
    return tuple(replace(row, sites=_union(row.sites, reached[row.id])) if row.id in reached else row for row in tests)


def _ssots(one: SsotRow, other: SsotRow) -> SsotRow:
    """Return one row of two; a target that one run resolved is not retired."""
    return replace(
        one,
        phase=max(one.phase, other.phase, key=_PHASES.index),
        deprecated=_union(one.deprecated, other.deprecated),
        retired=tuple(sorted({*one.retired} & {*other.retired})),
        guards=tuple(sorted({*one.guards, *other.guards}, key=lambda guard: (guard.target, guard.backend))),
        blind_spots=tuple(sorted({*one.blind_spots, *other.blind_spots})),
    )


def _budgets(reports: Sequence[Report], sites: Sequence[SiteRow]) -> tuple[BudgetRow, ...]:
    limits: dict[tuple[str, Rule], BudgetRow] = {}
    for row in _all(reports, "budgets"):
        known = limits.get((row.ssot, row.rule))
        limits[row.ssot, row.rule] = row if known is None or row.limit < known.limit else known
    used = used_up((row.site, row.status) for row in sites)
    return tuple(replace(limits[key], used=used[key]) for key in sorted(limits))


def _idle(reports: Sequence[Report]) -> tuple[AllowRow, ...]:
    """Return the allows that have no effect in any of the reports."""
    every = [set(report.allows) for report in reports]
    return tuple(sorted(set.intersection(*every))) if every else ()
