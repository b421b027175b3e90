"""Tell a team, at test time and for certain, who still uses what a single source of truth replaces.

PYTEST_DONT_REWRITE: a pytest that runs in a watched child finds this loaded, and would warn that it is.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as `typing` has it, which nothing else here needs
if TYPE_CHECKING:
    from pytest_ssot_tracker.model import Phase, Rule, Site, Status, Step
    from pytest_ssot_tracker.report.build import Report
    from pytest_ssot_tracker.report.rows import Exercise, RunInfo, SeenRow, SiteRow, SsotRow, TestRow, Totals
    from pytest_ssot_tracker.watching import Watching, watch

__all__ = [
    "Exercise",
    "Phase",
    "Report",
    "Rule",
    "RunInfo",
    "SeenRow",
    "Site",
    "SiteRow",
    "SsotRow",
    "Status",
    "Step",
    "TestRow",
    "Totals",
    "Watching",
    "watch",
]

# Written here and read by the build: asking the installed metadata loads the `email` package, in every run.
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Return a public name, loaded when it is first asked for: every run loads this module."""
    if name in __all__:
        from importlib import import_module

        for room in ("watching", "model", "report.rows", "report.build"):
            found = vars(import_module(f"{__name__}.{room}")).get(name)
            if found is not None:
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
