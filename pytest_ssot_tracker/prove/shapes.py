"""Find out what a target is and how it is used, by a look at the thing itself in a process of its own."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator
from enum import EnumMeta
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Shape", "loads", "tell"]

_ABSENT = object()

_FIXTURES = frozenset({"FixtureFunctionDefinition", "FixtureFunctionMarker"})


class Shape(NamedTuple):
    """What a target turned out to be.

    `kind` is one of module, class, abstract, enum, function, method, static, property, constant, fixture, absent and
    gone, which is absent as it should be. `flavour` says of what is called whether it is `async`, a `generator`, an
    `async generator`, a `context` manager or an `async context` manager. `arguments` are those that a call must have,
    `members` the names that have to be filled in or can be looked up, `owner` is the class that a method was found in
    and `why` says what kept it from being found.
    """

    target: str
    kind: str
    name: str = ""
    flavour: str = ""
    arguments: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    owner: str = ""
    why: str = ""

    @property
    def module(self) -> str:
        """Return the module in which it was found."""
        return self.name.partition(":")[0]

    @property
    def attribute(self) -> str:
        """Return its name within the module, `""` for the module itself."""
        return self.name.partition(":")[2]


def loads(text: str) -> list[Shape]:
    """Return the shapes that `tell` has written."""
    rows: list[list[Any]] = json.loads(text)
    return [Shape._make(tuple(part) if isinstance(part, list) else part for part in row) for row in rows]


def tell(asked: Iterable[tuple[str, str]], file: str) -> None:
    """Write to `file` what each target is; `asked` pairs its spelling with the module to look in."""
    shapes = [shape for spelling, module in asked for shape in _shapes(spelling, module)]
    with open(file, "w", encoding="utf-8") as stream:
        json.dump(shapes, stream)


def _shapes(spelling: str, module: str) -> Iterator[Shape]:
    try:
        found = import_module(module)
    except BaseException as error:  # a module may end the interpreter, or be gone
        yield Shape(spelling, "absent", module, why=f"importing {module} raised {type(error).__name__}: {error}")
        return
    target = Target.parse(spelling)
    if target.attribute is None:
        yield Shape(spelling, "module", module)
        yield from _defined(spelling, found)
        return
    name = target.attribute if "*" not in target.attribute else _first(found, target.attribute)
    yield _shape(spelling, found, name) if name else Shape(spelling, "absent", module, why="no name there matches")


def _first(module: ModuleType, pattern: str) -> str:
    """Return the first name in `module` that `pattern` matches."""
    for name, value in vars(module).items():
        if Target("x", pattern).covers("x", name):
            return name
        if isinstance(value, type) and value.__module__ == module.__name__:
            for inner in vars(value):
                if not inner.startswith("__") and Target("x", pattern).covers("x", f"{name}.{inner}"):
                    return f"{name}.{inner}"
    return ""


def _defined(spelling: str, module: ModuleType) -> Iterator[Shape]:
    """Yield the first class and the first function that `module` defines."""
    for wanted in (type, FunctionType):
        for name, value in list(vars(module).items()):
            if isinstance(value, wanted) and getattr(value, "__module__", "") == module.__name__:
                yield _shape(spelling, module, name)
                break


def _shape(spelling: str, module: ModuleType, attribute: str) -> Shape:
    owner: Any = None
    value: Any = module
    for part in attribute.split("."):
        owner, value = value, inspect.getattr_static(value, part, _ABSENT)
        if value is _ABSENT:
            value = getattr(owner, part, _ABSENT)  # a module may answer for names when it is asked
    name = f"{module.__name__}:{attribute}"
    if value is _ABSENT:
        return Shape(spelling, "absent", name, why=f"{module.__name__} has no {attribute}")
    if isinstance(owner, EnumMeta) and isinstance(value, owner):
        return Shape(spelling, "enum", name)
    if isinstance(value, EnumMeta):
        return Shape(spelling, "enum", name, members=tuple(value.__members__)[:1])
    inside = attribute.rpartition(".")[0] if isinstance(owner, type) else ""
    return _callable(Shape(spelling, "", name, owner=inside), value)


def _callable(shape: Shape, value: Any) -> Shape:
    if isinstance(value, type):
        abstract = tuple(getattr(value, "__abstractmethods__", ()))
        kind = "abstract" if abstract else "class"
        return shape._replace(kind=kind, members=abstract, arguments=_arguments(value), owner="")
    # Before pytest 8.4 a fixture is a function with a mark (https://github.com/pytest-dev/pytest/pull/12473).
    is_fixture = hasattr(type(value), "_fixture_function_marker") or hasattr(value, "_pytestfixturefunction")
    if type(value).__name__ in _FIXTURES or is_fixture:
        return shape._replace(kind="fixture", owner="")
    bound = isinstance(value, (staticmethod, classmethod))
    function = value.__func__ if bound else value
    if not callable(function):
        described = shape.owner and hasattr(type(function), "__get__")
        return shape._replace(kind="property" if described else "constant")
    arguments = _arguments(function, skip=bool(shape.owner) and not isinstance(value, staticmethod))
    kind = "function" if not shape.owner else "static" if bound else "method"
    return shape._replace(kind=kind, flavour=_flavour(function), arguments=arguments)


def _flavour(function: Any) -> str:
    inner = inspect.unwrap(function)
    kinds = {"generator": inspect.isgeneratorfunction(inner), "async generator": inspect.isasyncgenfunction(inner)}
    flavour = next((name for name, holds in kinds.items() if holds), "")
    if flavour and inner is not function:  # what `contextlib` has wrapped
        return "async context" if flavour.startswith("async") else "context"
    return flavour or ("async" if inspect.iscoroutinefunction(function) else "")


def _arguments(function: Any, *, skip: bool = False) -> tuple[str, ...]:
    """Return the names of the arguments that a call must have, each with its mark."""
    try:
        parameters = list(inspect.signature(function).parameters.values())[skip:]
    except (TypeError, ValueError):
        return ()
    wanted = (parameter for parameter in parameters if parameter.default is parameter.empty)
    return tuple(_MARKS[parameter.kind] + parameter.name for parameter in wanted if parameter.kind in _MARKS)


_MARKS = {
    inspect.Parameter.POSITIONAL_ONLY: "/",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "",
    inspect.Parameter.KEYWORD_ONLY: "*",
}
"""How an argument is marked by what its parameter takes it by; what takes any number need not be given one."""
