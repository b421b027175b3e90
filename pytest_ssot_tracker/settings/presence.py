"""Say where a configuration may stand, at the price of looking: nothing is parsed and next to nothing imported."""

from __future__ import annotations

import os.path
from pathlib import Path

__all__ = ["OWN_FILE", "PYPROJECT", "is_below_tool", "may_be_configured", "names_us"]

PYPROJECT = "pyproject.toml"
OWN_FILE = "ssot_tracker.toml"

_NEEDLES = (b"ssot_tracker", b"tool.ssot-tracker", b"tool.pytest-ssot-tracker")
"""What a file holds, one of these, that has our table or one that was meant to be ours."""


def may_be_configured(root: Path, config_file: Path | None = None) -> bool:
    """Whether `load` could find a configuration: `False` is certain, `True` is worth the parsing."""
    # `Path.is_file` raises for a name that is too long, as a result from elsewhere may hold one.
    return config_file is not None or os.path.isfile(root / OWN_FILE) or names_us(root / PYPROJECT)


def names_us(file: Path) -> bool:
    """Whether `file` speaks of us; most pyproject files do not, and need not be parsed."""
    try:
        data = file.read_bytes()
    except (OSError, ValueError):  # a name with a null byte, say, from somebody's result
        return False
    return any(needle in data for needle in _NEEDLES)


def is_below_tool(file: Path) -> bool:
    """Whether the configuration in `file` stands, or would stand, in `[tool.ssot_tracker]` instead of at the top."""
    if file.name == PYPROJECT:
        return True
    import re

    try:
        return re.search(rb"(?m)^\s*\[+\s*tool\s*\.\s*ssot_tracker\b", file.read_bytes()) is not None
    except OSError:
        return False
