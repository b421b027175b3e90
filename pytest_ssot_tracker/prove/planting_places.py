"""Say where a use can be planted so that it counts, and why it cannot count where no such place is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from pytest_ssot_tracker.settings import Settings, Table

__all__ = ["Places"]

STEM = "ssot_proof"
"""What the name of each planted module begins with."""


class Places:
    """Where modules can be planted in the copy of a project at `root`; each is given out once.

    `tests` is the folder in which tests are planted.
    """

    def __init__(self, settings: Settings, root: Path, tests: str) -> None:
        self._settings = settings
        self._tree = settings.tree
        self._root = root
        self._tests = tests
        self._folders = list(self._search())
        self._numbers = count(1)

    def new(self, table: Table | None) -> str:
        """Return the path of a module that is not there, in `source` and if possible where `table` judges callers."""
        name = f"{STEM}_{next(self._numbers)}.py"
        paths = [f"{folder}/{name}" if folder else name for folder in self._folders]
        return next((path for path in paths if not self.obstacle(table, path)), paths[0])

    def obstacle(self, table: Table | None, path: str) -> str:
        """Return in words what keeps a use in the file at `path` from counting, `""` where nothing does."""
        tree = self._tree
        if os.path.basename(path).startswith(f"test_{STEM}"):
            return "exclude covers the tests" if tree.is_excluded(path) else ""
        if tree.is_excluded(path):
            return "exclude covers every place in source"
        if table is not None and not table.concerns(path, tree.module(path)):
            return "within leaves out every place in source"
        if table is not None and table.allows(tree.module(path), "use"):
            return "allow_in covers every place in source"
        return "" if tree.in_source(path) else "source names no folder in which a module could be planted"

    def is_scanned(self, path: str) -> bool:
        """Whether the scan reads the file at `path`."""
        from pytest_ssot_tracker.settings.tree import glob_matches

        return any(glob_matches(pattern, path) for pattern in self._tree.scan)

    def test(self) -> str:
        """Return the path of a test module that is not there."""
        name = f"test_{STEM}_{next(self._numbers)}.py"
        return f"{self._tests}/{name}" if self._tests else name

    def module(self, name: str) -> str | None:
        """Return the path of the module called `name`, there or not; `None` where there is no package for it."""
        *above, last = name.split(".")
        for base in self._tree.import_roots:
            folder = "/".join([*([base] if base else []), *above])
            if (self._root / folder / last).is_dir():
                return "/".join(filter(None, (folder, last, "__init__.py")))
            if (self._root / folder).is_dir():
                return "/".join(filter(None, (folder, f"{last}.py")))
        return None

    def _search(self) -> Iterator[str]:
        """Yield the folders in `source` that hold modules, the uppermost first; else those of the files it names."""
        found = sorted(self._with_modules(), key=lambda folder: (folder.count("/") + bool(folder), folder))
        inside = [folder for folder in found if self._tree.in_source(f"{folder}/x.py" if folder else "x.py")]
        yield from sorted(inside, key=self._is_of_tests) or found or [""]

    def _is_of_tests(self, folder: str) -> bool:
        return any(part in ("tests", "test", "testing") for part in folder.split("/"))

    def _with_modules(self) -> Iterator[str]:
        for start in (".", *self._tree.outside_paths):
            for folder, folders, names in os.walk(self._root / start):
                folders[:] = [name for name in folders if name.isidentifier() and name != "__pycache__"]
                if any(name.endswith(".py") for name in names):
                    path = os.path.relpath(folder, self._root).replace(os.sep, "/")
                    yield "" if path == "." else path
