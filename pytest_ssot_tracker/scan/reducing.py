"""Take out of a source text the bodies of functions and classes in which nothing that matters stands.

What is left parses to the same tree, with everything else at its place: line and column stay. A body is taken out
only if none of the words occurs anywhere in it, be it in a string; so nothing in it can name, bind or shadow
anything of interest. Where the layout is unusual the text stays whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

__all__ = ["reduced"]

_BLOCK = re.compile(r"^( *)(?:(?:async +)?def|(class))\b", re.MULTILINE)
_MULTI_LINE = re.compile(
    r"""\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*""", re.DOTALL
)
_ODD = re.compile(r"\f|\r(?!\n)|^ *\t|\\\r?\n", re.MULTILINE)
_HEADER_END = re.compile(r":[ \t\r]*(?:\#[^\n]*)?\n")
_FIRST = re.compile(r"^( *)[^\s#]", re.MULTILINE)


def reduced(text: str, words: re.Pattern[str], clock: re.Pattern[str] | None = None) -> str:
    """Return `text` without the blocks in which neither `words` nor `clock` finds anything."""
    if _ODD.search(text):
        return text
    hits = [match.start() for match in words.finditer(text)]
    if clock is not None:
        hits += [match.start() for match in clock.finditer(text)]
        hits.sort()
    strings = []
    if '"""' in text or "'''" in text:
        for match in _MULTI_LINE.finditer(text):
            start, end = match.span()
            if end - start > 6 and text.find("\n", start, end) >= 0:
                strings.append((start, end))
    starts = [start for start, _ in strings]

    def string_around(position: int) -> tuple[int, int] | None:
        index = bisect_right(starts, position) - 1
        if index >= 0 and strings[index][0] < position < strings[index][1]:
            return strings[index]
        return None

    pieces: list[str] = []
    done = 0
    for match in _BLOCK.finditer(text):
        if match.start() < done or string_around(match.start()) is not None:
            continue
        body = _body(text, match.end())
        if body is None:
            continue
        end = _end(text, body, len(match[1]), string_around)
        first = hits[bisect_left(hits, match.start() if match[2] else body) :][:1]
        if first and first[0] < end:
            continue
        head = _FIRST.search(text, body, end)
        if head is None:
            continue
        pieces.append(text[done : head.start()])
        pieces.append(head[1] + "pass")
        pieces.append("\n" * text.count("\n", head.start(), end))
        done = end
    pieces.append(text[done:])
    return "".join(pieces)


def _body(text: str, position: int) -> int | None:
    """Return where the body after a block's header starts, `None` where that is hard to say."""
    end = text.find("\n", position)
    header = text[position : end + 1]
    for _ in range(40):
        if end < 0:
            return None
        if "#" not in header and '"' not in header and "'" not in header:
            level = header.count("(") + header.count("[") - header.count(")") - header.count("]")
        else:
            bare = _MULTI_LINE.sub("", header)
            level = bare.count("(") + bare.count("[") - bare.count(")") - bare.count("]")
        if level == 0:
            return end + 1 if _HEADER_END.search(header, max(len(header) - 400, 0)) and _ends(header) else None
        following = text.find("\n", end + 1)
        header += text[end + 1 : following + 1]
        end = following
    return None


def _ends(header: str) -> bool:
    return any(match.end() == len(header) for match in _HEADER_END.finditer(header))


def _end(text: str, body: int, indent: int, string_around: object) -> int:
    """Return where the block ends: at the first line that stands no deeper than its header."""
    pattern = _dedent(indent)
    position = body
    while True:
        match = pattern.search(text, position)
        if match is None:
            return len(text)
        around = string_around(match.start())  # type: ignore[operator]
        if around is None:
            return match.start()
        position = around[1]


def _dedent(indent: int) -> re.Pattern[str]:
    return re.compile(rf"^ {{0,{indent}}}[^\s#)\]}}]", re.MULTILINE)
