"""What is known of the terminal that a run writes to."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_ssot_tracker.report.folding import reading_width

__all__ = ["WIDTH", "width"]

WIDTH = "ssot_width"
"""Under which key a worker of xdist is told the width: its own output goes nowhere."""


def width(config: pytest.Config) -> int | None:
    """Return the width that lines are folded at; `None` for a pipe and a file."""
    told: dict[str, Any] | None = getattr(config, "workerinput", None)
    if told is not None:
        return told.get(WIDTH)
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return None
    return reading_width(config.get_terminal_writer().fullwidth, tty=reporter.isatty)
