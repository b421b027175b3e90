"""Gather what the tests' processes report, build the one report of the run, and show it."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
from typing import TYPE_CHECKING, Any, cast

import pytest

from pytest_ssot_tracker.plugin.working import OUTPUT
from pytest_ssot_tracker.report import REPORTERS, Gather, Output, Report, RunInfo, SessionPacket, TestPacket, unpack

if TYPE_CHECKING:
    from pytest_ssot_tracker.plugin.active import Active
    from pytest_ssot_tracker.settings.options import ReportRequest

__all__ = ["Gathering"]


class Gathering:
    """Be where results come together: the only process, or the controller of xdist's workers."""

    def __init__(self, active: Active) -> None:
        self._active = active
        self._gather = Gather()
        self._started = datetime.datetime.now(datetime.timezone.utc)
        self._told: set[str] = set()
        self._deselected = False
        self._unwritten: list[str] = []
        self.report: Report | None = None

    def pytest_report_header(self) -> str:
        """Say that the run is watched, in which phase, and by which means."""
        settings, watch = self._active.settings, self._active.watch
        phase = settings.phase_override or settings.phase
        names = ", ".join(dict.fromkeys(table.name for table in settings.tables))
        return f"ssot: phase {phase}, {names}, watched by {watch.backend}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what rides on a report."""
        worker = getattr(report, "worker_id", "")
        for plain in getattr(report, "ssot_session", ()):
            self._session(plain, worker)
        plain = getattr(report, "ssot", None)
        outcome = {"skipped": "xfailed", "passed": "xpassed"}[report.outcome] if _xfail(report) else report.outcome
        self._gather.test(
            report.nodeid,
            step=report.when or "",
            outcome=outcome,
            packet=None if plain is None else cast(TestPacket, unpack(plain)),
            worker=worker,
        )

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note that not everything was asked for."""
        self._deselected = self._deselected or bool(items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take a worker's last words, or note that there were none; xdist may call this twice for one worker."""
        name = node.gateway.id
        if name in self._told:
            return
        output = getattr(node, "workeroutput", None) or {}
        if OUTPUT not in output:
            self._gather.lost(name)
            return
        self._told.add(name)
        for plain in output[OUTPUT]:
            self._session(plain, name)

    def _session(self, plain: dict[str, Any], worker: str) -> None:
        self._gather.session(cast(SessionPacket, unpack(plain)), worker=worker)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Build the report, write what was asked for, and fail the session where the report says so."""
        if session.config.option.collectonly:
            return
        if self._active.running is not None:
            for packet in self._active.running.final():
                self._gather.session(packet)
        if exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR):
            self._gather.incomplete("the session was interrupted")
        active = self._active
        self.report = Report.build(
            active.settings,
            active.judge,
            self._gather.result(),
            run=self._run(session),
            strict_blind_spots=active.options.strict_blind_spots,
        )
        for request in active.options.reports:
            if request.dest is not None:
                self._write(request, self.report)
        if (self.report.failed or self._unwritten) and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _run(self, session: pytest.Session) -> RunInfo:
        active = self._active
        return RunInfo(
            version=importlib.metadata.version("pytest-ssot-tracker"),
            phase=active.settings.phase_override or active.settings.phase,
            python=platform.python_version(),
            pytest=pytest.__version__,
            root=str(active.settings.root),
            started=self._started.isoformat(timespec="seconds"),
            selected=self._selected(session),
        )

    def _selected(self, session: pytest.Session) -> bool:
        """Tell whether not everything was asked for: by `-k`, `-m`, paths, `--lf`, or because `-x` ended it."""
        config = session.config
        by_path = config.args_source is pytest.Config.ArgsSource.ARGS
        stopped = bool(session.shouldstop or session.shouldfail)
        return by_path or self._deselected or stopped or bool(config.getoption("lf", default=False))

    def _write(self, request: ReportRequest, report: Report) -> None:
        """Write one report into its file or folder; one that cannot be written fails the session, after the others."""
        try:
            REPORTERS[request.type](report, Output(dest=request.dest))
        except OSError as error:
            self._unwritten.append(f"ssot: cannot write the {request.type} report to {request.dest}: {error.strerror}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the report, and where the others were written."""
        if self.report is None:
            return
        requests = self._active.options.reports
        types = dict.fromkeys(request.type for request in requests if request.dest is None)
        if not {"term", "term-verbose"} & set(types):
            types = {"term": None, **types}
        for kind in types:
            REPORTERS[kind](self.report, Output(terminal=terminalreporter))
        for line in self._unwritten:
            terminalreporter.write_line(line, red=True)


def _xfail(report: pytest.TestReport) -> bool:
    return hasattr(report, "wasxfail") and report.outcome in ("skipped", "passed")
