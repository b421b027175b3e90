"""One user's way through the platform, which must work before, during and after the consolidation."""

from __future__ import annotations

import json

import pytest
from netra_backend.app.core.agent_execution_tracker import get_execution_tracker
from netra_backend.app.services.agent_websocket_bridge import EVENTS, EventChannel, WebSocketNotifier

STATES = ("STARTING", "THINKING", "RUNNING", "COMPLETING", "COMPLETED")


class Client:
    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []

    async def send_text(self, message: str) -> None:
        self.received.append(json.loads(message))


@pytest.mark.ssot_rollback_trigger
@pytest.mark.asyncio
async def test_a_question_is_answered_in_five_events_of_one_execution() -> None:
    tracker, client = get_execution_tracker(), Client()
    execution_id = tracker.create_execution("DataHelperAgent", "thread_golden_path", "run_1")
    notifier = WebSocketNotifier(EventChannel(client), execution_id=execution_id)
    for state, event in zip(STATES, EVENTS, strict=True):
        tracker.update_execution_state(execution_id, state)
        await getattr(notifier, f"send_{event}_event")("user_1", "thread_golden_path")
    assert [one["type"] for one in client.received] == list(EVENTS)
    assert {(one["user_id"], one["execution_id"]) for one in client.received} == {("user_1", execution_id)}
    (execution,) = tracker.get_user_executions("thread_golden_path")
    assert (execution.execution_id, execution.state) == (execution_id, "COMPLETED")
