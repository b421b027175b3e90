"""Know what the names of one file are bound to, scope by scope, and where each of them is read."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from pytest_ssot_tracker.imported import brought
from pytest_ssot_tracker.names.syntax import FUNCTIONS, Function, last_name
from pytest_ssot_tracker.records import dataclass, field

__all__ = ["Binding", "LexicalScope", "Scopes"]

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_OF_SCOPES = frozenset(
    {
        *("Import", "ImportFrom", "Global", "Nonlocal", "FunctionDef", "AsyncFunctionDef", "ClassDef", "Lambda"),
        *("ListComp", "SetComp", "DictComp", "GeneratorExp", "ExceptHandler", "AnnAssign"),
        *("MatchAs", "MatchStar", "MatchMapping", "TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple"),
    }
)
"""The names of the nodes that bind names or begin a scope; the last four are not in every version's `ast`."""
_Waiting: TypeAlias = "tuple[ast.AST, ast.AST | None, LexicalScope, bool]"


@dataclass(slots=True, eq=False)
class Binding:
    """One binding of `name` in `scope`, by `node`; for an import `alias` is what it brings."""

    name: str
    node: ast.AST
    scope: LexicalScope
    alias: ast.alias | None = None
    reads: list[ast.Name] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class LexicalScope:
    """One scope: `kind` is `module`, `class`, `function` or `comprehension`.

    `elsewhere` holds the names that a statement declares `global` or `nonlocal`.
    """

    kind: str
    outer: LexicalScope | None = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    elsewhere: dict[str, bool] = field(default_factory=dict)

    def bind(self, name: str, node: ast.AST, alias: ast.alias | None = None) -> None:
        """Note that `node` binds `name` here."""
        self.bindings.setdefault(name, []).append(Binding(name, node, self, alias))

    def lookup(self, name: str) -> list[Binding]:
        """Return every binding that `name` may mean here."""
        found = list(self.bindings.get(name, ()))
        if found and self.kind != "class":  # the body of a class reads what is around it until it binds a name itself
            return found
        scope: LexicalScope = self
        while scope.outer is not None:
            scope = scope.module if scope.elsewhere.get(name) else scope.outer
            if scope.kind != "class" and name in scope.bindings:
                return found + scope.bindings[name]
        return found

    @property
    def module(self) -> LexicalScope:
        """Return the module's scope."""
        scope = self
        while scope.outer is not None:
            scope = scope.outer
        return scope


