"""Watch the warnings that the program gives: who gives them, on whose account, and in which test.

A warning filter that never matches stands first in `warnings.filters`. CPython shows each warning to the filters in
turn, before it is printed, recorded, ignored or raised, so this one sees all of them, also those given in C, whatever
`-W error`, `pytest.warns` or `catch_warnings` make of them, and changes nothing. Replacing `warnings.warn` instead
would miss every alias and every warning given in C, and add a frame that `stacklevel` counts.
"""

from __future__ import annotations

import re
import sys
import warnings
from _thread import _local
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any

from pytest_ssot_tracker.detect.live.resolve import module_exists
from pytest_ssot_tracker.detect.plant.planting import Planting
from pytest_ssot_tracker.detect.record.callers import Caller
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import Watch
from pytest_ssot_tracker.loaded import namespace_of
from pytest_ssot_tracker.model import BlindSpot, Rule, Target
from pytest_ssot_tracker.settings import Settings, Warned

__all__ = ["Warnings"]

_LONGEST = 400
"""How many characters of a warning are kept: some quote whole documents."""


class Warnings:
    """The watch over the warnings that the tables of `settings` ask for.

    `install()` begins and returns the undo; `blind_spots` are categories that nobody can ever warn with.
    """

    def __init__(self, settings: Settings, *, recorder: Recorder, scope: Scope, planting: Planting) -> None:
        self._recorder = recorder
        self._scope = scope
        self._planting = planting
        self._tables = [(table, re.compile(table.message or "")) for table in settings.warned]
        self._told = _local()
        self._lists: list[list[Any]] = []
        self._trouble: list[BlindSpot] = []
        self._filter = ("default", _Told(self._told), _asking(self._asked), _Told(self._told, "module"), 0)

    def install(self) -> Callable[[], None]:
        """Watch from now on, and return the undo."""
        # Each of these may leave our filter behind another, or put a list in place that does not have it.
        moved: list[Any] = [warnings.resetwarnings, getattr(warnings, "_add_filter", None)]
        moved += [warnings.catch_warnings.__enter__, warnings.catch_warnings.__exit__]
        for function in moved:
            if isinstance(function, FunctionType):
                self._planting.returns(function, lambda frame, value: self._stand_first())
        self._stand_first()
        return self._undo

    def _stand_first(self) -> None:
        """Put the filter first in the present list, and remember the list: `catch_warnings` may restore it."""
        filters: list[Any] = warnings.filters  # type: ignore[assignment]
        for index, known in enumerate(self._lists):
            if known is filters:
                del self._lists[index + 1 :]
                break
        else:
            self._lists.append(filters)
        if not filters or filters[0] is not self._filter:
            self._leave(filters)
            filters.insert(0, self._filter)

    def _undo(self) -> None:
        """Take the filter out of the present list, and out of those that a `catch_warnings` around this has kept."""
        for filters in self._lists:
            self._leave(filters)
        self._lists.clear()

    def _leave(self, filters: list[Any]) -> None:
        for index in reversed(range(len(filters))):
            if filters[index] is self._filter:
                del filters[index]

    @property
    def blind_spots(self) -> list[BlindSpot]:
        """Return the categories that no loaded or importable module holds, and what went wrong while watching."""
        named = ((table, category) for table, _ in self._tables for category in table.category)
        return [*self._trouble, *(_unknown(table, category) for table, category in named if _is_missing(category))]

    def _asked(self, category: type, frame: FrameType) -> None:
        """Record the warning whose text has just been told on this thread, given below `frame`."""
        text, self._told.text = getattr(self._told, "text", None), None
        if text is None:  # somebody looks through the filters; nobody warns
            return
        try:
            self._given(category, text, self._told.module, frame)
        except Exception as error:  # the program under test must never see a fault of ours
            spot = BlindSpot("warnings", f"a warning could not be placed: {type(error).__name__}: {error}")
            if spot not in self._trouble:
                self._trouble.append(spot)

    def _given(self, category: type, text: str, module: object, frame: FrameType) -> None:
        kinds = [Target(cls.__module__, cls.__qualname__) for cls in category.__mro__]
        asking = []
        for table, message in self._tables:
            declared = _declared(table, kinds)
            if declared and message.search(text) is not None:
                asking.append((table, declared))
        site = self._site(frame, module) if asking else None
        if site is None:
            return
        caller, last = site
        declaring = list(_modules_between(frame, last)) if any(table.module for table, _ in asking) else []
        detail = (f"{category.__name__}: {' '.join(text[:_LONGEST].split())}",)
        for table, declared in asking:
            if not table.module or any(target.covers_module(name) for target in table.module for name in declaring):
                watch = Watch(Rule.DEPRECATION_WARNING, table.name, str(kinds[0]), declared)
                exempt = self._scope.exempt(table, caller.place)
                number = self._recorder.number(watch, exempt=exempt, detail=detail)
                self._recorder.book_at(number, caller.code, caller.lasti)

    def _site(self, frame: FrameType, module: object) -> tuple[Caller, FrameType | None] | None:
        """Return the statement of ours that is answerable for a warning given in `frame`, and the frame that runs it.

        That is the nearest one; but a function of ours that warns means its caller, which it names by `stacklevel`:
        the nearest one in the `module` that the warning is put down to. Where there is none, it is who has handed over
        what runs here, which is in no frame any more.
        """
        site: FrameType | None = frame
        warns = _warns_itself(frame.f_code)
        if warns:
            site = frame.f_back
        started, nearest = site, None
        own = self._scope.place(frame.f_code.co_filename) is not None
        named = module if warns and own and module != frame.f_globals.get("__name__") else None
        while site is not None:
            place = self._scope.place_of(site)
            if place is not None:
                found = Caller.at(site, place), site
                if named is None or site.f_globals.get("__name__") == named:
                    return found
                nearest = nearest or found
            site = site.f_back
        handed = self._planting.sentinels.callers.of(started) if nearest is None else None
        return nearest if handed is None else (handed, None)


