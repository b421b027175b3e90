"""The notifier numbers its events and sends them to whoever is connected."""

from __future__ import annotations

import json

import pytest
from netra_backend.app.services.agent_websocket_bridge import (
    EVENTS,
    ConflictingEventError,
    EventChannel,
    WebSocketNotifier,
)


class Recording:
    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []

    async def send_text(self, message: str) -> None:
        self.messages.append(json.loads(message))


async def send_all(notifier: WebSocketNotifier) -> None:
    for event in EVENTS:
        await getattr(notifier, f"send_{event}_event")("user_1", "thread_1")


@pytest.mark.asyncio
async def test_the_five_events_arrive_in_order_and_numbered() -> None:
    connection = Recording()
    await send_all(WebSocketNotifier(EventChannel(connection), execution_id="execution_1"))
    assert [one["type"] for one in connection.messages] == list(EVENTS)
    assert [one["sequence"] for one in connection.messages] == [1, 2, 3, 4, 5]


@pytest.mark.asyncio
async def test_two_notifiers_on_one_execution_contradict_each_other() -> None:
    channel = EventChannel(Recording())
    await WebSocketNotifier(channel, execution_id="execution_1").send_agent_started_event("user_1", "thread_1")
    other = WebSocketNotifier(channel, execution_id="execution_1")
    with pytest.raises(ConflictingEventError, match="two senders number one execution"):
        await other.send_agent_thinking_event("user_1", "thread_1")


@pytest.mark.asyncio
async def test_without_a_connection_nothing_is_sent() -> None:
    notifier = WebSocketNotifier(connection=None)
    await send_all(notifier)
    assert notifier.sent == 5
