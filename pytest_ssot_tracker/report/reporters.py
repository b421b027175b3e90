"""Render a report as any of the types that there are.

What renders a type is imported when it is asked for, so that a run pays only for the reports it wants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings.reports import REPORTERS as KNOWN
from pytest_ssot_tracker.settings.reports import Reporter

if TYPE_CHECKING:
    from typing import Protocol

    from pytest_ssot_tracker.report.build import Report
    from pytest_ssot_tracker.report.folding import LineWriter

    class Render(Protocol):
        """What renders a report of one type; `OSError` when the destination cannot be written."""

        def __call__(self, report: Report, output: Output) -> None:
            """Render `report` into `output`."""


__all__ = ["REPORTERS", "Output"]


class Output(NamedTuple):
    """Where a report goes: `dest` for what has a file or folder, `terminal` where pytest has one.

    `history` are the reports of earlier runs, for what shows a trend. `everything` asks for what passes as well, where
    a report has only what fails. `beside` are the folders outside the root, from there, that the project's own
    configuration names: what shows sources shows those in them, too. `group` is what the summary lists sites by, and
    `how_to_see_all` what to type for those that it left out.
    """

    dest: Path | None = None
    terminal: LineWriter | None = None
    history: Iterable[Report] = ()
    everything: bool = False
    beside: tuple[str, ...] = ()
    group: str = "rule"
    how_to_see_all: str = "--ssot-report=term-verbose"

    @property
    def file(self) -> Path:
        """Return the file or folder of a report that has one."""
        assert self.dest is not None, "whoever reads the option gives each such report a destination"
        return self.dest


def _render(reporter: Reporter, report: Report, output: Output) -> None:
    """Render `report`, if that is ours to do: pytest asks for what goes into its own JUnit file while making that."""
    if reporter.module is not None:
        render: Render = getattr(import_module(f"pytest_ssot_tracker.report.{reporter.module}"), reporter.function)
        render(report, output)


REPORTERS: Mapping[str, Render] = MappingProxyType({reporter.name: partial(_render, reporter) for reporter in KNOWN})
"""Every reporter by the type that `--ssot-report` names."""
