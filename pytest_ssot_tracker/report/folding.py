"""Fold long lines between words, where somebody reads them on a screen of a known width."""

from __future__ import annotations

import os
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    class LineWriter(Protocol):
        """What lines are written to: pytest's terminal reporter, or the console of the commands."""

        def section(self, title: str, sep: str = "=", **markup: bool) -> None:
            """Write a heading across the width."""

        def write_line(self, line: str, **markup: bool) -> None:
            """Write one line."""


__all__ = ["Folded", "folded", "reading_width"]


def reading_width(columns: int, *, tty: bool) -> int | None:
    """Return the width to fold at: that of a terminal, or what `COLUMNS` asks for; `None` for a pipe or a file.

    A log that is searched, or read by a program, has each finding on one line.
    """
    return columns if tty or os.environ.get("COLUMNS", "").isdecimal() else None


def folded(line: str, width: int | None) -> list[str]:
    """Return `line` in lines of at most `width`, broken between words; what follows the first is indented by two more.

    A word longer than the width stays whole, so that a path can be copied; it stands as far left as it needs to.
    """
    if width is None or len(line) <= width:
        return [line]
    indent = len(line) - len(line.lstrip())
    longest = max(map(len, line.split()))
    first = max(0, min(indent, width - longest))
    rest = max(0, min(indent + 2, width - longest))
    wrapper = textwrap.TextWrapper(
        width=width,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_long_words=False,
        break_on_hyphens=False,
        expand_tabs=False,
        replace_whitespace=False,
    )
    return wrapper.wrap(line.strip())


class Folded:
    """A screen whose lines are folded at `width` before they reach `terminal`."""

    def __init__(self, terminal: LineWriter, width: int | None) -> None:
        self._terminal = terminal
        self._width = width

    def section(self, title: str, sep: str = "=", **markup: bool) -> None:
        """Write a heading across the width."""
        self._terminal.section(title, sep, **markup)

    def write_line(self, line: str, **markup: bool) -> None:
        """Write one line, or as many as it takes."""
        for part in folded(line, self._width) or [""]:
            self._terminal.write_line(part, **markup)
