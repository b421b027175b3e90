"""Work out what an import that has just run brought in, and which deprecated targets that means."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pytest_ssot_tracker.detect.finder import namespace_of
from pytest_ssot_tracker.imported import Imported, Named, matched, matched_by_text
from pytest_ssot_tracker.model import Target

__all__ = ["Learned", "Meaning", "Suspects", "module_holds"]

_MISSING = object()
_SHARED = (type(None), bool, int, float, complex, str, bytes, tuple, frozenset, type(...))
"""Types whose equal values may be one object, which says nothing about where a name came from."""


def module_holds(target: Target, module: str) -> bool:
    """Tell whether what `target` names lies in the module called `module`."""
    if target.attribute is None:
        return target.covers_module(module)
    return target.covers(module, target.attribute)


class Suspects(dict[str, tuple[tuple[str, tuple[Target, ...]], ...]]):
    """Map a module's name to the tables, by name, with those of their targets that lie in it.

    Each name is worked out once; nearly all of them are told by their first part.
    """

    def __init__(self, tables: Mapping[str, Iterable[Target]]) -> None:
        super().__init__()
        self._tables = {name: tuple(targets) for name, targets in tables.items()}
        roots = {target.module.partition(".")[0] for targets in self._tables.values() for target in targets}
        self.roots: frozenset[str] | None = None if any("*" in root for root in roots) else frozenset(roots)

    def __missing__(self, name: str) -> tuple[tuple[str, tuple[Target, ...]], ...]:
        found: tuple[tuple[str, tuple[Target, ...]], ...] = ()
        if self.roots is None or name.partition(".")[0] in self.roots:
            held = {
                table: tuple(target for target in targets if module_holds(target, name))
                for table, targets in self._tables.items()
            }
            found = tuple((table, targets) for table, targets in held.items() if targets)
        self[name] = found
        return found


@dataclass(frozen=True, slots=True)
class Learned:
    """Be what an import means: per table what it named. `settled` tells that asking again would say the same."""

    named: tuple[tuple[str, Named], ...]
    settled: bool = True


class Meaning:
    """Answer what an import means, from the names of the loaded modules alone: nothing is called or woken.

    `is_module` tells whether a module is loaded or was ever found.
    """

    def __init__(self, tables: Mapping[str, Iterable[Target]], is_module: Callable[[str], bool]) -> None:
        self.suspects = Suspects(tables)
        self._is_module = is_module
        self._single = [
            (target.module, target.attribute)
            for targets in tables.values()
            for target in targets
            if not target.is_pattern and target.attribute is not None and "." not in target.attribute
        ]
        self._homes: dict[int, list[tuple[str, str]]] | None = None

    def forget(self) -> None:
        """Forget which object is which: some module has been loaded anew."""
        self._homes = None

    def of_statement(self, base: str, attributes: Iterable[str] | None) -> Learned:
        """Return what the import of `attributes` from the module `base` (`None`: of `base` itself) means."""
        found: dict[tuple[str, str], Named] = {}
        settled = True
        for imported in [Imported(base, name) for name in attributes] if attributes else [Imported(base)]:
            one = self._star(base) if imported.attribute == "*" else self._one(imported)
            settled = settled and one.settled
            for table, named in one.named:
                found.setdefault((table, named.name), named)
        return Learned(tuple((table, named) for (table, _), named in found.items()), settled)

    def of_text(self, imported: Imported) -> Learned:
        """Return what a string that names `imported` means."""
        pairs = ((table, matched_by_text(targets, imported)) for table, targets in self.suspects[imported.module])
        return Learned(tuple((table, named) for table, named in pairs if named is not None))

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
        for other in () if value is _MISSING else self._identities(value):
            if other != imported:
                found = {**self._spelled(other, submodule=False), **found}
        return Learned(tuple(found.items()))

    def _spelled(self, imported: Imported, *, submodule: bool) -> dict[str, Named]:
        suspects = self.suspects[imported.module]
        if submodule:
            suspects = self.suspects[f"{imported.module}.{imported.attribute}"]
        pairs = ((table, matched(targets, imported, submodule=submodule)) for table, targets in suspects)
        return {table: named for table, named in pairs if named is not None}

    def _identities(self, value: object) -> Iterator[Imported]:
        """Yield where `value` says it was defined, and the targets it is, under whatever name it was found."""
        if isinstance(value, ModuleType):
            names = namespace_of(value)
            name = None if names is None else names.get("__name__")
            if isinstance(name, str) and sys.modules.get(name) is value:
                yield Imported(name)
            return
        module, name = _origin(value)
        if module is not None and name is not None and "." not in name and self.suspects[module]:
            # What wraps something may only bear its name.
            own = not _wraps(value) or _held(module, name) is value
            yield from (Imported(module, name),) if own else ()
        if self._homes is None:
            self._homes = self._find_homes()
        for home in self._homes.get(id(value), ()):
            if _held(*home) is value:
                yield Imported(*home)

    def _find_homes(self) -> dict[int, list[tuple[str, str]]]:
        homes: dict[int, list[tuple[str, str]]] = {}
        for module, name in self._single:
            value = _held(module, name)
            if value is not _MISSING and not isinstance(value, _SHARED):
                homes.setdefault(id(value), []).append((module, name))
        return homes


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
    """Tell whether the module may answer for names that it does not hold (PEP 562, or a class of its own)."""
    return "__getattr__" in names or type(module) is not ModuleType


def _origin(value: object) -> tuple[str | None, str | None]:
    """Return module and qualified name that a class or function carries, `None` for anything else.

    Read past metaclasses and `__getattr__`; an instance has no qualified name, so its class's module is not taken.
    """
    read = type.__getattribute__ if isinstance(type(value), type) and issubclass(type(value), type) else None
    try:
        if read is not None:
            module, name = read(value, "__module__"), read(value, "__qualname__")  # type: ignore[arg-type]
        else:
            module, name = object.__getattribute__(value, "__module__"), object.__getattribute__(value, "__qualname__")
    except Exception:
        return None, None
    return (module, name) if isinstance(module, str) and isinstance(name, str) else (None, None)


def _wraps(value: object) -> bool:
    try:
        return "__wrapped__" in object.__getattribute__(value, "__dict__")
    except AttributeError:
        return False
