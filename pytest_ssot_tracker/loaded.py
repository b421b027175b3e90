"""What stands in `sys.modules`, read without asking it: anything may stand there, and a look may wake it.

Under a name may stand a module that loads itself when an attribute is read, an object of C that only says that it is a
module (`_cffi_backend.Lib`), a proxy, or something whose attributes raise. So the type decides and never `isinstance`,
which believes what `__class__` says, and names are taken from where the interpreter keeps them, never by `getattr`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import FunctionType, ModuleType
from typing import Any

__all__ = [
    "current_task",
    "file_of",
    "folders_of",
    "is_below",
    "is_waiting",
    "loaded_names",
    "module_named",
    "name_of",
    "namespace_of",
    "spec_of",
    "standing",
    "variables_of",
]

_namespace: Any = vars(ModuleType)["__dict__"].__get__
_Lazy: Any = vars(importlib.util)["_LazyModule"]


def current_task() -> Any:
    """Return the task of asyncio that runs in this thread, `None` where none does; loads nothing."""
    tasks: Any = sys.modules.get("asyncio.tasks")
    loop = None if tasks is None else tasks.events._get_running_loop()
    return None if loop is None else tasks.current_task(loop)


def namespace_of(module: object) -> dict[str, Any] | None:
    """Return the names of a loaded module, `None` for what is no module and for one that was not executed yet."""
    kind = type(module)
    if kind is not ModuleType and (not issubclass(kind, ModuleType) or is_waiting(module)):
        return None
    names: dict[str, Any] | None = _namespace(module)
    return names if type(names) is dict else None


def is_waiting(module: object) -> bool:
    """Whether `module` is one of `importlib.util.LazyLoader` that nobody has looked at."""
    if not issubclass(type(module), _Lazy):
        return False
    names: dict[str, Any] | None = _namespace(module)
    state: Any = getattr((names or {}).get("__spec__"), "loader_state", None)
    return not (issubclass(type(state), dict) and state.get("is_loading", False))


def name_of(module: object) -> str | None:
    """Return the name that a module gives itself, which need not be the one it stands under."""
    if type(module) is ModuleType:  # as nearly all are
        name = (module.__dict__ or {}).get("__name__")  # `None` before 3.11 where it was never made
        if type(name) is str:
            return name
    return _text(module, "__name__")


def file_of(module: object) -> str | None:
    """Return the file that a module says it was loaded from."""
    return _text(module, "__file__")


def folders_of(module: object) -> list[str] | None:
    """Return the folders in which a package looks for its modules, `None` for what is no package."""
    try:
        folders = list((namespace_of(module) or {})["__path__"])
    except Exception:  # none is there, or an object that a test has put there
        return None
    return [folder for folder in folders if issubclass(type(folder), str)]


def spec_of(module: object) -> Any:
    """Return the spec of a module, `None` where it has none that tells of a loader."""
    spec = (namespace_of(module) or {}).get("__spec__")
    try:
        spec.loader  # type: ignore[union-attr] # noqa: B018 - asked for the sake of what is no spec
    except Exception:  # such as an object that a test has put there
        return None
    return spec


def is_below(cls: type, base: object) -> bool:
    """Whether `base` is `cls` or one of its bases, told by identity: a metaclass may compare and hash as it likes."""
    return any(above is base for above in type.__dict__["__mro__"].__get__(cls))


def loaded_names() -> list[str]:
    """Return the names that modules stand under; a test may have put anything beside them."""
    names = list(sys.modules)
    if {str}.issuperset(map(type, names)):
        return names
    return [name for name in names if issubclass(type(name), str)]


def module_named(name: str) -> ModuleType | None:
    """Return the module that stands under `name`, `None` where there is none, or something else."""
    module = sys.modules.get(name)
    return None if namespace_of(module) is None else module


def standing(called: str, names: Mapping[str, Any], file: str | None) -> ModuleType:
    """Return a module that holds `names` and goes by the name of what stands in its place; nobody else ever sees it."""
    module = ModuleType(called)
    _namespace(module).update({**names, "__name__": called, "__file__": file})
    return module


def variables_of(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield the variables of the functions around `function` that it uses, by name; not those that are not set yet."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with suppress(ValueError):
            yield name, cell.cell_contents


def _text(module: object, attribute: str) -> str | None:
    value = (namespace_of(module) or {}).get(attribute)
    return value if issubclass(type(value), str) else None
