"""Run an agent: the engine that was to replace the others, and became one more."""

from __future__ import annotations

import time

from netra_backend.app.agents.agent_state_tracker import AgentStateTracker
from netra_backend.app.agents.base_agent import Agent
from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker

__all__ = ["ConsolidatedExecutionEngine"]


class ConsolidatedExecutionEngine:
    """Run agents for one thread, with a state tracker and an execution tracker of its own."""

    def __init__(self, thread_id: str) -> None:
        self.thread_id = thread_id
        self._tracker = AgentExecutionTracker()
        self._phases = AgentStateTracker()

    async def run_agent(self, agent: Agent, question: str) -> str:
        """Return the agent's answer; what it raises is passed on."""
        run_id = "run_%s_%d" % (agent.name, int(time.time() * 1000))  # noqa: UP031
        execution_id = self._tracker.create_execution(agent.name, self.thread_id, run_id)
        self._tracker.update_execution_state(execution_id, "RUNNING")

        async def step(event: str) -> None:
            before = self._phases.get_agent_state(execution_id) or "STARTING"
            self._phases.track_phase_transition(execution_id, before, event)

        answer = await agent.run(question, step)
        self._tracker.update_execution_state(execution_id, "COMPLETED")
        return answer
