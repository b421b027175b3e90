"""Scan the source as part of a run: once, where results gather, and before any test runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from pytest_ssot_tracker.codec import made_parts, parts
from pytest_ssot_tracker.detect.record.remembered import Remembered
from pytest_ssot_tracker.kept import FOLDER
from pytest_ssot_tracker.model import Exempt, Moves, Site
from pytest_ssot_tracker.plugin import unrewritten
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.report.build import Scanned
from pytest_ssot_tracker.report.wire import from_text, to_text
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


class _ScanPacket(NamedTuple):
    """What a worker has to know of the scan: what to watch, and what spares it to parse files.

    `sites` are those of each file as text, `number` of them; `moved` are known sites where they stand now.
    """

    number: int = 0
    sites: Mapping[str, str] = MappingProxyType({})
    exempt: Mapping[str, Exempt] = MappingProxyType({})
    lines: Mapping[str, Sequence[tuple[int, bool]]] = MappingProxyType({})
    allowed: Mapping[str, Allow] = MappingProxyType({})
    allowing: tuple[str, ...] = ()
    moved: Mapping[str, Site] = MappingProxyType({})


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

    def for_worker(self) -> str | None:
        """Return what a worker needs to know of the scan, as text; `None` where there was none."""
        self.begin()
        result = self._result
        if result is None:
            return None
        stored = result.stored()
        packet = _ScanPacket(
            number=len(stored),
            sites=stored.parts,
            exempt=result.exempt,
            lines=result.lines,
            allowed=result.allowed,
            allowing=tuple(sorted({allow.path for allow in result.allows})),
            moved=self._active.session.moves.sites,
        )
        return to_text(parts(packet))


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
    text = active.config.workerinput.get(SCANNED)  # type: ignore[attr-defined]
    if text is not None:
        packet = _ScanPacket(**made_parts(_ScanPacket, from_text(text)))
        session, stored = active.session, StoredSites(packet.sites, packet.number)
        session.scanned = Scanned(sites=stored, at=stored.at, exempt=packet.exempt, lines=packet.lines)
        session.sites.learn(stored, allowed=packet.allowed, allowing=packet.allowing)
        session.move(Moves(packet.moved))


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
