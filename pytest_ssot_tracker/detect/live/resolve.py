"""Find the live objects that a target names, without importing anything."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.machinery import PathFinder
from inspect import getattr_static
from types import (
    BuiltinFunctionType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from pytest_ssot_tracker.detect.live.standin import StandIn
from pytest_ssot_tracker.loaded import folders_of, name_of, namespace_of, variables_of
from pytest_ssot_tracker.model import Target

__all__ = [
    "found_at",
    "function_of",
    "held_by",
    "innermost",
    "is_cached",
    "is_handed_on",
    "is_other_name",
    "is_private",
    "layers",
    "members",
    "module_exists",
    "own_name",
    "unbound",
    "wrapped_by",
]

_DEPTH = 20
_CACHED = type(functools.lru_cache(lambda: None))


def members(module: ModuleType, target: Target, called: str = "") -> Iterator[tuple[str, type | None, object]]:
    """Yield what `target` names in `module`: resolved name, the class it was found on, and the object.

    `called` is what the configuration calls the module, if that is not what it calls itself. A whole module gives the
    functions and classes it defines, and so does a pattern. The object is what the namespace holds: a `staticmethod`
    stays one. Nothing is yielded for a name that is not there.
    """
    names = namespace_of(module)
    if names is None:
        return
    own = name_of(module) or ""
    name = called or own
    if target.attribute is None:
        if target.covers_module(name):
            yield from ((f"{name}:{key}", None, value) for key, value in _defined(own, names))
    elif target.module == name or (target.is_pattern and Target(target.module, "x").covers(name, "x")):
        for path, owner, value in _walk(module, target.attribute.split(".")):
            yield f"{name}:{path}", owner, value


def _defined(module: str, names: dict[str, Any]) -> Iterator[tuple[str, object]]:
    seen: set[int] = set()
    for key, value in list(names.items()):
        if id(value) not in seen and (_is_made_of(module, value) or _was_written(module, key, value)):
            seen.add(id(value))
            yield key, value
            yield from _nested(key, value, seen)


def _is_made_of(module: str, value: object) -> bool:
    """Whether `module` defines `value`, or the class of an object that can be called."""
    called = held_by(type(value), "__call__")
    return module in (_module_of(value), _module_of(type(value)) if type(called) is FunctionType else None)


def _nested(path: str, holder: object, seen: set[int]) -> Iterator[tuple[str, type]]:
    """Yield the classes that are written in the body of a class, however deep, with their names from its `path` on."""
    if not issubclass(type(holder), type):
        return
    module, within = _written_name(holder)
    for name, value in list(vars(holder).items()):
        is_new = issubclass(type(value), type) and id(value) not in seen
        if is_new and _written_name(value) == (module, f"{within}.{name}"):
            seen.add(id(value))
            yield f"{path}.{name}", value
            yield from _nested(f"{path}.{name}", value, seen)


def _written_name(cls: object) -> tuple[object, str]:
    """Return the module and the qualified name with which a class was written, past its metaclass."""
    return _module_of(cls), type.__getattribute__(cls, "__qualname__")


def _was_written(module: str, name: str, value: object) -> bool:
    """Whether `value` is what a decorator made of the function `name` of the module: a command, a bare closure."""
    try:
        held = list(object.__getattribute__(value, "__dict__").values())
    except Exception:
        held = []
    if type(value) is FunctionType:
        held += [content for _, content in variables_of(value)]
    functions = (content for content in held if type(content) is FunctionType)
    return any((function.__module__, function.__qualname__) == (module, name) for function in functions)


def _module_of(value: object) -> object:
    """Return where a function or class says it was defined, or what a wrapper wraps; `None` for anything else."""
    if issubclass(type(value), type):
        return vars(value).get("__module__")
    named = (FunctionType, BuiltinFunctionType, _CACHED)
    return next((getattr(inner, "__module__", None) for inner in layers(value) if type(inner) in named), None)


def _walk(module: ModuleType, parts: list[str]) -> Iterator[tuple[str, type | None, object]]:
    found: list[tuple[str, type | None, object]] = [("", None, module)]
    for part in parts:
        found = [
            (f"{path}.{name}".lstrip("."), holder if issubclass(type(holder), type) else None, value)  # type: ignore[misc]
            for path, _, holder in found
            for name, value in _named(holder, part)
        ]
    yield from found


def _named(holder: object, part: str) -> Iterator[tuple[str, object]]:
    if "*" in part:
        yield from _matching(holder, Target("x", part))
    elif issubclass(type(holder), ModuleType):
        # Not `getattr`: it would run a module's `__getattr__`, and with it a lazy import.
        if part in _names(holder):
            yield part, _names(holder)[part]
    else:
        with suppress(AttributeError):
            yield part, getattr_static(holder, part)


def _matching(holder: object, pattern: Target) -> Iterator[tuple[str, object]]:
    """Yield what `holder` defines under names that match."""
    module = name_of(holder) or "" if issubclass(type(holder), ModuleType) else None
    in_library = module is not None and module.partition(".")[0] in sys.stdlib_module_names
    for name, value in list(_names(holder).items()):
        if not pattern.covers("x", name):
            continue
        # Nobody speaks of the module in which C code was written: os.getpid is posix.getpid.
        foreign = in_library and type(value) is BuiltinFunctionType and not is_private(name)
        if module is not None and is_handed_on(value, module, foreign=foreign):
            continue
        known = issubclass(type(value), type) or function_of(value) is not None or _module_of(value) is not None
        if known or _was_written(module or "", name, value):
            yield name, value


def _names(holder: object) -> Mapping[str, Any]:
    if issubclass(type(holder), ModuleType):
        return namespace_of(holder) or {}
    try:
        return vars(holder)
    except Exception:  # it has none, or is a proxy of something that is not there
        return {}


def function_of(value: object) -> FunctionType | None:
    """Return the Python function that a call of `value` starts, `None` when there is none.

    The outermost one: what it wraps may be something else that merely lent its name.
    """
    # Asked of the type: a proxy answers `isinstance` for what it stands for.
    while True:
        kind = type(value)
        if kind is FunctionType:
            return value  # type: ignore[return-value]
        if issubclass(kind, (classmethod, staticmethod, MethodType)):
            value = value.__func__  # type: ignore[attr-defined]
        elif issubclass(kind, property):
            value = value.fget  # type: ignore[attr-defined]
        elif issubclass(kind, functools.cached_property):
            value = value.func  # type: ignore[attr-defined]
        elif kind is _CACHED:
            value = value.__wrapped__  # type: ignore[attr-defined]
        elif kind is StandIn:
            value = value.function  # type: ignore[attr-defined]
        else:
            return None


def wrapped_by(value: object) -> object | None:
    """Return what a wrapper says it wraps, read where nothing is run for it; `None` for what is no wrapper."""
    if issubclass(type(value), (functools.partial, functools.partialmethod)):
        return value.func  # type: ignore[attr-defined,no-any-return]
    if issubclass(type(value), (MethodType, staticmethod, classmethod)):
        return value.__func__  # type: ignore[attr-defined,no-any-return]
    try:
        own = object.__getattribute__(value, "__dict__")
    except Exception:
        own = None
    if type(own) is dict and "__wrapped__" in own:
        return own["__wrapped__"]  # type: ignore[no-any-return]
    held = getattr_static(type(value), "__wrapped__", None)
    if type(held) in (GetSetDescriptorType, MemberDescriptorType):  # as wrapt has it
        try:
            return held.__get__(value, type(value))  # type: ignore[no-any-return]
        except Exception:
            return None
    return None


def layers(value: object) -> Iterator[object]:
    """Yield `value`, what it wraps, what that wraps, and so on."""
    for _ in range(_DEPTH):
        if value is None:
            return
        yield value
        value = wrapped_by(value)


def innermost(value: object) -> FunctionType | None:
    """Return the function at the end of what is wrapped around it, `None` where there is none."""
    *_, last = (None, *layers(value))
    return last if type(last) is FunctionType else None


def own_name(value: object) -> tuple[str, str] | None:
    """Return the module and the dotted name in it that a function or class carries, `None` where they lead elsewhere.

    A property goes by the name of its getter.
    """
    thing: Any = value
    if not issubclass(type(value), type) and type(value) not in (BuiltinFunctionType, _CACHED):
        named_like = (inner for inner in layers(wrapped_by(value)) if type(inner) is FunctionType)
        thing = function_of(value) or next(named_like, None)  # whose name a wrapper has taken
    module, path = getattr(thing, "__module__", None), getattr(thing, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(path, str):
        return None
    found = found_at(module, path)
    return (module, path) if found is not None and unbound(found) is unbound(value) else None


def unbound(value: Any) -> Any:
    """Return what is bound, or waits to be: reading a class method twice gives two objects for one function."""
    while issubclass(type(value), (MethodType, staticmethod, classmethod)):
        value = value.__func__
    return value


def found_at(module: str, path: str) -> object | None:
    """Return what the dotted `path` names in a loaded module, without waking anything."""
    top, *below = path.split(".")
    found: object | None = (namespace_of(sys.modules.get(module)) or {}).get(top)
    for name in below:
        found = held_by(found, name) if issubclass(type(found), type) else getattr_static(found, name, None)  # type: ignore[arg-type]
    return found


def held_by(cls: type, name: str) -> object:
    """Return what `cls` or the nearest of its bases holds under `name`, as it is held; `None` where none does."""
    for base in cls.__mro__:
        if name in vars(base):
            return vars(base)[name]
    return None


def is_private(name: str) -> bool:
    """Whether a part of a dotted name is for its own module alone."""
    return any(part[:1] == "_" and part[:2] != "__" for part in name.split("."))


def is_handed_on(value: object, module: str, *, foreign: bool) -> bool:
    """Whether `module` only hands on, under its own name, what is defined elsewhere: then the name alone is deprecated.

    What a package takes from its own modules is its own, and so is, of a library, what any module of it defines: which
    of them is meant for users, nothing tells. Of the standard library all is.
    """
    own = own_name(value)
    if own is None or is_private(own[1]) or own[0] == module or own[0].startswith(f"{module}."):
        return False
    top = module.partition(".")[0]
    return not foreign or (top not in sys.stdlib_module_names and own[0].partition(".")[0] != top)


def is_other_name(value: object, path: str) -> bool:
    """Whether `path` ends in another name than the thing has where it is defined, for everybody.

    What a class inherits keeps its name, and so does what a module hands on as it is.
    """
    own = own_name(value)
    if own is None or is_private(own[0]) or is_private(own[1]):
        return False
    return own[1].rpartition(".")[2] != path.rpartition(".")[2]


def is_cached(value: object) -> bool:
    """Whether `value` is wrapped by `functools.lru_cache`, which answers without calling it."""
    return type(value) is _CACHED


def module_exists(name: str) -> bool:
    """Whether a module called `name` is loaded or can be found, without importing its parents."""
    if name in sys.modules:
        return True
    path: list[str] | None = None
    parts = name.split(".")
    for index in range(len(parts)):
        folders = folders_of(sys.modules.get(".".join(parts[: index + 1])))
        if folders is not None:
            path = folders
            continue
        try:
            # By its last part: given a dotted name, a namespace looks for the outer one in `sys.modules`.
            spec = PathFinder.find_spec(parts[index], path)
        except (ImportError, OSError, ValueError):
            return False
        if spec is None:
            return index == 0 and len(parts) == 1 and name in sys.builtin_module_names
        if spec.submodule_search_locations is None:
            return index == len(parts) - 1
        path = list(spec.submodule_search_locations)
    return True
