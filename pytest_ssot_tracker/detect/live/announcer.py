"""What those who follow functions need of the watch over calls; `detect.calls.watch` has it."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any, Protocol

__all__ = ["Announcer"]


class Announcer(Protocol):
    """What calls back when functions start and return, and when something without Python code is called."""

    def announce(self, function: Any, call: Callable[[FrameType], None], *, deaf: frozenset[str] = frozenset()) -> None:
        """Call `call` with the frame of each start of `function`, but for those by code in the files `deaf`."""

    def announce_calls(self, value: object, call: Callable[[FrameType], None]) -> None:
        """Call `call` with each frame of the project that calls `value`."""

    def returns(self, function: Any, call: Callable[[FrameType, object], None]) -> Callable[[], None]:
        """Call `call` with the frame and the value of each return of `function`; return what ends it."""
