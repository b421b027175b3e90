"""Read the files of a project for what they declare deprecated, and keep what each said for the next time."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_ssot_tracker import __version__
from pytest_ssot_tracker.codec import FORMAT, made, plain
from pytest_ssot_tracker.harvest.code import facts_of, names_itself
from pytest_ssot_tracker.harvest.declaration import Declaration, FileDeclarations, Helper
from pytest_ssot_tracker.harvest.known_texts import UNKNOWN
from pytest_ssot_tracker.harvest.warned import DEPRECATION
from pytest_ssot_tracker.kept import digest, replaced, state, surely_older
from pytest_ssot_tracker.names.syntax import UNREADABLE, parsed
from pytest_ssot_tracker.records import NamedTuple, regex
from pytest_ssot_tracker.source import decode

__all__ = ["PlacedDeclaration", "ProjectFile", "Read", "read"]

_FORMAT = (FORMAT, __version__)
"""What is kept by another version may know of less."""

_NEEDLES = (b"eprecat", b"RemovedIn", b"PendingRemoval")
"""What a file holds, one of these, that may declare anything by itself."""
_ROUNDS = 4


class ProjectFile(NamedTuple):
    """A file of the project: its path for people, its name on disk, its module."""

    path: str
    filename: str
    module: str


class PlacedDeclaration(NamedTuple):
    """One declaration, and the file in which it stands."""

    file: ProjectFile
    declaration: Declaration


class Read(NamedTuple):
    """What files declare deprecated, by path and line, and what tells their contents from others."""

    declared: tuple[PlacedDeclaration, ...] = ()
    contents: str = ""


def read(files: Iterable[ProjectFile], cache: Path | None) -> Read:
    """Return what `files` declare deprecated; files that cannot be read or parsed say nothing.

    What they said is kept in the folder `cache`, by size, inode and the times of their last change.
    """
    reading = _Reading(list(files), cache)
    reading.run()
    return Read(tuple(reading.declared()), reading.contents())


class _Reading:
    """One reading of all files."""

    def __init__(self, files: list[ProjectFile], cache: Path | None) -> None:
        self._files = files
        self._facts: dict[str, FileDeclarations | None] = {}
        self._kept = _Kept(cache)
        self._words: frozenset[str] = frozenset(self._kept.words)

    def run(self) -> None:
        """Read what may declare something, then what may do so by the warning classes and helpers found there."""
        fresh = self._words
        for _ in range(_ROUNDS):
            pattern = _pattern(self._words)
            for file in self._files:
                if file.path not in self._facts or (fresh and self._facts[file.path] is None):
                    self._facts[file.path] = self._kept.facts(file, self._words, pattern)
            fresh = frozenset(self._telling()) - self._words
            if not fresh:
                break
            self._words |= fresh
        self._kept.save(self._files, self._words)

    def contents(self) -> str:
        """Return what tells the contents of the files from others."""
        return self._kept.contents(self._files)

    def _telling(self) -> Iterator[str]:
        """Yield the names by which files declare something that hold none of the usual words."""
        known = self._classes()
        yield from (name for name in known if not DEPRECATION.search(name))
        for facts in filter(None, self._facts.values()):
            yield from (name for name in facts.helpers if "eprecat" not in name)

    def _classes(self) -> set[str]:
        """Return the last names of the project's own warning classes that are about deprecations."""
        bases = {name: found for facts in filter(None, self._facts.values()) for name, found in facts.warnings.items()}
        known: set[str] = set()
        while more := {
            name for name, found in bases.items() if name not in known and any(_is_about(base, known) for base in found)
        }:
            known |= more
        return known

    def declared(self) -> Iterator[PlacedDeclaration]:
        """Yield what holds of all that is declared, once what it depends on has been looked up."""
        classes = self._classes()
        helpers = {
            f"{facts.module.partition('.')[0]}.{name}": helper
            for facts in filter(None, self._facts.values())
            for name, helper in facts.helpers.items()
            if not helper.depends or _is_about(helper.depends, classes)
        }
        for file in self._files:
            facts = self._facts[file.path]
            for declaration in () if facts is None else facts.declared:
                held = self._held(declaration, classes, helpers)
                if held is not None:
                    yield PlacedDeclaration(file, held)

    @staticmethod
    def _held(found: Declaration, classes: set[str], helpers: Mapping[str, Helper]) -> Declaration | None:
        """Return a declaration with its words, `None` where what it depends on says that it is none."""
        if not found.depends.endswith("()"):
            return found if not found.depends or _is_about(found.depends, classes) else None
        top, *_, last = found.depends.removesuffix("()").split(".")
        helper = helpers.get(f"{top}.{last}")
        said = "" if helper is None else _filled(helper, found.given or {})
        holds = helper is not None and (found.kind == "getattr" or names_itself(said, found.attribute))
        return found._replace(message=said) if holds else None


