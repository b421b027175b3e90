"""Part 3: two trackers with different truths about one execution, over real connections."""

from __future__ import annotations

import asyncio
import importlib
import json
import time

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.core.agent_execution_tracker import get_execution_tracker
from netra_backend.app.services.agent_websocket_bridge import EVENTS
from netra_backend.app.services.websocket_server import running_server
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

pytestmark = [
    pytest.mark.usefixtures("execution_tracker"),
    pytest.mark.ssot_allow("out-of-band-id", reason="where ids come from is part 2"),
]
two_trackers = pytest.mark.ssot_expect_violation(
    "deprecated-use", "deprecated-import", raises=AssertionError, reason="two trackers tell the client", issue="#220"
)


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


async def ask_often(connections: int, at_once: int) -> list[tuple[list[str], int | None]]:
    """Ask from `connections` users, `at_once` at a time."""
    async with running_server() as address:
        answers: list[tuple[list[str], int | None]] = []
        for start in range(0, connections, at_once):
            users = range(start, min(start + at_once, connections))
            answers += await asyncio.gather(*(ask(address, f"user_{number}") for number in users))
        return answers


@pytest.mark.real_services
@two_trackers
def test_no_connection_is_closed_with_an_internal_error() -> None:
    answers = asyncio.run(ask_often(20, at_once=10))
    assert [code for _, code in answers] == [None] * 20
    assert all(events == list(EVENTS) for events, _ in answers)


@two_trackers
def test_a_late_execution_is_late_for_everyone() -> None:
    engine = _engine("thread_late", timeout=0.05)
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        asyncio.run(engine.run_agent(DataHelperAgent(seconds=5.0), "how late is it?"))
    (execution,) = get_execution_tracker().get_user_executions("thread_late")
    assert execution.state == "TIMEOUT"


@two_trackers
def test_what_the_dashboard_says_is_one_truth() -> None:
    engine = _engine("thread_dashboard", timeout=None)
    asyncio.run(engine.run_agent(DataHelperAgent(), "what is new?"))
    (execution,) = get_execution_tracker().get_user_executions("thread_dashboard")
    assert [entry.state for entry in execution.history] == [
        "PENDING",
        "STARTING",
        "RUNNING",
        "THINKING",
        "RUNNING",
        "COMPLETING",
        "COMPLETED",
    ]


@pytest.mark.real_services
@pytest.mark.slow
@two_trackers
def test_a_thousand_connections_end_as_they_should() -> None:
    started = time.monotonic()
    answers = asyncio.run(ask_often(1000, at_once=50))
    closed = sum(code == 1011 for _, code in answers)
    print(f"1011: {closed} of {len(answers)} connections in {time.monotonic() - started:.1f} s")
    assert closed == 0
    assert all(events == list(EVENTS) for events, _ in answers)


def _engine(thread: str, *, timeout: float | None):
    """Return the engine that serves users: the supervisor's before, the users' own after."""
    supervisor = "netra_backend.app.agents.supervisor"
    try:
        engine = importlib.import_module(f"{supervisor}.execution_engine").ExecutionEngine
    except ImportError:
        engine = importlib.import_module(f"{supervisor}.user_execution_engine").UserExecutionEngine
    return engine("user_1", thread, timeout=timeout)
