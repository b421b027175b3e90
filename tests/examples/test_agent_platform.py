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
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly")


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


@pytest.mark.parametrize("tree", ["before", "halfway", "after"])
def test_one_suite_goes_through_the_whole_migration(platform, tmp_path, tree):
    root = platform.workspace(tree, tmp_path)
    done = run(root, *platform.session(tree), *QUIET, "--ssot-report=json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("10 sites fixed and taken out" in done.stdout) is (tree == "halfway")
    gate = run(root, "pytest_ssot_tracker", "gate")
    assert (gate.returncode, "gate passed: " in gate.stdout) == (0, True), gate.stdout + gate.stderr


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


def test_the_environment_names_the_tree_where_no_argument_does(platform):
    assert platform.asked([], "after") == ("after", [])
    assert platform.asked(["-q", "-x"], "after") == ("after", ["-q", "-x"])
    assert platform.asked(["before", "-q"], "after") == ("before", ["-q"])


@pytest.mark.slow
@pytest.mark.parametrize(("tree", "closed"), [("before", 1000), ("after", 0)])
def test_a_thousand_connections_end_with_1011_before_and_never_after(platform, tmp_path, monkeypatch, tree, closed):
    monkeypatch.setenv("PLATFORM_CONNECTIONS", "1000")
    root = platform.workspace(tree, tmp_path)
    done = run(root, *platform.session(tree), "tests/plan/part3_races", "-k", "internal_error", "-s", *QUIET)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"1011: (\d+) of 1000", done.stdout) == [str(closed)] * 2
