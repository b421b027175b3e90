"""Define records and patterns as the standard library does, for a fraction of what that takes at import.

`dataclasses` writes the text of every method of every class and compiles it when the class is defined: 4.6 million
instructions for a frozen record with slots. `typing.NamedTuple` compiles each annotation. A run defines some hundred
and fifty records before its first test and calls few of their methods, so here a method is compiled when it is first
called (0.3 million for the class of a record, 0.7 for its `__init__`), what makes a record when it was called a few
times, and a regular expression when it is used.

What a record is and does stays the same: `tests/unit/test_records.py` holds both to each other, and `replace`, `fields`
and `is_dataclass` of the standard library take our records for their own.
"""

from __future__ import annotations

from operator import itemgetter
from re import compile as _compile  # as it is now: a test may replace it
from typing import TYPE_CHECKING, Any, AnyStr, cast

try:
    from _collections import _tuplegetter as _getter  # type: ignore[import-not-found]
except ImportError:  # as `collections` has it

    def _getter(index: int, doc: str) -> property:
        return property(itemgetter(index), doc=doc)


__all__ = ["NamedTuple", "dataclass", "field", "names_of", "regex", "replace"]

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator
    from dataclasses import Field, dataclass, field, replace
    from typing import NamedTuple

_MISSING: Any = object()
_BEFORE_COMPILING = 20
"""How often a record is made before the method that makes it is compiled: most are made but once or twice in a run."""
_LEFT = "__left__"
"""Under this name a class has a list of one number: how often it may still be made before that is compiled."""
_LITERALS: dict[Any, str] = {dict: "{}", list: "[]"}


class _Given:
    """What is known of one field of a record."""

    __slots__ = ("compare", "default", "factory", "init", "kw_only", "name", "shown")

    def __init__(
        self, default: Any, factory: Any = _MISSING, *, init: bool = True, shown: bool = True, compare: bool = True
    ) -> None:
        self.name = ""
        self.default = default
        self.factory = factory
        self.init = init
        self.shown = shown
        self.compare = compare
        self.kw_only = False

    @property
    def is_optional(self) -> bool:
        """Whether the field has a value where none is given."""
        return self.default is not _MISSING or self.factory is not _MISSING

    @property
    def value(self) -> Any:
        """Return the value of the field where none is given."""
        return self.default if self.factory is _MISSING else self.factory()


if not TYPE_CHECKING:

    def field(*, default=_MISSING, default_factory=_MISSING, init=True, repr=True, compare=True):  # noqa: A002
        """Describe a field, as `dataclasses.field` does."""
        return _Given(default, default_factory, init=init, shown=repr, compare=compare)

    def dataclass(*, frozen=False, slots=False, kw_only=False, eq=True, repr=True):  # noqa: A002
        """Return what makes a record of a class, as `dataclasses.dataclass` does."""

        def make(cls):
            fields, names = _fields(cls, kw_only=kw_only)
            methods = _methods(fields, frozen=frozen, slots=slots, eq=eq, shown=repr)
            return _with_slots(cls, names, methods) if slots else _changed(cls, fields, methods)

        return make

    def replace(record, /, **changes):
        """Return a record like `record` but for `changes`, as `dataclasses.replace` does."""
        for given in record.__record_fields__.values():
            if given.init and given.name not in changes:
                changes[given.name] = getattr(record, given.name)
        return type(record)(**changes)


def names_of(record: type) -> tuple[str, ...]:
    """Return the names of a record's fields."""
    return tuple(record.__record_fields__)  # type: ignore[attr-defined]


def _fields(cls: type, *, kw_only: bool) -> tuple[dict[str, _Given], list[str]]:
    """Return all fields of the record, and the names of those that no base has."""
    found: dict[str, _Given] = {}
    for base in cls.__mro__[:0:-1]:
        found.update(base.__dict__.get("__record_fields__", ()))
    own = []
    for name, kind in cls.__annotations__.items():
        if kind.startswith("ClassVar"):
            continue
        value = cls.__dict__.get(name, _MISSING)
        given = value if type(value) is _Given else _Given(value)
        given.name, given.kw_only = name, kw_only
        if name not in found:
            own.append(name)
        found[name] = given
    return found, own


