"""Answer what a file is to the project: ours, judged for identifiers, excluded, and which module."""

from __future__ import annotations

import os
import re
import site
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.records import NamedTuple, dataclass, field, regex, replace
from pytest_ssot_tracker.settings.copies import copied_modules, exists, modules_in, same_text
from pytest_ssot_tracker.settings.paths import join as _join
from pytest_ssot_tracker.settings.paths import normcase as _case
from pytest_ssot_tracker.settings.paths import normpath as _normal
from pytest_ssot_tracker.settings.paths import split as _split

__all__ = ["Place", "Tree", "glob_matches", "is_built", "outside"]

_LIBRARY_PARTS = frozenset({"site-packages", "dist-packages", ".tox", ".nox", "__pypackages__"})
_BUILT = regex(r"build/lib[^/]*/")
"""Where setuptools puts what it builds a wheel of: a second copy of the project within it."""


class Place(NamedTuple):
    """What one file is: its `path` relative to the root with `/`, its dotted `module`, and its role."""

    path: str
    module: str
    in_source: bool
    excluded: bool


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    """Return the regular expression for a path pattern whose `*` stays in one part and `**` crosses parts."""
    text = ""
    parts = pattern.replace("\\", "/").removeprefix("./").strip("/").split("/")
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            text += ".*" if last else "(?:[^/]+/)*"
        else:
            piece = "".join("[^/]*" if c == "*" else "[^/]" if c == "?" else re.escape(c) for c in part)
            text += piece if last else piece + "/"
    return re.compile(text + r"(?:/.*)?\Z", re.DOTALL)


@lru_cache(maxsize=1024)
def _literal(pattern: str) -> str | None:
    """Return what a path that `pattern` matches begins with, itself followed by `/`; `None` where it has wildcards."""
    if not {"*", "?"}.isdisjoint(pattern):
        return None
    literal = pattern.replace("\\", "/").removeprefix("./").strip("/")
    return f"{literal}/"


def glob_matches(pattern: str, path: str) -> bool:
    """Whether `pattern` matches `path` or a folder above it, part by part: `app` never matches `app_vendor`."""
    if pattern in (".", "./"):
        return not path.startswith("../")
    literal = _literal(pattern)
    return _glob(pattern).match(path) is not None if literal is None else f"{path}/".startswith(literal)


def _any_matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether one of `patterns` matches `path`; asked of each file that is loaded, and dearer by `any`."""
    for pattern in patterns:  # noqa: SIM110
        if glob_matches(pattern, path):
            return True
    return False


def is_built(path: str) -> bool:
    """Whether the relative `path` lies where a build has put a copy of the project."""
    return path.startswith("build/lib") and _BUILT.match(path) is not None


def outside(pattern: str) -> str:
    """Return the folder outside the root that `pattern` starts in, `""` where it starts in the root."""
    parts = pattern.split("/")
    if parts[0] != "..":
        return ""
    literal = next((number for number, part in enumerate(parts) if {"*", "?"} & set(part)), len(parts))
    return "/".join(parts[:literal])


def _library_roots() -> tuple[str, ...]:
    """Return the folders of the interpreter's own code and of installed packages, in `normcase`, with a separator."""
    # What `sysconfig` would say, which to ask executes as much as four tests.
    packages = (path for path in site.getsitepackages() if path.endswith("-packages"))
    paths = (os.path.dirname(os.__file__), *packages)
    return tuple(sorted({os.path.normcase(os.path.join(os.path.realpath(path), "")) for path in paths}))


# What is asked while a test runs must not go through `os`, of which the test may have replaced anything.
_SEPARATOR = os.sep
_SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")
_readlink, _stat = os.readlink, os.stat
_LINKS = 40


@lru_cache(maxsize=16384)
def _real(path: str, links: int = _LINKS) -> str:
    """Return `path`, which is absolute, without links, of which `links` are followed; each folder is looked up once."""
    folder, name = _split(_normal(path))
    if not name:
        return folder
    folder = _real(folder, links)
    path = _join(folder, name)
    try:
        link = _readlink(path)
    except OSError:
        return path
    return _real(_join(folder, link.removeprefix("\\\\?\\")), links - 1) if links else path


def _is_link(path: str) -> bool:
    try:
        _readlink(path)
    except OSError:
        return False
    return True


@lru_cache(maxsize=16384)
def _in_environment(folder: str, root: str) -> bool:
    """Whether `folder` is a virtual environment or lies in one below `root`."""
    above = _split(folder)[0]
    if len(folder) <= len(root) or above == folder:
        return False
    try:
        _stat(_join(folder, "pyvenv.cfg"))
    except OSError:
        return _in_environment(above, root)
    return True


