"""Gather what the tests' processes report, build the one report of the run, and show it."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from _pytest.terminal import TerminalReporter

from pytest_ssot_tracker.judge.words import counted, harmless
from pytest_ssot_tracker.model import Observation, Phase
from pytest_ssot_tracker.plugin import Hooks, unrewritten
from pytest_ssot_tracker.plugin.listeners import add_to_junit, tell
from pytest_ssot_tracker.plugin.screen import WIDTH, width
from pytest_ssot_tracker.plugin.source_scan import SCANNED, SourceScan
from pytest_ssot_tracker.records import replace
from pytest_ssot_tracker.report import REPORTERS, Gather, Output, Report, SessionPacket, unpack
from pytest_ssot_tracker.report.folding import Folded, folded

if TYPE_CHECKING:
    from pytest_ssot_tracker.plugin.active import Active
    from pytest_ssot_tracker.plugin.test_run import Running
    from pytest_ssot_tracker.report import Gathered
    from pytest_ssot_tracker.report.covered import Covered
    from pytest_ssot_tracker.settings.options import ReportRequest

__all__ = ["Gathering"]

_FOR_PEOPLE = {"term", "term-verbose"}
_LISTENING = "ssot_tracker_listening"


class Gathering(Hooks):
    """Where results come together: the only process, or the controller of xdist's workers."""

    def __init__(self, active: Active, running: Running | None) -> None:
        self._active = active
        self._running = running
        self.gather = self._gather = Gather()
        self._told: set[str] = set()
        self._refused: str | None = None
        self._written: list[str] = []
        self._unwritten: list[str] = []
        self._raised: list[str] = []
        self._warnings: tuple[str, ...] = active.settings.warnings
        self._source = SourceScan(active)
        self._covered: Covered | None = None
        self._reporter: TerminalReporter | None = None
        self._baseline_note = ""
        self.report: Report | None = None

    def pytest_report_header(self) -> list[str]:
        """Say that the run is watched, in which phase, and by which means; and what is odd about the configuration."""
        settings, watch = self._active.settings, self._active.watch
        warnings, self._warnings = self._warnings, ()
        phase = settings.phase_override or settings.phase
        names = ", ".join(dict.fromkeys(self._standing(table.name, phase) for table in settings.tables))
        first = harmless(f"ssot: phase {phase}, {names}, watched by {watch.backend}")
        lines = (first, *map(_warning, warnings))
        return [part for line in lines for part in folded(line, width(self._active.config))]

    def _standing(self, name: str, phase: Phase) -> str:
        """Return the name of a table, with its own phase where that differs from the run's, and why."""
        judge = self._active.session.judge
        own = judge.phase(name)
        if judge.expired(name):
            return f"{name} ({own}: {judge.ended(name)})"
        return name if own is phase else f"{name} ({own})"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Read the source before any test runs, so that it is known which lines to watch."""
        if not self._active.only_shows:
            self._source.begin()
            self._covered = self._read_coverage()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker what the scan found, and for what width its reports are read."""
        node.workerinput[WIDTH] = width(node.config)
        if not self._active.only_shows:
            node.workerinput[SCANNED] = self._source.for_worker()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file whose tests are missing because it could not be collected."""
        if report.failed:
            self._gather.incomplete(f"{report.nodeid or 'the root'} could not be collected")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take a worker's last words, or note that there were none; xdist may call this twice for one worker."""
        name = node.gateway.id
        if name in self._told:
            return
        from pytest_ssot_tracker.plugin.xdist_worker import OUTPUT, REFUSED

        output = getattr(node, "workeroutput", None) or {}
        if OUTPUT not in output:
            self._gather.lost(name)
            return
        self._told.add(name)
        self._refused = self._refused or output[REFUSED]
        for text in output[OUTPUT]:
            self._session(text, name)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Refuse what the workers have refused, as one process would: xdist itself does not tell of it."""
        self._reporter = self._keeper()
        if self._reporter is None:
            self.listen()
        result = yield
        if self._refused is not None:
            raise pytest.UsageError(self._refused)
        return result

    def listen(self) -> None:
        """Take every report as it comes, from now on."""
        manager = self._active.config.pluginmanager
        if not manager.has_plugin(_LISTENING):
            manager.register(ReportListener(self._gather, self._session), _LISTENING)

    def _keeper(self) -> TerminalReporter | None:
        """Return who keeps every report of this process; `None` where nobody is known to, or a test may run twice."""
        running = self._active.config.hook.pytest_runtest_protocol.get_hookimpls()
        if self._running is None or sum(not (hook.wrapper or hook.hookwrapper) for hook in running) > 1:
            return None
        reporter = self._active.config.pluginmanager.get_plugin("terminalreporter")
        return reporter if type(reporter) is TerminalReporter else None

    def _ask_terminal(self) -> None:
        """Take the outcomes of the tests of which no report was taken, because there was nothing to tell."""
        if self._reporter is None:
            return
        stats = self._reporter.stats
        passed = _passed(stats)
        if passed is not None:
            self._gather.passed(passed)
            return
        kept: dict[str, list[pytest.TestReport]] = {}
        for reports in stats.values():
            for report in reports:
                if type(report) is pytest.TestReport:
                    kept.setdefault(report.nodeid, []).append(report)
        self._gather.outcomes({test: _outcomes(reports) for test, reports in kept.items()})

    def _session(self, text: str, worker: str) -> None:
        self._gather.session(cast(SessionPacket, unpack(text)), worker=worker)

    @pytest.hookimpl(tryfirst=True)
    @unrewritten()
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Build the report, write what was asked for, and fail the session where the report says so."""
        if self._active.only_shows or self._active.processes.in_child:
            return
        self._ask_terminal()
        if self._running is not None:
            for packet in self._running.final():
                self._gather.session(packet)
        if exitstatus == pytest.ExitCode.USAGE_ERROR:
            self._gather.incomplete("the session was refused")
        elif exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR):
            self._gather.incomplete("the session was interrupted")
        active = self._active
        self.report = self.build(session)
        if active.options.update_baseline:
            self.report = self._update_baseline(self.report)
        for request in active.options.reports:
            if request.dest is not None or request.type == "junit":
                self._write(request, self.report, session.config)
        if (self.report.failed or self._unwritten) and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        self._raised = list(tell(session.config, self.report))

    def build(self, session: pytest.Session) -> Report:
        """Return the report of what has been gathered by now."""
        active = self._active
        gathered = self._gather.result()
        return active.session.report(
            gathered,
            run=active.session.run(selected=self._selected(session), pytest=pytest.__version__),
            covered=self._observed_by_coverage(gathered),
            strict_blind_spots=active.options.strict_blind_spots,
        )

    def _read_coverage(self) -> Covered | None:
        """Return what `--ssot-coverage` names; a usage error where it is of no use."""
        active = self._active
        if active.options.coverage is None:
            return None
        from pytest_ssot_tracker.report.covered import CoverageError, Covered

        if active.session.scanned is None:
            raise pytest.UsageError("--ssot-coverage tells of what the scan found; it cannot go with --no-ssot-scan")
        paths = (site.path for site in active.session.scanned.sites)
        try:
            return Covered.read(active.options.coverage, active.settings.tree, paths)
        except CoverageError as error:
            raise pytest.UsageError(harmless(f"--ssot-coverage: {error}")) from None

    def _observed_by_coverage(self, gathered: Gathered) -> list[Observation]:
        scanned = self._active.session.scanned
        if self._covered is None or scanned is None:
            return []
        return list(self._covered.observations(scanned.sites, gathered.tests))

    def _update_baseline(self, report: Report) -> Report:
        """Take what is fixed out of the baseline file; return the report, which fails where that cannot be."""
        file, baseline = self._active.settings.baseline, self._active.session.judge.baseline
        assert file is not None, "settings.load gives every configured project a baseline"
        why = ""
        if not report.run.complete:
            why = "the run is incomplete"
        elif report.run.selected:
            why = "not every test was asked for; run without -k, -m, --lf, -x and paths"
        elif file.exists():
            try:
                text = baseline.without(report.fixed).dumps()
                if text != file.read_text(encoding="utf-8"):
                    baseline.without(report.fixed).save(file)
                    fixed = counted(len(report.fixed), "site")
                    self._baseline_note = f"ssot: {file.name}: {fixed} fixed and taken out"
                return report
            except OSError as error:
                why = f"it cannot be written: {error.strerror}"
        else:
            why = "there is none; ssot-tracker baseline writes one"
        return replace(report, failures=(*report.failures, f"baseline: {file.name} is not updated: {why}"))

    def _selected(self, session: pytest.Session) -> bool:
        """Whether not everything was asked for: by paths, `--lf`, or because `-x` ended it.

        What `-k` and `-m` deselect comes from where the tests are collected.
        """
        config = session.config
        stopped = bool(session.shouldstop or session.shouldfail)
        ignoring = any(str(word).startswith(("--ignore", "--deselect")) for word in config.invocation_params.args)
        return stopped or ignoring or not _all_paths(config) or bool(config.getoption("lf", default=False))

    def _write(self, request: ReportRequest, report: Report, config: pytest.Config) -> None:
        """Write one report into its file or folder; one that cannot be written fails the session, after the others."""
        try:
            if request.type == "junit":
                add_to_junit(config, report)
            else:
                beside = self._active.settings.tree.outside_paths
                output = Output(dest=request.dest, everything=request.everything, beside=beside)
                REPORTERS[request.type](report, output)
                self._written.append(_wrote(request, config.invocation_params.dir))
        except Exception as error:  # a full disk, say, or what a test has left replaced
            where = "" if request.dest is None else f" to {request.dest}"
            why = (isinstance(error, OSError) and error.strerror) or f"{type(error).__name__}: {error}"
            self._unwritten.append(harmless(f"ssot: cannot write the {request.type} report{where}: {why}"))

    @unrewritten()
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the report, and which of the others could not be written."""
        if self.report is None:
            return
        terminal = Folded(terminalreporter, width(self._active.config))
        for text in self._warnings:  # where there was no header, as with -q
            terminal.write_line(_warning(text), yellow=True)
        requests = self._active.options.reports
        group = self._active.options.group
        shown = [request for request in requests if request.dest is None]
        types = {request.type for request in shown}
        question = self._active.settings.asked
        if question:
            from pytest_ssot_tracker.report.users import PLACES, show

            show(self.report, question, terminal, most=None if "term-verbose" in types else PLACES)
            shown = [request for request in shown if request.type != "term"]
        elif not _FOR_PEOPLE & types:
            REPORTERS["term"](self.report, Output(terminal=terminal, group=group))
        for request in shown:
            screen = terminal if request.type in _FOR_PEOPLE else terminalreporter
            output = Output(terminal=screen, everything=request.everything, group=group)
            REPORTERS[request.type](self.report, output)
        if self._active.options.explain is not None:
            from pytest_ssot_tracker.report.guide import site_lines

            terminal.section("ssot: explained")
            for line in site_lines(self.report, self._active.options.explain):
                terminal.write_line(line)
        if self._active.options.trace:
            self._show_traces(terminal, self.report)
        if self._baseline_note:
            terminal.write_line(harmless(self._baseline_note))
        if "junit" in types and not terminalreporter.config.getoption("xmlpath", default=None):
            missing = "the report 'junit' is part of pytest's own JUnit file; add --junitxml=FILE"
            terminal.write_line(_warning(missing), yellow=True)
        for line in self._written:
            terminal.write_line(line)
        for line in (*self._unwritten, *self._raised):
            terminal.write_line(line, red=True)

    def _show_traces(self, terminal: Folded, report: Report) -> None:
        from pytest_ssot_tracker.report.tracing import Trace
        from pytest_ssot_tracker.scan.decisions import trace

        active = self._active
        scanned = trace(active.settings) if active.options.scan else None
        heard = {} if active.hearing is None else active.hearing.decisions
        traced = Trace(active.settings, report, scanned, heard, ran=True)
        terminal.section("ssot: traced")
        for asked in active.options.trace:
            for line in traced.lines(asked):
                terminal.write_line(line)


class ReportListener(Hooks):
    """What takes each report as it comes, from when the first test has something to tell.

    Of all others only the outcome matters, which the terminal reporter keeps: this costs each test three hooks.
    """

    def __init__(self, gather: Gather, session: Callable[[str, str], None]) -> None:
        self._gather = gather
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what rides on a report."""
        told = report.__dict__  # asked of every report: `getattr` for what most do not have costs more
        worker = told.get("worker_id", "")
        if "ssot_session" in told:
            for text in told["ssot_session"]:
                self._session(text, worker)
        if "ssot_lost" in told:
            self._gather.incomplete(told["ssot_lost"])
        packet = told.pop("ssot", None)  # reports stay until the session ends, each with what it carries
        self._gather.test(report.nodeid, step=report.when or "", outcome=_outcome(report), packet=packet, worker=worker)


