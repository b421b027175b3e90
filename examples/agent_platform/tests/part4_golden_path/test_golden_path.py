"""Part 4: what users see must work before, during and after."""

from __future__ import annotations

import asyncio
import json

import pytest
from netra_backend.app.core.agent_execution_tracker import UnknownExecutionError
from netra_backend.app.services.agent_websocket_bridge import EVENTS, EventChannel, WebSocketNotifier

pytestmark = [
    pytest.mark.ssot_rollback_trigger,
    pytest.mark.ssot_allow("out-of-band-id", reason="where ids come from is part 2"),
]


class Recording:
    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []

    async def send_text(self, message: str) -> None:
        self.messages.append(json.loads(message))


def test_an_execution_goes_through_its_states(execution_tracker) -> None:
    execution_id = execution_tracker.create_execution(
        agent_name="DataHelperAgent", thread_id="thread_123", run_id="run_123"
    )
    assert execution_tracker.get_execution_state(execution_id) == "PENDING"
    for state in ("STARTING", "RUNNING", "COMPLETING", "COMPLETED"):
        execution_tracker.update_execution_state(execution_id, state)
        assert execution_tracker.get_execution_state(execution_id) == state
    history = execution_tracker.get_execution_history(execution_id)
    assert [one.state for one in history] == ["PENDING", "STARTING", "RUNNING", "COMPLETING", "COMPLETED"]
    execution_tracker.cleanup_execution(execution_id)
    with pytest.raises(UnknownExecutionError, match="there is no execution"):
        execution_tracker.get_execution_state(execution_id)


def test_the_five_events_are_sent(execution_tracker) -> None:
    connection = Recording()
    execution_id = execution_tracker.create_execution("TestAgent", "thread_123", "run_123")
    notifier = WebSocketNotifier(EventChannel(connection), execution_id=execution_id)

    async def send() -> None:
        for event in EVENTS:
            await getattr(notifier, f"send_{event}_event")("user_123", "thread_123")

    asyncio.run(send())
    assert [one["type"] for one in connection.messages] == list(EVENTS)


def test_users_are_kept_apart(execution_tracker) -> None:
    first = execution_tracker.create_execution("Agent1", "user1_thread", "user1_run")
    second = execution_tracker.create_execution("Agent2", "user2_thread", "user2_run")
    execution_tracker.update_execution_state(first, "RUNNING")
    execution_tracker.update_execution_state(second, "THINKING")
    assert execution_tracker.get_execution_state(first) == "RUNNING"
    assert execution_tracker.get_execution_state(second) == "THINKING"
    assert [one.execution_id for one in execution_tracker.get_user_executions("user1_thread")] == [first]
