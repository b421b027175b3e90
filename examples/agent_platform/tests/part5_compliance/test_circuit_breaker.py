"""Part 5: the tracker keeps a breaker for each agent, as the timeout manager did."""

from __future__ import annotations

import asyncio

import pytest
from netra_backend.app.agents.base_agent import DataHelperAgent

pytestmark = pytest.mark.ssot_expect_violation(
    "deprecated-import", ssot="execution", raises=AttributeError, reason="breakers are kept by another tracker"
)
THREAD = "thread_1"
NAME = f"DataHelperAgent of {THREAD}"


def fail(breaker, times: int) -> None:
    for _ in range(times):
        breaker.record_failure()


def refuses(breaker) -> bool:
    try:
        breaker.check()
    except RuntimeError as error:
        return str(error) == f"the circuit {breaker.name!r} is open"
    return False


# Opens, and refuses


@pytest.mark.parametrize("threshold", [1, 2, 5])
def test_a_breaker_opens_at_its_threshold_and_not_before(consolidated, clock, threshold: int) -> None:
    breaker = consolidated.register_circuit_breaker("agent", failure_threshold=threshold)
    fail(breaker, threshold - 1)
    assert (consolidated.circuit_breaker_status("agent"), refuses(breaker)) == ("closed", False)
    fail(breaker, 1)
    assert (consolidated.circuit_breaker_status("agent"), refuses(breaker)) == ("open", True)


def test_three_failures_open_a_breaker_that_nobody_gave_limits(consolidated, clock) -> None:
    breaker = consolidated.register_circuit_breaker("agent")
    fail(breaker, 2)
    assert consolidated.circuit_breaker_status("agent") == "closed"
    fail(breaker, 1)
    clock.now += 29.9
    assert consolidated.circuit_breaker_status("agent") == "open"
    clock.now += 0.2
    assert consolidated.circuit_breaker_status("agent") == "half_open"


def test_an_open_breaker_refuses_as_often_as_it_is_asked(consolidated, clock) -> None:
    breaker = consolidated.register_circuit_breaker("agent", failure_threshold=1)
    fail(breaker, 1)
    assert [refuses(breaker) for _ in range(3)] == [True, True, True]


def test_a_breaker_that_nobody_registered_is_closed(consolidated) -> None:
    assert consolidated.circuit_breaker_status("nobody's") == "closed"
    consolidated.reset_circuit_breaker("nobody's")
    assert consolidated.circuit_breaker_status("nobody's") == "closed"


def test_a_name_has_one_breaker_with_the_limits_it_was_registered_with(consolidated, clock) -> None:
    breaker = consolidated.register_circuit_breaker("agent", failure_threshold=2)
    assert consolidated.register_circuit_breaker("agent", failure_threshold=9) is breaker
    other = consolidated.register_circuit_breaker("other", failure_threshold=2)
    fail(breaker, 2)
    assert [consolidated.circuit_breaker_status(name) for name in ("agent", "other")] == ["open", "closed"]
    assert (refuses(breaker), refuses(other)) == (True, False)


# Half-opens


def test_a_breaker_half_opens_when_its_time_has_come_and_not_before(consolidated, clock) -> None:
    breaker = consolidated.register_circuit_breaker("agent", failure_threshold=1, recovery_seconds=10.0)
    fail(breaker, 1)
    clock.now += 9.9
    assert (consolidated.circuit_breaker_status("agent"), refuses(breaker)) == ("open", True)
    clock.now += 0.2
    assert (consolidated.circuit_breaker_status("agent"), refuses(breaker)) == ("half_open", False)


def test_half_open_one_call_is_let_through(consolidated, clock) -> None:
    breaker = consolidated.register_circuit_breaker("agent", failure_threshold=2, recovery_seconds=10.0)
    fail(breaker, 2)
    clock.now += 10.0
    assert [refuses(breaker) for _ in range(3)] == [False, True, True]
    clock.now += 10.0
    assert [refuses(breaker) for _ in range(2)] == [False, True]


def test_a_failure_of_the_one_call_opens_the_breaker_again(consolidated, clock) -> None:
    breaker = consolidated.register_circuit_breaker("agent", failure_threshold=3, recovery_seconds=10.0)
    fail(breaker, 3)
    clock.now += 10.0
    assert not refuses(breaker)
    clock.now += 5.0
    fail(breaker, 1)
    assert (consolidated.circuit_breaker_status("agent"), refuses(breaker)) == ("open", True)
    clock.now += 9.9
    assert refuses(breaker), "the time counts from the last failure"
    clock.now += 0.2
    assert not refuses(breaker)


