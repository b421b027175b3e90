"""Watch functions by `sys.monitoring`: nothing is patched, every alias is seen (3.12 and later)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from inspect import CO_GENERATOR
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, TypeAlias

from pytest_ssot_tracker.detect.plant.callees import Callees
from pytest_ssot_tracker.detect.plant.tool import EVENTS, Tool
from pytest_ssot_tracker.records import NamedTuple

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.plant.attributes import AttributeWatch

__all__ = ["FunctionReturns", "Monitoring"]

_FREE_FIRST = (3, 4, 5, 2, 1, 0)
"""Ids nobody has a claim on, then those of optimizer, profiler, coverage and debugger."""


Returning: TypeAlias = "dict[int, tuple[CodeType, tuple[Callable[[FrameType, object], None], ...]]]"
"""What is called with the returns of a code object, by its id."""


class FunctionReturns(NamedTuple):
    """The returns of a function, which are told while somebody listens; `undo` leaves no trace of it."""

    listen: Callable[[], None]
    rest: Callable[[], None]
    undo: Callable[[], None]


class Monitoring:
    """Have `started(code, offset)` called when a watched function starts, directly above its frame.

    Only local events are set, each on one code object, so nothing else in the process gets slower.
    """

    name = "monitoring"

    def __init__(self, tool: Tool, returning: Returning) -> None:
        self.tool = tool
        self._returning = returning

    @classmethod
    def open(cls, started: Callable[..., None]) -> Monitoring | None:
        """Take a free tool id; return `None` where the interpreter has none, or none free."""
        if EVENTS is None:
            return None
        returning: Returning = {}
        returned = partial(_returned, returning)
        callbacks: dict[int, Callable[..., object]] = {
            EVENTS.PY_START: started,
            EVENTS.PY_RETURN: returned,
            EVENTS.PY_YIELD: returned,
        }
        tool = Tool.take("pytest-ssot-tracker", callbacks, _FREE_FIRST)
        return None if tool is None else cls(tool, returning)

    def watch(
        self, function: FunctionType, started: Callable[[CodeType], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]]:
        """Watch every function that shares the code of `function`; return that code and the undo.

        `started` is not used: a tool has one callable for all code.
        """
        return (function.__code__,), self._on(function.__code__, EVENTS.PY_START)

    def join(self, function: FunctionType, codes: tuple[CodeType, ...]) -> Callable[[], None]:
        """Return an undo of nothing: functions that share their code are watched with the first of them."""
        return lambda: None

    def watch_returns(
        self, function: FunctionType, returned: Callable[[FrameType, object], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]]:
        """Have `returned(frame, value)` called with what `function` returns, or what it yields if it is a generator."""
        code = function.__code__
        _, calls = self._returning.get(id(code), (code, ()))
        self._returning[id(code)] = code, (*calls, returned)
        event = EVENTS.PY_YIELD if code.co_flags & CO_GENERATOR else EVENTS.PY_RETURN
        quiet = self._on(code, event)

        def undo() -> None:
            _, calls = self._returning.get(id(code), (code, ()))
            if returned not in calls:
                return
            calls = tuple(call for call in calls if call is not returned)
            self._returning[id(code)] = code, calls
            if not calls:
                quiet()
                del self._returning[id(code)]

        return (code,), undo

    def watch_ends(
        self, function: FunctionType, returned: Callable[[FrameType, object], None]
    ) -> tuple[tuple[CodeType, ...], FunctionReturns]:
        """Have `returned(frame, value)` called as by `watch_returns`, but only while somebody listens.

        Who begins to listen hears of the calls that run already, too.
        """
        quiet: list[Callable[[], None]] = []

        def listen() -> None:
            if not quiet:
                quiet.append(self.watch_returns(function, returned)[1])

        def rest() -> None:
            while quiet:
                quiet.pop()()

        return (function.__code__,), FunctionReturns(listen, rest, rest)

    def watch_creations(
        self, function: FunctionType, created: Callable[[FrameType], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]] | None:
        """Return `None`: there is no event where a generator is made; `callees` tell who calls `function`."""

    def callees(self, wants: Callable[[str], bool]) -> Callees | None:
        """Return what watches calls where they are written, in the files that `wants` names."""
        callees = Callees(wants)
        return callees if callees.open() else None

    def attributes(self, wants: Callable[[str], bool], _defines: object, _moved: object) -> AttributeWatch | None:
        """Return what watches attributes where they are written down, in the files that `wants` names."""
        from pytest_ssot_tracker.detect.plant.attributes import AttributeWatch

        attributes = AttributeWatch(wants)
        return attributes if attributes.open() else None

    def _on(self, code: CodeType, event: int) -> Callable[[], None]:
        self.tool.set_local(code, self.tool.local(code) | event)
        return lambda: self.tool.set_local(code, self.tool.local(code) & ~event)

    def close(self) -> None:
        """Give the tool id back."""
        self.tool.close()


def _returned(returning: Returning, code: CodeType, _offset: int, value: object) -> None:
    known = returning.get(id(code))
    for call in known[1] if known is not None else ():
        call(sys._getframe(1), value)
