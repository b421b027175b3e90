"""Agents run for one user: one engine, one tracker, one numbering of events."""

from __future__ import annotations

import asyncio

from netra_backend.app.agents.base_agent import Agent
from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker, get_execution_tracker
from netra_backend.app.core.configuration import configuration
from netra_backend.app.core.execution_state import ExecutionState
from netra_backend.app.core.unified_id_manager import IDType, UnifiedIDManager
from netra_backend.app.services.agent_websocket_bridge import Connection, EventChannel, WebSocketNotifier

__all__ = ["UserExecutionEngine"]

_STATE_AT = {
    "agent_thinking": ExecutionState.THINKING,
    "tool_executing": ExecutionState.RUNNING,
    "tool_completed": ExecutionState.COMPLETING,
}


class UserExecutionEngine:
    """The engine of `user_id` in `thread_id`, which tells its client each step.

    `timeout` is in seconds, by default what the environment allows. Each agent has a breaker in each thread, which
    opens after three failures in a row: what fails for one user is not refused to another.
    """

    def __init__(
        self,
        user_id: str,
        thread_id: str,
        connection: Connection | EventChannel | None = None,
        *,
        timeout: float | None = None,
        tracker: AgentExecutionTracker | None = None,
    ) -> None:
        self.user_id = user_id
        self.thread_id = thread_id
        self._connection = connection
        self._timeout = configuration().agent_timeout if timeout is None else timeout
        self._tracker = tracker or get_execution_tracker()
        self._ids = UnifiedIDManager()

    async def run_agent(self, agent: Agent, question: str) -> str:
        """Return the agent's answer.

        Raises `TimeoutError` after the timeout, `CircuitOpenError` while the agent's breaker is open, and what the
        agent raises; the tracker knows in each case how the execution ended.
        """
        tracker = self._tracker
        breaker = tracker.register_circuit_breaker(f"{agent.name} of {self.thread_id}")
        breaker.check()
        execution_id = tracker.create_execution(agent.name, self.thread_id, self._ids.generate_id(IDType.RUN))
        notifier = WebSocketNotifier(self._connection, execution_id=execution_id)
        tracker.set_timeout(execution_id, self._timeout)

        async def step(event: str) -> None:
            tracker.transition_state(execution_id, _STATE_AT[event])
            await getattr(notifier, f"send_{event}_event")(self.user_id, self.thread_id)

        try:
            tracker.transition_state(execution_id, "STARTING")
            await notifier.send_agent_started_event(self.user_id, self.thread_id)
            tracker.transition_state(execution_id, "RUNNING")
            answer = await asyncio.wait_for(agent.run(question, step), self._timeout)
        except Exception as error:
            breaker.record_failure()
            if isinstance(error, asyncio.TimeoutError) and tracker.check_timeout(execution_id):
                raise TimeoutError(f"{agent.name} took longer than {self._timeout} s") from None
            tracker.transition_state(execution_id, "FAILED")
            raise
        breaker.reset()
        tracker.transition_state(execution_id, "COMPLETED")
        await notifier.send_agent_completed_event(self.user_id, self.thread_id)
        return answer
