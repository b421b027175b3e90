"""Send from an xdist worker what no test report carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_ssot_tracker.plugin import Hooks
from pytest_ssot_tracker.report.wire import pack

if TYPE_CHECKING:
    from pytest_ssot_tracker.plugin.test_run import Running

__all__ = ["OUTPUT", "REFUSED", "Working"]

OUTPUT = "ssot_tracker"
REFUSED = "ssot_tracker_refused"


class Working(Hooks):
    """Put the last packets into the worker's output when its session ends."""

    def __init__(self, running: Running) -> None:
        self._running = running

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Leave what is left to tell to the controller."""
        output = session.config.workeroutput  # type: ignore[attr-defined]
        output[REFUSED] = self._running.refused
        output[OUTPUT] = [pack(packet) for packet in self._running.final()]
