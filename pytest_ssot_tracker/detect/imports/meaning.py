"""Work out what an import that has just run brought in, and which deprecated targets that means."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any, TypeAlias

from pytest_ssot_tracker.detect.live.resolve import is_handed_on, is_other_name
from pytest_ssot_tracker.imported import Imported, Named, matched, matched_by_text
from pytest_ssot_tracker.loaded import name_of, namespace_of
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Learned", "Meaning", "Suspects"]

_MISSING = object()
_SHARED = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset, type(...))
"""Types whose equal values may be one object, which says nothing about where a name came from."""


Held: TypeAlias = tuple[tuple[str, tuple[Target, ...]], ...]


class Suspects(dict[str, Held]):
    """Map a module's name to the tables, by name, with those of their targets that lie in it.

    For the hot path: a name that starts with none of `starts` holds nothing, and unless it is one of `parents` nothing
    below it is a target. `roots` are the first parts of all targets, `None` when a pattern leaves them open; `names`
    are the modules that are spelled out.
    """

    def __init__(self, tables: Mapping[str, Iterable[Target]]) -> None:
        super().__init__()
        self._targets = [(table, target) for table, targets in tables.items() for target in targets]
        modules = [target.module for _, target in self._targets]
        self.names = frozenset(module for module in modules if "*" not in module)
        literal = [module.partition("*")[0].rstrip(".") for module in modules]
        self.starts = tuple(dict.fromkeys(literal))
        self.parents = frozenset(start.rpartition(".")[0] for start in literal)
        roots = {module.partition(".")[0] for module in modules}
        self.roots = None if any("*" in root for root in roots) else frozenset(roots)

    def __missing__(self, name: str) -> Held:
        held: dict[str, list[Target]] = {}
        for table, target in self._targets if name.startswith(self.starts) else ():
            if target.covers_module(name) if target.attribute is None else target.covers(name, target.attribute):
                held.setdefault(table, []).append(target)
        found = self[name] = tuple((table, tuple(targets)) for table, targets in held.items())
        return found


class Learned(NamedTuple):
    """What an import means: per table what it named. `settled` tells that asking again would say the same."""

    named: tuple[tuple[str, Named], ...]
    settled: bool = True


class _Thing(NamedTuple):
    """Something a deprecated module defines: what leads to it while it lives, and where it is defined.

    `is_alias` tells that only this name of it is deprecated, and not the thing.
    """

    ref: Callable[[], object]
    imported: Imported
    is_alias: bool = False


class Meaning:
    """Answer what an import means, from the names of the loaded modules alone: nothing is called or woken.

    `is_module` tells whether a module is loaded or was ever found, `is_foreign` whether a loaded one lies outside the
    project. `known` holds, by identity, what was defined in
    deprecated modules so far.
    """

    def __init__(
        self,
        tables: Mapping[str, Iterable[Target]],
        is_module: Callable[[str], bool],
        is_foreign: Callable[[str], bool],
    ) -> None:
        self.suspects = Suspects(tables)
        self._is_module = is_module
        self._is_foreign = is_foreign
        self.known: dict[int, list[_Thing]] = {}

    def know(self, module: ModuleType, called: str = "") -> None:
        """Take notice of a module that holds deprecated things, right after it was executed.

        `called` is what the configuration calls it, if that is not what it calls itself.
        """
        names = namespace_of(module) or {}
        own = name_of(module)
        name = called or own
        if name is None or not self.suspects[name]:
            return
        self._add(module, Imported(name))
        single = {target.attribute for _, targets in self.suspects[name] for target in targets}
        for attribute, value in list(names.items()):
            if attribute in single and not issubclass(type(value), _SHARED):
                is_alias = is_other_name(value, attribute)
                if is_alias or not is_handed_on(value, own or name, foreign=self._is_foreign(name)):
                    self._add(value, Imported(name, attribute), is_alias=is_alias)
            elif (origin := _origin(value))[0] == own:
                self._add(value, Imported(name, origin[1]))

    def _add(self, value: object, imported: Imported, *, is_alias: bool = False) -> None:
        try:
            ref: Callable[[], object] = weakref.ref(value)
        except TypeError:
            ref = partial(_held, imported.module, imported.attribute or "")
        things = self.known.setdefault(id(value), [])
        things[:] = [thing for thing in things if thing.ref() is value and thing.imported != imported]
        things.append(_Thing(ref, imported, is_alias))

    def is_dull(self, base: str, attributes: Sequence[str] | None) -> bool:
        """Tell, cheaply, that an import has nothing to do with any target; false where it takes a closer look."""
        suspects, known = self.suspects, self.known
        near = base.startswith(suspects.starts)
        if near and suspects[base]:
            return False
        if not attributes:
            return True
        # Loops, for this is asked of every `from` statement of a project, and a generator costs more than the question.
        if near or base in suspects.parents:
            for attribute in attributes:
                if suspects[f"{base}.{attribute}"]:
                    return False
        if not known:
            return True
        module = sys.modules.get(base)
        names = module.__dict__ if type(module) is ModuleType else namespace_of(module)
        if names is None:
            return False
        if attributes[0] == "*":
            return known.keys().isdisjoint(map(id, list(names.values())))
        for attribute in attributes:  # noqa: SIM110
            if id(names.get(attribute)) in known:
                return False
        return True

    def of_statement(self, base: str, attributes: Iterable[str] | None) -> Learned:
        """Return what the import of `attributes` from the module `base` (`None`: of `base` itself) means."""
        found: dict[tuple[str, str], Named] = {}
        settled = True
        for imported in [Imported(base, name) for name in attributes] if attributes else [Imported(base)]:
            learned = self._star(base) if imported.attribute == "*" else self._one(imported)
            settled = settled and learned.settled
            for table, named in learned.named:
                found.setdefault((table, named.name), named)
        return Learned(tuple((table, named) for (table, _), named in found.items()), settled)

    def of_text(self, imported: Imported) -> Learned:
        """Return what a string that names `imported` means."""
        pairs = ((table, matched_by_text(targets, imported)) for table, targets in self.suspects[imported.module])
        found = {table: named for table, named in pairs if named is not None}
        # A module that is not deprecated may hand on what is.
        name = (imported.attribute or "").partition(".")[0]
        value = _held(imported.module, name)
        for other in () if value is _MISSING else self._identities(value, name):
            found = {**self._spelled(other, submodule=False), **found}
        return Learned(tuple(found.items()))

    def _star(self, base: str) -> Learned:
        whole = {
            table: named
            for table, targets in self.suspects[base]
            if (named := matched(targets, Imported(base, "*"))) is not None
        }
        names = namespace_of(sys.modules.get(base))
        found = list(whole.items())
        for name in () if names is None else _public(names):
            found += [pair for pair in self._one(Imported(base, name)).named if pair[0] not in whole]
        return Learned(tuple(found))

    def _one(self, imported: Imported) -> Learned:
        base, attribute = imported
        if attribute is None:
            return Learned(tuple(self._spelled(imported, submodule=False).items()))
        module = sys.modules.get(base)
        names = namespace_of(module)
        value = _MISSING if names is None else names.get(attribute, _MISSING)
        below = f"{base}.{attribute}"
        submodule = self._is_module(below) and (value is _MISSING or value is sys.modules.get(below))
        if value is _MISSING and not submodule and names is not None and not _makes_names(module, names):
            # The statement fails next: the name is retired, or not there yet.
            return Learned((), settled=False)
        found = self._spelled(imported, submodule=submodule)
        for other in () if value is _MISSING else self._identities(value, attribute):
            if other != imported:
                found = {**self._spelled(other, submodule=False), **found}
        return Learned(tuple(found.items()))

    def _spelled(self, imported: Imported, *, submodule: bool) -> dict[str, Named]:
        suspects = self.suspects[imported.module]
        if submodule:
            suspects = self.suspects[f"{imported.module}.{imported.attribute}"]
        pairs = ((table, matched(targets, imported, submodule=submodule)) for table, targets in suspects)
        return {table: named for table, named in pairs if named is not None}

    def _identities(self, value: object, name: str) -> Iterator[Imported]:
        """Yield which known things `value` is, under whatever name it was found, an alias only under its own `name`."""
        for thing in self.known.get(id(value), ()):
            if thing.ref() is value and (not thing.is_alias or thing.imported.attribute == name):
                yield thing.imported


def _held(module: str, name: str) -> object:
    names = namespace_of(sys.modules.get(module))
    return _MISSING if names is None else names.get(name, _MISSING)


def _public(names: Mapping[str, Any]) -> list[str]:
    """Return the names that a star import takes."""
    listed = names.get("__all__")
    if isinstance(listed, (list, tuple)):
        return [name for name in listed if isinstance(name, str)]
    return [name for name in list(names) if isinstance(name, str) and not name.startswith("_")]


def _makes_names(module: object, names: Mapping[str, Any]) -> bool:
    """Whether the module may answer for names that it does not hold (PEP 562, or a class of its own)."""
    return "__getattr__" in names or type(module) is not ModuleType


def _origin(value: object) -> tuple[str | None, str | None]:
    """Return module and qualified name that a class or function carries, `None` for anything else.

    Read past metaclasses and `__getattr__`; an instance has no qualified name, so its class's module is not taken.
    """
    read = type.__getattribute__ if isinstance(type(value), type) and issubclass(type(value), type) else None
    try:
        if read is not None:
            module, name = read(value, "__module__"), read(value, "__qualname__")
        else:
            module, name = object.__getattribute__(value, "__module__"), object.__getattribute__(value, "__qualname__")
    except Exception:
        return None, None
    return (module, name) if isinstance(module, str) and isinstance(name, str) else (None, None)
