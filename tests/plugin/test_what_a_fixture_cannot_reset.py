"""What a fixture hands out and does not reset is told once, as a blind spot of its table, in every report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CORE = """
import io, itertools, logging, sqlite3, threading, asyncio
log = logging.getLogger("shop.core")
class Tracker:
    serial = itertools.count(1)
    def __init__(self):
        self.orders = {{}}
        self.log = open({path!r}, "a")
        self.notes = io.StringIO()
        self.lock = threading.Lock()
        self.gate = asyncio.Lock()
    def place(self, order):
        self.orders[order] = next(self.serial)
        self.notes.write(order)
        log.setLevel("DEBUG")
_tracker = None
def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
    return _tracker
def make_id(): return "1"
"""

TESTS = """
import threading
from shop.core import get_tracker, log
def use(tracker):
    assert (tracker.orders, tracker.notes.getvalue(), log.level) == ({}, "", 0)
    assert tracker.lock.acquire(blocking=False)
    tracker.lock.release()
    tracker.place("x")
    assert tracker.orders == {"x": 1}
    tracker.log.write("x")
    threading.Thread(target=tracker.lock.acquire).start()
def test_before(): get_tracker().place("a")
def test_one(order_tracker): use(order_tracker)
def test_two(order_tracker): use(order_tracker)
def test_three(order_tracker): use(order_tracker)
"""


@pytest.fixture
def shop(project: Any, tmp_path: Path) -> Any:
    (project.pytester.path / "shop" / "core.py").write_text(CORE.format(path=str(tmp_path / "log.txt")))
    project.pytester.makepyfile(test_it=TESTS)
    return project


def run(shop: Any, *args: str) -> pytest.RunResult:
    # In a process of its own, where the file that the tracker opens is nobody's leak.
    return shop.pytester.runpytest_subprocess(  # type: ignore[no-any-return]
        "-p", "no:randomly", "--no-ssot-scan", "--ssot-report=json", "--ssot-report=html", *args
    )


def spots(shop: Any) -> list[dict[str, Any]]:
    result = json.loads((shop.pytester.path / "ssot-result.json").read_text())
    (table,) = [table for table in result["ssots"] if table["name"] == "orders"]
    return table["blind_spots"]  # type: ignore[no-any-return]


WHY = (
    "the fixture order_tracker does not reset it, a _io.TextIOWrapper: what was written to an open file, and where it "
    'stands, stay; name a function that does, reset = "pkg.mod:callable", or make it anew in the test'
)


def test_it_is_told_once_in_every_report(shop: Any) -> None:
    result = run(shop)
    result.assert_outcomes(passed=4)
    assert [(spot["target"], spot["why"]) for spot in spots(shop)] == [("shop.core:Tracker.log", WHY)]
    assert sum("shop.core:Tracker.log" in line for line in result.stdout.lines) == 1
    pages = [page.read_text() for page in (shop.pytester.path / "ssot_html").glob("*.html")]
    assert any("shop.core:Tracker.log" in page for page in pages)
    assert "clean" not in result.stdout.lines[-2]


def test_workers_tell_it_once(shop: Any) -> None:
    run(shop, "-n2").assert_outcomes(passed=4)
    assert [spot["target"] for spot in spots(shop)] == ["shop.core:Tracker.log"]


def test_strict_blind_spots_fail_the_session(shop: Any) -> None:
    result = run(shop, "--ssot-strict-blind-spots")
    result.assert_outcomes(passed=4)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_nothing_is_told_where_nobody_asked_for_the_fixture(shop: Any) -> None:
    run(shop, "-k", "before")
    assert spots(shop) == []
