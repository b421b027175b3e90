"""Installed is not active: without configuration a run is what it would be without the plugin, byte for byte."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .project import clean_environment

SUITE = """
import warnings

import pytest


@pytest.fixture
def broken():
    raise RuntimeError("no")


def test_passes(): pass
def test_fails(): assert [1, 2] == [1, 3]
def test_errors(broken): pass
def test_skips(): pytest.skip("why not")
def test_warns(): warnings.warn("careful")
def test_prints(capsys): print("hello")


@pytest.mark.xfail
def test_xfails(): assert False


@pytest.mark.parametrize("n", [1, 2])
def test_many(n): assert n == 1


class TestShop:
    def test_inside(self): pass
"""

HEAVY = {
    "_ast",
    "ast",
    "bytecode",
    "coverage",
    "difflib",
    "dis",
    "html",
    "inspect",
    "jinja2",
    "json",
    "jsonschema",
    "multiprocessing",
    "pygments",
    "rich",
    "sqlite3",
    "tokenize",
    "tomli",
    "tomllib",
    "xml",
}
"""What importing the plugin must not load by itself; pytest loads some of these on its own account."""

EVENTS = re.compile(r"in \d+\.\d+s|\d+\.\d+s (setup|call|teardown)")


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (tmp_path / "test_it.py").write_text(SUITE)
    return tmp_path


def ran(root: Path, *arguments: str, plugin: str = "ssot_tracker") -> tuple[int, str]:
    """Return exit status and output of a run, timings made equal."""
    command = [sys.executable, "-m", "pytest", "-p", plugin, "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=root, env=clean_environment(root), capture_output=True, text=True, timeout=120)
    return done.returncode, EVENTS.sub("in 0s", done.stdout + done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--no-header",), id="plain"),
        pytest.param(("-vv", "-rA", "--no-header", "--setup-show", "--durations=3", "--durations-min=9"), id="verbose"),
        pytest.param(("--collect-only", "-q", "-W", "error"), id="collect-only"),
        pytest.param(("-p", "xdist", "-n", "2", "--no-header", "-q"), id="two workers"),
    ],
)
def test_output_and_exit_status_are_the_same_with_and_without_the_plugin(
    suite: Path, arguments: tuple[str, ...]
) -> None:
    with_plugin, without = ran(suite, *arguments), ran(suite, *arguments, plugin="no:ssot_tracker")
    if "xdist" in arguments:
        with_plugin, without = by_line(with_plugin), by_line(without)
    assert with_plugin == without


def by_line(outcome: tuple[int, str]) -> tuple[int, str]:
    """Return the outcome with its lines sorted and the progress dots too: two workers take turns as they like."""
    progress = set(".FEsx[] 0123456789%")
    lines = ["".join(sorted(line)) if set(line) <= progress else line for line in outcome[1].splitlines()]
    return outcome[0], "\n".join(sorted(re.sub(r"gw\d", "gw", line) for line in lines))


def test_the_header_names_the_plugin_as_pytest_does_and_says_nothing_else(suite: Path) -> None:
    _, with_plugin = ran(suite)
    _, without = ran(suite, plugin="no:ssot_tracker")
    assert re.sub(r"plugins: ssot-tracker-\S+\n", "", with_plugin) == without


def test_a_written_file_is_left_behind_by_neither(suite: Path) -> None:
    before = {path.name for path in suite.iterdir()}
    ran(suite)
    assert {path.name for path in suite.iterdir()} - before <= {"__pycache__"}


def test_no_hook_of_ours_is_registered_and_nothing_is_changed(suite: Path) -> None:
    (suite / "conftest.py").write_text(
        """
import builtins, json, sys

def pytest_sessionfinish(session):
    manager = session.config.pluginmanager
    hooks = {}
    for name, caller in vars(manager.hook).items():
        for impl in getattr(caller, "get_hookimpls", list)():
            if getattr(impl.function, "__module__", "").startswith("pytest_ssot_tracker"):
                hooks.setdefault(impl.plugin_name, []).append(name)
    print(json.dumps({
        "hooks": sorted(name for names in hooks.values() for name in names),
        "finders": [type(one).__module__ for one in sys.meta_path],
        "import": type(builtins.__import__).__name__,
        "build_class": type(builtins.__build_class__).__name__,
        "tools": [sys.monitoring.get_tool(n) for n in range(6)] if hasattr(sys, "monitoring") else [],
        "ours": sorted(name for name in sys.modules if name.startswith("pytest_ssot_tracker")),
    }), file=sys.__stderr__)
"""
    )
    command = [sys.executable, "-m", "pytest", "-p", "ssot_tracker", "-p", "no:cacheprovider", "-q", "-s"]
    done = subprocess.run(command, cwd=suite, env=clean_environment(suite), capture_output=True, text=True, timeout=120)
    found = json.loads(done.stderr.strip().splitlines()[-1])
    # What it takes to declare options, markers and fixtures, and to find out that there is no configuration.
    declaring = {"pytest_addoption", "pytest_configure", "pytest_load_initial_conftests", "pytest_addhooks"}
    assert set(found["hooks"]) <= declaring
    assert not [name for name in found["finders"] if name.startswith("pytest_ssot_tracker")]
    assert found["import"] == found["build_class"] == "builtin_function_or_method"
    assert not any(found["tools"])
    assert not [name for name in found["ours"] if name.split(".")[1:2] in (["detect"], ["scan"], ["judge"])]


LOADED = """
import sys
import pytest, _pytest.config, _pytest.assertion
before = set(sys.modules)
import pytest_ssot_tracker.plugin
print(*sorted(set(sys.modules) - before), sep="\\n")
"""


def test_importing_the_plugin_loads_nothing_heavy_beyond_what_pytest_has_loaded(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "pytest_ssot_tracker.plugin" in loaded
    assert not {name for name in loaded if name.partition(".")[0] in HEAVY}
    foreign = {name for name in loaded if not name.startswith("pytest_ssot_tracker")}
    assert len(foreign) <= 3, f"the plugin's import brings its own dependencies: {sorted(foreign)}"


RUN = """
import sys
import pytest
plugin = sys.argv[1]
pytest.main(["-q", "-p", plugin, "-p", "no:cacheprovider"])
open(sys.argv[2], "w").write("\\n".join(sorted(sys.modules)))
"""


def test_an_unconfigured_run_loads_nothing_heavy_either(suite: Path) -> None:
    loaded = {}
    for plugin in ("ssot_tracker", "no:ssot_tracker"):
        command = [sys.executable, "-c", RUN, plugin, "modules.txt"]
        subprocess.run(command, cwd=suite, env=clean_environment(suite), capture_output=True, check=True, timeout=120)
        loaded[plugin] = set((suite / "modules.txt").read_text().split())
    more = loaded["ssot_tracker"] - loaded["no:ssot_tracker"]
    assert "pytest_ssot_tracker.plugin" in more
    assert not {name for name in more if name.partition(".")[0] in HEAVY}
