"""Watch functions by `sys.monitoring`: nothing is patched, every alias is seen (3.12 and later)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import CO_GENERATOR
from types import CodeType, FrameType, FunctionType
from typing import Any

from pytest_ssot_tracker.detect.callees import Callees

__all__ = ["Monitoring"]

_sys: Any = getattr(sys, "monitoring", None)

_FREE_FIRST = (3, 4, 5, 2, 1, 0)
"""Ids nobody has a claim on, then those of optimizer, profiler, coverage and debugger."""


class Monitoring:
    """Have `started(code, offset)` called when a watched function starts, directly above its frame.

    Only local events are set, each on one code object, so nothing else in the process gets slower.
    """

    name = "monitoring"

    def __init__(self, tool: int, started: Callable[..., None]) -> None:
        self._tool = tool
        self._returning: dict[int, tuple[CodeType, tuple[Callable[[FrameType, object], None], ...]]] = {}
        events = _sys.events
        self._callbacks = {events.PY_START: started, events.PY_RETURN: self._returned, events.PY_YIELD: self._returned}
        for event, callback in self._callbacks.items():
            _sys.register_callback(tool, event, callback)

    @classmethod
    def open(cls, started: Callable[..., None]) -> Monitoring | None:
        """Take a free tool id; return `None` where the interpreter has none, or none free."""
        if _sys is None:
            return None
        for tool in _FREE_FIRST:
            if _sys.get_tool(tool) is None:
                try:
                    _sys.use_tool_id(tool, "pytest-ssot-tracker")
                except ValueError:
                    continue
                return cls(tool, started)
        return None

    def watch(
        self, function: FunctionType, started: Callable[[CodeType], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]]:
        """Watch every function that shares the code of `function`; return that code and the undo.

        `started` is not used: a tool has one callable for all code.
        """
        return (function.__code__,), self._on(function.__code__, _sys.events.PY_START)

    def watch_returns(
        self, function: FunctionType, returned: Callable[[FrameType, object], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]]:
        """Have `returned(frame, value)` called with what `function` returns, or what it yields if it is a generator."""
        code = function.__code__
        _, calls = self._returning.get(id(code), (code, ()))
        self._returning[id(code)] = code, (*calls, returned)
        event = _sys.events.PY_YIELD if code.co_flags & CO_GENERATOR else _sys.events.PY_RETURN
        quiet = self._on(code, event)

        def undo() -> None:
            _, calls = self._returning.get(id(code), (code, ()))
            if returned not in calls:
                return
            calls = tuple(one for one in calls if one is not returned)
            self._returning[id(code)] = code, calls
            if not calls:
                quiet()
                del self._returning[id(code)]

        return (code,), undo

    def callees(self, wants: Callable[[str], bool]) -> Callees | None:
        """Return what watches calls where they are written, in the files that `wants` names."""
        return Callees.open(wants)

    def _on(self, code: CodeType, event: int) -> Callable[[], None]:
        _sys.set_local_events(self._tool, code, _sys.get_local_events(self._tool, code) | event)
        return lambda: _sys.set_local_events(self._tool, code, _sys.get_local_events(self._tool, code) & ~event)

    def _returned(self, code: CodeType, _offset: int, value: object) -> None:
        known = self._returning.get(id(code))
        for call in known[1] if known is not None else ():
            call(sys._getframe(1), value)

    def close(self) -> None:
        """Give the tool id back."""
        for event in self._callbacks:
            _sys.register_callback(self._tool, event, None)
        _sys.free_tool_id(self._tool)
