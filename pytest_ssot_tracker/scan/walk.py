"""Walk the source tree: say which files are to be looked at, with as few system calls as there can be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from pytest_ssot_tracker.records import NamedTuple, dataclass, field, regex
from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.settings.tree import glob_matches, is_built, outside

__all__ = ["Entry", "Trouble", "Walk", "entry_of", "read"]

_SKIPPED = frozenset(
    {
        *("__pycache__", "__pypackages__", "node_modules", "site-packages", "dist-packages"),
        *(".git", ".hg", ".svn", ".tox", ".nox", ".eggs", ".ssot_cache"),
        *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints"),
    }
)


_SCRIPT = regex(rb"#!.*\bpython[\d.]*w?\b|#!.*\bpypy[\d.]*\b|#!.*\buv run\b")
_SUFFIXES = (".py", ".pyw", ".ipynb")
_LOCK = ".#"
"""What a name begins with that an editor made: a link to nowhere."""


class Entry(NamedTuple):
    """One file: its `path` relative to the root with `/`, its size in bytes, and what changes when it does.

    `changed` is when its content, its name or its times were last changed: unlike the time of its content nobody can
    set that.
    """

    path: str
    size: int
    modified: int
    changed: int
    inode: int

    @property
    def state(self) -> list[int]:
        """Return what changes when the file does."""
        return [self.size, self.modified, self.changed, self.inode]


class Trouble(NamedTuple):
    """A file or folder, by its path relative to the root, that cannot be looked at, and why."""

    path: str
    error: OSError
    is_folder: bool


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
    """What a scan looks at: the `scan` paths of the tree, or those of them that lie in `paths`.

    `paths` are files and folders, absolute or relative to the root. What a link leads to is looked at where it really
    is, when that is asked for, else at the link.
    """

    tree: Tree
    paths: Sequence[str | os.PathLike[str]] | None = None
    _wanted: tuple[str, ...] | None = field(init=False)

    def __post_init__(self) -> None:
        wanted = None if self.paths is None else tuple(self._relative(path) for path in self.paths)
        object.__setattr__(self, "_wanted", wanted)

    def _relative(self, path: str | os.PathLike[str]) -> str:
        full = os.path.join(self.tree.root, os.fspath(path))
        try:
            real = os.path.relpath(os.path.realpath(full), self.tree.root).replace(os.sep, "/")
        except ValueError:  # on another drive
            return ".."
        return self.tree.relative(full) or real

    def covers(self, path: str) -> bool:
        """Whether the file at the relative `path` is looked at, or would be, were it there."""
        if self.tree.is_excluded(path) or not self._asked_for(path) or not self._is_source(path):
            return False
        return _SKIPPED.isdisjoint(path.split("/")[:-1]) and self.tree.relative(path) == path

    def _asked_for(self, path: str) -> bool:
        if self._wanted is not None:
            return any(wanted == "." or path == wanted or path.startswith(wanted + "/") for wanted in self._wanted)
        return any(glob_matches(pattern, path) for pattern in self.tree.scan)

    def _is_source(self, path: str) -> bool:
        """Whether the file at `path` is, or was, Python: by its name, because it is declared, or by its first line."""
        if path.endswith(_SUFFIXES) or path in self.tree.source or path in self.tree.scan:
            return True
        if "." in path.rpartition("/")[2]:
            return False
        full = self.tree.absolute(path)
        return _is_script(full) or not os.path.lexists(full)

    def read(self, path: str) -> bytes:
        """Return the content of the file at the relative `path`; raise `OSError`."""
        return read(self.tree.absolute(path))

    def entries(self) -> tuple[list[Entry], list[Trouble]]:
        """Return every file to be looked at, by path, and what could not be looked at."""
        found: dict[str, Entry] = {}
        trouble: list[Trouble] = []
        wanted = self.tree.scan if self._wanted is None else self._wanted
        patterns = [start for start in wanted if self._wanted is None and {"*", "?"} & set(start)]
        starts = {outside(start) if start in patterns else start.removeprefix("./").strip("/") for start in wanted}
        every = not patterns or "." in wanted or "./" in wanted
        if starts & {"", "."}:
            starts = {"", *(start for start in starts if start.startswith("../"))}
        look = _Look(self.tree, self._asked_for if not every else None, trouble)
        for start in sorted(starts):
            full = self.tree.absolute(start) if start else self.tree.root
            if start and self.tree.relative(full) is None and not self.tree.is_beside(start):
                continue
            if os.path.isfile(full):
                if self.covers(start):
                    found[start] = entry_of(start, os.stat(full))
            elif not start or not (_SKIPPED & set(start.split("/")) or self.tree.is_excluded(start)):
                found.update((entry.path, entry) for entry in look.below(full, start))
        return [found[path] for path in sorted(found)], trouble


class _Look:
    """One look at the folders of a tree; `wanted`, where given, says of a file whether it was asked for."""

    def __init__(self, tree: Tree, wanted: Callable[[str], bool] | None, trouble: list[Trouble]) -> None:
        root = os.path.join(tree.root, "")
        self._tree = tree
        self._wanted = wanted
        self._trouble = trouble
        self._excluded = tree.is_excluded if tree.exclude else None
        self._declared = frozenset((*tree.source, *tree.scan))
        self._libraries = frozenset(os.path.dirname(folder) for folder in tree.libraries if not root.startswith(folder))

    def below(self, full: str, path: str) -> Iterator[Entry]:
        """Yield the files in the folder `full`, which is `path` from the root, and below it."""
        chain: tuple[str, ...] = (os.path.join(os.path.realpath(full), ""),)
        stack = [(full, f"{path}/" if path else "", chain)]
        while stack:
            folder, prefix, chain = stack.pop()
            try:
                with os.scandir(folder) as entries:
                    here = list(entries)
            except (FileNotFoundError, NotADirectoryError):
                continue  # it is gone, and what was in it with it
            except OSError as error:
                self._trouble.append(Trouble(prefix.rstrip("/") or ".", error, is_folder=True))
                continue
            if prefix and any(entry.name == "pyvenv.cfg" for entry in here):
                continue
            for entry in here:
                path = prefix + entry.name
                try:
                    linked = os.path.join(os.path.realpath(entry.path, strict=True), "") if entry.is_symlink() else ""
                    # One that leads back to where the way here came from would be followed for ever.
                    if linked and any(folder.startswith(linked) for folder in chain):
                        continue
                    found = self._at(entry, path)
                except OSError as error:
                    self._note(entry, path, error)
                    continue
                if found is True:
                    stack.append((entry.path, f"{path}/", (*chain, linked) if linked else chain))
                elif found and (self._wanted is None or self._wanted(path)):
                    yield found

    def _at(self, entry: os.DirEntry[str], path: str) -> Entry | bool:
        """Return the file at `path`, whether it is a folder to be entered, or `False` for what is left out."""
        name = entry.name
        known = name.endswith(_SUFFIXES)
        if not known and "." in name[1:] and path not in self._declared and not entry.is_dir():
            return False  # most of what is no source
        if self._excluded is not None and self._excluded(path):
            return False
        if entry.is_symlink() and self._tree.relative(entry.path) != path:
            return False  # not ours, or found where it really is
        if entry.is_dir():
            return name not in _SKIPPED and entry.path not in self._libraries
        if not entry.is_file() or not (known or path in self._declared or _is_script(entry.path)):
            return False
        if path.startswith("../") and not self._tree.is_named(path):
            return False
        if is_built(path) and self._tree.relative(path) != path:
            return False  # a copy that says what the original says
        return entry_of(path, entry.stat())

    def _note(self, entry: os.DirEntry[str], path: str, error: OSError) -> None:
        """Note what is wrong with a file that ought to be read; one that has gone meanwhile is not missed."""
        gone = isinstance(error, FileNotFoundError)
        if entry.name.endswith(_SUFFIXES) and not entry.name.startswith(_LOCK) and (not gone or entry.is_symlink()):
            self._trouble.append(Trouble(path, error, is_folder=False))


def _is_script(filename: str) -> bool:
    """Whether the first line of a file says that Python is to run it."""
    try:
        with open(filename, "rb", buffering=0) as stream:
            return _SCRIPT.match(stream.read(200).partition(b"\n")[0]) is not None
    except OSError:
        return False


def entry_of(path: str, info: os.stat_result) -> Entry:
    """Return the entry of the file at `path`."""
    return Entry(path, info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
