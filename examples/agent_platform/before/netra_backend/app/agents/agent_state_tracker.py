"""Track the phase an agent is in, and tell its client: a second idea of what an execution is doing."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

__all__ = ["AgentStateTracker", "PhaseChange", "get_agent_state_tracker"]


@dataclass(frozen=True)
class PhaseChange:
    """Be one change of phase, with an id of its own and the time of day."""

    before: str
    after: str
    change_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    at: float = field(default_factory=time.time)


class AgentStateTracker:
    """Keep a list of phase changes per execution; any phase may follow any other."""

    def __init__(self) -> None:
        self._phases: dict[str, list[PhaseChange]] = {}

    def track_phase_transition(self, execution_id: str, from_phase: str, to_phase: str) -> int:
        """Note that the execution went from one phase to another; return how many changes it has had."""
        changes = self._phases.setdefault(execution_id, [])
        changes.append(PhaseChange(from_phase, to_phase))
        return len(changes)

    def get_agent_state(self, execution_id: str) -> str | None:
        """Return the phase the execution is in, `None` for one that was never seen."""
        changes = self._phases.get(execution_id)
        return changes[-1].after if changes else None

    def get_phase_history(self, execution_id: str) -> list[PhaseChange]:
        """Return the changes of one execution, oldest first."""
        return list(self._phases.get(execution_id, ()))


_tracker: AgentStateTracker | None = None


def get_agent_state_tracker() -> AgentStateTracker:
    """Return the state tracker that most of the code shares."""
    global _tracker
    if _tracker is None:
        _tracker = AgentStateTracker()
    return _tracker
