"""Print the phases an agent goes through."""

from __future__ import annotations

import asyncio

from netra_backend.app.agents.agent_state_tracker import get_agent_state_tracker
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.agents.execution_timeout_manager import get_timeout_manager


async def main() -> None:
    """Run one agent and print each step of it."""
    execution_id = get_timeout_manager().create_execution_id("DataHelperAgent", "by_hand")

    async def step(event: str) -> None:
        print(get_agent_state_tracker().track_phase_transition(execution_id, "", event), event)

    print(await DataHelperAgent().run("what is new?", step))


if __name__ == "__main__":
    asyncio.run(main())
