"""Executions get their ids from the one place that issues ids."""

from __future__ import annotations

from netra_backend.app.core.agent_execution_tracker import get_execution_tracker
from netra_backend.app.core.unified_id_manager import IDType, UnifiedIDManager


def test_an_execution_id_has_the_form_of_one() -> None:
    execution_id = get_execution_tracker().create_execution("agent", "thread", "run")
    assert UnifiedIDManager().validate_id(execution_id, IDType.EXECUTION)


def test_no_two_executions_share_an_id() -> None:
    tracker = get_execution_tracker()
    ids = {tracker.create_execution("agent", "thread", "run") for _ in range(100)}
    assert len(ids) == 100
