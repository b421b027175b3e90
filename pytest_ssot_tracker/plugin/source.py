"""Scan the source as part of a run: once, where results gather, and before any test runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_ssot_tracker.judge.moving import Moves
from pytest_ssot_tracker.plugin import unrewritten
from pytest_ssot_tracker.report.build import Scanned
from pytest_ssot_tracker.report.wire import pack_sites, unpack_sites
from pytest_ssot_tracker.source import Allow

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_ssot_tracker.plugin.active import Active
    from pytest_ssot_tracker.scan import ScanResult

__all__ = ["SCANNED", "SourceScan", "take"]

SCANNED = "ssot_tracker_scan"
_PATIENCE = 1.0
"""Seconds of scanning before progress is shown."""


class SourceScan:
    """The scan of a run, made when it is first asked for."""

    def __init__(self, active: Active) -> None:
        self._active = active
        self._done = False
        self._result: ScanResult | None = None

    def begin(self) -> None:
        """Scan, where the run scans and has not yet; judge from then on with what was learned."""
        active = self._active
        if self._done or not active.options.scan:
            return
        self._done = True
        cached = active.config.pluginmanager.has_plugin("cacheprovider")
        with unrewritten():
            self._result = active.session.scan(progress=_progress(active.config), cached=cached)

    def for_worker(self) -> dict[str, Any]:
        """Return what a worker needs to know of the scan, as plain data."""
        self.begin()
        session = self._active.session
        scanned = session.scanned
        if scanned is None:
            return {}
        sites = (site for site in scanned.sites if site.id not in scanned.exempt)
        lines = {key: [list(place) for place in places] for key, places in scanned.lines.items()}
        moved = [list(session.moves.sites), pack_sites(session.moves.sites.values())]
        return {"sites": pack_sites(sites), "lines": lines, "moved": moved, **self._written()}

    def _written(self) -> dict[str, Any]:
        """Return what spares a worker to parse files for it, as plain data."""
        result = self._result
        if result is None:
            return {}
        allowed = {key: [*allow[:3], list(allow.rules), *allow[4:]] for key, allow in result.allowed.items()}
        extents = {key: list(extent) for key, extent in result.extents.items()}
        return {"extents": extents, "allowed": allowed, "allowing": sorted({allow.path for allow in result.allows})}


def take(active: Active) -> None:
    """Take over, in a worker, what the controller's scan found."""
    plain = active.config.workerinput.get(SCANNED)  # type: ignore[attr-defined]
    if plain:
        session, sites = active.session, unpack_sites(plain["sites"])
        session.scanned = Scanned(sites=sites, lines=plain["lines"])
        allowed = {
            key: Allow(path, line, covers, tuple(rules), *rest)
            for key, (path, line, covers, rules, *rest) in plain["allowed"].items()
        }
        session.learn(sites, plain["extents"], allowed, plain["allowing"])
        keys, moved = plain["moved"]
        session.move(Moves(dict(zip(keys, unpack_sites(moved), strict=True))))


def _progress(config: pytest.Config) -> Callable[[int, int], None] | None:
    """Return what shows the scan's progress on a terminal once it takes a second; `None` off a terminal."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not reporter.isatty or reporter.verbosity < 0:
        return None
    start = time.monotonic()

    def show(done: int, total: int) -> None:
        if time.monotonic() - start > _PATIENCE:
            reporter.rewrite("" if done >= total else f"ssot: scanning {done} of {total} files", erase=True)

    return show
