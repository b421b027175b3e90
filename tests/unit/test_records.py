"""Hold our records to what the standard library makes of the same class."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import sys
import typing
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from pytest_ssot_tracker import records

MAKERS = {"ours": records, "standard": dataclasses}


@pytest.fixture(autouse=True, params=[1, 100], ids=["compiled", "looked up"])
def _how_often_before_compiling(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_BEFORE_COMPILING", request.param)


def shapes(maker: Any) -> dict[str, type]:
    """Return a class of each shape that the package has, made by our module or the standard one."""
    record, field = maker.dataclass, maker.field

    @record(frozen=True, slots=True)
    class Frozen:
        first: int
        second: str = field(compare=False)
        third: tuple[int, ...] = ()
        fourth: list[int] = field(default_factory=list)
        hidden: str = field(default="", init=False, repr=False, compare=False)

        @property
        def both(self) -> str:
            return f"{self.first} {self.second}"

    @record(frozen=True, slots=True, kw_only=True)
    class Keywords:
        kind: ClassVar[str] = "keywords"
        first: int = 1
        second: int

    @record(frozen=True, slots=True, kw_only=True)
    class Derived(Keywords):
        kind: ClassVar[str] = "derived"
        first: int = 2
        more: dict[str, int] = field(default_factory=dict, repr=False)

    @record(slots=True)
    class Open:
        first: int
        second: list[int] = field(default_factory=list)

    @record(slots=True, eq=False, repr=False)
    class ByIdentity:
        first: int = 3

    @record(frozen=True)
    class WithDict:
        first: int = field(default=4)
        second: int = 5

    @record(frozen=True, slots=True)
    class Completed:
        first: int
        second: int = field(default=0, repr=False)

        def __post_init__(self) -> None:
            if not self.second:
                object.__setattr__(self, "second", self.first + 1)

    @record(frozen=True, slots=True)
    class OwnMethods:
        first: str

        def __repr__(self) -> str:
            return f"<{self.first}>"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, OwnMethods) and self.first.lower() == other.first.lower()

        def __hash__(self) -> int:
            return hash(self.first.lower())

    @record(frozen=True, slots=True)
    class Empty:
        pass

    return {
        cls.__name__: cls
        for cls in (Frozen, Keywords, Derived, Open, ByIdentity, WithDict, Completed, OwnMethods, Empty)
    }


CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Frozen", (1, "b"), {}),
    ("Frozen", (1, "b", (1, 2), [3]), {}),
    ("Frozen", (1,), {"second": "b", "fourth": [4]}),
    ("Keywords", (), {"second": 2}),
    ("Keywords", (), {"second": 2, "first": 3}),
    ("Derived", (), {"second": 2, "more": {"a": 1}}),
    ("Open", (1,), {}),
    ("Open", (1, [2]), {}),
    ("ByIdentity", (), {}),
    ("WithDict", (), {"second": 6}),
    ("Completed", (1,), {}),
    ("Completed", (1, 7), {}),
    ("OwnMethods", ("a",), {}),
    ("Empty", (), {}),
]

REFUSED: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Frozen", (), {}),
    ("Frozen", (1, "b", (), [], "hidden"), {}),
    ("Frozen", (1, "b"), {"hidden": "x"}),
    ("Keywords", (1, 2), {}),
    ("Keywords", (), {}),
    ("Derived", (), {"secnd": 2}),
    ("Empty", (1,), {}),
]

ASKED: dict[str, Callable[[Any], Any]] = {
    "repr": lambda record: repr(record).rpartition("<locals>")[2].partition(" object at ")[0],
    "fields": lambda record: [field.name for field in dataclasses.fields(record)],
    "values": lambda record: [getattr(record, field.name, None) for field in dataclasses.fields(record)],
    "defaults": lambda record: [field.default for field in dataclasses.fields(record)],
    "is_dataclass": dataclasses.is_dataclass,
    "asdict": lambda record: dataclasses.asdict(record) if type(record).__name__ != "Frozen" else None,
    "match_args": lambda record: type(record).__match_args__,
    "slots": lambda record: getattr(type(record), "__slots__", None),
    "has a dict": lambda record: hasattr(record, "__dict__"),
    "kind": lambda record: getattr(type(record), "kind", None),
    "a default on the class": lambda record: getattr(type(record), "first", 0) if hasattr(record, "__dict__") else None,
    "hashable": lambda record: type(record).__hash__ is not None,
    "doc": lambda record: type(record).__qualname__.rpartition(".")[2],
}


def outcome(call: Callable[[], Any]) -> object:
    try:
        return call()
    except (TypeError, AttributeError, ValueError) as error:
        return type(error).__name__


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize(("shape", "args", "kwargs"), CALLS)
def test_a_record_answers_as_a_dataclass_does(
    question: str, shape: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    if question == "slots" and shape == "Derived" and sys.version_info < (3, 11):
        pytest.skip("dataclasses repeat the slots of the base before 3.11")
    ours, standard = (ASKED[question](shapes(maker)[shape](*args, **kwargs)) for maker in MAKERS.values())
    assert ours == standard


@pytest.mark.parametrize(("shape", "args", "kwargs"), REFUSED)
def test_a_record_refuses_the_arguments_that_a_dataclass_does(
    shape: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    said = []
    for maker in MAKERS.values():
        cls = shapes(maker)[shape]
        for _ in range(2):  # the first call compiles the method
            with pytest.raises(TypeError) as refused:
                cls(*args, **kwargs)
            said.append(str(refused.value).rpartition(".")[2])
    assert len(set(said)) == 1


@pytest.mark.parametrize(("shape", "args", "kwargs"), CALLS)
def test_records_compare_and_hash_as_dataclasses_do(shape: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    answers = []
    for maker in MAKERS.values():
        cls, other = shapes(maker)[shape], shapes(maker)[shape]
        record, twin, stranger = cls(*args, **kwargs), cls(*args, **kwargs), other(*args, **kwargs)
        answers.append(
            (
                record == twin,
                record == stranger,
                record != args,
                outcome(lambda record=record, twin=twin: hash(record) == hash(twin)),
                outcome(lambda record=record, twin=twin: len({record, twin})),
            )
        )
    assert answers[0] == answers[1]


def test_fields_left_out_of_comparison_do_not_tell_records_apart() -> None:
    cls = shapes(records)["Frozen"]
    assert cls(1, "b") == cls(1, "c")
    assert cls(1, "b") != cls(2, "b")


@pytest.mark.parametrize(
    ("shape", "name"),
    [
        *((shape, "first") for shape in ("Frozen", "Open", "ByIdentity", "WithDict")),
        # Not of a frozen one with slots, where `dataclasses` stumbles over its own `super()`.
        *((shape, "unknown") for shape in ("Open", "ByIdentity", "WithDict")),
    ],
)
@pytest.mark.parametrize("deed", ["set", "delete"])
def test_a_record_takes_writes_as_a_dataclass_does(shape: str, name: str, deed: str) -> None:
    args = (1, "b") if shape == "Frozen" else (1,)
    done = []
    for maker in MAKERS.values():
        record = shapes(maker)[shape](*args)
        write = (lambda: setattr(record, name, 9)) if deed == "set" else (lambda: delattr(record, name))  # noqa: B023
        done.append((outcome(write), getattr(record, "first", "none")))
    assert done[0] == done[1]


def test_a_write_to_a_frozen_record_raises_the_standard_error() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'first'"):
        shapes(records)["Keywords"](second=1).first = 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("replace", [records.replace, dataclasses.replace])
@pytest.mark.parametrize(
    ("shape", "changes"),
    [("Frozen", {"first": 5}), ("Derived", {"second": 6}), ("Open", {}), ("Completed", {"first": 8})],
)
def test_replace_of_both_modules_makes_the_same(
    replace: Callable[..., Any], shape: str, changes: dict[str, Any]
) -> None:
    args, kwargs = next((args, kwargs) for name, args, kwargs in CALLS if name == shape)
    ours = replace(shapes(records)[shape](*args, **kwargs), **changes)
    standard = dataclasses.replace(shapes(dataclasses)[shape](*args, **kwargs), **changes)
    assert repr(ours).rpartition("<locals>")[2] == repr(standard).rpartition("<locals>")[2]


def test_fields_without_an_argument_cannot_be_replaced() -> None:
    with pytest.raises(TypeError):
        records.replace(shapes(records)["Frozen"](1, "b"), hidden="x")


@pytest.mark.parametrize("shape", ["Frozen", "Open", "WithDict", "Derived"])
def test_records_are_copied_whole(shape: str) -> None:
    args, kwargs = next((args, kwargs) for name, args, kwargs in CALLS if name == shape)
    record = shapes(records)[shape](*args, **kwargs)
    assert copy.copy(record) == record
    assert copy.deepcopy(record) == record


@records.dataclass(frozen=True, slots=True)
class Sent:
    """A record that can be found by its name, as pickling needs it."""

    first: int
    second: tuple[int, ...] = (1, 2)


def test_records_are_pickled_whole() -> None:
    assert pickle.loads(pickle.dumps(Sent(1))) == Sent(1)


def test_factories_make_a_new_value_for_each_record() -> None:
    cls = shapes(records)["Open"]
    assert cls(1).second is not cls(1).second  # type: ignore[attr-defined]


def test_the_names_of_the_fields_are_told_in_their_order() -> None:
    assert records.names_of(shapes(records)["Derived"]) == ("first", "second", "more")


def test_a_subclass_with_an_init_of_its_own_may_call_the_records() -> None:
    base = shapes(records)["Open"]

    class Counting(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            super().__init__(7)

    assert [Counting().first, Counting().first] == [7, 7]


def tuples(base: Any) -> dict[str, Any]:
    """Return a named tuple of each shape that the package has, made by our module or the standard one."""

    class Plain(base):  # type: ignore[misc]
        """Two numbers."""

        first: int
        second: int = 2

        @property
        def total(self) -> int:
            return self.first + self.second

        def __str__(self) -> str:
            return "plain"

    class Derived(Plain):
        def more(self) -> int:
            return self.total + 1

    class Bare(base):  # type: ignore[misc]
        first: int
        other: tuple[int, ...] = ()
        third: str | None = None

    return {cls.__name__: cls for cls in (Plain, Derived, Bare)}


BASES = {"ours": records.NamedTuple, "standard": typing.NamedTuple}

TUPLES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Plain", (1,), {}),
    ("Plain", (1, 3), {}),
    ("Plain", (), {"second": 4, "first": 5}),
    ("Derived", (1,), {}),
    ("Bare", (1, (2,)), {"third": "c"}),
]

ASKED_OF_TUPLES: dict[str, Callable[[Any], Any]] = {
    "the tuple": tuple,
    "repr": repr,
    "str": str,
    "names": lambda row: (row._fields, row._field_defaults, type(row).__match_args__),
    "values": lambda row: [getattr(row, name) for name in row._fields],
    "replaced": lambda row: row._replace(first=9),
    "asdict": lambda row: row._asdict(),
    "made": lambda row: type(row)._make(row) == row,
    "copied": lambda row: copy.deepcopy(row) == row and type(copy.copy(row)) is type(row),
    "equal": lambda row: row == tuple(row) and hash(row) == hash(tuple(row)),
    "a dict": lambda row: hasattr(row, "__dict__"),
    "its own": lambda row: getattr(row, "more", lambda: None)(),
    "total": lambda row: getattr(row, "total", None),
    "doc": lambda row: row.__doc__ if row.__doc__ == "Two numbers." else None,
    "is a tuple": lambda row: isinstance(row, tuple),
}


@pytest.mark.parametrize("question", ASKED_OF_TUPLES)
@pytest.mark.parametrize(("shape", "args", "kwargs"), TUPLES)
def test_a_named_tuple_answers_as_the_standard_one(
    question: str, shape: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    ours, standard = (ASKED_OF_TUPLES[question](tuples(base)[shape](*args, **kwargs)) for base in BASES.values())
    assert ours == standard


@pytest.mark.parametrize(("args", "kwargs"), [((), {}), ((1, 2, 3), {}), ((1,), {"third": 3}), ((1,), {"first": 1})])
def test_a_named_tuple_refuses_the_arguments_that_the_standard_one_does(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    said = []
    for base in BASES.values():
        cls = tuples(base)["Plain"]
        for _ in range(2):  # the first call compiles the method
            with pytest.raises(TypeError) as refused:
                cls(*args, **kwargs)
            said.append(str(refused.value).rpartition("__new__()")[2])
    assert len(set(said)) == 1


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_no_part_of_a_named_tuple_can_be_set(base: Any) -> None:
    row = tuples(base)["Plain"](1)
    with pytest.raises(AttributeError):
        row.first = 2
    with pytest.raises(AttributeError):
        row.unknown = 2


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_only_parts_of_a_named_tuple_are_replaced(base: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="unexpected field names"):
        tuples(base)["Plain"](1)._replace(unknown=2)


class Row(records.NamedTuple):
    """A named tuple that can be found by its name, as pickling needs it."""

    first: int
    second: str = "b"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_named_tuples_are_pickled_whole(protocol: int) -> None:
    found = pickle.loads(pickle.dumps(Row(1), protocol))
    assert found == Row(1)
    assert type(found) is Row


def test_a_regex_is_a_regular_expression_once_it_is_used() -> None:
    lazy, plain = records.regex(r"(?P<a>b+)", re.IGNORECASE), re.compile(r"(?P<a>b+)", re.IGNORECASE)
    text = "xBb yb"
    assert [found.span() for found in lazy.finditer(text)] == [found.span() for found in plain.finditer(text)]
    assert lazy.sub("c", text) == plain.sub("c", text)
    assert (lazy.pattern, lazy.flags, lazy.groupindex) == (plain.pattern, plain.flags, plain.groupindex)
    assert records.regex(b"b").search(b"ab") is not None


def test_a_regex_that_is_wrong_is_refused_when_it_is_used() -> None:
    with pytest.raises(re.error):
        records.regex("(").search("")


def test_a_method_that_was_taken_before_it_was_compiled_goes_on_working() -> None:
    @records.dataclass(frozen=True, slots=True)
    class Pair:
        x: int
        y: int = 2

    class Row(records.NamedTuple):
        x: int
        y: int = 2

    init, equal, new = Pair.__init__, Pair.__eq__, Row.__new__
    assert [Pair(n) == Pair(n) for n in range(30)] == [True] * 30
    assert [Row(n) for n in range(30)] == [(n, 2) for n in range(30)]
    pair = object.__new__(Pair)
    init(pair, 1)
    assert (pair.x, pair.y, equal(pair, Pair(1)), new(Row, 1)) == (1, 2, True, (1, 2))
