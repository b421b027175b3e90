"""What stands in `sys.modules` is read without being asked."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from pytest_ssot_tracker.loaded import (
    file_of,
    folders_of,
    loaded_names,
    module_named,
    name_of,
    namespace_of,
    spec_of,
)


class AskedError(Exception):
    """Somebody looked where nobody should."""


class Pretender:
    """An object of C, or a proxy, that says that it is a module and has no namespace."""

    __slots__ = ()

    @property
    def __class__(self) -> type:  # type: ignore[override]
        return ModuleType


class Raising:
    def __getattribute__(self, name: str) -> Any:
        raise AskedError(name)

    def __eq__(self, other: object) -> bool:
        raise AskedError

    __hash__ = None  # type: ignore[assignment]


class Guarded(ModuleType):
    """A module of a kind of its own, which nobody may ask for anything."""

    def __getattribute__(self, name: str) -> Any:
        raise AskedError(name)


class Hidden(ModuleType):
    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        raise AskedError


@pytest.mark.parametrize("make", [Pretender, Raising, object, lambda: None, int, lambda: "json", lambda: ModuleType])
def test_what_is_no_module_has_no_names(make: Callable[[], object]) -> None:
    asked = (namespace_of, name_of, file_of, folders_of, spec_of)
    assert [ask(make()) is None for ask in asked] == [True] * 5


@pytest.mark.parametrize("kind", [ModuleType, Guarded, Hidden])
def test_a_module_of_any_kind_is_read_and_never_asked(kind: type[ModuleType]) -> None:
    module = kind("odd")
    names = namespace_of(module)
    assert names is not None
    names.update(x=1, __file__="/odd.py", __path__=["/odd", 3])
    assert namespace_of(module) is names
    assert (name_of(module), file_of(module), folders_of(module)) == ("odd", "/odd.py", ["/odd"])


@pytest.mark.parametrize("make", [int, Raising, Pretender])
def test_a_module_that_says_nonsense_of_itself_says_nothing(make: Callable[[], object]) -> None:
    module, value = ModuleType("odd"), make()
    vars(module).update(__name__=value, __file__=value, __path__=value, __spec__=value)
    asked = (name_of, file_of, folders_of, spec_of)
    assert [ask(module) for ask in asked] == [None] * 4


def test_a_module_that_was_never_made_has_no_names() -> None:
    bare = ModuleType.__new__(ModuleType)
    assert not namespace_of(bare)
    assert (name_of(bare), file_of(bare), folders_of(bare), spec_of(bare)) == (None,) * 4


def test_a_lazy_module_is_not_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec("this")
    assert spec is not None
    assert spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "this", module)
    assert (namespace_of(module), name_of(module), module_named("this")) == (None, None, None)
    assert type(module) is not ModuleType


def test_a_lazy_module_of_which_the_spec_was_taken_is_not_woken() -> None:
    module = ModuleType("odd")
    object.__setattr__(module, "__class__", vars(importlib.util)["_LazyModule"])
    assert namespace_of(module) is None


def test_names_of_modules_are_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 3, json)  # type: ignore[misc]
    monkeypatch.setitem(sys.modules, "nothing", None)  # type: ignore[arg-type]
    assert "json" in loaded_names()
    assert 3 not in loaded_names()
    assert module_named("json") is json
    assert module_named("nothing") is None
