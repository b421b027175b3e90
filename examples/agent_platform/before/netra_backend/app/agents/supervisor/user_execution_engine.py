"""Run an agent for one user: the engine that keeps users apart, and its ids to itself."""

from __future__ import annotations

import asyncio

from netra_backend.app.agents.agent_state_tracker import get_agent_state_tracker
from netra_backend.app.agents.base_agent import Agent
from netra_backend.app.agents.execution_timeout_manager import AgentExecutionTimeoutManager
from netra_backend.app.core.configuration import configuration

__all__ = ["UserExecutionEngine"]


class UserExecutionEngine:
    """The engine of `user_id` in `thread_id`; `timeout` is in seconds, by default what the environment allows."""

    def __init__(self, user_id: str, thread_id: str, *, timeout: float | None = None) -> None:
        self.user_id = user_id
        self.thread_id = thread_id
        self._timeout = configuration().agent_timeout if timeout is None else timeout
        self._timeouts = AgentExecutionTimeoutManager()
        self._phases = get_agent_state_tracker()

    async def run_agent(self, agent: Agent, question: str) -> str:
        """Return the agent's answer; raise `TimeoutError` after the timeout, and what the agent raises."""
        self._timeouts.check_circuit(agent.name)
        execution_id = self._timeouts.create_execution_id(agent.name, self.thread_id)
        self._timeouts.set_timeout(execution_id, self._timeout)

        async def step(event: str) -> None:
            before = self._phases.get_agent_state(execution_id) or "STARTING"
            self._phases.track_phase_transition(execution_id, before, event)

        try:
            answer = await asyncio.wait_for(agent.run(question, step), self._timeout)
        except asyncio.TimeoutError:
            self._timeouts.record_failure(agent.name)
            raise TimeoutError(f"{agent.name} took longer than {self._timeout} s") from None
        self._timeouts.record_success(agent.name)
        return answer
