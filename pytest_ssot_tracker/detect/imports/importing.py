"""Stand in for the two functions that every import goes through, unseen by those who count frames.

An import statement calls `builtins.__import__`, `importlib.import_module` and everything built on it
`importlib._bootstrap._gcd_import`. Their stand-ins are compiled under a file name that `warnings` takes for the import
system's own, so that `warnings.warn(stacklevel=2)` at the top of a module names the importer's line as it would
without us (see `is_internal_frame` in CPython's `_warnings.c`), and pytest leaves them out of tracebacks.
"""

from __future__ import annotations

import builtins
import importlib._bootstrap
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from pytest_ssot_tracker.detect.imports.disguised import __import__, _gcd_import, call, disguise  # noqa: A004

__all__ = ["StandIns"]

bootstrap: Any = importlib._bootstrap
"""The module that every import goes through; type checkers know only a part of it."""


class _Near(dict[str, bool]):
    """Whether a module's name begins as one that matters: a look-up costs less than the question."""

    def __init__(self, starts: tuple[str, ...]) -> None:
        super().__init__()
        self._starts = starts

    def __missing__(self, name: str) -> bool:
        found = self[name] = name.startswith(self._starts)
        return found


class _Nothing(dict[str, Any]):
    """What answers `None` to everything, and knows whether anything was asked."""

    asked = False

    def __missing__(self, key: str) -> None:
        self.asked = True


class StandIns:
    """The two functions of ours, in place between `install` and `undo`.

    What they ask and call (see `disguised`) is `told` by its name. `importers[filename]` is `None` for a file whose
    statements do not matter, else what its statements were found to mean when they ran first: `(name, fromlist, level)`
    to numbers. `strings[name]` is true for a name that matters when a call imports it, wherever that stands. As long as
    `known` is empty, an absolute name matters only if it starts with one of `starts`, or is one of `parents` and
    something is imported from it. A stand-in that somebody holds on to goes on importing afterwards and tells nobody.
    """

    def __init__(self, starts: tuple[str, ...], **told: Any) -> None:
        self._plain_import, self._plain_gcd = builtins.__import__, bootstrap._gcd_import
        self._scope: dict[str, Any] = {
            "getframe": sys._getframe,
            "module_type": ModuleType,
            "type": type,
            "id": id,
            "near": _Near(starts),
            "plain_import": self._plain_import,
            "plain_gcd": self._plain_gcd,
            **told,
        }
        disguise(__import__, call, _gcd_import, scope=self._scope)
        self._import, self._gcd = self._scope["__import__"], self._scope["_gcd_import"]

    def install(self) -> Callable[[], None]:
        """Put them in place; return `undo`."""
        builtins.__import__ = self._import
        bootstrap._gcd_import = self._gcd
        return self.undo

    @property
    def stand(self) -> bool:
        """Whether both are where they were put."""
        return builtins.__import__ is self._import and bootstrap._gcd_import is self._gcd

    def missing(self) -> list[str]:
        """Return the names of those that no import goes through any more; put back what is only gone.

        What somebody else has put in place stays there. It may well hand on to ours: that is tried with one import.
        """
        missing = []
        if builtins.__import__ is not self._import and not self._is_passed_on(builtins.__import__):
            missing.append("builtins.__import__")
            if builtins.__import__ is self._plain_import:
                builtins.__import__ = self._import
        if bootstrap._gcd_import is not self._gcd:
            missing.append("importlib._bootstrap._gcd_import")
            if bootstrap._gcd_import is self._plain_gcd:
                bootstrap._gcd_import = self._gcd
        return missing

    def _is_passed_on(self, other: Callable[..., object]) -> bool:
        if other is self._plain_import:
            return False
        before, probe = self._scope["importers"], _Nothing()
        self._scope["importers"] = probe
        try:
            other("sys")
        except Exception:
            return False
        finally:
            self._scope["importers"] = before
        return probe.asked

    def undo(self) -> None:
        """Put back what is still ours."""
        if builtins.__import__ is self._import:
            builtins.__import__ = self._plain_import
        if bootstrap._gcd_import is self._gcd:
            bootstrap._gcd_import = self._plain_gcd
        self._scope.update(importers=_Nothing(), strings=_Nothing(), known={}, parents=(), near=_Near(()))
        self._scope.update(failed=lambda *told: None, text_failed=lambda *told: None)
