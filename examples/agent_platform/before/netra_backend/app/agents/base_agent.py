"""Be an agent: think, use a tool, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

__all__ = ["Agent", "DataHelperAgent", "Step"]

Step = Callable[[str], Awaitable[None]]
"""Takes the name of the event that the agent has come to."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Be an agent whose thought and tool take `seconds` each; `fails` makes the tool fail."""

    name: str
    seconds: float = 0.0
    fails: bool = False

    async def run(self, question: str, step: Step) -> str:
        """Answer `question`, and say each step of it; raise `RuntimeError` when the tool fails."""
        await step("agent_thinking")
        await asyncio.sleep(self.seconds)
        await step("tool_executing")
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise RuntimeError(f"the tool of {self.name} failed")
        await step("tool_completed")
        return f"{self.name}: {question}"


def DataHelperAgent(seconds: float = 0.0, *, fails: bool = False) -> Agent:  # noqa: N802
    """Return the agent that looks up data."""
    return Agent("DataHelperAgent", seconds, fails)
