"""Show a report in pytest's terminal summary: one line when clean, else what is new first and the sum last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_ssot_tracker.judge.words import Advice, counted, harmless
from pytest_ssot_tracker.model import Status
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.outcome import blind_lines, in_tests, is_clean, outcome
from pytest_ssot_tracker.report.progress import by_group
from pytest_ssot_tracker.report.rows import BudgetRow, Exercise, SeenRow, SiteRow, TestRow, telling

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.folding import LineWriter
    from pytest_ssot_tracker.report.reporters import Output

__all__ = ["Listing", "render", "render_verbose", "show"]


_SITES = 50
"""How many sites a summary lists under one heading; a terminal keeps about as much in view as a reader does."""

_GROUPS = 20
"""How many groups of sites a summary lists under one heading."""

_LINES = 20
"""How many lines a summary has of anything else."""


class Listing(NamedTuple):
    """How sites are listed: by which group, and what to type for those left out; `None` where none is left out."""

    group: str = "rule"
    how_to_see_all: str | None = None


def render(report: Report, output: Output) -> None:
    """Write the summary, where there is a terminal."""
    if output.terminal is not None:
        show(report, output.terminal, listing=Listing(output.group, output.how_to_see_all))


def render_verbose(report: Report, output: Output) -> None:
    """Write the summary with what is known, allowed and expected, where there is a terminal."""
    if output.terminal is not None:
        show(report, output.terminal, listing=Listing(output.group))


def show(report: Report, terminal: LineWriter, *, listing: Listing) -> None:
    """Write the summary of `report` to pytest's terminal; where nothing is left out it lists what is known, too."""
    verbose = listing.how_to_see_all is None
    last, clean = f"ssot: {outcome(report)}", is_clean(report)
    if clean and not verbose:
        terminal.write_line(last, green=True)
        return
    new = f", {report.totals.new} new" if report.totals.new else ""
    markup = {"red": True} if report.failed else {"yellow": True}
    terminal.section(f"ssot: phase {report.run.phase}{new}", "=", **markup)
    for heading, rows in _listed(report, verbose=verbose):
        _write_sites(terminal, heading, rows, listing)
    for heading, lines in _blocks(report, verbose=verbose):
        marks = {"incomplete": {"yellow": True}, "failed": {"red": True}}.get(heading, {})
        _write_block(terminal, heading, lines, listing.how_to_see_all, **marks)
    if any(row.in_tests for row in report.sites):
        terminal.write_line(f"of these in tests: {in_tests(report)}")
    terminal.write_line(last, **({"green": True} if clean else markup))


def _blocks(report: Report, *, verbose: bool) -> Iterable[tuple[str, Iterable[str]]]:
    """Yield what there is to say beside the sites, heading by heading."""
    yield from _noted(report) if verbose else ()
    yield "blind spots", blind_lines(report)
    yield "held to another phase", _held(report)
    yield "allows without effect", (f"{allow.path}:{allow.line}: {allow.problem}" for allow in report.allows)
    yield "budgets", (_budget(budget) for budget in report.budgets if budget.exceeded or verbose)
    yield "incomplete", _incomplete(report)
    yield "failed", report.failures


def _listed(report: Report, *, verbose: bool) -> Iterable[tuple[str, list[SiteRow]]]:
    """Yield the lists of sites: what is new, what is known and fails all the same, and with `verbose` the rest."""
    for status in Status:
        rows = [row for row in report.sites if row.status is status]
        if status is Status.KNOWN and not verbose:
            rows = [row for row in rows if row.fails]
        if status.is_unexcused or verbose:
            yield str(status), [row for row in rows if not row.in_tests]
            yield f"{status} in tests", [row for row in rows if row.in_tests]


def _write_sites(terminal: LineWriter, heading: str, rows: Sequence[SiteRow], listing: Listing) -> None:
    if not rows:
        return
    terminal.write_line(f"{heading} ({len(rows)})", bold=True)
    groups = _grouped(rows, listing.group)
    shown = groups if listing.how_to_see_all is None else dict(list(groups.items())[:_GROUPS])
    shares = _shares([len(group) for group in shown.values()], listing)
    for (name, group), share in zip(shown.items(), shares, strict=True):
        terminal.write_line(f"  {harmless(name)}{f' ({len(group)})' if share < len(group) else ''}")
        for row in group[:share]:
            terminal.write_line(f"    {_line(row, listing.group)}", **({"red": True} if row.fails else {}))
            for fact in dict.fromkeys(fact for seen in row.seen for fact in seen.detail):
                terminal.write_line(f"      {harmless(fact)}")
    if sum(shares) < len(rows):
        elsewhere = len(groups) - len(shown)
        more = f", some in {counted(elsewhere, 'more group')}" if elsewhere else ""
        left_out = f"{len(rows) - sum(shares)} of {len(rows)} are not shown{more}"
        terminal.write_line(f"  {left_out}; {listing.how_to_see_all} lists them all", yellow=True)


def _grouped(rows: Sequence[SiteRow], by: str) -> Mapping[str, list[SiteRow]]:
    """Return `rows` by group: rules in the order of their names, everything else with the largest group first."""
    groups = by_group(rows, by)
    order = sorted(groups, key=lambda name: (0 if by == "rule" else -len(groups[name]), name))
    return {name: groups[name] for name in order}


def _shares(sizes: Sequence[int], listing: Listing) -> list[int]:
    """Return how many sites of each group are listed: small groups whole, the rest of the room shared evenly."""
    shares = list(sizes)
    if listing.how_to_see_all is None:
        return shares
    room = _SITES
    ascending = sorted(range(len(sizes)), key=lambda index: sizes[index])
    for done, index in enumerate(ascending):
        shares[index] = min(sizes[index], room // (len(sizes) - done))
        room -= shares[index]
    return shares


def _line(row: SiteRow, group: str) -> str:
    told = [*row.site.flags, *([row.reason] if row.reason else [])]
    flags = f" [{', '.join(told)}]" if told else ""
    names = {"rule": row.site.target, "target": str(row.site.rule)}.get(group, f"{row.site.rule}  {row.site.target}")
    advised = Advice(row.replacement, row.owner, row.issue)
    return harmless(f"{row.site.where}  {names}{flags}  {_reached(row)}{advised}")


def _reached(row: SiteRow) -> str:
    """Return how often a site was reached, by how many tests, and in which buckets."""
    if row.exercise is Exercise.UNEXERCISED:
        return "unexercised"
    services = f" in {', '.join(row.services())}" if row.services() else ""
    by = [f"by {counted(len(row.tests), 'test')}{services}"] if row.tests else []
    by += dict.fromkeys(_bucket(seen) for seen in row.seen if seen.test is None)
    via = ", ".join(dict.fromkeys(seen.via for seen in row.seen if seen.via))
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
        yield f"{word} markers", [_note(test, word) for test in telling(report.tests) if test.noted(word)]
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


def _write_block(
    terminal: LineWriter, heading: str, lines: Iterable[str], how_to_see_all: str | None, **markup: bool
) -> None:
    lines = list(lines)
    if not lines:
        return
    terminal.write_line(heading, bold=True)
    shown = lines if how_to_see_all is None else lines[:_LINES]
    for line in shown:
        terminal.write_line(f"  {harmless(line)}", **markup)
    if len(shown) < len(lines):
        terminal.write_line(f"  and {len(lines) - len(shown)} more; {how_to_see_all} lists them all", yellow=True)