class Scopes:
    """The scopes of `tree`, the parent of each of its nodes, and the block of each of its statements.

    `place(text)` returns the expression that a quoted annotation holds, with its places in the file, `None` where these
    cannot be told; `quoted` are then the names in it.
    """

    def __init__(self, tree: ast.Module, place: Callable[[ast.Constant], ast.expr | None]) -> None:
        self.module = LexicalScope("module")
        self.parents: dict[ast.AST, ast.AST] = {}
        self.blocks: dict[ast.AST, list[ast.stmt]] = {}
        self.nodes: list[ast.AST] = []
        self.quoted: set[str] = set()
        self._place = place
        self._of: dict[ast.AST, LexicalScope] = {tree: self.module}
        self._reads: list[tuple[ast.Name, LexicalScope]] = []
        self._every = [self.module]
        self._walk(tree)
        self._settle()

    def of(self, node: ast.AST) -> LexicalScope:
        """Return the scope that `node` is evaluated in."""
        return self._of[node]

    def reads(self) -> Iterator[tuple[ast.Name, list[Binding]]]:
        """Yield every name that is read, with what it may mean."""
        return ((node, scope.lookup(node.id)) for node, scope in self._reads)

    def knows(self, name: str, scope: LexicalScope) -> bool:
        """Whether `name` means anything in `scope`."""
        return bool(scope.lookup(name)) or hasattr(builtins, name)

    def _walk(self, tree: ast.Module) -> None:
        waiting: list[_Waiting] = [(tree, None, self.module, False)]
        while waiting:  # and no recursion: an expression may be long
            node, parent, scope, annotates = waiting.pop()
            self.nodes.append(node)
            self._of[node] = scope
            if parent is not None:
                self.parents[node] = parent
            if isinstance(node, ast.Name):  # half of all nodes are names and constants, which have nothing below them
                self._name(node, scope)
            elif annotates or type(node).__name__ in _OF_SCOPES:
                self._bind(node, scope)
                children = list(self._children(node, scope, annotates=annotates))
                waiting += [(child, node, inner, quoted) for child, inner, quoted in reversed(children)]
            elif not isinstance(node, ast.Constant):
                waiting += self._plain(node, scope)

    def _name(self, node: ast.Name, scope: LexicalScope) -> None:
        if isinstance(node.ctx, ast.Load):
            self._reads.append((node, scope))
        else:
            _nearest(scope, node, self.parents).bind(node.id, node)

    def _bind(self, node: ast.AST, scope: LexicalScope) -> None:
        """Note what `node` itself binds."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias, (name, _) in zip(node.names, brought(node, ""), strict=True):
                scope.bind(name, node, alias)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            scope.elsewhere.update(dict.fromkeys(node.names, isinstance(node, ast.Global)))
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            if node.name is not None:
                scope.bind(node.name, node)
        elif isinstance(node, ast.MatchMapping) and node.rest is not None:
            scope.bind(node.rest, node)
        elif type(node).__name__ in ("TypeVar", "ParamSpec", "TypeVarTuple"):
            scope.bind(node.name, node)  # type: ignore[attr-defined]

    def _plain(self, node: ast.AST, scope: LexicalScope) -> list[_Waiting]:
        """Return what is right below a node that neither binds names nor begins a scope, the last first.

        `_children` says the same of such a node, at three times the cost.
        """
        found: list[_Waiting] = []
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                if value and isinstance(value[0], ast.stmt):
                    self.blocks.update(dict.fromkeys(value, value))
                found += [(child, node, scope, False) for child in value if isinstance(child, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                found.append((value, node, scope, False))
        found.reverse()
        return found

    def _children(
        self, node: ast.AST, scope: LexicalScope, *, annotates: bool
    ) -> Iterator[tuple[ast.AST, LexicalScope, bool]]:
        """Yield the nodes right below `node`, each with its scope and whether it is part of an annotation."""
        if isinstance(node, FUNCTIONS):
            yield from self._function(node, scope)
        elif isinstance(node, ast.Lambda):
            inner = self._new("function", scope)
            yield from self._arguments(node.args, scope, scope, inner)
            yield node.body, inner, False
        elif isinstance(node, ast.ClassDef):
            around = self._generic(node, scope)
            yield from ((child, scope, False) for child in node.decorator_list)
            yield from ((child, around, False) for child in (*_type_params(node), *node.bases, *node.keywords))
            yield from self._block(node.body, self._new("class", around))
        elif isinstance(node, _COMPREHENSIONS):
            yield from self._comprehension(node, scope)
        elif isinstance(node, ast.AnnAssign):
            yield node.target, scope, False
            yield node.annotation, scope, True
            yield from () if node.value is None else ((node.value, scope, False),)
        elif type(node).__name__ == "TypeAlias":
            inner = self._new("function", scope)
            yield node.name, scope, False  # type: ignore[attr-defined]
            yield from ((child, inner, True) for child in (*_type_params(node), node.value))  # type: ignore[attr-defined]
        elif annotates:
            yield from self._quoted(node, scope)
        else:
            for _, value in ast.iter_fields(node):
                yield from self._field(value, scope)

    def _field(self, value: object, scope: LexicalScope) -> Iterator[tuple[ast.AST, LexicalScope, bool]]:
        if isinstance(value, ast.AST):
            if not isinstance(value, ast.expr_context):
                yield value, scope, False
        elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield from self._block(value, scope)
        elif isinstance(value, list):
            yield from ((child, scope, False) for child in value if isinstance(child, ast.AST))

    def _block(self, block: list[ast.stmt], scope: LexicalScope) -> Iterator[tuple[ast.AST, LexicalScope, bool]]:
        self.blocks.update(dict.fromkeys(block, block))
        yield from ((statement, scope, False) for statement in block)

    def _function(self, node: Function, scope: LexicalScope) -> Iterator[tuple[ast.AST, LexicalScope, bool]]:
        around = self._generic(node, scope)
        inner = self._new("function", around)
        yield from ((child, scope, False) for child in node.decorator_list)
        yield from ((child, around, False) for child in _type_params(node))
        yield from self._arguments(node.args, scope, around, inner)
        yield from () if node.returns is None else ((node.returns, around, True),)
        yield from self._block(node.body, inner)

    def _arguments(
        self, arguments: ast.arguments, scope: LexicalScope, around: LexicalScope, inner: LexicalScope
    ) -> Iterator[tuple[ast.AST, LexicalScope, bool]]:
        """Yield the parts of a signature, and bind its names."""
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [arg for arg in (arguments.vararg, arguments.kwarg) if arg is not None]
        for arg in every:
            inner.bind(arg.arg, arg)
            yield from () if arg.annotation is None else ((arg.annotation, around, True),)
        yield from ((child, scope, False) for child in (*arguments.defaults, *arguments.kw_defaults) if child)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: LexicalScope
    ) -> Iterator[tuple[ast.AST, LexicalScope, bool]]:
        inner = self._new("comprehension", scope)
        for number, generator in enumerate(node.generators):
            yield generator.iter, inner if number else scope, False
            yield from ((child, inner, False) for child in (generator.target, *generator.ifs))
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        yield from ((child, inner, False) for child in parts)

    def _quoted(self, node: ast.AST, scope: LexicalScope) -> Iterator[tuple[ast.AST, LexicalScope, bool]]:
        """Yield what is below a part of an annotation; a text in it is an expression but for data."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            inner = self._place(node)
            if inner is not None:
                yield inner, scope, False
                return
            try:
                tree: ast.AST = ast.parse(node.value.strip(), mode="eval")
            except (SyntaxError, ValueError):
                return
            self.quoted |= {name.id for name in ast.walk(tree) if isinstance(name, ast.Name)}
            return
        taken = last_name(node.value) if isinstance(node, ast.Subscript) else ""
        for name, value in ast.iter_fields(node):
            quotes = not (name == "slice" and taken in ("Literal", "Annotated"))
            yield from ((child, scope, quotes) for child, _, _ in self._field(value, scope))

    def _generic(self, node: ast.AST, scope: LexicalScope) -> LexicalScope:
        """Return the scope of a definition's own type parameters, `scope` where it has none."""
        return self._new("function", scope) if _type_params(node) else scope

    def _new(self, kind: str, outer: LexicalScope) -> LexicalScope:
        scope = LexicalScope(kind, outer)
        self._every.append(scope)
        return scope

    def _settle(self) -> None:
        """Move what is declared to live elsewhere there, and tell each binding who reads it."""
        for scope in self._every:
            for name, is_global in scope.elsewhere.items():
                home = self.module if is_global else _enclosing(scope, name)
                if home is not None and home is not scope:
                    moved = scope.bindings.pop(name, [])
                    for binding in moved:
                        binding.scope = home
                    home.bindings.setdefault(name, []).extend(moved)
        self._reads.sort(key=lambda read: (read[0].lineno, read[0].col_offset))
        for node, bindings in self.reads():
            for binding in bindings:
                binding.reads.append(node)


def _nearest(scope: LexicalScope, node: ast.AST, parents: dict[ast.AST, ast.AST]) -> LexicalScope:
    """Return the scope that `node` binds a name in: a walrus reaches out of comprehensions."""
    parent = parents.get(node)
    if isinstance(parent, ast.NamedExpr) and parent.target is node:
        while scope.kind == "comprehension" and scope.outer is not None:
            scope = scope.outer
    return scope


def _enclosing(scope: LexicalScope, name: str) -> LexicalScope | None:
    home = scope.outer
    while home is not None and not (home.kind == "function" and name in home.bindings):
        home = home.outer
    return home


def _type_params(node: ast.AST) -> Iterable[ast.AST]:
    return getattr(node, "type_params", ())
