"""A suite shows the same with its own parts declared deprecated: what is looked at by others stays what it is."""

from __future__ import annotations

import json

import pytest

QUIET = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:hypothesispytest", "-q")


@pytest.fixture
def same(pytester):
    """Return what runs the tests without and with the targets deprecated, and compares the outcomes of both."""

    def compare(*targets: str, **files: str) -> list[str]:
        pytester.makepyfile(**files)
        text = f'phase = "baseline"\n[ssot.old]\ndeprecated = {json.dumps(targets)}\n'
        pytester.path.joinpath("ssot_tracker.toml").write_text(text)
        pytester.path.joinpath("pytest.ini").write_text("[pytest]\npythonpath = .\n")
        plain = pytester.runpytest_subprocess(*QUIET, "-rA", "-p", "no:ssot_tracker")
        watched = pytester.runpytest_subprocess(*QUIET, "-rA", "--ssot-report=json")
        assert watched.parseoutcomes() == plain.parseoutcomes()
        assert outcomes(watched) == outcomes(plain)
        assert watched.ret == plain.ret == 0
        result = json.loads(pytester.path.joinpath("ssot-result.json").read_text())
        return sorted({site["target"] for site in result["sites"] if site["count"]})

    return compare


def outcomes(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith(("PASSED", "FAILED", "ERROR", "XFAIL", "SKIPPED"))]


def test_tests_of_a_deprecated_class_without_an_init_are_collected(same):
    """Test classes that have an `__init__` are left out by pytest."""
    found = same(
        "base:Old",
        "base:OldMixin",
        base="""
            import abc
            class Old:
                def help(self):
                    return 1
            class OldMixin(abc.ABC):
                pass
        """,
        test_it="""
            import inspect
            from unittest import mock
            from base import Old, OldMixin

            class TestOne(Old):
                def test_one(self):
                    assert self.help() == 1

            class TestTwo(OldMixin, Old):
                def test_two(self):
                    assert type(self).__init__ is object.__init__

            class Made:
                def __init__(self, text):
                    self.text = text

            class Both(Old, Made):
                pass

            def test_what_the_class_says():
                assert Old.__init__ is object.__init__
                assert Both.__init__ is Made.__init__
                assert [str(inspect.signature(kind)) for kind in (Old, Both)] == ["()", "(text)"]
                assert Both("x").text == "x"
                mock.create_autospec(Old)()
                for words in ({}, {"autospec": True}, {"spec": True}, {"spec_set": True}):
                    with mock.patch.object(Old, "__init__", return_value=None, **words) as init:
                        Old(1)
                    init.assert_called_once_with(1)
                assert Old.__init__ is object.__init__
                Old()
        """,
    )
    assert found == ["base:Old", "base:OldMixin"]


def test_a_deprecated_protocol_is_not_instantiated_and_has_the_same_members(same):
    found = same(
        "base:Old",
        base="""
            from typing import Protocol, runtime_checkable
            @runtime_checkable
            class Old(Protocol):
                def run(self): ...
        """,
        test_it="""
            from typing import Protocol, runtime_checkable
            import pytest
            from base import Old

            @runtime_checkable
            class Wider(Old, Protocol):
                def stop(self): ...

            class Other(Protocol):
                pass

            class Runs(Old):
                def run(self):
                    pass

            class Takes(Other, Old):
                def __init__(self, text):
                    super().__init__()
                    self.text = text

            class Bare(Other, Old):
                pass

            @pytest.mark.parametrize("kind", [Old, Wider, Other])
            def test_refused(kind):
                with pytest.raises(TypeError, match="Protocols cannot be instantiated"):
                    kind()

            def test_made():
                assert isinstance(Runs(), Old)
                assert isinstance(Bare(), Old)
                assert Takes("x").text == "x"
                assert not isinstance(Runs(), Wider) and not isinstance(3, Old)
                with pytest.raises(TypeError):
                    Runs(1)
        """,
    )
    assert found == ["base:Old"]


def test_the_init_of_a_deprecated_protocol_calls_no_other_where_the_class_has_its_own(same):
    found = same(
        "base:Old",
        "base:OldWider",
        base="""
            from typing import Protocol
            class Old(Protocol):
                def run(self): ...
            class OldWider(Old, Protocol):
                def stop(self): ...
            class Base:
                made = ()
                def __init__(self, *texts):
                    self.made += texts
        """,
        test_it="""
            import pytest
            from base import Base, Old, OldWider

            class PassesOn(Old):
                def __init__(self, *texts, **more):
                    super().__init__(*texts, **more)

            class Beside(Old, Base):
                def __init__(self, text):
                    super().__init__(text)

            class Behind(Base, Old):
                def __init__(self, text):
                    super().__init__(text)

            class ByName(OldWider, Base):
                def __init__(self, text):
                    OldWider.__init__(self, text)
                    Old.__init__(self, text, text)

            class Inherits(OldWider, Base):
                pass

            class Below(Inherits):
                def __init__(self, text):
                    super().__init__(text)

            @pytest.mark.parametrize(
                ("kind", "made"), [(Beside, ()), (Behind, ("x",)), (ByName, ()), (Inherits, ("x",)), (Below, ("x",))]
            )
            def test_made(kind, made):
                assert kind("x").made == made

            def test_passes_on():
                PassesOn(1, 2, a=3)
        """,
    )
    assert found == ["base:Old", "base:OldWider"]


