"""Read from the source which parameters a function, a method or a constructor has, and in which order."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.definitions import Definition, Definitions
from pytest_ssot_tracker.names.syntax import FUNCTIONS, Function, bindings, by_place, decorators, defaults, last_name
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Call", "Signature", "Signatures"]

_DEPTH = 10
_MAKERS = ("__init__", "__new__")
_TRANSPARENT = frozenset(
    {
        *("staticmethod", "classmethod", "abstractmethod", "override", "final", "property"),
        *("cache", "lru_cache", "deprecated"),
    }
)
"""The last parts of the names of decorators that leave to a function what it takes."""


class Call(NamedTuple):
    """How something is called: how many arguments by place, which by name, and whether some are unpacked."""

    positional: int
    keywords: tuple[str, ...]
    unpacked: bool = False


class Signature(NamedTuple):
    """The parameters of a callable: `positions` those that can be given by position, in order, `names` those by name.

    `required` have no default, `defaults` are those of the others as they are written. `bound` tells that the first is
    filled in where the callable is asked of an object, or constructs one. With `others` any name may be given, with
    `more` any number of positions. Unless it is `sure`, what decorates it may change that; unless `plain`, a
    metaclass or the like has a say in how a class is called.
    """

    positions: tuple[str, ...]
    names: frozenset[str]
    required: frozenset[str] = frozenset()
    defaults: tuple[tuple[str, str], ...] = ()
    bound: bool = False
    others: bool = False
    more: bool = False
    sure: bool = True
    plain: bool = True

    def takes(self, name: str) -> bool:
        """Whether a call may pass a parameter of this name."""
        return self.others or name in self.names or name in self.positions

    def position(self, name: str, *, bound: bool) -> int | None:
        """Return which positional argument is `name`, from 0, in a call that is `bound` to an object or is not."""
        if name not in self.positions:
            return None
        return self.positions.index(name) - (bound and self.bound)

    def places(self, *, bound: bool) -> list[str]:
        """Return the parameters that take arguments by place in a call that is `bound` to an object or is not."""
        return list(self.positions[bound and self.bound :])

    def accepts(self, call: Call, *, bound: bool) -> bool | None:
        """Whether it can be called so; `None` where that is not known."""
        if call.unpacked or not (self.sure and self.plain):
            return None
        given = call.positional + (bound and self.bound)
        if given > len(self.positions) and not self.more:
            return False
        filled, keywords = {*self.positions[:given]}, {*call.keywords}
        if filled & keywords or not (self.others or keywords <= self.names):
            return False
        return self.required <= filled | keywords


class Signatures:
    """The signatures of what targets name, as far as `definitions` tells."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions
        self._found: dict[Target, Signature | None] = {}

    def of(self, target: Target) -> Signature | None:
        """Return the signature of what `target` names, `None` where the source does not tell it."""
        if target not in self._found:
            known = None
            if target.attribute is not None and not target.is_pattern:
                known = self.of_definition(self._definitions.find(target.module, target.attribute))
            self._found[target] = known
        return self._found[target]

    def members(self, module: str, attribute: str, literal: str) -> list[str]:
        """Return which names the body of a class gives to `literal`, a value as `repr` shows it."""
        node = self._definitions.find(module, attribute).node
        given = bindings(node.body) if isinstance(node, ast.ClassDef) else ()
        constants = ((name, getattr(statement, "value", None)) for name, statement in given)
        return [name for name, value in constants if isinstance(value, ast.Constant) and ast.unparse(value) == literal]

    def of_definition(self, found: Definition) -> Signature | None:
        """Return the signature of what is defined: a function, a class, a lambda, or an object that can be called."""
        if isinstance(found.node, FUNCTIONS):
            return _of_function(found.node, method=found.of_class)
        if isinstance(found.node, ast.ClassDef):
            return self._constructor(found, _DEPTH)
        value = getattr(found.node, "value", None)
        if isinstance(value, ast.Lambda):
            return _of_arguments(value.args, bound=found.of_class)
        cls = self._definitions.called(value, found.module)
        call = self._definitions.member(cls, "__call__")
        return _of_function(call.node, method=True) if isinstance(call.node, FUNCTIONS) else None

    def _constructor(self, found: Definition, depth: int) -> Signature | None:
        """Return what a class takes; the first of it and its bases that says anything says it."""
        node = found.node
        if not isinstance(node, ast.ClassDef) or not depth:
            return None
        own = {name: made for name, made in bindings(node.body) if isinstance(made, FUNCTIONS)}
        remade = self._definitions.member(found, "__new__").kind == "function"
        plain = not (node.decorator_list or node.keywords or remade)
        makers = [_of_function(own[name], method=True) for name in _MAKERS if name in own]
        if not makers and _is_record(node):
            return self._record(found, depth)
        bases = self._definitions.bases(found)
        above = (self._constructor(base, depth - 1) for base in bases if isinstance(base, Definition))
        makers += (signature for signature in above if signature is not None)
        if makers:
            return makers[0]._replace(plain=plain)
        return Signature(("self",), frozenset(), bound=True) if plain and not bases else None

    def _record(self, found: Definition, depth: int) -> Signature:
        """Return what the fields of a dataclass or a named tuple make of its constructor."""
        fields = list(self._fields(found, depth))
        assert found.node is not None
        alone = any(
            isinstance(node, ast.keyword) and node.arg == "kw_only" for node in ast.walk(found.node)
        )  # of the class or of some fields: then nothing is said of positions
        positions = () if alone else ("self", *fields)
        return Signature(positions, frozenset(fields), bound=True, others=len(fields) == 0, sure=False)

    def _fields(self, found: Definition, depth: int) -> Iterator[str]:
        assert isinstance(found.node, ast.ClassDef)
        seen: dict[str, None] = {}
        for base in reversed(self._definitions.bases(found)) if depth else ():
            if isinstance(base, Definition) and isinstance(base.node, ast.ClassDef):
                seen.update(dict.fromkeys(self._fields(base, depth - 1)))
        for node in found.node.body:
            if isinstance(node, ast.AnnAssign) and "ClassVar" not in ast.unparse(node.annotation):
                seen[ast.unparse(node.target)] = None
        yield from seen


def _of_function(node: Function, *, method: bool) -> Signature:
    marks = decorators(node)
    found = _of_arguments(node.args, bound=method and "staticmethod" not in marks)
    # A decorator of which nothing is known may take more than what it decorates.
    return found if _TRANSPARENT.issuperset(marks) else found._replace(others=True, sure=False)


def _of_arguments(given: ast.arguments, *, bound: bool) -> Signature:
    positions, optional = tuple(by_place(given)), defaults(given)
    names = frozenset(parameter.arg for parameter in (*given.args, *given.kwonlyargs))
    return Signature(
        positions,
        names,
        required=frozenset((*positions, *names)) - optional.keys(),
        defaults=tuple((name, ast.unparse(default)) for name, default in optional.items()),
        bound=bound,
        others=given.kwarg is not None,
        more=given.vararg is not None,
    )


def _is_record(node: ast.ClassDef) -> bool:
    made = not {"dataclass", "define", "frozen"}.isdisjoint(decorators(node))
    return made or any(last_name(base) == "NamedTuple" for base in node.bases)
