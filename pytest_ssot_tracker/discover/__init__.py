"""Look at a source tree nobody has configured yet: what looks like one job done twice, where ids come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_ssot_tracker.discover.discovery import Discovery
    from pytest_ssot_tracker.scan import Progress
    from pytest_ssot_tracker.settings import Tree

__all__ = ["discover"]


def discover(tree: Tree, *, paths: Sequence[Path] | None = None, progress: Progress | None = None) -> Discovery:
    """Return what the source of `tree` suggests, or what lies in `paths` of it; tests are left out.

    Nothing is imported. A file that cannot be read or parsed is counted and passed over.
    """
    from pytest_ssot_tracker.discover.discovery import Discovering

    return Discovering(tree, paths).run(progress)