def _passed(stats: Mapping[str, Sequence[Any]]) -> list[str] | None:
    """Return every test by the reports that are kept, where all have passed in all three steps; `None` where not.

    To be told by the number of the other two reports takes half of what it takes to look at them.
    """
    others, called = stats.get("", ()), stats.get("passed", ())
    if len(others) != 2 * len(called) or not stats.keys() <= {"", "passed", "deselected", "warnings"}:
        return None
    tests = [report.nodeid for report in called if type(report) is pytest.TestReport and report.when == "call"]
    return tests if len(tests) == len(called) else None


def _outcomes(reports: list[pytest.TestReport]) -> dict[str, str]:
    """Return the outcomes of one test by step, the last one where a step ran more than once."""
    outcomes: dict[str, str] = {
        report.when or "": _outcome(report) if "wasxfail" in report.__dict__ else report.outcome for report in reports
    }
    if len(outcomes) < len(reports):
        reports.sort(key=lambda report: report.start)
        outcomes = {report.when or "": _outcome(report) for report in reports}
    return outcomes


def _outcome(report: pytest.TestReport) -> str:
    outcome: str = report.outcome
    if "wasxfail" in report.__dict__:
        outcome = {"skipped": "xfailed", "passed": "xpassed"}.get(outcome, outcome)
    return outcome


def _wrote(request: ReportRequest, here: Path) -> str:
    """Return where a report went: what to open, from where the user stands."""
    assert request.dest is not None
    opened = request.dest / "index.html" if request.type == "html" else request.dest
    shown = opened.relative_to(here) if opened.is_relative_to(here) else opened
    return harmless(f"ssot: wrote the {request.type} report to {shown}")


def _warning(text: str) -> str:
    return f"ssot: warning: {harmless(text)}"


def _all_paths(config: pytest.Config) -> bool:
    """Whether the paths asked for hold everything that `testpaths`, or else the rootdir, stand for."""
    here, root = config.invocation_params.dir, config.rootpath
    asked = [Path(os.path.realpath(here / word)) for word in config.args if "::" not in word]
    named = [root / found for path in config.getini("testpaths") for found in glob(path, root_dir=root, recursive=True)]
    return all(any(Path(os.path.realpath(folder)).is_relative_to(path) for path in asked) for folder in named or [root])