def _methods(fields: dict[str, _Given], *, frozen: bool, slots: bool, eq: bool, shown: bool) -> dict[str, Any]:
    """Return what a record has beyond its own methods.

    They are the same functions for all records: each function of its own is looked at by each collection of garbage.
    """
    methods: dict[str, Any] = {
        "__record_fields__": fields,
        "__dataclass_fields__": _STANDARD_FIELDS,
        "__match_args__": tuple([name for name, given in fields.items() if given.init and not given.kw_only]),
        "__init__": _INIT_OF_FROZEN if frozen else _INIT,
        _LEFT: [_BEFORE_COMPILING],
    }
    if shown:
        methods["__repr__"] = _repr
    if eq:
        methods["__eq__"] = _EQ
        methods["__hash__"] = _HASH if frozen else None
    if frozen:
        methods.update(__setattr__=_refuse_to_set, __delattr__=_refuse_to_delete)
        if slots:
            methods.update(__getstate__=_getstate, __setstate__=_setstate)
    return methods


def _with_slots(cls: type, names: list[str], methods: dict[str, Any]) -> type:
    """Return a class like `cls` whose instances have slots: they cannot be added to a class that is there."""
    own = {
        name: value
        for name, value in cls.__dict__.items()
        if name not in ("__dict__", "__weakref__") and name not in methods["__record_fields__"]
    }
    if own.get("__hash__", _MISSING) is None:  # Python's own, of a class that has an `__eq__`
        del own["__hash__"]
    named = {"__slots__": tuple(names), "__qualname__": cls.__qualname__}
    return type(cls)(cls.__name__, cls.__bases__, {**methods, **own, **named})


def _changed(cls: type, fields: dict[str, _Given], methods: dict[str, Any]) -> type:
    """Return `cls` with `methods`, its fields' descriptions replaced by their defaults."""
    for name, value in methods.items():
        if name not in cls.__dict__ or (name == "__hash__" and cls.__dict__[name] is None):
            type.__setattr__(cls, name, value)
    for name, given in fields.items():
        if cls.__dict__.get(name) is given:
            type.__delattr__(cls, name)
            if given.default is not _MISSING:
                type.__setattr__(cls, name, given.default)
    return cls


def _home(cls: type, name: str, method: object) -> Any:
    """Return which of `cls` and its bases has `method`; `None` where another thread has replaced it since the call."""
    for base in cls.__mro__:
        if base.__dict__.get(name) is method:
            return base
    return None


def _compiled_later(name: str, write: Callable[[type, dict[str, Any]], str]) -> Any:
    """Return a method that is replaced, when it is first called, by the one that `write` gives the text of."""

    def first(self: Any, *args: Any, **kwargs: Any) -> Any:
        home = _home(type(self), name, first)
        method = getattr(type(self), name) if home is None else _compiled(home, name, write)
        return method(self, *args, **kwargs)

    return first


def _compiled(home: type, name: str, write: Callable[[type, dict[str, Any]], str]) -> Any:
    """Give a record the method that `write` gives the text of; return it."""
    scope: dict[str, Any] = {}
    exec(write(home, scope), scope)
    method = scope[name]
    method.__qualname__ = f"{home.__qualname__}.{name}"
    type.__setattr__(home, name, method)
    return method


def _init_later(write: Callable[[type, dict[str, Any]], str]) -> Any:
    """Return an `__init__` that is compiled once it was called a few times; until then it looks what to do up."""

    def first(self: Any, *args: Any, **kwargs: Any) -> Any:
        home = _home(type(self), "__init__", first)
        if home is None:
            return type(self).__init__(self, *args, **kwargs)
        left = home.__dict__[_LEFT]
        left[0] -= 1
        values = _values(home, args, kwargs) if left[0] > 0 else None
        if values is None:  # called often enough, or wrongly: what is compiled raises the right error
            return _compiled(home, "__init__", write)(self, *args, **kwargs)
        for name, value in values.items():
            object.__setattr__(self, name, value)
        if hasattr(home, "__post_init__"):
            self.__post_init__()
        return None

    return first


