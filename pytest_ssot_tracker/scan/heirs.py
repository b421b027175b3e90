"""Guess from a glance at all files which classes derive from what is looked for, so that no file is read twice for it.

What a class is called that only looks like an heir does no harm: it is one more word that makes a file matter. Of an
heir that is overlooked the scan hears when it has read the files, and looks at those again which hold its name.
"""

from __future__ import annotations

from collections.abc import Iterable

from pytest_ssot_tracker.records import regex

__all__ = ["heirs"]

_CLASS = regex(rb"class[ \t]+(\w+)[ \t]*\(([^)]*)\)")
_NAME = regex(rb"\w+")


def heirs(texts: Iterable[bytes], words: Iterable[str]) -> list[str]:
    """Return the names of the classes in `texts` that derive from one of `words`, or from each other, by name."""
    below: dict[bytes, set[bytes]] = {}
    for text in texts:
        for found in _CLASS.finditer(text):
            for base in _NAME.findall(found[2]):
                below.setdefault(base, set()).add(found[1])
    known = {word.encode() for word in words}
    waiting = [*known]
    while waiting:
        more = below.get(waiting.pop(), set()) - known
        known |= more
        waiting += more
    return sorted(name.decode("ascii") for name in known - {word.encode() for word in words})
