"""Learn what one file says: decode it, parse what could matter, read it into facts."""

from __future__ import annotations

import ast
import warnings

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.scan.facts import Facts
from pytest_ssot_tracker.scan.needles import CLOCK, Words
from pytest_ssot_tracker.scan.reading import Reading
from pytest_ssot_tracker.scan.reducing import hits, reduced, through, unusual
from pytest_ssot_tracker.scan.unreadable import unreadable
from pytest_ssot_tracker.source import Allow, SourceFile, decode

__all__ = ["allows_only", "learn", "may_matter", "syntax_only"]

_TROUBLE = (SyntaxError, ValueError, RecursionError, MemoryError)


def may_matter(data: bytes, words: Words, *, clock: bool) -> bool:
    """Tell whether one of the words stands as a name of its own in a file that holds one of them as text."""
    if b"import *" in data:
        return True
    try:
        text = _decoded(data)
    except _TROUBLE:
        return True
    return bool(hits(text, _wanted(words, clock=clock), words.pieces))


def learn(path: str, module: str, data: bytes, words: Words, *, clock: bool, whole: bool) -> Facts:
    """Return what the file at `path` with the content `data` says; a file that cannot be read gives that one fact.

    `clock` tells whether texts made with the clock matter in it; without `whole` only what could matter is parsed.
    """
    facts = Facts(module, path.endswith("__init__.py"))
    text = ""
    try:
        text = _decoded(data)
        facts = _read(path, text, facts, words, clock=clock, whole=whole)
    except _TROUBLE as error:
        facts = Facts(module, facts.is_package, unreadable=unreadable(path, error, text.splitlines()))
    return facts


def syntax_only(path: str, module: str, data: bytes) -> Facts | None:
    """Return the fact that a file cannot be read, `None` where it can."""
    text = ""
    try:
        text = _decoded(data)
        _parse(text, path)
    except _TROUBLE as error:
        return Facts(module, path.endswith("__init__.py"), unreadable=unreadable(path, error, text.splitlines()))
    return None


def allows_only(path: str, data: bytes) -> tuple[Allow, ...]:
    """Return the inline allows of a file in which nothing else could matter."""
    try:
        return SourceFile(path, _decoded(data), ast.Module(body=[], type_ignores=[])).allows
    except _TROUBLE:
        return ()


def _decoded(data: bytes) -> str:
    if b"coding" not in data[:400] and not data.startswith(b"\xef\xbb\xbf"):
        return data.decode()
    return decode(data)


def _parse(text: str, path: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, filename=path)


def _read(path: str, text: str, facts: Facts, words: Words, *, clock: bool, whole: bool) -> Facts:
    extra: frozenset[str] = frozenset()
    before = None
    whole = whole or facts.module in words.homes or unusual(text)
    while True:
        shown = text if whole else _shown(text, words, extra, clock=clock)
        if shown == before:
            break
        tree = None
        if shown is not text:
            try:
                tree = _parse(shown, path)
            except _TROUBLE:
                # An unusual layout, or a file that cannot be parsed at all: the whole text says which.
                shown, whole = text, True
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


def _shown(text: str, words: Words, extra: frozenset[str], *, clock: bool) -> str:
    """Return what is to be parsed of `text`."""
    wanted = _wanted(words, clock=clock) | extra
    wanted |= through(text, hits(text, wanted, words.pieces))
    return reduced(text, wanted, words.pieces)


def _wanted(words: Words, *, clock: bool) -> frozenset[str]:
    return words.exact | frozenset(CLOCK if clock and words.clock else ())


def _allow(file: SourceFile, facts: Facts) -> None:
    facts.allows = list(file.allows)
    numbers = {id(allow): number for number, allow in enumerate(file.allows)}
    for rule in dict.fromkeys(rule for allow in file.allows if allow.problem is None for rule in allow.rules):
        for number, place in enumerate(facts.places):
            allow = file.allow_for(Rule(rule), place.line)
            if allow is not None:
                facts.allowed[f"{number}:{rule}"] = numbers[id(allow)]
