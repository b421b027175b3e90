"""Track every execution of every agent: the single source of truth for state, timeouts and circuit breakers."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from netra_backend.app.core.circuit_breaker import BreakerStatus, CircuitBreaker
from netra_backend.app.core.execution_state import ALLOWED, ExecutionState
from netra_backend.app.core.unified_id_manager import IDType, UnifiedIDManager

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
    """Be one run of one agent for one user's thread; `deadline` is monotonic seconds, `None` for no timeout."""

    execution_id: str
    agent_name: str
    thread_id: str
    run_id: str
    state: ExecutionState = ExecutionState.PENDING
    history: list[HistoryEntry] = field(default_factory=list)
    deadline: float | None = None

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
        self._ids = UnifiedIDManager()
        self._executions: dict[str, Execution] = {}
        self._breakers: dict[str, CircuitBreaker] = {}

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
        execution = Execution(self._ids.generate_id(IDType.EXECUTION), agent_name, thread_id, run_id)
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

    # State

    def get_agent_state(self, execution_id: str) -> ExecutionState:
        """Return the state of the agent in an execution: the execution's own, there is no other."""
        return self.get_execution_state(execution_id)

    def set_agent_state(self, execution_id: str, state: str) -> HistoryEntry:
        """Take over a state, as `update_execution_state` does."""
        return self.update_execution_state(execution_id, state)

    def validate_state_transition(self, execution_id: str, state: str) -> bool:
        """Tell whether `state` may follow the present one."""
        with self._lock:
            return ExecutionState(state) in ALLOWED[self._execution(execution_id).state]

    def transition_state(self, execution_id: str, state: str) -> HistoryEntry:
        """Go to `state`; raise `IllegalTransitionError` where it may not follow the present one."""
        with self._lock:
            execution = self._execution(execution_id)
            new = ExecutionState(state)
            if new not in ALLOWED[execution.state]:
                raise IllegalTransitionError(execution_id, execution.state, new)
            return execution.enter(new)

    def get_state_history(self, execution_id: str) -> list[ExecutionState]:
        """Return the states the execution has had, oldest first."""
        return [entry.state for entry in self.get_execution_history(execution_id)]

    # Timeouts

    def set_timeout(self, execution_id: str, seconds: float) -> None:
        """Let the execution time out `seconds` from now."""
        with self._lock:
            self._execution(execution_id).deadline = time.monotonic() + seconds

    def check_timeout(self, execution_id: str) -> bool:
        """Tell whether the execution has timed out; one whose time is up becomes TIMEOUT here and now."""
        with self._lock:
            execution = self._execution(execution_id)
            late = execution.deadline is not None and time.monotonic() >= execution.deadline
            if late and not execution.state.is_terminal:
                execution.enter(ExecutionState.TIMEOUT)
            return execution.state is ExecutionState.TIMEOUT

    # Circuit breakers

    def register_circuit_breaker(
        self, name: str, *, failure_threshold: int = 3, recovery_seconds: float = 30.0
    ) -> CircuitBreaker:
        """Return the breaker called `name`, made with these limits where there is none yet."""
        with self._lock:
            breaker = CircuitBreaker(name, failure_threshold, recovery_seconds)
            return self._breakers.setdefault(name, breaker)

    def circuit_breaker_status(self, name: str) -> BreakerStatus:
        """Return what the breaker lets through; one that nobody registered is closed."""
        with self._lock:
            return self._breakers[name].status if name in self._breakers else BreakerStatus.CLOSED

    def reset_circuit_breaker(self, name: str) -> None:
        """Close the breaker called `name`."""
        with self._lock:
            if name in self._breakers:
                self._breakers[name].reset()

    def _execution(self, execution_id: str) -> Execution:
        try:
            return self._executions[execution_id]
        except KeyError:
            raise UnknownExecutionError(execution_id) from None


def get_execution_tracker() -> AgentExecutionTracker:
    """Return the tracker of this process."""
    return AgentExecutionTracker.get_instance()
