"""An agent that takes too long is stopped, and everyone agrees that it was."""

from __future__ import annotations

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.agents.supervisor.user_execution_engine import UserExecutionEngine
from netra_backend.app.core.agent_execution_tracker import get_execution_tracker


@pytest.mark.asyncio
async def test_a_late_agent_times_out_for_the_tracker_too() -> None:
    engine = UserExecutionEngine("user_1", "thread_late", timeout=0.01)
    with pytest.raises(TimeoutError, match="took longer than"):
        await engine.run_agent(DataHelperAgent(seconds=1.0), "how late is it?")
    (execution,) = get_execution_tracker().get_user_executions("thread_late")
    assert execution.state == "TIMEOUT"
