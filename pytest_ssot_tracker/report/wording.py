"""Say what stands at a site, and what a run has lost, for every report that has room for a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_ssot_tracker.judge.words import Advice, sentence
from pytest_ssot_tracker.report.rows import SiteRow

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.build import Report

__all__ = ["finding", "lost"]


def finding(row: SiteRow) -> str:
    """Return what stands at a site, what to use instead and whom to ask: one line, harmless."""
    subject = row.site.scope if row.site.scope != "<module>" else "this file"
    return sentence(subject, row.site, Advice(row.replacement, row.owner, row.issue))


def lost(report: Report) -> list[str]:
    """Return in words what a run has lost; nothing where it is complete."""
    lines = [*(f"worker {name} was lost" for name in report.run.lost_workers), *report.run.incomplete]
    return lines or ([] if report.run.complete else ["a run is incomplete"])
