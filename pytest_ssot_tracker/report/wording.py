"""Say what a rule means and what a site is, in one sentence each, for every report that has room for one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pytest_ssot_tracker.judge.words import Advice, sentence
from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.report.rows import SiteRow

__all__ = ["RULES", "finding"]

RULES: Mapping[Rule, str] = MappingProxyType(
    {
        Rule.DEPRECATED_IMPORT: "A deprecated module or name is imported.",
        Rule.DEPRECATED_USE: "A deprecated class is constructed, or a deprecated function called.",
        Rule.DEPRECATED_BASE: "A class derives from a deprecated class.",
        Rule.DEPRECATED_ACCESS: "A deprecated attribute or constant is read.",
        Rule.SINGLETON_BYPASS: "The canonical class is constructed by someone who is not its accessor.",
        Rule.OUT_OF_BAND_ID: "An identifier is made by something else than its generators.",
        Rule.FOREIGN_ID: "An identifier is used that no generator issued.",
        Rule.COMPETING_MODULES: "More than one of several competing modules exists.",
        Rule.INCOMPLETE_SSOT: "The canonical lacks something it must provide.",
        Rule.SPLIT_BRAIN: "One key is handled by two classes.",
        Rule.ILLEGAL_TRANSITION: "A state follows another that it may not follow.",
        Rule.STATE_LEAK: "A test leaves state behind in the singleton.",
        Rule.UNREADABLE_SOURCE: "A source file cannot be decoded or parsed.",
    }
)


def finding(row: SiteRow) -> str:
    """Return what stands at a site, what to use instead and whom to ask: one line, harmless."""
    subject = row.site.scope if row.site.scope != "<module>" else "this file"
    return sentence(subject, row.site, Advice(row.replacement, row.owner, row.issue))
