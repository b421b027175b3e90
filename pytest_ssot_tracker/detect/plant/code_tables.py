"""Make room in the tables that go with the instructions of code: where each stands, and what handles its errors.

Their forms, from Python 3.11 on, are told in CPython's `InternalDocs/code_objects.md` and `exception_handling.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pytest_ssot_tracker.records import NamedTuple

__all__ = ["moved_guards", "moved_places", "with_place"]

_NOWHERE, _LONG, _LINE_ALONE, _NEAR = 15, 14, 13, (10, 11, 12)
"""How a place is written: not at all, in full, without columns, or on one of the next lines (else on the same)."""

_MOST = 8
"""How many units one entry of a line table is about at most."""


class _Entry(NamedTuple):
    """Where some `units` of code stand: in which form, `moved` by how many lines, and whatever else is said."""

    kind: int
    units: int
    moved: bytes
    rest: bytes

    def bytes(self, units: int) -> bytes:
        """Return the entry as it is written, for some `units`."""
        return bytes((0x80 | self.kind << 3 | units - 1,)) + self.moved + self.rest

    @property
    def again(self) -> _Entry:
        """Return what says the same of what follows."""
        if self.kind in _NEAR:
            return self._replace(kind=_NEAR[0])
        return self._replace(moved=b"\0") if self.moved else self


def with_place(table: bytes, start: int, units: int, first_line: int) -> bytes:
    """Return a line table with `units` more at the unit `start`, which stand where the next does that has a line."""
    read, at, line = 0, 0, first_line
    while read < len(table) and at + _units(table, read) <= start:
        at += _units(table, read)
        line += _lines(_entry(table, read))
        read = _end(table, read)
    made = table[:read]
    waiting: list[_Entry] = []  # those from `start` to the first that has a line
    while read < len(table) and (not waiting or waiting[-1].kind == _NOWHERE):
        waiting.append(_entry(table, read))
        read = _end(table, read)
    if not waiting:  # a table may be left out: nobody knows then where anything stands
        made += b"".join(_Entry(_NOWHERE, 1, b"", b"").bytes(1) for _ in range(at, start))
    elif at < start:  # one entry may be about units on both sides
        made += waiting[0].bytes(start - at)
        line += _lines(waiting[0])
        waiting[0] = waiting[0].again._replace(units=waiting[0].units - (start - at))
    if not waiting or waiting[-1].kind == _NOWHERE:
        here = _Entry(_LINE_ALONE, units, _signed(first_line - line), b"")
    else:
        here = waiting[-1]
        waiting[-1] = here.again
    made += _spread(here, units)
    return made + b"".join(entry.bytes(entry.units) for entry in waiting) + table[read:]


def _spread(entry: _Entry, units: int) -> bytes:
    """Return what says of some `units` what the entry says."""
    made = b""
    while units:
        made += entry.bytes(min(units, _MOST))
        units -= min(units, _MOST)
        entry = entry.again
    return made


def _units(table: bytes, at: int) -> int:
    """Return how many units the entry is about that begins at `at`."""
    return (table[at] & 7) + 1


def _end(table: bytes, at: int) -> int:
    """Return where the entry ends that begins at `at`."""
    kind, end = table[at] >> 3 & 15, at + 1
    if kind < _LINE_ALONE:
        return end + (2 if kind in _NEAR else 1)
    numbers = 0 if kind == _NOWHERE else 4 if kind == _LONG else 1
    for _ in range(numbers):
        end = _behind(table, end)
    return end


def _entry(table: bytes, at: int) -> _Entry:
    """Return the entry that begins at `at`."""
    kind, end = table[at] >> 3 & 15, _end(table, at)
    moved = _behind(table, at + 1) if kind in (_LINE_ALONE, _LONG) else at + 1
    return _Entry(kind, _units(table, at), table[at + 1 : moved], table[moved:end])


def _behind(table: bytes, at: int) -> int:
    """Return where the number ends that begins at `at`."""
    while table[at] & 0x40:
        at += 1
    return at + 1


def _lines(entry: _Entry) -> int:
    """Return by how many lines the entry goes on."""
    if entry.kind in _NEAR:
        return entry.kind - _NEAR[0]
    number = sum((byte & 0x3F) << 6 * place for place, byte in enumerate(entry.moved))
    return -(number >> 1) if number & 1 else number >> 1


def _signed(number: int) -> bytes:
    left = -number << 1 | 1 if number < 0 else number << 1
    made = bytearray()
    while left > 0x3F:
        made.append(0x40 | left & 0x3F)
        left >>= 6
    return bytes((*made, left))


def moved_places(table: bytes, moved: Sequence[int]) -> bytes:
    """Return a line table of units that are now where `moved` says, by what was put in front of some of them."""
    made, at, read = b"", 0, 0
    while read < len(table):
        before, end = _units(table, read), _end(table, read)
        units = moved[at + before] - moved[at]
        made += table[read:end] if units == before else _spread(_entry(table, read), units)
        at, read = at + before, end
    return made


def moved_guards(table: bytes, moved: Callable[[int], int]) -> bytes:
    """Return an exception table of units that are now where `moved` says.

    What is guarded from a unit on, as the body of a generator is, is guarded with what has been put in front of it.
    """
    numbers = iter(_numbers(table))
    made = b""
    for begin, length, target, depth in zip(numbers, numbers, numbers, numbers, strict=True):
        made += _written(moved(begin), first=True) + _written(moved(begin + length) - moved(begin))
        made += _written(moved(target)) + _written(depth)
    return made


def _numbers(table: bytes) -> Iterator[int]:
    number = 0
    for byte in table:
        number = number << 6 | byte & 0x3F
        if not byte & 0x40:
            yield number
            number = 0


def _written(number: int, *, first: bool = False) -> bytes:
    parts = [number & 0x3F]
    while number := number >> 6:
        parts.append(number & 0x3F | 0x40)
    parts[-1] |= 0x80 if first else 0
    return bytes(reversed(parts))
