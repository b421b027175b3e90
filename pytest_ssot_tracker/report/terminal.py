"""Show a report in pytest's terminal summary: one line when clean, else what is new first and the sum last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from pytest_ssot_tracker.judge.words import Advice, counted, harmless
from pytest_ssot_tracker.model import Status
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.outcome import blind_lines, is_clean, outcome
from pytest_ssot_tracker.report.rows import BudgetRow, Exercise, SeenRow, SiteRow, TestRow

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.reporters import Output

__all__ = ["Screen", "render", "render_verbose", "show"]


class Screen(Protocol):
    """What of pytest's `TerminalReporter` is used."""

    def section(self, title: str, sep: str = "=", **markup: bool) -> None:
        """Write a heading across the width."""

    def write_line(self, line: str, **markup: bool) -> None:
        """Write one line."""


def render(report: Report, output: Output) -> None:
    """Write the summary, where there is a terminal."""
    if output.terminal is not None:
        show(report, output.terminal)


def render_verbose(report: Report, output: Output) -> None:
    """Write the summary with what is known, allowed and expected, where there is a terminal."""
    if output.terminal is not None:
        show(report, output.terminal, verbose=True)


def show(report: Report, terminal: Screen, *, verbose: bool = False) -> None:
    """Write the summary of `report` to pytest's terminal; `verbose` lists what is known, too."""
    last, clean = f"ssot: {outcome(report)}", is_clean(report)
    if clean and not verbose:
        terminal.write_line(last, green=True)
        return
    new = f", {report.totals.new} new" if report.totals.new else ""
    markup = {"red": True} if report.failed else {"yellow": True}
    terminal.section(f"ssot: phase {report.run.phase}{new}", "=", **markup)
    for heading, rows in _listed(report, verbose=verbose):
        _write_sites(terminal, heading, rows)
    for heading, tests in _noted(report) if verbose else ():
        _write_block(terminal, heading, tests)
    _write_block(terminal, "blind spots", blind_lines(report))
    _write_block(terminal, "held to another phase", _held(report))
    _write_block(
        terminal, "allows without effect", (f"{allow.path}:{allow.line}: {allow.problem}" for allow in report.allows)
    )
    _write_block(terminal, "budgets", (_budget(budget) for budget in report.budgets if budget.exceeded or verbose))
    _write_block(terminal, "incomplete", _incomplete(report), yellow=True)
    _write_block(terminal, "failed", report.failures, red=True)
    terminal.write_line(last, **({"green": True} if clean else markup))


def _listed(report: Report, *, verbose: bool) -> Iterable[tuple[str, list[SiteRow]]]:
    """Yield the lists of sites: what is new, what is known and fails all the same, and with `verbose` the rest."""
    for status in Status:
        rows = [row for row in report.sites if row.status is status]
        if status is Status.KNOWN and not verbose:
            rows = [row for row in rows if row.fails]
        if status in (Status.NEW, Status.KNOWN) or verbose:
            yield str(status), rows


def _write_sites(terminal: Screen, heading: str, rows: Sequence[SiteRow]) -> None:
    if not rows:
        return
    terminal.write_line(f"{heading} ({len(rows)})", bold=True)
    for rule, group in groupby(sorted(rows, key=lambda row: row.site.rule.value), key=lambda row: row.site.rule):
        terminal.write_line(f"  {rule}")
        for row in group:
            terminal.write_line(f"    {_line(row)}", **({"red": True} if row.fails else {}))
            for fact in dict.fromkeys(fact for one in row.seen for fact in one.detail):
                terminal.write_line(f"      {harmless(fact)}")


def _line(row: SiteRow) -> str:
    flags = f" [{', '.join(row.site.flags)}]" if row.site.flags else ""
    told = Advice(row.replacement, row.owner, row.issue)
    return harmless(f"{row.site.where}  {row.site.target}{flags}  {_reached(row)}{told}")


def _reached(row: SiteRow) -> str:
    """Return how often a site was reached, by how many tests, and in which buckets."""
    if row.exercise is Exercise.UNEXERCISED:
        return "unexercised"
    by = [f"by {counted(len(row.tests), 'test')}"] if row.tests else []
    by += dict.fromkeys(_bucket(one) for one in row.seen if one.test is None)
    via = ", ".join(dict.fromkeys(one.via for one in row.seen if one.via))
    dynamic = ", dynamic" if row.exercise is Exercise.DYNAMIC else ""
    return f"{counted(row.count, 'time')} {', '.join(by)}{f' via {via}' if via else ''}{dynamic}"


def _bucket(seen: SeenRow) -> str:
    if seen.bucket == "teardown":
        return f"in teardown of {seen.fixture}" if seen.fixture else "in teardown"
    if seen.bucket == "collection":
        return "at collection"
    return f"{seen.bucket} ({seen.origin})" if seen.origin else str(seen.bucket)


def _noted(report: Report) -> Iterable[tuple[str, list[str]]]:
    yield "retired", [f"{row.name}: {target}" for row in report.ssots for target in row.retired]
    for word in ("fixed", "stale", "raised"):
        yield f"{word} markers", [_note(test, word) for test in report.tests if test.noted(word)]
    yield "fixed sites", [f"{site.path}  {site.rule} {site.target}  {site.text}" for site in report.fixed]


def _note(test: TestRow, word: str) -> str:
    notes = (note for note in test.notes if note.startswith(word))
    return f"{test.id}: {'; '.join(note.partition(': ')[2] for note in notes)}"


def _held(report: Report) -> Iterable[str]:
    """Yield the tables for which not the phase of the run holds, and why where their date is over."""
    today = report.run.started[:10]
    for row in report.ssots:
        if row.phase is not report.run.phase:
            over = row.until is not None and row.until < today
            yield f"{row.name}: {row.phase}" + (f", for its until, {row.until}, is over" if over else "")


def _budget(row: BudgetRow) -> str:
    return f"{row.ssot}: {counted(row.used, 'site')} of {row.rule}, max is {row.limit}"


def _incomplete(report: Report) -> Iterable[str]:
    if report.run.complete:
        return
    for worker in report.run.lost_workers:
        yield f"worker {worker} was lost: what it had not yet reported is missing"
    yield from report.run.incomplete
    yield "nothing is called fixed and no baseline is changed"


def _write_block(terminal: Screen, heading: str, lines: Iterable[str], **markup: bool) -> None:
    lines = list(lines)
    if not lines:
        return
    terminal.write_line(heading, bold=True)
    for line in lines:
        terminal.write_line(f"  {harmless(line)}", **markup)
