"""Hold one id of `sys.monitoring` (3.12 and later), and notice when somebody takes it away.

There are six ids, and every function of `sys.monitoring` may be called with each of them by anybody: a test of a
debugger or of a coverage tool frees them all, or clears the events of the code that it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import CodeType, FrameType
from typing import Any

__all__ = ["EVENTS", "Armed", "Tool", "monitoring"]

monitoring: Any = getattr(sys, "monitoring", None)
"""What tells of events, `None` where the interpreter has nothing that does."""

EVENTS: Any = getattr(monitoring, "events", None)
"""The events by name."""


class Tool:
    """One id, its callbacks by event, the `events` that it has everywhere and those of single code objects.

    Where somebody has taken the id, nothing that is asked of it raises; `restore` takes another.
    """

    def __init__(self, name: str, callbacks: Mapping[int, Callable[..., object]], ids: Sequence[int]) -> None:
        self._name = name[:1] + name[1:]  # a text of our own, by which we know the id for ours
        self._callbacks = dict(callbacks)
        self._ids = tuple(ids)
        self._events = 0
        self._local: dict[int, tuple[CodeType, int]] = {}
        self._set: tuple[Sequence[CodeType], list[tuple[CodeType, int]]] | None = None
        self._id = -1
        self._was_silent = False

    @classmethod
    def take(
        cls, name: str, callbacks: Mapping[int, Callable[..., object]], ids: Sequence[int], *, events: int = 0
    ) -> Tool | None:
        """Take the first of `ids` that is free; return `None` where none is, or the interpreter has none."""
        if monitoring is None:
            return None
        tool = cls(name, callbacks, ids)
        tool._events = events
        return tool if tool.restore() else None

    @property
    def _is_ours(self) -> bool:
        return self._id >= 0 and monitoring.get_tool(self._id) is self._name

    def local(self, code: CodeType) -> int:
        """Return the events that are set for `code`."""
        return self._local.get(id(code), (code, 0))[1]

    def set_local(self, code: CodeType, events: int) -> None:
        """Set the events of `code` and of no other."""
        if events:
            self._local[id(code)] = code, events
        else:
            self._local.pop(id(code), None)
        self._set = None
        if self._is_ours:
            monitoring.set_local_events(self._id, code, events)

    def arm(self, code: CodeType) -> None:
        """Switch on again what a callback has switched off in `code`.

        `restart_events` would do that for every code object, and for the tools of others as well.
        """
        if self._is_ours:
            monitoring.set_local_events(self._id, code, 0)
            monitoring.set_local_events(self._id, code, self.local(code))

    def stands(self, codes: Sequence[CodeType] | None = None) -> bool:
        """Whether everything is still as it was set, in `codes` or else in all code; each takes 500 instructions."""
        number = self._id
        if number < 0 or monitoring.get_tool(number) is not self._name or monitoring.get_events(number) != self._events:
            return False
        if codes is None:
            expected: Iterable[tuple[CodeType, int]] = self._local.values()
        else:
            if self._set is None or self._set[0] is not codes:  # looked up once for each list that is asked for
                self._set = codes, [(code, self.local(code)) for code in codes]
            expected = self._set[1]
        for code, events in expected:
            if monitoring.get_local_events(number, code) != events:
                return False
        for event, call in self._callbacks.items():
            # There is no other way to ask which callback is registered, and afterwards it is.
            if monitoring.register_callback(number, event, call) is not call:
                self._was_silent = True
        return not self._was_silent

    def lost(self) -> list[CodeType]:
        """Return the code objects of which nothing is told any more, when not everything stands.

        Those of which somebody has cleared events, or all where the id or a callback is gone.
        """
        if not self._is_ours or self._was_silent:
            return [code for code, _ in self._local.values()]
        asked = monitoring.get_local_events
        return [code for code, events in self._local.values() if asked(self._id, code) != events]

    def heal(self) -> bool:
        """Whether nobody has taken away the id, its events or a callback; what was is set again."""
        if self.stands(()):
            return True
        self.restore()
        return False

    def restore(self) -> bool:
        """Set everything as it should be, under another id where this one is somebody else's; whether that went."""
        if not self._is_ours:
            self._leave()
            self._id = next((number for number in self._ids if self._takes(number)), -1)
        if self._id < 0:
            return False
        self._was_silent = False
        for event, call in self._callbacks.items():
            monitoring.register_callback(self._id, event, call)
        monitoring.set_events(self._id, self._events)
        for code, events in list(self._local.values()):
            # First none: what was set under this id before it was freed may still stand in the code.
            monitoring.set_local_events(self._id, code, 0)
            monitoring.set_local_events(self._id, code, events)
        return True

    def _leave(self) -> None:
        """Take our callbacks out of an id that is somebody else's: before 3.14 they outlive that it is freed."""
        for event, call in self._callbacks.items() if self._id >= 0 else ():
            before = monitoring.register_callback(self._id, event, None)
            if before is not call:
                monitoring.register_callback(self._id, event, before)

    def _takes(self, number: int) -> bool:
        if monitoring.get_tool(number) is not None:
            return False
        try:
            monitoring.use_tool_id(number, self._name)
        except ValueError:  # another thread was faster
            return False
        return True

    def close(self) -> None:
        """Give the id back, where it is still ours."""
        if self._is_ours:
            monitoring.set_events(self._id, 0)
            for code, _ in self._local.values():
                monitoring.set_local_events(self._id, code, 0)
        self._leave()
        if self._is_ours:
            monitoring.free_tool_id(self._id)
        self._id = -1
        self._local.clear()
        self._set = None


class Armed:
    """Code that a tool of its own looks at once, when it first starts: what is armed then tells of its event.

    A subclass says which event, in `_happened` what becomes of it, and in `_arm` what to arm.
    """

    purpose = ""
    event = ""
    ids: tuple[int, ...] = ()

    def __init__(self) -> None:
        self._tool: Tool | None = None
        self._getframe = sys._getframe  # kept on the object, where no test that replaces it is in the way

    def open(self) -> bool:
        """Take a tool id and begin; whether the interpreter has any, and one of them free."""
        if monitoring is not None:
            happened: Callable[..., object] = self._happened
            callbacks = {EVENTS.PY_START: self._started, getattr(EVENTS, self.event): happened}
            self._tool = Tool.take(f"pytest-ssot-tracker {self.purpose}", callbacks, self.ids, events=EVENTS.PY_START)
        return self._tool is not None

    def stands(self) -> bool:
        """Whether nobody has taken away what this watches by."""
        return self._tool is None or self._tool.stands(())

    def heal(self) -> bool:
        """Whether nobody has taken away what this watches by; what was is put back."""
        return self._tool is None or self._tool.heal()

    def close(self) -> None:
        """Watch nothing any more, and give the tool id back."""
        if self._tool is not None:
            self._tool.close()

    def _started(self, code: CodeType, _offset: int) -> object:
        try:
            self._arm(code, self._getframe(1))
        except Exception:  # a test has replaced what this needs, or the stack is used up: ask at the next call
            return None
        return monitoring.DISABLE

    def _arm_running(self) -> None:
        """Arm what has started already and is still running."""
        for running in sys._current_frames().values():
            frame: FrameType | None = running
            while frame is not None:
                self._arm(frame.f_code, frame)
                frame = frame.f_back

    def _arm(self, code: CodeType, frame: FrameType) -> None:
        raise NotImplementedError

    def _happened(self, code: CodeType, *what: Any) -> object:
        raise NotImplementedError
