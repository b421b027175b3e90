"""What the parts of the plan share. The suite runs inside a tree: `python run.py before|halfway|after`."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

PARTS = ("infrastructure", "violations", "races", "golden_path", "compliance")


def pytest_configure(config: pytest.Config) -> None:
    """Register a marker for each part of the plan."""
    config.addinivalue_line("markers", "slow: takes more than a few seconds")
    for part in PARTS:
        config.addinivalue_line("markers", f"{part}: a test of the plan's part with this name")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the part of the plan that its folder is named after."""
    for item in items:
        for part in PARTS:
            if item.path.parent.name.endswith(part):
                item.add_marker(part)


@pytest.fixture
def retired_module():
    """Return a function that imports a module which the consolidation takes away, `None` once it is gone."""

    def load(name: str) -> ModuleType | None:
        try:
            return importlib.import_module(name)
        except ImportError:
            return None

    return load
