"""Who: list who uses something, by the source and by the tests of the last run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import project, results
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import ExitStatus
from pytest_ssot_tracker.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_ssot_tracker.report import Report
    from pytest_ssot_tracker.report.rows import SiteRow

__all__ = ["add_arguments", "run", "with_tests"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker who`."""
    parser.add_argument(
        "targets", nargs="+", metavar="TARGET[=NEW]", help="what is asked about, such as app.old.Thing or app.old:Thing"
    )
    parser.add_argument(
        "--result",
        metavar="FILE",
        action="append",
        type=Path,
        help=f"take the tests from this result of a run; repeat it for more (default: {results.USUAL}, if any)",
    )
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the users; that there are some is no violation."""
    from pytest_ssot_tracker.cli.survey import Survey
    from pytest_ssot_tracker.report.users import show
    from pytest_ssot_tracker.settings.question import Question

    question = Question(tuple(args.targets))
    asked = project.Project.of(args, question=question)
    question = asked.settings.asked or question
    report = Survey.of(asked, console).report
    files = args.result or results.usual(asked.settings.root)
    if files:
        report = with_tests(report, results.combined(files), question.name)
        console.note(f"tests: {', '.join(map(str, files))}")
    else:
        console.note("tests: no run has left a result here; pytest --ssot-report=json writes one")
    show(report, question, console.folding(), ran=bool(files))
    return ExitStatus.FINE


def with_tests(report: Report, run: Report, table: str) -> Report:
    """Return `report` with what `run` knows of the same places, whichever table it saw them under."""
    from pytest_ssot_tracker.model import Target

    # What is asked about may be declared in a table too, whose rows have the same places.
    mine = {_place(row): row for row in report.sites if row.site.ssot == table}
    others = [row for row in report.sites if row.site.ssot != table]
    targets = [Target.parse(spelling) for row in report.ssots if row.name == table for spelling in row.deprecated]
    by_line = {_line(row): place for place, row in mine.items()}
    for row in run.sites:
        place, (module, _, name) = _place(row), row.site.target.partition(":")
        if not row.site.text:  # production does not say what stands there
            place = by_line.get(_line(row), place)
        if place in mine:
            mine[place] = replace(mine[place], seen=row.seen, exercise=row.exercise)
        elif row.site.rule.deprecates and any(target.covers(module, name or None) for target in targets):
            mine[place] = replace(row, site=replace(row.site, ssot=table))
    return replace(report, sites=_ordered([*mine.values(), *others]))


def _place(row: SiteRow) -> tuple[object, ...]:
    site = row.site
    return site.rule, site.path, site.scope, site.squeezed, site.ordinal


def _line(row: SiteRow) -> tuple[object, ...]:
    return row.site.rule, row.site.path, row.site.scope, row.site.line


def _ordered(rows: Iterable[SiteRow]) -> tuple[SiteRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.site.path, row.site.line)))
