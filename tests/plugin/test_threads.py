"""What a thread, an executor or a task does belongs to the test that started it while that runs, else to nobody."""

from __future__ import annotations

from typing import Any

import pytest

SUITE = """
import asyncio
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

from shop.core import get_tracker
from shop.service import second_tracker

POOL = ThreadPoolExecutor(1)
go, done = threading.Event(), threading.Event()
loop = asyncio.new_event_loop()


def teardown_module():
    loop.close()


def test_thread():
    thread = threading.Thread(target=lambda: second_tracker())
    thread.start()
    thread.join()


def test_timer():
    timer = threading.Timer(0.001, lambda: second_tracker())
    timer.start()
    timer.join()


def test_thread_of_a_thread():
    def outer():
        inner = threading.Thread(target=lambda: second_tracker())
        inner.start()
        inner.join()

    thread = threading.Thread(target=outer)
    thread.start()
    thread.join()


def test_executor():
    POOL.submit(lambda: second_tracker()).result()


def test_the_same_executors_old_thread():
    POOL.submit(lambda: second_tracker()).result()


def test_an_executor_that_ends():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: second_tracker()).result()


def test_a_thread_that_may_get_its_ident():
    thread = threading.Thread(target=lambda: second_tracker())
    thread.start()
    thread.join()


def test_to_thread():
    async def main():
        await asyncio.to_thread(lambda: second_tracker())

    loop.run_until_complete(main())


def test_run_in_executor():
    async def main():
        await asyncio.get_running_loop().run_in_executor(POOL, lambda: second_tracker())

    loop.run_until_complete(main())


def test_task():
    async def work():
        second_tracker()

    async def main():
        await asyncio.create_task(work())

    loop.run_until_complete(main())


def test_finalizer():
    class Last:
        def __del__(self):
            second_tracker()

    Last()


def test_signal_handler():
    signal.signal(signal.SIGUSR1, lambda *_: second_tracker())
    signal.raise_signal(signal.SIGUSR1)


def test_leaves_a_thread():
    def late():
        go.wait()
        second_tracker()
        done.set()

    threading.Thread(target=late, name="straggler", daemon=True).start()


def test_leaves_a_task():
    async def late():
        await asyncio.sleep(0.01)
        second_tracker()

    async def main():
        tasks.append(asyncio.create_task(late(), name="leftover"))

    loop.run_until_complete(main())


tasks = []


def test_while_a_task_is_left():
    second_tracker()


def test_innocent_beside_a_thread():
    go.set()
    assert done.wait(10)


def test_innocent_beside_a_task():
    loop.run_until_complete(tasks[0])
    POOL.shutdown()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
"""

BLAMED = {
    "test_thread",
    "test_timer",
    "test_thread_of_a_thread",
    "test_executor",
    "test_the_same_executors_old_thread",
    "test_an_executor_that_ends",
    "test_a_thread_that_may_get_its_ident",
    "test_to_thread",
    "test_run_in_executor",
    "test_task",
    "test_finalizer",
    "test_while_a_task_is_left",
    "test_signal_handler",
}


@pytest.fixture
def result(project) -> dict[str, Any]:
    return project.run(test_shop=SUITE)


def test_each_violation_fails_the_test_that_started_it_and_no_other(result):
    failed = {test["id"].rpartition("::")[2] for test in result["tests"] if test["outcome"] != "passed"}
    assert failed == BLAMED


def test_what_outlives_its_test_is_unattributed_with_its_origin(result):
    seen = [one for site in result["sites"] for one in site["tests"] if one.get("bucket") == "unattributed"]
    assert {(one["origin"], one["thread"]) for one in seen} == {
        ("a thread started by test_shop.py::test_leaves_a_thread", "straggler"),
        ("a task started by test_shop.py::test_leaves_a_task", "leftover"),
    }
    assert any(reason.startswith("unattributed: ") for reason in result["failures"])


def test_a_thread_is_named_where_it_is_not_the_tests_own(result):
    threads = {
        one["id"].rpartition("::")[2]: one["thread"]
        for site in result["sites"]
        for one in site["tests"]
        if one["id"] is not None
    }
    assert threads["test_task"] is None
    assert threads["test_executor"].startswith("ThreadPoolExecutor")


@pytest.mark.slow
def test_a_late_thread_never_moves_a_verdict_in_200_runs(project):
    project.pytester.makepyfile(
        test_shop="""
        import random, threading, time
        import pytest
        from shop.service import second_tracker

        @pytest.mark.parametrize("number", range(200))
        def test_starts(number):
            delay = random.Random(number).random() / 200
            threading.Thread(target=lambda: (time.sleep(delay), second_tracker()), name=f"late-{number}").start()

        @pytest.mark.parametrize("number", range(200))
        def test_innocent(number):
            time.sleep(random.Random(-number).random() / 200)
        """
    )
    result = project.run("-p", "randomly", "--randomly-seed=1")
    seen = [one for site in result["sites"] for one in site["tests"]]
    assert sum(one["count"] for one in seen) == 200
    assert {test["outcome"] for test in result["tests"] if "innocent" in test["id"]} == {"passed"}
    blamed = {one["id"] for one in seen if one["id"] is not None}
    assert all("test_starts" in test for test in blamed)
