"""Put together what every session is made of, for pytest and for the command line alike.

Settings, baseline, judge, scan and what is known of the run come together here alone: what fails one of the two fails
the other.
"""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker import __version__
from pytest_ssot_tracker.judge.baseline import Baseline, BaselineError
from pytest_ssot_tracker.judge.verdict import Judge
from pytest_ssot_tracker.kept import FOLDER
from pytest_ssot_tracker.model import Moves, Observation, Site
from pytest_ssot_tracker.records import dataclass, field, replace
from pytest_ssot_tracker.report.build import Report, Scanned
from pytest_ssot_tracker.report.gather import Gathered
from pytest_ssot_tracker.report.rows import RunInfo
from pytest_ssot_tracker.settings import Settings

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.record.sites import Sites
    from pytest_ssot_tracker.scan import ScanResult

__all__ = ["Session", "SessionError", "known", "loading"]


class SessionError(ValueError):
    """Why nothing can be judged: a baseline file that cannot be read, or a commit that git does not know."""


@dataclass(slots=True, eq=False, kw_only=True)
class Session:
    """One project under one configuration, and how its sites are judged.

    `sites` turns places into sites and knows what is allowed there. `scanned` is what the scan has found, once there
    was one, and `moves` where it found known sites that had moved. `started` is ISO text.
    """

    settings: Settings
    sites: Sites
    judge: Judge
    started: str
    scanned: Scanned | None = field(default=None)
    moves: Moves = field(default_factory=Moves)

    @classmethod
    def of(
        cls,
        settings: Settings,
        sites: Sites,
        *,
        since: str | None = None,
        option: str = "--since",
        default_raises: tuple[type[BaseException], ...] = (AssertionError,),
    ) -> Session:
        """Return the session of a project, judged by what is known of it; raise `SessionError`.

        What stood there at the commit `since`, as `option` asked for, is known as well. `default_raises` as the judge
        takes them.
        """
        now = datetime.datetime.now(datetime.timezone.utc)
        judge = Judge(
            settings=settings,
            baseline=known(settings),
            today=datetime.date.today(),
            allow_lookup=sites.allow_for,
            default_raises=default_raises,
            stood_before=_stood_before(settings, since, option),
        )
        return cls(settings=settings, sites=sites, judge=judge, started=now.isoformat(timespec="seconds"))

    def scan(
        self,
        *,
        paths: Sequence[Path] | None = None,
        jobs: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        cached: bool = True,
    ) -> ScanResult:
        """Scan the project, or what lies in `paths`, and return what was found: it is judged by from now on."""
        from pytest_ssot_tracker.scan import scan

        cache = self.settings.root / FOLDER if cached else None
        result = scan(self.settings, paths=paths, progress=progress, cache_dir=cache, jobs=jobs)
        stored = result.stored()
        result = result._replace(sites=stored, extents={})  # whoever holds it must not hold what it was made from
        self.sites.learn(stored, allowed=result.allowed, allowing={allow.path for allow in result.allows})
        self.scanned = Scanned.of(result)
        self.move(self.judge.baseline.follow(result))
        return result

    def move(self, moves: Moves) -> None:
        """Take known sites from now on for where they stand now."""
        self.moves = moves
        self.judge = replace(self.judge, baseline=self.judge.baseline.moved(moves))

    def run(self, *, selected: bool, pytest: str | None = None) -> RunInfo:
        """Return what is known of the run; `pytest` is the version of the one that runs it, if any does."""
        return RunInfo(
            version=__version__,
            phase=self.settings.phase_override or self.settings.phase,
            python=sys.version.partition(" ")[0],
            pytest=pytest,
            root=str(self.settings.root),
            started=self.started,
            selected=selected,
        )

    def report(
        self,
        gathered: Gathered,
        *,
        run: RunInfo,
        covered: Sequence[Observation] = (),
        strict_blind_spots: bool = False,
    ) -> Report:
        """Return the report of everything `gathered`, and of what the scan has found where there was one."""
        return Report.build(
            self.settings,
            self.judge,
            gathered,
            run=run,
            scan=self.scanned,
            covered=covered,
            strict_blind_spots=strict_blind_spots,
        )


def known(settings: Settings) -> Baseline:
    """Return the known sites of a project; raise `SessionError` for a baseline file that cannot be used."""
    try:
        return Baseline() if settings.baseline is None else Baseline.load(settings.baseline)
    except BaselineError as error:
        raise SessionError(str(error)) from None


def loading(
    settings: Settings,
    *,
    testpaths: Iterable[str],
    pythonpath: Iterable[str | os.PathLike[str]],
    otel: bool,
    ends: bool = False,
    deprecate: Iterable[str] = (),
    warnings: bool = False,
) -> dict[str, Any]:
    """Return as plain data with what a child process loads the same settings.

    `testpaths` and `pythonpath` are pytest's own settings, `deprecate` and `warnings` what the command line asks beside
    the configuration. With `otel` the child counts by a meter of OpenTelemetry too, with `ends` it tells of its own
    processes that are killed.
    """
    return {
        "root": str(settings.root),
        "config_file": None if settings.file is None else str(settings.file),
        "testpaths": list(testpaths),
        "pythonpath": [str(path) for path in pythonpath],
        "ends": ends,
        "otel": otel,
        "deprecate": list(deprecate),
        "warnings": warnings,
    }


def _stood_before(settings: Settings, since: str | None, option: str) -> Callable[[Site], bool]:
    """Return what tells whether a site stood there at the commit `since`: none did where there is none."""
    if since is None:
        return lambda site: False
    from pytest_ssot_tracker.changes import ChangesError, standing_before

    try:
        return standing_before(since, settings.root, settings.tree.relative)
    except ChangesError as error:
        raise SessionError(f"{option}: {error}") from None
