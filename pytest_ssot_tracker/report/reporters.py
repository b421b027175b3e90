"""Hold the one table of reporters: each turns a `Report` into output of its type.

A reporter imports what it needs when it is called, so that a run pays only for the reports it asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from pytest_ssot_tracker.report.build import Report
    from pytest_ssot_tracker.report.terminal import Screen

__all__ = ["REPORTERS", "Output", "Reporter"]


class Output(NamedTuple):
    """Be where a report goes: `dest` for what has a file or folder, `terminal` where pytest has one.

    `history` are the reports of earlier runs, for what shows a trend. `everything` asks for what passes as well, where
    a report has only what fails. `beside` are the folders outside the root, from there, that the project's own
    configuration names: what shows sources shows those in them, too.
    """

    dest: Path | None = None
    terminal: Screen | None = None
    history: Iterable[Report] = ()
    everything: bool = False
    beside: tuple[str, ...] = ()


class Reporter(Protocol):
    """Be what renders a report of one type; `OSError` when the destination cannot be written."""

    def __call__(self, report: Report, output: Output) -> None:
        """Render `report` into `output`."""


def _term(report: Report, output: Output) -> None:
    from pytest_ssot_tracker.report.terminal import show

    if output.terminal is not None:
        show(report, output.terminal)


def _term_verbose(report: Report, output: Output) -> None:
    from pytest_ssot_tracker.report.terminal import show

    if output.terminal is not None:
        show(report, output.terminal, verbose=True)


def _html(report: Report, output: Output) -> None:
    from pytest_ssot_tracker.report.html import write

    assert output.dest is not None, "settings.parse_report gives every html report a destination"
    write(report, output.dest, output.history, output.beside)


def _json(report: Report, output: Output) -> None:
    from pytest_ssot_tracker.report.result import write

    assert output.dest is not None, "settings.parse_report gives every json report a destination"
    write(report, output.dest)


def _sarif(report: Report, output: Output) -> None:
    from pytest_ssot_tracker.report.sarif import write

    assert output.dest is not None, "settings.parse_report gives every sarif report a destination"
    write(report, output.dest, everything=output.everything)


def _gitlab(report: Report, output: Output) -> None:
    from pytest_ssot_tracker.report.gitlab import write

    assert output.dest is not None, "settings.parse_report gives every gitlab report a destination"
    write(report, output.dest, everything=output.everything)


def _github(report: Report, output: Output) -> None:
    from pytest_ssot_tracker.report.github import commands

    if output.terminal is not None:
        for line in commands(report, everything=output.everything):
            output.terminal.write_line(line)


def _junit(report: Report, output: Output) -> None:
    """Do nothing here: the plugin puts properties into pytest's own file while that is being made."""


REPORTERS: Mapping[str, Reporter] = MappingProxyType(
    {
        "term": _term,
        "term-verbose": _term_verbose,
        "html": _html,
        "json": _json,
        "sarif": _sarif,
        "github": _github,
        "gitlab": _gitlab,
        "junit": _junit,
    }
)
"""Every reporter by the type that `--ssot-report` names."""
