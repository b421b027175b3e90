"""Find out who defines which fixture, so that none of ours takes the place of somebody else's."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from _pytest import fixtures

if TYPE_CHECKING:
    import pytest

__all__ = ["fixtures_of_conftests", "fixtures_of_plugins", "taken_by_plugins"]

_OURS = "pytest_ssot_tracker"
_PYTEST = "_pytest."
_FIXTURES = "ssot_tracker_fixtures"


def taken_by_plugins(manager: pytest.PytestPluginManager) -> frozenset[str]:
    """Return the names of the fixtures of the plugins loaded so far; pytest's own and conftests are left out.

    Asked in every run, and of nobody who has none of our names: pytest's own are most of the plugins. Whose they are
    takes the `email` package to find out, through which metadata is read.
    """
    others = (plugin for plugin, module in _others(manager) if not module.startswith(_PYTEST))
    return frozenset(name for plugin in others for name, _ in _fixtures(plugin))


def fixtures_of_plugins(manager: pytest.PytestPluginManager) -> dict[str, str]:
    """Return whose each fixture of the plugins loaded so far is, by the fixture's name; conftests are left out."""
    distributions = {id(plugin): dist for plugin, dist in manager.list_plugin_distinfo()}
    found: dict[str, str] = {}
    for plugin, module in _others(manager):
        names = [name for name, _ in _fixtures(plugin)]
        if module.startswith(_PYTEST):
            found.update(dict.fromkeys(names, "pytest's own"))
        elif names:
            distribution = distributions.get(id(plugin))
            spelled = manager.get_name(plugin) if distribution is None else distribution.project_name
            found.update(dict.fromkeys(names, f"one of the plugin {spelled or module}"))
    return found


def fixtures_of_conftests(manager: pytest.PytestPluginManager, root: Path) -> dict[str, str]:
    """Return the conftest that defines each fixture, by the fixture's name.

    A fixture that asks for the one of its own name extends it, and takes nobody's place.
    """
    found: dict[str, str] = {}
    for plugin in filter(_is_conftest, manager.get_plugins()):
        path = Path(plugin.__file__)
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        found.update((name, f"defined by {shown}") for name, function in _fixtures(plugin) if not _asks(function, name))
    return found


def _others(manager: pytest.PytestPluginManager) -> Iterator[tuple[Any, str]]:
    """Yield the plugins that are neither ours nor conftests, each with the name of its module."""
    for plugin in manager.get_plugins():
        module = _module(plugin)
        if module.partition(".")[0] != _OURS and module != _FIXTURES and not _is_conftest(plugin):
            yield plugin, module


def _module(plugin: Any) -> str:
    """Return the name of the module that is the plugin, or that its class stands in."""
    own = vars(plugin).get("__name__") if hasattr(plugin, "__dict__") else None
    return own if isinstance(own, str) else type(plugin).__module__


def _is_conftest(plugin: Any) -> bool:
    file = vars(plugin).get("__file__") if hasattr(plugin, "__dict__") else None
    return isinstance(file, str) and os.path.basename(file) == "conftest.py"


def _fixtures(plugin: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fixtures that `plugin` defines, each with its function; read, and never asked of a property."""
    holders = [vars(plugin)] if hasattr(plugin, "__dict__") else []
    holders += [vars(cls) for cls in type(plugin).__mro__ if cls is not object and cls is not ModuleType]
    for holder in holders:
        # Thousands of values: most are told apart by their type alone, and most holders by all of these at once.
        if _MAY_BE_FIXTURES.isdisjoint(map(type, list(holder.values()))):
            continue
        for attribute, value in [pair for pair in list(holder.items()) if type(pair[1]) in _MAY_BE_FIXTURES]:
            marker = vars(value).get(_MARKER)
            if marker is not None:
                yield marker.name or attribute, value


# Before pytest 8.4 a fixture is a function with a mark on it.
_DEFINITION = getattr(fixtures, "FixtureFunctionDefinition", None)
_MAY_BE_FIXTURES = {FunctionType if _DEFINITION is None else _DEFINITION}
_MARKER = "_pytestfixturefunction" if _DEFINITION is None else "_fixture_function_marker"


def _asks(function: Any, name: str) -> bool:
    """Whether a fixture's function has a parameter called `name`."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
