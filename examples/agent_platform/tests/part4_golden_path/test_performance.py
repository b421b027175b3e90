"""Part 4: performance is kept: each operation costs a bounded number of steps of a plain dictionary on this machine.

No clock is held against a limit: the best of several turns of the tracker is compared with the best of as many of a
dictionary, in the same process, a moment apart.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent
from netra_backend.app.services.agent_websocket_bridge import EVENTS, EventChannel, WebSocketNotifier

pytestmark = pytest.mark.ssot_rollback_trigger
TURNS = 30
STEPS = 2000  # of a dictionary in one turn


def best(operation: Callable[[], object]) -> float:
    """Return the shortest of several turns."""
    turns = []
    for _ in range(TURNS):
        started = time.perf_counter()
        operation()
        turns.append(time.perf_counter() - started)
    return min(turns)


def dictionary() -> None:
    kept: dict[int, int] = {}
    for step in range(STEPS):
        kept[step] = step


def ratio(operation: Callable[[], object]) -> float:
    """Return how many steps of a dictionary the operation is worth."""
    return best(operation) * STEPS / min(best(dictionary), best(dictionary))


OPERATIONS: dict[str, Callable[..., object]] = {
    "create": lambda tracker, execution: tracker.create_execution("agent", "thread_performance", "run"),
    "update": lambda tracker, execution: tracker.update_execution_state(execution, "RUNNING"),
    "state": lambda tracker, execution: tracker.get_execution_state(execution),
    "history": lambda tracker, execution: tracker.get_execution_history(execution),
    "of a user": lambda tracker, execution: tracker.get_user_executions("thread_1"),
    "clean up": lambda tracker, execution: tracker.cleanup_execution("unknown"),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_tracker_costs_what_a_tracker_may(execution_tracker, started, name: str) -> None:
    execution_id = started("STARTING", "RUNNING")
    assert ratio(lambda: OPERATIONS[name](execution_tracker, execution_id)) < 10_000


def test_a_long_history_makes_no_change_slower(execution_tracker, started) -> None:
    short, long = started("STARTING", "RUNNING"), started("STARTING", "RUNNING")
    for _ in range(5000):
        execution_tracker.update_execution_state(long, "RUNNING")
    both = [ratio(lambda one=one: execution_tracker.update_execution_state(one, "RUNNING")) for one in (long, short)]
    assert both[0] < 20 * both[1]


def test_many_executions_make_no_question_slower(execution_tracker, started) -> None:
    execution_id = started("STARTING", "RUNNING")
    few = ratio(lambda: execution_tracker.get_execution_state(execution_id))
    for number in range(2000):
        started(thread=f"thread_{number + 2}")
    assert ratio(lambda: execution_tracker.get_execution_state(execution_id)) < 20 * few


class Nowhere:
    async def send_text(self, message: str) -> None: ...


def test_an_event_costs_what_an_event_may() -> None:
    channel = EventChannel(Nowhere())

    async def five() -> None:
        notifier = WebSocketNotifier(channel, execution_id=f"execution_{time.perf_counter_ns()}")
        for event in EVENTS:
            await getattr(notifier, f"send_{event}_event")("user_1", "thread_1")

    async def idle() -> None:
        for _ in EVENTS:
            await asyncio.sleep(0)

    assert best(lambda: asyncio.run(five())) < 10 * best(lambda: asyncio.run(idle()))


def test_a_run_of_an_agent_costs_what_a_run_may(engine_of) -> None:
    engine = engine_of("thread_performance", Nowhere())

    async def bare() -> None:
        async def step(event: str) -> None: ...

        await asyncio.wait_for(DataHelperAgent().run("what is new?", step), 60)

    assert best(lambda: asyncio.run(engine.run_agent(DataHelperAgent(), "what is new?"))) < 10 * best(
        lambda: asyncio.run(bare())
    )
