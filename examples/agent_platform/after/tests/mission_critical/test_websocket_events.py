"""The five events reach every client, in order, and nobody else's: over real connections."""

from __future__ import annotations

import asyncio
import json

import pytest
from netra_backend.app.services.agent_websocket_bridge import EVENTS
from netra_backend.app.services.websocket_server import running_server
from websockets.asyncio.client import connect


async def ask(address: str, user: str) -> list[dict[str, str]]:
    async with connect(address) as client:
        await client.send(json.dumps({"user_id": user, "thread_id": f"thread_{user}", "question": "what is new?"}))
        return [json.loads(await asyncio.wait_for(client.recv(), 10)) for _ in EVENTS]


@pytest.mark.real_services
@pytest.mark.asyncio
async def test_each_client_gets_its_own_five_events_in_order() -> None:
    async with running_server() as address:
        answers = await asyncio.gather(*(ask(address, f"user_{number}") for number in range(20)))
    for number, events in enumerate(answers):
        assert [one["type"] for one in events] == list(EVENTS)
        assert {one["user_id"] for one in events} == {f"user_{number}"}
    assert len({events[0]["execution_id"] for events in answers}) == 20
