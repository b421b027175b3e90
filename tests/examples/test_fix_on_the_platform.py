"""`ssot-tracker fix` does the mechanical part of the platform's migration, and its tests are as before."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("websockets")
pytest.importorskip("pytest_asyncio")

PLATFORM = Path(__file__).parents[2] / "examples" / "agent_platform"


def call(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *args], cwd=root, capture_output=True, text=True, check=False)


def outcomes(root: Path) -> dict[str, str]:
    """Return the outcome of each test but for what the tracker made of it."""
    done = call(root, "pytest", "-q", "-p", "no:randomly", "--ssot-subprocess", "--ssot-report=json")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    tests = json.loads((root / "ssot-result.json").read_text(encoding="utf-8"))["tests"]
    return {one["id"]: "passed" if one["reason"] == "ssot" else one["outcome"] for one in tests}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("consolidated", "said"),
    [(False, "6 of 36 sites in 5 files changed"), (True, "12 of 35 sites in 4 files changed")],
    ids=["as it stands", "once the tracker offers what the others did"],
)
def test_the_mechanical_part_is_done_and_the_tests_are_as_before(tmp_path: Path, consolidated: bool, said: str) -> None:
    root = tmp_path / "before"
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(PLATFORM / "before", root, ignore=ignored)
    shutil.copytree(PLATFORM / "tests", root / "tests" / "plan", ignore=ignored)
    if consolidated:
        core = Path("netra_backend", "app", "core")
        shutil.copytree(PLATFORM / "after" / core, root / core, ignore=ignored, dirs_exist_ok=True)
    before = outcomes(root)
    done = call(root, "pytest_ssot_tracker", "fix", "--write", "--verify")
    assert done.stderr.splitlines()[-1] == said
    assert outcomes(root) == before
    again = call(root, "pytest_ssot_tracker", "fix")
    assert again.stdout.count("+++ ") == done.stderr.count(": put back: ") > 0


@pytest.mark.slow
def test_what_is_not_mechanical_is_left_to_a_person_and_then_all_tests_pass() -> None:
    done = call(PLATFORM, "migrate", "-q", "-p", "no:randomly")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "27 of 35 sites were mechanical, at least 60 % are asked for"
    assert (PLATFORM / ".work" / "remaining.patch").read_text(encoding="utf-8").startswith("diff --git ")
