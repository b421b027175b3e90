"""Take out of a syntax tree the bodies of functions and classes in which nothing that matters stands.

A body is taken out only if none of the words occurs anywhere in it, be it in a string; so nothing in it can name, bind
or shadow anything of interest. Of a function whose body is taken out the parameters go, too. What is left is read as
if no more had been written.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from pytest_ssot_tracker.names.syntax import FUNCTIONS, WITHOUT_BLOCKS
from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.scan.needles import FEW, words_in

__all__ = ["Hits", "Trimming", "alone", "occurrences", "through", "unusual"]

_APART = regex(r"[^\w.()]")
_ASSIGNED = regex(r"(?: *: *[^=\n]+)? *=(?!=)")
# Patterns begin with a literal, here the line's end: that is what the search is quick for.
_GLOBAL = regex(r"\n *global ([\w, ]+)")
_TAB = regex(r"\n *\t")
_NAMED = (*FUNCTIONS, ast.ClassDef)
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")


class Hits:
    """Know where in a text words stand as names of their own.

    No letter goes before, and behind a word that ends in a letter none follows. `pieces` may stand anywhere.
    """

    def __init__(self, text: str, words: Iterable[str], pieces: Iterable[str] = (), places: Iterable[int] = ()) -> None:
        self.text = text
        self._words: set[str] = set()
        self.places = [*places, *(position for piece in pieces for position in occurrences(text, piece))]
        self.add(words)

    def add(self, words: Iterable[str]) -> None:
        """Look for `words`, too."""
        new = set(words) - self._words
        self._words |= new
        if len(new) > FEW:
            new = {word for word in new if word in self._there or not word.isascii()}
        for word in new:
            self.places += alone(self.text, word)

    @property
    def lines(self) -> list[int]:
        """Return the lines, from 1, in which something stands."""
        found: list[int] = []
        line, before = 1, 0
        for place in sorted(self.places):
            line += self.text.count("\n", before, place)
            before = place
            found.append(line)
        return found

    @cached_property
    def _there(self) -> set[str]:
        return words_in(self.text.encode("utf-8", "surrogatepass"))


class Trimming:
    """The bodies that are taken out of the syntax tree of a text, for as long as none of `hits` stands in them."""

    def __init__(self, tree: ast.Module, hits: Hits) -> None:
        self._tree = tree
        self._hits = hits
        self._out: list[tuple[Any, list[ast.stmt], ast.arguments | None]] = []
        self._nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])

    def take_out(self, words: Iterable[str]) -> int:
        """Look for `words` too, put back in what they stand, and return how many bodies are out."""
        for node, body, arguments in self._out:
            node.body = body
            if arguments is not None:
                node.args = arguments
        self._out = []
        self._hits.add(words)
        self._hits.add(through(self._hits))
        lines = self._hits.lines
        blocks: list[list[Any]] = [self._tree.body]
        while blocks:
            for node in blocks.pop():
                kind = type(node)
                if kind in WITHOUT_BLOCKS:
                    continue
                # Where the header matters its body does: what a class overrides is not inherited, a parameter is its
                # default. What is in a function that stays may use what that binds, so it stays as a whole.
                if kind in _NAMED and not _any_within(lines, node):
                    self._empty(node)
                elif kind not in FUNCTIONS:  # a `case` or an `except` has blocks too
                    blocks += (getattr(node, field) for field in _BLOCKS if field in node._fields)
        return len(self._out)

    def _empty(self, node: Any) -> None:
        first = node.body[0]
        place = {"lineno": first.lineno, "col_offset": first.col_offset}
        self._out.append((node, node.body, getattr(node, "args", None)))
        node.body = [ast.Pass(**place, end_lineno=first.lineno, end_col_offset=first.col_offset)]
        if type(node) is not ast.ClassDef:
            node.args = self._nothing


def _any_within(lines: list[int], node: ast.stmt) -> bool:
    """Whether one of `lines` is one of the statement's, its decorators left aside."""
    first = bisect_left(lines, node.lineno)
    return first < len(lines) and lines[first] <= (node.end_lineno or node.lineno)


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
        if any(_ASSIGNED.match(text, position + len(name) + 1) for position in occurrences(text, f".{name}"))
    }
    if "global " in text:
        assigned |= {name for match in _GLOBAL.finditer(text) for name in match[1].replace(" ", "").split(",")} & names
    return frozenset(assigned)


def occurrences(text: str, piece: str) -> Iterator[int]:
    """Yield where `piece` stands in `text`."""
    position = text.find(piece)
    while position >= 0:
        yield position
        position = text.find(piece, position + 1)


def alone(text: str, word: str) -> Iterator[int]:
    """Yield where the word stands as a name of its own, also right behind a backslash and its letter."""
    size, open_ended = len(word), not word[-1].isidentifier()
    for position in occurrences(text, word):
        before, after = text[position - 1 : position], text[position + size : position + size + 1]
        alone = not f"a{before}".isidentifier() or not before or text[position - 2 : position - 1] == "\\"
        if alone and (open_ended or not after or not f"a{after}".isidentifier()):
            yield position
