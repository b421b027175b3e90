"""Clients are told what their agents do, over real connections, until two trackers contradict each other."""

from __future__ import annotations

import asyncio
import json

import pytest
from netra_backend.app.services.websocket_server import running_server
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


async def receive_until_closed(client: ClientConnection) -> None:
    while True:
        await asyncio.wait_for(client.recv(), 10)


@pytest.mark.real_services
@pytest.mark.asyncio
async def test_the_connection_is_closed_with_an_internal_error() -> None:
    async with running_server() as address, connect(address) as client:
        await client.send(json.dumps({"user_id": "user_1", "thread_id": "thread_1", "question": "what is new?"}))
        with pytest.raises(ConnectionClosed):
            await receive_until_closed(client)
        assert client.close_code == 1011
