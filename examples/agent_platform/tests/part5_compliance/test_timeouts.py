"""Part 5: the tracker keeps the time of each execution, as the timeout manager did."""

from __future__ import annotations

import asyncio

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.core.agent_execution_tracker import UnknownExecutionError

pytestmark = pytest.mark.ssot_expect_violation(
    "deprecated-import", ssot="execution", raises=AttributeError, reason="time is kept by another tracker"
)


def test_an_execution_is_late_when_its_time_is_up_and_not_before(consolidated, started, clock) -> None:
    execution_id = started("STARTING", "RUNNING")
    consolidated.set_timeout(execution_id, 5.0)
    clock.now += 4.9
    assert consolidated.check_timeout(execution_id) is False
    assert consolidated.get_execution_state(execution_id) == "RUNNING"
    clock.now += 0.2
    assert consolidated.get_execution_state(execution_id) == "RUNNING", "nobody has looked yet"
    assert consolidated.check_timeout(execution_id) is True
    assert consolidated.get_execution_state(execution_id) == "TIMEOUT"


def test_an_execution_without_a_timeout_is_never_late(consolidated, started, clock) -> None:
    execution_id = started("STARTING", "RUNNING")
    clock.now += 1e9
    assert consolidated.check_timeout(execution_id) is False
    assert consolidated.get_execution_state(execution_id) == "RUNNING"


def test_a_late_execution_stays_late_and_is_noted_once(consolidated, started, clock) -> None:
    execution_id = started("STARTING")
    consolidated.set_timeout(execution_id, 0.0)
    assert [consolidated.check_timeout(execution_id) for _ in range(3)] == [True, True, True]
    states = [entry.state for entry in consolidated.get_execution_history(execution_id)]
    assert states == ["PENDING", "STARTING", "TIMEOUT"]


def test_the_last_timeout_that_was_set_counts(consolidated, started, clock) -> None:
    longer, shorter = started("STARTING"), started("STARTING")
    for execution_id, seconds in ((longer, 1.0), (shorter, 60.0), (longer, 60.0), (shorter, 1.0)):
        consolidated.set_timeout(execution_id, seconds)
    clock.now += 2.0
    assert (consolidated.check_timeout(longer), consolidated.check_timeout(shorter)) == (False, True)


@pytest.mark.parametrize("end", ["COMPLETED", "FAILED"])
def test_an_execution_that_has_ended_is_not_late_any_more(consolidated, started, clock, end: str) -> None:
    execution_id = started("STARTING", "RUNNING", "COMPLETING")
    consolidated.set_timeout(execution_id, 1.0)
    consolidated.update_execution_state(execution_id, end)
    clock.now += 60.0
    assert consolidated.check_timeout(execution_id) is False
    assert consolidated.get_execution_state(execution_id) == end


def test_an_execution_that_is_not_there_is_unknown(consolidated) -> None:
    with pytest.raises(UnknownExecutionError):
        consolidated.check_timeout("nobody's")
    with pytest.raises(UnknownExecutionError):
        consolidated.set_timeout("nobody's", 1.0)


def test_who_looks_at_the_same_time_finds_one_timeout(consolidated, started, ssot_race) -> None:
    for _ in range(40):
        execution_id = started("STARTING", "RUNNING")
        consolidated.set_timeout(execution_id, 0.0)

        def look(execution_id: str = execution_id) -> bool:
            return consolidated.check_timeout(execution_id)

        race = ssot_race(look, look, look, rounds=1)
        assert race.results == ((True, True, True),)
        states = [entry.state for entry in consolidated.get_execution_history(execution_id)]
        assert states == ["PENDING", "STARTING", "RUNNING", "TIMEOUT"]


def test_the_engine_sets_the_timeout_that_it_was_given(consolidated, engine_of) -> None:
    looked: list[bool] = []

    class Looking:
        name = "Looking"

        async def run(self, question: str, step) -> str:
            (execution,) = consolidated.get_user_executions("thread_1")
            looked.append(consolidated.check_timeout(execution.execution_id))
            await asyncio.sleep(10)
            return "too late"

    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        asyncio.run(engine_of("thread_1", timeout=0.02).run_agent(Looking(), "what is new?"))
    (execution,) = consolidated.get_user_executions("thread_1")
    assert looked == [False]
    assert consolidated.check_timeout(execution.execution_id) is True


def test_a_run_that_is_in_time_is_completed_for_good(consolidated, engine_of, clock) -> None:
    asyncio.run(engine_of("thread_1", timeout=60).run_agent(DataHelperAgent(), "what is new?"))
    (execution,) = consolidated.get_user_executions("thread_1")
    clock.now += 3600
    assert consolidated.check_timeout(execution.execution_id) is False
    assert execution.state == "COMPLETED"
