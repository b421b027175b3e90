"""Each shape of a migration in examples/shapes is found where its comments say, and nowhere else."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_ssot_tracker.cli import main

SHAPES = Path(__file__).parents[2] / "examples" / "shapes"
NAMES = sorted(folder.name for folder in SHAPES.iterdir() if folder.is_dir())
EXPECTED = re.compile(r"(both|run|scan) (from 3\.12 )?(allowed )?([a-z-]+(?:, [a-z-]+)*)")
Site = tuple[str, int, str, bool]  # path, line, rule, and whether it is allowed


def expected(root: Path, by: str) -> Iterator[Site]:
    """Yield the sites that the comments after `#:` expect of the run or of the scan."""
    for file in sorted(root.rglob("*.py")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for who, newer, allowed, rules in EXPECTED.findall(line.partition("#: ")[2]):
                if who in ("both", by) and (not newer or sys.version_info >= (3, 12)):
                    yield from (
                        (file.relative_to(root).as_posix(), number, rule, bool(allowed)) for rule in rules.split(", ")
                    )


def found(result: str, by: str) -> set[Site]:
    """Return the sites in a result that the run, or the scan, has found."""
    return {
        (site["path"], site["line"], site["rule"], site["status"] == "allowed")
        for site in json.loads(result)["sites"]
        if by in site["found_by"]
    }


@pytest.fixture(scope="module", params=NAMES)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp(request.param) / "project"
    return Path(shutil.copytree(SHAPES / request.param, root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache")))


def test_the_scan_finds_what_the_shape_says(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    main(["scan", "--format", "json"])
    assert found(capsys.readouterr().out, "scan") == set(expected(project, "scan"))


@pytest.mark.skipif(sys.version_info < (3, 11), reason="before 3.11 a decorator has no position of its own")
def test_the_run_finds_what_the_shape_says_and_its_tests_pass(project: Path) -> None:
    options = ("-q", "-p", "no:randomly", "--no-ssot-scan", "--ssot-phase=baseline", "--ssot-report=json:run.json")
    command = [sys.executable, "-m", "pytest", *options]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stdout + done.stderr
    assert found((project / "run.json").read_text(encoding="utf-8"), "run") == set(expected(project, "run"))
    written_in_c = any("run from 3.12 " in text for text in sources(project))
    spots = done.stdout.partition("\nblind spots\n")[2].partition("\nssot: ")[0].splitlines()
    unseen = [spot for spot in spots if not spot.endswith("and this run leaves it out")]
    assert bool(unseen) is written_in_c, done.stdout


def sources(root: Path) -> Iterator[str]:
    """Yield the text of each file of a project."""
    return (file.read_text(encoding="utf-8") for file in sorted(root.rglob("*.py")))


def test_every_shape_says_what_it_is_and_plants_something() -> None:
    page = (SHAPES / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        title = (SHAPES / name / "pyproject.toml").read_text(encoding="utf-8").splitlines()[0]
        assert f"| [{name}]({name}) | {title.removeprefix('# ')} |" in page
        assert [*expected(SHAPES / name, "scan"), *expected(SHAPES / name, "run")], name
