"""Decide what is part of a singleton's state: which objects are looked into, and how.

Looked into are the containers, buffers, locks and loggers of the standard library (`standard_kinds`), instances of
classes of the project (and of whatever package the singleton comes from), and containers of third-party packages
together with the classes of their module. Everything else is kept by reference and never touched: threads, tasks,
files, sockets, modules, classes, mocks, clients of other packages. So is an object that the module or
the class of its type holds by name: that is another singleton, and its state is its own affair. What `beyond` sees of
them decides what is told.
"""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Iterable, Sequence
from functools import _lru_cache_wrapper
from pathlib import Path

from pytest_ssot_tracker.isolate.beyond import has_attributes
from pytest_ssot_tracker.isolate.caches import entries
from pytest_ssot_tracker.isolate.holders import Holder
from pytest_ssot_tracker.isolate.kinds import CACHED, OPEN, PLACE, Attributes, Kind
from pytest_ssot_tracker.isolate.standard_kinds import CONTENT, content_of, dotted_name
from pytest_ssot_tracker.isolate.written_names import stored_attributes
from pytest_ssot_tracker.loaded import file_of, namespace_of
from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.settings import Tree

__all__ = ["Anatomy"]

_OPAQUE = frozenset(
    {
        *("builtins.type", "builtins.module", "builtins.BaseException", "enum.Enum", "logging.Filterer"),
        *("random.SystemRandom", "threading.Thread", "unittest.mock.Base"),
    }
)
_CONTAINERS = frozenset(
    {
        *("builtins.dict", "builtins.list", "builtins.set"),
        *("collections.abc.Mapping", "collections.abc.Sequence", "collections.abc.Set"),
    }
)
_TRANSPARENT = regex(r"builtins\.object|(?:abc|typing|typing_extensions|collections\.abc)\.|contextlib\.Abstract")


class Anatomy:
    """Know how the objects of one project are looked into.

    `tree` tells the project's files from installed ones; `own` are top-level packages that count as the project's
    wherever they are installed.
    """

    def __init__(self, tree: Tree | None = None, *, own: Iterable[str] = ()) -> None:
        self._everything = Tree.of(Path(Path(tree.root if tree else os.sep).anchor))
        self._tree = tree or self._everything
        self._own = frozenset(own)
        self._modules: dict[str, bool] = {}
        self._container_modules: set[str] = set()
        self._kinds: dict[tuple[int, bool], tuple[weakref.ref[type], tuple[Kind, ...]]] = {}

    def kinds(self, thing: object, *, root: bool = False) -> tuple[Kind, ...]:
        """Return how `thing` is read and written; nothing for what is kept by reference.

        A `root` is looked into even when it is a thread, an executor or a logger.
        """
        cls = type(thing)
        entry = self._kinds.get((id(cls), root))
        if entry is None or entry[0]() is not cls:
            entry = (weakref.ref(cls), self._kinds_of(cls, root=root))
            self._kinds[id(cls), root] = entry
        return entry[1]

    def _kinds_of(self, cls: type, *, root: bool) -> tuple[Kind, ...]:
        if cls is _lru_cache_wrapper:
            return (CACHED,)
        if issubclass(cls, Holder):
            return (PLACE,)
        names = [dotted_name(base) for base in cls.__mro__]
        if "logging.Logger" in names:
            return content_of(cls)
        if not root and not _OPAQUE.isdisjoint(names):
            return ()
        return self._parts_of(cls, names, root=root)

    def _parts_of(self, cls: type, names: Sequence[str], *, root: bool) -> tuple[Kind, ...]:
        """Return how objects of `cls` are read and written, whose classes have these `names`: content, attributes."""
        content = content_of(cls)
        library = [base for base in cls.__mro__ if _in_standard_library(base.__module__)]
        if cls in library:
            return content if OPEN.isdisjoint(names) else (Attributes(cls),)
        if not (root or self.is_ours(cls.__module__)):
            if _CONTAINERS.isdisjoint(names):
                return content
            self._container_modules.add(cls.__module__)
            self._kinds.clear()
        if not has_attributes(cls) or not (root or all(map(_is_understood, library))):
            return content
        return (*content, Attributes(cls, frozenset().union(*map(stored_attributes, library))))

    def is_ours(self, module: str) -> bool:
        """Whether the classes of `module` belong to the project."""
        if module in self._container_modules:
            return True
        known = self._modules.get(module)
        if known is None:
            known = self._modules[module] = self._is_ours(module)
        return known

    def _is_ours(self, module: str) -> bool:
        top = module.partition(".")[0]
        if _in_standard_library(module) or top == "pytest_ssot_tracker":
            return False
        file = file_of(sys.modules.get(module))
        if top in self._own or file is None:
            return True
        return self._tree.relative(file) is not None or self._everything.relative(file) is not None

    def foreign(self, cls: type) -> frozenset[int]:
        """Return the ids of what the module of `cls` and `cls` itself hold by name: singletons in their own right."""
        found = set(map(id, cls.__dict__.values()))
        names = namespace_of(sys.modules.get(cls.__module__)) or {}
        for value in list(names.values()):
            found.add(id(value))
            if type(value) is _lru_cache_wrapper:
                found.update(map(id, entries(value).values()))
        return frozenset(found)


def _in_standard_library(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names or module == "_weakrefset"


def _is_understood(base: type) -> bool:
    """Whether what instances of a library class hold is known: nothing of its own, or its content."""
    name = dotted_name(base)
    return name in CONTENT or name in OPEN or _TRANSPARENT.match(name) is not None