def test_what_is_pickled_by_value_can_be_pickled_and_made_of_it_again(same):
    found = same(
        "base:Old",
        "base:Bare",
        "base:Sub",
        "base:use",
        base="""
            class Old:
                def __init__(self, size=1):
                    self.size = size
            class Bare:
                pass
            class Sub(Old):
                pass
            def use(size=1):
                return size
        """,
        test_it="""
            import pickle
            from types import CodeType, FunctionType
            import pytest
            from base import Bare, Old, Sub, use

            # As cloudpickle and dill do it with what has no name that another process would find.

            def copied(function):
                code = function.__code__
                constants = [value if isinstance(value, CodeType) else copy_of(value) for value in code.co_consts]
                made = code.replace(co_consts=tuple(constants))
                return FunctionType(made, globals(), "f", function.__defaults__, function.__closure__)

            def copy_of(value):
                return pickle.loads(pickle.dumps(value))

            def class_copied(cls):
                made = {name: copy_of(vars(cls)[name]) for name in ("__init_subclass__",) if name in vars(cls)}
                init = vars(cls).get("__init__")
                if init is not None:
                    made["__init__"] = copied(init) if isinstance(init, FunctionType) else copy_of(init)
                return type(cls.__name__, cls.__bases__, made)

            def test_local_functions():
                class Below(Old):
                    def __init__(self):
                        Old.__init__(self, 3)
                        self.used = use()

                def calls():
                    return use(4)

                made = class_copied(Below)()
                assert (made.size, made.used, copied(calls)()) == (3, 1, 4)

            @pytest.mark.parametrize("cls", [Bare, Sub])
            def test_deprecated_classes(cls):
                made = class_copied(cls)
                class Below(made):
                    pass
                assert isinstance(Below(), made)
                with pytest.raises(TypeError):
                    Below(1, 2)
                with pytest.raises(TypeError):
                    type("Below", (made,), {}, wrong=True)
        """,
    )
    assert found == ["base:Bare", "base:Old", "base:Sub", "base:use"]


def test_typings_own_bases_and_forms_stay_what_they_are(same):
    targets = ("Generic", "Protocol", "NamedTuple", "TypedDict", "NewType", "TypeVar", "Optional", "Annotated", "Any")
    same(
        *(f"typing:{target}" for target in targets),
        base="",
        test_it="""
            import dataclasses
            import inspect
            import pytest
            from typing import *

            T = TypeVar("T")

            class Box(Generic[T]):
                pass

            class Holds(Generic[T]):
                def __init__(self, thing):
                    self.thing = thing

            class Both(Box[T], Holds[T]):
                pass

            class Runs(Protocol[T]):
                def run(self) -> T: ...

            class Runner(Runs[int]):
                pass

            class Made(Runs[int], Holds[int]):
                pass

            class Pair(NamedTuple):
                left: int

            class Words(TypedDict, total=False):
                a: int

            class Texts(dict, Generic[T]):
                pass

            class Tuples(tuple, Generic[T]):
                pass

            @dataclasses.dataclass
            class Data(Generic[T]):
                a: T

            def test_parameters():
                class Ints(Box[int]):
                    pass
                assert Box.__parameters__ == (T,) and Ints.__parameters__ == ()
                assert Box.__init__ is object.__init__
                assert [str(inspect.signature(kind)) for kind in (Box, Holds, Both)] == ["()", "(thing)", "(thing)"]

            def test_made():
                Box(), Box[int](), Runner(), Runner()
                assert Both(1).thing == Both[int](1).thing == Made(1).thing == Data(1).a + Data[int](0).a == 1
                assert Texts(a=1) == {"a": 1} == Words(a=1) and Tuples((1,)) == (1,) and Pair(1) == (1,)
                assert NewType("Id", int)(3) == 3

            MAKE = [lambda: Box(1), lambda: Runs(), lambda: Tuples((1,), typo=1), lambda: Runner(1)]

            @pytest.mark.parametrize("make", MAKE)
            def test_refused(make):
                with pytest.raises(TypeError):
                    make()
        """,
    )
