"""Find the project's own modules on disk, by name."""

from __future__ import annotations

import os
import sys

from pytest_ssot_tracker.settings import Tree

__all__ = ["Modules"]


class Modules:
    """Answer whether a name is a module of the project and which file it is; each name is looked up once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._found: dict[str, tuple[bool, str | None]] = {}

    def exists(self, name: str) -> bool:
        """Tell whether `name` is a module or a package of the project, with or without an `__init__.py`."""
        return self._look(name)[0]

    def path(self, name: str) -> str | None:
        """Return the path of the file of the module `name` relative to the root, `None` where there is none."""
        return self._look(name)[1]

    def called(self, name: str) -> str:
        """Return what the configuration calls the module `name`, which may be another name of the same file."""
        path = self._look(name)[1]
        return name if path is None else self._tree.module(path)

    @property
    def looked(self) -> dict[str, list[object]]:
        """Return every name that was looked up: whether it exists, and its path."""
        return {name: list(found) for name, found in self._found.items()}

    def _look(self, name: str) -> tuple[bool, str | None]:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._search(name)
        return found

    def _search(self, name: str) -> tuple[bool, str | None]:
        top, dot, _ = name.partition(".")
        if not name.replace(".", "").isidentifier() or (dot and not self._look(name.rpartition(".")[0])[0]):
            return False, None
        folder = False
        for base in self._tree.import_roots:
            below = "/".join([*([base] if base else []), *name.split(".")])
            for path in (f"{below}/__init__.py", f"{below}.py"):
                if os.path.isfile(self._tree.absolute(path)):
                    return True, path
            folder = folder or os.path.isdir(self._tree.absolute(below))
        # A folder without `__init__.py` is a package only where nothing else has the name.
        return folder and top not in sys.stdlib_module_names, None
