"""One user's way through the platform, which must work before, during and after the consolidation."""

from __future__ import annotations

import json
import logging
from itertools import chain
from pathlib import Path

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.core.agent_execution_tracker import get_execution_tracker
from netra_backend.app.core.configuration import configuration
from netra_backend.app.services.agent_websocket_bridge import EVENTS, EventChannel, WebSocketNotifier
from netra_backend.app.services.websocket_server import running_server
from shared.isolated_environment import get_env, isolated

pytestmark = pytest.mark.ssot_rollback_trigger
STATES = (("STARTING",), ("RUNNING", "THINKING"), ("RUNNING",), ("COMPLETING",), ("COMPLETED",))
UNSET = {"LOG_LEVEL": "INFO", "AGENT_TIMEOUT_SECONDS": "60", "WEBSOCKET_URL": "ws://127.0.0.1:0"}


class Client:
    def __init__(self) -> None:
        self.received: list[dict[str, object]] = []

    async def send_text(self, message: str) -> None:
        self.received.append(json.loads(message))


def settings_of(environment: str | None) -> dict[str, str]:
    """Return what holds in an environment: what its file says, or nothing but the defaults."""
    if environment is None:
        return UNSET
    text = Path("environments", f"{environment}.env").read_text(encoding="utf-8")
    return {**UNSET, **dict(line.split("=", 1) for line in text.split())}


@pytest.mark.asyncio
async def test_a_question_is_answered_in_five_events_of_one_execution() -> None:
    tracker, client = get_execution_tracker(), Client()
    execution_id = tracker.create_execution("DataHelperAgent", "thread_golden_path", "run_1")
    notifier = WebSocketNotifier(EventChannel(client), execution_id=execution_id)
    for states, event in zip(STATES, EVENTS, strict=True):
        for state in states:
            tracker.update_execution_state(execution_id, state)
        await getattr(notifier, f"send_{event}_event")("user_1", "thread_golden_path")
    assert client.received == [
        {
            "type": event,
            "user_id": "user_1",
            "thread_id": "thread_golden_path",
            "execution_id": execution_id,
            "sequence": number,
        }
        for number, event in enumerate(EVENTS, 1)
    ]
    (execution,) = tracker.get_user_executions("thread_golden_path")
    assert (execution.execution_id, execution.state) == (execution_id, "COMPLETED")
    assert [entry.state for entry in tracker.get_execution_history(execution_id)] == ["PENDING", *chain(*STATES)]


@pytest.mark.asyncio
async def test_the_agent_says_each_step_and_answers() -> None:
    steps: list[str] = []

    async def step(event: str) -> None:
        steps.append(event)

    assert await DataHelperAgent().run("what is new?", step) == "DataHelperAgent: what is new?"
    assert steps == ["agent_thinking", "tool_executing", "tool_completed"]


@pytest.mark.asyncio
async def test_the_server_runs_as_its_environment_says() -> None:
    environment = get_env("ENVIRONMENT")
    wanted = settings_of(environment)
    async with running_server() as address:
        scheme, host, rest = address.split(":", 2)
        path = rest.partition("/")[2]
    logger = logging.getLogger("netra_backend")
    assert f"{scheme}:{host}:0{'/' if path else ''}{path}" == wanted["WEBSOCKET_URL"]
    assert logging.getLevelName(logger.level) == wanted["LOG_LEVEL"]
    assert configuration().agent_timeout == float(wanted["AGENT_TIMEOUT_SECONDS"])
    assert configuration().environment == (environment or "development")


@pytest.mark.asyncio
async def test_another_environment_makes_another_server() -> None:
    with isolated(LOG_LEVEL="WARNING", WEBSOCKET_URL="ws://localhost:0/elsewhere"):
        async with running_server() as address:
            assert logging.getLogger("netra_backend").level == logging.WARNING
    assert address.endswith("/elsewhere")


@pytest.mark.parametrize(("name", "value"), [("LOG_LEVEL", "loud"), ("AGENT_TIMEOUT_SECONDS", "soon")])
def test_a_value_that_means_nothing_is_refused_by_name(name: str, value: str) -> None:
    with isolated(**{name: value}), pytest.raises(ValueError, match=f"{name}={value} is not"):
        configuration()
