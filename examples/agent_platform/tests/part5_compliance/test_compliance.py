"""Part 5: the consolidation is done when these pass without their markers."""

from __future__ import annotations

import threading

import pytest
from netra_backend.app.core.unified_id_manager import IDType, UnifiedIDManager

METHODS = (
    "get_agent_state",
    "set_agent_state",
    "transition_state",
    "validate_state_transition",
    "get_state_history",
    "set_timeout",
    "check_timeout",
    "register_circuit_breaker",
    "circuit_breaker_status",
    "reset_circuit_breaker",
)


@pytest.mark.ssot_expect_violation("deprecated-import", ssot="execution", raises=AssertionError)
@pytest.mark.parametrize("name", ["agent_state_tracker", "execution_timeout_manager"])
def test_a_deprecated_module_is_gone(retired_module, name: str) -> None:
    assert retired_module(f"netra_backend.app.agents.{name}") is None


@pytest.mark.ssot_expect_violation("deprecated-import", ssot="execution", raises=AttributeError)
@pytest.mark.parametrize("name", METHODS)
def test_the_tracker_offers_what_the_others_did(consolidated, name: str) -> None:
    assert callable(getattr(consolidated, name))


# Identifiers


@pytest.mark.ssot_expect_violation("out-of-band-id", raises=AssertionError, reason="ids made by hand")
def test_the_id_of_an_execution_is_one_that_was_issued(execution_tracker) -> None:
    execution_id = execution_tracker.create_execution("test_agent", "thread_123", "run_123")
    assert UnifiedIDManager().validate_id(execution_id, IDType.EXECUTION)


@pytest.mark.parametrize("kind", IDType)
def test_an_id_is_valid_for_its_own_type_alone(kind: IDType) -> None:
    ids = UnifiedIDManager()
    issued = ids.generate_id(kind)
    assert issued.startswith(f"{kind.value}_")
    assert [each for each in IDType if ids.validate_id(issued, each)] == [kind]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "execution",
        "execution_",
        "execution_1",
        "execution_1_",
        "execution_1_0123456",
        "execution_1_012345678",
        "execution_1_0123456g",
        "execution_one_01234567",
        "execution_1_01234567\n",
        " execution_1_01234567",
        "Execution_1_01234567",
        "test_agent_run_123_1736400000000",
        "9f1c2f60-0000-4000-8000-000000000000",
        None,
        7,
        b"execution_1_01234567",
    ],
)
def test_what_was_not_issued_is_no_valid_id(value: object) -> None:
    assert UnifiedIDManager().validate_id("execution_1_01234567", IDType.EXECUTION)
    assert not UnifiedIDManager().validate_id(value, IDType.EXECUTION)


def test_no_two_ids_are_alike_and_a_later_one_has_a_higher_number() -> None:
    ids = [UnifiedIDManager().generate_id(IDType.EXECUTION) for _ in range(200)]
    assert len(set(ids)) == 200
    numbers = [int(each.split("_")[1]) for each in ids]
    assert numbers == sorted(numbers)


# One tracker


def test_there_is_one_tracker_behind_every_accessor(execution_tracker, engine_of) -> None:
    from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker, get_execution_tracker

    accessors = (AgentExecutionTracker.get_instance, get_execution_tracker)
    elsewhere: list[object] = []
    threads = [threading.Thread(target=lambda ask=ask: elsewhere.append(ask())) for ask in accessors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for tracker in (*(ask() for ask in accessors), *(ask() for ask in accessors), *elsewhere):
        assert tracker is execution_tracker


def test_who_asks_first_at_the_same_time_gets_the_same_tracker(monkeypatch, ssot_race) -> None:
    from netra_backend.app.core.agent_execution_tracker import AgentExecutionTracker, get_execution_tracker

    trackers = []
    for _ in range(20):
        monkeypatch.setattr(AgentExecutionTracker, "_instance", None)
        race = ssot_race(AgentExecutionTracker.get_instance, get_execution_tracker, get_execution_tracker, rounds=1)
        assert not race.exceptions
        assert len({id(tracker) for tracker in race.results[0]}) == 1
        trackers.append(race.results[0][0])
    assert len({id(tracker) for tracker in trackers}) == 20
