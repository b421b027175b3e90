"""Combine: make one result file of several, of shards, machines or Python versions."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_ssot_tracker.cli import results
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import ExitStatus, writing
from pytest_ssot_tracker.judge.words import counted

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker combine`."""
    results.add_argument(parser, required=True)
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the result file to write")


def run(args: argparse.Namespace, console: Console) -> int:
    """Write the combined result; one of an incomplete run is incomplete, says so, and is fine all the same."""
    from pytest_ssot_tracker.report.result import write
    from pytest_ssot_tracker.report.wording import lost

    report = results.combined(args.results)
    with writing(args.output, "the result"):
        write(report, args.output)
    for why in lost(report):
        console.note(f"incomplete: {why}")
    sizes = {"result": args.results, "test": report.tests, "site": report.sites}
    console.write_line(f"{args.output}: {', '.join(counted(len(of), noun) for noun, of in sizes.items())}")
    return ExitStatus.FINE
