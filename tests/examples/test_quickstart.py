"""Run what the README tells a newcomer to run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / "examples" / "quickstart"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command as on a machine where no other plugin than ours is installed."""
    environment = {
        **os.environ,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "-p ssot_tracker",
    }
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, check=False)


def test_the_demo_takes_two_tests_through_three_phases() -> None:
    done = run("bash", QUICKSTART / "demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^\d\. (\w+):|=+ (.*) in ", done.stdout, re.MULTILINE) == [
        ("baseline", ""),
        ("", "1 passed, 1 xfailed"),
        ("ratchet", ""),
        ("", "1 passed, 1 xfailed"),
        ("enforce", ""),
        ("", "1 failed, 1 passed"),
    ]


@pytest.mark.parametrize("page", ["README.md", "docs/migrating.md", "docs/day-one.md"])
def test_a_page_shows_what_its_own_files_and_commands_give(page: str) -> None:
    done = run(sys.executable, ROOT / "scripts" / "readme.py", ROOT / page)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_readme_shows_every_file_of_the_example() -> None:
    shown = set(re.findall(r"<!-- file: (.+?) -->", (ROOT / "README.md").read_text(encoding="utf-8")))
    there = {
        path.relative_to(QUICKSTART).as_posix() for path in QUICKSTART.rglob("*") if path.suffix in (".py", ".toml")
    }
    assert shown == there


def test_a_stale_readme_is_shown_as_a_diff(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for fresh in ("1 failed, 1 passed", "class OrderLog:"):
        assert fresh in text
        text = text.replace(fresh, "something else")
    page.write_text(text, encoding="utf-8")
    done = run(sys.executable, ROOT / "scripts" / "readme.py", page)
    assert done.returncode == 1
    assert "+1 failed, 1 passed in" in done.stdout
    assert "+class OrderLog:" in done.stdout
    assert done.stdout.endswith("Run `make readme`.\n")


@pytest.mark.parametrize(
    ("phase", "exit_status", "said"),
    [
        ("baseline", 1, "does not violate any rule as its ssot_expect_violation says; remove the marker"),
        ("ratchet", 0, "1 fixed"),
        ("enforce", 0, "1 stale"),
    ],
)
def test_a_repaired_refund_is_told_in_each_phase(tmp_path: Path, phase: str, exit_status: int, said: str) -> None:
    project = tmp_path / "quickstart"
    shutil.copytree(QUICKSTART, project)
    (project / "shop" / "legacy.py").unlink()
    (project / "shop" / "checkout.py").write_text(
        "from shop.tracker import get_tracker\n"
        "def pay(order): get_tracker().move(order, 'paid')\n"
        "def refund(order): return [(order, 'refunded')]\n",
        encoding="utf-8",
    )
    done = run("pytest", "--ssot-phase", phase, "--rootdir", project, project)
    assert (done.returncode, said in done.stdout) == (exit_status, True), done.stdout


def test_the_first_answer_names_a_place_after_three_lines_at_most(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "asked", tmp_path / "asked")
    ask = "import sys, pytest; sys.exit(pytest.main(['-q', '--ssot-deprecate', 'shop.legacy.OrderLog']))"
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=tmp_path / "asked",
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p ssot_tracker"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    first = next(number for number, line in enumerate(done.stdout.splitlines()) if line.startswith("shop/"))
    assert (done.returncode, first <= 3) == (0, True)
