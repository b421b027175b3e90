"""Part 5: the tracker keeps the state of each agent, as the state tracker did."""

from __future__ import annotations

import asyncio

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.core.agent_execution_tracker import IllegalTransitionError, UnknownExecutionError

pytestmark = pytest.mark.ssot_expect_violation(
    "deprecated-import", ssot="execution", raises=AttributeError, reason="states are kept by another tracker"
)
refused = pytest.mark.ssot_allow("illegal-transition", reason="that it is refused is what the test is about")
MAY_FOLLOW = {
    "PENDING": {"STARTING", "FAILED", "TIMEOUT"},
    "STARTING": {"RUNNING", "FAILED", "TIMEOUT"},
    "RUNNING": {"THINKING", "COMPLETING", "FAILED", "TIMEOUT"},
    "THINKING": {"RUNNING", "COMPLETING", "FAILED", "TIMEOUT"},
    "COMPLETING": {"COMPLETED", "FAILED", "TIMEOUT"},
    "COMPLETED": set(),
    "FAILED": set(),
    "TIMEOUT": set(),
}
WAY_TO = {
    "PENDING": (),
    "STARTING": ("STARTING",),
    "RUNNING": ("STARTING", "RUNNING"),
    "THINKING": ("STARTING", "RUNNING", "THINKING"),
    "COMPLETING": ("STARTING", "RUNNING", "COMPLETING"),
    "COMPLETED": ("STARTING", "RUNNING", "COMPLETING", "COMPLETED"),
    "FAILED": ("STARTING", "FAILED"),
    "TIMEOUT": ("STARTING", "TIMEOUT"),
}


def test_what_is_set_is_what_is_got(consolidated, started) -> None:
    execution_id, other = started(), started()
    for state in ("STARTING", "RUNNING", "THINKING"):
        assert consolidated.set_agent_state(execution_id, state).state == state
        assert consolidated.get_agent_state(execution_id) == state
        assert consolidated.get_execution_state(execution_id) == state
    assert consolidated.get_agent_state(other) == "PENDING"
    consolidated.update_execution_state(execution_id, "RUNNING")
    assert consolidated.get_agent_state(execution_id) == "RUNNING"


@refused
def test_what_cannot_be_set_is_refused(consolidated, started) -> None:
    execution_id = started("STARTING", "FAILED")
    with pytest.raises(IllegalTransitionError):
        consolidated.set_agent_state(execution_id, "RUNNING")
    with pytest.raises(ValueError, match="PAUSED"):
        consolidated.set_agent_state(execution_id, "PAUSED")
    assert consolidated.get_agent_state(execution_id) == "FAILED"


@refused
@pytest.mark.parametrize("state", MAY_FOLLOW)
def test_a_state_may_be_followed_by_some_and_by_no_others(consolidated, started, state: str) -> None:
    execution_id = started(*WAY_TO[state])
    for after in MAY_FOLLOW:
        assert consolidated.validate_state_transition(execution_id, after) is (after in MAY_FOLLOW[state])
    assert consolidated.get_agent_state(execution_id) == state, "to ask changes nothing"
    with pytest.raises(ValueError, match="PAUSED"):
        consolidated.validate_state_transition(execution_id, "PAUSED")


@refused
@pytest.mark.parametrize("state", MAY_FOLLOW)
def test_a_transition_is_made_or_refused_and_then_nothing_has_changed(consolidated, started, state: str) -> None:
    for after in MAY_FOLLOW:
        execution_id = started(*WAY_TO[state])
        length = len(consolidated.get_execution_history(execution_id))
        if after in MAY_FOLLOW[state]:
            assert consolidated.transition_state(execution_id, after).state == after
            assert consolidated.get_agent_state(execution_id) == after
            assert len(consolidated.get_execution_history(execution_id)) == length + 1
        else:
            with pytest.raises(IllegalTransitionError, match=f"cannot go from {state} to {after}"):
                consolidated.transition_state(execution_id, after)
            assert consolidated.get_agent_state(execution_id) == state
            assert len(consolidated.get_execution_history(execution_id)) == length


