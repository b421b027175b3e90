"""Print findings in the format asked for."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.report.reporters import REPORTERS, Output
from pytest_ssot_tracker.settings.reports import BY_NAME

if TYPE_CHECKING:
    from pytest_ssot_tracker.cli.console import Console
    from pytest_ssot_tracker.report import Report

__all__ = ["FORMATS", "add_arguments", "show"]

FORMATS = ("text", *(reporter.name for reporter in BY_NAME.values() if reporter.printed))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--format`."""
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings are printed (default: text)")


def show(report: Report, console: Console, *, style: str = "text", verbose: bool = False) -> None:
    """Print `report` in the format `style`; `verbose` lists also what fails nothing."""
    if style == "text":
        REPORTERS["term-verbose" if verbose else "term"](report, Output(terminal=console))
    elif BY_NAME[style].dest is not None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "findings")
            REPORTERS[style](report, Output(dest=file, everything=verbose))
            console.out.write(file.read_text(encoding="utf-8"))
    else:
        REPORTERS[style](report, Output(terminal=console, everything=verbose))
