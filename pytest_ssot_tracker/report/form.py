"""The form of a row in the result file: an object, whose keys are the parts of the record as its annotations say.

What writes rows, what reads them and the published schema go by this alone, so that a part that is added needs no more
than its line in `rows`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import NamedTuple, names_of
from pytest_ssot_tracker.report.rows import IF_SAID, Presence, SeenRow, SiteRow

__all__ = ["Plain", "RowPart", "parts_of", "read", "written"]

Plain = dict[str, Any]
Convert = Callable[[Any], Any]

_KEYS: Mapping[type, Mapping[str, str]] = MappingProxyType({SeenRow: {"test": "id"}, SiteRow: {"seen": "tests"}})
"""What is called otherwise in the file than in the record."""

_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


class RowPart(NamedTuple):
    """One part of a row: its name, its key in the file, its type, and what is said of it.

    `words` say what it means, `choices` are the texts that it can be; `presence` says why a row may lack it. What
    is counted is not read.
    """

    name: str
    key: str
    type: Any
    words: str | None
    choices: tuple[str, ...]
    presence: Presence | None
    is_counted: bool = False


_COUNT = RowPart("count", "count", int, None, (), None, is_counted=True)
"""What the file says of a site in one number and the record does not hold."""


@cache
def parts_of(kind: Any) -> tuple[RowPart, ...]:
    """Return the parts of the rows of one kind."""
    hints = get_type_hints(kind, include_extras=True)
    names = kind._fields if issubclass(kind, tuple) else names_of(kind)
    parts = [_part(kind, name, hints[name]) for name in names if hints[name] is not Site]  # whose parts stand beside
    if kind is SiteRow:
        parts.insert(names.index("owner") - 1, _COUNT)
    return tuple(parts)


def _part(kind: Any, name: str, hint: Any) -> RowPart:
    hint, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    words = next((note for note in notes if isinstance(note, str)), None)
    choices: tuple[str, ...] = next((note for note in notes if isinstance(note, tuple)), ())
    presence = next((note for note in notes if isinstance(note, Presence)), None)
    return RowPart(name, _KEYS.get(kind, {}).get(name, name), hint, words, choices, presence)


def _converted(hint: Any, of_member: Convert | None, of_row: Convert | None) -> Convert | None:
    """Return what converts a value that is annotated by `hint`: its members of enums, and its rows; `None` for nothing.

    In the file a tuple is a list. Where nothing is given for members or rows, they are made of what is written.
    """
    if get_origin(hint) in (Union, types.UnionType):
        some = _converted(get_args(hint)[0], of_member, of_row)
        return None if some is None else lambda value: None if value is None else some(value)
    if get_origin(hint) is tuple:
        each = _converted(get_args(hint)[0], of_member, of_row)
        collect: Convert = list if of_row else tuple
        return collect if each is None else lambda value: collect(map(each, value))
    if hint in _AS_THEY_ARE:
        return None
    if issubclass(hint, Enum):
        return of_member or hint
    return of_row or partial(read, hint)


@cache
def _to_read(kind: Any) -> tuple[tuple[str, str, Convert | None], ...]:
    parts = (part for part in parts_of(kind) if not part.is_counted)
    return tuple((part.key, part.name, _converted(part.type, None, None)) for part in parts)


def read(kind: Any, plain: Mapping[str, Any], **more: Any) -> Any:
    """Return the row of a kind that `written` made into `plain`; what a later version added is left out."""
    for key, name, made in _to_read(kind):
        if key in plain:
            more[name] = plain[key] if made is None else made(plain[key])
    return kind(**more)


@cache
def _to_write(kind: Any) -> tuple[Callable[[Any], Iterable[Any]], tuple[tuple[str, bool, Convert | None], ...]]:
    parts = parts_of(kind)
    return (
        attrgetter(*(part.name for part in parts)),
        tuple((part.key, part.presence is IF_SAID, _converted(part.type, str.__str__, written)) for part in parts),
    )


def written(row: Any) -> Plain:
    """Return a row as the file holds it."""
    kind: Any = type(row)
    values, parts = _to_write(kind)  # there are a hundred thousand rows in a large result
    plain: Plain = {}
    for (key, only_if_said, write), value in zip(parts, values(row), strict=True):
        if value or not only_if_said:
            plain[key] = value if write is None else write(value)
    return plain
