"""Offer a project whose code declares things deprecated, and what is harvested of it."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.settings import Settings, Ssot, load

ALL = '["deprecated", "warnings", "getattr", "docstring", "banned-api", "import-linter"]'


class Project:
    """A project on disk: `write` adds files, `load` reads its configuration."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("shop/__init__.py", "")

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def load(self, kinds: str = ALL, *, top: str = "", tables: str = "", **more: Any) -> Settings:
        """Return the settings where `kinds` are harvested."""
        self.write("ssot_tracker.toml", f'source = ["shop"]\nharvest = {kinds}\n{top}\n{textwrap.dedent(tables)}')
        return load(self.root, **more)

    def table(self, name: str = "shop", **more: Any) -> Ssot:
        """Return the harvested table of that name."""
        return next(table for table in self.load(**more).ssots if table.name == name)

    def harvested(self, **more: Any) -> dict[str, str]:
        """Return each deprecated target of the tables with what replaces it, empty for nothing."""
        ssots = self.load(**more).ssots
        return {
            str(target): {**table.replace, **table.arguments}.get(str(target), "")
            for table in ssots
            for target in (*table.deprecated, *table.parameters, *table.writes)
        }

    def declares(self, text: str, **more: Any) -> dict[str, str]:
        """Return what `shop/api.py` with this text declares: names in it, and what replaces them."""
        self.write("shop/api.py", text)
        return {name.removeprefix("shop.api:"): new for name, new in self.harvested(**more).items()}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
