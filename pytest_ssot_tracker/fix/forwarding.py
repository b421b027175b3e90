"""Know functions whose body only hands on what they are given: a call of one can be replaced by that body."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pytest_ssot_tracker.fix.defining import OwnDefinitions
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.imported import Imported, brought, named_by_text
from pytest_ssot_tracker.names.definitions import Definition
from pytest_ssot_tracker.names.syntax import FUNCTIONS, by_place, decorators, defaults, last_name, parameters
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.settings.argument_mapping import NewArgument, Passing

__all__ = ["Forward", "Forwarding"]

_DECORATORS = frozenset({"deprecated", "staticmethod", "classmethod", "override"})
"""What may stand above a function that is replaced by its body: nothing that changes how it is called."""


class Forward(NamedTuple):
    """What a function hands on to, and how (`None`: as it is given); whether it gives back what that gives."""

    to: Name
    passing: Passing | None
    returns: bool
    awaits: bool


class Forwarding:
    """Which functions and methods of the project's modules only hand on."""

    def __init__(self, definitions: OwnDefinitions) -> None:
        self._definitions = definitions
        self._found: dict[Name, Forward | None] = {}

    def __call__(self, old: Name) -> Forward | None:
        """Return what `old` hands on to, `None` where it does anything else."""
        if old not in self._found:
            found = self._definitions.find(old.module, old.attribute)
            self._found[old] = self._forward(old, found) if isinstance(found.node, FUNCTIONS) else None
        return self._found[old]

    def _forward(self, old: Name, found: Definition) -> Forward | None:
        node = found.node
        assert isinstance(node, FUNCTIONS)
        if found.module != old.module or not self._definitions.is_bound_once(old.module, str(old.attribute)):
            return None
        if not _DECORATORS.issuperset(decorators(node)):
            return None
        last, imports = _handing_on(node.body, self._definitions.package(found.module))
        if last is None or last.value is None:
            return None
        awaits = isinstance(last.value, ast.Await)
        call = last.value.value if isinstance(last.value, ast.Await) else last.value
        if not isinstance(call, ast.Call) or awaits != isinstance(node, ast.AsyncFunctionDef):
            return None
        within = (old.attribute or "").rpartition(".")[0]
        to = self._callee(found.module, call.func, node.args, imports, within=within)
        if to is None or to == Name(found.module, old.attribute) or not self._is_steady(to):
            return None
        try:
            passing = self._passing(node, call, to, is_method=bool(within))
        except _NotPlain:
            return None
        return Forward(to, passing, isinstance(last, ast.Return), awaits)

    # --- What is called

    def _callee(
        self, module: str, func: ast.expr, arguments: ast.arguments, imports: Mapping[str, str], *, within: str
    ) -> Name | None:
        parts: list[str] = []
        while isinstance(func, ast.Attribute):
            parts.insert(0, func.attr)
            func = func.value
        if not isinstance(func, ast.Name):
            return None
        if within and by_place(arguments)[:1] == [func.id]:
            return Name(module, f"{within}.{parts[0]}") if len(parts) == 1 else None
        if func.id in parameters(arguments):
            return None
        home = imports.get(func.id) or self._definitions.imported_from(module, func.id)
        if home is not None:
            return self._imported(home, parts)
        return Name(module, ".".join([func.id, *parts])) if func.id in self._definitions.bound(module) else None

    def _is_steady(self, to: Name) -> bool:
        """Whether a name goes on meaning what it means when it is imported, and is there for others."""
        first, *rest = str(to.attribute).split(".")
        if any(part.startswith("_") for part in (first, *rest)):
            return False
        found = self._definitions.find(to.module, first)
        if found.kind == "unknown":
            return not self._definitions.modules.exists(to.module.partition(".")[0])
        once = found.module != to.module or self._definitions.is_bound_once(to.module, first)
        return found.kind in ("function", "class") and once

    def _imported(self, home: str, parts: Sequence[str]) -> Name | None:
        """Return the name behind an import and the attributes taken of it; an import of a module needs one."""
        known, exists = ".".join([home, *parts]), self._definitions.modules.exists
        if exists(known.partition(".")[0]):
            named = named_by_text(known, exists)
        elif len(parts) > 1:
            return None
        else:
            named = Imported(*known.rpartition(".")[::2])
        return Name(*named) if all(named) else None

    # --- How

    def _passing(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, call: ast.Call, to: Name, *, is_method: bool
    ) -> Passing | None:
        arguments = node.args
        bound = is_method and "staticmethod" not in decorators(node)
        own = [*by_place(arguments)[bound:], *(parameter.arg for parameter in arguments.kwonlyargs)]
        if arguments.vararg is not None or arguments.kwarg is not None:
            _check_all_of_it(arguments, call, own)
            return None
        found = self._definitions.find(to.module, to.attribute)
        places = self._definitions.places(found, bound=bound) or ()
        # Where the parameters are not known, their numbers stand for them.
        names = [*places, *map(str, range(len(places), len(call.args)))]
        given = [_argument(name, value, own) for name, value in zip(names, call.args, strict=False)]
        given += (_argument(keyword.arg, keyword.value, own) for keyword in call.keywords)
        sources = [argument.source for argument in given if argument.source is not None]
        if len(set(sources)) < len(sources):
            raise _NotPlain
        return Passing(tuple(own), tuple(given), _defaults(arguments))


