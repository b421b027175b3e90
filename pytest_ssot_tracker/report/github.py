"""Print what fails the session as GitHub workflow commands, which become annotations in a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pytest_ssot_tracker.judge.words import counted, harmless, some
from pytest_ssot_tracker.report.build import Report
from pytest_ssot_tracker.report.failing import beside_sites, failing, passing
from pytest_ssot_tracker.report.outcome import blind_lines, blind_words, is_clean, outcome
from pytest_ssot_tracker.report.rows import SiteRow
from pytest_ssot_tracker.report.wording import finding, lost

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.reporters import Output

__all__ = ["LIMIT", "commands", "render"]

LIMIT = 10
"""Annotations of one kind that GitHub shows for one step; what comes after is dropped silently."""

_MESSAGE = 4000
"""Characters of a message that are shown."""


def render(report: Report, output: Output) -> None:
    """Write the annotations, where there is a terminal."""
    if output.terminal is not None:
        for line in commands(report, everything=output.everything):
            output.terminal.write_line(line)


def commands(report: Report, *, everything: bool = False) -> Iterator[str]:
    """Yield one line per annotation: an error for each thing that fails, and how the run ended.

    With `everything` what passes becomes notices. Of a run that passes nothing else is said: an annotation on every
    commit would be noise.
    """
    lines = list(_lines(report, everything=everything))
    yield from lines
    if lines and not is_clean(report):
        yield _command("notice", text=outcome(report))


def _lines(report: Report, *, everything: bool) -> Iterator[str]:
    errors = [_command("error", text=failure.text) for failure in beside_sites(report)]
    errors += [_annotation("error", row) for row in failing(report)]
    yield from _shown("error", errors, "failure")
    if everything:
        yield from _shown("notice", [_annotation("notice", row) for row in passing(report)], "site")
    if not report.run.complete:
        yield _command("warning", text=f"the run is incomplete: {', '.join(lost(report))}")
    blind = list(map(harmless, blind_lines(report)))
    if blind:
        yield _command("warning", text=f"{blind_words(report)}: {some(blind)}")


def _shown(level: str, lines: Sequence[str], noun: str) -> Iterator[str]:
    """Yield as many of `lines` as GitHub shows; where there are more, the last one counts those."""
    if len(lines) <= LIMIT:
        yield from lines
        return
    yield from lines[: LIMIT - 1]
    more = counted(len(lines) - LIMIT + 1, f"more {noun}")
    yield _command(level, text=f"{more}; see the report of the run")


def _annotation(level: str, row: SiteRow) -> str:
    site = row.site
    place = {"file": site.path, "line": str(max(site.line, 1))} if site.is_ours else {}
    return _command(level, title=f"ssot {site.rule.value}", text=finding(row), **place)


def _command(level: str, *, text: str, title: str = "ssot", **place: str) -> str:
    """Return one workflow command, of which no text can begin another.

    See https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
    """
    properties = ",".join(f"{key}={_property(value)}" for key, value in {**place, "title": title}.items())
    return f"::{level} {properties}::{_data(text)}"


def _data(text: str) -> str:
    return harmless(text)[:_MESSAGE].replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
