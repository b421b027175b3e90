"""Scan the source as part of a run: once, where results gather, and before any test runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_ssot_tracker.detect.record.remembered import Remembered
from pytest_ssot_tracker.judge.moving import Moves
from pytest_ssot_tracker.kept import FOLDER
from pytest_ssot_tracker.model import Exempt
from pytest_ssot_tracker.plugin import unrewritten
from pytest_ssot_tracker.report.build import Scanned
from pytest_ssot_tracker.report.wire import pack_sites, unpack_sites
from pytest_ssot_tracker.scan.stored import StoredSites
from pytest_ssot_tracker.source import Allow

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_ssot_tracker.plugin.active import Active
    from pytest_ssot_tracker.scan import ScanResult

__all__ = ["SCANNED", "SourceScan", "remember", "take"]

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
        with unrewritten():
            self._result = active.session.scan(progress=_progress(active.config), cached=_caches(active))

    def for_worker(self) -> dict[str, Any]:
        """Return what a worker needs to know of the scan, as plain data."""
        self.begin()
        result = self._result
        if result is None:
            return {}
        stored, moves = result.stored(), self._active.session.moves
        return {
            "sites": [len(stored), dict(stored.parts)],
            "exempt": {key: exempt.value for key, exempt in result.exempt.items()},
            "lines": {key: [list(place) for place in places] for key, places in result.lines.items()},
            "allowed": {key: [*allow[:3], list(allow.rules), *allow[4:]] for key, allow in result.allowed.items()},
            "allowing": sorted({allow.path for allow in result.allows}),
            "moved": [list(moves.sites), pack_sites(moves.sites.values())],
        }


def remember(active: Active) -> None:
    """Let the process that runs tests know what earlier runs found out about places, and keep what it finds out."""
    if _caches(active):
        active.recorder.sites.remembered = remembered = Remembered(active.settings.root / FOLDER)
        active.config.add_cleanup(remembered.save)


def _caches(active: Active) -> bool:
    """Whether anything is kept between runs."""
    return active.config.pluginmanager.has_plugin("cacheprovider")


def take(active: Active) -> None:
    """Take over, in a worker, what the controller's scan found."""
    plain = active.config.workerinput.get(SCANNED)  # type: ignore[attr-defined]
    if plain:
        count, parts = plain["sites"]
        session, stored = active.session, StoredSites(parts, count)
        exempt = {key: Exempt(value) for key, value in plain["exempt"].items()}
        session.scanned = Scanned(sites=stored, at=stored.at, exempt=exempt, lines=plain["lines"])
        allowed = {
            key: Allow(path, line, covers, tuple(rules), *rest)
            for key, (path, line, covers, rules, *rest) in plain["allowed"].items()
        }
        session.learn(stored, allowed, plain["allowing"])
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
