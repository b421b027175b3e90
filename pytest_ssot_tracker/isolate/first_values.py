"""Read from the source of a module what it makes of its names first: constants and empty containers."""

from __future__ import annotations

import ast
import types
from enum import Enum
from typing import Any

from pytest_ssot_tracker.loaded import name_of, spec_of

__all__ = ["FirstValue", "declared"]


class FirstValue(Enum):
    """What the source makes of a name where it is no constant."""

    EMPTY = "an empty container"


_MAKES_EMPTY = frozenset(
    {
        *("dict", "list", "set", "deque", "defaultdict", "OrderedDict", "Counter"),
        *("WeakSet", "WeakKeyDictionary", "WeakValueDictionary"),
    }
)


def declared(module: types.ModuleType | None) -> dict[str, dict[str, Any]]:
    """Return the constants that the source of `module` gives to names, by class (`""` for the module) and name.

    An empty container is `FirstValue.EMPTY`.
    """
    loader = getattr(spec_of(module), "loader", None)
    try:
        syntax = ast.parse(loader.get_source(name_of(module)))  # type: ignore[union-attr]
    except (AttributeError, ImportError, OSError, SyntaxError, TypeError, ValueError):
        return {}
    found: dict[str, dict[str, Any]] = {}
    scopes: list[tuple[str, list[ast.stmt]]] = [("", syntax.body)]
    for scope, body in scopes:
        for statement in body:
            if isinstance(statement, ast.ClassDef):
                scopes.append((f"{scope}.{statement.name}".lstrip("."), statement.body))
            elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                if isinstance(statement.value, ast.Constant):
                    found.setdefault(scope, {}).update(dict.fromkeys(names, statement.value.value))
                elif _is_empty_container(statement.value):
                    found.setdefault(scope, {}).update(dict.fromkeys(names, FirstValue.EMPTY))
    return found


def _is_empty_container(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        called = ast.unparse(value.func).rpartition(".")[2]
        return called in _MAKES_EMPTY and all(isinstance(each, (ast.Name, ast.Attribute)) for each in value.args)
    return (isinstance(value, ast.Dict) and not value.keys) or (isinstance(value, ast.List) and not value.elts)
