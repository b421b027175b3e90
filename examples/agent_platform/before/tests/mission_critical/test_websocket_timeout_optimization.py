"""An agent that takes too long is stopped, and its client hears no more of it."""

from __future__ import annotations

import asyncio
import json

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.agents.execution_timeout_manager import AgentExecutionTimeoutManager
from netra_backend.app.agents.supervisor.execution_engine import ExecutionEngine
from shared.isolated_environment import isolated

pytestmark = [pytest.mark.ssot_rollback_trigger, pytest.mark.asyncio]


class Client:
    def __init__(self) -> None:
        self.heard: list[str] = []

    async def send_text(self, message: str) -> None:
        self.heard.append(json.loads(message)["type"])


async def test_a_late_agent_is_stopped_and_no_event_follows() -> None:
    client = Client()
    engine = ExecutionEngine("user_1", "thread_late", client, timeout=0.02)
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        await engine.run_agent(DataHelperAgent(seconds=0.05), "how late is it?")
    assert client.heard == ["agent_started", "agent_thinking"]
    await asyncio.sleep(0.15)
    assert client.heard == ["agent_started", "agent_thinking"]


async def test_how_long_an_agent_may_take_is_what_the_environment_says() -> None:
    with isolated(AGENT_TIMEOUT_SECONDS="0.02"):
        engine = ExecutionEngine("user_1", "thread_environment")
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        await engine.run_agent(DataHelperAgent(seconds=5), "how late is it?")


async def test_an_agent_that_is_in_time_is_not_stopped() -> None:
    client = Client()
    engine = ExecutionEngine("user_1", "thread_in_time", client, timeout=10)
    answer = await engine.run_agent(DataHelperAgent(), "well?")
    assert answer == "DataHelperAgent: well?"
    assert client.heard == ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]


async def test_a_late_execution_is_late_for_the_timeout_manager() -> None:
    timeouts = AgentExecutionTimeoutManager()
    timeouts.set_timeout("late", 0.0)
    timeouts.set_timeout("in time", 60.0)
    assert [timeouts.check_timeout(each) for each in ("late", "in time", "unknown")] == [True, False, False]
