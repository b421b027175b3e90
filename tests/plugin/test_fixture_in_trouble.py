"""The fixture of a table when something fails, waits, runs elsewhere or is asked for twice: the state is put back."""

from __future__ import annotations

import json
from typing import Any

import pytest

CORE = """
import asyncio, contextvars

current = contextvars.ContextVar("current", default=None)

class Tracker:
    def __init__(self):
        self.orders = {}
        self.gate = asyncio.Lock()
    def place(self, order):
        current.set(order)
        self.orders[order] = "placed"
    async def serve(self, order):
        async with self.gate:
            await asyncio.sleep(0)
            self.place(order)

class Log:
    def __init__(self):
        self.orders = {}
    def place(self, order):
        self.orders[order] = "placed"

_tracker = _log = None
broken = stuck = False

def get_tracker():
    global _tracker
    if broken: raise ConnectionError("no broker")
    if _tracker is None:
        _tracker = Tracker()
    return _tracker

def get_log():
    global _log
    if _log is None:
        _log = Log()
    return _log

def reset(tracker):
    tracker.orders.clear()
    if stuck:
        raise LookupError("half way")

def make_id(): return "1"
"""

ASYNC = """
import asyncio, pytest
from shop.core import current, get_tracker

async def use(tracker):
    assert (tracker.orders, current.get()) == ({}, None)
    await asyncio.gather(*(tracker.serve(name) for name in "abc"))
    assert sorted(tracker.orders) == ["a", "b", "c"]

@pytest.mark.asyncio
async def test_one(order_tracker): await use(order_tracker)
@pytest.mark.asyncio
async def test_two(order_tracker): await use(order_tracker)
@pytest.mark.asyncio(loop_scope="session")
async def test_of_the_session(order_tracker): await use(order_tracker)
@pytest.mark.asyncio(loop_scope="module")
async def test_of_the_module(order_tracker): await use(order_tracker)
@pytest.mark.asyncio(loop_scope="session")
async def test_of_the_session_again(order_tracker): await use(order_tracker)
@pytest.mark.asyncio
async def test_without(): await get_tracker().serve("x")
@pytest.mark.asyncio
async def test_three(order_tracker): await use(order_tracker)
def test_plain(order_tracker): asyncio.run(use(order_tracker))
"""


@pytest.fixture
def shop(project: Any) -> Any:
    (project.pytester.path / "shop" / "core.py").write_text(CORE)
    return project


def run(shop: Any, tests: str, *args: str, table: str = "", tables: str = "", loops: bool = False) -> pytest.RunResult:
    shop.configure(table, tables)
    shop.pytester.makepyfile(test_it=tests)
    off = () if loops else ("-p", "no:asyncio")
    more = ("-o", "asyncio_default_fixture_loop_scope=function") if loops else ()
    return shop.pytester.runpytest_subprocess(
        "-p", "no:randomly", *off, *more, "--no-ssot-scan", "--ssot-report=json", *args
    )  # type: ignore[no-any-return]


def spots(shop: Any) -> list[str]:
    result = json.loads((shop.pytester.path / "ssot-result.json").read_text())
    return [spot["target"] for table in result["ssots"] for spot in table["blind_spots"]]


@pytest.mark.parametrize("reset", ["state", "instance", "shop.core:reset"])
def test_asynchronous_tests_on_loops_of_every_scope_are_handed_free_locks(shop: Any, reset: str) -> None:
    tests = (
        ASYNC
        if reset != "shop.core:reset"
        else ASYNC.replace("(tracker.orders, current.get()) == ({}, None)", "not tracker.orders")
    )
    run(shop, tests, table=f'reset = "{reset}"', loops=True).assert_outcomes(passed=8)
    if reset == "state":
        assert spots(shop) == []


def test_workers_and_their_loops(shop: Any) -> None:
    run(shop, ASYNC, "-n2", loops=True).assert_outcomes(passed=8)


TROUBLE = """
import pytest
import shop.core
from shop.core import get_tracker

def test_first(): get_tracker().place("app")
@pytest.fixture
def trouble():
    shop.core.{flag} = True
    yield
    shop.core.{flag} = False
def test_it(trouble, order_tracker): pass
def test_after():
    assert get_tracker().orders == {{"app": "placed"}}
def test_works_again(order_tracker):
    assert order_tracker.orders == {{}}
"""


def test_a_function_that_fails_half_way_is_an_error_and_everything_is_as_it_was(shop: Any) -> None:
    result = run(shop, TROUBLE.format(flag="stuck"), table='reset = "shop.core:reset"')
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*LookupError: half way"])


def test_an_accessor_that_fails_is_an_error_and_everything_is_as_it_was(shop: Any) -> None:
    result = run(shop, TROUBLE.format(flag="broken"))
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*accessors: shop.core:get_tracker raised ConnectionError: no broker"])


def test_each_attempt_of_a_rerun_starts_fresh(shop: Any) -> None:
    tests = """
from shop.core import get_tracker
tries = []
def test_it(order_tracker):
    assert order_tracker.orders == {}
    order_tracker.place("a")
    tries.append(1)
    assert len(tries) == 3
def test_after(): assert get_tracker().orders == {}
"""
    result = run(shop, tests, "--reruns", "2", "-p", "rerunfailures")
    result.assert_outcomes(passed=2)


WIDE = """
import pytest
from shop.core import get_tracker

@pytest.fixture
def other(order_tracker):
    order_tracker.place("other")
    return order_tracker

def test_one(other, order_tracker, ssot):
    assert other is order_tracker is ssot["orders"]
    assert order_tracker.orders == {"other": "placed"}

def test_two(order_tracker, ssot):
    assert ssot["orders"].orders == {}
    assert get_tracker() is order_tracker

@pytest.fixture(scope="module")
def wide(order_tracker): pass

def test_three(wide): pass
"""


def test_fixtures_of_one_test_share_the_singleton_and_a_wider_one_cannot_ask_for_it(shop: Any) -> None:
    result = run(shop, WIDE)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*ScopeMismatch*function scoped*order_tracker*module scoped*"])


TWO = """
from shop.core import get_log, get_tracker

def test_both(order_tracker, log):
    order_tracker.place("a")
    log.place("b")
    assert (order_tracker.orders, log.orders) == ({"a": "placed"}, {"b": "placed"})

def test_each(log, order_tracker, ssot):
    assert (order_tracker.orders, log.orders) == ({}, {})
    assert (ssot["log"], ssot["orders"]) == (log, order_tracker)

def test_without():
    assert (get_tracker().orders, get_log().orders) == ({}, {})
"""

SECOND = """
[tool.ssot_tracker.ssot.log]
canonical = "shop.core:Log"
accessors = ["shop.core:get_log"]
fixture   = "log"
"""


def test_two_tables_are_put_back_each_by_itself(shop: Any) -> None:
    run(shop, TWO, tables=SECOND).assert_outcomes(passed=3)
    assert spots(shop) == []
