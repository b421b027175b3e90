"""Tell which names of a module other files take from it: those have to go on existing there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress

from pytest_ssot_tracker.names.syntax import UNREADABLE, is_of_self
from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.scan.walk import read
from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.source import decode

__all__ = ["Held", "Outside", "contents"]

# A byte beyond ASCII is part of a name: identifiers may be spelled in any alphabet.
_NO_OWNER = regex(rb"[^\w.\x80-\xff]")
_IMPORT = regex(rb"from\s+([.\w\x80-\xff]+)\s+import\s*(\([^)]*\)|[^\n]*)")
_RENAMED = regex(rb" as ([\w\x80-\xff]+)")
_WORD = regex(rb"[\w\x80-\xff]+")
_SET = regex(rb"[ \t]*=(?!=)")
_PATCHING = regex(rb"(?:patch|setattr)\b")
_QUOTES = (b"'", b'"')
_SPACE = frozenset(b" \t\n\r\f\v")
_OF_WORDS = frozenset(byte for byte in range(256) if byte > 127 or chr(byte).isalnum() or byte == ord("_"))
_DOTTED = _OF_WORDS | {ord(".")}
_APART = bytes(byte if byte in _OF_WORDS else ord(" ") for byte in range(256))
"""A table that leaves the words of a file and puts spaces between them."""
_REACH = 120
"""Bytes before a name in which its owner stands."""


def contents(tree: Tree, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield `paths` with what is in these files, without those that cannot be read."""
    for path in paths:
        with suppress(OSError):
            yield path, read(tree.absolute(path))


class Outside:
    """The names that other files take from a module: by import, as an attribute or in a string.

    `asked` are the names and modules that will be asked for. The text decides, not its meaning: a name may be said to
    be taken that is not, and is then merely kept.
    """

    def __init__(self, tree: Tree, asked: Iterable[tuple[str, str]]) -> None:
        self._tree = tree
        self._taken: set[tuple[str, str]] = set()
        self._patched: set[tuple[str, str]] = set()
        self._wanted: dict[bytes, dict[bytes, list[str]]] = {}
        for name, module in asked:
            home = _bytes(module.rpartition(".")[2])
            self._wanted.setdefault(_bytes(name), {}).setdefault(home, []).append(module)

    def look(self, path: str, data: bytes) -> None:
        """Note what a file takes."""
        own = self._tree.module(path)
        for word in self._wanted.keys() & _words(data):
            self._look(data, own, word, self._wanted[word])

    def __call__(self, name: str, module: str) -> bool:
        """Whether another file takes `name` from `module`, or it names its own in a string."""
        return (name, module) in self._taken

    def patches(self, name: str, module: str) -> bool:
        """Whether another file puts something else in the place of `name` in `module`, as tests do."""
        return (name, module) in self._patched

    def _look(self, data: bytes, own: str, name: bytes, homes: dict[bytes, list[str]]) -> None:
        for owner in set(_owners(data, name)):
            for module in homes.get(owner.rpartition(b".")[2], ()):
                # What a module says of its own names it says by itself, but for a string.
                if own != module or owner == _bytes(module):
                    self._taken.add((name.decode(), module))
        for owner in set(_patched(data, name)):
            for module in homes.get(owner.rpartition(b".")[2], ()):
                self._patched.add((name.decode(), module))


def _bytes(name: str) -> bytes:
    """Return a name as files spell it; that of a module comes from a file's name, which need not be UTF-8."""
    return name.encode("utf-8", "surrogateescape")


def _words(data: bytes) -> Set[bytes]:
    """Return every word of a file once: looking each of many names up is much slower."""
    return set(data.translate(_APART).split())


def _occurrences(data: bytes, name: bytes) -> Iterator[tuple[int, int]]:
    """Yield where `name` stands as the end of something or as all of it."""
    end = 0
    while (start := data.find(name, end)) >= 0:  # a pattern that begins with a word's end is much slower
        end = start + len(name)
        if _WORD.match(data, end) is None:
            yield start, end