class _Told:
    """A stand-in for the regular expression of a filter: it notes what it is asked about, and never matches."""

    def __init__(self, told: _local, what: str = "text") -> None:
        self._told = told
        self._what = what

    def match(self, text: str) -> None:
        """Note `text` for the question about the category, which follows on the same thread."""
        setattr(self._told, self._what, text)


def _asking(asked: Callable[[type, FrameType], None]) -> type:
    """Return a stand-in for the category of a filter: no warning is of it, and it tells which was asked about."""

    class Asking(type):
        def __subclasscheck__(cls, subclass: type) -> bool:
            asked(subclass, sys._getframe(1))
            return False

    return Asking("NoWarning", (Warning,), {})


def _warns_itself(code: CodeType) -> bool:
    """Whether `code` names `warn`: otherwise a warning given below it comes from something written in C."""
    return any("warn" in name.lower() for name in (*code.co_names, *code.co_freevars, *code.co_varnames))


def _modules_between(frame: FrameType, site: FrameType | None) -> Iterator[str]:
    """Yield the modules that may have declared what is warned of: those on the way from `site` to the warning.

    A decorator warns on behalf of the function that it has wrapped, whose module stands nowhere on the stack.
    """
    inner: FrameType | None = frame
    while inner is not None:
        for name in (inner.f_globals.get("__name__"), *_wrapped_in(inner)):
            if isinstance(name, str):
                yield name
        if inner is site:
            return
        inner = inner.f_back
        if inner is site:
            return


def _wrapped_in(frame: FrameType) -> Iterator[object]:
    for name in frame.f_code.co_freevars:
        value = frame.f_locals.get(name)
        if issubclass(type(value), (FunctionType, type)):
            yield value.__module__


def _declared(table: Warned, kinds: list[Target]) -> str:
    """Return which category of `table` covers one of these `kinds`, as it is configured, "" for none."""
    for target in table.category:
        if any(target.covers(kind.module, kind.attribute) for kind in kinds):
            return str(target)
    return ""


def _is_missing(category: Target) -> bool:
    names = namespace_of(sys.modules.get(category.module))
    if names is None:
        return not module_exists(category.module)
    return str(category.attribute).partition(".")[0] not in names and "__getattr__" not in names


def _unknown(table: Warned, category: Target) -> BlindSpot:
    why = "there is no such category of warnings here, so none is recorded; correct 'category', or install what has it"
    return BlindSpot(str(category), why, table.name)
