"""Scan a project and judge what stands there, as a run would without its tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.project import Project
from pytest_ssot_tracker.detect.record.sites import Sites
from pytest_ssot_tracker.garbage import uncollected
from pytest_ssot_tracker.judge import Baseline
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.report import Gathered, Report, Scanned

__all__ = ["Survey"]


@dataclass(frozen=True, slots=True)
class Survey:
    """A scanned project: the report, what it was made from, and the known sites.

    `before` are the known sites as they are written down, `baseline` the same where they stand now.
    """

    report: Report
    scanned: Scanned
    before: Baseline
    baseline: Baseline

    @classmethod
    @uncollected()
    def of(
        cls, project: Project, console: Console, *, paths: Sequence[Path] | None = None, jobs: int | None = None
    ) -> Survey:
        """Return the survey of `project`, or of what lies in `paths`, which must lie in it; raise `CommandError`.

        With `jobs` the files are read in that many processes.
        """
        project.check(paths or ())
        settings = project.settings
        session = project.session(Sites(settings.tree))
        before = session.judge.baseline
        for line in settings.warnings:
            console.note(f"warning: {line}")
        asked = None if paths is None else [path.absolute() for path in paths]
        with console.progress("scanning") as progress:
            session.scan(paths=asked, progress=progress, jobs=jobs)
        assert session.scanned is not None
        report = session.report(Gathered(), run=session.run(selected=paths is not None))
        return cls(report, session.scanned, before, session.judge.baseline)