def _owners(data: bytes, name: bytes) -> Iterator[bytes]:
    """Yield what `name` is taken from in a file, as it is spelled there."""
    found: set[bytes] = set()
    for start, _ in _occurrences(data, name):
        before = data[max(0, start - _REACH) : start]
        if before[-1:] in _QUOTES:  # perhaps `patch.object(owner, "name")`
            before = before[:-1].rstrip()
        if before[-1:] in (b".", b","):
            found.add(_NO_OWNER.split(before[:-1].rstrip())[-1])
    yield from found
    for match in _IMPORT.finditer(data):
        if match[2].lstrip(b"( ").startswith(b"*") or (name in match[2] and name in _WORD.findall(match[2])):
            yield match[1]
    for match in _RENAMED.finditer(data) if found else ():
        if match[1] in found:
            yield _NO_OWNER.split(data[max(0, match.start() - _REACH) : match.start()])[-1]


def _patched(data: bytes, name: bytes) -> Iterator[bytes]:
    """Yield what something else is put into in a file in the place of `name`, as it is spelled there.

    Each place where `name` stands is read backwards: a pattern for the whole of it would try every word of the file.
    """
    for start, end in _occurrences(data, name):
        until = _end_of_owner(data, start)
        first = until
        while first and data[first - 1] in _DOTTED:
            first -= 1
        is_set = data[until:start] == b"." and _SET.match(data, end) is not None
        if first < until and (is_set or _is_first_argument_of_a_patch(data, first)):
            yield data[first:until]


def _end_of_owner(data: bytes, start: int) -> int:
    """Return where the owner of the name at `start` ends: `owner.name`, `owner, "name"`, `"owner", "name"`; else 0."""
    if data[start - 1 : start] == b".":
        return start - 1
    if data[start - 1 : start] not in _QUOTES:
        return 0
    comma = _end_of_text(data, start - 1) - 1
    if data[comma : comma + 1] != b",":
        return 0
    end = _end_of_text(data, comma)
    return end - (data[end - 1 : end] in _QUOTES)


def _end_of_text(data: bytes, end: int) -> int:
    """Return where that ends which stands before the white space before `end`."""
    while end and data[end - 1] in _SPACE:
        end -= 1
    return end


def _is_first_argument_of_a_patch(data: bytes, start: int) -> bool:
    """Whether a call of `patch`, `setattr` or their kin begins right before `start`."""
    start = _end_of_text(data, start - (data[start - 1 : start] in _QUOTES)) - 1
    if start < 0 or data[start : start + 1] != b"(":
        return False
    before = data.rfind(b")", 0, start) + 1
    before = max(before, data.rfind(b"\n", before, start) + 1)
    return _PATCHING.search(data, before, start) is not None


class Held:
    """The members that files take of what is held by a name: `shop.log.note`.

    `names` and `members` are those that will be asked for.
    """

    def __init__(self, names: Iterable[str], members: Iterable[str]) -> None:
        self._taken: set[tuple[str, str, str]] = set()
        self._names, self._members = (frozenset(map(_bytes, words)) for words in (names, members))
        held, asked = (b"|".join(map(re.escape, sorted(words))) for words in (self._names, self._members))
        self._pattern = re.compile(rb"(\b(?:self|cls))?\s*\.\s*(%s)\s*\.\s*(%s)\b" % (held, asked))

    def look(self, path: str, data: bytes) -> None:
        """Note what a file takes."""
        words = _words(data) if self._names and self._members else frozenset()
        if self._names.isdisjoint(words) or self._members.isdisjoint(words):
            return
        found = list(self._pattern.finditer(data))
        own = _held_by_themselves(data, {match[2].decode() for match in found if match[1]})
        for match in found:
            if not match[1] or match[2].decode() not in own:
                self._taken.add((path, match[2].decode(), match[3].decode()))

    def __call__(self, name: str, member: str, own: str) -> bool:
        """Whether a file other than `own` takes `member` of something that is called `name`."""
        return any(path != own and (found, of) == (name, member) for path, found, of in self._taken)


def _held_by_themselves(data: bytes, names: Set[str]) -> Set[str]:
    """Return which of `names` each class of a file that takes them of `self` has set there itself."""
    if not names:
        return frozenset()
    try:
        tree = ast.parse(decode(data))
    except UNREADABLE:
        return frozenset()
    own: set[str] = set()
    of_bases: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            taken = [part for part in ast.walk(node) if isinstance(part, ast.Attribute) and is_of_self(part)]
            given = {part.attr for part in taken if isinstance(part.ctx, ast.Store)}
            of_bases |= {part.attr for part in taken} - given
            own |= given
    return names & (own - of_bases)
