"""Report: render result files as any report that a run can write."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from pytest_ssot_tracker.cli import results
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.status import CommandError, Status
from pytest_ssot_tracker.settings.options import ReportError, ReportRequest, parse_report

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker report`."""
    parser.add_argument("type", metavar="TYPE[:DEST]", help="the report to write, as --ssot-report takes it")
    results.add_argument(parser)
    parser.add_argument(
        "--root", metavar="DIR", type=Path, help="where the sources are (default: where the run was, else here)"
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the report."""
    from pytest_ssot_tracker.report import REPORTERS, Output

    request = _request(args.type)
    report = results.combined(args.results)
    root = args.root or Path(report.run.root)
    report = replace(report, run=replace(report.run, root=str(root if root.is_dir() else Path.cwd())))
    try:
        REPORTERS[request.type](report, Output(dest=request.dest, terminal=console))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandError(f"{request.dest}: the {request.type} report cannot be written: {error.strerror}") from None
    if request.dest is not None:
        console.note(f"wrote {request.dest}")
    return Status.FINE


def _request(spelling: str) -> ReportRequest:
    try:
        request = parse_report(spelling)
    except ReportError as error:
        raise CommandError(str(error)) from None
    if request.type == "junit":
        raise CommandError(
            "junit: it is part of pytest's own JUnit file; run pytest with --ssot-report=junit --junitxml=FILE"
        )
    return request
