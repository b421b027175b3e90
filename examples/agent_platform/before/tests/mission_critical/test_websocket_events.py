"""What clients hear over their WebSockets, which must never break: these tests are the plan's rollback trigger.

An execution has one sender here. What becomes of two that contradict each other is part 3 of the plan's suite.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from netra_backend.app.services.agent_websocket_bridge import (
    EVENTS,
    ConflictingEventError,
    EventChannel,
    WebSocketNotifier,
)
from netra_backend.app.services.websocket_server import Socket, running_server
from test_framework.ssot.server import server_process
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

pytestmark = [pytest.mark.ssot_rollback_trigger, pytest.mark.asyncio]


class Recording:
    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []

    async def send_text(self, message: str) -> None:
        self.messages.append(json.loads(message))


def told(*events: str, execution: str = "execution_1", user: str = "user_1", first: int = 1) -> list[dict[str, object]]:
    """Return the messages that tell a client about `events`, numbered from `first`."""
    return [
        {
            "type": event,
            "user_id": user,
            "thread_id": f"thread_of_{user}",
            "execution_id": execution,
            "sequence": number,
        }
        for number, event in enumerate(events, first)
    ]


async def tell(notifier: WebSocketNotifier, *events: str, user: str = "user_1") -> None:
    for event in events:
        await getattr(notifier, f"send_{event}_event")(user, f"thread_of_{user}")


async def ask(client: ClientConnection, user: str) -> None:
    question = {"user_id": user, "thread_id": f"thread_of_{user}", "question": "what is new?"}
    await client.send(json.dumps(question))


async def hear(client: ClientConnection) -> dict[str, object]:
    message = await asyncio.wait_for(client.recv(), 10)
    assert isinstance(message, str), "events are text"
    return json.loads(message)


async def first_event(address: str, user: str) -> dict[str, object]:
    async with connect(address) as client:
        await ask(client, user)
        return await hear(client)


# One sender


async def test_the_five_events_arrive_in_order_each_with_its_number() -> None:
    connection = Recording()
    await tell(WebSocketNotifier(EventChannel(connection), execution_id="execution_1"), *EVENTS)
    assert connection.messages == told(
        "agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"
    )


async def test_an_event_is_sent_when_it_happens_and_once() -> None:
    connection = Recording()
    notifier = WebSocketNotifier(EventChannel(connection), execution_id="execution_1")
    for number, event in enumerate(EVENTS, 1):
        await tell(notifier, event)
        assert (len(connection.messages), notifier.sent) == (number, number)


async def test_two_executions_of_one_client_are_told_apart() -> None:
    connection = Recording()
    channel = EventChannel(connection)
    one, other = (WebSocketNotifier(channel, execution_id=name) for name in ("execution_1", "execution_2"))
    for event in EVENTS:
        await tell(one, event)
        await tell(other, event, user="user_2")
    assert [each for each in connection.messages if each["execution_id"] == "execution_1"] == told(*EVENTS)
    assert [each for each in connection.messages if each["execution_id"] == "execution_2"] == told(
        *EVENTS, execution="execution_2", user="user_2"
    )


async def test_two_clients_with_an_execution_of_one_name_have_a_numbering_each() -> None:
    connections = Recording(), Recording()
    for connection in connections:
        await tell(WebSocketNotifier(EventChannel(connection), execution_id="execution_1"), *EVENTS)
    assert connections[0].messages == connections[1].messages == told(*EVENTS)


@pytest.mark.parametrize("number", [0, 1, 3])
async def test_an_event_out_of_its_place_is_refused_and_not_sent(number: int) -> None:
    connection = Recording()
    channel = EventChannel(connection)
    await channel.send(told("agent_started")[0])
    with pytest.raises(ConflictingEventError, match=f"number {number}, but the client waits for 2"):
        await channel.send(told("agent_thinking", first=number)[0])
    await channel.send(told("agent_thinking", first=2)[0])
    assert connection.messages == told("agent_started", "agent_thinking")


async def test_a_connection_without_a_channel_gets_the_same_events() -> None:
    connection = Recording()
    await tell(WebSocketNotifier(connection, execution_id="execution_1"), *EVENTS)
    assert connection.messages == told(*EVENTS)


@pytest.mark.parametrize("through", [EventChannel, lambda connection: connection], ids=["channel", "plain"])
async def test_a_connection_that_is_gone_is_no_secret(through) -> None:
    class Gone:
        async def send_text(self, message: str) -> None:
            raise ConnectionError("the client has left")

    with pytest.raises(ConnectionError, match="the client has left"):
        await tell(WebSocketNotifier(through(Gone()), execution_id="execution_1"), "agent_started")


async def test_without_a_connection_events_are_counted_and_go_nowhere() -> None:
    notifier = WebSocketNotifier(connection=None)
    await tell(notifier, *EVENTS)
    assert notifier.sent == 5


# Over real connections


@asynccontextmanager
async def sending(events: Sequence[str]) -> AsyncIterator[str]:
    """Serve clients that are sent `events` as they connect; give the address."""

    async def greet(connection: ServerConnection) -> None:
        await tell(WebSocketNotifier(EventChannel(Socket(connection)), execution_id="execution_1"), *events)

    async with serve(greet, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


async def test_what_one_sender_says_is_what_the_client_hears() -> None:
    async with sending(EVENTS) as address, connect(address) as client:
        assert [await hear(client) for _ in EVENTS] == told(*EVENTS)


async def test_the_first_thing_each_client_hears_is_that_its_own_agent_has_started() -> None:
    users = [f"user_{number}" for number in range(20)]
    async with running_server() as address:
        heard = await asyncio.gather(*(first_event(address, user) for user in users))
    executions = [str(event["execution_id"]) for event in heard]
    assert heard == [
        told("agent_started", execution=execution, user=user)[0]
        for execution, user in zip(executions, users, strict=True)
    ]
    assert len(set(executions)) == len(users)


async def test_a_client_that_leaves_or_talks_nonsense_is_nobody_elses_trouble() -> None:
    async with running_server() as address:
        async with connect(address) as client:
            await ask(client, "user_1")
        async with connect(address) as client:
            await client.send("nonsense")
            with pytest.raises(ConnectionClosed):
                await hear(client)
        event = await first_event(address, "user_3")
    assert (event["type"], event["user_id"]) == ("agent_started", "user_3")


@pytest.mark.real_services
async def test_the_server_answers_from_a_process_of_its_own() -> None:
    with server_process() as address:
        event = await first_event(address, "user_1")
    assert event == told("agent_started", execution=str(event["execution_id"]))[0]
