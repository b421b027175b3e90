"""A test that runs in a forked process of its own, as with pytest-forked, is told of as any other."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no forks")

FORKS = """
import os, pickle
import pytest
from _pytest.runner import runtestprotocol


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    hook, where = item.ihook, dict(nodeid=item.nodeid, location=item.location)
    hook.pytest_runtest_logstart(**where)
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        told = runtestprotocol(item, log=False)
        with open(writer, "wb") as stream:
            stream.write(pickle.dumps([hook.pytest_report_to_serializable(config=item.config, report=r) for r in told]))
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as stream:
        data = stream.read()
    os.waitpid(pid, 0)
    if data:
        told = [hook.pytest_report_from_serializable(config=item.config, data=one) for one in pickle.loads(data)]
    else:
        told = [pytest.TestReport(item.nodeid, item.location, {}, "failed", "crashed", "call")]
    for report in told:
        hook.pytest_runtest_logreport(report=report)
    item.session._setupstate.teardown_exact(nextitem)
    hook.pytest_runtest_logfinish(**where)
    return True
"""

SUITE = """
import os, subprocess, sys
from unittest import mock
import pytest
import shop.core
from shop.service import second_tracker

CODE = "from shop.service import second_tracker as t; t(); t()"


@pytest.fixture(scope="session")
def wide():
    yield
    second_tracker()


def test_uses():
    second_tracker()


def test_innocent():
    pass


@pytest.mark.ssot_expect_violation("singleton-bypass")
def test_marked():
    second_tracker()


def test_starts_a_child():
    subprocess.run([sys.executable, "-c", CODE], check=True)


def test_wide(wide):
    pass


def test_replaces():
    with mock.patch.object(shop.core.Tracker, "__init__", return_value=None):
        second_tracker()


def test_crashes():
    second_tracker()
    os._exit(3)
"""


@pytest.fixture
def run(project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Return what runs the suite in a process of its own, each test forked from it."""
    monkeypatch.setenv("PYTHONPATH", str(project.pytester.path))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    project.pytester.makeconftest(FORKS)
    project.pytester.makepyfile(test_shop=SUITE)

    def run(*args: str) -> dict[str, Any]:
        plugins = [part for name in ("ssot_tracker", "xdist", "no:cacheprovider") for part in ("-p", name)]
        project.pytester.runpytest_subprocess(
            *plugins, "--no-ssot-scan", "--ssot-phase=baseline", "--ssot-report=json", *args
        )
        return json.loads(Path(project.pytester.path, "ssot-result.json").read_text())

    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield run
        assert list(Path(folder).glob("ssot-*")) == [], "what children wrote is removed"


def booked(result: dict[str, Any]) -> dict[str, int]:
    return {
        use["bucket"] if use["id"] is None else use["id"].rpartition("::")[2]: use["count"]
        for site in result["sites"]
        for use in site["tests"]
    }


def blind(result: dict[str, Any]) -> dict[str, str]:
    """Return the blind spots of each test, and those of the run, as text."""
    of_tests = {test["id"].rpartition("::")[2]: test.get("blind_spots", []) for test in result["tests"]}
    found = {name: f"{spot['target']}: {spot['why']}" for name, spots in of_tests.items() for spot in spots}
    return found | {spot["target"].rpartition("::")[2]: spot["why"] for spot in result["run"]["blind_spots"]}


REPLACED = "shop.core:Tracker: its __init__ was replaced meanwhile: not every call was seen"
CRASHED = "the process it ran in ended before it had told what the test used"
USES = {"test_uses": 1, "test_marked": 1, "teardown": 1}


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_what_a_forked_test_does_is_its_own_and_one_that_crashes_is_a_blind_spot(run, workers: tuple[str, ...]):
    result = run(*workers)
    assert booked(result) == USES
    not_asked = "python -c: child processes are watched with --ssot-subprocess only"
    assert blind(result) == {"test_replaces": REPLACED, "test_starts_a_child": not_asked, "test_crashes": CRASHED}
    outcomes = {test["id"].rpartition("::")[2]: test["outcome"] for test in result["tests"]}
    assert (outcomes["test_uses"], outcomes["test_marked"]) == ("passed", "xfailed")


def test_it_is_no_child_of_a_test_where_children_are_watched(run):
    result = run("--ssot-subprocess")
    assert booked(result) == {**USES, "test_starts_a_child": 2}
    assert blind(result) == {"test_replaces": REPLACED, "test_crashes": CRASHED}
    assert {use["thread"] for site in result["sites"] for use in site["tests"]} == {None, "child process"}
