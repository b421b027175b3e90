"""Name the states of an execution, and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

__all__ = ["ALLOWED", "ExecutionState"]


class ExecutionState(str, Enum):
    """Be the state of one execution; a member equals its text."""

    PENDING = "PENDING"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    THINKING = "THINKING"
    COMPLETING = "COMPLETING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"

    __str__ = str.__str__

    @property
    def is_terminal(self) -> bool:
        """Tell whether nothing can follow."""
        return not ALLOWED[self]


_ENDED = frozenset({ExecutionState.FAILED, ExecutionState.TIMEOUT})

ALLOWED: Mapping[ExecutionState, frozenset[ExecutionState]] = {
    ExecutionState.PENDING: frozenset({ExecutionState.STARTING}) | _ENDED,
    ExecutionState.STARTING: frozenset({ExecutionState.RUNNING}) | _ENDED,
    ExecutionState.RUNNING: frozenset({ExecutionState.THINKING, ExecutionState.COMPLETING}) | _ENDED,
    ExecutionState.THINKING: frozenset({ExecutionState.RUNNING, ExecutionState.COMPLETING}) | _ENDED,
    ExecutionState.COMPLETING: frozenset({ExecutionState.COMPLETED}) | _ENDED,
    ExecutionState.COMPLETED: frozenset(),
    ExecutionState.FAILED: frozenset(),
    ExecutionState.TIMEOUT: frozenset(),
}
