"""Read the markers of a test as they are written, for tests that nobody has collected.

The scan notes them: a site in the body of a test is covered by the test's markers, also where the test did not run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from pytest_ssot_tracker.judge.markers import ALLOW, ENFORCE, EXPECT, ROLLBACK, MarkError, Marks, read_marks
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import NamedTuple

if TYPE_CHECKING:
    from pytest_ssot_tracker.scan.stored import PlainMark

__all__ = ["WrittenMarks"]

_OURS = (EXPECT, ALLOW, ENFORCE, ROLLBACK)


class _Mark(NamedTuple):
    name: str
    args: tuple[object, ...]
    kwargs: Mapping[str, object]


class WrittenMarks:
    """The markers written above the test that holds a site; `written` are those of a scan, by path and scope."""

    def __init__(self, written: Mapping[str, Mapping[str, Iterable[PlainMark]]]) -> None:
        self._written = written
        self._known: dict[tuple[str, str], Marks | None] = {}

    def __call__(self, site: Site) -> Marks | None:
        """Return the markers of the test in whose body `site` stands, `None` where it stands in none."""
        plain = self._written.get(site.path, {}).get(site.scope)
        if plain is None:
            return None
        key = (site.path, site.scope)
        if key not in self._known:
            self._known[key] = _read(plain)
        return self._known[key]


def _read(plain: Iterable[PlainMark]) -> Marks | None:
    try:
        return read_marks(_marks(plain))
    except MarkError:
        return None  # a run refuses it


def _marks(plain: Iterable[PlainMark]) -> Iterator[_Mark]:
    for name, args, kwargs in plain:
        if name in _OURS:
            yield _Mark(name, ast.literal_eval(args), ast.literal_eval(kwargs))
