"""Watch calls where they are written, by `CALL` events of `sys.monitoring` (3.12 and later).

What has no Python code (`time.time`, a NumPy ufunc, a proxy) cannot be watched where it starts, and putting a Python
function in its place is never safe: C code takes the object for what it was, and `pickle`, `isinstance` and `is` all
notice. So the code of the project is watched instead. Each code object is armed when it first starts; of each of its
call instructions the callee is compared, by identity, with what is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    FrameType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    WrapperDescriptorType,
)
from typing import Any, TypeAlias

from pytest_ssot_tracker.detect.live.resolve import unbound
from pytest_ssot_tracker.detect.plant.tool import EVENTS, Armed, monitoring

__all__ = ["Callees"]

_NAMED = frozenset(
    {
        FunctionType,
        BuiltinFunctionType,
        MethodDescriptorType,
        ClassMethodDescriptorType,
        WrapperDescriptorType,
        MethodWrapperType,
    }
)
"""Types whose `__name__` can be read without running anything."""

_name_of_class = vars(type)["__name__"].__get__
_bases_of = vars(type)["__mro__"].__get__

Told: TypeAlias = Callable[[FrameType], None]
Made: TypeAlias = Callable[[FrameType, type], None]
Given: TypeAlias = Callable[[FrameType, object], None]


class Callees(Armed):
    """Have a callable called with each frame of the project that calls a certain object.

    `wants(filename)` tells whether calls in that file matter. An instruction is switched off after its first call,
    unless that called something by another name than is written there: then the next may call something else (a clock
    that was handed in, a mock), and so it may where the name is one of what is wanted. Where everything that is wanted
    is wanted by its name, only code that mentions one of the names is armed.
    """

    purpose, event, ids = "calls", "CALL", (5, 3, 4, 2, 1, 0)

    def __init__(self, wants: Callable[[str], bool]) -> None:
        super().__init__()
        self._wants = wants
        self._wanted: dict[int, tuple[object, list[Told]]] = {}
        self._makings: dict[int, tuple[type, list[Made]]] = {}
        self._given: dict[int, tuple[object, list[Given]]] = {}
        self._names: set[str] = set()
        self._everywhere = False

    def watch(self, value: object, told: Told, *, named: bool = False) -> Callable[[], None]:
        """Call `told` with the frame of each call of `value`, of a subclass if it is a class; return the undo.

        With `named` only code that mentions it by a name is looked at.
        """
        value = unbound(value)
        undo = _kept(self._wanted, value, told)
        self._want(_name_of(value), everywhere=not named)
        return undo

    def watch_new(self, cls: type, made: Made) -> Callable[[], None]:
        """Call `made` for each `X.__new__(cls)` with the `__new__` of a C type: with the frame, and the class made."""
        undo = _kept(self._makings, cls, made)
        self._want("__new__", everywhere=False)
        return undo

    def watch_given(self, value: object, given: Given) -> Callable[[], None]:
        """Call `given` for each call of `value` that is written by its name: with the frame and the first argument."""
        undo = _kept(self._given, value, given)
        self._want(_name_of(value), everywhere=False)
        return undo

    def _want(self, name: str | None, *, everywhere: bool) -> None:
        known = self._everywhere if everywhere else self._everywhere or name in self._names
        self._names.update(() if name is None else (name,))
        self._everywhere = self._everywhere or everywhere
        if not known:
            monitoring.restart_events()  # code that has started already was looked at and not armed
        self._arm_running()

    def _arm(self, code: CodeType, frame: FrameType) -> None:
        """Watch the calls in `code` if it is of the project and mentions what is wanted.

        Whose the file is comes last: every code object of the process is asked about once.
        """
        aliases: list[str] = []
        if self._wanted:
            names, wanted = frame.f_globals, self._wanted
            aliases = [name for name in code.co_names if id(names.get(name)) in wanted]
        if not (aliases or self._everywhere) and self._names.isdisjoint(code.co_names):
            return
        if self._wants(code.co_filename):
            self._names.update(aliases)
            if self._tool is not None and not self._tool.local(code):
                self._tool.set_local(code, EVENTS.CALL)

    def _happened(self, code: CodeType, _offset: int, callee: object, first: object) -> object:
        kind = type(callee)
        if kind is MethodType:
            callee = callee.__func__  # type: ignore[attr-defined]
        for given in self._given.get(id(callee), _NOBODY)[1]:
            given(self._getframe(1), first)
        known = self._wanted.get(id(callee))
        if known is None and kind is BuiltinFunctionType:
            if callee.__name__ == "__new__" and issubclass(type(first), type):  # type: ignore[attr-defined]
                self._making(first, self._getframe(1))
            known = self._bound(callee)
        elif known is None and issubclass(kind, type):
            known = self._derived(callee)
        if known is not None:
            for told in known[1]:
                told(self._getframe(1))
            return None
        name = _name_of(callee)
        if name is None or name in self._names or not _is_written(name, code):
            return None
        return monitoring.DISABLE

    def _making(self, cls: Any, frame: FrameType) -> None:
        known = next((self._makings[id(base)] for base in _bases_of(cls) if id(base) in self._makings), None)
        for made in known[1] if known is not None else ():
            made(frame, cls)

    def _bound(self, callee: Any) -> tuple[object, list[Told]] | None:
        """Return what is known of the method of a C class that `callee` is, bound to its object or its class."""
        name, holder = callee.__name__, callee.__self__
        if name not in self._names:
            return None
        kind = holder if issubclass(type(holder), type) else type(holder)
        return next((known for cls in _bases_of(kind) if (known := self._wanted.get(id(vars(cls).get(name))))), None)

    def _derived(self, cls: Any) -> tuple[object, list[Told]] | None:
        """Return what is known of the nearest class that `cls` derives from."""
        return next((known for base in _bases_of(cls) if (known := self._wanted.get(id(base)))), None)


_NOBODY: tuple[object, list[Given]] = (None, [])


def _kept(known: dict[int, tuple[Any, list[Any]]], thing: object, call: object) -> Callable[[], None]:
    """Keep `call` among those of `thing`; return the undo."""
    _, calls = known.setdefault(id(thing), (thing, []))
    calls.append(call)

    def undo() -> None:
        calls.remove(call)
        if not calls:
            known.pop(id(thing), None)

    return undo


def _name_of(callee: Any) -> str | None:
    """Return the name that a function or class goes by, `None` for anything else."""
    if type(callee) in _NAMED:
        name: str = callee.__name__
        return name
    return _name_of_class(callee) if issubclass(type(callee), type) else None


def _is_written(name: str, code: CodeType) -> bool:
    return (
        name in code.co_names
        or name[:2] == "__"
        or name in code.co_varnames
        or name in code.co_freevars
        or name in code.co_cellvars
    )
