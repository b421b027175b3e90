"""Fetch a singleton through accessors of every make, and read what is said when it cannot be had."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from pytest_ssot_tracker.isolate.access import Access, IsolationError, load_callable
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Ssot

Make = Callable[..., tuple[Any, Any, Ssot]]

SOURCE = """
import asyncio
class Tracker: pass
class Other: pass
_one = Tracker()
def get_tracker(): return _one
def none(): return None
def other(): return Other()
def new(): return Tracker()
def broken(): raise ValueError("no database")
def needs(user_id): return _one
def optional(user_id=None, *args, **kwargs): return _one
thing = 3
async def waits():
    await asyncio.sleep(0)
    return _one
async def straight(): return _one
class Home:
    def method(self): return _one
    @classmethod
    def of_class(cls): return _one
    @staticmethod
    def static(): return _one
    class Inner:
        @staticmethod
        def get(): return _one
class Callable:
    def __call__(self): return _one
instance = Callable()
def __getattr__(name):
    if name == "lazy": return get_tracker
    raise AttributeError(name)
"""


def fetched(make: Make, accessor: str, **changes: Any) -> Any:
    _, _, ssot = make(SOURCE, accessors=(Target.parse(f"shop.tracker:{accessor}"),), **changes)
    access = Access.open(ssot)
    found = access.get()
    access.check_single(found)
    return found


@pytest.mark.parametrize(
    "accessor",
    [
        *("get_tracker", "optional", "straight", "Home.of_class", "Home.static", "Home.Inner.get", "instance", "lazy"),
    ],
)
def test_accessors_of_every_make_are_called(make: Make, accessor: str) -> None:
    assert type(fetched(make, accessor)).__name__ == "Tracker"


@pytest.mark.parametrize(
    ("accessor", "problem"),
    [
        ("none", "accessors: shop.tracker:none returned None"),
        (
            "other",
            "accessors: shop.tracker:other returned an Other, not the canonical shop.tracker:Tracker; "
            "is it patched, or a shim?",
        ),
        (
            "new",
            "accessors: shop.tracker:new returned a new object on the second call, so it is no accessor of a "
            "singleton; name the one that always returns the same Tracker",
        ),
        ("broken", "accessors: shop.tracker:broken raised ValueError: no database"),
        (
            "needs",
            "accessors: shop.tracker:needs cannot be called without arguments (missing a required argument: "
            "'user_id'); put one that can be first",
        ),
        (
            "Home.method",
            "accessors: shop.tracker:Home.method cannot be called without arguments (missing a required argument: "
            "'self'); put one that can be first",
        ),
        ("thing", "accessors: shop.tracker:thing is an int, not a callable"),
        (
            "missing",
            "accessors: shop.tracker:missing does not exist: missing",
        ),
        (
            "waits",
            "accessors: shop.tracker:waits is asynchronous and waits, which a fixture for synchronous tests too "
            "cannot do; name an accessor that does not",
        ),
    ],
)
def test_an_accessor_that_does_not_give_the_singleton_is_named_with_the_reason(
    make: Make, accessor: str, problem: str
) -> None:
    with pytest.raises(IsolationError) as caught:
        fetched(make, accessor)
    assert str(caught.value) == f"[tool.ssot_tracker.ssot.execution] {problem}"


def test_without_accessors_the_key_to_add_is_named(make: Make) -> None:
    _, isolation, ssot = make(SOURCE, accessors=())
    with pytest.raises(IsolationError) as caught:
        isolation.enter(ssot)
    assert str(caught.value) == (
        "[tool.ssot_tracker.ssot.execution] has no accessors, so there is no way to the real singleton; "
        'add accessors = ["pkg.mod:get_it"]'
    )


def test_a_module_that_cannot_be_imported_is_named(make: Make) -> None:
    with pytest.raises(IsolationError, match=r"accessors: shop\.gone:get cannot be imported: ModuleNotFoundError: "):
        Access.open(make(SOURCE, accessors=(Target.parse("shop.gone:get"),))[2])


def test_a_canonical_that_is_gone_is_named(make: Make) -> None:
    with pytest.raises(IsolationError, match=r"canonical: shop\.tracker:Gone does not exist: Gone"):
        Access.open(make(SOURCE, canonical=Target.parse("shop.tracker:Gone"))[2])


def test_a_reset_that_is_no_callable_is_named(make: Make) -> None:
    _, _, ssot = make(SOURCE)
    with pytest.raises(IsolationError, match=r"reset: shop\.tracker:thing is an int, not a callable"):
        load_callable(ssot, Target.parse("shop.tracker:thing"))


def test_an_accessor_replaced_by_a_mock_is_called_by_its_name(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    from unittest.mock import MagicMock

    module, isolation, ssot = make(SOURCE)
    monkeypatch.setattr(module, "get_tracker", MagicMock(spec=module.get_tracker))
    with pytest.raises(IsolationError, match=r"returned a MagicMock, not the canonical shop\.tracker:Tracker; is it p"):
        isolation.enter(ssot)


def test_nothing_is_imported_to_see_whether_a_singleton_is_loaded(project: Any) -> None:
    import sys

    project.write(SOURCE)
    ssot = project.ssot()
    assert Access.if_loaded(ssot) is None
    assert "shop.tracker" not in sys.modules
    module = project.load()
    access = Access.if_loaded(ssot)
    assert access is not None
    assert access.canonical is module.Tracker


def test_what_was_found_stands_until_a_name_or_the_module_holds_another(project: Any) -> None:
    import sys

    project.write(SOURCE)
    module = project.load()
    ssot = project.ssot()

    def found() -> Access:
        access = Access.if_loaded(ssot)
        assert access is not None
        return access

    access = found()
    assert access.stands
    tracker, module.Tracker = module.Tracker, module.Other
    assert not access.stands
    module.Tracker = tracker
    assert access.stands
    getter = vars(module).pop("get_tracker")
    assert not access.stands
    module.get_tracker = getter
    del sys.modules["shop.tracker"]
    assert not access.stands
    project.load()
    assert not access.stands
    assert found().stands


def test_what_takes_longer_to_look_up_is_looked_up_again(project: Any) -> None:
    project.write(SOURCE)
    project.load()
    method = Access.if_loaded(project.ssot(accessors=(Target.parse("shop.tracker:Home.static"),)))
    assert method is not None
    assert not method.stands


def test_the_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(IsolationError("execution", "is broken")))
    assert str(error) == "[tool.ssot_tracker.ssot.execution] is broken"
    assert (error.about, error.problem) == ("execution", "is broken")
