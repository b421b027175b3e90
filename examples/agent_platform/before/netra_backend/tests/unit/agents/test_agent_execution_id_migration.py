"""Executions get ids, whoever makes them."""

from __future__ import annotations

from netra_backend.app.agents.execution_timeout_manager import AgentExecutionTimeoutManager
from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker


def test_an_execution_has_an_id() -> None:
    tracker = AgentExecutionTracker()
    assert tracker.create_execution("agent", "thread", "run")


def test_the_timeout_manager_makes_ids_of_its_own() -> None:
    execution_id = AgentExecutionTimeoutManager().create_execution_id("agent", "run")
    assert execution_id.startswith("agent_run_")
