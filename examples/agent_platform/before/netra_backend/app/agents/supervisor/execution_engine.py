"""Run an agent and tell its client: the engine behind the WebSocket server.

Two trackers follow each run, and each tells the client what it knows, in its own numbering.
"""

from __future__ import annotations

import asyncio
import uuid

from netra_backend.app.agents.agent_state_tracker import get_agent_state_tracker
from netra_backend.app.agents.base_agent import Agent
from netra_backend.app.agents.execution_timeout_manager import get_timeout_manager
from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker
from netra_backend.app.core.configuration import configuration
from netra_backend.app.services.agent_websocket_bridge import Connection, EventChannel, WebSocketNotifier

__all__ = ["ExecutionEngine"]


class ExecutionEngine:
    """The engine of one user: states go to the execution tracker, phases to the state tracker.

    `timeout` is in seconds, by default what the environment allows.
    """

    def __init__(
        self,
        user_id: str,
        thread_id: str,
        connection: Connection | EventChannel | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        self.user_id = user_id
        self.thread_id = thread_id
        self._connection = connection
        self._timeout = configuration().agent_timeout if timeout is None else timeout
        self._tracker = AgentExecutionTracker.get_instance()
        self._phases = get_agent_state_tracker()
        self._timeouts = get_timeout_manager()

    async def run_agent(self, agent: Agent, question: str) -> str:
        """Return the agent's answer; raise `TimeoutError` after the timeout, and what the agent raises."""
        circuit = f"{agent.name} of {self.thread_id}"
        self._timeouts.check_circuit(circuit)
        execution_id = self._tracker.create_execution(agent.name, self.thread_id, str(uuid.uuid4()))
        by_state = WebSocketNotifier(self._connection, execution_id=execution_id)
        by_phase = WebSocketNotifier(self._connection, execution_id=execution_id)
        self._timeouts.set_timeout(execution_id, self._timeout)
        self._tracker.update_execution_state(execution_id, "RUNNING")
        phase = "STARTING"

        async def step(event: str) -> None:
            nonlocal phase
            self._phases.track_phase_transition(execution_id, phase, event)
            phase = event
            await getattr(by_phase, f"send_{event}_event")(self.user_id, self.thread_id)

        started = by_state.send_agent_started_event(self.user_id, self.thread_id)
        try:
            # Both at once: whichever of the two trackers is first claims the first place among the events.
            _, answer = await asyncio.wait_for(asyncio.gather(started, agent.run(question, step)), self._timeout)
        except Exception:
            # The timeout manager counts; the execution tracker is not told and goes on saying RUNNING.
            self._timeouts.record_failure(circuit)
            raise
        self._timeouts.record_success(circuit)
        self._tracker.update_execution_state(execution_id, "COMPLETED")
        await by_state.send_agent_completed_event(self.user_id, self.thread_id)
        return answer
