"""Part 4: what belongs to one user is nobody else's, in everything that is kept by user, thread or execution."""

from __future__ import annotations

import asyncio
import json

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent

pytestmark = pytest.mark.ssot_rollback_trigger


def ids(executions) -> list[str]:
    return [execution.execution_id for execution in executions]


def test_each_user_has_its_own_executions_oldest_first(execution_tracker, started) -> None:
    mine = [started(thread="mine"), started(thread="mine")]
    yours = started(thread="yours")
    mine.append(started(thread="mine"))
    assert ids(execution_tracker.get_user_executions("mine")) == mine
    assert ids(execution_tracker.get_user_executions("yours")) == [yours]
    assert execution_tracker.get_user_executions("nobody's") == []


def test_each_execution_has_its_own_state_and_history(execution_tracker, started) -> None:
    mine, yours = started("STARTING", "RUNNING", thread="mine"), started("STARTING", thread="yours")
    for state in ("RUNNING", "THINKING"):
        execution_tracker.update_execution_state(yours, state)
    assert execution_tracker.get_execution_state(mine) == "RUNNING"
    assert execution_tracker.get_execution_state(yours) == "THINKING"
    histories = [execution_tracker.get_execution_history(each) for each in (mine, yours)]
    assert [[str(entry.state) for entry in history] for history in histories] == [
        ["PENDING", "STARTING", "RUNNING"],
        ["PENDING", "STARTING", "RUNNING", "THINKING"],
    ]
    assert [entry.sequence for entry in histories[1]] == [1, 2, 3, 4]


def test_cleaning_up_for_one_user_takes_nothing_from_another(execution_tracker, started) -> None:
    mine, yours = started(thread="mine"), started(thread="yours")
    execution_tracker.cleanup_execution(mine)
    assert execution_tracker.get_user_executions("mine") == []
    assert ids(execution_tracker.get_user_executions("yours")) == [yours]


class Client:
    def __init__(self) -> None:
        self.heard: list[dict[str, object]] = []

    async def send_text(self, message: str) -> None:
        self.heard.append(json.loads(message))


def test_each_client_hears_of_its_own_executions_alone(engine_of, execution_tracker) -> None:
    clients = {f"user_{number}": Client() for number in range(5)}
    engines = [engine_of(f"thread_of_{user}", client, user=user) for user, client in clients.items()]

    async def all_at_once() -> None:
        await asyncio.gather(*(engine.run_agent(DataHelperAgent(), "what is new?") for engine in engines))

    asyncio.run(all_at_once())
    for user, client in clients.items():
        (execution,) = execution_tracker.get_user_executions(f"thread_of_{user}")
        assert len(client.heard) == 5
        assert {(each["user_id"], each["thread_id"], each["execution_id"]) for each in client.heard} == {
            (user, f"thread_of_{user}", execution.execution_id)
        }


def test_an_agent_that_keeps_failing_for_one_user_is_not_refused_to_another(engine_of) -> None:
    for _ in range(4):
        with pytest.raises(RuntimeError):
            asyncio.run(engine_of("failing").run_agent(DataHelperAgent(fails=True), "what is new?"))
    answer = asyncio.run(engine_of("well", user="user_2").run_agent(DataHelperAgent(), "what is new?"))
    assert answer == "DataHelperAgent: what is new?"


def test_a_timeout_of_one_user_is_none_of_another(engine_of) -> None:
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        asyncio.run(engine_of("late", timeout=0.01).run_agent(DataHelperAgent(seconds=5), "what is new?"))
    answer = asyncio.run(engine_of("well", user="user_2").run_agent(DataHelperAgent(), "what is new?"))
    assert answer == "DataHelperAgent: what is new?"
