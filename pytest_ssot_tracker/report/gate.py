"""Hold the figures of a report against the criteria of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pytest_ssot_tracker.judge.markers import ROLLBACK
from pytest_ssot_tracker.judge.words import counted
from pytest_ssot_tracker.model import Site, Status
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.rows import TestRow
from pytest_ssot_tracker.report.wording import lost
from pytest_ssot_tracker.settings import Gate

__all__ = ["GateResult", "GateRow", "check"]

_FAILED = ("failed", "error", "unfinished")
_PERCENT = {
    "passed_percent": ("passed", "xpassed"),
    "failed_percent": _FAILED,
    "xfailed_percent": ("xfailed",),
}


@dataclass(frozen=True, slots=True)
class GateRow:
    """One criterion: its `figure` (`None` where nothing was measured), what it is `of`, and whether it is met.

    `shown` is the figure in words: never rounded to a bound that it does not reach, or over one that it keeps.
    """

    name: str
    measure: str
    figure: float | None
    shown: str
    bounds: str
    of: str
    met: bool


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate found: a row per criterion, the rollback triggers that failed, and what was lost."""

    rows: tuple[GateRow, ...]
    triggers: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every criterion is met, no trigger failed and nothing was lost."""
        return all(row.met for row in self.rows) and not self.triggers and not self.lost


def check(gates: Sequence[Gate], report: Report) -> GateResult:
    """Return how `report` stands against `gates`.

    A site counts whatever test expects it, unless it is allowed. Tests that were skipped count in no percentage. A
    criterion with nothing to measure is not met: it would say nothing of what it is there for.
    """
    triggers = (
        test.id for test in report.tests if ROLLBACK in test.markers and test.outcome not in ("passed", "skipped")
    )
    return GateResult(tuple(_row(gate, report) for gate in gates), tuple(triggers), tuple(lost(report)))


def _row(gate: Gate, report: Report) -> GateRow:
    figure, of = _sites(gate, report) if gate.measure == "sites" else _tests(gate, _selected(gate, report))
    met = figure is not None and _met(gate, figure)
    return GateRow(gate.name, gate.measure, figure, _shown(gate, figure), _bounds(gate), of, met)


def _met(gate: Gate, figure: float) -> bool:
    return (gate.min is None or figure >= gate.min) and (gate.max is None or figure <= gate.max)


def _shown(gate: Gate, figure: float | None) -> str:
    if figure is None:
        return "-"
    if not gate.measure.endswith("percent"):
        return f"{figure:.0f}"
    met = _met(gate, figure)
    digits = next((number for number in range(2, 10) if _met(gate, round(figure, number)) == met), 10)
    return f"{_number(round(figure, digits))} %"


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.12g}"


def _sites(gate: Gate, report: Report) -> tuple[float, str]:
    """Count sites, of the rule and table asked for, that some selected test reached where tests are asked for."""
    tests = None if gate.tests is None and gate.marker is None else {test.id for test in _selected(gate, report)}
    found = [
        row
        for row in report.sites
        if row.status is not Status.ALLOWED
        and _speaks_of(gate, row.site)
        and (tests is None or not tests.isdisjoint(row.tests))
    ]
    return len(found), "sites" if gate.rule is None else f"{gate.rule} sites"


def _speaks_of(gate: Gate, site: Site) -> bool:
    return gate.rule in (None, site.rule) and gate.ssot in (None, site.ssot)


def _selected(gate: Gate, report: Report) -> list[TestRow]:
    by_site = None
    if gate.measure != "sites" and (gate.rule or gate.ssot):
        by_site = {row.site.id for row in report.sites if _speaks_of(gate, row.site)}
    return [
        test
        for test in report.tests
        if (gate.tests is None or _named(gate.tests).match(test.id))
        and (gate.marker is None or gate.marker in test.markers)
        and (by_site is None or not by_site.isdisjoint(test.sites))
    ]


@lru_cache(maxsize=256)
def _named(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a glob of node ids, in which a bracket is a bracket: parameters are written so.

    As on pytest's command line, a folder, file, class or function names all tests of it.
    """
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": ".*", "?": "."}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.rstrip("/"))
    return re.compile("".join(wild.get(part) or re.escape(part) for part in parts) + r"(?:(?:/|::|\[).*)?\Z", re.DOTALL)


def _tests(gate: Gate, tests: Iterable[TestRow]) -> tuple[float | None, str]:
    ran = [test for test in tests if test.outcome != "skipped"]
    of = counted(len(ran), "test")
    if not ran:
        return None, "no test that ran"
    if gate.measure == "failures":
        return sum(test.outcome in _FAILED for test in ran), of
    return 100 * sum(test.outcome in _PERCENT[gate.measure] for test in ran) / len(ran), of


def _bounds(gate: Gate) -> str:
    low = None if gate.min is None else f">= {_number(gate.min)}"
    high = None if gate.max is None else f"<= {_number(gate.max)}"
    return ", ".join(filter(None, (low, high)))
