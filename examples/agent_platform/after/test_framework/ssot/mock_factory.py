"""Make the doubles that tests share."""

from __future__ import annotations

from unittest.mock import AsyncMock, create_autospec

from netra_backend.app.services.agent_websocket_bridge import Connection, WebSocketNotifier

__all__ = ["SSotMockFactory"]


class SSotMockFactory:
    """Make doubles that have exactly what the real thing has."""

    def connection(self) -> AsyncMock:
        """Return a connection that swallows what is sent."""
        return AsyncMock(spec=Connection)

    def notifier(self) -> WebSocketNotifier:
        """Return a notifier whose five methods record their calls."""
        return create_autospec(WebSocketNotifier, instance=True)  # type: ignore[no-any-return]
