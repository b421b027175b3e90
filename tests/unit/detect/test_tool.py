"""An id of `sys.monitoring` is held as long as nobody takes it, and taken back where somebody did."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import CodeType

import pytest

from pytest_ssot_tracker.detect.plant.tool import EVENTS, Tool

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="the interpreter has no sys.monitoring")

NAME = "somebody else"


def watched() -> int:
    return 1


def other() -> int:
    return 2


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Give the functions code that no earlier test has set events for."""
    for function in (watched, other):
        function.__code__ = function.__code__.replace()


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def free() -> Iterator[list[int]]:
    """Give the ids that are free, and free them again, whoever has them then."""
    ids = [number for number in range(6) if sys.monitoring.get_tool(number) is None]
    yield ids
    for number in ids:
        if sys.monitoring.get_tool(number) is not None:
            for event in (EVENTS.PY_START, EVENTS.LINE):
                sys.monitoring.register_callback(number, event, None)
            sys.monitoring.set_events(number, 0)
            for function in (watched, other):
                sys.monitoring.set_local_events(number, function.__code__, 0)
            sys.monitoring.free_tool_id(number)


@pytest.fixture
def tool(calls: list[str], free: list[int]) -> Tool:
    def started(code: CodeType, _offset: int) -> object:
        calls.append(code.co_name)
        return sys.monitoring.DISABLE if code is other.__code__ else None

    tool = Tool.take("ours", {EVENTS.PY_START: started}, free)
    assert tool is not None
    tool.set_local(watched.__code__, EVENTS.PY_START)
    return tool


def ours(free: list[int]) -> list[int]:
    return [number for number in free if sys.monitoring.get_tool(number) == "ours"]


def test_events_of_single_code_objects_reach_the_callback(tool: Tool, calls: list[str]) -> None:
    watched()
    other()
    watched()
    assert calls == ["watched", "watched"]
    assert tool.stands()
    tool.set_local(watched.__code__, 0)
    watched()
    assert calls == ["watched", "watched"]
    assert tool.stands()


def test_what_a_callback_has_switched_off_is_armed_again(tool: Tool, calls: list[str]) -> None:
    tool.set_local(other.__code__, EVENTS.PY_START)
    other()
    other()
    assert calls == ["other"]
    tool.arm(other.__code__)
    other()
    assert calls == ["other", "other"]


def freed(number: int) -> None:
    sys.monitoring.free_tool_id(number)


def freed_and_taken(number: int) -> None:
    sys.monitoring.free_tool_id(number)
    sys.monitoring.use_tool_id(number, NAME)


def unregistered(number: int) -> None:
    sys.monitoring.register_callback(number, EVENTS.PY_START, None)


def cleared(number: int) -> None:
    sys.monitoring.set_local_events(number, watched.__code__, 0)


def set_everywhere(number: int) -> None:
    sys.monitoring.set_events(number, EVENTS.LINE)


@pytest.mark.parametrize("harm", [freed, freed_and_taken, unregistered, cleared, set_everywhere])
def test_what_somebody_took_away_is_noticed_and_put_back(
    tool: Tool, calls: list[str], free: list[int], harm: Callable[[int], None]
) -> None:
    (number,) = ours(free)
    harm(number)
    assert not tool.stands()
    assert tool.restore()
    assert tool.stands()
    watched()
    assert calls == ["watched"]
    tool.close()
    assert ours(free) == []
    if harm is freed_and_taken:
        assert sys.monitoring.get_tool(number) == NAME


@pytest.mark.parametrize(
    ("harm", "lost"), [(freed, [watched, other]), (cleared, [watched]), (unregistered, [watched, other])]
)
def test_of_which_code_nothing_is_told_any_more_is_known(
    tool: Tool, free: list[int], harm: Callable[[int], None], lost: list[Callable[[], int]]
) -> None:
    tool.set_local(other.__code__, EVENTS.PY_START)
    (number,) = ours(free)
    harm(number)
    assert not tool.stands()
    assert tool.lost() == [function.__code__ for function in lost]


def test_where_every_id_is_taken_nothing_raises_and_a_later_one_will_do(
    tool: Tool, calls: list[str], free: list[int]
) -> None:
    (number,) = ours(free)
    sys.monitoring.free_tool_id(number)
    for each in free:
        sys.monitoring.use_tool_id(each, NAME)
    assert not tool.stands()
    assert not tool.restore()
    tool.set_local(other.__code__, EVENTS.PY_START)
    tool.arm(watched.__code__)
    watched()
    assert calls == []
    sys.monitoring.free_tool_id(free[-1])
    assert tool.restore()
    watched()
    other()
    assert calls == ["watched", "other"]
    tool.close()
    assert [sys.monitoring.get_tool(each) for each in free] == [*[NAME] * (len(free) - 1), None]


def test_closing_leaves_no_trace_and_may_be_done_twice(tool: Tool, calls: list[str], free: list[int]) -> None:
    (number,) = ours(free)
    tool.close()
    tool.close()
    watched()
    assert calls == []
    assert not tool.stands()
    assert sys.monitoring.get_tool(number) is None
    sys.monitoring.use_tool_id(number, NAME)
    assert sys.monitoring.get_local_events(number, watched.__code__) == 0
    assert sys.monitoring.register_callback(number, EVENTS.PY_START, None) is None


def test_there_is_none_where_none_is_free(free: list[int]) -> None:
    for each in free:
        sys.monitoring.use_tool_id(each, NAME)
    assert Tool.take("ours", {}, range(6)) is None
