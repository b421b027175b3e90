"""Track executions: their states and history. Phases and timeouts are tracked elsewhere, each on its own."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field

from netra_backend.app.core.execution_state import ExecutionState

__all__ = [
    "AgentExecutionTracker",
    "Execution",
    "HistoryEntry",
    "IllegalTransitionError",
    "UnknownExecutionError",
    "get_execution_tracker",
]


class UnknownExecutionError(LookupError):
    """Say that there is no execution with the id `execution_id`, or none any more."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(execution_id)
        self.execution_id = execution_id

    def __str__(self) -> str:
        return f"there is no execution {self.execution_id!r}"


class IllegalTransitionError(ValueError):
    """Say that an execution cannot go from `before` to `after`."""

    def __init__(self, execution_id: str, before: ExecutionState, after: ExecutionState) -> None:
        super().__init__(execution_id, before, after)
        self.execution_id = execution_id
        self.before = before
        self.after = after

    def __str__(self) -> str:
        return f"execution {self.execution_id!r} cannot go from {self.before} to {self.after}"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Be one change of state; `sequence` counts the changes of one execution from 1, `at` is monotonic seconds."""

    sequence: int
    state: ExecutionState
    at: float


@dataclass(slots=True)
class Execution:
    """Be one run of one agent for one user's thread."""

    execution_id: str
    agent_name: str
    thread_id: str
    run_id: str
    state: ExecutionState = ExecutionState.PENDING
    history: list[HistoryEntry] = field(default_factory=list)

    def enter(self, state: ExecutionState) -> HistoryEntry:
        """Take on `state` and return the new entry of the history."""
        self.state = state
        entry = HistoryEntry(len(self.history) + 1, state, time.monotonic())
        self.history.append(entry)
        return entry


class AgentExecutionTracker:
    """Know every execution. There is one per process: take it from `get_instance` or `get_execution_tracker`.

    All methods may be called from any thread; each change of state happens as a whole or not at all.
    """

    _instance: AgentExecutionTracker | None = None
    _instance_lock = threading.Lock()

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._executions: dict[str, Execution] = {}

    @classmethod
    def get_instance(cls) -> AgentExecutionTracker:
        """Return the tracker of this process."""
        with cls._instance_lock:
            if cls._instance is None:
                cls._instance = cls()
            return cls._instance

    # Executions

    def create_execution(self, agent_name: str, thread_id: str, run_id: str) -> str:
        """Return the id of a new execution, which is PENDING."""
        execution = Execution(str(uuid.uuid4()), agent_name, thread_id, run_id)
        execution.enter(ExecutionState.PENDING)
        with self._lock:
            self._executions[execution.execution_id] = execution
        return execution.execution_id

    def update_execution_state(self, execution_id: str, state: str) -> HistoryEntry:
        """Take over a state as reported, without asking whether it may follow; a terminal one stays.

        Raises `UnknownExecutionError`, `ValueError` for a state that does not exist, and `IllegalTransitionError` for
        an execution that has ended.
        """
        with self._lock:
            execution = self._execution(execution_id)
            new = ExecutionState(state)
            if execution.state.is_terminal and new is not execution.state:
                raise IllegalTransitionError(execution_id, execution.state, new)
            return execution.enter(new)

    def get_execution_state(self, execution_id: str) -> ExecutionState:
        """Return the state of an execution; raise `UnknownExecutionError`."""
        with self._lock:
            return self._execution(execution_id).state

    def get_execution_history(self, execution_id: str) -> list[HistoryEntry]:
        """Return every state the execution has had, oldest first; raise `UnknownExecutionError`."""
        with self._lock:
            return list(self._execution(execution_id).history)

    def get_user_executions(self, thread_id: str) -> list[Execution]:
        """Return the executions of one user's thread, oldest first."""
        with self._lock:
            return [one for one in self._executions.values() if one.thread_id == thread_id]

    def cleanup_execution(self, execution_id: str) -> None:
        """Forget an execution; one that is not there is no error."""
        with self._lock:
            self._executions.pop(execution_id, None)

    def _execution(self, execution_id: str) -> Execution:
        try:
            return self._executions[execution_id]
        except KeyError:
            raise UnknownExecutionError(execution_id) from None


def get_execution_tracker() -> AgentExecutionTracker:
    """Return the tracker of this process."""
    return AgentExecutionTracker.get_instance()
