"""Find the project's own modules on disk, by name."""

from __future__ import annotations

import os
import sys

from pytest_ssot_tracker.settings import Tree

__all__ = ["OwnModules"]


class OwnModules:
    """Answer whether a name is a module of the project and which file it is; each name is looked up once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._found: dict[str, tuple[bool, str | None]] = {}
        self._names: dict[str, frozenset[str]] = {}

    def exists(self, name: str) -> bool:
        """Whether `name` is a module or a package of the project, with or without an `__init__.py`."""
        return self._look(name)[0]

    def path(self, name: str) -> str | None:
        """Return the path of the file of the module `name` relative to the root, `None` where there is none."""
        return self._look(name)[1]

    def file(self, name: str) -> str | None:
        """Return where the source of the module `name` lies, `None` where there is none."""
        path = self.path(name)
        return None if path is None else self._tree.absolute(path)

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
        above, dot, last = name.rpartition(".")
        if not name.replace(".", "").isidentifier() or (dot and not self._look(above)[0]):
            return False, None
        folder = False
        for base in self._tree.import_roots:
            around = "/".join([*([base] if base else []), *above.split(".")]) if dot else base
            there = self._names_in(around)
            path = f"{around}/{last}" if around else last
            if last in there:
                if "__init__.py" in self._names_in(path):
                    return True, f"{path}/__init__.py"
                folder = True
            if f"{last}.py" in there:
                return True, f"{path}.py"
        # A folder without `__init__.py` is a package only where nothing else has the name.
        return folder and name.partition(".")[0] not in sys.stdlib_module_names, None

    def _names_in(self, folder: str) -> frozenset[str]:
        """Return the modules (by their file's name) and folders in the relative `folder`.

        One list for all that is looked up there: of a large tree a thousand names are, most of them in vain.
        """
        names = self._names.get(folder)
        if names is None:
            try:
                with os.scandir(self._tree.absolute(folder) if folder else self._tree.root) as entries:
                    found = [
                        entry.name
                        for entry in entries
                        if (entry.is_file if entry.name[-3:] == ".py" else entry.is_dir)()
                    ]
            except OSError:
                found = []
            names = self._names[folder] = frozenset(found)
        return names
