"""The example of a rule pack is one: it can be taken over, it is valid, and a project stands above it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.cli import main
from pytest_ssot_tracker.settings import load

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACK = Path(__file__).parents[2] / "examples" / "policy_pack"
METADATA: dict[str, Any] = tomllib.loads((PACK / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install the pack as a wheel does: its package on the path, and what its pyproject.toml says as metadata."""
    home = tmp_path / "installed"
    info = home / f"acme_policies-{METADATA['version']}.dist-info"
    info.mkdir(parents=True)
    (home / "acme_policies").symlink_to(PACK / "acme_policies")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {METADATA['name']}\nVersion: {METADATA['version']}\n")
    lines = [
        line
        for group, entries in METADATA["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(home)
    monkeypatch.delitem(sys.modules, "acme_policies", raising=False)
    return home


@pytest.fixture
def project(tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "ssot_tracker.toml").write_text('policies = ["acme"]\n[ids.any]\nowner = "shop"\n')
    (root / "app.py").write_text("import os\nimport uuid\n\nHOME = os.getenv('HOME')\nRUN = str(uuid.uuid4())\n")
    monkeypatch.chdir(root)
    return root


def test_a_project_takes_the_tables_over_and_stands_above_them(project: Path) -> None:
    settings = load(project)
    assert settings.packs == ("acme",)
    assert [(table.name, table.owner) for table in settings.tables] == [("environment", "platform"), ("any", "shop")]
    assert settings.gates[0].max == 20


def test_the_scan_finds_what_the_pack_forbids(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan"]) == 1
    shown = capsys.readouterr().out
    assert "app.py:4  os:getenv" in shown
    assert "app.py:5  uuid:uuid4" in shown
    assert "acme.settings:get" in shown


def test_the_packs_own_test_passes(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        PACK,
        "-c",
        PACK / "pyproject.toml",
    ]
    done = subprocess.run([*command, PACK / "tests"], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_it_says_that_it_is_typed() -> None:
    assert (PACK / "acme_policies" / "py.typed").exists()
