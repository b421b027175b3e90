"""Print findings in the format asked for."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.report.reporters import REPORTERS, Output
from pytest_ssot_tracker.settings.options import GROUPS
from pytest_ssot_tracker.settings.reports import BY_NAME

if TYPE_CHECKING:
    from pytest_ssot_tracker.cli.console import Console
    from pytest_ssot_tracker.report import Report

__all__ = ["FORMATS", "add_arguments", "add_group", "show"]

FORMATS = ("text", *(reporter.name for reporter in BY_NAME.values() if reporter.printed))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--format` and `--group`."""
    parser.add_argument("--format", choices=FORMATS, default="text", help="how findings are printed (default: text)")
    add_group(parser)


def add_group(parser: argparse.ArgumentParser) -> None:
    """Add `--group`."""
    parser.add_argument("--group", choices=GROUPS, default="rule", help="what text lists sites by (default: rule)")


def show(report: Report, console: Console, *, style: str = "text", verbose: bool = False, group: str = "rule") -> None:
    """Print `report` in the format `style`; `verbose` lists also what fails nothing, `group` says what text goes by."""
    if style == "text":
        output = Output(terminal=console.folding(), group=group, how_to_see_all="--all")
        REPORTERS["term-verbose" if verbose else "term"](report, output)
    elif BY_NAME[style].dest is not None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "findings")
            REPORTERS[style](report, Output(dest=file, everything=verbose))
            console.out.write(file.read_text(encoding="utf-8"))
    else:
        REPORTERS[style](report, Output(terminal=console, everything=verbose))
