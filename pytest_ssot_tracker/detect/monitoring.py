"""Watch functions by `sys.monitoring`: nothing is patched, every alias is seen (3.12 and later)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

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
        self._event: int = _sys.events.PY_START
        _sys.register_callback(tool, self._event, started)

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
        code = function.__code__
        before = _sys.get_local_events(self._tool, code)
        _sys.set_local_events(self._tool, code, before | self._event)
        return (code,), lambda: _sys.set_local_events(self._tool, code, before)

    def close(self) -> None:
        """Give the tool id back."""
        _sys.register_callback(self._tool, self._event, None)
        _sys.free_tool_id(self._tool)
