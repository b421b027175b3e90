"""Run a scan: read the files, learn what they say, and turn it into sites."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.scan.result import Progress, ScanResult
from pytest_ssot_tracker.scan.unreadable import unreadable
from pytest_ssot_tracker.scan.walk import Walk
from pytest_ssot_tracker.settings import Settings
from pytest_ssot_tracker.source import Allow, SourceFile

__all__ = ["Scanning"]


class Scanning:
    """Be one scan of a project."""

    def __init__(
        self,
        settings: Settings,
        *,
        paths: Sequence[str | os.PathLike[str]] | None,
        processes: int | None,
        cache_dir: Path | None,
        whole: bool | None,
    ) -> None:
        self._settings = settings
        self._walk = Walk(settings.tree, paths)

    def run(self, progress: Progress | None) -> ScanResult:
        """Return what the scan found."""
        entries, notes = self._walk.entries()
        sites: list[Site] = []
        allows: list[Allow] = []
        for number, entry in enumerate(entries):
            if progress is not None:
                progress(number, len(entries))
            try:
                file = SourceFile.read(entry.path, self._walk.read(entry.path))
            except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
                sites.append(unreadable(entry.path, error))
                continue
            allows += file.allows
        return ScanResult(
            walk=self._walk, sites=tuple(sites), allows=tuple(allows), files=len(entries), notes=tuple(notes)
        )
