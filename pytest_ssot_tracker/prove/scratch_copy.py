"""Copy a project to where anything may be done to it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings import Tree

__all__ = ["Scratch"]

_LARGE = 20_000_000
"""Bytes of a file that is taken for data and left out, unless it is code."""

_CODE = (".py", ".pyi", ".so", ".pyd", ".toml", ".ini", ".cfg")
_SKIPPED = frozenset({"__pycache__", "__pypackages__", "node_modules", "site-packages", "build", "dist", "htmlcov"})


class Scratch(NamedTuple):
    """A copy of a project: its `root` there, that of the original, and the large files that were left out."""

    root: Path
    original: Path
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, tree: Tree, folder: Path) -> Scratch:
        """Return a copy in `folder` of the project, its own files and what it needs of those beside it.

        What git ignores is left out, but for modules beside tracked files: many a package has its version made.
        """
        # `shutil.copytree` would take virtual environments, builds and data along: gigabytes in some projects.
        original = Path(tree.root)
        below = _top(original)
        top = folder.joinpath(*["beside"] * max((path.count("..") for path in tree.outside_paths), default=0), "tree")
        root = top / below if below is not None else top
        if below is not None:
            _history(original, top)
        root.mkdir(parents=True, exist_ok=True)
        left_out = []
        for path in _files(original, tracked=below is not None):
            if not _copy(original / path, root / path):
                left_out.append(path)
        for beside in tree.outside_paths:
            for path in _walk(original / beside):
                _copy(original / beside / path, Path(os.path.normpath(root / beside / path)))
        return cls(root, original, tuple(left_out))

    def moved(self, path: str) -> str:
        """Return where `path` lies in the copy, if it is one of the original."""
        full = os.path.realpath(path)
        inside = full == str(self.original) or full.startswith(os.path.join(self.original, ""))
        return str(self.root / os.path.relpath(full, self.original)) if inside else path


def _copy(source: Path, dest: Path) -> bool:
    """Copy a file; whether it was small enough, or code."""
    try:
        if not source.is_file():
            return True
        if source.stat().st_size > _LARGE and source.suffix not in _CODE:
            return False
        dest.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, dest)
    except OSError:  # gone meanwhile, or not to be read: whatever needs it will say so
        return True
    dest.chmod(dest.stat().st_mode | 0o200)
    return True


def _git(folder: Path, *arguments: str) -> str | None:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"):
        environment.pop(name, None)
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, check=False)
    except OSError:
        return None
    return os.fsdecode(done.stdout) if not done.returncode else None


def _top(root: Path) -> str | None:
    """Return where `root` lies in its repository, `None` where there is none or it is ignored there."""
    prefix = _git(root, "rev-parse", "--show-prefix")
    if prefix is None or _git(root, "check-ignore", "-q", ".") is not None:
        return None
    return prefix.rstrip("\n").rstrip("/")


def _history(root: Path, top: Path) -> None:
    """Give the copy the history of the original: it tells what is gone from what never was."""
    original = _git(root, "rev-parse", "--show-toplevel")
    if original is not None:
        top.parent.mkdir(parents=True, exist_ok=True)
        _git(top.parent, "clone", "-q", "--shared", "--no-checkout", original.rstrip("\n"), str(top))


def _files(root: Path, *, tracked: bool) -> Iterator[str]:
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard") if tracked else None
    if listed is None:
        yield from _walk(root)
        return
    paths = dict.fromkeys(filter(None, listed.split("\0")))
    yield from paths
    for folder in dict.fromkeys(os.path.dirname(path) for path in paths):
        with suppress(OSError):
            for name in os.listdir(root / folder):
                path = os.path.join(folder, name)
                if name.endswith(_CODE) and path not in paths:
                    yield path


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if name not in _SKIPPED and name[0] != "." and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
        ]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), root)
