"""Say which words a file must hold to matter, from what the configuration names."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from functools import cached_property
from unicodedata import is_normalized, normalize

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.records import dataclass, regex, replace
from pytest_ssot_tracker.settings import Settings

__all__ = [
    "CLOCK",
    "FEW",
    "Words",
    "declares_encoding",
    "normalized_names",
    "parts_of",
    "searchable",
    "watched",
    "words_in",
]

FEW = 16
"""Words: up to so many are looked for one by one in less time than it takes to list all words of a file."""

_WORD_BYTES = b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_APART = bytes(byte if byte in _WORD_BYTES else ord(" ") for byte in range(256))
_ESCAPED = regex(r"\\(?=.(\w+))", re.ASCII)
_NOT_ASCII = regex(r"\w*(?:[^\x00-\x7f]\w*)+")

CLOCK = (
    *("time(", "time_ns(", "monotonic(", "monotonic_ns(", "perf_counter(", "perf_counter_ns("),
    *("strftime", "timestamp(", "now(", "utcnow(", "today(", "ctime("),
    *("time (", "time_ns (", "timestamp (", "now (", "utcnow (", "today (", "ctime ("),
    *("monotonic (", "monotonic_ns (", "perf_counter (", "perf_counter_ns ("),
    # Handed on under another name:
    *("from time import", "time.time", "time.monotonic", "time.perf_counter", "time.ctime"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
)
"""What a function holds, one of these, that reads the clock."""

_CLOCK_NEEDLES = tuple(word.encode() for word in CLOCK if not any(other != word and other in word for other in CLOCK))
_CLOCK_MODULES = b"time"
"""A part of the names of the modules that tell the time: of `time` and of `datetime`."""


def watched(settings: Settings, *, ids: bool = True) -> Iterator[Target]:
    """Yield every target whose uses the scan looks for; with `ids` those too that matter in `source` only."""
    for ssot in settings.ssots:
        yield from ssot.deprecated
        yield from (target.thing for target in (*ssot.parameters, *ssot.writes))
        # Of a subclass the attribute is the same.
        yield from (target.holder for target in ssot.writes if target.holder.attribute is not None)
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


def searchable(data: bytes, text: str) -> bytes:
    """Return in UTF-8 what a file says, with each name also as Python spells it.

    Nearly always that is the content as it is. A file in another encoding is what its text is, and a name may be
    written in letters that Python takes for others (PEP 3131: names are compared in the normal form NFKC).
    """
    if data.isascii() and not declares_encoding(data):
        return data
    return " ".join([text, *normalized_names(text)]).encode("utf-8", "surrogatepass")


def normalized_names(text: str) -> list[str]:
    """Return what Python makes of the names in `text` that it does not take as they are written."""
    if text.isascii() or is_normalized("NFKC", text):
        return []
    lines = (line for line in text.split("\n") if not line.isascii())
    found = {name for line in lines for run in _NOT_ASCII.findall(line) for name in _names(run)}
    return [normalize("NFKC", name) for name in sorted(found) if not is_normalized("NFKC", name)]


def _names(run: str) -> list[str]:
    """Return the names in a run of letters and of what is not ASCII: an ellipsis or a fixed space is part of none."""
    return "".join(char if f"a{char}".isidentifier() else " " for char in run).split()


def words_in(text: bytes) -> set[str]:
    """Return every run of ASCII letters, digits and underscores in UTF-8 text, and of each that follows an escape.

    A word of ASCII that stands anywhere as a name of its own (see `alone`) is among them.
    """
    plain = text.translate(_APART).decode("ascii")
    found = set(plain.split())
    if b"\\" in text:
        found.update(_ESCAPED.findall(text.decode("latin-1")))
    return found


def declares_encoding(data: bytes) -> bool:
    """Whether the first two lines may name an encoding (PEP 263), or a mark at the start does."""
    return b"coding" in b"".join(data.split(b"\n", 2)[:2]) or data.startswith(BOM_UTF8)


def parts_of(reference: str) -> list[str]:
    """Return the names along `reference`, without its marks."""
    if reference.startswith("<"):
        reference = reference.rpartition("]>")[2]
    return reference.replace("()", "").replace("[]", "").replace("{}", "").replace("*", "").split(".")


@dataclass(frozen=True)
class Words:
    """The words that make a file, a function or a reference matter.

    `exact` are identifiers; `pieces` are parts of identifiers, from patterns. `clock` tells that reading the clock
    matters too, `instances` that methods of instances do, `arguments` that it matters what is passed, and `writes` who
    writes attributes. `homes` are the modules of accessors and generators, in which it matters who calls whom.
    """

    exact: frozenset[str]
    pieces: frozenset[str] = frozenset()
    clock: bool = False
    instances: bool = False
    homes: frozenset[str] = frozenset()
    arguments: bool = False
    writes: bool = False

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
        homes = {target.module for table in settings.ids for target in table.generators}
        homes |= {target.module for ssot in settings.ssots for target in ssot.accessors}
        arguments = any(ssot.parameters for ssot in settings.ssots)
        writes = any(ssot.writes for ssot in settings.ssots)
        return cls(frozenset(exact), frozenset(pieces), clock, instances, frozenset(homes), arguments, writes)

    def with_words(self, words: Iterable[str]) -> Words:
        """Return these words and `words`."""
        return replace(self, exact=self.exact | frozenset(words))

    @cached_property
    def _needles(self) -> tuple[bytes, ...] | None:
        """Return the bytes of which text must hold one, `None` where there are too many to look for each."""
        if len(self.exact) + len(self.pieces) > FEW:
            return None
        texts = [*self.exact, *self.pieces]
        shortest = {text for text in texts if not any(other != text and other in text for other in texts)}
        return tuple(sorted(text.encode() for text in shortest))

    @cached_property
    def _inner(self) -> tuple[bytes, ...]:
        """Return what `words_in` does not find of many words: parts of names, and names beyond ASCII."""
        return tuple(text.encode() for text in (*self.pieces, *self.exact) if text in self.pieces or not text.isascii())

    def _stand_in(self, text: bytes) -> bool:
        """Whether one of the words may stand in UTF-8 text."""
        if self._needles is not None:
            return any(needle in text for needle in self._needles)
        return not self.exact.isdisjoint(words_in(text)) or any(needle in text for needle in self._inner)

    def in_text(self, text: str) -> bool:
        """Whether one of the words may stand in `text`."""
        return self._stand_in(text.encode("utf-8", "surrogatepass"))

    def in_bytes(self, data: bytes, *, clock: bool) -> bool:
        """Whether a file with this content may matter; `clock` tells whether the clock does in this file.

        `data` must be what `searchable` gives. A star import hides every name.
        """
        if b"import *" in data or self._stand_in(data):
            return True
        if not clock or not self.clock or _CLOCK_MODULES not in data:
            return False
        return any(needle in data for needle in _CLOCK_NEEDLES)

    def matter(self, reference: str) -> bool:
        """Whether `reference` holds one of the words."""
        parts = parts_of(reference)
        if not self.exact.isdisjoint(parts):
            return True
        return bool(self.pieces) and any(piece in part for piece in self.pieces for part in parts)
