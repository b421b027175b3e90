"""Say what stands at a site in one sentence, for every report that has room for one."""

from __future__ import annotations

from pytest_ssot_tracker.judge.words import Advice, sentence
from pytest_ssot_tracker.report.rows import SiteRow

__all__ = ["finding"]


def finding(row: SiteRow) -> str:
    """Return what stands at a site, what to use instead and whom to ask: one line, harmless."""
    subject = row.site.scope if row.site.scope != "<module>" else "this file"
    return sentence(subject, row.site, Advice(row.replacement, row.owner, row.issue))
