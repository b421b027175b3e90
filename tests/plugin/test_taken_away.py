"""What a run watches by may be taken away by a test: that is noticed, said and put back, and never a traceback."""

from __future__ import annotations

import sys

import pytest

needs_monitoring = pytest.mark.skipif(sys.version_info < (3, 12), reason="the interpreter has no sys.monitoring")

QUIET = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:hypothesispytest")

FREES = """
import sys

def test_frees_every_id():
    for tool in range(6):
        if sys.monitoring.get_tool(tool) is not None:
            sys.monitoring.free_tool_id(tool)

def test_takes_every_id():
    for tool in range(6):
        if sys.monitoring.get_tool(tool) is not None:
            sys.monitoring.free_tool_id(tool)
        sys.monitoring.use_tool_id(tool, "theirs")

def test_after():
    pass
"""

TOLD = """
import builtins, sys
from pathlib import Path

def pytest_unconfigure(config):
    if not {where}:
        return
    monitoring = getattr(sys, "monitoring", None)
    tools = [monitoring.get_tool(tool) for tool in range(6)] if monitoring else []
    ours = [tool for tool in tools if tool and tool.startswith("pytest-ssot")]
    finders = [finder for finder in sys.meta_path if "ssot" in type(finder).__module__]
    standing = "ssot" in getattr(builtins.__import__, "__globals__", {}).get("__name__", "")
    (Path(__file__).parent / "left.txt").write_text(f"{ours} {finders} {standing}")
"""


@needs_monitoring
@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "worker"])
def test_a_test_that_frees_every_monitoring_id_ends_no_session_in_a_traceback(project, workers):
    project.pytester.makepyfile(FREES)
    result = project.pytester.runpytest_subprocess(*QUIET, *workers, "--ssot-phase=baseline")
    result.assert_outcomes(passed=3)
    assert result.ret == 0
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("workers", "where"), [((), "True"), (("-n1",), "hasattr(config, 'workerinput')")], ids=["alone", "worker"]
)
def test_nothing_is_watched_any_more_once_all_is_told(project, workers, where):
    project.pytester.makeconftest(TOLD.replace("{where}", where))
    project.pytester.makepyfile("from shop.old import OrderLog\n\ndef test_it():\n    OrderLog()\n")
    project.pytester.runpytest_subprocess(*QUIET, *workers, "--ssot-phase=baseline")
    assert (project.pytester.path / "left.txt").read_text() == "[] [] False"
