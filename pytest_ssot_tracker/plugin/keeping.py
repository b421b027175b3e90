"""Keep the result files up to date while the run goes on, so that a killed run has a result, marked incomplete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_ssot_tracker.plugin import Hooks
from pytest_ssot_tracker.report.growing import Growing

if TYPE_CHECKING:
    from pytest_ssot_tracker.plugin.active import Active
    from pytest_ssot_tracker.plugin.gathering import Gathering

__all__ = ["Keeping"]


class Keeping(Hooks):
    """Write down each test when it has ended, where results gather."""

    def __init__(self, active: Active, gathering: Gathering) -> None:
        self._active = active
        self._gathering = gathering
        self._files = [
            Growing(report.dest) for report in active.options.reports if report.type == "json" and report.dest
        ]
        self._session: pytest.Session | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Replace what an earlier run has left: killed now, this run must not be taken for that one."""
        if self._files and not self._active.only_shows:
            self._session = session
            self._rewrite(session)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down a test that has ended, or everything where more than that was told."""
        if self._session is None:
            return
        if getattr(report, "ssot_session", None):
            self._rewrite(self._session)
        elif report.when not in ("setup", "call"):
            test = self._gathering.gather.one(report.nodeid, worker=getattr(report, "worker_id", ""))
            for file in self._files:
                file.add(test, self._active.session.judge)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Stop: the whole result is written now."""
        for file in self._files:
            file.close()

    def _rewrite(self, session: pytest.Session) -> None:
        report = self._gathering.build(session)
        for file in self._files:
            file.rewrite(report)
