"""Know where counters and iterators stand, and make others that stand there.

They can be read, but most cannot be set back: a new one takes the place of one that has moved.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["IteratorPosition", "standing"]

_COUNT = regex(r"count\((-?\d+)(?:, (-?\d+))?\)\Z")
_SEQUENCES = (
    *map(type, (iter([]), iter(()), iter(""), iter("é"), iter(b""), iter(bytearray()), iter(range(0)))),
    *map(type, (iter(range(2**70)), reversed([]))),
)
_SMALL = {0: 0}
_VIEWS = tuple(type(make(view)) for make in (iter, reversed) for view in (_SMALL, _SMALL.values(), _SMALL.items()))
_SETS = (type(iter(frozenset[int]())),)
_CHAINED = (enumerate, zip, map, filter)


class IteratorPosition(NamedTuple):
    """Where an iterator stands: `mark` differs once it has moved, `again` makes one that stands there."""

    mark: object
    again: Callable[[], Any]


def standing(thing: Any) -> IteratorPosition | None:
    """Return where a counter or an iterator over something of Python's own stands; `None` for all else.

    What only ever gives values of others, as a generator does, cannot be asked. Nor can most of `itertools`: from 3.14
    on they are no longer copied, https://github.com/python/cpython/issues/101588.
    """
    cls = type(thing)
    if cls is itertools.count:
        return _of_count(thing)
    if cls in _SEQUENCES:
        function, arguments, *state = thing.__reduce__()
        mark = (*map(id, arguments), *state)
        return IteratorPosition(
            mark, partial(_remade, function, arguments, *(each for each in state if each is not None))
        )
    if cls in _VIEWS or cls in _SETS:
        left = list(thing.__reduce__()[1][0])
        return IteratorPosition(tuple(map(id, left)), lambda: iter(left))
    if cls in _CHAINED:
        return _of_chained(thing)
    return None


def _of_count(counter: Any) -> IteratorPosition | None:
    match = _COUNT.match(repr(counter))
    if match is None:
        return None
    start, step = int(match[1]), int(match[2] or 1)
    return IteratorPosition((start, step), lambda: itertools.count(start, step))


def _of_chained(thing: Any) -> IteratorPosition | None:
    function, arguments, *_ = thing.__reduce__()
    parts: list[IteratorPosition] = []
    for argument in arguments:
        part = standing(argument)
        if part is None and hasattr(type(argument), "__next__"):
            return None
        parts.append(part or _unmoved(argument))
    return IteratorPosition(tuple(part.mark for part in parts), lambda: function(*(part.again() for part in parts)))


def _unmoved(thing: Any) -> IteratorPosition:
    """Return what stands for an argument of an iterator that is none: a function, or the number to count from."""
    return IteratorPosition(thing if type(thing) is int else id(thing), lambda: thing)


def _remade(function: Callable[..., Any], arguments: tuple[Any, ...], state: object = None) -> Any:
    made = function(*arguments)
    if state is not None:
        made.__setstate__(state)
    return made
