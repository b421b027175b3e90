"""Hold our records to what `dataclasses` makes of the same class."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from pytest_ssot_tracker import records

MAKERS = {"ours": records, "standard": dataclasses}


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
