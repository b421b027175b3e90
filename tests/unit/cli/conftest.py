"""Offer a project on disk and the command line to call in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.cli import main

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["shop"]
{top}

[tool.ssot_tracker.ssot.orders]
canonical  = "shop.core:Tracker"
deprecated = ["shop.old"]
owner      = "platform"
{table}

[tool.pytest.ini_options]
testpaths = ["tests"]
{ini}
"""

USE = """\
def log():
    from shop.old import OrderLog

    return OrderLog()
"""


class Project:
    """Be a small project; `call` runs the command line in it, `write` changes it."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys
        self.out = self.err = ""
        self.configure()
        self.write("shop/__init__.py", "")
        self.write("shop/core.py", "class Tracker:\n    pass\n")
        self.write("shop/old.py", "class OrderLog:\n    pass\n")
        self.write("shop/use.py", USE)
        self.write("tests/test_shop.py", "def test_nothing():\n    pass\n")

    def configure(self, *, top: str = "", table: str = "", ini: str = "") -> None:
        self.write("pyproject.toml", CONFIGURATION.format(top=top, table=table, ini=ini))

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def call(self, *argv: str) -> int:
        """Return the exit status; what was printed is in `out` and `err`."""
        status = main(argv)
        self.out, self.err = self._capsys.readouterr()
        return status

    def scanned(self, *argv: str) -> dict[str, Any]:
        """Return the result that `scan --format json` prints."""
        self.call("scan", "--format", "json", *argv)
        return json.loads(self.out)

    def statuses(self, *argv: str) -> dict[str, str]:
        """Return the status of each site by `path:line rule`."""
        sites = self.scanned(*argv)["sites"]
        return {f"{one['path']}:{one['line']} {one['rule']}": one["status"] for one in sites}

    @property
    def baseline(self) -> list[str]:
        """Return the site lines of the baseline file."""
        text = (self.root / "ssot-baseline.json").read_text(encoding="utf-8")
        return [line for line in text.splitlines() if '"rule"' in line]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """Return a project with two sites, in which the user stands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Project(tmp_path, capsys)


@pytest.fixture
def refused(project: Project) -> Callable[..., str]:
    """Return what calls the command line, which must refuse, and gives back why."""

    def call(*argv: str) -> str:
        assert project.call(*argv) == 2
        return project.err

    return call
