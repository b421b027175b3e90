"""Hold each identifier that a consumer takes against those that the generators have issued: `foreign-id`.

What the generators return is known for the rest of the process, and so is what the `adopt` functions hand in from
elsewhere. Of what forbidden functions make, the place is remembered for a while, so that it can be told later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from inspect import CO_ASYNC_GENERATOR
from types import FrameType, FunctionType, ModuleType
from typing import Any

from pytest_ssot_tracker.detect.ids.issued import Birth, Births, Issued
from pytest_ssot_tracker.detect.live.arguments import Argument, text_of
from pytest_ssot_tracker.detect.live.objects import cells_of, first_argument, maker_of, same_cells
from pytest_ssot_tracker.detect.plant.planting import Planting, UnwatchableError, Wing, code_of
from pytest_ssot_tracker.detect.record.recorder import Recorder, Watch
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import position_of
from pytest_ssot_tracker.model import BlindSpot, Rule, Target
from pytest_ssot_tracker.records import dataclass, field
from pytest_ssot_tracker.settings import Ids, Settings

__all__ = ["Identifiers"]

_DEPTH = 4
_SHOWN = 60


@dataclass(slots=True, eq=False)
class Book:
    """What is known of the identifiers of one table."""

    table: Ids
    issued: Issued = field(default_factory=Issued)
    births: Births = field(default_factory=Births)


@dataclass(frozen=True, slots=True, eq=False)
class IdMaker:
    """One function that makes identifiers; `fills` tells that it makes them of its first argument."""

    book: Book
    name: str
    cells: tuple[tuple[str, object], ...]
    fills: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Consumer:
    """One function that takes an identifier, and what reads it from the call."""

    book: Book
    watch: Watch
    argument: Argument
    parameter: str
    cells: tuple[tuple[str, object], ...]


class Identifiers(Wing):
    """Watch the functions that issue, adopt and consume identifiers, and those that must not make any.

    `plant(module)` is to be called after each execution of a module; `era_ended()` when a test is over. Tables
    without `consumers` cost nothing.
    """

    def __init__(self, settings: Settings, *, recorder: Recorder, scope: Scope, planting: Planting) -> None:
        super().__init__(recorder, scope)
        self._planting = planting
        self._books = [Book(table) for table in settings.ids if table.consumers]
        self._told: dict[tuple[object, ...], int] = {}

    def plant(self, module: ModuleType) -> None:
        """Watch what is declared in `module`."""
        for book in self._books:
            table = book.table
            for target in (*table.generators, *table.adopt):
                self._each("issues", module, table.name, target, partial(self._issuing, book))
            for target in table.forbidden:
                self._each("makes", module, table.name, target, partial(self._making, book))
            for target, parameter in table.consumers.items():
                watch = partial(self._consuming, book, parameter, str(target))
                self._each("consumes", module, table.name, target, watch)

    def era_ended(self) -> None:
        """Tell the next test what was told to this one."""
        self._told = {}

    def _needed(self) -> Iterator[tuple[str, Target]]:
        for table in (book.table for book in self._books):
            yield from ((table.name, target) for target in (*table.consumers, *table.adopt))

    # Planting

    def _issuing(self, book: Book, name: str, _owner: object, value: object) -> None:
        maker, function = _started_by(value)
        if function.__code__.co_flags & CO_ASYNC_GENERATOR:
            raise UnwatchableError("what an asynchronous generator yields is not seen")
        source = IdMaker(book, name, cells_of(function), fills=maker == "__init__")
        self._planting.returns(function, partial(self._issued, source))

    def _making(self, book: Book, name: str, _owner: object, value: object) -> None:
        maker, function = _started_by(value)
        if not maker:
            self._planting.returns(function, partial(self._made, IdMaker(book, name, cells_of(function))))

    def _consuming(self, book: Book, parameter: str, declared: str, name: str, _owner: object, value: object) -> None:
        _, function = _started_by(value)
        argument = Argument(function, parameter)
        if not argument.exists:
            raise UnwatchableError(f"it has no parameter {argument.name!r}")
        watch = Watch(Rule.FOREIGN_ID, book.table.name, name, declared)
        consumer = Consumer(book, watch, argument, parameter, cells_of(function))
        self._planting.announce(function, partial(self._consumed, consumer), matters=True)

    # While the program runs; none of it may raise into it

    def _issued(self, source: IdMaker, frame: FrameType, value: object) -> None:
        try:
            if type(value) is str and not source.cells:  # so almost always: the short way
                source.book.issued.add(value)
            elif not source.cells or same_cells(frame, source.cells):
                for text in _texts(first_argument(frame) if source.fills else value):
                    source.book.issued.add(text)
        except Exception as error:
            self._unread(source, error)

    def _made(self, source: IdMaker, frame: FrameType, value: object) -> None:
        try:
            caller = frame.f_back
            if caller is None or self._scope.place(caller.f_code.co_filename) is None:
                return
            if not source.cells or same_cells(frame, source.cells):
                digits = getattr(value, "hex", None)  # of a UUID without asking for its dashes
                text = digits if isinstance(digits, str) else text_of(value)
                source.book.births.note(text, Birth(source.name, caller.f_code, caller.f_lasti))
        except Exception as error:
            self._unread(source, error)

    def _unread(self, source: IdMaker, error: Exception) -> None:
        why = f"a value it returned could not be read: {type(error).__name__}: {error}"
        self._blind(BlindSpot(source.name, why, source.book.table.name))

    def _consumed(self, consumer: Consumer, frame: FrameType) -> None:
        if consumer.cells and not same_cells(frame, consumer.cells):
            return
        for text in _texts(consumer.argument.value(frame)):
            if text not in consumer.book.issued and text != consumer.argument.default:
                self._tell(consumer, text, frame)

    def _tell(self, consumer: Consumer, text: str, frame: FrameType) -> None:
        """Book it; of what reaches the consumer from one call again in this test, only the number is kept."""
        caller = self._planting.sentinels.callers.of_call(frame)
        if caller is None:
            return
        same = (consumer.watch, id(caller.code), caller.lasti)
        number = self._told.get(same)
        if number is None:
            exempt = self._scope.exempt(consumer.book.table, caller.place)
            detail = tuple(self._detail(consumer, text))
            number = self._recorder.number(consumer.watch, exempt=exempt, detail=detail, via=caller.via)
            self._told[same] = number
        self._recorder.book_at(number, caller.code, caller.lasti, frame=frame)

    def _detail(self, consumer: Consumer, text: str) -> Iterator[str]:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        yield f"{shown!r} was given as {consumer.parameter}; no generator of ids.{consumer.book.table.name} issued it"
        birth = consumer.book.births.of(text)
        if birth is not None:
            line, _ = position_of(birth.code, birth.lasti)
            path = self._recorder.sites.path(birth.code.co_filename)
            yield f"it was made by {birth.maker} at {path}:{line}"


def _started_by(value: object) -> tuple[str, FunctionType]:
    """Return the name of the method that makes an instance, "" for a call of what is no class, and what it starts."""
    maker, function = maker_of(value) if issubclass(type(value), type) else ("", None)  # type: ignore[arg-type]
    return maker, code_of(value if function is None else function)


def _texts(value: Any, depth: int = _DEPTH) -> Iterable[str]:
    """Return the identifiers in `value` as text: itself, or what is in lists, tuples, sets and mappings."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (text_of(value),)
    if depth and isinstance(value, Mapping):
        return [text for pair in list(value.items()) for each in pair for text in _texts(each, depth - 1)]
    if depth and isinstance(value, (list, tuple, set, frozenset)):
        return [text for each in list(value) for text in _texts(each, depth - 1)]
    return (text_of(value),)
