"""Remember between runs what stands where the program was seen and the scan found nothing.

What a test does through a variable, say, the scan does not see: to say which statement that was, the file is parsed. A
file that has not changed since need not be, nor its syntax tree be kept, which takes ten times the space of the file.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from os import stat
from pathlib import Path
from typing import Any, TypeAlias

from pytest_ssot_tracker import __version__
from pytest_ssot_tracker.kept import digest, seal, state, surely_older, unsealed
from pytest_ssot_tracker.model import squeeze
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Remembered", "RememberedStatement"]

_FORMAT = 1
_READ = json.JSONDecoder().decode
"""Bound early, as `stat` is: the test whose step ends may still have `json.loads` replaced."""


class RememberedStatement(NamedTuple):
    """What stands at a place: the line of the instruction, and what makes the identity of the statement there."""

    line: int
    scope: str
    text: str
    ordinal: int
    squeezed: str


Places: TypeAlias = "dict[str, list[Any]]"
"""Line, scope, text and ordinal as they are shown of statements, by line and column of an instruction."""


class Remembered:
    """What stood at places of files, for as long as the files stay as they are; kept in `folder`."""

    def __init__(self, folder: Path) -> None:
        question = (_FORMAT, __version__, sys.version)
        self._file = folder / f"places-{digest(repr(question).encode())}.json"
        self._began = time.time_ns()
        self._written = 0
        self._kept: dict[str, tuple[list[int], str]] | None = None
        self._places: dict[str, Places] = {}
        self._states: dict[str, list[int]] = {}
        self._fresh: set[str] = set()

    def at(self, filename: str, line: int, column: int | None) -> RememberedStatement | None:
        """Return what stands at a place of the file, `None` where that is not known."""
        if filename not in self._places:
            self._places[filename] = self._recall(filename)
        plain = self._places[filename].get(f"{line}:{column}")
        if plain is None:
            return None
        shown, scope, text, ordinal = plain
        return RememberedStatement(shown, scope, text, ordinal, squeeze(text))

    def note(self, filename: str, line: int, column: int | None, spot: RememberedStatement) -> None:
        """Remember what was found to stand at a place about which `at` was asked before."""
        if filename in self._states:
            self._places[filename][f"{line}:{column}"] = [spot.line, spot.scope, spot.text, spot.ordinal]
            self._fresh.add(filename)

    def save(self) -> None:
        """Keep what is known of files that are as they were; leave a folder that cannot be written."""
        if not self._fresh:
            return
        kept = dict(self._loaded())
        for filename in self._fresh:
            kept[filename] = self._states[filename], json.dumps(self._places[filename], separators=(",", ":"))
        unchanged = {name: held for name, held in kept.items() if _state(name) == held[0]}
        text = json.dumps(unchanged, separators=(",", ":"))
        seal(self._file, text, siblings="places-*.json")
        self._fresh.clear()

    def _recall(self, filename: str) -> Places:
        now = _state(filename)
        if now is None or not surely_older(now[2], self._began):
            return {}
        self._states[filename] = now
        held, text = self._loaded().get(filename, (None, ""))
        places: Places = _READ(text) if held == now and surely_older(now[2], self._written) else {}
        return places

    def _loaded(self) -> Mapping[str, tuple[list[int], str]]:
        """Return what was kept, by file: the state of that, and the places as text."""
        if self._kept is None:
            self._kept = {}
            with suppress(OSError, ValueError):
                self._written = stat(self._file).st_mtime_ns  # by the clock of the file system, which nobody freezes
                text = unsealed(self._file.read_bytes())
                self._kept = {} if text is None else _READ(text.decode())
        return self._kept


def _state(filename: str) -> list[int] | None:
    """Return what changes when the file does, `None` where there is none."""
    try:
        return state(stat(filename))
    except (OSError, ValueError):
        return None
