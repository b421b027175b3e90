"""Read the configuration: pyproject to `Settings`, or every problem at once.

The names are imported when first asked for: a run that is not configured pays for none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_ssot_tracker.settings.loading import load
    from pytest_ssot_tracker.settings.presence import may_be_configured
    from pytest_ssot_tracker.settings.problems import ConfigurationError, Problem
    from pytest_ssot_tracker.settings.tables import Context, Gate, Ids, Settings, Ssot, States, Table, Warned
    from pytest_ssot_tracker.settings.tree import Place, Tree

__all__ = [
    "ConfigurationError",
    "Context",
    "Gate",
    "Ids",
    "Place",
    "Problem",
    "Settings",
    "Ssot",
    "States",
    "Table",
    "Tree",
    "Warned",
    "load",
    "may_be_configured",
]

_HOMES = {
    "loading": ("load",),
    "presence": ("may_be_configured",),
    "problems": ("ConfigurationError", "Problem"),
    "tables": ("Context", "Gate", "Ids", "Settings", "Ssot", "States", "Table", "Warned"),
    "tree": ("Place", "Tree"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
