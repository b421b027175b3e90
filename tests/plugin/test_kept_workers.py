"""What kept threads, pools and greenlets do belongs to the test that gave it to them, or to nobody."""

from __future__ import annotations

import json
from typing import Any

import pytest

POOLS = """
import threading
import time
from multiprocessing.pool import ThreadPool
from concurrent.futures import ThreadPoolExecutor

from shop.core import Tracker
from shop.service import second_tracker

JOBS, EXECUTOR = ThreadPool(1), ThreadPoolExecutor(1)
ready, go = threading.Event(), threading.Event()


def test_first():
    JOBS.map(len, ["a"])
    EXECUTOR.submit(len, "a").result()


def test_job():
    JOBS.apply(second_tracker)


def test_class_as_a_job():
    assert JOBS.map(lambda _: 1, "a") == [1]
    assert len(JOBS.starmap(Tracker, [()])) == 1


def test_lazy_job():
    assert list(JOBS.imap(lambda _: second_tracker() and 1, "a")) == [1]


def test_executor():
    EXECUTOR.submit(second_tracker).result()


def test_leaves_a_job():
    def late():
        ready.set()
        go.wait(10)
        second_tracker()

    JOBS.apply_async(late)
    assert ready.wait(10)


def test_innocent():
    go.set()
    JOBS.apply(len, "a")


def test_ends():
    JOBS.close()
    JOBS.join()
    EXECUTOR.shutdown()
"""

GREENLETS = """
import gevent
import gevent.pool
import greenlet
import pytest

from shop.core import Tracker
from shop.service import second_tracker

left = []


def later():
    gevent.sleep(0.01)
    second_tracker()


def test_spawned():
    gevent.spawn(second_tracker).join()


def test_nested():
    gevent.spawn(lambda: gevent.spawn(second_tracker).join()).join()


def test_pool():
    gevent.pool.Pool(2).map(lambda _: second_tracker(), [1, 2])


def test_class_itself():
    gevent.spawn(Tracker).join()


def test_plain_greenlet():
    greenlet.greenlet(second_tracker).switch()


def test_leaves_one():
    left.append(gevent.spawn(later))


def test_innocent():
    gevent.sleep(0.05)


@pytest.mark.parametrize("leaves", [True, False])
def test_alike(leaves):
    if leaves:
        left.append(gevent.spawn_later(0.01, second_tracker))
    else:
        gevent.sleep(0.05)
"""

TASKS = """
import asyncio
from shop.service import second_tracker


async def work():
    second_tracker()


async def main():
    await asyncio.create_task(work(), name="child-task")
    await asyncio.create_task(work())


def test_named():
    second_tracker()
    asyncio.run(main())
    second_tracker()


def test_again():
    for _ in range(3):
        asyncio.run(main())
        second_tracker()
"""

CONTEXTS = """
import threading
import anyio
import anyio.from_thread
from shop.core import Tracker
from shop.service import second_tracker

portals = anyio.from_thread.start_blocking_portal()
portal = portals.__enter__()


def run(function):
    return portal.call(anyio.to_thread.run_sync, function)


def test_first():
    run(lambda: 1)


def test_second():
    run(second_tracker)


def test_class_itself():
    run(Tracker)


def test_innocent():
    run(lambda: 1)


def test_ends():
    portals.__exit__(None, None, None)
"""


def run_apart(project: Any, suite: str) -> dict[str, Any]:
    """Return the result of a run in a process of its own: gevent and executors do not bear to be imported twice."""
    project.pytester.makepyfile(test_shop=suite)
    options = ("-p", "no:randomly", "-p", "no:cacheprovider", "--no-ssot-scan", "--ssot-report=json")
    project.pytester.runpytest_subprocess(*options)
    result: dict[str, Any] = json.loads((project.pytester.path / "ssot-result.json").read_text())
    return result


def failed(result: dict[str, Any]) -> set[str]:
    return {test["id"].rpartition("::")[2] for test in result["tests"] if test["outcome"] != "passed"}


def unattributed(result: dict[str, Any]) -> list[str]:
    seen = [one for site in result["sites"] for one in site["tests"] if one.get("bucket") == "unattributed"]
    return sorted(one["origin"] for one in seen)


def at(result: dict[str, Any], test: str) -> list[tuple[str, str | None, str | None, int]]:
    found = [
        (site["text"], one["via"], one["thread"], one["count"])
        for site in result["sites"]
        for one in site["tests"]
        if (one["id"] or "").endswith(f"::{test}")
    ]
    return sorted(found, key=str)


def test_a_pool_of_threads_that_is_kept_works_for_the_test_that_gave_it_the_job(project):
    result = run_apart(project, POOLS)
    assert failed(result) == {"test_job", "test_class_as_a_job", "test_lazy_job", "test_executor"}
    assert unattributed(result) == ["a job of a pool started by test_shop.py::test_leaves_a_job"]
    ((text, via, _, count),) = at(result, "test_class_as_a_job")
    assert (text, via, count) == ("assert len(JOBS.starmap(Tracker, [()])) == 1", "multiprocessing.pool", 1)


def test_a_greenlet_belongs_to_the_test_that_spawned_it(project):
    pytest.importorskip("gevent")
    result = run_apart(project, GREENLETS)
    assert failed(result) == {"test_spawned", "test_nested", "test_pool", "test_class_itself", "test_plain_greenlet"}
    assert unattributed(result) == [
        "a greenlet started by test_shop.py::test_alike[True]",
        "a greenlet started by test_shop.py::test_leaves_one",
    ]
    assert [text for text, *_ in at(result, "test_class_itself")] == ["gevent.spawn(Tracker).join()"]


def test_a_task_that_was_given_a_name_is_named(project):
    result = project.run(test_shop=TASKS)
    assert [(thread, count) for _, _, thread, count in at(result, "test_named")] == [("child-task", 1), (None, 3)]
    assert [(thread, count) for _, _, thread, count in at(result, "test_again")] == [("child-task", 3), (None, 6)]


def test_a_thread_that_runs_in_the_context_of_a_later_test_works_for_that(project):
    pytest.importorskip("anyio")
    result = project.run(test_shop=CONTEXTS)
    assert failed(result) == {"test_second", "test_class_itself"}
    assert unattributed(result) == []
