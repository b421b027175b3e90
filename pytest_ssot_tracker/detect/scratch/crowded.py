"""A pytest plugin for a run in which every id of `sys.monitoring` is taken, as by a debugger, coverage and others.

`prove` loads it by `-p` before anything else, to have the back end watch that works in place.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["crowd"]

_sys: Any = getattr(sys, "monitoring", None)


def crowd() -> None:
    """Take every id that is free."""
    for number in range(6) if _sys is not None else ():
        if _sys.get_tool(number) is None:
            _sys.use_tool_id(number, "pytest-ssot-tracker, to leave none")


crowd()
