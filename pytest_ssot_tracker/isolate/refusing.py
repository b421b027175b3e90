"""Say, in place of a fixture, what the configuration lacks. Imported in every run: it must stay light."""

from __future__ import annotations

from collections.abc import Container
from types import ModuleType
from typing import Any

import pytest

__all__ = ["NOT_CONFIGURED", "refusing", "unconfigured"]

NOT_CONFIGURED = """\
{fixture}: no single source of truth is configured, or --no-ssot switches it off. Add to pyproject.toml:

[tool.ssot_tracker.ssot.execution]
canonical = "your_package.tracker:ExecutionTracker"
accessors = ["your_package.tracker:get_execution_tracker"]
fixture   = "execution_tracker"
"""


_GIVES = {
    "execution_tracker": "Hand out the real singleton, reset, and put it back afterwards",
    "ssot": 'Hand out the real singleton of any table, as `ssot["name"]`',
}


def unconfigured(taken: Container[str] = ()) -> ModuleType:
    """Return a plugin whose `execution_tracker` and `ssot` fail with the lines to add.

    A name among `taken` is another plugin's fixture, and stays so.
    """
    plugin = ModuleType("ssot_tracker_fixtures", "The fixtures, while nothing is configured.")
    for name, what in _GIVES.items():
        if name in taken:
            continue
        text = NOT_CONFIGURED.format(fixture=name)
        setattr(plugin, name, refusing(name, text, f"{what}; none is configured: asking shows the lines to add."))
    return plugin


def refusing(name: str, text: str, told: str) -> Any:
    """Return a fixture called `name` that fails with `text`; `told` is what `pytest --fixtures` says of it."""

    def refused() -> None:
        pytest.fail(text, pytrace=False)

    refused.__doc__ = told
    return pytest.fixture(name=name)(refused)
