"""Read the configuration: pyproject to `Settings`, or every problem at once."""

from __future__ import annotations

from pytest_ssot_tracker.settings.load import load
from pytest_ssot_tracker.settings.problems import ConfigurationError, Problem
from pytest_ssot_tracker.settings.tables import Gate, Ids, Settings, Ssot, States, Table
from pytest_ssot_tracker.settings.tree import Place, Tree

__all__ = [
    "ConfigurationError",
    "Gate",
    "Ids",
    "Place",
    "Problem",
    "Settings",
    "Ssot",
    "States",
    "Table",
    "Tree",
    "load",
]
