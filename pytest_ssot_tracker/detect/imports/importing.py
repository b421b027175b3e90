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
from collections.abc import Callable, Container, Mapping
from types import FrameType, ModuleType
from typing import Any, Protocol

__all__ = ["INTERNAL", "Onlooker", "StandIns"]

bootstrap: Any = importlib._bootstrap
"""The module that every import goes through; type checkers know only a part of it."""

INTERNAL = "<frozen importlib._bootstrap_ssot>"

# Every import statement of the process comes through here. Until something deprecated is loaded (`known`) only absolute
# names that start like a target, or packages that hold one, matter; a frame is looked at last. What `is_dull` says of a
# `from` statement is written out here: a call and the look-up of the file would cost more than the question.
_SOURCE = """
def __import__(name, globals=None, locals=None, fromlist=(), level=0):
    __tracebackhide__ = True
    if globals is None or fromlist.__class__ is list:
        return call(name, globals, locals, fromlist, level)
    try:
        module = plain_import(name, globals, locals, fromlist, level)
    except BaseException as error:
        failed(getframe(1), name, globals, fromlist, level, error)
        raise
    if level or (fromlist and (known or name in parents)) or near[name]:
        try:
            importer = importers[globals["__file__"]]
        except (KeyError, TypeError):
            importer = importers[getframe(1).f_code.co_filename]
        if importer is None:
            if not near[name]:
                return module
            # Code may have been made with the names of a library.
            importer = importers[getframe(1).f_code.co_filename]
        if not (level or near[name] or name in parents) and type(module) is module_type:
            names = module.__dict__
            for attribute in fromlist:
                if attribute == "*" or id(names.get(attribute)) in known:
                    break
            else:
                return module
        if importer is not None:
            numbers = importer.get((name, fromlist, level))
            if numbers is None:
                learn(getframe(1), importer, name, globals, fromlist, level)
            elif numbers:
                again(getframe(1), numbers, globals)
    return module


def call(name, globals, locals, fromlist, level):
    __tracebackhide__ = True
    try:
        frame = getframe(2)
    except ValueError:  # the interpreter itself imports, as it does before and after all code
        return plain_import(name, globals, locals, fromlist, level)
    if name.__class__ is not str or importers[frame.f_code.co_filename] is None and not strings[name]:
        return plain_import(name, globals, locals, fromlist, level)
    try:
        module = plain_import(name, globals, locals, fromlist, level)
    except BaseException as error:
        failed(frame, name, globals, fromlist, level, error)
        raise
    by_hand(frame, name, globals, fromlist, level)
    return module


def _gcd_import(name, package=None, level=0):
    __tracebackhide__ = True
    if not level and (name.__class__ is not str or not strings[name]):
        return plain_gcd(name, package, level)
    try:
        module = plain_gcd(name, package, level)
    except BaseException as error:
        text_failed(getframe(1), name, package, level, error)
        raise
    text(getframe(1), name, package, level)
    return module
"""


class Onlooker(Protocol):
    """What is told of imports, after they happened.

    `importers[filename]` is `None` for a file whose statements do not matter, else what its statements were found to
    mean when they ran first: `(name, fromlist, level)` to numbers. `strings[name]` is true for a name that matters when
    a call imports it, wherever that stands. As long as `known` is empty, an absolute name matters only if it starts
    with one of `starts`, or is one of `parents` and something is imported from it.
    """

    @property
    def importers(self) -> Mapping[str, Any]: ...
    @property
    def strings(self) -> Mapping[str, bool]: ...
    @property
    def known(self) -> Mapping[int, object]: ...
    @property
    def parents(self) -> Container[str]: ...
    @property
    def starts(self) -> tuple[str, ...]: ...
    def learn(self, frame: FrameType, importer: Any, name: str, namespace: Any, fromlist: Any, level: int) -> None: ...
    def again(self, frame: FrameType, numbers: tuple[int, ...], namespace: Any) -> None: ...
    def by_hand(self, frame: FrameType, name: str, namespace: Any, fromlist: Any, level: int) -> None: ...
    def text(self, frame: FrameType, name: str, package: str | None, level: int) -> None: ...
    def failed(
        self, frame: FrameType, name: str, namespace: Any, fromlist: Any, level: int, error: BaseException
    ) -> None: ...
    def text_failed(
        self, frame: FrameType, name: str, package: str | None, level: int, error: BaseException
    ) -> None: ...


_TOLD = (
    "importers",
    "strings",
    "known",
    "parents",
    "starts",
    "learn",
    "again",
    "by_hand",
    "text",
    "failed",
    "text_failed",
)


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
    """The two functions of ours, in place between `install` and `undo`, telling `onlooker`.

    A stand-in that somebody holds on to goes on importing afterwards and tells nobody.
    """

    def __init__(self, onlooker: Onlooker) -> None:
        self._plain_import, self._plain_gcd = builtins.__import__, bootstrap._gcd_import
        self._scope: dict[str, Any] = {
            "__name__": "importlib._bootstrap_ssot",
            "getframe": sys._getframe,
            "module_type": ModuleType,
            "type": type,
            "id": id,
            "near": _Near(onlooker.starts),
            "plain_import": self._plain_import,
            "plain_gcd": self._plain_gcd,
            **{name: getattr(onlooker, name) for name in _TOLD},
        }
        exec(compile(_SOURCE, INTERNAL, "exec", dont_inherit=True), self._scope)
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
