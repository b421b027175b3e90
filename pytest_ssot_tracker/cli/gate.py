"""Gate: hold results against the criteria of the configuration, one row each."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import project, results
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError, ExitStatus
from pytest_ssot_tracker.judge.words import harmless

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.gate import GateResult

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker gate`."""
    results.add_argument(parser)
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the table; return `ROLLBACK` where a trigger failed, `VIOLATIONS` where a criterion is not met."""
    from pytest_ssot_tracker.report.gate import check
    from pytest_ssot_tracker.report.outcome import blind_lines, blind_words

    here = project.Project.of(args)
    report = results.combined(args.results, root=here.settings.root, console=console)
    result = check(here.settings.gates, report)
    if not (result.rows or result.triggers):
        raise CommandError("there is no criterion: add [[tool.ssot_tracker.gate]] with name, measure and min or max")
    _print(result, console.folding(), blind=f", {blind_words(report)}" if blind_lines(report) else "")
    if result.triggers:
        return ExitStatus.ROLLBACK
    return ExitStatus.FINE if result.passed else ExitStatus.VIOLATIONS


def _print(result: GateResult, console: Console, *, blind: str) -> None:
    cells = [(harmless(row.name), row.shown, row.bounds, row.of) for row in result.rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row, texts in zip(result.rows, cells, strict=True):
        line = "  ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True))
        console.write_line(f"{'met    ' if row.met else 'NOT MET'}  {line}".rstrip(), red=not row.met, green=row.met)
    for test in result.triggers:
        console.write_line(f"ROLLBACK  {harmless(test)} failed, which is marked ssot_rollback_trigger", red=True)
    for why in result.lost:
        console.write_line(f"INCOMPLETE  {harmless(why)}; a gate passes complete results only", red=True)
    met = sum(row.met for row in result.rows)
    passed = "passed" if result.passed else "not passed"
    console.write_line(f"gate {passed}: {met} of {len(result.rows)} criteria met{blind}", bold=True)
