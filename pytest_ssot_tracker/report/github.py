"""Print new sites as GitHub workflow commands, which become annotations in a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_ssot_tracker.judge.words import counted, harmless, some
from pytest_ssot_tracker.model import Status
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.outcome import blind_lines, blind_words, is_clean, outcome
from pytest_ssot_tracker.report.rows import SiteRow
from pytest_ssot_tracker.report.wording import finding

__all__ = ["LIMIT", "commands"]

LIMIT = 10
"""Annotations of one kind that GitHub shows for one step; what comes after is dropped silently."""

_MESSAGE = 4000
"""Characters of a message that are shown."""


def commands(report: Report) -> Iterator[str]:
    """Yield one line per annotation: an error per new site, then how many more there are, and how the run ended.

    Of a clean run nothing is said: an annotation on every commit would be noise.
    """
    new = [row for row in report.sites if row.status is Status.NEW]
    shown = new if len(new) <= LIMIT else new[: LIMIT - 1]
    for row in shown:
        yield _annotation(row)
    if len(new) > len(shown):
        text = f"{counted(len(new) - len(shown), 'more new site')}; see the report of the run"
        yield f"::error title=ssot::{_data(text)}"
    if not report.run.complete:
        lost = ", ".join((*(f"worker {name} was lost" for name in report.run.lost_workers), *report.run.incomplete))
        yield f"::warning title=ssot::{_data(f'the run is incomplete: {lost}')}"
    blind = list(map(harmless, blind_lines(report)))
    if blind:
        yield f"::warning title=ssot::{_data(f'{blind_words(report)}: {some(blind)}')}"
    if not is_clean(report):
        yield f"::notice title=ssot::{_data(outcome(report))}"


def _annotation(row: SiteRow) -> str:
    site = row.site
    place = {"file": site.path, "line": str(max(site.line, 1))} if site.is_ours else {}
    properties = {**place, "title": f"ssot {site.rule.value}"}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::error {listed}::{_data(finding(row))}"


def _data(text: str) -> str:
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")[:_MESSAGE]
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
