"""Keep the hundreds of pytest runs inside the tests short."""

from __future__ import annotations

import gc
import os

import pytest


@pytest.fixture(autouse=True)
def without_hypothesis_inside(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Leave hypothesis' plugin out of runs inside a test: it loads all of hypothesis at the end of each."""
    if "pytester" in request.fixturenames:
        # First, since it takes the variable away when it is set up
        request.getfixturevalue("pytester")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")


@pytest.fixture(autouse=True)
def without_a_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave lines whole: a worker of xdist inherits a width of 80 that the readline of its parent has put there."""
    monkeypatch.delenv("COLUMNS", raising=False)
    os.unsetenv("COLUMNS")  # what is put there by C is not in `os.environ`, and children inherit it all the same


def pytest_collection_finish() -> None:
    """Leave what stays to the end out of garbage collections: eleven thousand tests, and the modules they are in."""
    gc.collect()
    gc.freeze()


def _load_once() -> None:
    """Load what a run inside a test needs here already, where it stays: pytester forgets what such a run has loaded."""
    from pytest_ssot_tracker.plugin import unrewritten

    with unrewritten():
        # Its plugin loads that at the end of a run, where a warning of what hooks into it, as trio does, is an error
        import hypothesis.internal.observability  # noqa: F401

        import pytest_ssot_tracker.isolate.isolation
        import pytest_ssot_tracker.plugin.active
        import pytest_ssot_tracker.plugin.gathering
        import pytest_ssot_tracker.plugin.keeping
        import pytest_ssot_tracker.plugin.roles
        import pytest_ssot_tracker.plugin.test_run
        import pytest_ssot_tracker.report.result
        import pytest_ssot_tracker.report.terminal  # noqa: F401


_load_once()