class _NotPlain(Exception):  # noqa: N818 - no error: the function is none that only hands on
    """What a function does with its arguments is more than handing them on."""


def _check_all_of_it(arguments: ast.arguments, call: ast.Call, own: Sequence[str]) -> None:
    """Raise `_NotPlain` for anything but `def f(*args, **kwargs): return g(*args, **kwargs)`."""
    stars = [value.value for value in call.args if isinstance(value, ast.Starred)]
    doubles = [keyword.value for keyword in call.keywords if keyword.arg is None]
    passed = [node.id if isinstance(node, ast.Name) else "" for node in (*stars, *doubles)]
    taken = [parameter.arg for parameter in (arguments.vararg, arguments.kwarg) if parameter is not None]
    if own or passed != taken or len(passed) != len(call.args) + len(call.keywords):
        raise _NotPlain


def _argument(name: str | None, value: ast.expr, own: Sequence[str]) -> NewArgument:
    if name is not None and isinstance(value, ast.Name) and value.id in own:
        return NewArgument(name, value.id)
    if name is not None and isinstance(value, ast.Constant):
        return NewArgument(name, text=ast.unparse(value))
    raise _NotPlain


def _defaults(arguments: ast.arguments) -> Mapping[str, str | None]:
    """Return the defaults of parameters as they are written, `None` for one that means something here alone."""
    return MappingProxyType({name: _literal(default) for name, default in defaults(arguments).items()})


def _literal(node: ast.expr) -> str | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return None
    # A list would be one list for all calls there, and one for each here.
    return ast.unparse(node) if isinstance(value, (str, bytes, int, float, bool, type(None), tuple)) else None


def _handing_on(body: Sequence[ast.stmt], package: str) -> tuple[ast.Return | ast.Expr | None, dict[str, str]]:
    """Return the one statement of a body that does something, and what imports before it bring.

    A docstring and a warning that the function is deprecated do nothing that is to be kept.
    """
    imports: dict[str, str] = {}
    for number, statement in enumerate(body):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            imports.update((name, found.dotted) for name, found in brought(statement, package) if found is not None)
        elif isinstance(statement, (ast.Return, ast.Expr)) and number == len(body) - 1:
            return statement, imports
        elif not isinstance(statement, ast.Expr) or not _does_nothing(statement.value):
            break
    return None, imports


def _does_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Call) and last_name(value.func) == "warn")
