"""The platform's trees, the plan's suite and the plan's own code give what the example's README says."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

pytest.importorskip("websockets")
pytest.importorskip("pytest_asyncio")

PLATFORM = Path(__file__).parents[2] / "examples" / "agent_platform"
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not slow")


@pytest.fixture(scope="module")
def platform() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agent_platform_run", PLATFORM / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *args]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("tree", "phase", "outcome", "criteria"),
    [
        ("before", "baseline", "10 passed, 1 deselected, 20 xfailed", 6),
        ("halfway", "ratchet", "10 passed, 1 deselected, 20 xfailed", None),
        ("after", "enforce", "30 passed, 1 deselected", 8),
    ],
)
def test_one_suite_goes_through_the_whole_migration(platform, tmp_path, tree, phase, outcome, criteria):
    root = platform.workspace(tree, tmp_path)
    done = run(root, "pytest", "tests/plan", *QUIET, f"--ssot-phase={phase}", "--ssot-report=json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcome in done.stdout
    if criteria is not None:
        gate = run(root, "pytest_ssot_tracker", "gate")
        assert gate.returncode == 0, gate.stdout + gate.stderr
        assert f"gate passed: {criteria} of {criteria} criteria met" in gate.stdout


@pytest.mark.parametrize("tree", ["before", "after"])
def test_the_plans_own_code_gives_what_the_readme_says(platform, tmp_path, tree):
    root = platform.workspace(tree, tmp_path)
    shutil.rmtree(root / "tests" / "plan")
    shutil.copytree(PLATFORM / "plan", root / "tests", dirs_exist_ok=True)
    parts = ("tests/infrastructure", "tests/unit", "tests/integration", "tests/e2e/golden_path")
    run(root, "pytest", *parts, "-q", "--no-ssot", "-p", "no:randomly", "-p", "no:cacheprovider", "--junitxml=plan.xml")
    assert outcomes(root / "plan.xml") == announced(tree)


def outcomes(junit: Path) -> dict[str, str]:
    found = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        kinds = {child.tag for child in case}
        found[case.attrib["name"]] = next((word for tag, word in WORDS.items() if tag in kinds), "pass")
    return found


WORDS = {"failure": "fail", "error": "fail", "skipped": "skip"}


def announced(tree: str) -> dict[str, str]:
    """Return what the README's table of the plan's own tests says, with those it names together spelled out."""
    text = (PLATFORM / "README.md").read_text(encoding="utf-8")
    column = {"before": 1, "after": 2}[tree]
    said = {}
    for row in re.findall(r"^\| \d\.\d `(test_\w+)` \| (\w+) \| (\w+) \|", text, re.MULTILINE):
        said[row[0]] = row[column]
    together = [
        "test_websocket_test_syntax_is_valid",
        "test_pytest_collection_works",
        "test_ssot_base_test_case_importable",
        "test_unified_test_runner_available",
        "test_ssot_mock_factory_available",
        "test_isolated_environment_available",
        "test_agent_execution_golden_path_with_ssot",
        "test_websocket_events_with_consolidated_tracking",
        "test_user_isolation_with_consolidated_tracking",
    ]
    return {**said, **dict.fromkeys(together, "pass")}


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (("--file", "netra_backend/tests/unit/test_websocket_notifier.py"), 0, "3 passed"),
        (("--category", "mission_critical"), 0, "1 deselected"),
        (("--categories", "mission_critical", "unit", "--real-services", "--fast-fail"), 0, "passed"),
        (("--category", "unit", "--pattern", "*notifier*order*", "--no-docker", "--env", "staging"), 0, "1 passed"),
        (("--file", "tests/nothing.py"), 2, "there is no such file"),
        (("--category", "performance"), 2, "there is no such category"),
        (("--category", "integration"), 2, "this tree has no such tests"),
        (("--env", "moon"), 2, "there are development, staging"),
        (("--real-services", "--no-docker"), 2, "needs no Docker"),
    ],
)
def test_each_option_of_the_test_runner_does_something_or_is_refused(platform, tmp_path, args, status, said):
    root = platform.workspace("after", tmp_path)
    command = [sys.executable, "tests/unified_test_runner.py", *args]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, said in done.stdout + done.stderr) == (status, True), done.stdout + done.stderr


@pytest.mark.parametrize("tree", ["before", "after"])
def test_the_rollback_trigger_that_the_plan_names_passes_in_both_trees(platform, tmp_path, tree):
    root = platform.workspace(tree, tmp_path)
    named = ("--file", "tests/e2e/test_golden_path_user_flow.py", "--env", "staging")
    command = [sys.executable, "tests/unified_test_runner.py", *named]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_the_environment_names_the_tree_where_no_argument_does(platform):
    assert platform.asked([], "after") == ("after", [])
    assert platform.asked(["-q", "-x"], "after") == ("after", ["-q", "-x"])
    assert platform.asked(["before", "-q"], "after") == ("before", ["-q"])


@pytest.mark.slow
@pytest.mark.parametrize(("tree", "closed"), [("before", 1000), ("after", 0)])
def test_a_thousand_connections_end_with_1011_before_and_never_after(platform, tmp_path, tree, closed):
    root = platform.workspace(tree, tmp_path)
    done = run(
        root,
        "pytest",
        "tests/plan",
        "-q",
        "-s",
        "-m",
        "slow",
        "-p",
        "no:cacheprovider",
        f"--ssot-phase={platform.PHASES[tree]}",
    )
    match = re.search(r"1011: (\d+) of 1000", done.stdout)
    assert match is not None, done.stdout + done.stderr
    assert abs(int(match[1]) - closed) <= (10 if closed else 0)
