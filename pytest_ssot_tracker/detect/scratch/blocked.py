"""A pytest plugin for a run in which something is gone: whoever imports it meets what deleting it will bring.

`can-delete` loads it by `-p` in a process of its own; the environment says what is gone and where outcomes are noted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

__all__ = ["GONE", "OUTCOMES", "block"]

GONE = "SSOT_TRACKER_GONE"
"""The variable that names what is gone: `pkg.mod`, or `pkg.mod:Name`; empty for nothing."""

OUTCOMES = "SSOT_TRACKER_OUTCOMES"
"""The variable that names the file for the outcomes: a JSON object of node ids."""

_WORSE = ("passed", "skipped", "failed")


class _Gone(MetaPathFinder):
    """What answers for a module that is gone, or of which a name is."""

    def __init__(self, module: str, attribute: str) -> None:
        self._module = module
        self._attribute = attribute

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise for a module that is gone; have the name taken out of one that is only loaded."""
        if not self._attribute:
            if name == self._module or name.startswith(f"{self._module}."):
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            return None
        spec = PathFinder.find_spec(name, path, target) if name == self._module else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Without(spec.loader, self._attribute)
        return spec


class _Without(Loader):
    """A loader after which one name of the module is gone."""

    def __init__(self, loader: Loader, attribute: str) -> None:
        self._loader = loader
        self._attribute = attribute

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return what the real loader makes."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Execute the module, then take the name out of it."""
        self._loader.exec_module(module)
        holder: object = module
        *path, last = self._attribute.split(".")
        for name in path:
            holder = getattr(holder, name)
        delattr(holder, last)


def block(target: str) -> None:
    """Let `target` be gone for every import from now on."""
    module, _, attribute = target.partition(":")
    sys.meta_path.insert(0, _Gone(module, attribute))


def pytest_load_initial_conftests() -> None:
    """Begin before the first conftest imports anything."""
    if os.environ.get(GONE):
        block(os.environ[GONE])


def pytest_collectreport(report: Any) -> None:
    """Note a file that cannot be collected."""
    if report.failed:
        _note(report.nodeid, "failed")


def pytest_runtest_logreport(report: Any) -> None:
    """Note the outcome of a test."""
    _note(report.nodeid, report.outcome)


def _note(node: str, outcome: str) -> None:
    file = os.environ[OUTCOMES]
    try:
        with open(file, encoding="utf-8") as stream:
            known = json.load(stream)
    except (OSError, ValueError):
        known = {}
    known[node] = max(known.get(node, "passed"), outcome, key=_WORSE.index)
    with open(file, "w", encoding="utf-8") as stream:
        json.dump(known, stream)
