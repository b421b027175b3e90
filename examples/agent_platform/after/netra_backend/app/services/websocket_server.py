"""Clients served over real WebSockets: each message is a question, each answer the five events of one execution.

`python -m netra_backend.app.services.websocket_server` serves until it is stopped, and prints its address.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from shared.tracing import continued
from websockets.asyncio.server import ServerConnection, serve

from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.agents.supervisor.user_execution_engine import UserExecutionEngine
from netra_backend.app.core.configuration import configuration
from netra_backend.app.services.agent_websocket_bridge import EventChannel

__all__ = ["Socket", "running_server"]

_log = logging.getLogger("netra_backend.websocket_server")


class Socket:
    """A client's connection, as the bridge sends through it."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    async def send_text(self, message: str) -> None:
        await self._connection.send(message)


async def _answer(connection: ServerConnection) -> None:
    """Run an agent for each question; an error that nobody expects closes the connection with code 1011."""
    channel = EventChannel(Socket(connection))
    async for message in connection:
        asked = json.loads(message)
        _log.debug("%s asks in %s", asked["user_id"], asked["thread_id"])
        engine = UserExecutionEngine(asked["user_id"], asked["thread_id"], channel)
        await engine.run_agent(DataHelperAgent(), asked["question"])


async def _serve_client(connection: ServerConnection) -> None:
    """Serve a client in the context that its handshake has brought."""
    assert connection.request is not None
    with continued(connection.request.headers.raw_items()):
        await _answer(connection)


@asynccontextmanager
async def running_server() -> AsyncIterator[str]:
    """Serve where the configuration says; give the address to connect to."""
    settings = configuration()
    logging.getLogger("netra_backend").setLevel(settings.log_level)
    where = urlsplit(settings.server_url)
    async with serve(_serve_client, where.hostname, where.port or 0) as server:
        host, port = next(iter(server.sockets)).getsockname()[:2]
        _log.info("%s serves at port %d", settings.environment, port)
        yield f"{where.scheme}://{host}:{port}{where.path}"


async def main() -> None:
    """Serve until the process is stopped."""
    async with running_server() as address:
        print(address, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
