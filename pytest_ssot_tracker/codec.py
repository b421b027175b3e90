"""The plain form of our records: what travels between processes, and what is kept from one run to the next.

A record is the list of its parts, without the last ones that are as they are by default; an enum member is its text, a
day its ISO text, a tuple or a set a list. How to read that back is known from the annotations of the records, so that a
part that is added needs no word here. What others read has a form of its own: the result file and the baseline file.
"""

from __future__ import annotations

import datetime
import types
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pytest_ssot_tracker.records import names_of

__all__ = ["FORMAT", "Plain", "Shared", "made", "made_parts", "parts", "plain"]

FORMAT = 11
"""Counts the changes of this form, of the records in it and of what they mean: what was kept in another is not read."""

T = TypeVar("T")
Plain = Any
"""Stands for plain data: `None`, `bool`, `int`, `float`, `str`, or lists and dictionaries of it."""

Reader = Callable[[Any, Sequence[Any]], Any]
"""Returns what a plain value was made of; a number stands for one of the shared records."""

_AS_THEY_ARE = frozenset({str, int, bool, float, type(None)})


class Shared(dict[object, int]):
    """Records of one kind that many others refer to, each with its number: these are written in their place."""

    def __init__(self, records: Sequence[object]) -> None:
        super().__init__(zip(records, range(len(records)), strict=True))
        self.kind = type(records[0]) if records else None


def plain(value: object, shared: Shared | None = None) -> Plain:
    """Return `value` as plain data, with numbers for the records that are `shared`."""
    kind: Any = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if shared is not None and kind is shared.kind:
        return shared[value]
    if isinstance(value, Enum):
        return value.value
    if kind is tuple or kind is list:
        row = [*value]  # type: ignore[misc]
    elif _is_record(kind):
        row = _row_of(value)
    elif isinstance(value, Mapping):
        return {key: plain(each, shared) for key, each in value.items()}
    elif isinstance(value, frozenset):
        return sorted(value)
    elif isinstance(value, datetime.date):
        return value.isoformat()
    elif isinstance(value, str):  # of a kind of its own, as names in the program may be
        return str.__str__(value)
    else:
        raise TypeError(f"{kind.__name__} has no plain form: {value!r:.80}")
    return [each if type(each) in _AS_THEY_ARE else plain(each, shared) for each in row]  # spares most calls


def _row_of(record: Any) -> list[Any]:
    """Return the parts of a record without the last ones that are as they are by default."""
    kind: Any = type(record)
    row = [*record] if isinstance(record, tuple) else [getattr(record, name) for name in _names(kind)]
    for default in _last_defaults(kind):
        if row[-1] != default:
            break
        row.pop()
    return row


def parts(record: object, shared: Shared | None = None) -> dict[str, Plain]:
    """Return the parts of a record by their names; what is as it is by default is left out."""
    kind: Any = type(record)
    defaults = _defaults(kind)
    found = {name: getattr(record, name) for name in _names(kind)}
    return {name: plain(each, shared) for name, each in found.items() if name not in defaults or each != defaults[name]}


def made(kind: type[T], value: Plain, shared: Sequence[object] = ()) -> T:
    """Return what `plain` made into `value`; raise `ValueError`, `TypeError` or `IndexError` for anything else."""
    found: T = _reader(cast("Any", kind))(value, shared)
    return found


def made_parts(kind: type, named: Mapping[str, Plain], shared: Sequence[object] = ()) -> dict[str, Any]:
    """Return the parts of a record of `kind` that are in `named`, where others may be as well; raises as `made`."""
    hints = _hints(cast("Any", kind))
    return {name: _reader(hints[name])(named[name], shared) for name in _names(kind) if name in named}


def _is_record(kind: Any) -> bool:
    return hasattr(kind, "_fields") if issubclass(kind, tuple) else hasattr(kind, "__record_fields__")


@lru_cache(None)
def _names(kind: Any) -> tuple[str, ...]:
    """Return the names of the parts of a record, as it is called with them."""
    if issubclass(kind, tuple):
        return kind._fields  # type: ignore[no-any-return]
    return tuple(name for name in names_of(kind) if kind.__record_fields__[name].init)


