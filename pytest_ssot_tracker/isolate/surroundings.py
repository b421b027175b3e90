"""Find where a singleton is kept, and what classes and modules around it hold of its state.

Part of the state, beside the instance itself:

- names in the canonical class, its bases, its metaclass and the accessor's class that hold the instance, a mutable
  container, an object of the project, or that code of these classes sets on the class;
- names in the modules of the accessor and of those classes that hold the instance, that their code sets with
  `global`, or that hold a mutable container their code reads;
- in classes of the project that their code names, what is set on them, counted there or kept in containers;
- the accessor's own name, its closure, its attributes, its defaults, and every `functools` cache in it.

A class attribute or module constant that no code sets is left alone: a test may have patched it on purpose.
"""

from __future__ import annotations

import types
import weakref
from collections.abc import Iterable, Iterator, Mapping
from functools import _lru_cache_wrapper
from typing import Any

from pytest_ssot_tracker.isolate.access import Access
from pytest_ssot_tracker.isolate.anatomy import Anatomy
from pytest_ssot_tracker.isolate.caches import can_refill
from pytest_ssot_tracker.isolate.first_values import FirstValue, declared
from pytest_ssot_tracker.isolate.holders import ClosureVariable, Holder, NamespaceEntry, unique
from pytest_ssot_tracker.isolate.iterators import standing
from pytest_ssot_tracker.isolate.kinds import Attributes, Kind, Plain, State, UnreachableError, filtered, held, same
from pytest_ssot_tracker.isolate.written_names import FunctionNames, functions_of, names_of, underlying
from pytest_ssot_tracker.loaded import is_below, module_named, namespace_of

__all__ = ["Surroundings"]


