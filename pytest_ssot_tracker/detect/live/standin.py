"""An `__init__` for a class that has none in Python, which only constructions find."""

from __future__ import annotations

from inspect import getattr_static
from types import FunctionType, MethodType
from typing import Any

__all__ = ["PlantedHook", "StandIn", "got"]


class PlantedHook(classmethod):  # type: ignore[type-arg]
    """An `__init_subclass__` set on `owner`, which has none."""

    def __init__(self, function: FunctionType, owner: type) -> None:
        super().__init__(function)
        self._owner = owner

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes what stands there without us: libraries pickle classes by what they hold."""
        return getattr_static, (self._owner.__mro__[1], "__init_subclass__")


class StandIn:
    """An `__init__` set on `owner`: instances find `function`, and whoever asks the class what it has without.

    pytest collects no test class whose `__init__` is another than that of `object`, and `typing.Protocol` and
    `unittest.mock` look at it too: a plain function there changes what they do.
    """

    __slots__ = ("_is_meta", "function", "own", "owner")

    def __init__(self, function: FunctionType, owner: type, own: object) -> None:
        self.function = function
        self.owner = owner
        self.own = own
        self._is_meta = issubclass(owner, type)

    def __get__(self, instance: object, cls: type | None = None) -> Any:
        """Return the function for `instance`, and for the class what it has itself or inherits."""
        if instance is None:
            return super(self.owner, cls).__init__ if self.own is None else got(self.own, None, cls)  # type: ignore
        if issubclass(type(instance), type) and not self._is_meta:
            return self._described(instance)  # type: ignore[arg-type]
        return MethodType(self.function, instance)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes what stands there without us: libraries pickle classes by what they hold."""
        return getattr_static, (self.owner.__mro__[1], "__init__")

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Do as the function does: mocks that are specified by what the class holds can be called if this can."""
        self.function(*args, **kwargs)

    def _described(self, cls: type) -> Any:
        """Return what says how `cls` is called: `inspect.signature` reads an `__init__` as if the class were bound."""
        for base in cls.__mro__:
            for name in ("__new__", "__init__"):
                held = vars(base).get(name)
                if held is self and self.own is not None:
                    return self._own_description(cls)
                function = held.__func__ if isinstance(held, staticmethod) else held
                if isinstance(function, FunctionType):
                    return MethodType(function, cls)
        return self._own_description(cls)

    def _own_description(self, cls: type) -> MethodType:
        if "__signature__" not in vars(self.function):
            raise ValueError(f"no signature found for builtin type {cls!r}")
        return MethodType(self.function, cls)


def got(own: Any, instance: object, cls: type | None) -> Any:
    """Return what an attribute that is held as `own` gives when it is read."""
    return own.__get__(instance, cls) if hasattr(type(own), "__get__") else own
