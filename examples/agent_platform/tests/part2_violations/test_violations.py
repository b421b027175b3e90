"""Part 2: what violates the single source of truth. Each test names its rules; afterwards none is broken."""

from __future__ import annotations

import asyncio

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent

AGENTS = "netra_backend.app.agents"


@pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use", ssot="execution", reason="a second tracker")
def test_phases_are_tracked_by_nobody_else(retired_module) -> None:
    module = retired_module(f"{AGENTS}.agent_state_tracker")
    if module is not None:
        assert module.AgentStateTracker().get_agent_state("unknown") is None


@pytest.mark.ssot_expect_violation("deprecated-import", "deprecated-use", ssot="execution", reason="a third tracker")
def test_timeouts_are_kept_by_nobody_else(retired_module) -> None:
    module = retired_module(f"{AGENTS}.execution_timeout_manager")
    if module is not None:
        assert not module.AgentExecutionTimeoutManager().check_timeout("unknown")


@pytest.mark.ssot_expect_violation("singleton-bypass", ssot="execution", reason="an engine with a tracker of its own")
def test_no_engine_has_a_tracker_of_its_own(retired_module, engine_of, execution_tracker) -> None:
    module = retired_module(f"{AGENTS}.execution_engine_consolidated")
    engine = engine_of("thread_1") if module is None else module.ConsolidatedExecutionEngine("thread_1")
    assert asyncio.run(engine.run_agent(DataHelperAgent(), "what is new?")) == "DataHelperAgent: what is new?"
    if module is None:
        assert len(execution_tracker.get_user_executions("thread_1")) == 1


@pytest.mark.ssot_expect_violation("out-of-band-id", reason="ids made by hand")
def test_every_id_of_an_execution_is_issued(engine_of) -> None:
    engine = engine_of("thread_1")
    assert asyncio.run(engine.run_agent(DataHelperAgent(), "what is new?")) == "DataHelperAgent: what is new?"


def test_the_fixture_hands_out_the_real_tracker_and_nobody_elses(execution_tracker, ssot_violations) -> None:
    from netra_backend.app.core.agent_execution_tracker import get_execution_tracker

    assert execution_tracker is get_execution_tracker()
    assert execution_tracker.get_user_executions("thread_1") == []
    execution_tracker.create_execution("agent", "thread_1", "run_1")
    assert [site.rule for site in ssot_violations] in ([], ["out-of-band-id"])
