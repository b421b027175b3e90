"""Say by what instances of a class are made that runs no Python code: a blind spot of the run where it is used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from inspect import getattr_static
from types import ModuleType

from pytest_ssot_tracker.detect.live.resolve import function_of, held_by
from pytest_ssot_tracker.detect.record.sites import read
from pytest_ssot_tracker.loaded import is_below, namespace_of
from pytest_ssot_tracker.records import regex

__all__ = ["UNPICKLED", "calls_of_new", "calls_of_setattr", "is_filled_by_c", "made_unseen"]

_NEW = regex(rb"([^\W\d]\w*(?:\.\w+)*|\))\.__new__\(\s*([^\W\d]\w*(?:\.\w+)*)")

UNPICKLED = (
    "something of its module is unpickled, as in {path}: an instance that this makes runs no code of the class, "
    "unless that has a __setstate__"
)
_SETS = regex(rb"(?<![\w.])(?:set|del)attr\(|__(?:set|del)attr__\(")
_PYDANTIC = (
    "pydantic makes an instance that is a part of another model, or of what a TypeAdapter validates, "
    "without running any code of the class: the scan names what mentions it"
)
_ALCHEMY = (
    "SQLAlchemy makes an instance for each row that it loads, without calling the class: the scan names the queries"
)


def made_unseen(cls: type) -> Iterator[str]:
    """Yield why some instances of `cls` are made unseen, by what its base classes are."""
    if any((base.__module__, base.__qualname__) == ("pydantic.main", "BaseModel") for base in cls.__mro__[1:]):
        yield _PYDANTIC
    if any("_sa_class_manager" in vars(base) for base in cls.__mro__):
        yield _ALCHEMY


def is_filled_by_c(cls: type) -> bool:
    """Whether an instance of `cls` is unpickled without a call of any Python code."""
    if function_of(held_by(cls, "__new__")) is not None or function_of(held_by(cls, "__setstate__")) is not None:
        return False
    return all(held_by(cls, name) is vars(object)[name] for name in ("__reduce__", "__reduce_ex__"))


def calls_of_new(cls: type, path_of: Callable[[str], str | None], *, past: bool) -> Iterator[str]:
    """Yield the files of loaded modules of ours whose text has a `__new__` make an instance of `cls`.

    With `past`, only where that goes past the class's own, as `object.__new__(cls)` does.
    """
    for module, filename, path in _modules(cls.__module__, path_of):
        for holder, made in _made_in(filename):
            if _is_below(_held(module, made), cls) and not (past and _is_below(_held(module, holder), cls)):
                yield path
                break


def calls_of_setattr(name: str, home: str, path_of: Callable[[str], str | None]) -> Iterator[str]:
    """Yield the files of loaded modules of ours, but `home`, that call `setattr` and hold `name` in quotes."""
    quoted = [f"{quote}{name}{quote}".encode() for quote in ("'", '"')]
    for _, filename, path in _modules(home, path_of):
        text = read(filename)
        if _SETS.search(text) and any(spelled in text for spelled in quoted):
            yield path


def _modules(home: str, path_of: Callable[[str], str | None]) -> Iterator[tuple[ModuleType, str, str]]:
    """Yield the loaded modules of ours but `home`, each with its file and how that is called."""
    for module in list(sys.modules.values()):
        names = namespace_of(module) or {}
        filename = names.get("__file__")
        path = path_of(filename) if type(filename) is str and names.get("__name__") != home else None
        if path is not None:
            yield module, filename, path  # type: ignore[misc]


def _is_below(value: object, cls: type) -> bool:
    return issubclass(type(value), type) and is_below(value, cls)  # type: ignore[arg-type]


@lru_cache(maxsize=4096)
def _made_in(filename: str) -> frozenset[tuple[str, str]]:
    """Return what the text of a file calls the `__new__` of, with the name that it passes; `)` for what it has made."""
    return frozenset((holder.decode(), name.decode()) for holder, name in _NEW.findall(read(filename)))


def _held(module: ModuleType, path: str) -> object:
    """Return what the dotted `path` leads to in `module`, without waking anything."""
    found: object = module
    for name in path.split("."):
        names = namespace_of(found)
        found = getattr_static(found, name, None) if names is None else names.get(name)
    return found
