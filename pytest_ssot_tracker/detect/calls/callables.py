"""Watch functions, and what is called or read like one, each by what it is: nothing is put in its place."""

from __future__ import annotations

import functools
from _thread import get_ident
from collections.abc import Callable
from functools import partial
from types import FrameType, FunctionType, MethodType

from pytest_ssot_tracker.detect.calls.requests import Requests, fixture_of
from pytest_ssot_tracker.detect.live.objects import (
    accessors_of,
    around,
    behind,
    cells_of,
    first_argument,
    has_own_name,
    method_of,
    methods_of,
    uses_unseen,
)
from pytest_ssot_tracker.detect.live.resolve import function_of, is_cached, unbound
from pytest_ssot_tracker.detect.plant.planting import Planting, UnwatchableError
from pytest_ssot_tracker.detect.plant.sentinels import Claim
from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.records import replace

__all__ = ["Callables"]

_KEPT = "it answers a repeated {use} with what it has kept, without running any Python code"
_OF_C = (
    "{kind} has no Python code to watch: its calls are seen where the project's own code makes them, "
    "not where a library or C code does"
)
_METHODS = (functools.partialmethod, functools.singledispatchmethod)
_SHOWN = 4


class Callables:
    """Book claims for calls of functions and of objects, and for what properties and other descriptors do."""

    def __init__(self, planting: Planting, requests: Requests) -> None:
        self._planting = planting
        self._requests = requests
        self._known: dict[tuple[int, tuple[object, ...]], object] = {}

    def watch(self, value: object, claim: Claim, *, owner: type | None) -> list[str]:
        """Book `claim` for each use of `value`, found on the class `owner` if that is not `None`.

        Returns the names of the back ends in use; raises `UnwatchableError`.
        """
        fixture = fixture_of(value)
        if fixture is not None:
            return [self._requests.watch(fixture, claim, value)]
        if is_cached(unbound(value)):
            return self._cached(value, claim, owner)
        function = function_of(value)
        if owner is not None and (issubclass(type(value), property) or function is None):
            return self._attribute(value, claim, owner)
        if function is None:
            return self._object(value, claim)
        if type(value) is MethodType:
            claim = replace(claim, subject=value.__self__)
        elif not issubclass(type(value), (FunctionType, staticmethod, classmethod)):
            self._planting.blind(claim, _KEPT.format(use="read"))
        return [self._function(function, value, claim, owner)]

    def _function(self, function: FunctionType, value: object, claim: Claim, owner: type | None) -> str:
        cls = owner if _is_inherited(value, owner) and not issubclass(type(value), staticmethod) else None
        claim = replace(claim, cls=cls, cells=cells_of(function))
        return self._planting.claim(function, claim, shared=cls is not None)

    def _attribute(self, value: object, claim: Claim, owner: type) -> list[str]:
        """Watch what reading, setting and deleting an attribute starts."""
        functions = accessors_of(value)
        if issubclass(type(value), property):
            if not functions:
                raise UnwatchableError("property has no Python code to watch")
            return [self._function(function, value, claim, owner) for function in functions]
        if not functions:
            return self._object(value, claim)
        if _is_inherited(value, owner):
            raise UnwatchableError(f"{type(value).__name__} of a base class is not asked for which class it answers")
        claim = replace(claim, subject=value)
        if not (callable(value) or issubclass(type(value), _METHODS)):
            watch = claim.watch
            if watch.rule is Rule.DEPRECATED_USE:  # as the scan has it, to which it is no function
                watch = watch._replace(rule=Rule.DEPRECATED_ACCESS)
            claim = replace(claim, watch=watch, unless=_is_of_class, numbers={})
            self._of_class(value, claim)
        return [self._function(function, None, claim, None) for function in functions]

    def _of_class(self, value: object, claim: Claim) -> None:
        """Watch what `value` works out for the class itself; where it gives out itself there, it is only named."""
        getter = method_of(value, "__get__")

        def returned(frame: FrameType, found: object) -> None:
            if found is not value and first_argument(frame) is value and _is_of_class(frame) and frame.f_back:
                self._planting.sentinels.called(claim, frame.f_back)

        if getter is not None:
            self._planting.returns(getter, returned)

    def _object(self, value: object, claim: Claim) -> list[str]:
        """Watch calls of an object: where its type's `__call__` starts, else where it is called."""
        started = method_of(value, "__call__")
        inner = behind(value) if started is None else None
        if inner is not None:
            return [self._function(inner, None, replace(claim, around=around(value)), None)]
        if started is not None:
            for function in (started, *methods_of(value)):
                self._function(function, None, replace(claim, subject=value), None)
        elif callable(value):
            return self.calls(value, claim, _OF_C.format(kind=type(value).__name__))
        else:
            raise UnwatchableError(f"{type(value).__name__} has no Python code to watch when it is read or set")
        unseen = uses_unseen(value)
        if unseen and started is not None:
            shown = ", ".join(unseen[:_SHOWN]) + (", …" if len(unseen) > _SHOWN else "")
            self._planting.blind(
                claim, f"calls of this {type(value).__name__} are seen, and of its methods; {shown} are not"
            )
        return [self._planting.backend_name]

    def calls(self, value: object, claim: Claim, but: str) -> list[str]:
        """Book `claim` for each call of `value` that the project's own code makes; `but` says what that leaves out."""
        backend = self._called(value, claim, partial(self._planting.sentinels.called, claim))
        self._planting.blind(claim, but)
        return [backend]

    def _called(self, value: object, claim: Claim, told: Callable[[FrameType], None]) -> str:
        """Call `told` for each call of `value`, once however many targets of a table mean it."""
        same = (id(value), claim.group)
        if same not in self._known:
            self._planting.calls_of(value, told)
            self._known[same] = value  # the id must not go to another
        return "monitoring"

    def _cached(self, value: object, claim: Claim, owner: type | None) -> list[str]:
        """Watch what `functools.lru_cache` has wrapped, and where it is called, which is seen of cached answers too."""
        function = function_of(value)
        assert function is not None
        booked: dict[int, tuple[int, int]] = {}

        def called(site: FrameType) -> None:
            booked[get_ident()] = id(site), site.f_lasti
            self._planting.sentinels.called(claim, site)

        def is_booked(frame: FrameType) -> bool:
            site = frame.f_back
            return site is not None and booked.pop(get_ident(), None) == (id(site), site.f_lasti)

        try:
            self._called(value, claim, called)
            claim = replace(claim, unless=is_booked)
            self._planting.blind(
                claim, f"{_KEPT.format(use='call')}: seen where the project calls it, not where a library does"
            )
        except UnwatchableError:
            self._planting.blind(claim, _KEPT.format(use="call"))
            if has_own_name(function):
                raise
        if has_own_name(function):  # it is called by others too, who mean it
            return [self._planting.backend_name]
        return [self._function(function, value, claim, owner)]


def _is_of_class(frame: FrameType) -> bool:
    """Whether a `__get__` starts for the class, which may be no more than naming the attribute."""
    code = frame.f_code
    return code.co_name == "__get__" and code.co_argcount > 1 and frame.f_locals.get(code.co_varnames[1]) is None


def _is_inherited(value: object, owner: type | None) -> bool:
    return owner is not None and not any(held is value for held in list(vars(owner).values()))
