"""Notice what a test has replaced of what is watched: the code of a function, the method by which a class is made.

Nothing tells of such a change when it happens, so everything is compared, by identity, when a test ends. What was put
back by then is told by those who put it back: `unittest.mock` and pytest's `monkeypatch` (see `Patches`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FrameType, FunctionType
from typing import Any
from weakref import ref

from pytest_ssot_tracker.detect.live.objects import first_argument
from pytest_ssot_tracker.detect.live.resolve import found_at, function_of
from pytest_ssot_tracker.detect.plant.sentinels import Sentinel
from pytest_ssot_tracker.loaded import namespace_of
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["MISSING", "FormerAttribute", "Patches", "Vigil", "is_unasked"]

_LOCAL = "<locals>"

MISSING = object()
"""Stands for an attribute that a class does not have itself."""


class FormerAttribute(NamedTuple):
    """What `cls` held itself under `name` when `sentinel` was put on the method that `makes` its instances."""

    cls: type
    name: str
    value: object
    sentinel: Sentinel
    makes: bool


class Vigil:
    """What watched functions run, and what watched classes hold.

    Asked at the end of every test, and without anything that the test may have replaced, such as `all`. What a function
    runs takes 600 instructions to ask: `stands` asks those that `matters` names, and the others (by which we know who
    has started a thread, or who has put something back) wait for `recoded`. What does not stand in its module under its
    own name (made within a function, or by a call) is held weakly, or not at all: it must be able to go when its test
    is over, and pydantic's caches of generic classes notice where it does not.
    """

    def __init__(self, matters: Callable[[CodeType], bool]) -> None:
        self._matters = matters
        self._functions: dict[int, tuple[FunctionType, CodeType]] = {}
        self._passing: dict[int, tuple[ref[FunctionType], CodeType]] = {}
        self._attributes: dict[tuple[int, str], FormerAttribute] = {}
        self._asked: list[tuple[FunctionType, CodeType]] | None = None
        self._spaces: list[tuple[Mapping[str, Any], str, object]] | None = []
        self.asked: Sequence[CodeType] = ()

    def function(self, function: FunctionType) -> None:
        """Know what `function` runs from now on."""
        if not _stands(function):
            self._passing[id(function)] = ref(function), function.__code__
            return
        self._passing.pop(id(function), None)
        self._functions[id(function)] = function, function.__code__
        self._asked = None

    def attribute(self, cls: type, name: str, sentinel: Sentinel, *, makes: bool) -> None:
        """Know what `cls` holds under `name` from now on: what `makes` its instances, or stands beside that."""
        if _stands(cls):
            value = vars(cls).get(name, MISSING)
            self._attributes[id(cls), name] = FormerAttribute(cls, name, value, sentinel, makes)
            self._spaces = None

    def stands(self) -> bool:
        """Whether what matters is as it was; false where that takes a closer look."""
        if self._asked is None or self._passing:
            return False
        for function, code in self._asked:
            if function.__code__ is not code:
                return False
        return self.is_bound()

    def is_bound(self) -> bool:
        """Whether classes hold what they held; false where that takes a closer look."""
        if self._spaces is None:
            return False
        for names, name, value in self._spaces:  # noqa: SIM110 - a test may have replaced `all`
            if names.get(name, MISSING) is not value:
                return False
        return True

    def recoded(self) -> list[tuple[FunctionType, CodeType]]:
        """Return the functions that run other code than they did, each with the code that it ran."""
        if self._asked is None:
            self._asked = [(function, code) for function, code in self._functions.values() if self._matters(code)]
            self.asked = [code for _, code in self._asked]
        known = [*self._functions.values()]
        for key, (held, code) in list(self._passing.items()):
            function = held()
            if function is None:
                self._passing.pop(key, None)
            else:
                known.append((function, code))
        return [(function, code) for function, code in known if function.__code__ is not code]

    def rebound(self) -> list[FormerAttribute]:
        """Return what classes do not hold any more."""
        if self._spaces is None:
            self._spaces = [(vars(held.cls), held.name, held.value) for held in self._attributes.values()]
        if self.is_bound():
            return []
        return [
            attribute
            for attribute in self._attributes.values()
            if vars(attribute.cls).get(attribute.name, MISSING) is not attribute.value
        ]

    def held(self, thing: object, name: str) -> FormerAttribute | None:
        """Return what was held by `thing`, `None` where nothing of that is watched."""
        return self._attributes.get((id(thing), name))

    def code(self, thing: object) -> CodeType | None:
        """Return what `thing` ran, `None` where it is no watched function."""
        held, code = self._passing.get(id(thing), (lambda: None, None))
        return code if held() is thing else self._functions.get(id(thing), (None, None))[1]


PutIn = Callable[[object, str, FrameType], object]
"""Takes the holder of an attribute, its name, and the frame that has put something in its place."""


class Patches:
    """Tell `put_back` what `unittest.mock`, `mock` and pytest's `monkeypatch` put back: holder and name.

    What a mock stood in for is not told of where nobody has called the mock. Where somebody is to be `told`, it is of
    what they put in: holder, name and the frame that has done so.
    """

    modules = ("unittest.mock", "mock.mock", "_pytest.monkeypatch")
    """Whose loading matters."""

    def __init__(self, put_back: Callable[[object, str], None]) -> None:
        self.told: list[PutIn] = []
        self._put_back = put_back
        self._known: set[int] = set()

    def plant(
        self,
        announce: Callable[[FunctionType, Callable[[FrameType], None]], object],
        returns: Callable[[FunctionType, Callable[[FrameType, object], None]], object],
    ) -> None:
        """Have `announce` tell of the functions of those that are loaded by now, and `returns` of their returns."""
        for module, cls, method, told in (
            *((module, "_patch", "__exit__", self._patch_ends) for module in self.modules[:2]),
            (self.modules[2], "MonkeyPatch", "undo", self._monkeypatch_ends),
        ):
            function = found_at(module, f"{cls}.{method}")
            if isinstance(function, FunctionType) and id(function) not in self._known:
                self._known.add(id(function))
                announce(function, told)
        for module, method in (
            *((module, "_patch.__enter__") for module in self.modules[:2]),
            (self.modules[2], "MonkeyPatch.setattr"),
            (self.modules[2], "MonkeyPatch.delattr"),
        ):
            putting = found_at(module, method) if self.told else None
            if isinstance(putting, FunctionType) and id(putting) not in self._known:
                self._known.add(id(putting))
                returns(putting, self._has_put_in)

    def _has_put_in(self, frame: FrameType, _value: object) -> None:
        words = frame.f_locals
        if "target" not in words:  # of a mock, whose target is an attribute of it
            words = vars(words["self"])
        holder, name = words.get("target"), words.get("attribute", words.get("name"))
        for told in self.told:
            told(holder, str(name), frame)

    def _patch_ends(self, frame: FrameType) -> None:
        words = vars(first_argument(frame))
        target, name = words.get("target"), words.get("attribute")
        if "temp_original" in words and isinstance(name, str) and not is_unasked(_held(target, name)):
            self._put_back(target, name)

    def _monkeypatch_ends(self, frame: FrameType) -> None:
        for target, name, _ in vars(first_argument(frame)).get("_setattr", ()):
            if isinstance(name, str) and not is_unasked(_held(target, name)):
                self._put_back(target, name)


def _stands(thing: FunctionType | type) -> bool:
    """Whether `thing` is found where its names say, as what a module defines is for as long as that is loaded."""
    path = thing.__qualname__
    module = sys.modules.get(thing.__module__) if type(thing.__module__) is str else None
    names: Mapping[str, Any] | None = None if _LOCAL in path else namespace_of(module)
    found = None
    for part in path.split("."):
        found = None if names is None else names.get(part)
        names = vars(found) if issubclass(type(found), type) else None
    return found is thing or function_of(found) is thing


def _held(holder: object, name: str) -> object:
    return vars(holder).get(name) if issubclass(type(holder), type) else None


def is_unasked(value: object) -> bool:
    """Whether `value` is a mock that nobody has called, read past everything that a mock answers."""
    if all(cls.__name__ != "NonCallableMock" for cls in type(value).__mro__):
        return False
    names: dict[str, object] = object.__getattribute__(value, "__dict__")
    return names.get("_mock_call_count") == 0
