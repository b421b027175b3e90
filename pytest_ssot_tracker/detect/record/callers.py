"""Find whose use it is: the nearest statement of ours below which a watched function started.

A library calls what it was given: the frames of its own are passed over, as far as the one of ours that called it.
Where the stack ends before that, at the start of a thread or of what an event loop runs, the place counts that
started it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from os.path import dirname, join
from types import CodeType, FrameType, FunctionType, MethodType
from typing import TypeAlias

from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import Written
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings import Place

__all__ = ["Caller", "Callers", "calls_by_name", "is_made_from_text", "library_of", "name_of", "writer_of"]

Behind: TypeAlias = "Callable[[FrameType], Caller | None]"
"""Returns who started what runs below a frame; `None` where that is not known."""

Name: TypeAlias = "tuple[str, str]"

_DEPTH = 5
_PRODUCT = dirname(dirname(dirname(__file__)))
_OURSELVES = join(_PRODUCT, "isolate", "")
_RACE = join(_PRODUCT, "isolate", "race.py")


class Caller(NamedTuple):
    """The statement that a use is put down to: an instruction of ours, and the module that it belongs to.

    `via` names the module of the library that called on its behalf, `detail` is what is to be told of it.
    """

    code: CodeType | Written
    lasti: int
    module: object
    place: Place
    via: str | None = None
    detail: tuple[str, ...] = ()

    @classmethod
    def at(cls, frame: FrameType, place: Place, via: str | None = None) -> Caller:
        """Return the instruction that `frame` is executing, in the file at `place`."""
        return cls(frame.f_code, frame.f_lasti, frame.f_globals.get("__name__"), place, via)

    @property
    def filename(self) -> str:
        """The name of the file in which it stands."""
        return self.code.co_filename


class Callers:
    """The way from a frame outwards to the nearest one of ours.

    `behind` says of code that runs what others have handed over, such as the body of a thread, how to find who did;
    `root` says it of the whole thread.
    """

    def __init__(self, scope: Scope, *, is_watched: Callable[[CodeType], bool]) -> None:
        self.behind: dict[int, tuple[CodeType, Behind]] = {}
        self.root: Callable[[], Caller | None] = lambda: None
        self._scope = scope
        self._is_watched = is_watched
        self._registered: dict[Name, Caller] = {}

    def of(self, frame: FrameType | None, stops: Callable[[FrameType], bool] | None = None) -> Caller | None:
        """Return the nearest caller of ours, `frame` included; `None` where there is none.

        `stops` is asked of each frame that is none of ours, and ends the search.
        """
        stops = self.is_silent if stops is None else stops
        via: str | None = None
        if frame is None:
            return self.root()
        while frame is not None:
            place = self._scope.place_of(frame)
            if place is not None:
                return Caller.at(frame, place, via)
            if stops(frame):
                return None
            via = via or library_of(frame)
            caller = self.starter(frame)
            if caller is not None:
                return caller._replace(via=via)
            frame = frame.f_back
        return None

    def starter(self, frame: FrameType) -> Caller | None:
        """Return who has handed over what `frame` runs, or the whole thread if it is the first; `None` for nobody."""
        known = self.behind.get(id(frame.f_code))
        caller = None if known is None else known[1](frame)
        return self.root() if caller is None and frame.f_back is None else caller

    def of_call(self, frame: FrameType) -> Caller | None:
        """Return who of ours has called what runs in `frame`; where nobody is known to, what runs there, if it is ours.

        So it is for what an event loop runs that was made before the plugin was active.
        """
        caller = self.of(frame.f_back)
        place = self._scope.place_of(frame) if caller is None else None
        return caller if place is None else Caller.at(frame, place)

    def in_code(self, code: CodeType | Written, lasti: int) -> Caller | None:
        """Return an instruction of code that no frame at hand runs, `None` if that is none of ours."""
        place = self._scope.place(code.co_filename)
        return None if place is None else Caller(code, lasti, place.module, place)

    def is_silent(self, frame: FrameType) -> bool:
        """Whether what happens below `frame` is nobody's use: it is in a file left out, or in this very plugin."""
        filename = frame.f_code.co_filename
        return self._scope.is_excluded(filename) or (filename.startswith(_OURSELVES) and filename != _RACE)

    def speaks_for_itself(self, code: CodeType) -> bool:
        """Whether what happens below `code` is put down to it: then it does not matter who has started it."""
        return self._scope.place(code.co_filename) is not None and not self._is_watched(code)

    def register(self, value: object, caller: Caller) -> None:
        """Note that `caller` has handed over the function or class `value`."""
        name = name_of(value)
        if name is not None:
            self._registered[name] = caller

    def registered(self, value: object) -> Caller | None:
        """Return who was the last to hand over the function or class `value`, to be called later."""
        name = name_of(value)
        return None if name is None else self.handed_over(name)

    def handed_over(self, name: Name) -> Caller | None:
        """Return who was the last to hand over what goes by this module and qualified name."""
        return self._registered.get(name)

    def on_behalf(self, code: CodeType, behind: Behind) -> None:
        """Ask `behind` for who started what runs in `code`."""
        self.behind[id(code)] = code, behind


def name_of(value: object) -> Name | None:
    """Return module and qualified name of the function or class that a call of `value` starts; runs nothing of it."""
    for _ in range(_DEPTH):
        if type(value) is partial:
            value = value.func
        elif type(value) is MethodType:
            value = value.__func__
    if type(value) is FunctionType:
        return str(value.__module__), value.__qualname__
    if issubclass(type(value), type):
        held = type.__dict__["__module__"].__get__(value), type.__dict__["__qualname__"].__get__(value)
        return str(held[0]), str(held[1])
    return None


def library_of(frame: FrameType) -> str | None:
    """Return the module of the library whose code runs in `frame`; `None` where it has no name."""
    code = frame.f_code
    if is_made_from_text(code):
        return writer_of(code)
    name = frame.f_globals.get("__name__")
    return name if isinstance(name, str) else None


def is_made_from_text(code: CodeType) -> bool:
    """Whether `code` stands in no file: somebody has compiled it from a text."""
    return code.co_filename[:1] == "<" and not code.co_filename.startswith("<frozen ")


def writer_of(code: CodeType) -> str | None:
    """Return the library that has written `code` for a class, in whose module's name it runs; `None` for none."""
    if code.co_filename.startswith("<attrs "):
        return "attr"
    if code.co_name != "__init__":
        return None
    if sys.version_info >= (3, 11):
        return "dataclasses" if code.co_qualname.startswith("__create_fn__.") else None
    # Before, only what makes defaults can be told from an `__init__` in a text that somebody executes.
    return "dataclasses" if any("dflt_" in name for name in code.co_freevars) else None


def calls_by_name(frame: FrameType | None) -> bool:
    """Whether pytest itself calls, to which nobody has handed anything: it finds hooks and fixtures by their names."""
    name = None if frame is None else library_of(frame)
    return name is not None and name.partition(".")[0] in ("_pytest", "pluggy")
