"""Put things into groups by what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

__all__ = ["grouped"]

_Key = TypeVar("_Key")
_Thing = TypeVar("_Thing")


def grouped(things: Iterable[_Thing], key: Callable[[_Thing], _Key]) -> dict[_Key, list[_Thing]]:
    """Return `things` by their key, in the order in which the keys come up.

    Unlike `itertools.groupby` it takes things of one group that do not stand beside each other.
    """
    found: dict[_Key, list[_Thing]] = {}
    for thing in things:
        found.setdefault(key(thing), []).append(thing)
    return found