class _PlainFolder(NamedTuple):
    """A folder that is spelled as it is, no part of it a link: how the paths of its files begin, if they are ours."""

    path: str | None


@dataclass(frozen=True, slots=True)
class Tree:
    """The project's files: `root`, what is `source`, `scan`, `exclude` and `tests`, and the import roots.

    `import_roots` are folders (relative to the root, `""` for the root itself) from which modules are named, the
    longest that fits first. `beside` are the real folders outside the root that `source` and `scan` name (`../libs`),
    each with its path from the root. `packages` are the first parts of the modules that the tables name.
    """

    root: str
    source: tuple[str, ...] = (".",)
    scan: tuple[str, ...] = (".",)
    exclude: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    import_roots: tuple[str, ...] = ("src", "")
    libraries: tuple[str, ...] = field(default_factory=_library_roots)
    beside: tuple[tuple[str, str], ...] = ()
    packages: tuple[str, ...] = ()
    _known: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)
    _folders: dict[str, _PlainFolder | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, root: Path, **parts: Any) -> Tree:
        """Return the tree at `root`, its real path resolved once."""
        tree = cls(os.path.realpath(root), **parts)
        named = dict.fromkeys(filter(None, map(outside, (*tree.source, *tree.scan))))
        beside = tuple((os.path.realpath(tree.absolute(path)), path) for path in named)
        return replace(tree, beside=beside) if beside else tree

    def relative(self, filename: str) -> str | None:
        """Return the path, relative to the root and with `/`, of the file of ours that `filename` is; else `None`.

        A copy of one of our files, installed or built, is that file as long as their texts agree. A link is where it
        leads, unless that is nobody's and the link stands among our files. Not ours are other files outside the root,
        in the standard library, among installed packages or in a virtual environment, and names such as `<string>`.
        """
        try:
            return self._known[filename]
        except KeyError:
            path = self._known[filename] = self._found(filename)
            return path

    def _found(self, filename: str) -> str | None:
        if not filename or filename[0] == "<":
            return None
        path = self._own(filename)
        if path is not None and not is_built(path):
            return path
        original = next((original for original in self.originals(filename) if self._agrees(filename, original)), None)
        return path if original is None else original

    def is_own(self, filename: str) -> bool:
        """Whether `filename` is a module of ours, in the tree or, whatever it says there, in another place."""
        return self.relative(filename) is not None or next(self.originals(filename), None) is not None

    def originals(self, filename: str) -> Iterator[str]:
        """Yield the files of ours that `filename` is a copy of by its place: the same module, below an import root."""
        plain = filename.startswith(_SEPARATOR) and ".." not in filename
        full = filename if plain else _normal(_join(self.root, filename))
        if modules_in(self.root, self.import_roots).isdisjoint(full.split(_SEPARATOR)):
            return  # true of nearly all that is installed, and said without a look at the disk
        full = _normal(full)
        for module in copied_modules(full, self.root, self.libraries):
            for base in self.import_roots:
                path = f"{base}/{module}" if base else module
                if exists(self.absolute(path)) and self._own(path) == path:
                    yield path

    def _agrees(self, filename: str, path: str) -> bool:
        return not is_built(path) and same_text(_join(self.root, filename), self.absolute(path))

    def _own(self, filename: str) -> str | None:
        """Return what `relative` returns, copies left aside."""
        where, _, name = filename.rpartition(_SEPARATOR)
        try:
            folder = self._folders[where]
        except KeyError:
            folder = self._folders[where] = self._plain_folder(where)
        if folder is not None and name and not _is_link(filename):  # as nearly all
            return None if folder.path is None else folder.path + name
        named = _normal(_join(self.root, filename))
        real = _real(named)
        if self._is_of_library(real):
            return None
        path = self._below(real)
        if real == named or (path is not None and (self.is_named(path) or self.is_excluded(path))):
            return path
        linked = self._written(named)
        return linked if linked is not None and self.is_named(linked) else path

    def _plain_folder(self, folder: str) -> _PlainFolder | None:
        """Return what `folder` says of the files in it that are no links; `None` where that depends on each."""
        if _join(self.root, folder) != folder or _real(folder) != folder:
            return None
        inside = _join(folder, "")
        if self._is_of_library(inside):
            return _PlainFolder(None)
        if any(_case(inside).startswith(_case(_join(beside, ""))) for beside, _ in self.beside):
            return None
        return _PlainFolder(self._below(inside))

    def _is_of_library(self, full: str) -> bool:
        root, full = _case(_join(self.root, "")), _case(full)
        return any(full.startswith(library) and not root.startswith(library) for library in self.libraries)

    def _below(self, full: str) -> str | None:
        """Return `full` relative to the root if it lies in it, or in a folder `beside` it, and in no environment."""
        for folder, prefix in ((self.root, ""), *self.beside):
            inside = _join(folder, "")
            if not _case(full).startswith(_case(inside)):
                continue
            path = full[len(inside) :].replace(_SEPARATOR, "/")
            if _LIBRARY_PARTS.isdisjoint(path.split("/")) and not _in_environment(_split(full)[0], folder):
                if not prefix:
                    return path
                if self.is_named(f"{prefix}/{path}"):
                    return f"{prefix}/{path}"
        return None

    def _written(self, named: str) -> str | None:
        """Return `named` relative to the root, the links below the root not followed."""
        folder, below = named, ""
        while True:
            folder, name = _split(folder)
            if not name:
                return None
            below = _join(name, below) if below else name
            real = _real(folder)
            if real == self.root or any(real == folder for folder, _ in self.beside):
                return self._below(_join(real, below))

    def outside(self, filename: str) -> str | None:
        """Return `filename` from the root on, with `..`, if it lies outside it and among no installed packages."""
        real = _real(_join(self.root, filename))
        if any(_case(real).startswith(library) for library in self.libraries) or self._below(real) is not None:
            return None
        if not _LIBRARY_PARTS.isdisjoint(real.split(_SEPARATOR)) or _in_environment(_split(real)[0], ""):
            return None
        here, there = self.root.split(_SEPARATOR), real.split(_SEPARATOR)
        common = next((n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), len(here))
        return "/".join((*[".."] * (len(here) - common), *there[common:])) if common < len(here) else None

    def defines(self, module: str) -> bool:
        """Whether the tree holds the package or module that the dotted name `module` begins with."""
        top = module.partition(".")[0]
        return not modules_in(self.root, self.import_roots).isdisjoint((top, f"{top}.py"))

    @property
    def outside_paths(self) -> tuple[str, ...]:
        """Return the folders outside the root that the configuration names, from the root."""
        return tuple(path for _, path in self.beside)

    def is_beside(self, path: str) -> bool:
        """Whether the relative `path` is or lies in a folder outside the root that the configuration names."""
        return any(f"{path}/".startswith(f"{folder}/") for _, folder in self.beside)

    def is_named(self, path: str) -> bool:
        """Whether the configuration names the file at the relative `path` as source, or to be scanned."""
        return _any_matches(self.source, path) or _any_matches(self.scan, path)

    def is_library(self, filename: str) -> bool:
        """Whether `filename` belongs to the interpreter or to an installed package."""
        if filename[:1] == "<":
            return filename.startswith("<frozen ")
        real = _real(_join(self.root, filename))
        if any(_case(real).startswith(library) for library in self.libraries):
            return True
        return not _LIBRARY_PARTS.isdisjoint(real.split(_SEPARATOR)) or _in_environment(_split(real)[0], self.root)

    def absolute(self, path: str) -> str:
        """Return the file name of the relative `path`."""
        return _join(self.root, *path.split("/"))

    def place(self, filename: str) -> Place | None:
        """Return what `filename` is to the project, `None` when it is not ours (see `relative`)."""
        path = self.relative(filename)
        if path is None:
            return None
        return Place(path, self.module(path), self.in_source(path), self.is_excluded(path))

    def in_source(self, path: str) -> bool:
        """Whether the rules about identifiers hold in the file at the relative `path`."""
        return _any_matches(self.source, path)

    def in_tests(self, path: str) -> bool:
        """Whether the file at the relative `path` is one of tests, which are counted apart."""
        return _any_matches(self.tests, path)

    def is_test(self, path: str) -> bool:
        """Whether the file at the relative `path` may be a test: all are where nobody says which."""
        return not self.tests or self.in_tests(path)

    def is_excluded(self, path: str) -> bool:
        """Whether the file at the relative `path` is never scanned and never reported."""
        return _any_matches(self.exclude, path)

    def module(self, path: str) -> str:
        """Return the dotted module name of the file at the relative `path`.

        Of several names the configuration's own spelling counts, else that from the deepest import root.
        """
        names = self.names(path)
        for name in names:
            if name.partition(".")[0] in self.packages:
                return name
        return names[0]

    def names(self, path: str) -> list[str]:
        """Return every module name that the import roots give the file at the relative `path`."""
        stem, dot, suffix = path.rpartition(".")
        stem = (stem if dot + suffix in _SUFFIXES else path).removesuffix("/__init__")
        below = [stem[len(base) + 1 :] for base in self.import_roots if base and path.startswith(base + "/")]
        if "" in self.import_roots and not path.startswith("../"):
            below.append(stem)
        return [name.replace("/", ".") for name in below or [stem]]
