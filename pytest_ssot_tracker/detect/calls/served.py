"""Watch names that a module makes when it is asked for them (PEP 562), each from when it is first given out.

Such a name stands in no namespace, and asking for it would be a use of our own: a warning, or an import that the
program has put off. So the function that answers is watched instead.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType, FunctionType, ModuleType

from pytest_ssot_tracker.detect.live.objects import parts_of
from pytest_ssot_tracker.detect.live.resolve import is_private, own_name
from pytest_ssot_tracker.detect.plant.planting import Planting, UnwatchableError
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import Watch
from pytest_ssot_tracker.imported import Named, at_home
from pytest_ssot_tracker.loaded import file_of, namespace_of, standing
from pytest_ssot_tracker.model import BlindSpot, Rule, Target
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings import Settings, Ssot, Table

__all__ = ["Served"]

_IMPORTS = {dis.opmap[name] for name in ("IMPORT_FROM", "IMPORT_STAR", "CALL_INTRINSIC_1") if name in dis.opmap}
"""What asks a module for a name without reading it: an import, which is seen as such."""


class _Wish(NamedTuple):
    """A target that is a name in a module, with its table."""

    table: Table
    target: Target

    def is_for(self, module: str, name: str) -> bool:
        """Whether `name` of `module` leads to it."""
        top = (self.target.attribute or "").split(".")[0]
        return Target(self.target.module, top).covers(module, name)


class _Answer(NamedTuple):
    """A module that has a function answer for names: what the configuration calls it, its names, and its file."""

    called: str
    names: dict[str, object]
    file: str | None


class Served:
    """Watches the functions that answer for names, and has what they give out planted.

    `plant(module)` is to be called after each execution of a module; `appear` takes a module made of what was given
    out, under the name of the one that was asked. `hidden` is what has no better name than the one it is given out by.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        recorder: Recorder,
        scope: Scope,
        planting: Planting,
        appear: Callable[[ModuleType], None],
        blind: Callable[[BlindSpot], None],
    ) -> None:
        self.hidden: list[object] = []
        self._recorder = recorder
        self._scope = scope
        self._planting = planting
        self._appear = appear
        self._blind = blind
        named = [_Wish(table, target) for table in settings.tables for target in table.watched()]
        self._wishes = [wish for wish in named if wish.target.attribute is not None]
        self._answers: dict[int, list[_Answer]] = {}
        self._functions: list[FunctionType] = []
        self._given: dict[tuple[str, str], int] = {}

    def plant(self, module: ModuleType) -> None:
        """Watch the function by which `module` answers for what is wanted of it and stands nowhere in it."""
        names, called = namespace_of(module), self._scope.aliases.name_of(module)
        if names is None or "__getattr__" not in names:
            return
        if not any(wish.target.module == called or wish.target.is_pattern for wish in self._wishes):
            return
        answer = _Answer(called, names, file_of(module))
        for part in parts_of(names["__getattr__"]):
            if isinstance(part.function, FunctionType):
                self._watch(part.function, answer)

    def _watch(self, function: FunctionType, answer: _Answer) -> None:
        known = self._answers.setdefault(id(function), [])
        if any(other.names is answer.names for other in known):
            return
        known.append(answer)
        if len(known) > 1:
            return
        self._functions.append(function)  # the id must not go to another
        try:
            self._planting.returns(function, partial(self._answered, known))
        except UnwatchableError as error:
            self._blind(BlindSpot(f"{answer.called}:__getattr__", str(error)))

    def _answered(self, answers: list[_Answer], frame: FrameType, value: object) -> None:
        """Take what a function has answered: watch it, and book the reading where that is all there is to see."""
        try:
            for name in _asked(frame):
                for answer in _meant(answers, frame):
                    wishes = [wish for wish in self._wishes if wish.is_for(answer.called, name)]
                    if wishes:
                        self._give_out(answer, name, value)
                        self._read(answer, name, value, frame.f_back, wishes)
        except Exception as error:  # the program under test must never see a fault of ours
            self._blind(BlindSpot("calls", f"a name that a module made was not placed: {error}"))

    def _give_out(self, answer: _Answer, name: str, value: object) -> None:
        if self._given.get((answer.called, name)) != id(value):
            self._given[answer.called, name] = id(value)
            if _is_hidden(value):
                self.hidden.append(value)
            self._appear(standing(answer.called, {name: value}, answer.file))

    def _read(self, answer: _Answer, name: str, value: object, reader: FrameType | None, wishes: list[_Wish]) -> None:
        """Book that a constant was read; to name a class or a function is no use of it, and its calls are watched."""
        foreign = answer.file is None or self._scope.place(answer.file) is None
        if reader is None or callable(value):
            return
        if reader.f_code.co_code[reader.f_lasti] in _IMPORTS:
            return
        place = self._scope.place_of(reader)
        if place is None or reader.f_code.co_filename == answer.file:
            return
        for wish in wishes:
            resolved = f"{answer.called}:{name}"
            if not isinstance(wish.table, Ssot) or wish.target not in wish.table.deprecated:
                continue
            if at_home(Named(resolved, wish.target), place.module) or (foreign and not place.in_source):
                continue
            if wish.target.covers(answer.called, name):
                watch = Watch(Rule.DEPRECATED_ACCESS, wish.table.name, resolved, str(wish.target))
                self._recorder.hit(watch, reader, exempt=self._scope.exempt(wish.table, place))


def _asked(frame: FrameType) -> Iterator[str]:
    """Yield the names that the function running in `frame` may have been asked for."""
    code = frame.f_code
    for variable in code.co_varnames[: code.co_argcount]:
        value = frame.f_locals.get(variable)
        if type(value) is str:
            yield value


def _meant(answers: list[_Answer], frame: FrameType) -> list[_Answer]:
    """Return for which of the modules that one function answers for it has just done so.

    One that answers for several knows them apart by the names of each, which it is given.
    """
    spaces = [value for value in frame.f_locals.values() if type(value) is dict and "__spec__" in value]
    if not spaces:
        return answers
    return [answer for answer in answers if any(answer.names is space for space in spaces)]


def _is_hidden(value: object) -> bool:
    """Whether a thing is defined in a private module, so that it has no better name than the one it is given out by."""
    own = own_name(value)
    return own is not None and is_private(own[0])
