"""Read and write what an object holds, kind by kind, without running a line of the object's own class.

Everything goes through the base type's own methods (`dict.__setitem__`, a slot's descriptor), so no property,
`__setattr__`, `__eq__` or `__iter__` of the code under test is called. What is written is only what differs, entry by
entry: a thread that reads the object meanwhile never finds it empty.
"""

from __future__ import annotations

import _thread
import functools
import gc
import types
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from pytest_ssot_tracker.isolate.caches import entries, refill, table

__all__ = [
    "CACHED",
    "CONTAINERS",
    "OPEN",
    "PLACE",
    "PLAIN",
    "THROUGH",
    "Attributes",
    "ElsewhereError",
    "Kind",
    "Plain",
    "State",
    "UnreachableError",
    "filtered",
    "held",
    "instance_dict",
    "joined",
    "library_base",
    "same",
    "slots",
]


class Plain:
    """A state without parts: bytes, a flag, the state of a generator of random numbers."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


State: TypeAlias = dict[Any, Any] | tuple[Any, ...] | frozenset[Any] | Plain
"""What a kind reads: entries by key, entries in order, members, or a value without parts."""


class Kind:
    """How one kind of object is read and written.

    `frozen` kinds hold other objects but never change, `weak` ones hold references to them, and what `fields` ones
    read are named attributes and no entries. `through` ones lead to others, as a function does to what it closes over.
    `length` counts what a container holds, in `unit`s. What is not `quick` to read is not looked at around each test.
    `worldly` ones belong to the process or the context: another fixture of a test may have set them on purpose;
    `contextual` ones are another in each context. `fresh` is the state of one that has just been made, where every one
    has the same.
    """

    frozen = False
    weak = False
    fields = False
    through = False
    quick = True
    worldly = False
    contextual = False
    fresh: State | None = None
    length: Callable[[Any], int] | None = None
    unit = "item"

    def read(self, thing: Any) -> State:
        """Return what `thing` holds, as a copy of its own; raise `UnreachableError` where nothing tells."""
        raise NotImplementedError

    def write(self, thing: Any, state: Any) -> None:
        """Make `thing` hold `state`, in place."""
        raise NotImplementedError


class UnreachableError(Exception):
    """Something of a singleton that cannot be read, or cannot be made what it was: the text says why."""


class ElsewhereError(UnreachableError):
    """Something of a singleton that lies outside this process."""


PLAIN = frozenset({bool, int, float, complex, str, bytes, type(None)})
"""The types whose objects are known by their value and hold nothing."""


def held(state: State) -> Iterable[Any]:
    """Return the objects in `state`, keys first."""
    if isinstance(state, dict):
        return (*state, *state.values())
    return () if isinstance(state, Plain) else state


def filtered(state: State, wanted: Callable[[Any], bool]) -> State:
    """Return `state` with those of its members, or of its entries by their values, that are `wanted`."""
    if isinstance(state, dict):
        return {key: value for key, value in state.items() if wanted(value)}
    return state if isinstance(state, Plain) else type(state)(filter(wanted, state))


def joined(state: State, more: State) -> State:
    """Return `state` with what `more`, a state of the same kind, holds besides; an entry of `more` goes first."""
    if isinstance(state, dict) and isinstance(more, dict):
        return {**state, **more}
    if isinstance(state, (dict, Plain)) or isinstance(more, (dict, Plain)):
        return state
    known = {*map(id, state)}
    return type(state)((*state, *(value for value in more if id(value) not in known)))


def same(one: State, other: State) -> bool:
    """Whether two states hold the very same objects in the same order."""
    if isinstance(one, Plain) or isinstance(other, Plain):
        return isinstance(one, Plain) and isinstance(other, Plain) and bool(one.value == other.value)
    if type(one) is not type(other) or len(one) != len(other):
        return False
    if isinstance(one, frozenset):
        return {*map(id, one)} == {*map(id, other)}
    return [*map(id, held(one))] == [*map(id, held(other))]


class _Dict(Kind):
    length = staticmethod(dict.__len__)
    unit = "entry"

    def read(self, thing: Any) -> State:
        return dict.copy(thing)

    def write(self, thing: Any, state: Any) -> None:
        _write_entries(thing, state)
        if list(map(id, dict.keys(thing))) != list(map(id, state)):
            dict.clear(thing)
            dict.update(thing, state)


def _write_entries(thing: dict[Any, Any], state: Mapping[Any, Any]) -> None:
    for key in [key for key in dict.keys(thing) if key not in state]:
        dict.pop(thing, key, None)
    missing = object()
    for key, value in state.items():
        if dict.get(thing, key, missing) is not value:
            dict.__setitem__(thing, key, value)


class _OrderedDict(_Dict):
    def read(self, thing: Any) -> State:
        return dict(OrderedDict.items(thing))

    def write(self, thing: Any, state: Any) -> None:
        OrderedDict.clear(thing)
        for key, value in state.items():
            OrderedDict.__setitem__(thing, key, value)


class _List(Kind):
    length = staticmethod(list.__len__)

    def read(self, thing: Any) -> State:
        return tuple(list.copy(thing))

    def write(self, thing: Any, state: Any) -> None:
        list.__setitem__(thing, slice(None), state)


class _Deque(Kind):
    length = staticmethod(deque.__len__)

    def read(self, thing: Any) -> State:
        return tuple(deque.__iter__(thing))

    def write(self, thing: Any, state: Any) -> None:
        deque.clear(thing)
        deque.extend(thing, state)


class _Set(Kind):
    length = staticmethod(set.__len__)

    def read(self, thing: Any) -> State:
        return frozenset(thing)

    def write(self, thing: Any, state: Any) -> None:
        # By identity, as everywhere: an equal member is another object, with a state of its own.
        before, after = {id(member): member for member in frozenset(thing)}, {*map(id, state)}
        for number, member in before.items():
            if number not in after:
                set.discard(thing, member)
        for member in state:
            if id(member) not in before:
                set.add(thing, member)


class _Frozen(Kind):
    frozen = True

    def read(self, thing: Any) -> State:
        if isinstance(thing, types.MappingProxyType):
            return tuple(gc.get_referents(thing))
        return tuple(frozenset(thing)) if isinstance(thing, frozenset) else tuple(tuple.__iter__(thing))

    def write(self, thing: Any, state: Any) -> None:
        """Do nothing: what never changes needs no putting back."""


class _Through(_Frozen):
    """A function, a method or a `partial`: what it closes over, is bound to, or passes on."""

    through = True

    def read(self, thing: Any) -> State:
        if isinstance(thing, types.MethodType):
            return (thing.__self__,)
        if isinstance(thing, functools.partial):
            return (thing.func, thing.args, thing.keywords)
        defaults = (*(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values())
        return (*(thing.__closure__ or ()), *defaults)


class _Cell(Kind):
    """A variable that functions share."""

    quick = False

    def read(self, thing: Any) -> State:
        try:
            return {"value": thing.cell_contents}
        except ValueError:
            return {}

    def write(self, thing: Any, state: Any) -> None:
        if state:
            thing.cell_contents = state["value"]
        else:
            del thing.cell_contents


class _Buffer(Kind):
    def read(self, thing: Any) -> State:
        return Plain(thing[:])

    def write(self, thing: Any, state: Any) -> None:
        thing[:] = state.value


class _Fields(Kind):
    """Read and write some attributes of a library object, so that its locks and waiters are left alone."""

    fields = True

    def __init__(self, *names: str) -> None:
        self._names = names

    def read(self, thing: Any) -> State:
        return {name: getattr(thing, name) for name in self._names if hasattr(thing, name)}

    def write(self, thing: Any, state: Any) -> None:
        for name, value in state.items():
            if getattr(thing, name) is not value:
                setattr(thing, name, value)


class _Random(Kind):
    def read(self, thing: Any) -> State:
        return Plain(library_base(thing, "random", "Random").getstate(thing))

    def write(self, thing: Any, state: Any) -> None:
        library_base(thing, "random", "Random").setstate(thing, state.value)


def library_base(thing: object, module: str, name: str) -> Any:
    """Return the class of the standard library that the class of `thing` is or derives from."""
    return next(base for base in type(thing).__mro__ if base.__name__ == name and base.__module__ == module)


class _Weak(Kind):
    """Read and write the references in a weak container; what has died meanwhile stays away."""

    weak = True

    def read(self, thing: Any) -> State:
        data = (instance_dict(thing) or {}).get("data", ())
        return dict(data) if isinstance(data, dict) else frozenset(data)

    def write(self, thing: Any, state: Any) -> None:
        data = (instance_dict(thing) or {})["data"]
        if isinstance(data, dict):
            DICT.write(data, {k: v for k, v in state.items() if _alive(k) and _alive(v)})
        else:
            SET.write(data, frozenset(filter(_alive, state)))


def _alive(value: object) -> bool:
    return not isinstance(value, weakref.ref) or value() is not None


_LOCAL: Any = _thread._local


def instance_dict(thing: object) -> dict[str, Any] | None:
    """Return the true `__dict__` of `thing`, `None` when it has none; a property of that name is not asked."""
    if _LOCAL in type(thing).__mro__:  # its dict, one per thread, has no descriptor
        own: dict[str, Any] = _LOCAL.__getattribute__(thing, "__dict__")
        return own
    for base in type(thing).__mro__:
        descriptor = base.__dict__.get("__dict__")
        if isinstance(descriptor, (types.GetSetDescriptorType, types.MemberDescriptorType)):
            try:
                found = descriptor.__get__(thing)
            except AttributeError:
                return None
            return found if isinstance(found, dict) else None
    return None


def slots(cls: type) -> dict[str, Any]:
    """Return the descriptors of the slots that `cls` and its bases declare, by name."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if "__slots__" in base.__dict__:
            members = base.__dict__.items()
            found.update((name, value) for name, value in members if isinstance(value, types.MemberDescriptorType))
    return found


