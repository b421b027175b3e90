"""What a test sends carries its id in OpenTelemetry's baggage, wherever it is sent from, and never another test's."""

from __future__ import annotations

import concurrent.futures.thread  # noqa: F401 - else each run in this process has another, which the package does not use
import re
import sys
from pathlib import Path
from urllib.parse import unquote_plus

import pytest
from conftest import Project  # type: ignore[import-not-found]

HEADER = """
from opentelemetry import baggage, context, propagate


def sends(name):
    carrier = {}
    propagate.inject(carrier)
    with open("sent", "a") as stream:
        stream.write(f"{name}\t{carrier.get('baggage')}\\n")
"""


@pytest.fixture
def sent(project: Project) -> object:
    """Return what runs a test module, and gives back what it sent: a name and the baggage."""
    pytest.importorskip("opentelemetry.baggage")
    pytest.importorskip("opentelemetry.propagate")

    def run(text: str, *options: str, plugins: str = "no:asyncio") -> dict[str, str]:
        project.pytester.makepyfile(sending=HEADER)
        project.pytester.makepyfile(test_it=f"from sending import *\n{text}")
        words = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", plugins, "--no-ssot-scan", *options]
        done = project.pytester.runpytest_inprocess(*words)
        done.assert_outcomes(passed=text.count("def test_"))
        lines = Path(project.pytester.path, "sent").read_text().splitlines()
        told = {name: unquote_plus(baggage) for name, _, baggage in (line.partition("\t") for line in lines)}
        return {name: re.sub(r",ssot\.attempt=[0-9a-f]+\.\d+", "", baggage) for name, baggage in told.items()}

    return run


A, B = "ssot.test=test_it.py::test_a", "ssot.test=test_it.py::test_b"
LEFT = "ssot.test=::test_it.py::test_a"


def test_each_step_of_a_test_sends_its_id_and_a_wide_teardown_sends_none(sent) -> None:
    assert sent("""
import pytest

@pytest.fixture(scope="module")
def wide():
    sends("wide set-up")
    yield
    sends("wide teardown")

@pytest.fixture
def narrow():
    sends("set-up")
    yield
    sends("teardown")

def test_a(wide, narrow):
    assert baggage.get_baggage("ssot.test") == "test_it.py::test_a"
    sends("call")

def test_b(wide):
    sends("next")
""") == {
        "wide set-up": A,
        "set-up": A,
        "call": A,
        "teardown": A,
        "next": B,
        "wide teardown": "None",
    }


def test_threads_and_executors_send_the_id_of_the_test_that_gave_them_work(sent) -> None:
    assert sent("""
import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(1)

def test_a():
    thread = threading.Thread(target=sends, args=["thread"])
    thread.start()
    thread.join()
    timer = threading.Timer(0, sends, ["timer"])
    timer.start()
    timer.join()
    pool.submit(sends, "work").result()

def test_b():
    pool.submit(sends, "next work").result()
""") == {"thread": A, "timer": A, "work": A, "next work": B}


def test_what_a_test_left_running_says_that_the_test_is_over(sent) -> None:
    assert sent("""
import threading

go, gone = threading.Event(), threading.Event()

def left():
    go.wait()
    sends("left")
    thread = threading.Thread(target=sends, args=["started by what was left"])
    thread.start()
    thread.join()
    gone.set()

def test_a():
    threading.Thread(target=left).start()

def test_b():
    go.set()
    gone.wait()
    sends("running")
""") == {"left": LEFT, "started by what was left": LEFT, "running": B}


def test_tasks_send_the_id_of_their_test(sent) -> None:
    assert sent("""
import asyncio

loop = asyncio.new_event_loop()

async def work(name):
    await asyncio.sleep(0)
    sends(name)
    await asyncio.to_thread(sends, f"{name}'s thread")
    await asyncio.get_running_loop().run_in_executor(None, sends, f"{name}'s executor")

async def both():
    await asyncio.gather(work("one"), asyncio.create_task(work("two")))

async def left():
    await asyncio.sleep(0.05)
    sends("left")

async def leave():
    global task
    task = asyncio.create_task(left())

def test_a():
    loop.run_until_complete(both())
    loop.run_until_complete(leave())

def test_b():
    loop.run_until_complete(asyncio.wait_for(task, 5))
    loop.run_until_complete(work("next"))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
""") == {
        **{f"{name}{more}": A for name in ("one", "two") for more in ("", "'s thread", "'s executor")},
        **{f"next{more}": B for more in ("", "'s thread", "'s executor")},
        "left": LEFT,
    }


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio has no runner")
def test_a_runner_that_is_wider_than_a_test_sends_the_id_of_the_test_that_runs(sent) -> None:
    assert sent("""
import asyncio

runner = asyncio.Runner()

async def work(name):
    sends(name)

def test_a():
    runner.run(work("first"))

def test_b():
    runner.run(work("next"))
    runner.close()
""") == {"first": A, "next": B}


def test_what_the_program_attaches_is_not_lost(sent) -> None:
    assert sent("""
import pytest

@pytest.fixture(scope="module")
def attached():
    token = context.attach(baggage.set_baggage("tenant", "blue"))
    yield
    context.detach(token)

def test_a(attached):
    sends("first")

def test_b(attached):
    sends("next")
""") == {"first": f"tenant=blue,{A}", "next": f"tenant=blue,{B}"}


def test_what_is_loaded_within_a_test_knows_its_id_at_once(project: Project) -> None:
    pytest.importorskip("opentelemetry.baggage")
    outcomes = project.outcomes(
        test_it="""
def test_a():
    from opentelemetry import baggage
    assert baggage.get_baggage("ssot.test") == "test_it.py::test_a"
"""
    )
    assert outcomes == {"test_a": "passed"}


def test_nothing_of_opentelemetry_is_loaded_by_us(project: Project) -> None:
    project.pytester.makepyfile(
        test_it="""
import sys

def test_a():
    assert not [name for name in sys.modules if name.startswith("opentelemetry")]
"""
    )
    project.pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)
