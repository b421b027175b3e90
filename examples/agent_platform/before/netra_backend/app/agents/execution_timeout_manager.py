"""Time executions out and open circuits: a third idea of what an execution is doing, with ids of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass

__all__ = ["AgentExecutionTimeoutManager", "CircuitOpenError", "get_timeout_manager"]


class CircuitOpenError(RuntimeError):
    """Say that the agent `name` has failed too often to be called."""


@dataclass
class _Circuit:
    failures: int = 0
    opened_at: float | None = None


class AgentExecutionTimeoutManager:
    """Know when executions are due; nobody else is told when one is late."""

    def __init__(self, *, failure_threshold: int = 3, recovery_seconds: float = 30.0) -> None:
        self._deadlines: dict[str, float] = {}
        self._circuits: dict[str, _Circuit] = {}
        self._failure_threshold = failure_threshold
        self._recovery_seconds = recovery_seconds

    def create_execution_id(self, agent_name: str, run_id: str) -> str:
        """Return an id made of the clock, as this module has always made them."""
        return f"{agent_name}_{run_id}_{int(time.time() * 1000)}"

    def set_timeout(self, execution_id: str, seconds: float) -> None:
        """Let the execution be late `seconds` from now."""
        self._deadlines[execution_id] = time.monotonic() + seconds

    def check_timeout(self, execution_id: str) -> bool:
        """Tell whether the execution is late."""
        deadline = self._deadlines.get(execution_id)
        return deadline is not None and time.monotonic() >= deadline

    def check_circuit(self, agent_name: str) -> None:
        """Raise `CircuitOpenError` while the agent's circuit is open."""
        circuit = self._circuits.setdefault(agent_name, _Circuit())
        if circuit.opened_at is not None and time.monotonic() - circuit.opened_at < self._recovery_seconds:
            raise CircuitOpenError(f"the circuit of {agent_name} is open")

    def record_failure(self, agent_name: str) -> None:
        """Count a failure of the agent; the third in a row opens its circuit."""
        circuit = self._circuits.setdefault(agent_name, _Circuit())
        circuit.failures += 1
        if circuit.failures >= self._failure_threshold:
            circuit.opened_at = time.monotonic()

    def record_success(self, agent_name: str) -> None:
        """Close the agent's circuit."""
        self._circuits[agent_name] = _Circuit()


_manager: AgentExecutionTimeoutManager | None = None


def get_timeout_manager() -> AgentExecutionTimeoutManager:
    """Return the timeout manager that most of the code shares."""
    global _manager
    if _manager is None:
        _manager = AgentExecutionTimeoutManager()
    return _manager
