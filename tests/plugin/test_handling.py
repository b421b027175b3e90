"""One key in two trackers, and changes of state that are not allowed: told with both places, on the right test."""

from __future__ import annotations

import re
from typing import Any

TABLES = """
[tool.ssot_tracker.ssot.orders.keys]
"shop.move:Canonical.update" = "order"
"shop.move:Log.note" = "context.order"
"shop.move:Timeouts.expire" = "order"
"shop.move:Timeouts.start" = "order"

[tool.ssot_tracker.ssot.orders.states]
method  = "shop.move:Canonical.update"
key     = "order"
state   = "state"
allowed = { "" = ["PENDING"], PENDING = ["RUNNING", "FAILED"], RUNNING = ["DONE"] }
"""

MOVE = """
import enum
import functools
from types import SimpleNamespace


class State(enum.Enum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


class Canonical:
    def update(self, order, state=None):
        return order

    @classmethod
    def shared(cls):
        return cls()


class Log:
    def note(self, context):
        return context


class Timeouts:
    async def expire(self, order, *, hard=False):
        return order

    @logged
    def start(self, order):
        return order


def context(order):
    return SimpleNamespace(order=order)
"""

SPLIT = """
import asyncio
import threading
import pytest
from shop.move import Canonical, Log, Timeouts, context

pytestmark = pytest.mark.ssot_expect_violation("split-brain", reason="#220")


def test_object():
    Canonical().update("e1")
    Log().note(context("e1"))


def test_mapping_and_keyword():
    Canonical().update(order="e1")
    Log().note(context={"order": "e1"})


def test_coroutine():
    Canonical().update("e1")
    asyncio.run(Timeouts().expire("e1", hard=True))


def test_task():
    async def main():
        Canonical().update("e1")
        await asyncio.create_task(Timeouts().expire(order="e1"), name="expiry")

    asyncio.run(main())


def test_decorated():
    Canonical().update("e1")
    Timeouts().start("e1")


def test_thread():
    Timeouts().start("e1")
    thread = threading.Thread(target=lambda: Canonical().update("e1"), name="worker")
    thread.start()
    thread.join()


def test_race(ssot_race):
    found = ssot_race(lambda: Timeouts().start("e1"), lambda: Canonical().update("e1"), rounds=3)
    assert len(found.violations) == 3
"""

CLEAN = """
import pytest
from shop.move import Canonical, Log, Timeouts, context


@pytest.fixture(scope="module")
def known():
    Canonical().update("wide", "PENDING")


def test_first():
    Canonical().update("e1", "PENDING")


def test_second_test_has_keys_of_its_own():
    Log().note(context("e1"))
    Log().note(context("e1"))


def test_other_keys_and_no_keys():
    Canonical().update("e1", "PENDING")
    Log().note(context("e2"))
    Timeouts().start(None)
    Log().note(context(None))


def test_same_class_twice(known):
    Canonical().update("wide", "PENDING")
    Canonical().update("wide", "RUNNING")


def test_state_of_a_wider_fixture_goes_on(known):
    Canonical().update("wide", "DONE")
"""

AFTER = """
from shop.move import Log, context


def test_the_fixture_is_over():
    Log().note(context("wide"))
"""

STATES = """
import threading
import pytest
from shop.move import Canonical, State

pytestmark = pytest.mark.ssot_expect_violation("illegal-transition", reason="#220")


def test_start():
    Canonical().update("e1", "RUNNING")


def test_terminal():
    tracker = Canonical()
    for state in ("PENDING", State.RUNNING, State.RUNNING, "DONE", "RUNNING"):
        tracker.update("e1", state)


def test_new_state_counts():
    tracker = Canonical()
    for state in (State.PENDING, "DONE", "DONE"):
        tracker.update("e1", state=state)


def test_two_threads():
    tracker = Canonical()
    tracker.update("e1", "PENDING")
    tracker.update("e1", "FAILED")
    thread = threading.Thread(target=lambda: tracker.update("e1", "RUNNING"), name="worker")
    thread.start()
    thread.join()
"""


def outcomes(result: dict[str, Any]) -> dict[str, str]:
    return {test["id"].rpartition("::")[2]: test["outcome"] for test in result["tests"]}


def details(result: dict[str, Any], test: str) -> list[str]:
    return [
        re.sub(r"[\d.]+ ms", "T ms", line)
        for site in result["sites"]
        for one in site["tests"]
        if one["id"] and one["id"].endswith(f"::{test}")
        for line in one["detail"]
    ]


def test_a_key_in_two_classes_is_a_split_brain_however_it_is_passed(project: Any) -> None:
    project.configure(TABLES)
    project.pytester.makepyfile(**{"shop/move": MOVE})
    result = project.run("--ssot-phase=baseline", test_it=SPLIT)
    assert set(outcomes(result).values()) == {"xfailed"}
    assert len(outcomes(result)) == 7
    assert details(result, "test_object") == [
        "e1 was first handled by Canonical.update at test_it.py:10 in thread MainThread",
        "T ms later it was handled by Log.note in thread MainThread",
    ]
    assert "T ms later it was handled by Timeouts.expire in task expiry" in details(result, "test_task")
    assert details(result, "test_thread") == [
        "e1 was first handled by Timeouts.start at test_it.py:38 in thread MainThread",
        "T ms later it was handled by Canonical.update in thread worker",
    ]
    (site,) = [one for one in result["sites"] if one["scope"] == "test_object"]
    assert (site["rule"], site["target"], site["line"]) == ("split-brain", "shop.move:Log.note", 11)


def test_keys_are_remembered_per_test_and_with_the_wider_fixture(project: Any) -> None:
    project.configure(TABLES)
    project.pytester.makepyfile(**{"shop/move": MOVE, "test_zz": AFTER})
    result = project.run(test_it=CLEAN)
    assert set(outcomes(result).values()) == {"passed"}
    assert result["sites"] == []


def test_changes_of_state_are_held_to_what_is_allowed(project: Any) -> None:
    project.configure(TABLES)
    project.pytester.makepyfile(**{"shop/move": MOVE})
    result = project.run("--ssot-phase=baseline", test_it=STATES)
    assert set(outcomes(result).values()) == {"xfailed"}
    assert details(result, "test_start") == ["e1 started as RUNNING; it may start as PENDING"]
    assert details(result, "test_terminal") == [
        "e1 went from DONE to RUNNING; after DONE may come nothing: it is an end",
        "DONE was set at test_it.py:15 in thread MainThread, T ms before RUNNING in thread MainThread",
    ]
    assert [one for one in details(result, "test_new_state_counts") if "went" in one] == [
        "e1 went from PENDING to DONE; after PENDING may come RUNNING, FAILED"
    ]
    assert details(result, "test_two_threads")[-1] == "two threads changed e1 within one call of each other"


def test_a_parameter_that_is_not_there_is_a_blind_spot(project: Any) -> None:
    keys = '"shop.move:Canonical.update" = "nothing", "shop.gone:x" = "y", "shop.old.gone:Retired.update" = "z"'
    project.configure(f"keys = {{ {keys} }}")
    project.pytester.makepyfile(**{"shop/move": MOVE})
    result = project.run(test_it="import shop.move\ndef test_it():\n    shop.move.Canonical().update('e1')\n")
    (table,) = [one for one in result["ssots"] if one["blind_spots"]]
    assert {one["target"]: one["why"] for one in table["blind_spots"]} == {
        "shop.move:Canonical.update": "it has no parameter 'nothing'",
        "shop.gone:x": "there is no module 'shop.gone', so nothing of it is watched; write it, or correct the name",
    }
