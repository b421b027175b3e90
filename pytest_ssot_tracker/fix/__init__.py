"""Rewrite sites to what replaces them: sites to changed files, with a reason for each site that is left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssot_tracker.fix.fixes import Change, Fixes, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_ssot_tracker.model import Site
    from pytest_ssot_tracker.settings import Settings

__all__ = ["Change", "Fixes", "Refusal", "fix"]


def fix(
    settings: Settings,
    sites: Sequence[Site],
    *,
    others: Sequence[Site] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Fixes:
    """Return how the files that hold `sites` would look with them rewritten; nothing is written.

    `others` are sites that stay as they are: what they use is still in use. `progress(done,
    files)` is called now and then.
    """
    from pytest_ssot_tracker.fix.planning import Plan

    return Plan(settings, sites, others=others).run(progress)
