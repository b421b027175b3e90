"""Keep the report's folder: write pages that changed, remove ours that are stale, touch nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.hashing import blake2b
from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.html.anchors import OURS
from pytest_ssot_tracker.report.html.pages import pages

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.reporters import Output

__all__ = ["render", "write"]

_STATIC = Path(__file__).parent / "static"
_LIST = "ssot-pages.json"
_IGNORED = "# Made by pytest-ssot-tracker: a report is made anew by each run.\n*\n"


def render(report: Report, output: Output) -> None:
    """Write the pages; raise `OSError`."""
    write(report, output.file, output.history, output.beside)


def write(report: Report, folder: Path, history: Iterable[Report] = (), beside: Sequence[str] = ()) -> None:
    """Write the pages of `report` into `folder`; raise `OSError`.

    Equal reports of equal sources give equal bytes. A page is made anew only where something that it is made of has
    changed, or somebody has touched it. `history` are the reports of earlier runs, read one at a time, `beside` the
    folders outside the root to read sources from. Pages that an earlier report left behind are removed: those in its
    list whose names are of our making. `index.html` is written last, so that it never speaks of pages to come.
    """
    is_ours = not folder.exists() or not any(folder.iterdir()) or (folder / _LIST).exists()
    folder.mkdir(parents=True, exist_ok=True)
    if is_ours:  # a folder that holds other things may be one that is committed
        _put(folder / ".gitignore", _IGNORED)
    before = _listed(folder)
    written: dict[str, list[str]] = {}
    for file in sorted(_STATIC.iterdir()):
        _put(folder / file.name, file.read_text(encoding="utf-8"))
    for page in pages(report, history, beside):
        file = folder / page.name
        if not page.digest or before.get(page.name) != [page.digest, _content(file)]:
            _put(file, page.make())
        written[page.name] = [page.digest, _content(file)] if page.digest else []
    for name in sorted(before.keys() - written.keys()):
        (folder / name).unlink(missing_ok=True)
    _put(folder / _LIST, json.dumps(written, indent=0, sort_keys=True) + "\n")


def _listed(folder: Path) -> dict[str, list[str]]:
    """Return the pages that are listed as ours, each with the digests of what it was made of and of its text."""
    try:
        names = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if isinstance(names, list):  # as versions before 0.2 wrote it
        names = {name: [] for name in names if isinstance(name, str)}
    return {name: known for name, known in names.items() if OURS.fullmatch(name)} if isinstance(names, dict) else {}


def _content(file: Path) -> str:
    """Return the digest of a file, `""` where there is none."""
    try:
        return blake2b(file.read_bytes(), digest_size=16).hexdigest()
    except FileNotFoundError:
        return ""


def _put(path: Path, text: str) -> None:
    try:
        if path.read_bytes() == text.encode():
            return
    except FileNotFoundError:
        pass
    replace_text(path, text)
