"""Part 3: several trackers with different truths about one execution, over real connections.

Each test says what harm is done, by the one exception that its marker takes. Everything else that goes wrong is a plain
failure, in every phase; and once the harm is gone the marker is outlived, though its cause is still there.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.core.agent_execution_tracker import get_execution_tracker
from netra_backend.app.services.agent_websocket_bridge import EVENTS
from netra_backend.app.services.websocket_server import running_server
from shared.isolated_environment import get_env
from test_framework.ssot.server import server_process
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

INTERNAL_ERROR = 1011
CONNECTIONS = int(get_env("PLATFORM_CONNECTIONS", "20"))
AT_ONCE = 50
STATES = ["PENDING", "STARTING", "RUNNING", "THINKING", "RUNNING", "COMPLETING", "COMPLETED"]
STATE_AT = dict(zip(EVENTS, ("STARTING", "THINKING", "RUNNING", "COMPLETING", "COMPLETED"), strict=True))


class Closed1011Error(AssertionError):
    """Connections closed with code 1011."""


class UntoldTimeoutError(AssertionError):
    """An execution that is late for the one who keeps its time, and runs on for the tracker."""


class SkippedStatesError(AssertionError):
    """An execution that was over without having gone through its states."""


class TwoTruthsError(AssertionError):
    """A client that was told one thing while the tracker said another."""


class LostChangeError(AssertionError):
    """Two changes of one execution that got the same number."""


def harm(seen: type[AssertionError], *rules: str):
    return pytest.mark.ssot_expect_violation(
        *rules, ssot="execution", raises=seen, issue="#220", reason=(seen.__doc__ or "").rstrip(".")
    )


# WebSocket 1011


async def ask(address: str, user: str) -> tuple[list[str], int | None]:
    """Ask one question as `user`; return the events that came for it, and the code of a connection that was closed."""
    async with connect(address) as client:
        await client.send(json.dumps({"user_id": user, "thread_id": f"thread_{user}", "question": "what is new?"}))
        events: list[str] = []
        try:
            while len(events) < len(EVENTS):
                event = json.loads(await asyncio.wait_for(client.recv(), 30))
                assert event["user_id"] == user
                events.append(event["type"])
        except ConnectionClosed:
            return events, client.close_code
        return events, None


async def ask_from_all(address: str) -> list[tuple[list[str], int | None]]:
    answers: list[tuple[list[str], int | None]] = []
    for start in range(0, CONNECTIONS, AT_ONCE):
        users = range(start, min(start + AT_ONCE, CONNECTIONS))
        answers += await asyncio.gather(*(ask(address, f"user_{number}") for number in users))
    return answers


async def ask_here() -> list[tuple[list[str], int | None]]:
    async with running_server() as address:
        return await ask_from_all(address)


def check(answers: list[tuple[list[str], int | None]]) -> None:
    closed = sum(code == INTERNAL_ERROR for _, code in answers)
    print(f"1011: {closed} of {len(answers)} connections")
    if closed:
        raise Closed1011Error(f"{closed} of {len(answers)} connections were closed with {INTERNAL_ERROR}")
    assert answers == [(list(EVENTS), None)] * CONNECTIONS


@harm(Closed1011Error, "deprecated-use")
def test_no_connection_is_closed_with_an_internal_error() -> None:
    check(asyncio.run(ask_here()))


@pytest.mark.real_services
@harm(Closed1011Error, "deprecated-use")
def test_no_connection_to_the_real_server_is_closed_with_an_internal_error() -> None:
    with server_process() as address:
        answers = asyncio.run(ask_from_all(address))
    check(answers)


# Timeouts


@contextmanager
def running_late():
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        yield


@harm(UntoldTimeoutError, "deprecated-use")
def test_a_late_execution_is_late_for_everyone(engine_of) -> None:
    engine = engine_of("thread_late", timeout=0.05)
    with running_late():
        asyncio.run(engine.run_agent(DataHelperAgent(seconds=5.0), "how late is it?"))
    (execution,) = get_execution_tracker().get_user_executions("thread_late")
    if execution.state == "RUNNING":
        raise UntoldTimeoutError("the engine gave up, and the execution still runs")
    assert (execution.state, execution.history[-1].state) == ("TIMEOUT", "TIMEOUT")


@harm(UntoldTimeoutError, "deprecated-use")
def test_who_keeps_the_time_tells_the_tracker(execution_tracker, started, retired_module) -> None:
    manager = retired_module("netra_backend.app.agents.execution_timeout_manager")
    keeper = execution_tracker if manager is None else manager.AgentExecutionTimeoutManager()
    late, in_time = started("STARTING", "RUNNING"), started("STARTING", "RUNNING")
    keeper.set_timeout(late, 0.0)
    keeper.set_timeout(in_time, 60.0)
    assert (keeper.check_timeout(late), keeper.check_timeout(in_time)) == (True, False)
    if execution_tracker.get_execution_state(late) == "RUNNING":
        raise UntoldTimeoutError("its time is up, and the execution still runs")
    assert [str(execution_tracker.get_execution_state(each)) for each in (late, in_time)] == ["TIMEOUT", "RUNNING"]


# States


@harm(SkippedStatesError, "illegal-transition")
def test_an_execution_goes_through_its_states_in_order(engine_of) -> None:
    asyncio.run(engine_of("thread_dashboard").run_agent(DataHelperAgent(), "what is new?"))
    (execution,) = get_execution_tracker().get_user_executions("thread_dashboard")
    states = [str(entry.state) for entry in execution.history]
    if states == ["PENDING", "RUNNING", "COMPLETED"]:
        raise SkippedStatesError(f"the tracker was told {', '.join(states)}")
    assert states == STATES


class Client:
    """A client that compares what it is told with what the tracker says at that moment."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    async def send_text(self, message: str) -> None:
        event = json.loads(message)
        self.told[event["type"]] = str(get_execution_tracker().get_execution_state(event["execution_id"]))


@harm(TwoTruthsError, "split-brain")
def test_what_the_client_is_told_is_what_the_tracker_says(engine_of) -> None:
    client = Client()
    asyncio.run(engine_of("thread_client", client).run_agent(DataHelperAgent(), "what is new?"))
    assert set(client.told) == set(EVENTS)
    if {client.told[event] for event in EVENTS[:-1]} == {"RUNNING"}:
        raise TwoTruthsError("the client heard of each step, the tracker of none")
    assert client.told == STATE_AT


# Changes at the same time


@harm(LostChangeError, "deprecated-use")
def test_changes_at_the_same_time_are_numbered_one_by_one(
    started, execution_tracker, retired_module, ssot_race
) -> None:
    module = retired_module("netra_backend.app.agents.agent_state_tracker")
    tracker = None if module is None else module.AgentStateTracker()
    execution_id = started()

    def change() -> list[int]:
        if tracker is not None:
            return [tracker.track_phase_transition(execution_id, "STARTING", "RUNNING") for _ in range(5)]
        return [execution_tracker.update_execution_state(execution_id, "RUNNING").sequence for _ in range(5)]

    race = ssot_race(change, change, change, rounds=40)
    assert not race.exceptions
    numbers = sorted(number for results in race.results for result in results for number in result)
    if len(set(numbers)) < len(numbers):
        raise LostChangeError(f"{len(numbers) - len(set(numbers))} of {len(numbers)} changes have another's number")
    first = numbers[0]
    assert numbers == list(range(first, first + 600))
