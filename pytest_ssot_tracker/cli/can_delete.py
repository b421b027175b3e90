"""Can-delete: tell what stands in the way of deleting something, and what to delete once nothing does."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import project, results
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError, ExitStatus, refusing
from pytest_ssot_tracker.judge.words import counted, harmless

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_ssot_tracker.model import Target
    from pytest_ssot_tracker.report import Report
    from pytest_ssot_tracker.report.production import Production
    from pytest_ssot_tracker.report.rows import SiteRow

__all__ = ["add_arguments", "run"]

_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker can-delete`."""
    parser.add_argument("target", metavar="TARGET", help="what is to be deleted, such as app.old.Thing or app.old")
    parser.add_argument(
        "--result",
        metavar="FILE",
        action="append",
        type=Path,
        help=f"run only the tests that this result says reach it; repeat it for more (default: {results.USUAL}, "
        "if any, else every test); an export of production (OTLP as JSON) says whether anybody uses it there",
    )
    parser.add_argument("--pytest-args", metavar="ARGS", default="", help="more arguments for pytest, as one text")
    parser.add_argument("--no-tests", action="store_true", help="run no test: only say who uses it")
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print what stands in the way; return `VIOLATIONS` where anything does."""
    from pytest_ssot_tracker.cli.survey import Survey
    from pytest_ssot_tracker.cli.who import with_tests
    from pytest_ssot_tracker.fix.deleting import broken_without, pieces
    from pytest_ssot_tracker.fix.verifying import RunError
    from pytest_ssot_tracker.scan.own_modules import OwnModules
    from pytest_ssot_tracker.settings.question import Question

    question = Question((args.target,))
    here = project.Project.of(args, question=question)
    question = here.settings.asked or question
    target = next(ssot.going[0] for ssot in here.settings.ssots if ssot.name == question.name)
    if target.use:
        raise CommandError(f"{target}: only a module or something in one can be deleted; ask about {target.thing}")
    if target.is_pattern:
        raise CommandError(f"{target}: a pattern names no single thing to delete; write it without '*'")
    report = Survey.of(here, console).report
    runs, exports = results.split(args.result or ())
    files = runs or results.usual(here.settings.root)
    if files or exports:
        console.note(f"read {', '.join(map(str, (*files, *exports)))}")
        report = with_tests(report, results.combined([*files, *exports]), question.name)
    rows = [row for row in report.sites if row.site.ssot == question.name and not row.site.flags]
    tests = list(dict.fromkeys(test for row in rows for test in row.tests))
    modules = OwnModules(here.settings.tree)
    if not modules.exists(target.module):
        raise CommandError(f"{target}: the project has no module {target.module!r}; there is nothing to delete")
    for absent in here.settings.unfound:
        if (absent.table, absent.target) == (question.name, str(target)) and absent.sure and not absent.may_be_made:
            raise CommandError(f"{target}: {absent.lacks}; there is nothing to delete")
    broken = []
    if not args.no_tests and (tests or not files):
        console.note(f"running {counted(len(tests), 'test') if tests else 'every test'}, with {target} and without it")
        with refusing(RunError):
            broken = broken_without(here.settings.root, target, tests, shlex.split(args.pytest_args))
    console = console.folding()
    _print_rows(rows, console)
    _print(f"{counted(len(broken), 'test')} would end otherwise without it", broken, console)
    once = " once nothing uses it" if rows or broken else ""
    _print(f"what to delete{once}", pieces(here.settings.root, target, modules.path), console)
    return _conclude(target, report, rows, bool(broken), results.production(exports), console)


def _print_rows(rows: list[SiteRow], console: Console) -> None:
    lines = [f"{row.site.where}  {row.site.rule}  {row.site.text}{_in_production(row)}" for row in rows]
    _print(f"{counted(len(rows), 'place')} still {'uses' if len(rows) == 1 else 'use'} it", lines, console)


def _in_production(row: SiteRow) -> str:
    from pytest_ssot_tracker.report.production import uses_in_production
    from pytest_ssot_tracker.report.rows import PRODUCTION

    uses = uses_in_production(row)
    services = ", ".join(dict.fromkeys(seen.origin or "" for seen in row.seen if seen.bucket == PRODUCTION))
    return f"  ({counted(uses, 'time')} in production: {services})" if uses else ""


def _print(heading: str, lines: Sequence[object], console: Console) -> None:
    if lines:
        console.write_line(heading, bold=True)
        for line in lines[:_SHOWN]:
            console.write_line(f"  {harmless(str(line))}")
        if len(lines) > _SHOWN:
            console.write_line(f"  and {len(lines) - _SHOWN} more")


def _conclude(
    target: Target,
    report: Report,
    rows: list[SiteRow],
    breaks: bool,
    production: Production | None,
    console: Console,
) -> int:
    from pytest_ssot_tracker.report.outcome import blind_lines

    spans = [] if production is None else production.spans(target)
    unknown = production is not None and not spans
    if unknown:
        said = f"production: no export says that {target} is watched there, so that nobody was counted means nothing"
        console.write_line(f"not seen: {harmless(said)}", yellow=True)
    silent = [f"production: {span.silence}" for span in spans if span.silence]
    for line in (*silent, *blind_lines(report)):
        console.write_line(f"not seen: {harmless(line)}", yellow=True)
    if rows or breaks or unknown:
        console.write_line(f"{target} cannot be deleted yet", red=True)
        return ExitStatus.VIOLATIONS
    shown = "the source and the tests show"
    if spans:
        shown = f"{shown}, and nobody in production: {', '.join(harmless(span.words) for span in spans)}"
    console.write_line(f"{target} can be deleted, as far as {shown}", green=True)
    return ExitStatus.FINE
