"""Say, in place of a fixture, what the configuration lacks. Imported in every run: it must stay light."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

__all__ = ["NOT_CONFIGURED", "refusing", "unconfigured"]

NOT_CONFIGURED = """\
{fixture}: no single source of truth is configured. Add to pyproject.toml:

[tool.ssot_tracker.ssot.execution]
canonical = "your_package.tracker:ExecutionTracker"
accessors = ["your_package.tracker:get_execution_tracker"]
fixture   = "execution_tracker"
"""


def unconfigured() -> ModuleType:
    """Return a plugin whose `execution_tracker` and `ssot` fail with the lines to add."""
    plugin = ModuleType("ssot_tracker_fixtures", "The fixtures, while nothing is configured.")
    for name in ("execution_tracker", "ssot"):
        setattr(plugin, name, refusing(name, NOT_CONFIGURED.format(fixture=name)))
    return plugin


def refusing(name: str, text: str) -> Any:
    """Return a fixture called `name` that fails with `text`."""

    def refused() -> None:
        pytest.fail(text, pytrace=False)

    refused.__doc__ = "Say what is missing from the configuration."
    return pytest.fixture(name=name)(refused)