_PLACE = regex(r"\{\w+\}")


def _is_about(name: str, known: Iterable[str]) -> bool:
    return name in known or DEPRECATION.search(name) is not None


def _filled(helper: Helper, given: Mapping[str, str]) -> str:
    """Return what a helper says that is called with the texts `given`."""
    template, defaults = helper.template, helper.defaults or {}
    for place, name in enumerate(helper.parameters):
        text = given.get(name, given.get(str(place), defaults.get(name)))
        if text is not None:
            template = template.replace(f"{{{name}}}", text)
    return _PLACE.sub(UNKNOWN, template)


def _pattern(words: Iterable[str]) -> re.Pattern[bytes]:
    return re.compile(b"|".join([*_NEEDLES, *(rb"\b%s\b" % word.encode() for word in sorted(words))]))


class _Kept:
    """What files said when they were last read, in one JSON file of the folder `folder`."""

    def __init__(self, folder: Path | None) -> None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        self._file = None if folder is None else folder / f"harvest-{version}.json"
        self._files: dict[str, list[Any]] = {}
        self._began = 0
        self._begins = time.time_ns()
        self._changed = False
        self.words: list[str] = []
        self._load()

    def _load(self) -> None:
        if self._file is None:
            return
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            data = json.loads(self._file.read_bytes())
            if data["format"] == list(_FORMAT):
                self._began = min(data["began"], self._file.stat().st_mtime_ns)
                self._files, self.words = dict(data["files"]), [str(word) for word in data["words"]]

    def facts(self, file: ProjectFile, words: frozenset[str], pattern: re.Pattern[bytes]) -> FileDeclarations | None:
        """Return what a file says: what is kept, while neither it nor the words looked for have changed."""
        try:
            info = os.stat(file.filename)
        except OSError:
            return None
        now = state(info)
        kept = self._files.get(file.path)
        if kept is not None and words.issubset(self.words):
            with suppress(ValueError, TypeError, IndexError, KeyError):
                if kept[0] == now and surely_older(info.st_ctime_ns, self._began):
                    return None if kept[2] is None else made(FileDeclarations, kept[2])
        try:
            with open(file.filename, "rb") as stream:
                data = stream.read()
        except OSError:
            return None
        content = digest(data)
        if kept is not None and kept[1] == content and words.issubset(self.words):
            facts = None if kept[2] is None else made(FileDeclarations, kept[2])
        else:
            facts = _facts(file, data) if pattern.search(data) else None
        self._files[file.path] = [now, content, plain(facts)]
        self._changed = True
        return facts

    def contents(self, files: Iterable[ProjectFile]) -> str:
        """Return what tells what the `files` hold from what others do."""
        known = ((file.path, self._files.get(file.path)) for file in files)
        return "\0".join(f"{path} {kept[1] if kept else ''}" for path, kept in sorted(known, key=lambda pair: pair[0]))

    def save(self, files: Iterable[ProjectFile], words: Iterable[str]) -> None:
        """Keep what `files` said; a folder that cannot be written is left."""
        paths = {file.path for file in files}
        if self._file is None or not (self._changed or paths != self._files.keys()):
            return
        kept = {path: said for path, said in self._files.items() if path in paths}
        data = {"format": _FORMAT, "began": self._begins, "words": sorted(words), "files": kept}
        replaced(self._file, json.dumps(data, separators=(",", ":")), siblings="harvest-*.json")


def _facts(file: ProjectFile, data: bytes) -> FileDeclarations | None:
    try:
        tree = parsed(decode(data))
    except UNREADABLE:
        return None  # the scan says so
    return facts_of(tree, file.module, is_package=file.filename.endswith("__init__.py"))