# Resets


@pytest.mark.parametrize("how", ["by name", "by itself"])
def test_a_reset_closes_a_breaker_and_counts_from_nothing(consolidated, clock, how: str) -> None:
    breaker = consolidated.register_circuit_breaker("agent", failure_threshold=2)
    other = consolidated.register_circuit_breaker("other", failure_threshold=2)
    fail(breaker, 2)
    fail(other, 2)
    breaker.reset() if how == "by itself" else consolidated.reset_circuit_breaker("agent")
    assert (consolidated.circuit_breaker_status("agent"), refuses(breaker)) == ("closed", False)
    assert (consolidated.circuit_breaker_status("other"), refuses(other)) == ("open", True)
    fail(breaker, 1)
    assert consolidated.circuit_breaker_status("agent") == "closed"
    fail(breaker, 1)
    assert consolidated.circuit_breaker_status("agent") == "open"


# What the engine makes of it


class Client:
    def __init__(self) -> None:
        self.heard = 0

    async def send_text(self, message: str) -> None:
        self.heard += 1


def ask(engine, agent) -> str:
    """Return how a run of `agent` ended: its answer, or the name of what was raised."""
    try:
        return asyncio.run(engine.run_agent(agent, "what is new?"))
    except Exception as error:
        return type(error).__name__


@pytest.fixture
def breakers(consolidated):
    """The tracker, where it keeps breakers."""
    return consolidated.register_circuit_breaker(NAME) and consolidated


def test_an_agent_that_fails_three_times_in_a_row_is_not_called_again(breakers, engine_of, clock) -> None:
    client, calls = Client(), []

    class Counted:
        name = "DataHelperAgent"

        async def run(self, question: str, step) -> str:
            calls.append(question)
            raise LookupError("nothing is new")

    engine = engine_of(THREAD, client)
    assert [ask(engine, Counted()) for _ in range(5)] == ["LookupError"] * 3 + ["CircuitOpenError"] * 2
    assert (len(calls), client.heard, len(breakers.get_user_executions(THREAD))) == (3, 3, 3)
    assert breakers.circuit_breaker_status(NAME) == "open"


def test_an_agent_that_is_late_three_times_in_a_row_is_not_called_again(breakers, engine_of) -> None:
    engine = engine_of(THREAD, timeout=0.01)
    ends = [ask(engine, DataHelperAgent(seconds=5)) for _ in range(4)]
    assert ends == ["TimeoutError"] * 3 + ["CircuitOpenError"]


def test_a_success_in_between_counts_from_nothing(breakers, engine_of) -> None:
    engine, broken = engine_of(THREAD), DataHelperAgent(fails=True)
    for _ in range(2):
        assert [ask(engine, broken) for _ in range(2)] == ["RuntimeError"] * 2
        assert ask(engine, DataHelperAgent()) == "DataHelperAgent: what is new?"
    assert breakers.circuit_breaker_status(NAME) == "closed"


def test_after_a_while_the_agent_is_tried_again(breakers, engine_of, clock) -> None:
    engine, broken = engine_of(THREAD), DataHelperAgent(fails=True)
    assert [ask(engine, broken) for _ in range(4)] == ["RuntimeError"] * 3 + ["CircuitOpenError"]
    clock.now += 31
    assert [ask(engine, broken) for _ in range(2)] == ["RuntimeError", "CircuitOpenError"]
    clock.now += 31
    assert ask(engine, DataHelperAgent()) == "DataHelperAgent: what is new?"
    assert breakers.circuit_breaker_status(NAME) == "closed"
    assert [ask(engine, broken) for _ in range(3)] == ["RuntimeError"] * 3


def test_one_agent_is_not_refused_for_what_another_did(breakers, engine_of) -> None:
    engine = engine_of(THREAD)
    for _ in range(3):
        ask(engine, DataHelperAgent(fails=True))

    class Other:
        name = "OtherAgent"

        async def run(self, question: str, step) -> str:
            for event in ("agent_thinking", "tool_executing", "tool_completed"):
                await step(event)
            return "plenty"

    assert ask(engine, Other()) == "plenty"
