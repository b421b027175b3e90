"""Change pieces of a text by their place, and leave every other byte as it is.

Not by a changed syntax tree: `ast.unparse` keeps neither comments nor layout nor how a text is quoted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Edits", "OverlapError", "Piece", "Span", "applied"]


class OverlapError(ValueError):
    """Two edits that overlap, neither within the other: what both would make is not defined."""


class Span(NamedTuple):
    """The bytes of a text from `start` to `end`."""

    start: int
    end: int

    def holds(self, other: Span) -> bool:
        """Whether `other` lies within."""
        return self.start <= other.start and other.end <= self.end


Piece: TypeAlias = "str | Span"
"""New text, or a span of the old one, which is edited in its turn."""

Edits: TypeAlias = "dict[Span, tuple[Piece, ...]]"
"""By what each span is replaced."""


def applied(data: bytes, edits: Mapping[Span, Sequence[Piece]]) -> bytes:
    """Return `data` with `edits` made; one that lies within another counts where that one keeps it."""
    return _made(data, Span(0, len(data)), sorted(edits.items(), key=_order))


def _order(edit: tuple[Span, Sequence[Piece]]) -> tuple[int, bool, int]:
    """Sort what is put before something first, and what is around something before that."""
    span = edit[0]
    return span.start, span.start < span.end, -span.end


def _made(data: bytes, whole: Span, edits: Sequence[tuple[Span, Sequence[Piece]]]) -> bytes:
    made: list[bytes] = []
    at = whole.start
    last: Span | None = None
    for index, (span, pieces) in enumerate(edits):
        if last is not None and span.start < last.end:
            if not last.holds(span):
                raise OverlapError(span, last)
            continue
        last = span
        made.append(data[at : span.start])
        inner = [edit for edit in edits[index + 1 :] if edit[0].start < span.end and span.holds(edit[0])]
        for piece in pieces:
            if isinstance(piece, str):
                made.append(piece.encode())
            else:
                made.append(_made(data, piece, [edit for edit in inner if piece.holds(edit[0])]))
        at = span.end
    made.append(data[at : whole.end])
    return b"".join(made)
