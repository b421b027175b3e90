"""Take out of a source text the bodies of functions and classes in which nothing that matters stands.

What is left parses to the same tree, with everything else at its place: line and column stay. Of a function whose body
is taken out the parameters go, too. A body is taken out
only if none of the words occurs anywhere in it, be it in a string; so nothing in it can name, bind or shadow
anything of interest. Where the layout is unusual the text stays whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache

from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.scan.needles import FEW, words_in

__all__ = ["Hits", "alone", "reduced", "through", "unusual"]

# Patterns begin with a literal, here the line's end: that is what the search is quick for.
_APART = regex(r"[^\w.()]")
_ASSIGNED = regex(r"(?: *: *[^=\n]+)? *=(?!=)")
_GLOBAL = regex(r"\n *global ([\w, ]+)")
_STRING = regex(
    r'''"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""|\'\'\'[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*\'\'\''''
    r"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\\\n]*(?:\\.[^'\\\n]*)*'|\#[^\n]*""",
    re.DOTALL,
)
_TAB = regex(r"\n *\t")
_HEADER_END = regex(r":[ \t]*(?:\#[^\n]*)?\n\Z")
_FIRST = regex(r"\n( *)[^\s#]")
_FUNCTION = regex(r"def +\w+")
_HEADER_LINES = 40


class Hits:
    """Know where in a text words stand as names of their own.

    No letter goes before, and behind a word that ends in a letter none follows. `pieces` may stand anywhere.
    """

    def __init__(self, text: str, words: Iterable[str], pieces: Iterable[str] = (), places: Iterable[int] = ()) -> None:
        self.text = text
        self._words: set[str] = set()
        self.places = [*places, *(position for piece in pieces for position in _found(text, piece))]
        self.add(words)

    def add(self, words: Iterable[str]) -> None:
        """Look for `words`, too."""
        new = set(words) - self._words
        self._words |= new
        if len(new) > FEW:
            new = {word for word in new if word in self._there or not word.isascii()}
        for word in new:
            self.places += alone(self.text, word)

    @cached_property
    def _there(self) -> set[str]:
        return words_in(self.text.encode("utf-8", "surrogatepass"))


def reduced(hits: Hits) -> str:
    """Return the text of `hits` without the blocks that hold none of them."""
    text = hits.text
    found = sorted(hits.places)
    strings = _Strings(text)
    kept: list[str] = []
    done = 0
    # The indent of a function that stays: what is in it may use what it binds.
    within = 0 if text.startswith(("def ", "async ")) else None
    for start, indent, behind in sorted([*_headers(text, "def "), *_headers(text, "class ")]):
        if start < done or (within is not None and indent > within) or strings.around(start) is not None:
            continue
        within = None
        body = _body(text, behind)
        if body is None:
            continue
        # Where the header matters its body does: what a class overrides is not inherited, a parameter is its default.
        first = bisect_left(found, start)
        after = found[first] if first < len(found) else len(text)
        end = _end(text, body, indent, strings, after)
        head = None if end is None else _FIRST.search(text, body - 1, end)
        if end is None or head is None:
            within = indent if text.startswith("def ", behind - 4) else None
            continue
        function = _FUNCTION.match(text, behind - 4)
        if function is not None:  # of which no more than its name and its decorators can matter
            kept += text[done : function.end()], "(): pass", "\n" * text.count("\n", function.end(), end)
        else:
            kept += text[done : head.start() + 1], head[1], "pass", "\n" * text.count("\n", head.start() + 1, end)
        done = end
    kept.append(text[done:])
    return "".join(kept)


def _headers(text: str, word: str) -> Iterator[tuple[int, int, int]]:
    """Yield where lines start that begin with the keyword `word`, their indent, and where the keyword ends."""
    for position in _found(text, word):
        start = text.rfind("\n", 0, position) + 1
        before = text[start:position]
        bare = before.lstrip(" ")
        if start and (not bare or bare.rstrip(" ") == "async"):
            yield start, len(before) - len(bare), position + len(word)


def unusual(text: str) -> bool:
    """Whether lines and columns of `text` may not be what they look like."""
    return "\r" in text or "\f" in text or ("\t" in text and _TAB.search(text) is not None)


def through(hits: Hits) -> frozenset[str]:
    """Return the attributes and globals that what is hit is read through and that functions assign."""
    text = hits.text
    chains = {
        _APART.split(text[max(position - 200, 0) : position].rpartition("\n")[2].rpartition(" ")[2])[-1]
        for position in hits.places
        if text[position - 1 : position] == "."
    }
    names = {name for chain in chains for name in chain.replace("()", "").split(".")} - {""}
    if not names:
        return frozenset()
    assigned = {
        name
        for name in names
        if any(_ASSIGNED.match(text, position + len(name) + 1) for position in _found(text, f".{name}"))
    }
    if "global " in text:
        assigned |= {name for match in _GLOBAL.finditer(text) for name in match[1].replace(" ", "").split(",")} & names
    return frozenset(assigned)


def _found(text: str, piece: str) -> Iterator[int]:
    position = text.find(piece)
    while position >= 0:
        yield position
        position = text.find(piece, position + 1)


def alone(text: str, word: str) -> Iterator[int]:
    """Yield where the word stands as a name of its own, also right behind a backslash and its letter."""
    size, open_ended = len(word), not word[-1].isidentifier()
    for position in _found(text, word):
        before, after = text[position - 1 : position], text[position + size : position + size + 1]
        alone = not f"a{before}".isidentifier() or not before or text[position - 2 : position - 1] == "\\"
        if alone and (open_ended or not after or not f"a{after}".isidentifier()):
            yield position


class _Strings:
    """Know the strings of a text that run over several lines."""

    def __init__(self, text: str) -> None:
        self._spans: list[tuple[int, int]] = []
        double, single = text.find('"""'), text.find("'''")
        while double >= 0 or single >= 0:
            mark = double if single < 0 or 0 <= double < single else single
            start, end = self._at(text, mark)
            if end - start > 6 and text.find("\n", start, end) >= 0:
                self._spans.append((start, end))
            double, single = _next(text, '"""', double, end), _next(text, "'''", single, end)

    def _at(self, text: str, mark: int) -> tuple[int, int]:
        """Return where the string or comment starts and ends in which the three quotes at `mark` stand."""
        begin = max(text.rfind("\n", 0, mark) + 1, self._spans[-1][1] if self._spans else 0)
        while text[max(begin - 2, 0) : begin] == "\\\n":  # a line that goes on, perhaps within a string
            begin = max(text.rfind("\n", 0, begin - 1) + 1, self._spans[-1][1] if self._spans else 0)
        match = _STRING.search(text, begin)
        while match is not None and match.end() <= mark:
            match = _STRING.search(text, match.end())
        return match.span() if match is not None else (mark, len(text))

    def around(self, position: int) -> int | None:
        """Return where the string ends that `position` stands in."""
        index = bisect_right(self._spans, (position, position)) - 1
        if index >= 0 and self._spans[index][0] < position < self._spans[index][1]:
            return self._spans[index][1]
        return None


def _next(text: str, quotes: str, known: int, after: int) -> int:
    return known if known < 0 or known >= after else text.find(quotes, after)


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
    # The look ahead passes over what is deeper at once.
    return re.compile(rf"\n(?! {{{indent + 1}}}) *[^\s#)\]}}]")
