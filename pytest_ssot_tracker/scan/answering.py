"""Keep what a whole scan found, and give it back while nothing it looked at has changed.

What it looked at is every file of the walk, each module that was looked for, found or not, and the files beyond the
walk that were read. A file that was written so shortly before that the clock could not tell makes the answer void.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_ssot_tracker import __version__
from pytest_ssot_tracker.codec import FORMAT, Plain, Shared, made, made_parts, plain
from pytest_ssot_tracker.hashing import blake2b
from pytest_ssot_tracker.kept import seal, surely_older, unsealed
from pytest_ssot_tracker.scan.own_modules import OwnModules
from pytest_ssot_tracker.scan.scan_result import ScanResult
from pytest_ssot_tracker.scan.stored import StoredSites
from pytest_ssot_tracker.scan.walk import Entry, Walk, entry_of
from pytest_ssot_tracker.settings import Settings
from pytest_ssot_tracker.source import Allow

__all__ = ["KeptAnswer"]


class KeptAnswer:
    """The answer to one question: these settings, asked of this walk.

    `folder` is where it is kept, `None` for not at all.
    """

    def __init__(
        self, folder: Path | None, settings: Settings, walk: Walk, entries: Sequence[Entry], *, whole: bool | None
    ) -> None:
        configured = (settings.ssots, settings.ids, settings.unfound)
        question = (FORMAT, __version__, sys.version, sys.prefix, configured, walk, whole)
        name = blake2b(repr(question).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
        self._file = None if folder is None else folder / f"answer-{name}.json"
        self._walk = walk
        self._tree = settings.tree
        self._entries = entries
        self._began = time.time_ns()

    def recall(self) -> ScanResult | None:
        """Return what was found before, `None` where that is not known or may be so no more."""
        if self._file is None:
            return None
        with suppress(OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            text = unsealed(self._file.read_bytes())
            if text is None:  # sites are made when somebody asks: too late to find the text damaged
                return None
            data = json.loads(text)
            began = min(data["began"], self._file.stat().st_mtime_ns)
            if data["seen"] == self._seen() and self._settled(data["others"], began):
                modules = OwnModules(self._tree)
                if all([modules.exists(name), modules.path(name)] == held for name, held in data["looked"].items()):
                    return _result(self._walk, len(self._entries), data["found"])
        return None

    def keep(self, result: ScanResult, *, looked: OwnModules, others: Iterable[str]) -> None:
        """Keep what was found; `others` are the files, absolute, that were read and are no part of the walk."""
        if self._file is None or result.notes or any(site.target in _FLEETING for site in result.sites):
            return
        found = {path: _state(path) for path in others}
        states = {path: None if entry is None else entry.state for path, entry in found.items()}
        if self._settled(states, self._began):
            data = {
                "began": self._began,
                "seen": self._seen(),
                "others": states,
                "looked": looked.looked,
                "found": _plain(result),
            }
            text = json.dumps(data, separators=(",", ":"))
            seal(self._file, text, siblings="answer-*.json")

    def _seen(self) -> str:
        text = "\0".join([f"{entry.path}\0{entry.state}" for entry in self._entries])
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _settled(self, others: dict[str, Any], began: int) -> bool:
        """Whether `others` are as they were, and every file was last changed long enough before `began`."""
        if not all(surely_older(entry.changed, began) for entry in self._entries):
            return False
        for path, held in others.items():
            entry = _state(path)
            if held != (None if entry is None else entry.state):
                return False
            if entry is not None and not surely_older(entry.changed, began):
                return False
        return True


_FLEETING = frozenset({"link", "permission", "reading"})
"""What may be wrong with a file without its content being so."""


_KEPT = ("exempt", "allowed", "lines", "marks")
"""What else of a scan is kept, where there is any: to learn how it is read back takes a while."""


def _state(path: str) -> Entry | None:
    try:
        return entry_of(path, os.stat(path))
    except OSError:
        return None


def _plain(result: ScanResult) -> dict[str, Plain]:
    """Return what was found as plain data; what speaks of a site is the number of an allow."""
    allows = Shared(result.allows)
    kept = {name: plain(found, allows) for name in _KEPT if (found := getattr(result, name))}
    return {"sites": [len(result.sites), dict(result.stored().parts)], "allows": plain(result.allows), **kept}


def _result(walk: Walk, files: int, found: Mapping[str, Plain]) -> ScanResult:
    count, stored = found["sites"]
    allows = made(tuple[Allow, ...], found["allows"]) if found["allows"] else ()
    there = {name: found[name] for name in _KEPT if name in found}
    kept = made_parts(ScanResult, there, allows) if there else {}
    return ScanResult(walk=walk, files=files, sites=StoredSites(stored, count), allows=allows, **kept)
