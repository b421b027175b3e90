"""Part 1: the test runner runs what it is asked for, and says so when that is nothing."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shared.isolated_environment import environment
from tests.unified_test_runner import main

pytestmark = pytest.mark.ssot_rollback_trigger

CHOSEN = """
import os
import pytest

def test_first_websocket(): assert False, "the first fails"
def test_second_agent_state(): assert False, "the second fails"
@pytest.mark.slow
def test_slow(): pass
@pytest.mark.real_services
def test_real_websocket(request):
    if request.config.pluginmanager.hasplugin("ssot_tracker"):
        assert request.config.getini("ssot_subprocess"), "the server's process is not watched"
@pytest.mark.real_services
@pytest.mark.slow
def test_real_slow(): pass
def test_environment(): assert os.environ["WEBSOCKET_URL"] == "ws://127.0.0.1:0/staging"
def test_timeout(): assert os.environ["AGENT_TIMEOUT_SECONDS"] == "30"
def test_level(): assert os.environ["LOG_LEVEL"] == "INFO"
def test_name(): assert os.environ["ENVIRONMENT"] == "staging"
"""
FILE = "tests/mission_critical/test_chosen.py"
SETTINGS = {"test_environment", "test_timeout", "test_level", "test_name"}
FAILING = {"test_first_websocket", "test_second_agent_state"}

RUN = {  # what is asked for: the exit status, and the tests that run
    f"--file {FILE} --env staging --no-docker": (1, FAILING | SETTINGS | {"test_slow"}),
    f"--file {FILE}": (1, FAILING | SETTINGS | {"test_slow"}),
    f"--file {FILE} --fast-fail": (1, {"test_first_websocket"}),
    f"--file {FILE}::test_slow": (0, {"test_slow"}),
    "--pattern *WebSocket*": (1, {"test_first_websocket"}),
    "--category mission_critical -m slow": (0, {"test_slow"}),
    "--category mission_critical -m slow --real-services": (0, {"test_slow", "test_real_slow"}),
    "--categories mission_critical --pattern *real* -m 'not slow' --real-services": (0, {"test_real_websocket"}),
    f"--file {FILE} --pattern *_S* -k 'slow or state'": (1, {"test_slow", "test_second_agent_state"}),
    "--pattern *test_real_websocket --real-services -p ssot_tracker": (0, {"test_real_websocket"}),
}
REFUSED = {  # what is asked for: what is said of it
    "--pattern *websokcet*": '--pattern *websokcet*: no test matches; the nearest are "*websocket*"',
    f"--file {FILE} --pattern *agnet_state*": '"*agent_state*"',
    "--pattern zebra": "no test matches; there are 9 tests, none of them like it",
    f"--file {FILE} --pattern *real*": "all 2 tests asked for talk to the real server: add --real-services",
    "--file tests/unified_test_runner.py": "tests/unified_test_runner.py: there is no test in it",
    "--categories mission_critical integration": "tests/integration: there is no test in it",
    "--file tests/mission_critical/test_chsoen.py": "no such file below {root}; the nearest are " + FILE,
    "--file tests": "--file tests: there is no such file",
    "--category mission_critcal": "there is no such category; the nearest are mission_critical",
    "--category zebra": "there is no such category; there are infrastructure, unit, integration, e2e, mission_critical",
    "--categories mission_critical performance": "--category performance: there is no such category",
    "--categories mission_critical e2e": "--category e2e: this tree has no such tests",
    "--env moon": "there is no moon.env in environments/; there are development, staging",
    "--real-services --no-docker": "needs no Docker",
}

DRIVER = """
import contextlib, io, json, os, shlex, sys
sys.path.insert(0, os.getcwd())
from tests.unified_test_runner import main
told, kept = {}, dict(os.environ)
for request in json.load(sys.stdin):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            status = main([*shlex.split(request), "-vv", "-p", "no:cacheprovider"])
        except SystemExit as ended:
            status = ended.code
    os.environ.clear()
    os.environ.update(kept)
    told[request] = [status, said.getvalue()]
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tree with the platform's own runner: one file of tests to choose from, and one without."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copytree("environments", root / "environments")
    for folder in ("mission_critical", "integration"):
        (root / "tests" / folder).mkdir(parents=True)
    for name in ("__init__.py", "runner_plugin.py", "unified_test_runner.py"):
        shutil.copy(Path("tests", name), root / "tests" / name)
    (root / FILE).write_text(CHOSEN, encoding="utf-8")
    (root / "tests/integration/test_later.py").write_text('"""Nothing yet."""\n', encoding="utf-8")
    (root / "pytest.ini").write_text("[pytest]\nmarkers =\n  slow\n  real_services\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def outcomes(tree: Path) -> dict[str, tuple[int, str]]:
    """The exit status of each request and all that was said, from one process that makes them one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        cwd=tree,
        env={**environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        input=json.dumps([*RUN, *REFUSED]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def ran(said: str) -> set[str]:
    """Return the names of the tests that a verbose run tells of."""
    return set(re.findall(r"^\S+::(\w+) (?:PASSED|FAILED|ERROR)", said, re.MULTILINE))


def test_the_test_runner_can_be_called() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0


@pytest.mark.parametrize("request_", RUN)
def test_what_is_asked_for_is_run_and_nothing_else(outcomes, request_: str) -> None:
    status, said = outcomes[request_]
    assert (status, ran(said)) == RUN[request_], said


def test_the_environment_asked_for_is_what_the_tests_see(outcomes) -> None:
    with_it, without = (outcomes[f"--file {FILE}{more}"][1] for more in (" --env staging --no-docker", ""))
    for test in SETTINGS:
        assert f"::{test} PASSED" in with_it
        assert f"::{test} FAILED" in without


@pytest.mark.parametrize("request_", REFUSED)
def test_what_matches_nothing_is_refused_with_the_nearest_names(outcomes, tree: Path, request_: str) -> None:
    status, said = outcomes[request_]
    assert (status, ran(said), REFUSED[request_].format(root=tree) in said) == (2, set(), True), said
