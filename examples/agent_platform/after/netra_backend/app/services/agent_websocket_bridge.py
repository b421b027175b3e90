"""Tell a client over its WebSocket what an agent is doing: the five events, each numbered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

__all__ = ["EVENTS", "ConflictingEventError", "Connection", "EventChannel", "WebSocketNotifier"]

EVENTS = ("agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed")


class Connection(Protocol):
    """Be what events are sent through."""

    async def send_text(self, message: str) -> None:
        """Send one message."""


class ConflictingEventError(RuntimeError):
    """Say that an event contradicts what the client was told before about the same execution."""

    def __init__(self, execution_id: str, expected: int, sequence: int, event: str) -> None:
        super().__init__(execution_id, expected, sequence, event)
        self.execution_id = execution_id
        self.expected = expected
        self.sequence = sequence
        self.event = event

    def __str__(self) -> str:
        return (
            f"{self.event} of execution {self.execution_id!r} has number {self.sequence}, "
            f"but the client waits for {self.expected}: two senders number one execution"
        )


class EventChannel:
    """Send events to one client, each execution's in the order of their numbers; a contradiction is an error.

    The client rebuilds an execution from its events, so it must never get two that claim the same place.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._next: dict[str, int] = {}

    async def send(self, event: Mapping[str, object]) -> None:
        """Send `event`; raise `ConflictingEventError` when its number is not the next one of its execution."""
        execution_id, sequence = str(event["execution_id"]), event["sequence"]
        expected = self._next.get(execution_id, 1)
        if sequence != expected:
            assert isinstance(sequence, int)
            raise ConflictingEventError(execution_id, expected, sequence, str(event["type"]))
        self._next[execution_id] = expected + 1
        await self._connection.send_text(json.dumps(event))


class WebSocketNotifier:
    """Send the five events of one execution; without a connection they are counted and go nowhere.

    `connection` is anything with `send_text`, an `EventChannel` for a real client.
    """

    def __init__(self, connection: Connection | EventChannel | None = None, *, execution_id: str = "") -> None:
        self._connection = connection
        self._execution_id = execution_id
        self.sent = 0

    async def send_agent_started_event(self, user_id: str, thread_id: str) -> None:
        """Tell that the agent has started."""
        await self._send("agent_started", user_id, thread_id)

    async def send_agent_thinking_event(self, user_id: str, thread_id: str) -> None:
        """Tell that the agent thinks."""
        await self._send("agent_thinking", user_id, thread_id)

    async def send_tool_executing_event(self, user_id: str, thread_id: str) -> None:
        """Tell that a tool runs for the agent."""
        await self._send("tool_executing", user_id, thread_id)

    async def send_tool_completed_event(self, user_id: str, thread_id: str) -> None:
        """Tell that the tool is done."""
        await self._send("tool_completed", user_id, thread_id)

    async def send_agent_completed_event(self, user_id: str, thread_id: str) -> None:
        """Tell that the agent is done."""
        await self._send("agent_completed", user_id, thread_id)

    async def _send(self, kind: str, user_id: str, thread_id: str) -> None:
        self.sent += 1
        event = {
            "type": kind,
            "user_id": user_id,
            "thread_id": thread_id,
            "execution_id": self._execution_id,
            "sequence": self.sent,
        }
        if isinstance(self._connection, EventChannel):
            await self._connection.send(event)
        elif self._connection is not None:
            await self._connection.send_text(json.dumps(event))
