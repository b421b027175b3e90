"""Say for the dashboard how executions are doing."""

from __future__ import annotations

from netra_backend.app.agents.agent_state_tracker import get_agent_state_tracker
from netra_backend.app.agents.execution_timeout_manager import get_timeout_manager
from netra_backend.app.core.agent_execution_tracker import get_execution_tracker

__all__ = ["describe"]


def describe(execution_id: str) -> dict[str, object]:
    """Return what each of the three trackers says of one execution; they need not agree."""
    return {
        "state": str(get_execution_tracker().get_execution_state(execution_id)),
        "phase": get_agent_state_tracker().get_agent_state(execution_id),
        "late": get_timeout_manager().check_timeout(execution_id),
    }
