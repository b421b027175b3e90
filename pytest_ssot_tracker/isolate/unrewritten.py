"""Load our own modules as Python loads any, not through pytest's rewriting of asserts.

pytest rewrites the whole distribution of a plugin. We assert nothing in a run, and that loader takes ten times as long
for each module, cached or not. Imported in every run: it must stay light.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

__all__ = ["unrewritten"]

_OURS = __name__.partition(".")[0] + "."


class _Plain:
    """Find the modules below our package where they lie; whoever comes next finds all others."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith(_OURS) else None


@contextmanager
def unrewritten() -> Iterator[None]:
    """Find our modules first while this is open; leave `sys.meta_path` as it was but for this."""
    plain = _Plain()
    sys.meta_path.insert(0, plain)
    try:
        yield
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not plain]
