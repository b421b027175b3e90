"""Every test gets trackers in a fresh state: the real one where pytest-ssot-tracker watches, the others here."""

from __future__ import annotations

import sys

import pytest

AGENTS = "netra_backend.app.agents"
SHARED = {f"{AGENTS}.agent_state_tracker": "_tracker", f"{AGENTS}.execution_timeout_manager": "_manager"}


@pytest.fixture(autouse=True)
def _fresh_trackers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    config = request.config
    if config.pluginmanager.hasplugin("ssot_tracker") and not config.getoption("no_ssot"):
        request.getfixturevalue("execution_tracker")
    for module, name in SHARED.items():
        if module in sys.modules:
            monkeypatch.setattr(sys.modules[module], name, None)
