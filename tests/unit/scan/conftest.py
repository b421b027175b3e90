"""Lay small projects out and scan them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.scan import ScanResult, scan
from pytest_ssot_tracker.settings import Settings, load

Files = Mapping[str, "str | bytes"]
Scan = Callable[..., ScanResult]

SHOP = {
    "shop/__init__.py": "",
    "shop/old.py": """
        LEGACY = 1

        class Tracker:
            LIMIT = 3

            def __init__(self, name="t"):
                self.name = name

            def run(self):
                return self.name

            @property
            def size(self):
                return 1

        def get_tracker():
            return Tracker()
        """,
}


def write(root: Path, files: Files) -> None:
    """Write `files` below `root`; texts are dedented."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = textwrap.dedent(content).lstrip("\n").encode() if isinstance(content, str) else content
        path.write_bytes(data)


def settings_of(root: Path, tables: Mapping[str, Mapping[str, Any]], *, verify: bool = False, **top: Any) -> Settings:
    """Return the settings of a configuration given as tables such as `ssot.shop`."""
    lines = [f"{key} = {_toml(value)}" for key, value in top.items()]
    for name, keys in tables.items():
        lines += [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in keys.items())]
    file = root / "ssot_tracker.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return load(root, verify=verify)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)


@pytest.fixture
def scanned(tmp_path: Path) -> Scan:
    """Scan a project: `scanned(files, deprecated=[…])`; `ids` gives an `ids` table, `top` keys above all tables."""

    def run(
        files: Files,
        *,
        ids: Mapping[str, Any] | None = None,
        top: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        verify: bool = False,
        **ssot: Any,
    ) -> ScanResult:
        write(tmp_path, files)
        tables = {**({"ssot.shop": ssot} if ssot else {}), **({"ids.shop": ids} if ids is not None else {})}
        return scan(settings_of(tmp_path, tables, verify=verify, **(top or {})), **(options or {}))

    return run


def found(result: ScanResult, path: str | None = None) -> list[str]:
    """Return the sites as `rule target line`, of one file where `path` is given."""
    return [f"{one.rule} {one.target} {one.line}" for one in result.sites if path in (None, one.path)]
