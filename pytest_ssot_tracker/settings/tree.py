"""Answer what a file is to the project: ours, judged for identifiers, excluded, and which module."""

from __future__ import annotations

import os
import re
import site
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Place", "Tree", "glob_matches"]

_LIBRARY_PARTS = frozenset({"site-packages", "dist-packages", ".tox", ".nox", "__pypackages__"})


class Place(NamedTuple):
    """Say what one file is: its `path` relative to the root with `/`, its dotted `module`, and its role."""

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


def glob_matches(pattern: str, path: str) -> bool:
    """Tell whether `pattern` matches `path` or a folder above it, part by part: `app` never matches `app_vendor`."""
    if pattern in (".", "./"):
        return True
    return _glob(pattern).match(path) is not None


def _library_roots() -> tuple[str, ...]:
    """Return the folders of the interpreter's own code and of installed packages, in `normcase`, with a separator."""
    # What `sysconfig` would say, which to ask executes as much as four tests.
    packages = (path for path in site.getsitepackages() if path.endswith("-packages"))
    paths = (os.path.dirname(os.__file__), *packages)
    return tuple(sorted({os.path.normcase(os.path.join(os.path.realpath(path), "")) for path in paths}))


# What is asked while a test runs must not go through `os`, of which the test may have replaced anything.
_join, _split, _normal, _case, _SEPARATOR = os.path.join, os.path.split, os.path.normpath, os.path.normcase, os.sep
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


@lru_cache(maxsize=16384)
def _in_environment(folder: str, root: str) -> bool:
    """Tell whether `folder` is a virtual environment or lies in one below `root`."""
    if len(folder) <= len(root):
        return False
    try:
        _stat(_join(folder, "pyvenv.cfg"))
    except OSError:
        return _in_environment(_split(folder)[0], root)
    return True


@dataclass(frozen=True, slots=True)
class Tree:
    """Be the project's files: `root`, what is `source`, `scan` and `exclude`, and the import roots.

    `import_roots` are folders (relative to the root, `""` for the root itself) from which modules are named, the
    longest that fits first.
    """

    root: str
    source: tuple[str, ...] = (".",)
    scan: tuple[str, ...] = (".",)
    exclude: tuple[str, ...] = ()
    import_roots: tuple[str, ...] = ("src", "")
    libraries: tuple[str, ...] = field(default_factory=_library_roots)

    @classmethod
    def of(cls, root: Path, **parts: tuple[str, ...]) -> Tree:
        """Return the tree at `root`, its real path resolved once."""
        return cls(os.path.realpath(root), **parts)

    def relative(self, filename: str) -> str | None:
        """Return `filename` relative to the root with `/`; `None` for what is not ours.

        Not ours are files that really (links followed) lie outside the root, in the standard library, among
        installed packages or in a virtual environment, and names such as `<string>`.
        """
        if not filename or filename[0] == "<":
            return None
        real, prefix = _real(_join(self.root, filename)), _join(self.root, "")
        known, root = _case(real), _case(prefix)
        if not known.startswith(root):
            return None
        if any(known.startswith(library) and not root.startswith(library) for library in self.libraries):
            return None
        path = real[len(prefix) :].replace(_SEPARATOR, "/")
        if not _LIBRARY_PARTS.isdisjoint(path.split("/")) or _in_environment(_split(real)[0], self.root):
            return None
        return path

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
        """Tell whether the rules about identifiers hold in the file at the relative `path`."""
        return any(glob_matches(pattern, path) for pattern in self.source)

    def is_excluded(self, path: str) -> bool:
        """Tell whether the file at the relative `path` is never scanned and never reported."""
        return any(glob_matches(pattern, path) for pattern in self.exclude)

    def module(self, path: str) -> str:
        """Return the dotted module name of the file at the relative `path`."""
        for base in self.import_roots:
            if base == "" or path.startswith(base + "/"):
                path = path[len(base) + 1 if base else 0 :]
                break
        stem = path.removesuffix(".py").removesuffix(".pyi")
        return stem.removesuffix("/__init__").replace("/", ".")
