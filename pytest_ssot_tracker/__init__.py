"""Tell a team, at test time and for certain, who still uses what a single source of truth replaces.

PYTEST_DONT_REWRITE: a pytest that runs in a watched child finds this loaded, and would warn that it is.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as `typing` has it, which nothing else here needs
if TYPE_CHECKING:
    from pytest_ssot_tracker.isolate.fixtures import Singletons, UnknownTableError
    from pytest_ssot_tracker.isolate.race import Race, RaceResult, StuckError
    from pytest_ssot_tracker.judge.whole_run import BudgetRow
    from pytest_ssot_tracker.model import By, Flag, Guard, Phase, Site, Status, Step
    from pytest_ssot_tracker.report.build import Report
    from pytest_ssot_tracker.report.rows import (
        AllowRow,
        BlindRow,
        Exercise,
        RunInfo,
        SeenRow,
        SiteRow,
        SsotRow,
        TestRow,
        Totals,
    )
    from pytest_ssot_tracker.rules import About, Rule
    from pytest_ssot_tracker.watching import Watching, watch

__all__ = [
    "About",
    "AllowRow",
    "BlindRow",
    "BudgetRow",
    "By",
    "Exercise",
    "Flag",
    "Guard",
    "Phase",
    "Race",
    "RaceResult",
    "Report",
    "Rule",
    "RunInfo",
    "SeenRow",
    "Singletons",
    "Site",
    "SiteRow",
    "SsotRow",
    "Status",
    "Step",
    "StuckError",
    "TestRow",
    "Totals",
    "UnknownTableError",
    "Watching",
    "watch",
]

# Written here and read by the build: asking the installed metadata loads the `email` package, in every run.
__version__ = "0.2.0"

_HOMES = {
    "isolate.fixtures": "Singletons UnknownTableError",
    "isolate.race": "Race RaceResult StuckError",
    "judge.whole_run": "BudgetRow",
    "model": "By Flag Guard Phase Site Status Step",
    "report.build": "Report",
    "report.rows": "AllowRow BlindRow Exercise RunInfo SeenRow SiteRow SsotRow TestRow Totals",
    "rules": "About Rule",
    "watching": "Watching watch",
}
"""Which module each public name comes from."""


def __getattr__(name: str) -> object:
    """Return a public name, loaded when it is first asked for: every run loads this module."""
    for home, names in _HOMES.items():
        if name in names.split():
            from importlib import import_module

            return vars(import_module(f"{__name__}.{home}"))[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