def _values(cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """Return the values of all fields of a new record, `None` where the arguments are not those of its `__init__`."""
    taken = 0
    values: dict[str, Any] = {}
    left = len(kwargs)
    for name, given in cls.__record_fields__.items():
        if given.init and not given.kw_only and taken < len(args):
            if name in kwargs:
                return None
            values[name] = args[taken]
            taken += 1
        elif given.init and name in kwargs:
            values[name] = kwargs[name]
            left -= 1
        elif given.factory is not _MISSING:
            values[name] = given.factory()
        elif given.default is not _MISSING:
            values[name] = given.default
        elif given.init:
            return None
    return None if left or taken < len(args) else values


def _init_of_frozen(cls: Any, scope: dict[str, Any]) -> str:
    """Return the text of `__init__`, which writes to the slots past `__setattr__`."""
    return _init(cls, scope, frozen=True)


def _init(cls: Any, scope: dict[str, Any], *, frozen: bool = False) -> str:
    """Return the text of `__init__`; `scope` gets what it refers to."""
    plain: list[str] = []
    keywords: list[str] = []
    body: list[str] = []
    scope.update(_missing=_MISSING, _set=object.__setattr__)
    for name, given in cls.__record_fields__.items():
        parameter = value = name
        if given.factory is not _MISSING:
            scope[f"_make_{name}"] = given.factory
            parameter = f"{name}=_missing"
            made = _LITERALS.get(given.factory, f"_make_{name}()")
            value = f"{made} if {name} is _missing else {name}" if given.init else made
        elif given.default is not _MISSING:
            scope[f"_default_{name}"] = given.default
            parameter = f"{name}=_default_{name}"
            value = name if given.init else f"_default_{name}"
        elif not given.init:
            continue
        if given.init:
            (keywords if given.kw_only else plain).append(parameter)
        body.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join(["self", *plain, *(["*", *keywords] if keywords else [])])
    return f"def __init__({parameters}):\n " + "\n ".join(body or ["pass"])


def _eq(cls: Any, scope: dict[str, Any]) -> str:
    """Return the text of `__eq__`: equal are records of one class whose fields are."""
    return (
        "def __eq__(self, other):\n"
        " if other.__class__ is not self.__class__:\n  return NotImplemented\n"
        f" return {_compared(cls, 'self')} == {_compared(cls, 'other')}"
    )


def _hash(cls: Any, scope: dict[str, Any]) -> str:
    """Return the text of `__hash__`."""
    return f"def __hash__(self):\n return hash({_compared(cls, 'self')})"


def _compared(cls: Any, record: str) -> str:
    names = [f"{record}.{name}," for name, given in cls.__record_fields__.items() if given.compare]
    return f"({''.join(names)})"


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, given in self.__record_fields__.items() if given.shown)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(self: Any, name: str, value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__record_fields__]


def _setstate(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__record_fields__, state, strict=True):
        object.__setattr__(self, name, value)


class _StandardFields:
    """The fields of a record as `dataclasses` describes them, made when its `replace` or `fields` asks for them."""

    def __get__(self, record: object, cls: type) -> dict[str, Field[Any]]:
        from dataclasses import make_dataclass

        standard = make_dataclass(cls.__name__, list(_described(cls)))
        return standard.__dataclass_fields__  # type: ignore[attr-defined,no-any-return]


def _described(cls: Any) -> Iterator[tuple[str, Any, Any]]:
    import dataclasses

    for name, given in cls.__record_fields__.items():
        more = {"init": given.init, "repr": given.shown, "compare": given.compare, "kw_only": True}
        if given.factory is not _MISSING:
            more["default_factory"] = given.factory
        elif given.default is not _MISSING:
            more["default"] = given.default
        yield name, Any, dataclasses.field(**more)