class _Place(Kind):
    def read(self, thing: Any) -> State:
        return thing.read()  # type: ignore[no-any-return]

    def write(self, thing: Any, state: Any) -> None:
        thing.write(state)


class Attributes(Kind):
    """Read and write an instance's attributes, in its `__dict__` and its slots, and its class.

    `without` names attributes that a base class of the standard library keeps for itself.
    """

    fields = True

    def __init__(self, cls: type, without: frozenset[str] = frozenset()) -> None:
        self._slots = {name: slot for name, slot in slots(cls).items() if name not in without}
        self._without = without

    def read(self, thing: Any) -> State:
        """Return the attributes by name, and the class as `__class__`."""
        state: dict[str, Any] = dict(instance_dict(thing) or {})
        for name in self._without:
            state.pop(name, None)
        for name, descriptor in self._slots.items():
            try:
                state[name] = descriptor.__get__(thing)
            except (AttributeError, TypeError):
                state.pop(name, None)
        state["__class__"] = type(thing)
        return state

    def write(self, thing: Any, state: Any) -> None:
        """Give `thing` these attributes and no others, whatever its `__setattr__` says."""
        if type(thing) is not state["__class__"]:
            object.__setattr__(thing, "__class__", state["__class__"])
        for name, descriptor in self._slots.items():
            if name in state:
                descriptor.__set__(thing, state[name])
            else:
                with suppress(AttributeError):
                    descriptor.__delete__(thing)
        own = instance_dict(thing)
        if own is not None:
            wanted = {name: value for name, value in state.items() if name not in self._slots and name != "__class__"}
            wanted.update((name, own[name]) for name in self._without if name in own)
            _write_entries(own, wanted)


