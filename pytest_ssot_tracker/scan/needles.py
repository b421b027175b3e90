"""Say which words a file must hold to matter, from what the configuration names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Settings

__all__ = ["CLOCK", "Words", "watched"]

CLOCK = re.compile(r"\b(?:time|time_ns|strftime|timestamp|now|utcnow|today)\s*\(")
"""What a function holds that reads the clock."""

_CLOCK_NEEDLES = (b"time(", b"time_ns(", b"strftime", b"timestamp(", b"now(", b"today(", b"time (", b"time_ns (")


def watched(settings: Settings, *, ids: bool = True) -> Iterator[Target]:
    """Yield every target whose uses the scan looks for; with `ids` those too that matter in `source` only."""
    for ssot in settings.ssots:
        yield from ssot.deprecated
        if ssot.canonical is not None and ssot.accessors:
            yield ssot.canonical
    for table in settings.ids if ids else ():
        yield from table.forbidden


def _literal(dotted: str) -> Iterator[str]:
    """Yield the longest literal pieces of a dotted pattern's parts, the last part first."""
    for part in reversed(dotted.split(".")):
        pieces = sorted(part.split("*"), key=len)
        if pieces[-1]:
            yield pieces[-1]


def _word(target: Target) -> str:
    """Return a piece of text that every direct use of `target` holds, `""` where there is none."""
    if target.attribute is not None:
        first = max(target.attribute.split(".")[0].split("*"), key=len)
        if first:
            return first
    return next(_literal(target.module), "")


@dataclass(frozen=True)
class Words:
    """Be the words that make a file, a function or a reference matter.

    `exact` are identifiers; `pieces` are parts of identifiers, from patterns. `clock` tells that reading the
    clock matters too, `instances` that methods of instances do.
    """

    exact: frozenset[str]
    pieces: frozenset[str] = frozenset()
    clock: bool = False
    instances: bool = False

    @classmethod
    def of(cls, settings: Settings, more: Iterable[str] = (), *, ids: bool = True) -> Words:
        """Return the words of everything that `settings` names, and `more`; without `ids`, of what matters anywhere."""
        exact = set(more)
        pieces: set[str] = set()
        for target in watched(settings, ids=ids):
            word = _word(target)
            (pieces if target.is_pattern else exact).add(word)
        clock = ids and any("time-format" in table.patterns for table in settings.ids)
        instances = any("." in (target.attribute or "") for target in watched(settings))
        return cls(frozenset(exact), frozenset(pieces), clock, instances)

    def with_words(self, words: Iterable[str]) -> Words:
        """Return these words and `words`."""
        return Words(self.exact | frozenset(words), self.pieces, self.clock, self.instances)

    @cached_property
    def needles(self) -> tuple[bytes, ...]:
        """Return the bytes of which a file must hold one, the clock left aside; a star import hides every name."""
        texts = [*self.exact, *self.pieces]
        # Where a word contains another, the other is enough.
        short = {one for one in texts if not any(other != one and other in one for other in texts)}
        return (b"import *", *sorted(one.encode() for one in short))

    def in_bytes(self, data: bytes, *, clock: bool) -> bool:
        """Tell whether a file with this content may matter; `clock` tells whether the clock does in this file."""
        for needle in self.needles:
            if needle in data:
                return True
        return clock and self.clock and any(needle in data for needle in _CLOCK_NEEDLES)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return what finds one of the words in text."""
        texts = sorted(self.exact | self.pieces, key=lambda word: (-len(word), word))
        alternatives = [re.escape(word) for word in texts]
        return re.compile("|".join(alternatives) or r"(?!)")

    def matter(self, reference: str) -> bool:
        """Tell whether `reference` holds one of the words."""
        parts = reference.replace("()", "").split(".")
        return not self.exact.isdisjoint(parts) or any(piece in part for piece in self.pieces for part in parts)
