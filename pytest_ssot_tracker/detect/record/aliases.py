"""Know the other names under which a module that holds a target may be loaded.

Where two entries of `sys.path` lead to one file (`pythonpath = [".", "app"]`), `app.old` is also `old`: a module of its
own, with functions and classes of its own, which a target `app.old` means just as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from pytest_ssot_tracker.loaded import file_of, module_named, name_of
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.settings.copies import exists

__all__ = ["Aliases"]


class Aliases:
    """What else the modules of `targets` may be called, by where their files lie.

    `names` maps each such name to the module's configured one. Which of them is really the file in question is only
    known once something is loaded: `of` says.
    """

    def __init__(self, tree: Tree, targets: Iterable[Target] = ()) -> None:
        self._tree = tree
        self._stems: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.met: set[str] = set()
        own = {target.module for target in targets if not target.is_pattern and tree.defines(target.module)}
        for module in sorted(own):
            stem = self._stem(module)
            parts = [] if stem is None else stem.split("/")
            for start in range(len(parts)):
                alias = ".".join(parts[start:])
                if alias not in own and alias.replace(".", "").isidentifier():
                    self.names[alias] = module
                    self._stems[alias] = str(stem)

    def _stem(self, module: str) -> str | None:
        """Return the path of the module's file without its ending, `None` where the tree holds none."""
        below = module.replace(".", "/")
        for base in self._tree.import_roots:
            stem = f"{base}/{below}" if base else below
            if any(exists(self._tree.absolute(f"{stem}{end}")) for end in (".py", "/__init__.py")):
                return stem
        return None

    def of(self, name: str) -> str:
        """Return the configured name of the module that is loaded as `name`; `name` itself where that is no alias."""
        alias = name
        while alias not in self.names:
            alias = alias.rpartition(".")[0]
            if not alias:
                return name
        below = name[len(alias) :]
        filename = file_of(module_named(name))
        path = None if filename is None else self._tree.relative(filename)
        stem = self._stems[alias] + below.replace(".", "/")
        if path not in (f"{stem}.py", f"{stem}/__init__.py"):
            return name
        real = self.names[alias] + below
        self.met.add(real)
        return real

    def name_of(self, module: ModuleType) -> str:
        """Return the configured name of `module`, or the one it gives itself."""
        name = name_of(module) or ""
        return self.of(name) if self.names else name

    def imported(self, base: str, attributes: Iterable[str] | None) -> str:
        """Return what the configuration calls the module `base`, from which `attributes` were imported, if any were."""
        if not self.names:
            return base
        real = self.of(base)
        if real == base:
            for attribute in attributes or ():
                below = self.of(f"{base}.{attribute}")
                if below != f"{base}.{attribute}":
                    return below.rpartition(".")[0]
        return real
