"""Say in one line how a run ended, in the same words wherever a report ends."""

from __future__ import annotations

from pytest_ssot_tracker.judge.words import counted, harmless, some
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.rows import BlindRow, Totals, telling

__all__ = ["blind_lines", "blind_words", "in_tests", "is_clean", "outcome"]


def is_clean(report: Report) -> bool:
    """Whether nothing was found that is not agreed upon, and nothing escaped being looked at.

    A target that names nothing is a blind spot too, unless it is known to have been there and to be gone.
    """
    quiet = not (report.failures or report.allows or report.totals.new or blind_lines(report))
    return quiet and report.run.complete


def outcome(report: Report) -> str:
    """Return what a report ends with: that all is clean, or else what was found and what could not be watched."""
    counts = _counts(report.totals, "known", "allowed", "expected", "fixed", "stale")
    if is_clean(report):
        return f"clean (phase {report.run.phase}, {counts}{_retired(report)})"
    found = f"{report.totals.new} new, {counts}, {blind_words(report)}"
    incomplete = "" if report.run.complete else ", incomplete"
    return f"{found}{incomplete} (phase {report.run.phase}{_retired(report)})"


def in_tests(report: Report) -> str:
    """Return how many of the sites stand in tests, in words."""
    return _counts(report.in_tests, "new", "known", "allowed", "expected")


def blind_words(report: Report) -> str:
    """Return in words how many blind spots there are."""
    return counted(len(blind_lines(report)), "blind spot")


def blind_lines(report: Report) -> list[str]:
    """Return a line for each blind spot: of the run, of a table, of a test, once for all tests that share it."""
    lines = [f"{spot.target}: {spot.why}" for spot in report.blind_spots]
    lines += [f"{table.name}: {spot.target}: {spot.why}" for table in report.ssots for spot in table.blind_spots]
    tests: dict[BlindRow, list[str]] = {}
    for test in telling(report.tests):
        for spot in test.blind_spots:
            tests.setdefault(spot, []).append(test.id)
    for spot, ids in tests.items():
        more = "" if len(ids) == 1 else f" and {counted(len(ids) - 1, 'more test')}"
        lines.append(f"{ids[0]}{more}: {spot.target}: {spot.why}")
    return lines


def _counts(totals: Totals, *statuses: str) -> str:
    return ", ".join(f"{getattr(totals, status)} {status}" for status in statuses)


def _retired(report: Report) -> str:
    """Return which deprecated targets are gone for good."""
    retired = list(dict.fromkeys(harmless(target) for row in report.ssots for target in row.retired))
    return f"; retired: {some(retired)}" if retired else ""
