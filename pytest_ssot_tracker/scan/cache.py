"""Keep what was learned of files between runs, by their content.

One JSON file per configuration, replaced in one step: a reader sees a whole one whatever else goes on, and the last
writer wins. What cannot be read is made anew.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.codec import FORMAT, made, plain
from pytest_ssot_tracker.hashing import blake2b
from pytest_ssot_tracker.kept import replaced, surely_older
from pytest_ssot_tracker.scan.facts import Facts
from pytest_ssot_tracker.scan.walk import Entry

__all__ = ["Cache"]


class Cache:
    """Remember facts per file and layer; a layer is the set of words that mattered.

    `folder` is where it is kept, `None` for not at all. `key` names everything but contents that facts depend on.
    `heirs` are the names that were looked for beside those of the configuration, `None` before the first scan: with
    others every file would have to be read again.
    """

    def __init__(self, folder: Path | None, key: Iterable[str]) -> None:
        parts = (str(FORMAT), f"{sys.version_info[0]}.{sys.version_info[1]}", sys.implementation.name, *key)
        name = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
        self._file = None if folder is None else folder / f"scan-{name}.json"
        self._states: dict[str, list[Any]] = {}
        self._layers: dict[str, dict[str, list[Any]]] = {}
        self._began = 0
        self._begins = time.time_ns()
        self.heirs: list[str] | None = None
        self._used: set[str] = set()
        self._changed = False
        self._load()

    def _load(self) -> None:
        if self._file is None:
            return
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            data = json.loads(self._file.read_bytes())
            states, layers, began, heirs = data["files"], data["layers"], data["began"], data["heirs"]
            sound = isinstance(states, dict) and all(isinstance(layer, dict) for layer in layers.values())
            sound = sound and isinstance(heirs, list) and all(isinstance(name, str) for name in heirs)
            if data["format"] == FORMAT and sound and isinstance(began, int):
                # The file system's own clock has the last word: who began may have had another one, or a frozen one.
                self._states, self._layers, self._began = states, layers, min(began, self._file.stat().st_mtime_ns)
                self.heirs = heirs

    def unchanged(self, entry: Entry) -> str | None:
        """Return the digest of a file that is as it was when last read, `None` when it must be read."""
        state = self._states.get(entry.path)
        if not isinstance(state, list) or state[:-1] != entry.state:
            return None
        return str(state[-1]) if surely_older(entry.changed, self._began) else None

    def saw(self, entry: Entry, content: str) -> None:
        """Remember that the file has that content."""
        state = [*entry.state, content]
        if self._states.get(entry.path) != state:
            self._states[entry.path] = state
            self._changed = True

    def knows(self, layer: str, path: str) -> bool:
        """Whether anything is known of the file in `layer`, with whatever content."""
        return path in self._layers.get(layer, ())

    def get(self, layer: str, path: str, content: str) -> tuple[bool, Facts | None]:
        """Return whether the file with this content is known in `layer`, and what it says if it matters there."""
        self._used.add(layer)
        found = self._layers.get(layer, {}).get(path)
        try:
            if found is None or found[0] != content:
                return False, None
            return True, None if found[1] is None else made(Facts, found[1])
        except (ValueError, TypeError, IndexError, KeyError, AttributeError):
            return False, None

    def put(self, layer: str, path: str, content: str, facts: Facts | None) -> None:
        """Remember what the file with this content says in `layer`."""
        if self._file is not None:
            self._used.add(layer)
            self._layers.setdefault(layer, {})[path] = [content, plain(facts)]
            self._changed = True

    def save(self, paths: Iterable[str] | None) -> None:
        """Write what is known, of `paths` only where they are all there is; a folder that cannot be written is left."""
        if self._file is None or not self._changed:
            return
        if paths is not None:
            kept = set(paths)
            self._states = {path: state for path, state in self._states.items() if path in kept}
            self._layers = {
                name: {path: entry for path, entry in layer.items() if path in kept}
                for name, layer in self._layers.items()
                if name in self._used
            }
        data = {
            "format": FORMAT,
            "began": self._begins,
            "heirs": self.heirs or [],
            "files": self._states,
            "layers": self._layers,
        }
        replaced(self._file, json.dumps(data, separators=(",", ":")), siblings="scan-*.json")
