"""Tell which names of a module other files take from it: those have to go on existing there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence, Set

from pytest_ssot_tracker.names.syntax import UNREADABLE, is_of_self
from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.scan.walk import read
from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.source import decode

__all__ = ["Held", "Outside"]

_NO_OWNER = regex(rb"[^\w.]")
_IMPORT = regex(rb"from\s+([.\w]+)\s+import\s*(\([^)]*\)|[^\n]*)")
_RENAMED = regex(rb" as (\w+)")
_WORD = regex(rb"\w+")
_REACH = 120
"""Bytes before a name in which its owner stands."""


class Outside:
    """Answer whether one of `paths` takes a name from a module: by import, as an attribute or in a string.

    `asked` are the names and modules that will be asked for. The text decides, not its meaning: a name may be said to
    be taken that is not, and is then merely kept.
    """

    def __init__(self, tree: Tree, paths: Sequence[str], asked: Iterable[tuple[str, str]]) -> None:
        self._taken: set[tuple[str, str]] = set()
        self._patched: set[tuple[str, str]] = set()
        wanted: dict[bytes, dict[bytes, list[str]]] = {}
        for name, module in asked:
            home = _bytes(module.rpartition(".")[2])
            wanted.setdefault(_bytes(name), {}).setdefault(home, []).append(module)
        for path in paths if wanted else ():
            try:
                data = read(tree.absolute(path))
            except OSError:
                continue
            for word, homes in wanted.items():
                if word in data:
                    self._look(data, tree.module(path), word, homes)

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


def _owners(data: bytes, name: bytes) -> Iterator[bytes]:
    """Yield what `name` is taken from in a file, as it is spelled there."""
    found: set[bytes] = set()
    end = 0
    while (start := data.find(name, end)) >= 0:  # a pattern that begins with a word's end is much slower
        end = start + len(name)
        before = data[max(0, start - _REACH) : start]
        if _WORD.match(data, end):
            continue
        if before[-1:] in (b"'", b'"'):  # perhaps `patch.object(owner, "name")`
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
    """Yield what something else is put into in a file in the place of `name`, as it is spelled there."""
    word = re.escape(name)
    replacing = rb"""(?:patch|setattr)\b[^)\n]*\(\s*['"]?([\w.]+)(?:\.|['"]?\s*,\s*['"])%s\b"""
    for pattern in (replacing, rb"([\w.]+)\.%s[ \t]*=(?!=)"):
        yield from re.findall(pattern % word, data)


class Held:
    """Answer whether one of `paths` takes a member of what is held by a name: `shop.log.note`.

    `names` and `members` are those that will be asked for.
    """

    def __init__(self, tree: Tree, paths: Sequence[str], names: Iterable[str], members: Iterable[str]) -> None:
        self._taken: set[tuple[str, str, str]] = set()
        held, asked = (b"|".join(map(re.escape, map(_bytes, sorted(set(words))))) for words in (names, members))
        if not held or not asked:
            return
        pattern = re.compile(rb"(\b(?:self|cls))?\s*\.\s*(%s)\s*\.\s*(%s)\b" % (held, asked))
        for path in paths:
            try:
                data = read(tree.absolute(path))
            except OSError:
                continue
            found = list(pattern.finditer(data))
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
