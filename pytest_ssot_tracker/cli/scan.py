"""Scan: list what the source text shows, and fail where a run would."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_ssot_tracker.cli import formats, project
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.status import Status

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker scan`."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", type=Path, help="only these files and folders (default: all)"
    )
    parser.add_argument("--all", action="store_true", help="list also what is known, expected and allowed")
    formats.add_arguments(parser)
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the sites; return `VIOLATIONS` where a run would fail for one of them."""
    from pytest_ssot_tracker.cli.survey import Survey

    report = Survey.of(project.Project.of(args), console, paths=args.paths or None).report
    formats.show(report, console, style=args.format, verbose=args.all)
    return Status.VIOLATIONS if report.failed else Status.FINE
