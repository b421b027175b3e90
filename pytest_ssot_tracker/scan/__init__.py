"""Find in source text what a configuration speaks of: source tree to sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssot_tracker.scan.scan_result import Progress, ScanResult

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_ssot_tracker.scan.learning import TextParser
    from pytest_ssot_tracker.settings import Settings

__all__ = ["Progress", "ScanResult", "scan"]


def scan(
    settings: Settings,
    *,
    paths: Sequence[str | os.PathLike[str]] | None = None,
    progress: Progress | None = None,
    cache_dir: Path | None = None,
    whole: bool | None = None,
    jobs: int | None = None,
    parser: TextParser | None = None,
) -> ScanResult:
    """Return every site that the source text of the project shows.

    `paths` narrows what is looked at. `progress(done, files)` is called now and then. With a `cache_dir` what was
    learned of a file is kept there, by its content, and what was found while nothing changes. With `whole` every file
    is read from end to end; by default only what could matter, unless the tree is small: that the rest can be parsed is
    made sure of in either case. Many files are read in `jobs` processes, by default as many as pay; `parser` parses
    those that are read in this one.
    No file can make this raise: what cannot be read is an `unreadable-source` site.
    """
    from pytest_ssot_tracker.scan.answering import KeptAnswer
    from pytest_ssot_tracker.scan.walk import Walk

    walk = Walk(settings.tree, paths)
    entries, trouble = walk.entries()
    answer = KeptAnswer(cache_dir, settings, walk, entries, whole=whole)
    known = None if trouble else answer.recall()
    if known is not None:
        return known
    from pytest_ssot_tracker.scan.scanning import Scanning

    scanning = Scanning(settings, walk, cache_dir=cache_dir, whole=whole, jobs=jobs, parser=parser)
    result = scanning.run(entries, trouble, progress)
    answer.keep(result, looked=scanning.modules, others=scanning.others())
    return result
