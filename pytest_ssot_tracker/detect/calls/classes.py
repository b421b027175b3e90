"""Watch constructions: of a class, of its subclasses of now and later, by copying and unpickling, and by deriving.

A class is never replaced and its `__new__` never set: taking that back would leave the class broken
(https://github.com/python/cpython/issues/105888).
"""

from __future__ import annotations

import copyreg
import inspect
import sys
from _thread import _local
from collections.abc import Callable, Iterator, Set
from enum import Enum
from functools import partial
from itertools import dropwhile, takewhile
from types import CodeType, FrameType, FunctionType
from typing import Any
from weakref import ref

from pytest_ssot_tracker.detect.calls.unseen import UNPICKLED, calls_of_new, is_filled_by_c, made_unseen
from pytest_ssot_tracker.detect.live.objects import first_argument, is_placeholder, maker_of
from pytest_ssot_tracker.detect.live.resolve import function_of, held_by
from pytest_ssot_tracker.detect.live.standin import PlantedHook, StandIn, got
from pytest_ssot_tracker.detect.plant.planting import Planting, with_own_code
from pytest_ssot_tracker.detect.plant.sentinels import COPYING, Claim, Sentinel, StartKind
from pytest_ssot_tracker.loaded import is_below
from pytest_ssot_tracker.records import dataclass

__all__ = ["Classes", "is_written_in_c"]

_NEW_UNSEEN = (
    "an instance that __new__ makes alone, as in {path}, is seen from Python 3.12 on only, "
    "where a tool id of sys.monitoring is free: the scan names the call"
)
_IMMUTABLE = 1 << 8  # Py_TPFLAGS_IMMUTABLETYPE
_CALL = vars(type)["__call__"]
_MAKERS = ("__init__", "__new__", "__call__", "__init_subclass__")


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """A watched class with what is booked for it and its descendants; `maker` names the method that makes one."""

    cls: type
    maker: str
    sentinel: Sentinel
    claim: Claim
    base: Claim | None


