"""Serve clients over real WebSockets: each message is a question, each answer the five events of one execution."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve

from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.agents.supervisor.execution_engine import ExecutionEngine
from netra_backend.app.services.agent_websocket_bridge import EventChannel

__all__ = ["running_server"]


class _Socket:
    """Be a client's connection, as the bridge sends through it."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def send_text(self, message: str) -> None:
        await self._connection.send(message)


async def _serve_client(connection: ServerConnection) -> None:
    """Run an agent for each question; an error that nobody expects closes the connection with code 1011."""
    channel = EventChannel(_Socket(connection))
    async for message in connection:
        asked = json.loads(message)
        engine = ExecutionEngine(asked["user_id"], asked["thread_id"], channel)
        await engine.run_agent(DataHelperAgent(), asked["question"])


@asynccontextmanager
async def running_server() -> AsyncIterator[str]:
    """Serve on a free port of the loopback interface; give the address to connect to."""
    async with serve(_serve_client, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}"
