"""See a canonical being made by its accessor, for whoever wants to know what it looks like when it is fresh."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Protocol

from pytest_ssot_tracker.detect.live.objects import first_argument, maker_of, outwards
from pytest_ssot_tracker.detect.live.resolve import function_of, is_cached, members
from pytest_ssot_tracker.detect.plant.planting import FunctionReturns, UnwatchableError, Wing
from pytest_ssot_tracker.settings import Settings, Ssot

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.calls.watch import Calls
    from pytest_ssot_tracker.detect.record.recorder import Recorder
    from pytest_ssot_tracker.detect.record.scope import Scope

__all__ = ["Listener", "Making"]


class Listener(Protocol):
    """Who wants to know: `making` is asked when an instance is complete, `created` told then and when it is out."""

    def making(self, instance: object) -> bool:
        """Whether an accessor is making the singleton, and this is it."""

    def created(self, instance: object) -> None:
        """Note how the singleton looks that has just been made."""


class Making(Wing):
    """Watch the accessors and the makers of canonical classes until each has made its singleton.

    They are listened to from when a canonical class may be in the making until its accessor has returned: who
    constructs it otherwise, or asks for a singleton that is there, need not pay for it.
    `plant(module)` is to be called after each execution of a module; nothing is told while there is no `listener`.
    An accessor that `functools` caches is left alone: its cache is filled when it has returned.
    """

    def __init__(self, settings: Settings, *, recorder: Recorder, scope: Scope, calls: Calls) -> None:
        super().__init__(recorder, scope)
        self.listener: Listener | None = None
        self._ssots = [ssot for ssot in settings.ssots if ssot.canonical is not None and ssot.accessors]
        self._planting = calls.planting
        for ssot in self._ssots:
            calls.when_made_inside(ssot, partial(self._begins, ssot.name))
        self._watched: dict[int, FunctionType] = {}
        self._ends: dict[str, list[FunctionReturns]] = {}
        self._cached: set[str] = set()
        self._new: set[int] = set()

    def plant(self, module: ModuleType) -> None:
        """Watch what `module` has of canonical classes and their accessors."""
        for ssot in self._ssots:
            assert ssot.canonical is not None
            accessors = [value for target in ssot.accessors for _, _, value in members(module, target)]
            if any(is_cached(value) for value in accessors):
                self._cached.add(ssot.name)
            if ssot.name in self._cached:
                continue
            for _, _, value in members(module, ssot.canonical):
                if issubclass(type(value), type):
                    maker, function = maker_of(value)  # type: ignore[arg-type]
                    self._watch(ssot, function, partial(self._completed, ssot.name, fills=maker == "__init__"))
            for value in accessors:
                self._watch(ssot, function_of(value), partial(self._handed_out, ssot.name))

    def _watch(self, ssot: Ssot, function: FunctionType | None, call: Callable[[FrameType, object], None]) -> None:
        if function is None or id(function) in self._watched:
            return
        self._watched[id(function)] = function  # the id must not go to another
        try:
            ends = self._planting.ends(function, call)
        except UnwatchableError:  # the sentinels have said so already
            return
        self._ends.setdefault(ssot.name, []).append(ends)

    def _begins(self, ssot: str) -> None:
        if self.listener is not None and ssot not in self._cached:
            for ends in self._ends.get(ssot, ()):
                ends.listen()

    def _completed(self, ssot: str, frame: FrameType, value: object, *, fills: bool) -> None:
        if ssot in self._cached:  # its module came later
            return
        instance = first_argument(frame) if fills else value
        try:
            if self.listener is not None and self.listener.making(instance):
                self._new.add(id(instance))
                self.listener.created(instance)
        except Exception:  # then its fresh state is not known, as if it had not been seen
            self._new.discard(id(instance))

    def _handed_out(self, ssot: str, frame: FrameType, value: object) -> None:
        if self.listener is None or self._is_watched(frame.f_back):
            return
        for ends in self._ends.get(ssot, ()):
            ends.rest()
        if id(value) not in self._new:
            return
        self._new.clear()
        try:
            self.listener.created(value)
        except Exception:
            return
        for ends in self._ends.pop(ssot, []):  # from now on its calls cost nothing
            ends.undo()

    def _is_watched(self, frame: FrameType | None) -> bool:
        """Whether `frame` was called by an accessor, which has not yet done its part then."""
        codes = {id(function.__code__) for function in self._watched.values()}
        return any(id(outer.f_code) in codes for outer in outwards(frame))
