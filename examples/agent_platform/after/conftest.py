"""Every test gets the real tracker in a fresh state, where pytest-ssot-tracker watches; without it they share one."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _fresh_tracker(request: pytest.FixtureRequest) -> None:
    config = request.config
    if config.pluginmanager.hasplugin("ssot_tracker") and not config.getoption("no_ssot"):
        request.getfixturevalue("execution_tracker")