class Classes:
    """Watch classes, and whatever derives from them.

    `unpickled` is to hold the modules of which something was unpickled, and the file that did so.
    """

    def __init__(self, planting: Planting, *, made: Callable[[Claim, FrameType, type], None]) -> None:
        self._planting = planting
        self._made = made
        self.unpickled: dict[str, str] = {}
        self._unseen: list[tuple[type, Claim]] = []
        self._copiers: dict[FunctionType, list[Claim]] = {}
        self._families: list[Family] = []
        self._young: list[ref[type]] = []

    def watch(self, cls: type, claim: Claim, *, base: Claim | None) -> list[str]:
        """Book `claim` for each construction of `cls` or of a subclass, `base` for each new subclass.

        Returns the names of the back ends in use; raises `UnwatchableError`.
        """
        for booked in filter(None, (claim, base)):
            booked.cls = cls
        maker, backend, sentinel = self._maker(cls, claim)
        family = Family(cls, maker, sentinel, claim, base)
        self._families.append(family)
        self._planting.then(lambda: self._families.remove(family))
        sentinel.look_inside(_files_inside(cls))
        for descendant in _descendants(cls):
            self._adopt(family, descendant, _files_inside(descendant))
        self._recreations(cls, claim)
        # Also of one with a `__new__` of its own: `object.__new__(cls)` goes past it.
        if not issubclass(cls, Enum) and not self._planting.makings_of(cls, partial(self._made, claim)):
            self._unseen.append((cls, claim))
        return [backend, self._births(cls, base)]

    def settle(self) -> None:
        """Look again at classes that were being made when they were first seen: a decorator may have finished them."""
        while self._young:
            cls = self._young.pop()()
            if cls is not None:
                self._grown(cls)

    def unseen(self, path_of: Callable[[str], str | None]) -> Iterator[tuple[Claim, str]]:
        """Yield why instances are made without any code that is watched, with the claim of their class.

        `path_of` returns how a file of ours is called, `None` for any other.
        """
        for family in self._families:
            yield from ((family.claim, why) for why in made_unseen(family.cls))
            for cls in (family.cls, *_descendants(family.cls)) if self.unpickled else ():
                filename = self.unpickled.get(cls.__module__)
                if filename is not None and is_filled_by_c(cls) and not family.claim.spares(cls):
                    yield family.claim, UNPICKLED.format(path=path_of(filename) or filename)
        for cls, claim in self._unseen:
            for path in calls_of_new(cls, path_of, past=_has_own_new(cls)):
                yield claim, _NEW_UNSEEN.format(path=path)

    def _maker(self, cls: type, claim: Claim) -> tuple[str, str, Sentinel]:
        name, function = maker_of(cls)
        own = function_of(vars(cls).get("__new__"))
        if name == "__init__" and own is not None:
            name, function = "__new__", own  # which starts where `__init__` does, and where that is left out
        if function is None:
            own = vars(cls).get("__init__")
            planted, sentinel = self._planting.own(partial(_planted_init, cls), StartKind.MAKING, claims=[claim])
            # A protocol's is looked for in the class itself, and called without an instance.
            stands = planted if is_placeholder(own) else StandIn(planted, cls, own)
            self._planting.attribute(cls, "__init__", stands)
            self._stands(cls, name, sentinel)
            return name, "planted", sentinel
        shared = _is_shared(cls, name, function)
        sentinel = self._planting.on(function, StartKind.MAKING, claims=[claim], shared=shared)
        self._stands(cls, name, sentinel)
        return name, self._planting.backend_name, sentinel

    def _stands(self, cls: type, name: str, sentinel: Sentinel) -> None:
        """Have it noticed when `cls` is made in another way than by `name`, as it or a base of it has that."""
        vigil = self._planting.vigil
        holder = next((base for base in cls.__mro__ if name in vars(base)), cls)
        vigil.attribute(cls, name, sentinel, makes=True)
        vigil.attribute(holder, name, sentinel, makes=True)
        if name != "__new__":
            vigil.attribute(cls, "__new__", sentinel, makes=False)

    def _births(self, cls: type, base: Claim | None) -> str:
        """Have `base` booked and the class adopted when a subclass is made."""
        claims = [] if base is None else [base]
        function = function_of(held_by(cls, "__init_subclass__"))
        if function is not None:
            shared = "__init_subclass__" not in vars(cls)
            self._planting.on(function, StartKind.MAKING, claims=claims, announce=self._born, shared=shared)
            return self._planting.backend_name
        make = partial(_planted_init_subclass, cls)
        planted, _ = self._planting.own(make, StartKind.MAKING, claims=claims, announce=self._born)
        self._planting.attribute(cls, "__init_subclass__", PlantedHook(planted, cls))
        return "planted"

    def _born(self, frame: FrameType) -> None:
        cls = first_argument(frame)
        if issubclass(type(cls), type):
            self._grown(cls)  # type: ignore[arg-type]
            self._young.append(ref(cls))  # type: ignore[arg-type]

    def _grown(self, cls: type) -> None:
        above = {id(base) for base in cls.__mro__[1:]}
        families = [family for family in self._families if id(family.cls) in above]
        if families:
            files = _files_inside(cls)
            for family in families:
                self._adopt(family, cls, files)

    def _adopt(self, family: Family, cls: type, files: Set[str]) -> None:
        function = function_of(vars(cls).get(family.maker)) or _of_another_line(cls, family)
        sentinel = family.sentinel
        if family.claim.spares(cls):
            sentinel.share()
        elif function is not None:
            shared = _is_shared(cls, family.maker, function)
            sentinel = self._planting.on(function, StartKind.MAKING, claims=[family.claim], shared=shared)
        if not family.claim.spares(cls):
            self._planting.vigil.attribute(cls, family.maker, sentinel, makes=True)
        # What is made for `cls` may be seen to start wherever a method does that it inherits.
        for base in cls.__mro__:
            known = self._planting.sentinel_of(function_of(vars(base).get(family.maker)))
            if known is not None:
                known.look_inside(files)
        family.sentinel.look_inside(files)
        birth = function_of(vars(cls).get("__init_subclass__"))
        if birth is not None:
            claims = [] if family.base is None else [family.base]
            self._planting.on(birth, StartKind.MAKING, claims=claims, announce=self._born)

    def _recreations(self, cls: type, claim: Claim) -> None:
        if issubclass(cls, type):  # a class is copied and unpickled by its name
            return
        for function in (copyreg.__newobj__, copyreg.__newobj_ex__, copyreg._reconstructor):  # type: ignore[attr-defined]
            self._planting.on(function, StartKind.MAKING, claims=[claim], shared=True)
        filling = function_of(held_by(cls, "__setstate__"))
        if filling is not None:
            self._planting.on(filling, StartKind.FILLING, claims=[claim])
        for copier in (function_of(held_by(cls, name)) for name in COPYING):
            # One that calls the class is seen as any construction is, and so is a `__new__` in Python.
            if copier is not None and "__new__" in copier.__code__.co_names and not _has_own_new(cls):
                self._copies(copier, claim)

    def _copies(self, copier: FunctionType, claim: Claim) -> None:
        """Book `claim` where `copier` gives out an instance that is another than the one it was called on."""
        claims = self._copiers.get(copier)
        if claims is None:
            claims = self._copiers[copier] = []
            self._planting.returns(copier, partial(self._copied, claims))
        claims.append(claim)

        def undo() -> None:
            claims.remove(claim)
            if not claims:
                del self._copiers[copier]

        self._planting.then(undo)

    def _copied(self, claims: list[Claim], frame: FrameType, copy: object) -> None:
        if first_argument(frame) is not copy:
            self._planting.sentinels.copied(claims, frame, copy)


