"""Run an agent for one user: one engine, one tracker, one numbering of events."""

from __future__ import annotations

import asyncio

from netra_backend.app.agents.base_agent import Agent
from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker, get_execution_tracker
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
    """Run agents for `user_id` in `thread_id` and tell its client each step.

    `timeout` is in seconds, `None` for none. A breaker per agent opens after three failures in a row.
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
        self._timeout = timeout
        self._tracker = tracker or get_execution_tracker()
        self._ids = UnifiedIDManager()

    async def run_agent(self, agent: Agent, question: str) -> str:
        """Return the agent's answer.

        Raises `TimeoutError` after the timeout, `CircuitOpenError` while the agent's breaker is open, and what the
        agent raises; the tracker knows in each case how the execution ended.
        """
        tracker = self._tracker
        breaker = tracker.register_circuit_breaker(agent.name)
        breaker.check()
        execution_id = tracker.create_execution(agent.name, self.thread_id, self._ids.generate_id(IDType.RUN))
        notifier = WebSocketNotifier(self._connection, execution_id=execution_id)
        if self._timeout is not None:
            tracker.set_timeout(execution_id, self._timeout)
        tracker.transition_state(execution_id, "STARTING")
        await notifier.send_agent_started_event(self.user_id, self.thread_id)
        tracker.transition_state(execution_id, "RUNNING")

        async def step(event: str) -> None:
            tracker.transition_state(execution_id, _STATE_AT[event])
            await getattr(notifier, f"send_{event}_event")(self.user_id, self.thread_id)

        try:
            answer = await asyncio.wait_for(agent.run(question, step), self._timeout)
        except asyncio.TimeoutError:
            tracker.check_timeout(execution_id)
            breaker.record_failure()
            raise TimeoutError(f"{agent.name} took longer than {self._timeout} s") from None
        except Exception:
            tracker.transition_state(execution_id, "FAILED")
            breaker.record_failure()
            raise
        breaker.reset()
        tracker.transition_state(execution_id, "COMPLETED")
        await notifier.send_agent_completed_event(self.user_id, self.thread_id)
        return answer
