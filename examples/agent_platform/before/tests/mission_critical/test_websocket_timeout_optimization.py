"""An agent that takes too long is stopped."""

from __future__ import annotations

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.agents.execution_timeout_manager import AgentExecutionTimeoutManager
from netra_backend.app.agents.supervisor.user_execution_engine import UserExecutionEngine
from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker


@pytest.mark.asyncio
async def test_a_late_agent_times_out() -> None:
    engine = UserExecutionEngine("user_1", "thread_late", timeout=0.01)
    with pytest.raises(TimeoutError, match="took longer than"):
        await engine.run_agent(DataHelperAgent(seconds=1.0), "how late is it?")


def test_a_late_execution_is_late_for_the_timeout_manager_alone() -> None:
    tracker, timeouts = AgentExecutionTracker(), AgentExecutionTimeoutManager()
    execution_id = tracker.create_execution("agent", "thread", "run")
    timeouts.set_timeout(execution_id, 0.0)
    assert timeouts.check_timeout(execution_id)
    assert tracker.get_execution_state(execution_id) == "PENDING"