def _has_own_new(cls: type) -> bool:
    """Whether a `__new__` in Python makes the instances of `cls`."""
    return function_of(held_by(cls, "__new__")) is not None


def _files_inside(cls: type) -> frozenset[str]:
    """Return the files of the methods through which `cls` may be made: what is called there is to be looked at."""
    meta: type = type(cls)
    methods = (vars(base).get(name) for base in (*cls.__mro__, *meta.__mro__) for name in _MAKERS)
    return frozenset(function.__code__.co_filename for function in map(function_of, methods) if function is not None)


def _of_another_line(cls: type, family: Family) -> FunctionType | None:
    """Return what makes `cls` in the place of the watched maker: that of a base beside, which need not call it."""
    for base in cls.__mro__:
        if is_below(base, family.cls):
            if family.maker in vars(base):
                return None  # it has been adopted
        else:
            function = function_of(vars(base).get(family.maker))
            if function is not None and not is_placeholder(function):
                return function
    return None


def is_written_in_c(cls: type) -> bool:
    """Whether no Python method makes an instance of `cls` and none can: of a type of C, or a `TypedDict`."""
    if not isinstance(held_by(type(cls), "__call__"), (FunctionType, type(type.__call__))):
        return True
    if maker_of(cls)[1] is not None:
        return False
    if not isinstance(held_by(type(cls), "__call__"), FunctionType) and held_by(type(cls), "__call__") is not _CALL:
        return True  # such as msgspec's, which runs no `__init__`
    # A `threading.local` calls `__init__` again in each thread that looks at it; `reversed` may make something else,
    # which has no `__init__` of the class, and takes keywords where there is one.
    return bool(cls.__flags__ & _IMMUTABLE) or issubclass(cls, (_local, reversed))


def _is_shared(cls: type, name: str, function: FunctionType) -> bool:
    """Whether other classes start this code too, so that the first argument must be asked."""
    if function_of(vars(cls).get(name)) is not function or function.__code__.co_name != name:
        return True
    unique = set(function.__code__.co_freevars) <= {"__class__"}
    return not unique and function.__code__.co_filename[:1] != "<"


def _descendants(cls: type) -> Iterator[type]:
    seen = {id(cls)}
    pending = [cls]
    while pending:
        children: list[type] = type.__subclasses__(pending.pop())
        for child in children:
            if id(child) not in seen:
                seen.add(id(child))
                pending.append(child)
                yield child


def _planted_init_subclass(owner: type, started: Callable[[CodeType], None]) -> FunctionType:
    own: Any = vars(owner).get("__init_subclass__")  # one without Python code, as `typing.Generic` has from 3.12 on

    def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:  # noqa: N807
        started(code)
        following: Any = super(owner, cls).__init_subclass__ if own is None else got(own, None, cls)  # type: ignore[arg-type]
        following(**kwargs)

    planted = with_own_code(__init_subclass__, "__init_subclass__")
    code = planted.__code__
    return _named(planted, owner)


