"""Stand in for the two functions that every import goes through, unseen by those who count frames.

An import statement calls `builtins.__import__`, `importlib.import_module` and everything built on it
`importlib._bootstrap._gcd_import`. Their stand-ins are compiled under a file name that `warnings` takes for the import
system's own, so that `warnings.warn(stacklevel=2)` at the top of a module names the importer's line as it would
without us (see `is_internal_frame` in CPython's `_warnings.c`), and pytest leaves them out of tracebacks.
"""

from __future__ import annotations

import builtins
import importlib._bootstrap as bootstrap  # type: ignore[import-not-found]
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

__all__ = ["INTERNAL", "Onlooker", "stand_in"]

INTERNAL = "<frozen importlib._bootstrap_ssot>"

# An importer is a dict of the statements of one file that ran before: (name, fromlist, level) -> numbers to book.
_SOURCE = """
def __import__(name, globals=None, locals=None, fromlist=(), level=0):
    __tracebackhide__ = True
    frame = getframe(1)
    importer = importers[frame.f_code.co_filename]
    written = globals is frame.f_globals and fromlist.__class__ is not list
    if importer is None and (written or name.__class__ is not str or not strings[name]):
        return plain_import(name, globals, locals, fromlist, level)
    try:
        module = plain_import(name, globals, locals, fromlist, level)
    except BaseException as error:
        failed(frame, name, globals, fromlist, level, error)
        raise
    if not written:
        called(frame, name, globals, fromlist, level)
        return module
    numbers = importer.get((name, fromlist, level))
    if numbers is None:
        numbers = learn(frame, importer, name, fromlist, level)
    for number in numbers:
        book(number, frame)
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
    """Be told of imports, after they happened.

    `importers[filename]` is `None` for a file whose statements do not matter, `strings[name]` true for a name that
    matters when it is imported by a call, wherever that stands.
    """

    @property
    def importers(self) -> dict[str, Any]: ...
    @property
    def strings(self) -> dict[str, bool]: ...
    def learn(self, frame: FrameType, importer: Any, name: str, fromlist: Any, level: int) -> tuple[int, ...]: ...
    def book(self, number: int, frame: FrameType) -> None: ...
    def called(self, frame: FrameType, name: str, namespace: Any, fromlist: Any, level: int) -> None: ...
    def text(self, frame: FrameType, name: str, package: str | None, level: int) -> None: ...
    def failed(
        self, frame: FrameType, name: str, namespace: Any, fromlist: Any, level: int, error: BaseException
    ) -> None: ...
    def text_failed(
        self, frame: FrameType, name: str, package: str | None, level: int, error: BaseException
    ) -> None: ...


class _Nothing(dict[str, Any]):
    """Answer `None` to everything: what a stand-in that somebody kept asks after the end."""

    def __missing__(self, key: str) -> None:
        return None


def stand_in(onlooker: Onlooker) -> Callable[[], None]:
    """Put the stand-ins in place, telling `onlooker`; return what puts back what is still ours.

    A stand-in that somebody holds on to goes on importing afterwards and tells nobody.
    """
    plain_import, plain_gcd = builtins.__import__, bootstrap._gcd_import
    scope: dict[str, Any] = {
        "__name__": "importlib._bootstrap_ssot",
        "getframe": sys._getframe,
        "plain_import": plain_import,
        "plain_gcd": plain_gcd,
        "importers": onlooker.importers,
        "strings": onlooker.strings,
        "learn": onlooker.learn,
        "book": onlooker.book,
        "called": onlooker.called,
        "text": onlooker.text,
        "failed": onlooker.failed,
        "text_failed": onlooker.text_failed,
    }
    exec(compile(_SOURCE, INTERNAL, "exec", dont_inherit=True), scope)
    our_import, our_gcd = scope["__import__"], scope["_gcd_import"]
    builtins.__import__ = our_import
    bootstrap._gcd_import = our_gcd

    def undo() -> None:
        if builtins.__import__ is our_import:
            builtins.__import__ = plain_import
        if bootstrap._gcd_import is our_gcd:
            bootstrap._gcd_import = plain_gcd
        scope["importers"] = scope["strings"] = _Nothing()

    return undo
