"""Keep the report's folder: write pages that changed, remove ours that are stale, touch nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.html.names import OURS
from pytest_ssot_tracker.report.html.pages import pages

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.reporters import Output

__all__ = ["render", "write"]

_STATIC = Path(__file__).parent / "static"
_LIST = "ssot-pages.json"


def render(report: Report, output: Output) -> None:
    """Write the pages; raise `OSError`."""
    assert output.dest is not None, "parse_report gives every html report a destination"
    write(report, output.dest, output.history, output.beside)


def write(report: Report, folder: Path, history: Iterable[Report] = (), beside: Sequence[str] = ()) -> None:
    """Write the pages of `report` into `folder`; raise `OSError`.

    Equal reports of equal sources give equal bytes, and a page whose bytes did not change is not written. `history` are
    the reports of earlier runs, read one at a time, `beside` the folders outside the root to read sources from. Pages
    that an earlier report left behind are removed: those in its list whose names are of our making. `index.html` is
    written last, so that it never speaks of pages to come.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = _listed(folder)
    written = set()
    for file in sorted(_STATIC.iterdir()):
        _put(folder / file.name, file.read_text(encoding="utf-8"))
    for name, text in pages(report, history, beside):
        _put(folder / name, text)
        written.add(name)
    # The list names both until the stale ones are gone, so that an interrupted run leaves no page behind unlisted.
    _put(folder / _LIST, _list(written))
    for name in sorted(before - written):
        (folder / name).unlink(missing_ok=True)


def _listed(folder: Path) -> set[str]:
    try:
        names = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    if not isinstance(names, list):
        return set()
    return {name for name in names if isinstance(name, str) and OURS.fullmatch(name)}


def _list(names: Iterable[str]) -> str:
    return json.dumps(sorted(names), indent=0) + "\n"


def _put(path: Path, text: str) -> None:
    try:
        if path.read_bytes() == text.encode():
            return
    except FileNotFoundError:
        pass
    replace_text(path, text)
