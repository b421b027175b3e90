"""Hold the figures of a report against the criteria of the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pytest_ssot_tracker.judge.markers import ROLLBACK
from pytest_ssot_tracker.model import Status
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.rows import TestRow
from pytest_ssot_tracker.settings import Gate

__all__ = ["GateResult", "GateRow", "check"]

_SITES = (Status.NEW, Status.KNOWN, Status.EXPECTED)
_PERCENT = {
    "passed_percent": ("passed", "xpassed"),
    "failed_percent": ("failed", "error", "unfinished"),
    "xfailed_percent": ("xfailed",),
}
_FAILED = ("failed", "error", "unfinished")


@dataclass(frozen=True, slots=True)
class GateRow:
    """Be one criterion: its `figure` (`None` where nothing was measured), what it is `of`, and whether it is met."""

    name: str
    measure: str
    figure: float | None
    bounds: str
    of: str
    met: bool


@dataclass(frozen=True, slots=True)
class GateResult:
    """Be what the gate found: a row per criterion, the rollback triggers that failed, and what was lost."""

    rows: tuple[GateRow, ...]
    triggers: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Tell whether every criterion is met, no trigger failed and nothing was lost."""
        return all(row.met for row in self.rows) and not self.triggers and not self.lost


def check(gates: Sequence[Gate], report: Report) -> GateResult:
    """Return how `report` stands against `gates`.

    A site counts whatever test expects it, unless it is allowed. Tests that were skipped count in no percentage. A
    criterion with nothing to measure is not met: it would say nothing of what it is there for.
    """
    triggers = (
        test.id for test in report.tests if ROLLBACK in test.markers and test.outcome not in ("passed", "skipped")
    )
    lost = [*(f"worker {name} was lost" for name in report.run.lost_workers), *report.run.incomplete]
    if not report.run.complete and not lost:
        lost = ["a run is incomplete"]
    return GateResult(tuple(_row(gate, report) for gate in gates), tuple(triggers), tuple(lost))


def _row(gate: Gate, report: Report) -> GateRow:
    figure, of = _sites(gate, report) if gate.measure == "sites" else _tests(gate, _selected(gate, report))
    met = figure is not None
    if figure is not None:
        met = (gate.min is None or figure >= gate.min) and (gate.max is None or figure <= gate.max)
    return GateRow(gate.name, gate.measure, figure, _bounds(gate), of, met)


def _sites(gate: Gate, report: Report) -> tuple[float, str]:
    """Count sites, of the rule and table asked for, that some selected test reached where tests are asked for."""
    tests = None if gate.tests is None and gate.marker is None else {test.id for test in _selected(gate, report)}
    found = [
        row
        for row in report.sites
        if row.status in _SITES
        and (gate.rule is None or row.site.rule is gate.rule)
        and (gate.ssot is None or row.site.ssot == gate.ssot)
        and (tests is None or not tests.isdisjoint(row.tests))
    ]
    return len(found), "sites" if gate.rule is None else f"{gate.rule} sites"


def _selected(gate: Gate, report: Report) -> list[TestRow]:
    by_site = None
    if gate.measure != "sites" and (gate.rule is not None or gate.ssot is not None):
        by_site = {
            row.site.id
            for row in report.sites
            if gate.rule in (None, row.site.rule) and gate.ssot in (None, row.site.ssot)
        }
    return [
        test
        for test in report.tests
        if (gate.tests is None or fnmatchcase(test.id, gate.tests))
        and (gate.marker is None or gate.marker in test.markers)
        and (by_site is None or not by_site.isdisjoint(test.sites))
    ]


def _tests(gate: Gate, tests: Iterable[TestRow]) -> tuple[float | None, str]:
    ran = [test for test in tests if test.outcome != "skipped"]
    of = f"{len(ran)} {'test' if len(ran) == 1 else 'tests'}"
    if not ran:
        return None, "no test that ran"
    if gate.measure == "failures":
        return sum(test.outcome in _FAILED for test in ran), of
    return 100 * sum(test.outcome in _PERCENT[gate.measure] for test in ran) / len(ran), of


def _bounds(gate: Gate) -> str:
    low = None if gate.min is None else f">= {gate.min:g}"
    high = None if gate.max is None else f"<= {gate.max:g}"
    return ", ".join(filter(None, (low, high)))
