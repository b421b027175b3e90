"""Write the table of `docs/fixtures.md`: what a test is handed, for every kind of state and every `reset`.

    python -m tests.state.table --write

The table says what the rows say; the tests bear it out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from .rows import EITHER, FRESH, GROUPS, NAMED, ROWS, Row

__all__ = ["DOC", "render", "written"]

DOC = Path(__file__).parents[2] / "docs" / "fixtures.md"

_PLACE = re.compile(r"(<!-- table: state -->\n).*?(?=\n<!-- end -->)", re.DOTALL)
_SAID = {FRESH: "fresh", NAMED: "blind spot", EITHER: "fresh, or a blind spot"}


def render() -> str:
    """Return the table."""
    lines = ["| kind of state | `state` | `instance` | a function |", "|---|---|---|---|"]
    for title, rows in GROUPS:
        lines.append(f"| **{title}** | | | |")
        lines += map(_line, rows)
    total = " | ".join(f"{sum(getattr(row, reset) == FRESH for row in ROWS)} of {len(ROWS)} fresh" for reset in _RESETS)
    return "\n".join([*lines, f"| | {total} |"])


_RESETS = ("state", "instance", "function")


def _line(row: Row) -> str:
    since = "" if row.python <= (3, 10) else f" (Python {row.python[0]}.{row.python[1]})"
    return f"| {row.name}{since} | {' | '.join(_SAID[getattr(row, reset)] for reset in _RESETS)} |"


def written() -> str:
    """Return the page with the table as the rows have it."""
    return _PLACE.sub(lambda found: found[1] + "\n" + render() + "\n", DOC.read_text(encoding="utf-8"))


if __name__ == "__main__":
    if "--write" in sys.argv:
        DOC.write_text(written(), encoding="utf-8")
    else:
        print(render())
