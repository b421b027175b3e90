"""Report: render result files as any report that a run can write."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import formats, results
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError, ExitStatus, refusing
from pytest_ssot_tracker.records import replace
from pytest_ssot_tracker.settings import ConfigurationError, load
from pytest_ssot_tracker.settings.options import REPORTS, ReportError, ReportRequest, parse_report
from pytest_ssot_tracker.settings.presence import may_be_configured

if TYPE_CHECKING:
    from pytest_ssot_tracker.report import Report

__all__ = ["add_arguments", "offered", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker report`."""
    parser.add_argument("type", metavar="TYPE[:DEST]", help="the report to write, as --ssot-report takes it")
    results.add_argument(parser)
    formats.add_group(parser)
    parser.add_argument(
        "--root", metavar="DIR", type=Path, help="where the sources are (default: where the run was, else here)"
    )
    parser.add_argument(
        "--history",
        metavar="DIR",
        type=Path,
        help="for html: plot the sites per rule over time, from the result files (*.json) of earlier runs in DIR",
    )


def offered() -> list[str]:
    """Return the types of reports that can be made of a result, for completion."""
    return [report for report in REPORTS if report != "junit"]


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the report."""
    from pytest_ssot_tracker.report import REPORTERS, Output

    request = _request(args.type)
    if args.history is not None and request.type != "html":
        raise CommandError(f"--history: the {request.type} report shows no trend; leave it out, or write html")
    report = results.combined(args.results, root=args.root, console=console)
    report = replace(report, run=replace(report.run, root=str(args.root or _root(report))))
    try:
        output = Output(
            dest=request.dest,
            terminal=console.folding() if request.type in ("term", "term-verbose") else console,
            history=_history(args.history),
            everything=request.everything,
            beside=_beside(Path(report.run.root)),
            group=args.group,
            how_to_see_all="ssot-tracker report term-verbose",
        )
        REPORTERS[request.type](report, output)
    except OSError as error:
        if request.dest is None:
            raise
        raise CommandError(f"{request.dest}: the {request.type} report cannot be written: {error.strerror}") from None
    if request.dest is not None:
        console.note(f"wrote {request.dest}")
    return ExitStatus.FINE


def _root(report: Report) -> Path:
    """Return where the run was, if that is a project of ours: else a result could ask for any file of this machine."""
    root = Path(report.run.root)
    return root if may_be_configured(root) else Path.cwd()


def _beside(root: Path) -> tuple[str, ...]:
    """Return the folders beside `root` that its own configuration names; what a result says of them counts nothing."""
    try:
        return load(root).tree.outside_paths
    except ConfigurationError:
        return ()


def _history(folder: Path | None) -> Iterator[Report]:
    """Yield the reports of earlier runs, one in memory at a time."""
    for path in results.earlier(folder):
        yield from results.each([path])


def _request(spelling: str) -> ReportRequest:
    with refusing(ReportError):
        request = parse_report(spelling)
    if request.type == "junit":
        raise CommandError(
            "junit: it is part of pytest's own JUnit file; run pytest with --ssot-report=junit --junitxml=FILE"
        )
    return request
