"""Part 4: what users see must work before, during and after."""

from __future__ import annotations

import asyncio
import json

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.core.agent_execution_tracker import UnknownExecutionError
from netra_backend.app.services.agent_websocket_bridge import EVENTS, EventChannel, WebSocketNotifier

pytestmark = pytest.mark.ssot_rollback_trigger
refused = pytest.mark.ssot_allow("illegal-transition", reason="that it is refused is what the test is about")
PATH = ("STARTING", "RUNNING", "THINKING", "RUNNING", "COMPLETING", "COMPLETED")


class Recording:
    def __init__(self) -> None:
        self.messages: list[dict[str, object]] = []

    async def send_text(self, message: str) -> None:
        self.messages.append(json.loads(message))


def test_an_execution_goes_through_its_states(execution_tracker) -> None:
    execution_id = execution_tracker.create_execution(
        agent_name="DataHelperAgent", thread_id="thread_123", run_id="run_123"
    )
    assert execution_tracker.get_execution_state(execution_id) == "PENDING"
    for state in PATH:
        assert execution_tracker.update_execution_state(execution_id, state).state == state
        assert execution_tracker.get_execution_state(execution_id) == state


def test_the_history_holds_every_state_in_order(execution_tracker, started) -> None:
    execution_id = started(*PATH)
    history = execution_tracker.get_execution_history(execution_id)
    assert [entry.state for entry in history] == ["PENDING", *PATH]
    assert [entry.sequence for entry in history] == [1, 2, 3, 4, 5, 6, 7]
    assert [entry.at for entry in history] == sorted(entry.at for entry in history)
    history.clear()
    assert len(execution_tracker.get_execution_history(execution_id)) == 7


def test_an_execution_knows_whose_it_is(execution_tracker) -> None:
    execution_id = execution_tracker.create_execution("DataHelperAgent", "thread_123", "run_123")
    (execution,) = execution_tracker.get_user_executions("thread_123")
    assert (execution.execution_id, execution.agent_name, execution.thread_id, execution.run_id, execution.state) == (
        execution_id,
        "DataHelperAgent",
        "thread_123",
        "run_123",
        "PENDING",
    )


def test_an_execution_that_was_cleaned_up_is_unknown(execution_tracker, started) -> None:
    execution_id, other = started(), started()
    execution_tracker.cleanup_execution(execution_id)
    execution_tracker.cleanup_execution(execution_id)
    for ask in (execution_tracker.get_execution_state, execution_tracker.get_execution_history):
        with pytest.raises(UnknownExecutionError, match="there is no execution"):
            ask(execution_id)
    with pytest.raises(UnknownExecutionError, match="there is no execution"):
        execution_tracker.update_execution_state(execution_id, "STARTING")
    assert [each.execution_id for each in execution_tracker.get_user_executions("thread_1")] == [other]


@refused
@pytest.mark.parametrize("end", ["COMPLETED", "FAILED", "TIMEOUT"])
def test_an_execution_that_has_ended_stays_as_it_is(execution_tracker, started, end: str) -> None:
    execution_id = started(*PATH[:-1], end)
    for state in {*PATH, "PENDING", "FAILED", "TIMEOUT"} - {end}:
        with pytest.raises(ValueError, match=f"cannot go from {end} to {state}"):
            execution_tracker.update_execution_state(execution_id, state)
    assert execution_tracker.get_execution_state(execution_id) == end
    assert len(execution_tracker.get_execution_history(execution_id)) == 7


@refused
def test_a_state_that_does_not_exist_is_refused(execution_tracker, started) -> None:
    execution_id = started("STARTING")
    with pytest.raises(ValueError, match="PAUSED"):
        execution_tracker.update_execution_state(execution_id, "PAUSED")
    assert execution_tracker.get_execution_state(execution_id) == "STARTING"


def test_the_five_events_are_sent(execution_tracker) -> None:
    connection = Recording()
    execution_id = execution_tracker.create_execution("TestAgent", "thread_123", "run_123")
    notifier = WebSocketNotifier(EventChannel(connection), execution_id=execution_id)

    async def send() -> None:
        for event in EVENTS:
            await getattr(notifier, f"send_{event}_event")("user_123", "thread_123")

    asyncio.run(send())
    assert [each["type"] for each in connection.messages] == [
        "agent_started",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "agent_completed",
    ]
    assert {(each["user_id"], each["thread_id"], each["execution_id"]) for each in connection.messages} == {
        ("user_123", "thread_123", execution_id)
    }


def test_an_agent_answers_through_the_engine_and_its_client_hears_each_step(engine_of) -> None:
    connection = Recording()
    engine = engine_of("thread_1", connection)
    assert asyncio.run(engine.run_agent(DataHelperAgent(), "what is new?")) == "DataHelperAgent: what is new?"
    assert [each["type"] for each in connection.messages] == list(EVENTS)


def test_what_an_agent_raises_is_passed_on_and_no_completion_is_told(engine_of) -> None:
    connection = Recording()
    with pytest.raises(RuntimeError, match="the tool of DataHelperAgent failed"):
        asyncio.run(engine_of("thread_1", connection).run_agent(DataHelperAgent(fails=True), "what is new?"))
    assert [each["type"] for each in connection.messages] == list(EVENTS[:3])