_STANDARD_FIELDS = _StandardFields()
_INIT, _INIT_OF_FROZEN = _init_later(_init), _init_later(_init_of_frozen)
_EQ, _HASH = _compiled_later("__eq__", _eq), _compiled_later("__hash__", _hash)


class _OfTuples(type):
    """The type of `NamedTuple`, which makes of each class that derives from it a plain tuple with names."""

    def __new__(cls, name: str, bases: tuple[type, ...], own: dict[str, Any]) -> type:
        if not bases:
            return super().__new__(cls, name, bases, own)
        fields = tuple(own.get("__annotations__", ()))
        given = {
            **_METHODS,
            _LEFT: [_BEFORE_COMPILING],
            "_fields": fields,
            "_field_defaults": {field: own[field] for field in fields if field in own},
            "__match_args__": fields,
        }
        given.update(own)
        for index, field in enumerate(fields):
            given[field] = _getter(index, "")
        # With a base of ours between, each of some ninety names that Python asks of a class is looked up once more.
        return type(name, (tuple,), given)


if not TYPE_CHECKING:

    class NamedTuple(metaclass=_OfTuples):
        """What a class derives from to be a named tuple, as from `typing.NamedTuple`."""


def _make(cls: Any, values: Iterable[Any]) -> Any:
    return cls(*values)


def _replace(self: Any, /, **changes: Any) -> Any:
    values = [changes.pop(name, value) for name, value in zip(self._fields, self, strict=True)]
    if changes:
        raise TypeError(f"Got unexpected field names: {list(changes)!r}")
    return tuple.__new__(type(self), values)


def _asdict(self: Any) -> dict[str, Any]:
    return dict(zip(self._fields, self, strict=True))


def _repr_of_tuple(self: Any) -> str:
    shown = (f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
    return f"{type(self).__name__}({', '.join(shown)})"


def _as_tuple(self: Any) -> tuple[Any, ...]:
    return tuple(self)


def _new_later(cls: Any, /, *args: Any, **kwargs: Any) -> Any:
    """Make a named tuple; what does so is compiled once this was called a few times."""
    home = _home(cls, "__new__", _NEW)
    if home is None:
        return cls.__new__(cls, *args, **kwargs)
    left = home.__dict__[_LEFT]
    left[0] -= 1
    if left[0] > 0 and len(args) <= len(home._fields):
        rest = home._fields[len(args) :]
        known = {**home._field_defaults, **kwargs}
        if kwargs.keys() <= set(rest) <= known.keys():
            return tuple.__new__(cls, (*args, *[known[name] for name in rest]))
    method = _new(home)  # called often enough, or wrongly: what is compiled raises the right error
    type.__setattr__(home, "__new__", staticmethod(method))
    return method(cls, *args, **kwargs)


_NEW = staticmethod(_new_later)
_METHODS = {
    "__slots__": (),
    "__new__": _NEW,
    "_make": classmethod(_make),
    "_replace": _replace,
    "_asdict": _asdict,
    "__repr__": _repr_of_tuple,
    "__getnewargs__": _as_tuple,
}
"""What every named tuple does."""


def _new(cls: Any) -> Any:
    """Return the `__new__` of the named tuple `cls`."""
    defaults = cls._field_defaults
    scope = {"_new": tuple.__new__, **{f"_default_{name}": value for name, value in defaults.items()}}
    parameters = ["_cls", *(f"{name}=_default_{name}" if name in defaults else name for name in cls._fields)]
    made = eval(f"lambda {', '.join(parameters)}: _new(_cls, ({''.join(f'{name}, ' for name in cls._fields)}))", scope)
    made.__name__, made.__qualname__ = "__new__", f"{cls.__qualname__}.__new__"
    return made


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return what stands for the regular expression `text`, which is compiled when it is first used."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))


class _Pattern:
    """A regular expression that has not been used yet, or its methods."""

    def __init__(self, text: Any, flags: int) -> None:
        self._given = text, flags

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__[name] = getattr(_compile(*self._given), name)  # `re` keeps what it compiled
        return found
