"""Read the result files that a command is given, as one report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli.exits import CommandError, refusing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_ssot_tracker.cli.console import Console
    from pytest_ssot_tracker.report import Report
    from pytest_ssot_tracker.report.production import Production

__all__ = ["USUAL", "add_argument", "combined", "each", "earlier", "production", "split", "usual"]

USUAL = "ssot-result.json"
"""What a run calls its result, in the folder where pytest was called."""


def add_argument(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Add the positional argument for result files; where it is not `required`, the usual file is meant."""
    words = "result files of runs, and exports of production (OTLP as JSON), any number, in any order"
    if required:
        parser.add_argument("results", nargs="+", metavar="RESULT", type=Path, help=words)
    else:
        words += f" (default: {USUAL})"
        parser.add_argument("results", nargs="*", default=[], metavar="RESULT", type=Path, help=words)


def usual(root: Path | None) -> list[Path]:
    """Return the usual result file, where there is one: here, or in `root`."""
    places = (Path(), root) if root is not None else (Path(),)
    return [path for path in (place / USUAL for place in places) if path.is_file()][:1]


def split(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Return which of the files are results of runs, and which are exports of production."""
    from pytest_ssot_tracker.report.production import is_export

    exports = [path for path in paths if is_export(path)]
    return [path for path in paths if path not in exports], exports


def production(paths: Sequence[Path]) -> Production | None:
    """Return what the exports among the files say, `None` where there are none; raise `CommandError`."""
    from pytest_ssot_tracker.report.production import Production
    from pytest_ssot_tracker.report.result import ResultError

    _, exports = split(paths)
    with refusing(ResultError):
        return Production.of(exports) if exports else None


def each(paths: Sequence[Path], *, root: Path | None = None, console: Console | None = None) -> list[Report]:
    """Return the report in each file, or in the usual one where none is named; raise `CommandError`.

    Where none is named, `console` is told which was read.
    """
    from pytest_ssot_tracker.report.production import Production
    from pytest_ssot_tracker.report.result import ResultError, read

    files = paths or usual(root) or [Path(USUAL)]
    runs, exports = split(files)
    with refusing(ResultError):
        reports = [read(path) for path in runs]
        reports += [Production.of(exports).report()] if exports else []
    if console is not None and not paths:
        console.note(f"read {', '.join(map(str, files))}")
    return reports


def earlier(folder: Path | None) -> list[Path]:
    """Return the files in the folder that `--history` names, by name; raise `CommandError` where there is none."""
    if folder is None:
        return []
    if not folder.is_dir():
        raise CommandError(f"--history: there is no folder {folder}; name one that holds result files")
    return sorted(folder.glob("*.json"))


def combined(paths: Sequence[Path], *, root: Path | None = None, console: Console | None = None) -> Report:
    """Return one report of all the files (see `each`)."""
    from pytest_ssot_tracker.report.combine import combine

    return combine(each(paths, root=root, console=console))
