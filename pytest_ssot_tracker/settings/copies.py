"""Tell which module an installed or built file is, and whether it says what another file says.

All of this may be asked while a test runs that has replaced parts of `os` or `open`, so that nothing here goes through
them.
"""

from __future__ import annotations

import os
import sys
from _io import FileIO
from collections.abc import Iterator
from functools import lru_cache

from pytest_ssot_tracker.settings.paths import join as _join
from pytest_ssot_tracker.settings.paths import normcase as _case
from pytest_ssot_tracker.settings.paths import split as _split

__all__ = ["copied_modules", "exists", "modules_in", "same_text"]

_SEPARATOR = os.sep
_stat, _listdir = os.stat, os.listdir


@lru_cache(maxsize=16384)
def exists(path: str) -> bool:
    """Whether there is anything at `path`; asked once."""
    try:
        _stat(path)
    except (OSError, ValueError):
        return False
    return True


@lru_cache(maxsize=64)
def modules_in(root: str, bases: tuple[str, ...]) -> frozenset[str]:
    """Return the names in the folders `bases` of `root` that may be modules and packages; asked once."""
    found: set[str] = set()
    for base in bases:
        try:
            names = _listdir(_join(root, *base.split("/")))
        except (OSError, ValueError):
            continue
        found.update(name for name in names if name.isidentifier() or name.endswith(".py"))
    return frozenset(found)


def copied_modules(filename: str, root: str, libraries: tuple[str, ...]) -> Iterator[str]:
    """Yield the paths, with `/`, by which `filename` may be found as a module from outside the sources of `root`.

    That is from an entry of `sys.path`, from where packages are installed, from `build/lib`, and from the folder
    around its outermost package: an entry may be gone again by the time that this is asked.
    """
    built = _join(root, "build", "")
    entries = [_join(entry, "") for entry in sys.path if type(entry) is str and entry]
    entries.append(_join(_around(_split(filename)[0]), ""))
    if filename.startswith(_join(built, "lib")):
        entries.append(_join(built, filename[len(built) :].partition(_SEPARATOR)[0], ""))
    known = _case(filename)
    found = {len(entry) for entry in (*map(_case, entries), *libraries) if known.startswith(entry)}
    for start in sorted(found, reverse=True):
        if filename[:start] != _join(root, ""):
            yield filename[start:].replace(_SEPARATOR, "/")


@lru_cache(maxsize=4096)
def _around(folder: str) -> str:
    """Return the nearest folder from `folder` upwards that is no package with an `__init__.py`."""
    above = _split(folder)[0]
    return _around(above) if above != folder and exists(_join(folder, "__init__.py")) else folder


def same_text(one: str, other: str) -> bool:
    """Whether two files hold the same, but for how their lines end; what cannot be read is like nothing."""
    data = _read(one)
    return data is not None and data == _read(other)


def _read(filename: str) -> bytes | None:
    try:
        with FileIO(filename) as stream:
            return (stream.readall() or b"").replace(b"\r\n", b"\n")
    except (OSError, ValueError):
        return None
