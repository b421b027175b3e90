"""State that a thread or a task of an earlier test leaves behind is not the leak of the test that happens to run."""

from __future__ import annotations

from typing import Any

SUITE = """
import asyncio, threading, time
from concurrent.futures import ThreadPoolExecutor
from shop.core import get_tracker

GO, DONE, NEVER = threading.Event(), threading.Event(), threading.Event()
LOOP = asyncio.new_event_loop()
POOL = ThreadPoolExecutor(1)

def later():
    GO.wait(10)
    get_tracker().place("late")
    DONE.set()

async def at_last():
    await asyncio.sleep(0.01)
    get_tracker().place("task")
    await asyncio.sleep(60)

def test_{first}():
    get_tracker()
    {start}

def test_second():
    {second}

def test_end():
    NEVER.set()
    LOOP.close()
    POOL.shutdown()
"""


def leaks(project: Any, *, start: str, second: str) -> list[tuple[str | None, str | None, str | None]]:
    result = project.run(test_it=SUITE.format(first="first", start=start, second=second))
    assert {test["outcome"] for test in result["tests"]} == {"passed"}
    assert project.result.ret == 0  # a leak is recorded and fails nothing
    return [
        (one["id"] and one["id"].rpartition("::")[2], one.get("bucket"), one.get("origin"))
        for site in result["sites"]
        if site["rule"] == "state-leak"
        for one in site["tests"]
    ]


LATE = "threading.Thread(target=later, daemon=True).start()"


def test_a_thread_that_writes_later_is_the_earlier_test_s(project: Any) -> None:
    found = leaks(project, start=LATE, second="GO.set(); assert DONE.wait(10)")
    assert found == [(None, "unattributed", "a thread started by test_it.py::test_first")]


def test_work_of_an_executor_that_writes_later_is_the_earlier_test_s(project: Any) -> None:
    found = leaks(project, start="POOL.submit(later)", second="GO.set(); assert DONE.wait(10)")
    ((test, bucket, origin),) = found
    assert (test, bucket) == (None, "unattributed")
    assert origin is not None
    assert origin.endswith("started by test_it.py::test_first")


def test_a_task_that_writes_later_is_the_earlier_test_s(project: Any) -> None:
    start = "global TASK; TASK = LOOP.create_task(at_last()); LOOP.run_until_complete(asyncio.sleep(0))"
    found = leaks(project, start=start, second="LOOP.run_until_complete(asyncio.sleep(0.05)); TASK.cancel()")
    assert found == [(None, "unattributed", "a task started by test_it.py::test_first")]


def test_what_only_waits_leaves_a_test_its_own_leak(project: Any) -> None:
    waits = "threading.Thread(target=NEVER.wait, daemon=True).start(); POOL.submit(int).result()"
    found = leaks(project, start=waits, second="get_tracker().place('own')")
    assert found == [("test_second", None, None)]
