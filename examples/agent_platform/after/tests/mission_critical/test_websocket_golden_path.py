"""Every client gets the five events of its own executions, over real connections, as often as it asks."""

from __future__ import annotations

import asyncio
import json

import pytest
from netra_backend.app.services.agent_websocket_bridge import EVENTS
from netra_backend.app.services.websocket_server import running_server
from test_framework.ssot.server import server_process
from websockets.asyncio.client import connect

pytestmark = [pytest.mark.ssot_rollback_trigger, pytest.mark.asyncio]


async def answers(address: str, user: str, questions: int = 1) -> list[list[dict[str, object]]]:
    """Ask as `user`, one question after the other on one connection; return the five events of each."""
    heard = []
    async with connect(address) as client:
        for _ in range(questions):
            asked = {"user_id": user, "thread_id": f"thread_of_{user}", "question": "what is new?"}
            await client.send(json.dumps(asked))
            heard.append([json.loads(await asyncio.wait_for(client.recv(), 10)) for _ in EVENTS])
    return heard


def check(user: str, events: list[dict[str, object]]) -> object:
    """Check that the five events are of one execution of `user`; return its id."""
    assert [(event["type"], event["sequence"]) for event in events] == [*zip(EVENTS, range(1, 6), strict=True)]
    assert {(event["user_id"], event["thread_id"]) for event in events} == {(user, f"thread_of_{user}")}
    (execution,) = {event["execution_id"] for event in events}
    return execution


async def test_each_client_gets_its_own_five_events_in_order() -> None:
    users = [f"user_{number}" for number in range(20)]
    async with running_server() as address:
        heard = await asyncio.gather(*(answers(address, user) for user in users))
    executions = {check(user, events) for user, (events,) in zip(users, heard, strict=True)}
    assert len(executions) == len(users)


async def test_a_client_asks_again_on_the_same_connection() -> None:
    async with running_server() as address:
        first, second = await answers(address, "user_1", questions=2)
    assert check("user_1", first) != check("user_1", second)


@pytest.mark.real_services
async def test_the_same_from_a_process_of_its_own() -> None:
    with server_process() as address:
        first, second = await answers(address, "user_1", questions=2)
    assert check("user_1", first) != check("user_1", second)
