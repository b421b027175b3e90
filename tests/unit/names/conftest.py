"""Lay out a project and look names up in it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_ssot_tracker.names.looking import Names
from pytest_ssot_tracker.names.modules import Modules

Lay = Callable[..., Names]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Return what writes files, given by path, and returns the names of the project that they make."""

    def write(files: dict[str, str], roots: tuple[str, ...] = ("src", "")) -> Names:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return Names(Modules(str(tmp_path), roots))

    return write
