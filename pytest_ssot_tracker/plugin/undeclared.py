"""Say that a configuration declares nothing, so that a run without findings is not taken for a clean one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_ssot_tracker.judge.words import undeclared
from pytest_ssot_tracker.plugin import Hooks

if TYPE_CHECKING:
    from pytest_ssot_tracker.settings import Settings

__all__ = ["Undeclared"]


class Undeclared(Hooks):
    """The one line of a run whose configuration has no table: in the header, or at the end where there was none."""

    def __init__(self, settings: Settings) -> None:
        self._line = f"ssot: {undeclared(settings)}"
        self._told = False

    def pytest_report_header(self) -> str:
        """Return the line for the header."""
        self._told = True
        return self._line

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the line where there was no header, as with `-q`."""
        if not self._told:
            terminalreporter.write_line(self._line, yellow=True)