def _planted_init(owner: type, started: Callable[[CodeType], None]) -> FunctionType:
    """Return an `__init__` that does what the class does without one, errors included."""
    own: Any = vars(owner).get("__init__")
    placeholder = own if is_placeholder(own) else None
    inherits = own is None or placeholder is not None
    simple = own is None and not any(is_placeholder(vars(base).get("__init__")) for base in owner.__mro__)
    settled: dict[int, ref[type]] = {}

    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        started(code)
        if simple and type(self) is owner and not args and not kwargs:
            super(owner, self).__init__()
            return
        if placeholder is not None:
            if type(self)._is_protocol:
                placeholder(self)  # which refuses that
            if not _settles(type(self), owner, settled):
                return
        init = _inherited(owner, self) if inherits else got(own, self, owner)
        if init is not None:
            init(*args, **kwargs)
        elif args or kwargs:
            _refuse(self, planted, args, kwargs)

    planted = with_own_code(__init__, "__init__")
    code = planted.__code__
    signature = _signature(owner)
    if signature is not None:
        planted.__signature__ = signature  # type: ignore[attr-defined]
    return _named(planted, owner)


def _settles(cls: type, owner: type, settled: dict[int, ref[type]]) -> bool:
    """Whether the placeholder that a protocol has for an `__init__` goes on to the next one, for an instance of `cls`.

    It does not where `cls` has one of its own, which has called it (https://github.com/python/cpython/issues/89284).
    The first instance of another class gives that class the next `__init__`, and so those below it: it is in `settled`.
    """
    own = function_of(held_by(cls, "__init__"))
    if is_placeholder(own) or (own is not None and own.__code__.co_filename == _settles.__code__.co_filename):
        settled[id(cls)] = ref(cls)  # by its id: a metaclass may compare its classes in a way of its own
        return True
    before = takewhile(lambda base: base is not owner, cls.__mro__)
    return any((kept := settled.get(id(base))) is not None and kept() is base for base in before)


def _inherited(owner: type, self: Any) -> Any:
    """Return the next `__init__` after `owner`'s, bound; `None` for that of `object`."""
    for cls in list(dropwhile(lambda cls: cls is not owner, type(self).__mro__))[1:]:
        init = vars(cls).get("__init__")
        if init is not None and not is_placeholder(init):
            return None if cls is object else init.__get__(self, type(self))
    return None


def _refuse(self: Any, planted: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Do with arguments nobody takes what `object` does: refuse them, unless `__new__` may have taken them."""
    cls = type(self)
    if function_of(held_by(cls, "__init__")) is not planted:
        object.__init__(self, *args, **kwargs)
    elif held_by(cls, "__new__") is vars(object)["__new__"]:
        raise TypeError(f"{cls.__name__}() takes no arguments")
    elif kwargs:
        _refuse_keywords(cls, args, kwargs)


def _refuse_keywords(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Refuse keywords as a `__new__` of C does that takes none, unless there is an `__init__` that may want them.

    That is how `tuple`, `frozenset`, `float` and iterators go about it (see `_PyArg_NoKeywords` in CPython's sources),
    and the planted `__init__` is one. So a class below the same type that has none is asked, first with a keyword that
    nobody takes: what does take keywords refuses others by itself, and must not be called twice.
    """
    maker = held_by(cls, "__new__")
    base = getattr(maker, "__self__", None)
    if type(base) is not type or base.__module__.partition(".")[0] not in sys.stdlib_module_names:
        return
    alike = type(base.__name__, (base,), {})
    try:
        maker(alike, ssot_tracker=None)  # type: ignore[operator]
    except TypeError as error:
        if "takes no keyword arguments" in str(error):
            maker(alike, *args, **kwargs)  # type: ignore[operator]
    except Exception:
        return


def _signature(cls: type) -> inspect.Signature | None:
    try:
        signature = inspect.signature(cls)
    except Exception:  # it has none, or what it asks of the class and its metaclass raises
        return None
    self = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    return signature.replace(parameters=[self, *signature.parameters.values()])


def _named(planted: FunctionType, owner: type) -> FunctionType:
    planted.__annotations__ = {}
    planted.__module__ = owner.__module__
    planted.__qualname__ = f"{owner.__qualname__}.{planted.__name__}"
    return planted
