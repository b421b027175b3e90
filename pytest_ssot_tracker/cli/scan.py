"""Scan: list what the source text shows, and fail where a run would."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_ssot_tracker.cli import formats, project
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import ExitStatus

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker scan`."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", type=Path, help="only these files and folders (default: all)"
    )
    parser.add_argument("--all", action="store_true", help="list also what is known, expected and allowed")
    parser.add_argument(
        "--jobs", type=_positive, metavar="N", help="read files in N processes (default: as many as pay, at most 4)"
    )
    parser.add_argument(
        "--trace",
        metavar="TARGET|PATH:LINE",
        action="append",
        help="tell what was decided about a target, or what stands at a place, step by step; repeat it for more",
    )
    formats.add_arguments(parser)
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the sites; return `VIOLATIONS` where a run would fail for one of them."""
    from pytest_ssot_tracker.cli.survey import Survey

    asked = project.Project.of(args)
    report = Survey.of(asked, console, paths=args.paths or None, jobs=args.jobs).report
    if args.trace:
        from pytest_ssot_tracker.report.tracing import Trace
        from pytest_ssot_tracker.scan.decisions import trace

        traced = Trace(asked.settings, report, trace(asked.settings))
        screen = console.folding()
        for wanted in asked.traces:
            for line in traced.lines(wanted):
                screen.write_line(line)
        return ExitStatus.FINE
    formats.show(report, console, style=args.format, verbose=args.all, group=args.group)
    return ExitStatus.VIOLATIONS if report.failed else ExitStatus.FINE


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes; give 1 or more")
    return int(text)
