"""Find modules by name, of the project and of everything installed, without importing any.

Folders are looked at one by one instead of asking `importlib`'s finders: these keep what they have listed, and a module
that a conftest writes a moment later would not be found (https://docs.python.org/3/library/importlib.html#importlib.invalidate_caches).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES
from itertools import chain
from types import ModuleType

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Module", "Modules", "python_files"]

_COMPILED = (*EXTENSION_SUFFIXES, *BYTECODE_SUFFIXES)
_SKIPPED = frozenset({"__pycache__", "__pypackages__", "node_modules", "site-packages", "dist-packages"})


class Module(NamedTuple):
    """A module that was found, or a package.

    `file` is its source and `compiled` what there is instead; a namespace package has neither, nor has what is built
    into the interpreter. `folders` are where its submodules lie. `own` tells that it belongs to the project, `guessed`
    that it was found where nobody says that modules are imported from.
    """

    name: str
    file: str | None = None
    compiled: str | None = None
    folders: tuple[str, ...] = ()
    own: bool = False
    guessed: bool = False


class Modules:
    """The modules that code of a project can import; each name is looked for once.

    `root` is the project's folder, `roots` are the folders from which its modules are named.
    """

    def __init__(self, root: str, roots: Iterable[str]) -> None:
        self.root = os.path.realpath(root)
        self.roots = tuple(dict.fromkeys(os.path.join(self.root, name) if name else self.root for name in roots))
        self._found: dict[str, Module | None] = {}
        self._anywhere: dict[str, list[str]] | None = None

    def find(self, name: str) -> Module | None:
        """Return the module called `name`, `None` where there is none."""
        if name not in self._found:
            self._found[name] = self._search(name)
        return self._found[name]

    def exists(self, name: str) -> bool:
        """Whether there is a module called `name`."""
        return self.find(name) is not None

    def file(self, name: str) -> str | None:
        """Return the source of the module called `name`, `None` where there is none."""
        found = self.find(name)
        return None if found is None else found.file

    def around(self, name: str) -> Module | None:
        """Return the nearest package or module above `name` that is there."""
        while "." in name:
            name = name.rpartition(".")[0]
            found = self.find(name)
            if found is not None:
                return found
        return None

    def below(self, module: Module | None) -> list[str]:
        """Return the names of the submodules of `module`; those at the top of the project where it is `None`."""
        folders = self.roots if module is None else module.folders
        return sorted({name for folder in folders for name in _modules_in(folder)})

    def spread(self, module: Module) -> Iterator[Module]:
        """Yield the modules below `module`, the nearest first."""
        for name in self.below(module):
            found = self.find(f"{module.name}.{name}")
            if found is not None:
                yield found
                yield from self.spread(found)

    def matching(self, pattern: str) -> Iterator[Module]:
        """Yield the modules that a pattern names; of one that is open from its start on, those of the project."""
        literal = pattern.partition("*")[0].rpartition(".")[0]
        above = [literal] if literal else self.below(None)
        itself = Target(pattern, "*")
        for module in filter(None, map(self.find, above)):
            yield from (each for each in chain((module,), self.spread(module)) if itself.covers(each.name, "x"))

    def name_of(self, path: str) -> str:
        """Return the name of the module in the file `path` of the project."""
        for folder in sorted(self.roots, key=len, reverse=True):
            if path.startswith(os.path.join(folder, "")):
                parts = os.path.relpath(path, folder).removesuffix(".py").split(os.sep)
                return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        return ""

    def _search(self, name: str) -> Module | None:
        above, _, last = name.rpartition(".")
        if not last.isidentifier():
            return None
        if above:
            package = self.find(above)
            found = None if package is None else _in_folders(name, package.folders, own=package.own)
            if found is not None and package is not None:
                return found._replace(guessed=package.guessed)
            return _loaded(name)
        found = _in_folders(name, self.roots, own=True)
        if found is not None and (found.file or found.compiled):
            return found
        if name in sys.builtin_module_names:
            return Module(name)
        return self._installed(name, found) or _loaded(name) or self._somewhere(name)

    def _installed(self, name: str, own: Module | None) -> Module | None:
        """Return the module that `sys.path` leads to; one without code of its own gives way to one that has."""
        other = _in_folders(name, [path for path in sys.path if os.path.isdir(path or ".")], own=False)
        if other is not None and (own is None or other.file or other.compiled):
            inside = other.file is not None and self._is_inside(other.file)
            return other._replace(own=inside)
        if own is not None:
            return own
        return _from_archive(name) or _from_editable(name)

    def _is_inside(self, path: str) -> bool:
        inside = os.path.realpath(path).startswith(os.path.join(self.root, ""))
        return inside and _SKIPPED.isdisjoint(path.split(os.sep)) and not path.startswith(os.path.join(sys.prefix, ""))

    def _somewhere(self, name: str) -> Module | None:
        """Return a module that lies anywhere in the project: pytest puts folders of tests on the path."""
        if self._anywhere is None:
            self._anywhere = {}
            for path in python_files(self.root):
                folder, file = os.path.split(path)
                self._anywhere.setdefault(file.removesuffix(".py"), []).append(folder)
                above, package = os.path.split(folder)
                self._anywhere.setdefault(package, []).append(above)
        found = _in_folders(name, self._anywhere.get(name, ()), own=True)
        return None if found is None else found._replace(guessed=True)


def python_files(root: str) -> Iterator[str]:
    """Yield the Python files below `root`; virtual environments and what is hidden are left out."""
    stack = [root]
    while stack:
        folder = stack.pop()
        try:
            with os.scandir(folder) as entries:
                here = list(entries)
        except OSError:
            continue
        if folder != root and any(entry.name == "pyvenv.cfg" for entry in here):
            continue
        for entry in sorted(here, key=lambda entry: entry.name):
            if entry.name.endswith(".py") and entry.is_file():
                yield entry.path
            elif entry.name not in _SKIPPED and entry.name[0] != "." and entry.is_dir(follow_symlinks=False):
                stack.append(entry.path)


def _in_folders(name: str, folders: Sequence[str], *, own: bool) -> Module | None:
    last = name.rpartition(".")[2]
    spaces = []
    for folder in folders:
        path = os.path.join(folder, last)
        init = os.path.join(path, "__init__")
        if os.path.isfile(f"{init}.py"):
            return Module(name, file=f"{init}.py", folders=(path,), own=own)
        compiled = _compiled(init)
        if compiled is not None:
            return Module(name, compiled=compiled, folders=(path,), own=own)
        if os.path.isfile(f"{path}.py"):
            return Module(name, file=f"{path}.py", own=own)
        compiled = _compiled(path)
        if compiled is not None:
            return Module(name, compiled=compiled, own=own)
        if os.path.isdir(path):
            spaces.append(path)
    return Module(name, folders=tuple(dict.fromkeys(spaces)), own=own) if spaces else None


def _compiled(path: str) -> str | None:
    return next((path + suffix for suffix in _COMPILED if os.path.isfile(path + suffix)), None)


def _from_archive(name: str) -> Module | None:
    """Return a module that lies in an archive on `sys.path`."""
    for path in sys.path:
        finder = sys.path_importer_cache.get(path) if os.path.isfile(path) else None
        spec = None if finder is None else finder.find_spec(name)
        if spec is not None:
            return Module(name, folders=tuple(spec.submodule_search_locations or ()), guessed=True)
    return None


def _from_editable(name: str) -> Module | None:
    """Return a module of a distribution that is installed in place and brings a finder of its own."""
    for finder in sys.meta_path:
        told = f"{getattr(finder, '__module__', '')}.{getattr(finder, '__name__', type(finder).__name__)}"
        find = getattr(finder, "find_spec", None)
        if find is None or "editable" not in told.lower():
            continue
        try:
            spec = find(name, None)
        except Exception:  # a finder of somebody else's
            continue
        if spec is not None:
            file = spec.origin if spec.origin is not None and spec.origin.endswith(".py") else None
            return Module(name, file=file, folders=tuple(spec.submodule_search_locations or ()), guessed=file is None)
    return None


def _loaded(name: str) -> Module | None:
    """Return a module that is loaded under a name by which no file can be found, as `os.path` is."""
    module = sys.modules.get(name)
    if module is None:
        return None
    file = None
    if type(module) is ModuleType:
        file = object.__getattribute__(module, "__dict__").get("__file__")
    return Module(name, file=file if isinstance(file, str) and file.endswith(".py") else None, guessed=True)


def _modules_in(folder: str) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        stem, dot, suffix = entry.name.partition(".")
        if not stem.isidentifier() or stem == "__init__":
            continue
        if dot:
            if f".{suffix}" in (".py", *_COMPILED):
                yield stem
        elif entry.name not in _SKIPPED and entry.is_dir() and _holds_modules(entry.path):
            yield stem


def _holds_modules(folder: str) -> bool:
    try:
        return any(name.endswith((".py", *EXTENSION_SUFFIXES)) for name in os.listdir(folder))
    except OSError:
        return False
