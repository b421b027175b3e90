"""Scan a project and judge what stands there, as a run would without its tests."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Sequence
from pathlib import Path

from pytest_ssot_tracker import __version__
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.project import Project
from pytest_ssot_tracker.detect.record.sites import Sites
from pytest_ssot_tracker.judge import Baseline, Judge
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.report import Gathered, Report, RunInfo, Scanned
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.scan.result import standing

__all__ = ["Survey"]


@dataclass(frozen=True, slots=True)
class Survey:
    """A scanned project: the report, what it was made from, and the known sites."""

    report: Report
    scanned: Scanned
    baseline: Baseline

    @classmethod
    def of(
        cls, project: Project, console: Console, *, paths: Sequence[Path] | None = None, jobs: int | None = None
    ) -> Survey:
        """Return the survey of `project`, or of what lies in `paths`, which must lie in it; raise `CommandError`.

        With `jobs` the files are read in that many processes.
        """
        project.check(paths or ())
        settings, baseline = project.settings, project.known()
        for line in settings.warnings:
            console.note(f"warning: {line}")
        with console.progress("scanning") as progress:
            asked = None if paths is None else [path.absolute() for path in paths]
            cache = settings.root / ".ssot_cache"
            result = scan(settings, paths=asked, progress=progress, cache_dir=cache, jobs=jobs)
        sites = Sites(settings.tree)
        sites.learn(
            standing(result.sites, result.extents),
            known=(site.id for site in result.sites),
            allowed=result.allowed,
            allowing=(allow.path for allow in result.allows),
        )
        scanned = Scanned.of(result)
        baseline = baseline.moved(baseline.follow(result))
        judge = Judge(
            settings=settings,
            baseline=baseline,
            today=datetime.date.today(),
            allow_lookup=sites.allow_for,
            stood_before=project.stood_before(),
        )
        run = RunInfo(
            version=__version__,
            phase=settings.phase_override or settings.phase,
            python=platform.python_version(),
            pytest=None,
            root=str(settings.root),
            started=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            selected=paths is not None,
        )
        report = Report.build(settings, judge, Gathered(), run=run, scan=scanned)
        return cls(report, scanned, baseline)
