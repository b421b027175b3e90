"""Say what is wrong with a configuration: every problem at once, each with its file, its key and the way out.

Every run of everybody who has the plugin installed loads this: named tuples take less time to define than dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pytest_ssot_tracker.records import NamedTuple

if TYPE_CHECKING:
    from pytest_ssot_tracker.names.looking import Names

__all__ = ["ConfigurationError", "Problem", "Spot", "nearest"]


class Problem(NamedTuple):
    """One thing wrong: in `file`, at `key` (empty for the file as a whole), and what to do about it."""

    file: str
    key: str
    text: str
    todo: str = ""

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: {self.text}" + (f"; {self.todo}" if self.todo else "")


class ConfigurationError(Exception):
    """Refuse a configuration, with all its `problems` at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Spot(NamedTuple):
    """The place of a value in a configuration, with where to report a problem.

    `key` is spelled as one would in TOML: `ssot.execution.deprecated[1]`. `names` know the modules of the project that
    is configured, where there is one.
    """

    file: str
    key: str
    report: Callable[[Problem], None]
    names: Names | None = None

    def at(self, part: str | int) -> Spot:
        """Return the spot of a key, or of a list's item counted from 0, inside this one."""
        if isinstance(part, int):
            return self._replace(key=f"{self.key}[{part}]")
        bare = part.isascii() and part.replace("-", "_").replace("_", "a").isalnum()
        spelled = part if bare else '"' + part.replace("\\", r"\\").replace('"', r"\"") + '"'
        return self._replace(key=f"{self.key}.{spelled}" if self.key else spelled)

    def wrong(self, text: str, todo: str = "") -> None:
        """Report that the value here is wrong, and what to do."""
        self.report(Problem(self.file, self.key, text, todo))


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return the hint that names the nearest of `valid`, or all of them where none is near."""
    from difflib import get_close_matches

    choices = list(valid)
    folded = {choice.lower().replace("_", "-"): choice for choice in choices}
    close = get_close_matches(name.lower().replace("_", "-"), folded, n=1)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    return f"write one of {', '.join(choices)}" if choices else ""
