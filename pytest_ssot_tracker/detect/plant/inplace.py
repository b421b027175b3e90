"""Watch functions by a prologue in their code, where `sys.monitoring` is missing or taken.

The function object stays the same, so every alias is seen, and so do its signature, flags and line numbers: the
prologue has no line, which keeps it out of tracebacks, tracing and coverage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING

from pytest_ssot_tracker.detect.plant.bytecodes import exchanged, with_epilogues, with_prologue
from pytest_ssot_tracker.detect.plant.left_behind import as_held_by
from pytest_ssot_tracker.detect.plant.monitoring import FunctionReturns

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.plant.rewritten import Moved, Rewritten

__all__ = ["InPlace"]


class InPlace:
    """Have `started(code)` called when a watched function starts, directly above its frame.

    `code` is the function's own code from before.
    """

    name = "in-place"

    @classmethod
    def open(cls) -> InPlace | None:
        """Return the back end; `None` where the library `bytecode` is missing, which it takes before 3.11."""
        if sys.version_info < (3, 11):
            try:
                import bytecode  # noqa: F401
            except ImportError:
                return None
        return cls()

    def watch(
        self, function: FunctionType, started: Callable[[CodeType], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]]:
        """Watch `function`; return its code before and after, and the undo."""
        original = function.__code__
        planted = with_prologue(original, as_held_by(function, started))
        return (original, planted), exchanged(function, planted)

    def join(self, function: FunctionType, codes: tuple[CodeType, ...]) -> Callable[[], None]:
        """Watch one more function that has the first of `codes`, all of one watched function; return the undo."""
        return exchanged(function, codes[1])

    def watch_returns(
        self, function: FunctionType, returned: Callable[[FrameType, object], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]]:
        """Have `returned(frame, value)` called with what `function` returns, or what it yields if it is a generator.

        Nothing is seen of what a generator hands on by `yield from` before 3.11.
        """
        original = function.__code__

        def call(value: object) -> None:
            returned(sys._getframe(1), value)

        planted = with_epilogues(original, as_held_by(function, call))
        return (original, planted), exchanged(function, planted)

    def watch_ends(
        self, function: FunctionType, returned: Callable[[FrameType, object], None]
    ) -> tuple[tuple[CodeType, ...], FunctionReturns]:
        """Have `returned(frame, value)` called as by `watch_returns`, but only while somebody listens.

        The call is always there, as one that is running cannot be given other code.
        """
        original, listening = function.__code__, set[bool]()

        def call(value: object) -> None:
            if listening:
                returned(sys._getframe(1), value)

        planted = with_epilogues(original, as_held_by(function, call))
        ends = FunctionReturns(lambda: listening.add(True), listening.clear, exchanged(function, planted))
        return (original, planted), ends

    def watch_creations(
        self, function: FunctionType, created: Callable[[FrameType], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]] | None:
        """Have `created(frame)` called with the frame that makes a generator or a coroutine by calling `function`.

        Returns `None` before 3.11, where nothing of it runs then.
        """
        if sys.version_info < (3, 11):
            return None
        original = function.__code__

        def call(_: CodeType) -> None:
            created(sys._getframe(1))  # that of `function` is passed over: it is not complete before its generator is

        planted = with_prologue(original, as_held_by(function, call), early=True)
        return (original, planted), exchanged(function, planted)

    def callees(self, wants: Callable[[str], bool]) -> None:
        """Return `None`: what a statement calls is not told before 3.12."""

    def attributes(self, wants: Callable[[str], bool], defines: Callable[[str], bool], moved: Moved) -> Rewritten:
        """Return what watches attributes where they are written down, in the files that `wants` names."""
        from pytest_ssot_tracker.detect.plant.rewritten import Rewritten

        return Rewritten(wants, defines, moved)

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""