class Surroundings:
    """Know the places around one singleton; a place is the same object each time it is asked for."""

    def __init__(self, access: Access, anatomy: Anatomy) -> None:
        self.access = access
        self._anatomy = anatomy
        self._wrapped = tuple(underlying(_unbound(access)))
        self._functions = [each for each in self._wrapped if isinstance(each, types.FunctionType)]
        codes = [function.__code__ for function in self._functions]
        self.accessor_codes = frozenset((code.co_filename, code.co_firstlineno, code.co_name) for code in codes)
        self._classes = tuple(dict.fromkeys(self._state_classes()))
        self._modules = self._named_by_module()
        everywhere = [names for _, names in self._modules]
        self._set_on_classes = frozenset[str]().union(*(names.attributes for names in everywhere))
        self._bindings: dict[tuple[int, str], NamespaceEntry] = {}
        self._constants: dict[str, Mapping[str, Mapping[str, Any]]] = {}
        self.accessor_binding = self._binding(access.owner, access.name)
        self._fixed = (self.accessor_binding, *self._in_accessor(), *self._method_caches())
        self._helpers = dict(self._find_helpers())
        self._called: dict[int, str] = {}
        self.seen_places: tuple[object, ...] = ()
        self._last: object = self.accessor_binding

    def _state_classes(self) -> Iterator[type]:
        canonical, owner = self.access.canonical, self.access.owner
        if canonical is not None:
            metaclass: type = type(canonical)
            for cls in (*canonical.__mro__, *metaclass.__mro__):
                if cls is canonical or self._anatomy.is_ours(cls.__module__):
                    yield cls
        if isinstance(owner, type):
            yield owner

    def _named_by_module(self) -> tuple[tuple[types.ModuleType, FunctionNames], ...]:
        functions = [(function, False) for function in self._functions]
        functions += [pair for cls in self._classes for pair in functions_of(cls)]
        by_module: dict[str, list[tuple[types.FunctionType, bool]]] = {}
        for function, is_method in functions:
            by_module.setdefault(function.__globals__.get("__name__", ""), []).append((function, is_method))
        for name in (self.access.owner.__name__, *(cls.__module__ for cls in self._classes)):
            by_module.setdefault(name, [])
        return tuple(
            (module, names_of(found))
            for name, found in by_module.items()
            if self._anatomy.is_ours(name) and (module := module_named(name)) is not None
        )

    def _find_helpers(self) -> Iterator[tuple[type, frozenset[str]]]:
        """Yield the classes of the project that the code of the singleton names, and the names that are set on each."""
        for module, names in self._modules:
            for name in names.loaded:
                cls = (namespace_of(module) or {}).get(name)
                if isinstance(cls, type) and cls not in self._classes and self._anatomy.is_ours(cls.__module__):
                    found = names_of(functions_of(cls))
                    yield cls, found.attributes | self._set_on_classes

    def _in_accessor(self) -> Iterator[object]:
        for part in self._wrapped:
            if isinstance(part, _lru_cache_wrapper):
                yield part
            if isinstance(part, types.FunctionType):
                for name, cell in zip(part.__code__.co_freevars, part.__closure__ or (), strict=True):
                    yield ClosureVariable(cell, name, part.__qualname__)
                yield part.__dict__
                yield from (default for default in part.__defaults__ or () if self._anatomy.kinds(default))

    def _method_caches(self) -> Iterator[object]:
        for cls in self._classes:
            for value in list(cls.__dict__.values()):
                yield from (each for each in underlying(value) if isinstance(each, _lru_cache_wrapper))

    def _binding(self, owner: type | types.ModuleType, name: str) -> NamespaceEntry:
        return self._bindings.setdefault((id(owner), name), NamespaceEntry(owner, name))

    def places(self) -> tuple[object, ...]:
        """Return everything that holds state around the singleton: places, function caches, function attributes."""
        own = [*self._fixed, *self._of_classes(), *self._of_modules()]
        self.seen_places = unique(own)
        return unique((*own, *self._of_helpers()))

    def _of_classes(self) -> Iterator[object]:
        for cls in self._classes:
            for name, value in _members(cls):
                if self._is_class_state(name, value):
                    yield self._place(cls, name, value)
            if cls is self.access.canonical or cls is self.access.owner:
                yield from (self._binding(cls, name) for name in self._set_on_classes if name not in cls.__dict__)

    def _is_class_state(self, name: str, value: object) -> bool:
        if self.access.is_instance(value):
            return True
        if _is_code(value):
            return False
        return name in self._set_on_classes or self._is_mutable(value) or standing(value) is not None

    def _is_object(self, value: object) -> bool:
        """Whether `value` is looked into by its attributes, as what the project's classes make is."""
        kinds = self._anatomy.kinds(value)
        return bool(kinds) and isinstance(kinds[0], Attributes)

    def _is_mutable(self, value: object) -> bool:
        kinds = self._anatomy.kinds(value)
        return bool(kinds) and not kinds[0].frozen

    def _place(self, owner: type | types.ModuleType, name: str, value: Any) -> object:
        """Return what to look at: the name, or the lock, logger or buffer it stands for and nobody puts another at."""
        kinds = self._anatomy.kinds(value)
        binding = self._binding(owner, name)
        if not kinds or any(kind.quick for kind in kinds):
            return binding
        self._called[id(value)] = str(binding)
        return value

    def _of_helpers(self) -> Iterator[object]:
        """Yield what classes hold that the singleton's code makes use of, such as the numbers of its records."""
        for cls, set_on in self._helpers.items():
            for name, value in _members(cls):
                if _is_code(value) or self._is_of(value, cls):
                    continue
                if name in set_on or standing(value) is not None or self._holds_values(value, cls):
                    yield self._place(cls, name, value)

    def _is_of(self, value: object, cls: type) -> bool:
        """Whether `value` is a singleton in its own right: an object of `cls`, or of the project."""
        return is_below(type(value), cls) or self._is_object(value)

    def _holds_values(self, container: object, cls: type) -> bool:
        if not self._is_mutable(container):
            return False
        states = (kind.read(container) for kind in self._anatomy.kinds(container) if kind.quick)
        return not any(self._is_of(_referent(value), cls) for state in states for value in held(state))

    def _of_modules(self) -> Iterator[object]:
        for module, names in self._modules:
            namespace = dict(namespace_of(module) or {})
            for name, value in namespace.items():
                if name in names.stored or self.access.is_instance(value):
                    yield self._binding(module, name)
                elif name not in names.loaded:
                    continue
                elif isinstance(value, _lru_cache_wrapper):
                    self._called[id(value)] = str(self._binding(module, name))
                    yield value
                elif standing(value) is not None or (self._is_mutable(value) and not self._is_object(value)):
                    yield self._place(module, name, value)
            yield from (self._binding(module, name) for name in names.stored if name not in namespace)

    def neighbours(self) -> Iterator[tuple[NamespaceEntry, Any]]:
        """Yield the names whose things the singleton's code uses and that are neither part of it nor put back."""
        for cls in self._classes:
            for name, value in _members(cls):
                if not (self._is_class_state(name, value) or _is_code(value)):
                    yield self._binding(cls, name), value
        for module, names in self._modules:
            for name, value in list((namespace_of(module) or {}).items()):
                if name not in names.loaded or name in names.stored or self.access.is_instance(value):
                    continue
                if standing(value) is None and (not self._anatomy.kinds(value) or self._is_object(value)):
                    yield self._binding(module, name), value

    def unexplained(self) -> Iterator[tuple[str, Any]]:
        """Yield the places, by name, of which the source does not tell what they are at first, and that hold state."""
        for place in self.places():
            if isinstance(place, NamespaceEntry):
                values = () if self._declared(place) else tuple(place.read().values())
            elif isinstance(place, (Holder, dict, _lru_cache_wrapper)):
                continue
            else:
                values = (place,)
            for value in values:
                if not self.access.is_instance(value) and self._is_filled(value):
                    yield self.called(place), value

    def _is_filled(self, value: Any) -> bool:
        """Whether `value` is a counter or holds anything that it may not have held in the beginning."""
        kinds = self._anatomy.kinds(value)
        if not kinds:
            return standing(value) is not None
        if kinds[0].frozen or any(kind.fresh is not None for kind in kinds):
            return False
        try:
            return any(self._has_entries(kind, kind.read(value)) for kind in kinds)
        except UnreachableError:
            return True

    def _has_entries(self, kind: Kind, state: State) -> bool:
        if isinstance(state, Plain):
            return True
        if isinstance(kind, Attributes):
            return len(state) > 1  # besides its class
        return any(map(self._is_filled, held(state))) if kind.fields else bool(state)

    def called(self, root: object) -> str:
        """Return the name of a root of the state that is no place: a cache, a lock of a class, a logger."""
        return str(root) if isinstance(root, Holder) else self._called.get(id(root), self.access.spelling)

    def live(self) -> Any:
        """Return the singleton if there is one, without calling anything; `None` when there is none to be seen."""
        last = self._last
        if type(last) is NamespaceEntry:
            value = last.owner.__dict__.get(last.name)
            if self.access.is_instance(value):
                return value
        found = self._live_in((last,))
        return self._live_in(self.places()) if found is None else found

    def _live_in(self, places: Iterable[object]) -> Any:
        for place in places:
            for value in self._kept(place):
                if self.access.is_instance(value):
                    self._last = place
                    return value
        return None

    def _kept(self, place: object) -> Iterator[object]:
        """Yield what a place holds, and what the container it holds holds."""
        for kind in self._anatomy.kinds(place):
            for value in held(kind.read(place)) if kind.quick else ():
                yield value
                if type(value).__module__ in ("builtins", "collections", "weakref", "_weakrefset"):
                    for inner in self._anatomy.kinds(value):
                        for each in held(inner.read(value)):
                            yield _referent(each)

    def holds(self, instance: object) -> tuple[object, ...]:
        """Return the places that hold `instance`, or hold a container that does."""
        return tuple(place for place in self.places() if any(value is instance for value in self._kept(place)))

    def strip(self, instances: Iterable[object], *, absent: bool) -> None:
        """Take `instances` out of every place, as before they were made.

        A name goes back to the constant that the source gives it. Where the source gives none it becomes `None`,
        or unbound with `absent`.
        """
        gone = {id(each) for each in instances}
        for place in self.places():
            for kind in self._anatomy.kinds(place):
                state = kind.read(place)
                if not isinstance(state, dict):
                    self._strip_container(place, gone)
                elif not gone.isdisjoint(map(id, state.values())):
                    initial = {} if absent or isinstance(place, _lru_cache_wrapper) else dict.fromkeys(state)
                    if isinstance(place, NamespaceEntry):
                        initial.update((k, v) for k, v in self._declared(place).items() if v is not FirstValue.EMPTY)
                    kind.write(place, {**initial, **filtered(state, lambda value: id(value) not in gone)})  # type: ignore[dict-item]
                for value in held(state):
                    self._strip_container(value, gone)

    def _strip_container(self, container: object, gone: set[int]) -> None:
        for kind in self._anatomy.kinds(container):
            if kind.frozen or kind.fields:
                continue
            state = kind.read(container)
            rest = filtered(state, lambda value: id(_referent(value)) not in gone)
            if not same(state, rest):
                kind.write(container, rest)

    def fixed(self, instance: object) -> object | None:
        """Return the place that `instance` cannot be put back into once it is out, `None` when there is none."""
        caches = (place for place in self.holds(instance) if isinstance(place, _lru_cache_wrapper))
        return next((place for place in caches if not can_refill(place)), None)

    def declare(self, *, containers: bool) -> None:
        """Give every name that code sets and whose source gives it a constant that constant again.

        With `containers`, empty those that the source makes empty, too, but for the functions and classes in them:
        those were registered when a module was imported, as they would be in any process.
        """
        for place in self.places():
            if not isinstance(place, NamespaceEntry):
                continue
            initial, now = self._declared(place), place.read()
            if initial.get(place.name) is FirstValue.EMPTY:
                if containers:
                    self._empty_container(now.get(place.name))
            elif initial and now.get(place.name) is not initial[place.name]:
                place.write(initial)

    def _empty_container(self, container: object) -> None:
        for kind in self._anatomy.kinds(container):
            state = kind.read(container)
            if not (kind.fields or isinstance(state, Plain)):
                kind.write(container, filtered(state, _is_definition))

    def _declared(self, place: NamespaceEntry) -> dict[str, Any]:
        is_class = isinstance(place.owner, type)
        module = place.owner.__module__ if is_class else place.owner.__name__
        if module not in self._constants:
            self._constants[module] = declared(module_named(module))
        of_scope = self._constants[module].get(place.owner.__qualname__ if is_class else "", {})
        return {place.name: of_scope[place.name]} if place.name in of_scope else {}


def _members(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield what the body of a class binds, but for what Python itself puts there."""
    for name, value in list(cls.__dict__.items()):
        if not (name.startswith("__") and name.endswith("__")):
            yield name, value


def _is_code(value: object) -> bool:
    """Whether what a class holds is part of what it does: a class, a function, a property or a slot."""
    return isinstance(value, type) or hasattr(type(value), "__get__")


def _referent(value: object) -> object:
    return value() if isinstance(value, weakref.ref) else value


def _unbound(access: Access) -> object:
    """Return the accessor as its class or module holds it: the `classmethod`, not the method bound to the class."""
    return access.owner.__dict__.get(access.name, access.accessor)


def _is_definition(value: object) -> bool:
    """Whether `value` is a class or a function that a module or a class body defines."""
    return isinstance(value, (type, types.FunctionType)) and "<locals>" not in value.__qualname__
