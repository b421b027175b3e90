"""Remember millions of identifiers in a few bytes each, and where the last few thousand of the others were made."""

from __future__ import annotations

from contextlib import suppress
from types import CodeType

from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["Birth", "Births", "Issued"]

_BUCKETS = 16
_WIDTH = 6
_BUCKET = (1 << _BUCKETS) - 1
_REST = (1 << 8 * _WIDTH) - 1


class Issued:
    """The set of texts that were issued, as their 64-bit hashes.

    Sixteen bits choose a bucket, the other six bytes are in it. Among n texts, one that was never issued is taken for
    issued with a chance of at most 6 n in 2**64. Threads may add at once: each step is one call.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, bytearray] = {}

    def add(self, text: str) -> None:
        """Count `text` among the issued."""
        number = hash(text)
        rest = (number >> _BUCKETS & _REST).to_bytes(_WIDTH, "little")
        bucket = self._buckets.get(number & _BUCKET)
        if bucket is None:
            bucket = self._buckets.setdefault(number & _BUCKET, bytearray())
        if rest not in bucket:
            bucket += rest

    def __contains__(self, text: str) -> bool:
        number = hash(text)
        bucket = self._buckets.get(number & _BUCKET)
        return bucket is not None and (number >> _BUCKETS & _REST).to_bytes(_WIDTH, "little") in bucket


class Birth(NamedTuple):
    """Where a value was made that no generator issued: by which function, called from which instruction."""

    maker: str
    code: CodeType
    lasti: int


_KEPT = 10_000
_SHORTEST = 8
_WHOLE = 32
_HEXADECIMAL = regex(rf"[0-9a-f]{{{_SHORTEST},}}")
_DASHED = regex(r"(?<=[0-9a-f])-(?=[0-9a-f])")


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
