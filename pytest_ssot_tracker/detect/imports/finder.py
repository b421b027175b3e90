"""Tell when a module that holds a target has been loaded, whoever finds and loads it.

A finder (PEP 451) that stands first asks those behind it, and hands their loader back in a thin cover that steps
aside as soon as the module is executed: afterwards nothing shows that it was there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from pytest_ssot_tracker.detect.imports.disguised import disguise, exec_module
from pytest_ssot_tracker.loaded import is_waiting, name_of, namespace_of

__all__ = ["Finder"]


class Finder:
    """Call `on_loaded` with every module that `wanted` names, right after it is executed, also when reloaded.

    Every wanted name starts with one of `starts`; the others are told by that alone. `found` collects the wanted names
    that some finder knew: these modules exist, whatever became of their import. `on_found` is called with the name as
    soon as that is known. `on_loaded` must not raise.
    """

    def __init__(
        self,
        wanted: Callable[[str], object],
        *,
        starts: tuple[str, ...] = ("",),
        on_loaded: Callable[[ModuleType], None],
        on_found: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.found: set[str] = set()
        self._starts = starts
        self._wanted = wanted
        self._on_loaded = on_loaded
        self._on_found = on_found

    def install(self) -> Callable[[], None]:
        """Stand first in `sys.meta_path`; return what takes this finder, and nothing else, out again."""
        self.insert()

        def undo() -> None:
            sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not self]

        return undo

    def insert(self) -> None:
        """Stand first in `sys.meta_path`."""
        sys.meta_path.insert(0, self)

    @property
    def stands(self) -> bool:
        """Whether `sys.meta_path` still holds this finder."""
        return self in sys.meta_path  # by identity where it is first, and without `any`, which a test may have replaced

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the finders behind this one find, its loader covered; `None` at once for what nobody wants."""
        if not fullname.startswith(self._starts) or not self._wanted(fullname):
            return None
        spec = self._ask_the_others(fullname, path, target)
        if spec is None:
            return None
        self.found.add(fullname)
        self._on_found(fullname)
        # Not for namespace packages, which execute nothing, nor for what loads as before PEP 451.
        if hasattr(spec.loader, "exec_module"):
            spec.loader = _Cover(spec.loader, self._on_loaded)  # type: ignore[assignment]
        return spec

    def _ask_the_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        for finder in self._behind():
            find = getattr(finder, "find_spec", None)
            if find is None:
                # It finds as before PEP 451 (until Python 3.11): the import system knows how to ask it.
                return None
            spec: ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                return spec
        return None

    def _behind(self) -> Iterator[object]:
        finders = iter(list(sys.meta_path))
        for finder in finders:
            if finder is self:
                break
        return finders


def _unseen_exec_module() -> Callable[[_Cover, ModuleType], None]:
    """Return the one method that has a frame while a module is executed, made to look like the import system's."""
    scope: dict[str, Any] = {}
    disguise(exec_module, scope=scope)
    method: Callable[[_Cover, ModuleType], None] = scope["exec_module"]
    return method


class _Cover:
    """Stand in for a loader until it executes a module; be taken for it by everybody who looks.

    Specs compare their loaders, and loaders their class and attributes: that of a module that is loaded has to equal
    the one that was found before.
    """

    __slots__ = ("_ssot_loader", "_ssot_on_loaded")
    _ssot_loader: Any
    _ssot_on_loaded: Callable[[ModuleType], None]

    def __init__(self, loader: Any, on_loaded: Callable[[ModuleType], None]) -> None:
        object.__setattr__(self, "_ssot_loader", loader)
        object.__setattr__(self, "_ssot_on_loaded", on_loaded)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._ssot_loader)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return self._ssot_loader.__dict__  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ssot_loader, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._ssot_loader, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._ssot_loader, name)

    def __dir__(self) -> list[str]:
        return dir(self._ssot_loader)

    def __repr__(self) -> str:
        return repr(self._ssot_loader)

    def __eq__(self, other: object) -> bool:
        return bool(self._ssot_loader == (other._ssot_loader if type(other) is _Cover else other))

    def __hash__(self) -> int:
        return hash(self._ssot_loader)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._ssot_loader.__reduce_ex__(protocol)

    def create_module(self, spec: Any) -> ModuleType | None:
        create = getattr(self._ssot_loader, "create_module", None)
        if create is None:
            return None
        if spec.loader is not self:
            # Asked by a loader that wraps this one.
            return create(spec)  # type: ignore[no-any-return]
        spec.loader = self._ssot_loader
        try:
            return create(spec)  # type: ignore[no-any-return]
        finally:
            spec.loader = self

    exec_module = _unseen_exec_module()

    def _ssot_step_aside(self, module: ModuleType) -> Any:
        names: dict[str, Any] = object.__getattribute__(module, "__dict__")
        spec = names.get("__spec__")
        if spec is not None and spec.loader is self:
            spec.loader = self._ssot_loader
        if names.get("__loader__") is self:
            names["__loader__"] = self._ssot_loader
        return self._ssot_loader

    def _ssot_executed(self, module: ModuleType) -> None:
        names: dict[str, Any] = object.__getattribute__(module, "__dict__")
        spec = names.get("__spec__")
        if is_waiting(module) and spec is not None:
            # Executed when somebody looks at it; the loader that will do so is in the spec by now.
            spec.loader = _Cover(spec.loader, self._ssot_on_loaded)
            return
        self._ssot_on_loaded(module)
        name = name_of(module)
        now = None if name is None else sys.modules.get(name)
        if now is not module and namespace_of(now) is not None:
            self._ssot_on_loaded(now)  # type: ignore[arg-type]
