"""Remember millions of identifiers in eight bytes each, and where the last few thousand of the others were made."""

from __future__ import annotations

import re
from _thread import allocate_lock
from array import array
from bisect import bisect_left
from contextlib import suppress
from types import CodeType
from typing import NamedTuple

__all__ = ["Birth", "Births", "Issued"]

_FRESH = 1 << 16
_RUN = 1 << 20


class Issued:
    """Be the set of texts that were issued, as their 64-bit hashes; `add` needs no lock, from whatever thread.

    Fresh hashes are in a set, older ones in sorted runs of at most a million. Among n texts, one that was never
    issued is taken for issued with a chance of n in 2**64.
    """

    def __init__(self) -> None:
        self._fresh: set[int] = set()
        self._older: set[int] = set()
        self._runs: tuple[array[int], ...] = ()
        self._settling = allocate_lock()

    def add(self, text: str) -> None:
        """Count `text` among the issued."""
        fresh = self._fresh
        fresh.add(hash(text))
        if len(fresh) > _FRESH:
            self._settle(fresh)

    def __contains__(self, text: str) -> bool:
        number = hash(text)
        if number in self._fresh or number in self._older:
            return True
        for run in self._runs:
            at = bisect_left(run, number)
            if at < len(run) and run[at] == number:
                return True
        # It may have moved on while it was looked for.
        return number in self._older

    def _settle(self, fresh: set[int]) -> None:
        """Pack what is old enough that no thread can still be adding to it."""
        if not self._settling.acquire(blocking=False):
            return  # another thread does it, or this one was interrupted while it did
        try:
            if self._fresh is fresh:
                if self._older:
                    self._pack(self._older)
                self._older = fresh
                self._fresh = set()
        finally:
            self._settling.release()

    def _pack(self, numbers: set[int]) -> None:
        runs = [*self._runs, array("q", sorted(numbers))]
        # Two of a size become one: few runs to look into, and each number is moved a few times only.
        while len(runs) > 1 and len(runs[-2]) < 2 * len(runs[-1]) and len(runs[-2]) + len(runs[-1]) <= _RUN + _FRESH:
            last = runs.pop()
            runs[-1] = array("q", sorted([*runs[-1], *last]))
        self._runs = tuple(runs)


class Birth(NamedTuple):
    """Be where a value was made that no generator issued: by which function, called from which instruction."""

    maker: str
    code: CodeType
    lasti: int


_KEPT = 10_000
_SHORTEST = 8
_WHOLE = 32
_HEXADECIMAL = re.compile(rf"[0-9a-f]{{{_SHORTEST},}}")
_DASHED = re.compile(r"(?<=[0-9a-f])-(?=[0-9a-f])")


class Births:
    """Remember where the last 10,000 values of forbidden functions were made.

    Texts of UUIDs are noted without dashes. Such a one is also found where it is a part of the text looked for, with
    or without its dashes, or where of it only the first digits are, eight or more.
    """

    def __init__(self) -> None:
        self._births: dict[str, Birth] = {}

    def note(self, text: str, birth: Birth) -> None:
        """Remember where `text` was made; the oldest is forgotten for it."""
        births = self._births
        births[text] = birth
        if len(births) > _KEPT:
            with suppress(RuntimeError, StopIteration):  # another thread notes one at this moment
                births.pop(next(iter(births)), None)

    def of(self, text: str) -> Birth | None:
        """Return where `text`, or a UUID in it, was made; `None` where that is not known."""
        birth = self._births.get(text)
        if birth is not None:
            return birth
        parts = _HEXADECIMAL.findall(_DASHED.sub("", text.lower()))
        births = self._births.copy() if parts else {}
        for part in parts:
            for made, birth in reversed(births.items()):
                if made.startswith(part) or (len(made) == _WHOLE and made in part):
                    return birth
        return None
