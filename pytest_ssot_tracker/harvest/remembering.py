"""Remember what replaces what, while neither the files of the project nor what is installed have changed.

To find a replacement takes modules to be parsed: four fifths of a harvest of which every file is known.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pytest_ssot_tracker import __version__
from pytest_ssot_tracker.harvest.named_replacements import NamedReplacements
from pytest_ssot_tracker.kept import digest, replaced
from pytest_ssot_tracker.model import Target

__all__ = ["RememberedReplacements"]


class RememberedReplacements:
    """Replacements that were found before, in a file of the folder `folder`; the others are looked for.

    `contents` tells the files of the project as they are from what they were.
    """

    def __init__(self, replacements: NamedReplacements, folder: Path | None, contents: str) -> None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        self._replacements = replacements
        self._file = None if folder is None else folder / f"replaced-{version}.json"
        self._key = digest("\0".join((__version__, contents, *_installed())).encode("utf-8", "surrogatepass"))
        self._found: dict[str, str] = {}
        self._asked: dict[str, str] = {}
        if self._file is not None:
            with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
                data = json.loads(self._file.read_bytes())
                if data["key"] == self._key:
                    self._found = {str(name): str(new) for name, new in data["found"].items()}

    def find(self, name: str, target: Target) -> Target | None:
        """Return the thing called `name` that is meant where `target` is declared deprecated, `None` for none."""
        key = f"{target} {name}"
        if key not in self._found:
            self._found[key] = str(self._replacements.find(name, target) or "")
        self._asked[key] = found = self._found[key]
        return Target.parse(found) if found else None

    def save(self) -> None:
        """Keep what was asked for; a folder that cannot be written is left."""
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            if self._file is None or json.loads(self._file.read_bytes()) == self._data:
                return
        if self._file is not None and self._asked:
            replaced(self._file, json.dumps(self._data, separators=(",", ":")), siblings="replaced-*.json")

    @property
    def _data(self) -> dict[str, object]:
        return {"key": self._key, "found": self._asked}


def _installed() -> Iterator[str]:
    """Yield what changes when anything is installed or removed."""
    for folder in sys.path:
        with suppress(OSError):
            yield f"{folder} {os.stat(folder or '.').st_mtime_ns}"
