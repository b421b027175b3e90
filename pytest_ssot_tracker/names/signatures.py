"""Read from the source which parameters a function, a method or a constructor has, and in which order."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from pytest_ssot_tracker.imported import absolute, package_of
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.modules import Modules
from pytest_ssot_tracker.names.syntax import dotted_name
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.source import decode

__all__ = ["Signature", "Signatures"]

_DEPTH = 10
_MAKERS = ("__init__", "__new__")
_TRANSPARENT = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "final", "property"})

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"


class Signature(NamedTuple):
    """The parameters of a callable: `positions` those that can be given by position, in order, `names` those by name.

    `bound` tells that the first is filled in where the callable is asked of an object, or constructs one. With `others`
    any name may be given, or it is not known that none may be.
    """

    positions: tuple[str, ...]
    names: frozenset[str]
    bound: bool = False
    others: bool = False

    def takes(self, name: str) -> bool:
        """Whether a call may pass a parameter of this name."""
        return self.others or name in self.names or name in self.positions

    def position(self, name: str, *, bound: bool) -> int | None:
        """Return which positional argument is `name`, from 0, in a call that is `bound` to an object or is not."""
        if name not in self.positions:
            return None
        return self.positions.index(name) - (bound and self.bound)


class _Known(NamedTuple):
    """What a dotted name was found to be: a definition, and the module and the body that it stands in."""

    node: ast.AST
    module: str
    within: ast.Module | ast.ClassDef


class Signatures:
    """The signatures of what targets name, each module being read once; `files` are those that were read."""

    def __init__(self, modules: Modules) -> None:
        self.files: set[str] = set()
        self._modules = modules
        self._trees: dict[str, ast.Module | None] = {}
        self._found: dict[Target, Signature | None] = {}

    def of(self, target: Target) -> Signature | None:
        """Return the signature of what `target` names, `None` where the source does not tell it."""
        if target not in self._found:
            parts = (target.attribute or "").split(".")
            known = None if target.is_pattern else self._find(target.module, parts, _DEPTH)
            self._found[target] = None if known is None else self._signature(known, _DEPTH)
        return self._found[target]

    def members(self, module: str, attribute: str, literal: str) -> list[str]:
        """Return which names the body of a class gives to `literal`, a value as `repr` shows it."""
        known = self._find(module, attribute.split("."), _DEPTH)
        body = known.node.body if known is not None and isinstance(known.node, ast.ClassDef) else []
        given = (node for node in body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant))
        alike = (node for node in given if ast.unparse(node.value) == literal)
        return [target.id for node in alike for target in node.targets if isinstance(target, ast.Name)]

    def _find(self, module: str, parts: Sequence[str], depth: int) -> _Known | None:
        tree = self._tree(module)
        return None if tree is None or not depth else self._in_body(tree, module, parts, depth)

    def _in_body(self, body: ast.Module | ast.ClassDef, module: str, parts: Sequence[str], depth: int) -> _Known | None:
        """Follow `parts` from the statements of a module or a class: what is bound last counts."""
        for node in reversed(list(_statements(body))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == parts[0]:
                return _Known(node, module, body) if len(parts) == 1 else None
            if isinstance(node, ast.ClassDef) and node.name == parts[0]:
                return self._in_class(_Known(node, module, body), parts[1:], depth)
            if isinstance(node, ast.Assign) and parts == [ast.unparse(node.targets[0])]:
                return self._assigned(_Known(node.value, module, body), depth)
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found = self._imported(node, module, parts, depth)
                if found is not None:
                    return found
        return None

    def _assigned(self, known: _Known, depth: int) -> _Known | None:
        """Return what a name is called as that a statement binds: a lambda, or an object of a class."""
        if isinstance(known.node, ast.Lambda):
            return known
        dotted = dotted_name(known.node.func) if isinstance(known.node, ast.Call) else None
        cls = None if dotted is None else self._find(known.module, dotted.split("."), depth - 1)
        if cls is None or not isinstance(cls.node, ast.ClassDef):
            return None
        return self._in_class(cls, ["__call__"], depth)

    def _in_class(self, known: _Known, parts: Sequence[str], depth: int) -> _Known | None:
        """Follow `parts` from a class on, through its bases where it does not define them itself."""
        assert isinstance(known.node, ast.ClassDef)
        if not parts:
            return known
        found = self._in_body(known.node, known.module, parts, depth)
        for base in () if found is not None else self._bases(known, depth):
            found = found or self._in_class(base, parts, depth - 1)
        return found

    def _bases(self, known: _Known, depth: int) -> Iterator[_Known]:
        assert isinstance(known.node, ast.ClassDef)
        for base in known.node.bases if depth else ():
            dotted = dotted_name(base)
            found = None if dotted is None else self._find(known.module, dotted.split("."), depth - 1)
            if found is not None and isinstance(found.node, ast.ClassDef) and found.node is not known.node:
                yield found

    def _imported(
        self, node: ast.Import | ast.ImportFrom, module: str, parts: Sequence[str], depth: int
    ) -> _Known | None:
        """Follow `parts` from a name that an import binds."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name
                if tuple(parts[: bound.count(".") + 1]) == tuple(bound.split(".")):
                    return self._find(alias.name, parts[bound.count(".") + 1 :] or [""], depth - 1)
            return None
        found = self._modules.find(module)
        package = package_of(module, is_package=found is not None and bool(found.folders))
        base = absolute(node.module or "", node.level, package)
        for alias in node.names if base is not None else ():
            if (alias.asname or alias.name) == parts[0]:
                return self._find(base or "", [alias.name, *parts[1:]], depth - 1)
        return None

    def _signature(self, known: _Known, depth: int) -> Signature | None:
        if isinstance(known.node, ast.Lambda):
            return _of_arguments(known.node.args, bound=isinstance(known.within, ast.ClassDef))
        if isinstance(known.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return _of_function(known.node, method=isinstance(known.within, ast.ClassDef))
        return self._constructor(known, depth) if isinstance(known.node, ast.ClassDef) and depth else None

    def _constructor(self, known: _Known, depth: int) -> Signature | None:
        assert isinstance(known.node, ast.ClassDef)
        for name in _MAKERS:
            own = self._in_body(known.node, known.module, [name], 1)
            if own is not None:
                return self._signature(own, depth)
        if _is_record(known.node):
            return self._record(known, depth)
        bases = list(self._bases(known, depth))
        found = (self._constructor(base, depth - 1) for base in bases)
        return next((one for one in found if one is not None), None)

    def _record(self, known: _Known, depth: int) -> Signature:
        """Return what the fields of a dataclass or a named tuple make of its constructor."""
        fields = list(self._fields(known, depth))
        alone = any(
            isinstance(node, ast.keyword) and node.arg == "kw_only" for node in ast.walk(known.node)
        )  # of the class or of some fields: then nothing is said of positions
        positions = () if alone else ("self", *fields)
        return Signature(positions, frozenset(fields), bound=True, others=len(fields) == 0)

    def _fields(self, known: _Known, depth: int) -> Iterator[str]:
        assert isinstance(known.node, ast.ClassDef)
        seen: dict[str, None] = {}
        for base in reversed(list(self._bases(known, depth))):
            seen.update(dict.fromkeys(self._fields(base, depth - 1)))
        for node in known.node.body:
            if isinstance(node, ast.AnnAssign) and "ClassVar" not in ast.unparse(node.annotation):
                seen[ast.unparse(node.target)] = None
        yield from seen

    def _tree(self, module: str) -> ast.Module | None:
        if module not in self._trees:
            found = self._modules.find(module)
            self._trees[module] = None if found is None or found.file is None else self._parsed(found.file)
        return self._trees[module]

    def _parsed(self, file: str) -> ast.Module | None:
        self.files.add(file)
        try:
            with open(file, "rb") as stream, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(decode(stream.read()))
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _of_function(node: Function, *, method: bool) -> Signature:
    decorators = [(dotted_name(decorator) or "?").rpartition(".")[2] for decorator in node.decorator_list]
    found = _of_arguments(node.args, bound=method and "staticmethod" not in decorators)
    # A decorator of which nothing is known may take more than what it decorates.
    return found if _TRANSPARENT.issuperset(decorators) else found._replace(others=True)


def _of_arguments(given: ast.arguments, *, bound: bool) -> Signature:
    either = [argument.arg for argument in given.args]
    positions = (*(parameter.arg for parameter in given.posonlyargs), *either)
    names = frozenset((*either, *(parameter.arg for parameter in given.kwonlyargs)))
    return Signature(positions, names, bound=bound, others=given.kwarg is not None)


def _is_record(node: ast.ClassDef) -> bool:
    decorators = [
        dotted_name(decorator.func if isinstance(decorator, ast.Call) else decorator) or ""
        for decorator in node.decorator_list
    ]
    bases = [dotted_name(base) or "" for base in node.bases]
    return any(name.rpartition(".")[2] in ("dataclass", "define", "frozen") for name in decorators) or any(
        name.rpartition(".")[2] == "NamedTuple" for name in bases
    )


def _statements(body: ast.Module | ast.ClassDef) -> Iterator[ast.stmt]:
    """Yield the statements that run in a module or class itself, in order, those in branches included."""
    waiting: list[ast.stmt] = list(body.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            inner = [*node.body, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
            handled = [each for one in getattr(node, "handlers", []) for each in one.body]
            waiting[:0] = [*handled, *inner]