class _Cached(Kind):
    """Read what a `functools` cache holds, and fill it again with the very same objects."""

    def read(self, thing: Any) -> State:
        """Return the results by cache key, the least recently used first."""
        return entries(thing)

    def write(self, thing: Any, state: Any) -> None:
        """Make the cache hold `state`; raise `TypeError` where what it caches is no Python function."""
        if not state:
            thing.cache_clear()
        elif thing.cache_parameters()["maxsize"] is None:
            DICT.write(table(thing), state)
        else:
            refill(thing, state)


DICT, LIST, SET, FROZEN, CACHED, PLACE = _Dict(), _List(), _Set(), _Frozen(), _Cached(), _Place()

THROUGH: Mapping[type, Kind] = dict.fromkeys((types.FunctionType, types.MethodType, functools.partial), _Through())
"""How what leads to other objects is looked through."""

CONTAINERS: Mapping[str, tuple[Kind, ...]] = {
    "builtins.dict": (DICT,),
    "builtins.list": (LIST,),
    "builtins.set": (SET,),
    "builtins.tuple": (FROZEN,),
    "builtins.frozenset": (FROZEN,),
    "builtins.mappingproxy": (FROZEN,),
    "builtins.cell": (_Cell(),),
    "builtins.bytearray": (_Buffer(),),
    "array.array": (_Buffer(),),
    "collections.OrderedDict": (_OrderedDict(),),
    "collections.defaultdict": (DICT, _Fields("default_factory")),
    "collections.deque": (_Deque(),),
    "collections.UserDict": (_Fields("data"),),
    "collections.UserList": (_Fields("data"),),
    "collections.ChainMap": (_Fields("maps"),),
    "queue.Queue": (_Fields("queue", "unfinished_tasks", "is_shutdown"),),
    "asyncio.queues.Queue": (_Fields("_queue", "_unfinished_tasks", "_finished", "_is_shutdown"),),
    "random.Random": (_Random(),),
    "_weakrefset.WeakSet": (_Weak(),),
    "weakref.WeakKeyDictionary": (_Weak(),),
    "weakref.WeakValueDictionary": (_Weak(),),
}
"""How the standard library's containers are read and written, by the dotted name of the class."""

OPEN = frozenset({"types.SimpleNamespace", "_thread._local"})
"""The standard library's classes whose instances hold whatever their users put there as attributes."""