@lru_cache(None)
def _defaults(kind: Any) -> Mapping[str, object]:
    if issubclass(kind, tuple):
        return kind._field_defaults  # type: ignore[no-any-return]
    given = {name: field for name, field in kind.__record_fields__.items() if field.is_optional}
    return {name: field.value for name, field in given.items()}


@lru_cache(None)
def _last_defaults(kind: Any) -> tuple[object, ...]:
    """Return the defaults of the last parts of a record, from the end on."""
    defaults = _defaults(kind)
    return tuple(defaults[name] for name in reversed(_names(kind)) if name in defaults)


@lru_cache(None)
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


@lru_cache(None)
def _reader(hint: Any) -> Reader:
    """Return what reads a value that is annotated by `hint`."""
    if hint in _AS_THEY_ARE or hint is Any or hint is object:
        return _as_it_is
    origin, given = get_origin(hint), get_args(hint)
    if origin is Union or origin is types.UnionType:
        some = [each for each in given if each is not type(None)]
        return _optional(_reader(some[0])) if len(some) == 1 else _unknown(hint)
    if origin is tuple and given[-1:] != (...,):
        return _row(given)
    if origin in _COLLECTIONS:
        return _collection(_COLLECTIONS[origin], _reader(given[0]))
    if origin is dict or origin is Mapping:
        return _mapping(_reader(given[1]))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value, shared: hint(value)
    if hint is datetime.date:
        return lambda value, shared: datetime.date.fromisoformat(value)
    if isinstance(hint, type) and _is_record(hint):
        return _record(hint)
    return _unknown(hint)


_COLLECTIONS: Mapping[Any, Callable[[list[Any]], Any]] = {
    tuple: tuple,
    list: list,
    Sequence: list,
    frozenset: frozenset,
}


def _as_it_is(value: Any, shared: Sequence[Any]) -> Any:
    return value


def _optional(read: Reader) -> Reader:
    if read is _as_it_is:
        return read
    return lambda value, shared: None if value is None else read(value, shared)


def _collection(collect: Callable[[list[Any]], Any], read: Reader) -> Reader:
    if read is _as_it_is:
        return lambda value, shared: collect(value)
    return lambda value, shared: collect([read(each, shared) for each in value])


def _row(hints: tuple[Any, ...]) -> Reader:
    readers = tuple(map(_reader, hints))
    return lambda value, shared: tuple([read(each, shared) for read, each in zip(readers, value, strict=True)])


def _mapping(read: Reader) -> Reader:
    if read is _as_it_is:
        return lambda value, shared: dict(value)
    return lambda value, shared: {key: read(each, shared) for key, each in value.items()}


def _record(kind: Any) -> Reader:
    """Return what reads a record; most of its parts are as they were written, so only the others are touched."""
    names = _names(kind)
    hints = [_hints(kind)[name] for name in names]
    simple = [(at, _simple(hint)) for at, hint in enumerate(hints) if _simple(hint)]
    changing = [(at, _reader(hint)) for at, hint in enumerate(hints) if _reader(hint) is not _as_it_is]
    by_position = issubclass(kind, tuple)

    def read_record(value: Any, shared: Sequence[Any]) -> Any:
        if type(value) is int:
            return shared[value]
        values = [*value]
        given = len(values)
        if given > len(names):
            raise ValueError(f"{kind.__name__} has {len(names)} parts, not {given}")
        for at, kinds in simple:
            if at < given and type(values[at]) not in kinds:
                raise TypeError(f"{names[at]} of {kind.__name__} cannot be {values[at]!r:.80}")
        for at, read in changing:
            if at < given:
                values[at] = read(values[at], shared)
        return kind(*values) if by_position else kind(**dict(zip(names, values, strict=False)))

    return read_record


def _simple(hint: Any) -> frozenset[type]:
    """Return of which types a value may be that is annotated by `hint`; none where it is no text, number or `None`."""
    kinds = (
        {hint} if hint in _AS_THEY_ARE else {*get_args(hint)} if get_origin(hint) in (Union, types.UnionType) else {}
    )
    return frozenset(kinds) if _AS_THEY_ARE.issuperset(kinds) else frozenset()


def _unknown(hint: Any) -> Reader:
    """Return what reads nothing: what is annotated so lives in one process alone."""

    def read_nothing(value: Any, shared: Sequence[Any]) -> Any:
        raise TypeError(f"{hint!r} has no plain form: {value!r:.80}")

    return read_nothing
