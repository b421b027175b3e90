"""Know which agents there are, and what phase each execution of theirs is in."""

from __future__ import annotations

from netra_backend.app.agents.agent_state_tracker import get_agent_state_tracker
from netra_backend.app.agents.base_agent import Agent, DataHelperAgent

__all__ = ["AgentRegistry"]


class AgentRegistry:
    """Find agents by name."""

    def __init__(self) -> None:
        self._agents = {"DataHelperAgent": DataHelperAgent()}
        self._phases = get_agent_state_tracker()

    def get(self, name: str) -> Agent:
        """Return the agent called `name`; raise `KeyError`."""
        return self._agents[name]

    def phase_of(self, execution_id: str) -> str | None:
        """Return the phase of an execution, `None` for one that was never seen."""
        return self._phases.get_agent_state(execution_id)
