"""Take out of a source text the bodies of functions and classes in which nothing that matters stands.

What is left parses to the same tree, with everything else at its place: line and column stay. A body is taken out
only if none of the words occurs anywhere in it, be it in a string; so nothing in it can name, bind or shadow
anything of interest. Where the layout is unusual the text stays whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

__all__ = ["reduced"]

# Patterns begin with a literal, here the line's end: that is what the search is quick for.
_BLOCK = re.compile(r"\n( *)(?:(?:async +)?def|class)\b")
_STRING = re.compile(
    r"""\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""", re.DOTALL
)
_TAB = re.compile(r"\n *\t")
_HEADER_END = re.compile(r":[ \t]*(?:\#[^\n]*)?\n\Z")
_FIRST = re.compile(r"\n( *)[^\s#]")
_HEADER_LINES = 40


def reduced(text: str, words: Iterable[str], pieces: Iterable[str] = ()) -> str:
    """Return `text` without the blocks that hold none of `words`, which no letter goes before, nor of `pieces`.

    Behind a word that ends in a letter none may follow either.
    """
    if "\r" in text or "\f" in text or ("\t" in text and _TAB.search(text)):
        return text
    hits = sorted([*_hits(text, words), *_found(text, pieces)])
    strings = _Strings(text)
    kept: list[str] = []
    done = 0
    for match in _BLOCK.finditer(text):
        start = match.start() + 1
        if start < done or strings.around(start) is not None:
            continue
        body = _body(text, match.end())
        if body is None:
            continue
        # Where the header matters its body does: what a class overrides is not inherited, a parameter is its default.
        first = bisect_left(hits, start)
        after = hits[first] if first < len(hits) else len(text)
        end = _end(text, body, len(match[1]), strings, after)
        head = None if end is None else _FIRST.search(text, body - 1, end)
        if end is None or head is None:
            continue
        kept += text[done : head.start() + 1], head[1], "pass", "\n" * text.count("\n", head.start() + 1, end)
        done = end
    kept.append(text[done:])
    return "".join(kept)


def _found(text: str, pieces: Iterable[str]) -> Iterator[int]:
    for piece in pieces:
        position = text.find(piece)
        while position >= 0:
            yield position
            position = text.find(piece, position + 1)


def _hits(text: str, words: Iterable[str]) -> Iterator[int]:
    """Yield where the words stand as names of their own, also right behind a backslash and its letter."""
    for word in words:
        size, open_ended = len(word), not word[-1].isidentifier()
        for position in _found(text, (word,)):
            before, after = text[position - 1 : position], text[position + size : position + size + 1]
            alone = not f"a{before}".isidentifier() or not before or text[position - 2 : position - 1] == "\\"
            if alone and (open_ended or not after or not f"a{after}".isidentifier()):
                yield position


class _Strings:
    """Know the strings of a text that run over several lines."""

    def __init__(self, text: str) -> None:
        self._spans: list[tuple[int, int]] = []
        if '"""' in text or "'''" in text:
            for match in _STRING.finditer(text):
                start, end = match.span()
                if end - start > 6 and text.find("\n", start, end) >= 0:
                    self._spans.append((start, end))

    def around(self, position: int) -> int | None:
        """Return where the string ends that `position` stands in."""
        index = bisect_right(self._spans, (position, position)) - 1
        if index >= 0 and self._spans[index][0] < position < self._spans[index][1]:
            return self._spans[index][1]
        return None


def _body(text: str, position: int) -> int | None:
    """Return where the body after a block's header starts, `None` where that is hard to say."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    for _ in range(_HEADER_LINES):
        if end < 0:
            return None
        header = text[start : end + 1]
        bare = _STRING.sub("", header) if "#" in header or '"' in header or "'" in header else header
        if bare.count("(") + bare.count("[") <= bare.count(")") + bare.count("]"):
            return end + 1 if _HEADER_END.search(header) else None
        end = text.find("\n", end + 1)
    return None


def _end(text: str, body: int, indent: int, strings: _Strings, limit: int) -> int | None:
    """Return where the block ends, at the first line no deeper than its header; `None` if not before `limit`."""
    pattern = _dedent(indent)
    position = body - 1
    while True:
        match = pattern.search(text, position, min(limit + 1, len(text)))
        if match is None:
            return len(text) if limit >= len(text) else None
        around = strings.around(match.start() + 1)
        if around is not None:
            position = around
        elif text[match.start() - 1] == "\\":
            position = match.end() - 1
        else:
            return match.start() + 1


@lru_cache(maxsize=64)
def _dedent(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{0,{indent}}}[^\s#)\]}}]")
