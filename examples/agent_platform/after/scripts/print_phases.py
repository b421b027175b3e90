"""Print the states an agent goes through."""

from __future__ import annotations

import asyncio

from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.agents.supervisor.user_execution_engine import UserExecutionEngine
from netra_backend.app.core.agent_execution_tracker import get_execution_tracker


async def main() -> None:
    """Run one agent and print each state of its execution."""
    print(await UserExecutionEngine("user_1", "by_hand").run_agent(DataHelperAgent(), "what is new?"))
    (execution,) = get_execution_tracker().get_user_executions("by_hand")
    for entry in execution.history:
        print(entry.sequence, entry.state)


if __name__ == "__main__":
    asyncio.run(main())
