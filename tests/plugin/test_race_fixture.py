"""The fixture `ssot_race` is there with and without configuration, and sees what its own rounds violate."""

from __future__ import annotations

from typing import Any

import pytest

SUITE = """
import asyncio
import pytest
from shop.service import second_tracker

pytestmark = pytest.mark.ssot_allow(reason="the race is what is tested")


def test_threads(ssot_race):
    second_tracker()
    found = ssot_race(lambda: second_tracker(), lambda: 1, rounds=3)
    assert [one.rule for one in found.violations] == ["singleton-bypass"] * 3
    assert not found.exceptions


def test_tasks(ssot_race):
    async def task():
        await asyncio.sleep(0)
        second_tracker()

    assert ssot_race(task, task, rounds=2).violations


def test_clean(ssot_race):
    assert ssot_race(lambda: 1, rounds=2).violations == ()
"""


def test_a_race_returns_what_its_rounds_violate_and_it_is_booked_on_the_test(project: Any) -> None:
    result = project.run(test_it=SUITE)
    assert {test["id"].rpartition("::")[2]: test["outcome"] for test in result["tests"]} == dict.fromkeys(
        ["test_threads", "test_tasks", "test_clean"], "passed"
    )
    booked = [(one["id"].rpartition("::")[2], one["count"]) for site in result["sites"] for one in site["tests"]]
    assert sorted(booked)[-1][0] == "test_threads"
    assert sum(count for test, count in booked if test == "test_threads") == 4
    assert sum(count for test, count in booked if test == "test_tasks") == 4


def test_without_configuration_it_races_and_finds_no_violations(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(ssot_race):\n    assert ssot_race(lambda: 1, rounds=2).results == ((1,), (1,))\n")
    pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:randomly").assert_outcomes(passed=1)
