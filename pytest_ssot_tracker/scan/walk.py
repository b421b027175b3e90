"""Walk the source tree: say which files are to be looked at, with as few system calls as there can be."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.settings.tree import glob_matches

__all__ = ["Entry", "Walk", "read"]

_SKIPPED = frozenset(
    {
        *("__pycache__", "__pypackages__", "node_modules", "site-packages", "dist-packages"),
        *(".git", ".hg", ".svn", ".tox", ".nox", ".eggs", ".ssot_cache"),
        *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints"),
    }
)


class Entry(NamedTuple):
    """Be one file: its `path` relative to the root with `/`, its size in bytes, and what changes when it does."""

    path: str
    size: int
    changed: int
    inode: int


def read(filename: str) -> bytes:
    """Return the content of a file, in as few system calls as there can be; raise `OSError`."""
    descriptor = os.open(filename, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        pieces = []
        while piece := os.read(descriptor, 1 << 20):
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Walk:
    """Be what a scan looks at: the `scan` paths of the tree, or those of them that lie in `paths`.

    `paths` are files and folders, absolute or relative to the root. Links are not followed: what they lead to is looked
    at where it really is, when that is asked for.
    """

    tree: Tree
    paths: Sequence[str | os.PathLike[str]] | None = None
    _wanted: tuple[str, ...] | None = field(init=False)

    def __post_init__(self) -> None:
        wanted = None if self.paths is None else tuple(self._relative(one) for one in self.paths)
        object.__setattr__(self, "_wanted", wanted)

    def _relative(self, path: str | os.PathLike[str]) -> str:
        real = os.path.realpath(os.path.join(self.tree.root, os.fspath(path)))
        try:
            return os.path.relpath(real, self.tree.root).replace(os.sep, "/")
        except ValueError:  # on another drive
            return ".."

    def covers(self, path: str) -> bool:
        """Tell whether the file at the relative `path` is looked at, or would be, were it there."""
        if not path.endswith(".py") or self.tree.is_excluded(path) or not self._asked_for(path):
            return False
        return _SKIPPED.isdisjoint(path.split("/")[:-1]) and self.tree.relative(path) == path

    def _asked_for(self, path: str) -> bool:
        if self._wanted is not None:
            return any(one == "." or path == one or path.startswith(one + "/") for one in self._wanted)
        return any(glob_matches(pattern, path) for pattern in self.tree.scan)

    def read(self, path: str) -> bytes:
        """Return the content of the file at the relative `path`; raise `OSError`."""
        return read(self.tree.absolute(path))

    def entries(self) -> tuple[list[Entry], list[str]]:
        """Return every file to be looked at, by path, and ready lines about what could not be entered."""
        found: dict[str, Entry] = {}
        trouble: list[str] = []
        wanted = self.tree.scan if self._wanted is None else self._wanted
        patterns = [one for one in wanted if self._wanted is None and {"*", "?"} & set(one)]
        starts = {"" if one in (".", "./") or one in patterns else one.removeprefix("./").strip("/") for one in wanted}
        every = not patterns or "." in wanted or "./" in wanted
        if "" in starts:
            starts = {""}
        for start in starts:
            full = self.tree.absolute(start) if start else self.tree.root
            if start and (start.split("/")[0] == ".." or self.tree.relative(full) is None):
                continue
            if os.path.isfile(full):
                if self.covers(start):
                    found[start] = _entry(start, os.stat(full))
            elif not start or not (_SKIPPED & set(start.split("/")) or self.tree.is_excluded(start)):
                for one in self._folder(full, start, trouble):
                    if every or self._asked_for(one.path):
                        found[one.path] = one
        return [found[path] for path in sorted(found)], trouble

    def _folder(self, full: str, path: str, trouble: list[str]) -> Iterator[Entry]:
        excluded = self.tree.is_excluded if self.tree.exclude else None
        root = os.path.join(self.tree.root, "")
        libraries = {os.path.dirname(one) for one in self.tree.libraries if not root.startswith(one)}
        stack = [(full, f"{path}/" if path else "")]
        while stack:
            folder, prefix = stack.pop()
            try:
                with os.scandir(folder) as entries:
                    here = list(entries)
            except (FileNotFoundError, NotADirectoryError):
                continue  # it is gone, and what was in it with it; the settings warn of a path that is not there
            except OSError as error:
                if prefix:
                    trouble.append(f"{prefix}: the folder cannot be read ({error.strerror}); it was not scanned")
                continue
            below: list[Entry] = []
            folders: list[tuple[str, str]] = []
            for one in here:
                name = one.name
                if name.endswith(".py") and one.is_file(follow_symlinks=False):
                    if excluded is None or not excluded(prefix + name):
                        try:
                            below.append(_entry(prefix + name, one.stat(follow_symlinks=False)))
                        except OSError:  # gone since
                            continue
                elif name == "pyvenv.cfg" and prefix:
                    break
                elif ("." not in name[1:] or one.is_dir(follow_symlinks=False)) and (
                    name not in _SKIPPED
                    and one.is_dir(follow_symlinks=False)
                    and one.path not in libraries
                    and (excluded is None or not excluded(prefix + name))
                ):
                    folders.append((one.path, f"{prefix}{name}/"))
            else:
                yield from below
                stack += folders


def _entry(path: str, info: os.stat_result) -> Entry:
    return Entry(path, info.st_size, info.st_mtime_ns, info.st_ino)
