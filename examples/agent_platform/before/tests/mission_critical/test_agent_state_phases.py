"""The state tracker keeps the phases it is told."""

from __future__ import annotations

from netra_backend.app.agents.agent_state_tracker import AgentStateTracker


def test_phases_are_kept_in_order() -> None:
    tracker = AgentStateTracker()
    tracker.track_phase_transition("execution", "STARTING", "THINKING")
    tracker.track_phase_transition("execution", "THINKING", "DONE")
    assert [one.after for one in tracker.get_phase_history("execution")] == ["THINKING", "DONE"]
