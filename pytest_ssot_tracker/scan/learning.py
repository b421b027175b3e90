"""Learn what one file says: decode it, parse what could matter, read it into facts."""

from __future__ import annotations

import ast
import warnings
from symtable import symtable
from typing import TYPE_CHECKING

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.records import replace
from pytest_ssot_tracker.scan.facts import Facts
from pytest_ssot_tracker.scan.file_reader import Reading
from pytest_ssot_tracker.scan.marking import marks_of
from pytest_ssot_tracker.scan.needles import Words, declares_encoding, normalized_names, searchable
from pytest_ssot_tracker.scan.unreadable import unreadable
from pytest_ssot_tracker.source import SourceFile, decode
from pytest_ssot_tracker.source.notebook import Notebook

if TYPE_CHECKING:
    from pytest_ssot_tracker.scan.reducing import Hits

__all__ = ["TextParser", "decoded", "learn", "said"]

_TROUBLE = (SyntaxError, ValueError, RecursionError, MemoryError)


class TextParser:
    """What parses texts and makes sure that they can be parsed, of each text once: a file may be read several times."""

    def __init__(self) -> None:
        self._sound: set[int] = set()

    def tree(self, text: str, path: str) -> ast.Module:
        """Return the syntax tree of a file's text, as the caller's own; raise what parsing raises."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, filename=path)
        self._sound.add(hash(text))
        return tree

    def check(self, text: str, path: str) -> None:
        """Raise what parsing the text raises, if it does: two thirds of the cost, since no tree comes of it."""
        if hash(text) in self._sound:
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                symtable(text, path, "exec")
        except _TROUBLE:
            # What is not of the grammar, such as a `nonlocal` without a scope, is no trouble to the scan.
            self.tree(text, path)
        self._sound.add(hash(text))


def learn(
    path: str,
    module: str,
    data: bytes,
    words: Words,
    *,
    clock: bool,
    whole: bool,
    always: bool = True,
    parser: TextParser | None = None,
) -> Facts | None:
    """Return what the file at `path` with the content `data` says; a file that cannot be read gives that one fact.

    `clock` tells whether texts made with the clock matter in it; without `whole` only what could matter is parsed, and
    without `always` nothing where no word stands as a name of its own: then the answer is `None`.
    """
    parser = parser or TextParser()
    if path.endswith(".ipynb"):
        return _notebook(path, module, data, words, clock=clock)
    facts = Facts(module, path.endswith("__init__.py"))
    text = ""
    try:
        text = decoded(data)
        hits = None
        if not whole:  # a large tree
            from pytest_ssot_tracker.scan.reducing import Hits, unusual
            from pytest_ssot_tracker.scan.ticking import ticks

            read = ticks(text) if clock and words.clock else []
            clock = bool(read)
            hits = Hits(text, words.exact, words.pieces, read)
            if module in words.homes or "__getattr__" in text or unusual(text) or normalized_names(text):
                hits = None
            elif not always and not hits.places and "import *" not in text:
                return None
        facts = _read(path, text, facts, words, hits, parser, clock=clock)
        parser.check(text, path)
        return facts
    except _TROUBLE as error:
        return Facts(module, facts.is_package, unreadable=unreadable(path, error, text.splitlines()))


def said(
    path: str, module: str, data: bytes, words: Words, *, clock: bool, whole: bool, parser: TextParser | None = None
) -> Facts | None:
    """Return what a file says as `learn` does, `None` where nothing in it could matter."""
    parser = parser or TextParser()
    if path.endswith(".ipynb"):
        cells = _notebook(path, module, data, words, clock=clock)
        return cells if cells.events or cells.allows or cells.broken or cells.unreadable else None
    is_package = path.endswith("__init__.py")
    text = ""
    try:
        text = decoded(data)
        if words.in_bytes(searchable(data, text), clock=clock):
            facts = learn(path, module, data, words, clock=clock, whole=whole, always=False, parser=parser)
            if facts is not None:
                return facts
        parser.check(text, path)
    except _TROUBLE as error:
        return Facts(module, is_package, unreadable=unreadable(path, error, text.splitlines()))
    allows = SourceFile(path, text, ast.Module(body=[], type_ignores=[])).allows
    return Facts(module, is_package, allows=list(allows)) if allows else None


def _notebook(path: str, module: str, data: bytes, words: Words, *, clock: bool) -> Facts:
    """Return what the cells of a notebook say; one that cannot be parsed says nothing, and is named."""
    facts = Facts(module, False)
    try:
        file = Notebook.read(path, data)
        Reading(file, facts, words, clock=clock).read()
    except _TROUBLE as error:
        return Facts(module, False, unreadable=unreadable(path, error))
    for line, cell, reason in file.broken:
        site = unreadable(path, reason, cell.code.splitlines())
        text = site.text.replace("the file", "the cell")
        facts.broken.append(replace(site, line=line, scope=cell.name, text=text, squeezed=""))
    if file.allows:
        _allow(file, facts)
    return facts


def decoded(data: bytes) -> str:
    """Return the content of a file as text, as Python reads it."""
    return decode(data) if declares_encoding(data) else data.decode()


def _read(
    path: str, text: str, facts: Facts, words: Words, hits: Hits | None, parser: TextParser, *, clock: bool
) -> Facts:
    """Read what of `text` stands around `hits`, or all of it; again where that binds more names that matter."""
    tree = parser.tree(text, path)
    bodies = None
    if hits is not None:
        from pytest_ssot_tracker.scan.reducing import Trimming

        bodies = Trimming(tree, hits)
    extra: frozenset[str] = frozenset()
    out = -1
    while True:
        before, out = out, 0 if bodies is None else bodies.take_out(extra)
        if out == before:
            break
        file = SourceFile(path, text, tree)
        facts = Facts(facts.module, facts.is_package)
        reading = Reading(file, facts, words, clock=clock)
        reading.read()
        if bodies is None or reading.bound <= extra | words.exact:
            break
        extra |= reading.bound
    if "ssot:" in text:
        _allow(file, facts)
    if "ssot_" in text:
        facts.marks = marks_of(file.tree, {place.scope for place in facts.places})
    return facts


def _allow(file: SourceFile, facts: Facts) -> None:
    facts.allows = list(file.allows)
    numbers = {id(allow): number for number, allow in enumerate(file.allows)}
    for rule in dict.fromkeys(rule for allow in file.allows if allow.problem is None for rule in allow.rules):
        for number, place in enumerate(facts.places):
            allow = file.allow_for(Rule(rule), place.line)
            if allow is not None:
                facts.allowed[f"{number}:{rule}"] = numbers[id(allow)]
