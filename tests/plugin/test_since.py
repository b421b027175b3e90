"""With --ssot-since a run and a scan fail for what stands in changed lines, and for nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

OLD = "class Log:\n    pass\n"
USE = "from shop.old import Log\n\ndef first():\n    return Log()\n"
MORE = "\ndef second():\n    return Log()\n"
TESTS = """
from shop import use

def test_first():
    use.first()

def test_second():
    getattr(use, 'second', use.first)()
"""
CONFIGURATION = """
[tool.ssot_tracker.ssot.logs]
deprecated = ["shop.old:Log"]
[tool.pytest.ini_options]
pythonpath = ["."]
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a project whose one commit holds a site, and whose work tree has another."""
    texts = {"pyproject.toml": CONFIGURATION, "shop/__init__.py": "", "shop/old.py": OLD, "shop/use.py": USE}
    for name, text in {**texts, "test_shop.py": TESTS, ".gitignore": "*\n!*.py\n!*.toml\n!shop/\n"}.items():
        file = pytester.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    names = {f"GIT_{role}_{part}": "x@y.z" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "first")):
        subprocess.run(["git", *words], cwd=pytester.path, env={**os.environ, **names}, check=True)
    return pytester


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_run_fails_the_tests_of_changed_lines_alone(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    (project.path / "shop/use.py").write_text(USE + MORE)
    result = project.runpytest_subprocess("--ssot-since=main", "-p", "no:randomly", *workers)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*::test_second constructs shop.old:Log at shop/use.py:7*", "ssot: 1 new, 2 known*"])


def test_a_run_without_changes_passes_without_a_baseline(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ssot-since=HEAD")
    result.assert_outcomes(passed=2)
    assert result.ret == 0


def test_a_phase_that_is_named_holds(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ssot-since=HEAD", "--ssot-phase=enforce")
    result.assert_outcomes(failed=2)


def test_a_scan_fails_for_changed_lines_alone(project: pytest.Pytester) -> None:
    assert project.run(sys.executable, "-m", "pytest_ssot_tracker", "scan", "--since", "main").ret == 0
    (project.path / "shop/use.py").write_text(USE + MORE)
    result = project.run(sys.executable, "-m", "pytest_ssot_tracker", "scan", "--since", "main")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*shop/use.py:7  shop.old:Log*"])
    result.stdout.no_fnmatch_line("*shop/use.py:4*")


def test_a_commit_that_is_none_is_a_usage_error(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ssot-since=nowhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--ssot-since: there is no commit 'nowhere'; write a branch, a tag or a hash*"])
    result = project.run(sys.executable, "-m", "pytest_ssot_tracker", "scan", "--since", "nowhere")
    assert result.ret == 2
    result.stderr.fnmatch_lines(["ssot-tracker: --since: there is no commit 'nowhere'*"])
