"""Fetch the real singleton through its accessor, and say plainly why it cannot be had."""

from __future__ import annotations

import importlib
import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

from pytest_ssot_tracker.loaded import is_below, namespace_of
from pytest_ssot_tracker.model import ProblemError, Target
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.settings import Ssot

__all__ = ["Access", "IsolationError", "load_callable", "with_article"]


class IsolationError(ProblemError):
    """Why a test cannot have the singleton of a table, and what to do."""

    said = "[tool.ssot_tracker.ssot.{0}] {1}"


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """An accessor that was found: the callable, the class or module it is a name of, and the canonical class.

    `canonical` is `None` when the table names none, or names something that is no class.
    """

    ssot: Ssot
    accessor: Callable[[], Any]
    owner: type | types.ModuleType
    name: str
    canonical: type | None

    @classmethod
    def open(cls, ssot: Ssot) -> Access:
        """Import what the first accessor and the canonical name; raise `IsolationError` when there is no such thing."""
        if not ssot.accessors:
            raise IsolationError(
                ssot.name,
                'has no accessors, so there is no way to the real singleton; add accessors = ["pkg.mod:get_it"]',
            )
        target = ssot.accessors[0]
        *_, owner, accessor = _load(ssot, target, "accessors")
        canonical = None if ssot.canonical is None else _load(ssot, ssot.canonical, "canonical")[-1]
        _check_callable(ssot, target, accessor)
        return cls(ssot, accessor, owner, _last(target), canonical if isinstance(canonical, type) else None)

    @classmethod
    def if_loaded(cls, ssot: Ssot) -> Access | None:
        """Return the access if everything it needs is imported already; import nothing, call nothing."""
        if not ssot.accessors:
            return None
        *_, owner, accessor = _peek(ssot.accessors[0]) or (None, None)
        if not isinstance(owner, (type, types.ModuleType)) or accessor is None:
            return None
        if isinstance(owner, type) and isinstance(accessor, (classmethod, staticmethod)):
            accessor = accessor.__get__(None, owner)
        canonical = None
        if ssot.canonical is not None and ssot.canonical.attribute is not None:
            found = _peek(ssot.canonical)
            if found is None or not isinstance(found[-1], type):
                return None
            canonical = found[-1]
        return cls(ssot, accessor, owner, _last(ssot.accessors[0]), canonical)

    @property
    def stands(self) -> bool:
        """Whether `if_loaded` would find the same owner and class again, where both are cheap to look up."""
        target, canonical = self.ssot.accessors[0], self.ssot.canonical
        if self.owner is not sys.modules.get(target.module) or self.owner.__dict__.get(target.attribute or "") is None:
            return False  # or the accessor is a method
        if canonical is None or self.canonical is None:
            return False
        names = namespace_of(sys.modules.get(canonical.module)) or {}
        return names.get(canonical.attribute or "") is self.canonical

    @property
    def spelling(self) -> str:
        """Return the accessor as configured."""
        return str(self.ssot.accessors[0])

    def is_instance(self, thing: object) -> bool:
        """Whether `thing` is an instance of the canonical class, whatever it says of its `__class__`."""
        return self.canonical is not None and is_below(type(thing), self.canonical)

    def get(self) -> Any:
        """Call the accessor; raise `IsolationError` when what it gives is not the singleton."""
        try:
            found = self._settled(self.accessor())
        except IsolationError:
            raise
        except Exception as error:
            raise self._error(f"raised {type(error).__name__}: {error}") from error
        if found is None:
            raise self._error("returned None")
        if self.canonical is not None and not self.is_instance(found):
            wanted = f"{self.canonical.__module__}:{self.canonical.__qualname__}"
            raise self._error(
                f"returned {with_article(type(found).__name__)}, not the canonical {wanted}; is it patched, or a shim?"
            )
        return found

    def check_single(self, instance: object) -> None:
        """Raise `IsolationError` when a second call does not give the same object."""
        if self.get() is not instance:
            raise self._error(
                f"returned a new object on the second call, so it is no accessor of a singleton; "
                f"name the one that always returns the same {type(instance).__name__}"
            )

    def _settled(self, found: Any) -> Any:
        """Return what a coroutine gives that need not wait for anything; anything else as it is."""
        if not inspect.iscoroutine(found):
            return found
        try:
            found.send(None)
        except StopIteration as stop:
            return stop.value
        finally:
            found.close()
        raise self._error(
            "is asynchronous and waits, which a fixture for synchronous tests too cannot do; "
            "name an accessor that does not"
        )

    def _error(self, problem: str) -> IsolationError:
        return _error(self.ssot, "accessors", self.ssot.accessors[0], problem)


def _error(ssot: Ssot, key: str, target: Target, problem: str) -> IsolationError:
    return IsolationError(ssot.name, f"{key}: {target} {problem}")


def load_callable(ssot: Ssot, target: Target) -> Callable[[Any], object]:
    """Import the callable that `reset` names; raise `IsolationError` when it is none."""
    found = _load(ssot, target, "reset")[-1]
    if not callable(found):
        raise _error(ssot, "reset", target, f"is {with_article(type(found).__name__)}, not a callable")
    return found  # type: ignore[no-any-return]


def _load(ssot: Ssot, target: Target, key: str) -> tuple[Any, ...]:
    """Return the module of `target`, what its attribute path passes, and what it ends at."""
    try:
        path: list[Any] = [importlib.import_module(target.module)]
    except Exception as error:
        raise _error(ssot, key, target, f"cannot be imported: {type(error).__name__}: {error}") from error
    for name in target.attribute.split(".") if target.attribute else ():
        try:
            path.append(getattr(path[-1], name))
        except AttributeError as error:
            raise _error(ssot, key, target, f"does not exist: {error}") from error
    return tuple(path)


def _peek(target: Target) -> tuple[Any, ...] | None:
    path: list[Any] = [sys.modules.get(target.module)]
    for name in target.attribute.split(".") if target.attribute else ():
        names = namespace_of(path[-1]) or getattr(path[-1], "__dict__", {})
        if name not in names:
            return None
        path.append(names[name])
    return tuple(path) if path[0] is not None else None


def _last(target: Target) -> str:
    return (target.attribute or target.module).rpartition(".")[2]


def _check_callable(ssot: Ssot, target: Target, accessor: object) -> None:
    if not callable(accessor):
        raise _error(ssot, "accessors", target, f"is {with_article(type(accessor).__name__)}, not a callable")
    try:
        inspect.signature(accessor).bind()
    except TypeError as error:
        problem = f"cannot be called without arguments ({error}); put one that can be first"
        raise _error(ssot, "accessors", target, problem) from None
    except ValueError:
        return  # a callable of C without a signature: calling it will tell


def with_article(name: str) -> str:
    """Return `a Thing`, `an Other`."""
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