@refused
def test_the_tracker_of_violations_sees_a_refused_transition_too(consolidated, started, ssot_violations) -> None:
    execution_id = started()
    consolidated.transition_state(execution_id, "STARTING")
    assert [site.rule for site in ssot_violations if site.rule == "illegal-transition"] == []
    with pytest.raises(IllegalTransitionError):
        consolidated.transition_state(execution_id, "COMPLETED")
    assert "illegal-transition" in [site.rule for site in ssot_violations]


def test_the_history_of_states_is_the_history_of_the_execution(consolidated, started) -> None:
    execution_id, other = started("STARTING", "RUNNING"), started()
    for state in ("THINKING", "COMPLETING"):
        consolidated.set_agent_state(execution_id, state)
    states = consolidated.get_state_history(execution_id)
    assert states == ["PENDING", "STARTING", "RUNNING", "THINKING", "COMPLETING"]
    states.clear()
    assert len(consolidated.get_state_history(execution_id)) == 5
    assert consolidated.get_state_history(other) == ["PENDING"]


@pytest.mark.ssot_allow("foreign-id", reason="nobody issued the id, which is why it is unknown")
@pytest.mark.parametrize(
    "ask",
    [
        lambda tracker: tracker.get_agent_state("nobody's"),
        lambda tracker: tracker.set_agent_state("nobody's", "RUNNING"),
        lambda tracker: tracker.transition_state("nobody's", "STARTING"),
        lambda tracker: tracker.validate_state_transition("nobody's", "STARTING"),
        lambda tracker: tracker.get_state_history("nobody's"),
    ],
    ids=["get", "set", "transition", "validate", "history"],
)
def test_an_execution_that_is_not_there_is_unknown(consolidated, ask) -> None:
    with pytest.raises(UnknownExecutionError, match='there is no execution "nobody\'s"'):
        ask(consolidated)


@refused
def test_of_several_transitions_at_the_same_time_one_is_made(consolidated, started, ssot_race) -> None:
    transition = consolidated.transition_state
    for _ in range(60):
        execution_id = started("STARTING", "RUNNING", "COMPLETING")

        def complete(execution_id: str = execution_id) -> str:
            try:
                transition(execution_id, "COMPLETED")
            except IllegalTransitionError:
                return "refused"
            return "made"

        race = ssot_race(complete, complete, complete, rounds=1)
        assert sorted(race.results[0]) == ["made", "refused", "refused"]
        assert [entry.sequence for entry in consolidated.get_execution_history(execution_id)] == [1, 2, 3, 4, 5]


def test_a_run_ends_completed(consolidated, engine_of) -> None:
    asyncio.run(engine_of("thread_1").run_agent(DataHelperAgent(), "what is new?"))
    (execution,) = consolidated.get_user_executions("thread_1")
    assert consolidated.get_agent_state(execution.execution_id) == "COMPLETED"


class Broken:
    async def send_text(self, message: str) -> None:
        raise ConnectionError("the client has left")


@pytest.mark.parametrize("connection", [None, Broken()], ids=["the agent", "the connection"])
def test_a_run_that_breaks_is_noted_as_failed(consolidated, engine_of, connection) -> None:
    with pytest.raises((RuntimeError, ConnectionError)):
        asyncio.run(engine_of("thread_1", connection).run_agent(DataHelperAgent(fails=True), "what is new?"))
    (execution,) = consolidated.get_user_executions("thread_1")
    assert consolidated.get_agent_state(execution.execution_id) == "FAILED"
    assert consolidated.get_state_history(execution.execution_id)[-1] == "FAILED"


def test_an_agent_that_runs_into_a_timeout_of_its_own_has_failed(consolidated, engine_of) -> None:
    class Impatient:
        name = "Impatient"

        async def run(self, question: str, step) -> str:
            raise asyncio.TimeoutError("the data base did not answer")

    with pytest.raises((TimeoutError, asyncio.TimeoutError), match="the data base did not answer"):
        asyncio.run(engine_of("thread_1", timeout=60).run_agent(Impatient(), "what is new?"))
    (execution,) = consolidated.get_user_executions("thread_1")
    assert consolidated.get_agent_state(execution.execution_id) == "FAILED"
