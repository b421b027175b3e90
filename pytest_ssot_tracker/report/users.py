"""Who uses something, and by which tests: what answers a question that no configuration stands behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pytest_ssot_tracker.judge.words import counted, harmless
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.outcome import blind_lines
from pytest_ssot_tracker.report.rows import SiteRow
from pytest_ssot_tracker.settings.question import Question

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.folding import LineWriter

__all__ = ["PLACES", "show"]

PLACES = 50
"""How many places the end of a run lists."""

_SHOWN = 3
"""How many tests of a place are named; the result file names all."""


def show(
    report: Report, question: Question, terminal: LineWriter, *, ran: bool = True, most: int | None = None
) -> None:
    """Write who uses what `question` asks about, each place once with its tests, and the TOML that keeps asking.

    Where nothing `ran` nobody knows which tests use a place. Of many places the first are written, `most` of them.
    """
    names = {name for tables in question.tables().values() for name in tables}
    rows = [row for row in report.sites if row.site.ssot in names]
    about = [*question.targets, *(["anything that warns of its deprecation"] if question.warnings else [])]
    terminal.section(f"ssot: who uses {harmless(' and '.join(about))}", "=", bold=True)
    for row in sorted(rows, key=_importance)[:most]:
        for line in _place(row, ran=ran):
            terminal.write_line(harmless(line))
    if most is not None and len(rows) > most:
        left_out = f"{len(rows) - most} of {counted(len(rows), 'place')} are not shown"
        terminal.write_line(f"{left_out}; --ssot-report=term-verbose lists them all", yellow=True)
    for line in blind_lines(report):
        terminal.write_line(f"not seen: {harmless(line)}", yellow=True)
    terminal.write_line(_sum(rows, ran=ran), bold=True)
    terminal.write_line("")
    terminal.write_line("To keep asking, put this into pyproject.toml:")
    terminal.write_line("")
    for line in question.toml():
        terminal.write_line(f"  {line}")


def _importance(row: SiteRow) -> tuple[bool, bool, str, int]:
    """Return the order in which places are listed: production before tests, and of each what tests reach first."""
    return (row.in_tests, not row.tests, row.site.path, row.site.line)


def _place(row: SiteRow, *, ran: bool) -> Iterator[str]:
    site = row.site
    told = [*([_reached(row)] if ran else []), *([f"use {row.replacement}"] if row.replacement else [])]
    yield f"{site.where}  {site.rule}  {'; '.join(told)}".rstrip()
    yield f"    {site.text}" if site.text else f"    {site.target}"
    yield from (f"      {test}" for test in row.tests[:_SHOWN])
    if len(row.tests) > _SHOWN:
        yield f"      and {counted(len(row.tests) - _SHOWN, 'more test')}; --ssot-report=json names all"


def _reached(row: SiteRow) -> str:
    if row.tests:
        return f"by {counted(len(row.tests), 'test')}"
    return "while collecting" if row.seen else "by no test"


def _sum(rows: Sequence[SiteRow], *, ran: bool) -> str:
    tests = {test for row in rows for test in row.tests}
    idle = sum(not row.tests for row in rows)
    if not rows:
        return f"nobody, as far as the source{' and this run show' if ran else ' shows'}"
    own = sum(row.in_tests for row in rows)
    places = counted(len(rows), "place") + (f" ({own} in tests)" if own else "")
    if not ran:
        return places
    more = f"; {counted(idle, 'place')} that no test uses" if idle else ""
    return f"{places}, used by {counted(len(tests), 'test')}{more}"
