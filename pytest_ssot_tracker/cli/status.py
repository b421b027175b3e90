"""Status: show how far the migration is, per table and target, owner, rule or folder."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import project, results
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import ExitStatus
from pytest_ssot_tracker.judge.words import counted, harmless
from pytest_ssot_tracker.settings.options import GROUPS

if TYPE_CHECKING:
    from collections import Counter

    from pytest_ssot_tracker.report import Report
    from pytest_ssot_tracker.report.production import Production
    from pytest_ssot_tracker.report.progress import GroupKey, Row

__all__ = ["add_arguments", "run"]

_RUNS = 5
"""How many runs a trend shows, this one included."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker status`."""
    results.add_argument(parser)
    parser.add_argument(
        "--group", choices=GROUPS, default="target", help="what the sites are grouped by (default: target)"
    )
    parser.add_argument(
        "--history",
        metavar="DIR",
        type=Path,
        help="show the trend over the result files (*.json) of earlier runs in DIR",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how it is printed (default: text)")
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the standing; that something is left is no violation."""
    from pytest_ssot_tracker.report.progress import standing

    here = project.Project.of(args)
    report = _report(args, here, console)
    rows = standing(report, args.group, _earlier(args.history, args.group, report))
    if args.format == "json":
        plain = [row._asdict() for row in rows]
        console.write_json({"group": args.group, "rows": plain}, indent=1)
    else:
        _print(report, rows, console.folding(), results.production(args.results) if args.group == "target" else None)
    return ExitStatus.FINE


def _report(args: argparse.Namespace, here: project.Project, console: Console) -> Report:
    """Return the report of the results that are named or usual; where there are none, what the source says."""
    runs, exports = results.split(args.results)
    usual = results.usual(here.settings.root)
    if runs or usual:
        named = [*(runs or usual), *exports] if exports else runs
        return results.combined(named, root=here.settings.root, console=console)
    from pytest_ssot_tracker.cli.survey import Survey
    from pytest_ssot_tracker.report.combine import combine

    console.note("no result of a run is here, so this is what the source says; pytest --ssot-report=json writes one")
    return combine([Survey.of(here, console).report, *(results.each(exports) if exports else ())])


def _earlier(folder: Path | None, by: str, report: Report) -> list[Counter[GroupKey]]:
    """Return what was left in the runs before `report`, the oldest first."""
    from pytest_ssot_tracker.report.progress import counts_of

    found = {}
    for path in results.split(results.earlier(folder))[0]:
        for other in results.each([path]):
            if other.run.started < report.run.started:
                found[other.run.started] = counts_of(other.sites, by)
    return [found[started] for started in sorted(found)][-(_RUNS - 1) :]


def _print(report: Report, rows: Sequence[Row], console: Console, production: Production | None) -> None:
    from pytest_ssot_tracker.report.progress import total

    about = {row.name: row for row in report.ssots}
    width = max((len(harmless(row.group)) for row in rows), default=0)
    for name, group in groupby(rows, key=lambda row: row.table):
        table, heading = about.get(name), name or "files"
        if table is not None:
            heading += f" ({', '.join(filter(None, (f'phase {table.phase}', table.owner, table.issue)))})"
        console.write_line(harmless(heading), bold=True)
        blind = {spot.target for spot in table.blind_spots} if table is not None else set()
        for row in group:
            lost = row.group in blind and not (row.left or row.retired)
            words = _words(row, production, none="none seen, and a blind spot" if lost else "none left")
            console.write_line(f"  {harmless(row.group):{width}}  {words}".rstrip(), green=not (row.left or lost))
    left, gone = total(rows)
    apart = _in_tests(sum(row.in_tests for row in rows))
    console.write_line(f"{counted(left, 'site')} left{apart}, {gone} gone", bold=True)


def _in_tests(number: int) -> str:
    return f" ({number} in tests)" if number else ""


def _words(row: Row, production: Production | None, *, none: str) -> str:
    parts = [f"{row.left} left{_in_tests(row.in_tests)}"] if row.left else ["retired" if row.retired else none]
    parts += [f"{row.gone} gone"] if row.gone else []
    parts += [counted(row.tests, "test")] if row.tests else []
    parts += [" → ".join(map(str, (*row.trend, row.left)))] if row.trend else []
    parts += [f"{row.production} in production"] if row.production else []
    if production is not None and not row.production:
        parts.append(_nobody(production, row.group))
    return ", ".join(parts)


def _nobody(production: Production, target: str) -> str:
    """Return in words that no service has used `target`, or that none says it watches it."""
    from pytest_ssot_tracker.model import Target, TargetError

    try:
        spans = production.spans(Target.parse(target))
    except TargetError:  # what a warning says, a text: no service watches those by a target
        spans = []
    services = ", ".join(harmless(span.words) for span in spans)
    silent = [harmless(span.silence) for span in spans if span.silence]
    return ", ".join([f"nobody in production ({services})", *silent]) if spans else "not watched in production"
