"""Learn what one file says: decode it, parse what could matter, read it into facts."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.scan.facts import Facts
from pytest_ssot_tracker.scan.needles import Words
from pytest_ssot_tracker.scan.reading import Reading
from pytest_ssot_tracker.scan.unreadable import unreadable
from pytest_ssot_tracker.source import Allow, SourceFile, decode

if TYPE_CHECKING:
    from pytest_ssot_tracker.scan.reducing import Hits

__all__ = ["learn", "said"]

_TROUBLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def learn(
    path: str, module: str, data: bytes, words: Words, *, clock: bool, whole: bool, always: bool = True
) -> Facts | None:
    """Return what the file at `path` with the content `data` says; a file that cannot be read gives that one fact.

    `clock` tells whether texts made with the clock matter in it; without `whole` only what could matter is parsed, and
    without `always` nothing where no word stands as a name of its own: then the answer is `None`.
    """
    facts = Facts(module, path.endswith("__init__.py"))
    text = ""
    try:
        text = _decoded(data)
        hits = None
        if not whole:  # a large tree
            from pytest_ssot_tracker.scan.reducing import Hits, unusual
            from pytest_ssot_tracker.scan.ticking import ticks

            read = ticks(text) if clock and words.clock else []
            clock = bool(read)
            hits = Hits(text, words.exact, words.pieces, read)
            if not always and not hits.places and "import *" not in text:
                return None
            if module in words.homes or unusual(text):
                hits = None
        return _read(path, text, facts, words, hits, clock=clock)
    except _TROUBLE as error:
        return Facts(module, facts.is_package, unreadable=unreadable(path, error, text.splitlines()))


def said(path: str, module: str, data: bytes, words: Words, *, clock: bool, whole: bool) -> Facts | None:
    """Return what a file says as `learn` does, `None` where nothing in it could matter."""
    if words.in_bytes(data, clock=clock):
        facts = learn(path, module, data, words, clock=clock, whole=whole, always=False)
        if facts is not None:
            return facts
    if whole or not _decodes(data):
        facts = _syntax_only(path, module, data)
        if facts is not None:
            return facts
    if b"ssot:" in data:
        allows = _allows_only(path, data)
        if allows:
            return Facts(module, path.endswith("__init__.py"), allows=list(allows))
    return None


def _syntax_only(path: str, module: str, data: bytes) -> Facts | None:
    """Return the fact that a file cannot be read, `None` where it can."""
    text = ""
    try:
        text = _decoded(data)
        _parse(text, path)
    except _TROUBLE as error:
        return Facts(module, path.endswith("__init__.py"), unreadable=unreadable(path, error, text.splitlines()))
    return None


def _allows_only(path: str, data: bytes) -> tuple[Allow, ...]:
    """Return the inline allows of a file in which nothing else could matter."""
    try:
        return SourceFile(path, _decoded(data), ast.Module(body=[], type_ignores=[])).allows
    except _TROUBLE:
        return ()


def _decodes(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(data: bytes) -> str:
    if b"coding" not in data[:400] and not data.startswith(b"\xef\xbb\xbf"):
        return data.decode()
    return decode(data)


def _parse(text: str, path: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, filename=path)


def _read(path: str, text: str, facts: Facts, words: Words, hits: Hits | None, *, clock: bool) -> Facts:
    """Read what of `text` stands around `hits`, or all of it; again where that binds more names that matter."""
    extra: frozenset[str] = frozenset()
    before = None
    while True:
        shown = text if hits is None else _shown(hits, extra)
        if shown == before:
            break
        tree = None
        if shown is not text:
            try:
                tree = _parse(shown, path)
            except _TROUBLE:
                # An unusual layout, or a file that cannot be parsed at all: the whole text says which.
                shown, hits = text, None
        if tree is None:
            tree = _parse(text, path)
        file = SourceFile(path, text, tree)
        facts = Facts(facts.module, facts.is_package)
        reading = Reading(file, facts, words, clock=clock)
        reading.read()
        if shown is text or reading.bound <= extra | words.exact:
            break
        before, extra = shown, extra | reading.bound
    if "ssot:" in text:
        _allow(file, facts)
    return facts


def _shown(hits: Hits, extra: frozenset[str]) -> str:
    """Return what is to be parsed."""
    from pytest_ssot_tracker.scan.reducing import reduced, through

    hits.add(extra)
    hits.add(through(hits))
    return reduced(hits)


def _allow(file: SourceFile, facts: Facts) -> None:
    facts.allows = list(file.allows)
    numbers = {id(allow): number for number, allow in enumerate(file.allows)}
    for rule in dict.fromkeys(rule for allow in file.allows if allow.problem is None for rule in allow.rules):
        for number, place in enumerate(facts.places):
            allow = file.allow_for(Rule(rule), place.line)
            if allow is not None:
                facts.allowed[f"{number}:{rule}"] = numbers[id(allow)]
