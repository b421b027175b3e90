"""Tell what a library was given from what it has of its own, where it is a library that calls something watched.

What the project defines, a library only has because it was given it: its call is a use of whoever called the library.
Something of another library (`uuid.uuid4`, `logging.getLogger`) it may as well call on its own account, which is no
use. So for those it is asked who names it: the code of the library, or the code of ours.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import CodeType, FrameType, FunctionType
from typing import Any

from pytest_ssot_tracker.detect.record.callers import Caller, Callers, calls_by_name, is_made_from_text, library_of
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import Written
from pytest_ssot_tracker.loaded import namespace_of
from pytest_ssot_tracker.records import dataclass

__all__ = ["WatchedNames", "Way"]

_OVER = ("a library called it, and what had handed it over was no longer running",)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedNames:
    """What a watched function or class goes by, to tell who names it from who was given it.

    `codes` are the ids of its code objects, `files` define it; `foreign` says that they are none of the project's.
    `defined` is where it is defined.
    """

    module: str
    names: frozenset[str]
    codes: frozenset[int]
    classes: tuple[type, ...]
    files: frozenset[str]
    foreign: bool
    defined: Written

    @property
    def name(self) -> tuple[str, str]:
        """Its module and its qualified name."""
        return self.module, self.defined.scope

    def is_named_by(self, frame: FrameType) -> bool:
        """Whether the code of a library that runs in `frame` names it: then it calls on its own account.

        Code that was made from a text does not: attrs and cattrs put what a class was given into its globals.
        """
        code, names = frame.f_code, frame.f_globals
        if is_made_from_text(code):
            return False
        if self.foreign:
            return self.is_named_in(code, names)
        return self._is_bound(code, names) or (self._is_mentioned(code) and self._home_is_imported(code, names))

    def is_named_in(self, code: CodeType | Written, names: Mapping[str, Any]) -> bool:
        """Whether `code` mentions it, under its own name or under one that it has in `names`, the module around."""
        return isinstance(code, CodeType) and (self._is_mentioned(code) or self._is_bound(code, names))

    def is_named_at(self, caller: Caller) -> bool:
        """Whether the code of ours at `caller` mentions it, as above."""
        return self.is_named_in(caller.code, namespace_of(sys.modules.get(str(caller.module))) or {})

    def aliases(self, names: Mapping[str, Any]) -> tuple[str, ...]:
        """Return what it is called in a module with these `names`."""
        bound = (name for name, value in list(names.items()) if self._is(value))
        return tuple(dict.fromkeys((*bound, *sorted(self.names))))

    def _is_mentioned(self, code: CodeType) -> bool:
        return not self.names.isdisjoint(code.co_names)

    def _is_bound(self, code: CodeType, names: Mapping[str, Any]) -> bool:
        return any(self._is(names.get(name)) for name in code.co_names)

    def _is(self, value: object) -> bool:
        if type(value) is FunctionType:
            return id(value.__code__) in self.codes
        return any(value is cls for cls in self.classes)

    def _home_is_imported(self, code: CodeType, names: Mapping[str, Any]) -> bool:
        """Whether `code` uses the module that defines it, bound by the module around or imported in a function."""
        for name in code.co_names:
            module = names.get(name) if name in names else sys.modules.get(name)
            held = namespace_of(module) or {}
            if held.get("__file__") in self.files:
                return True
            if any((namespace_of(held.get(other)) or {}).get("__file__") in self.files for other in code.co_names):
                return True
        return False


class Way:
    """The frames of libraries that lie between the start of something watched and the code of ours.

    `ended_at` is the one that called on its own account, or is to be left out. `passing` is called with each frame
    that is passed, and tells whether it is part of what is made, so that it may name what it makes.
    """

    def __init__(
        self, known: WatchedNames, callers: Callers, passing: Callable[[FrameType], bool] = lambda _: False
    ) -> None:
        self.ended_at: FrameType | None = None
        self._known = known
        self._callers = callers
        self._passing = passing
        self._passed: list[FrameType] = []

    def caller(self, site: FrameType, scope: Scope) -> Caller | None:
        """Return whose use it is that something started below `site`, a frame of a library."""
        caller = self._callers.of(site, self._stops)
        if self.ended_at is not None:
            return None
        if self._known.foreign:
            return self._handed_over(caller, scope)
        if caller is None and scope.tree.is_library(site.f_code.co_filename):
            caller = self._callers.handed_over(self._known.name)
            if caller is not None:
                return caller._replace(via=library_of(site))
            return None if calls_by_name(site) else self._where_it_stands(scope)
        return caller

    def of_nobody(self, scope: Scope) -> Caller | None:
        """Return whose use it is that something started which no Python code calls, as a greenlet does."""
        caller = self._callers.of(None)
        if self._known.foreign:
            return self._handed_over(caller, scope)
        return self._where_it_stands(scope) if caller is None else caller

    def _stops(self, library: FrameType) -> bool:
        self._passed.append(library)
        named = not self._passing(library) and self._known.is_named_by(library)
        if named or self._callers.is_silent(library):
            self.ended_at = library
        return self.ended_at is not None

    def _handed_over(self, caller: Caller | None, scope: Scope) -> Caller | None:
        """Return who handed over what `caller` made a library call: itself, or a class of ours; `None` for neither.

        A class hands over what stands in its body, as in `id = field(default_factory=uuid4)`.
        """
        named = caller is not None and self._known.is_named_at(caller)
        for library in self._passed:
            cls = _made_in(library)
            if cls is not None and not (named and _is_written(library)):
                return self._in_the_body_of(cls, scope)
        return caller if named else None

    def _in_the_body_of(self, cls: type, scope: Scope) -> Caller | None:
        names = namespace_of(sys.modules.get(cls.__module__)) or {}
        filename = names.get("__file__")
        place = scope.place(filename) if isinstance(filename, str) else None
        if place is None:
            return None
        written = Written(str(filename), cls.__qualname__, self._known.aliases(names))
        return Caller(written, 0, cls.__module__, place, library_of(self._passed[0]))

    def _where_it_stands(self, scope: Scope) -> Caller | None:
        """Return the definition of what started: nothing tells who has handed it over.

        What is private to its module was handed over there.
        """
        known = self._known
        place = scope.place(known.defined.co_filename)
        if place is None or known.defined.scope.rpartition(".")[2].startswith("_"):
            return None
        via = library_of(self._passed[0]) if self._passed else None
        return Caller(known.defined, 0, place.module, place, via, _OVER)


def _made_in(library: FrameType) -> type | None:
    """Return the class of which `library` makes an instance, by an `__init__` that another module has given it."""
    if library.f_code.co_name != "__init__" or not library.f_code.co_argcount:
        return None
    cls = type(library.f_locals.get(library.f_code.co_varnames[0]))
    return cls if not _is_written(library) or cls.__module__ != library.f_globals.get("__name__") else None


def _is_written(frame: FrameType) -> bool:
    """Whether the code in `frame` stands in a file; that of a dataclass's `__init__` does not."""
    return frame.f_code.co_filename[:1] != "<"
