"""Read the pieces of a syntax tree that say which names there are, the same way for all who ask."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pytest_ssot_tracker.imported import brought

__all__ = [
    "FUNCTIONS",
    "IMPORTS",
    "UNREADABLE",
    "WITHOUT_BLOCKS",
    "Function",
    "bindings",
    "by_place",
    "decorators",
    "defaults",
    "dotted_name",
    "is_of_self",
    "last_name",
    "listed_names",
    "literal_text",
    "literal_texts",
    "own_nodes",
    "parameters",
    "parametrized",
    "parsed",
    "statements",
    "stored",
]

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
IMPORTS = (ast.Import, ast.ImportFrom)
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What parsing a source text may raise."""
_SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Lambda)
WITHOUT_BLOCKS: frozenset[type[ast.stmt]] = frozenset(
    {
        *(ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Import, ast.ImportFrom, ast.Assert),
        *(ast.Raise, ast.Pass, ast.Delete, ast.Global, ast.Nonlocal, ast.Break, ast.Continue),
    }
)
"""Statements that no other statement stands in."""


def parsed(source: str | bytes) -> ast.Module:
    """Return the tree of a source, without warnings that are none of our news; raise one of `UNREADABLE`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


# --- Names as they are written


def dotted_name(node: ast.AST) -> str | None:
    """Return the dotted name that an expression is, without what is in brackets; `None` where it is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Subscript):
        return dotted_name(node.value)
    if isinstance(node, ast.Attribute):
        above = dotted_name(node.value)
        return None if above is None else f"{above}.{node.attr}"
    return None


def last_name(node: ast.AST) -> str:
    """Return the last part of a dotted name, of `Base` in `Base[T]` too; empty for anything else."""
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def literal_text(node: object) -> str | None:
    """Return the text that a literal is, `None` for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def literal_texts(nodes: Iterable[object]) -> list[str]:
    """Return the texts that are literals among `nodes`."""
    return [text for text in map(literal_text, nodes) if text is not None]


def decorators(node: ast.AST) -> list[str]:
    """Return the last parts of the names of what decorates a definition, called or not; empty for what has no name."""
    found = getattr(node, "decorator_list", ())
    return [last_name(decorator.func if isinstance(decorator, ast.Call) else decorator) for decorator in found]


def parameters(arguments: ast.arguments) -> list[str]:
    """Return the names of all parameters, in the order in which they are written."""
    found = [*arguments.posonlyargs, *arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    return [parameter.arg for parameter in found if parameter is not None]


def parametrized(node: ast.AST) -> Iterator[tuple[list[str], ast.expr]]:
    """Yield the parameters that each `pytest.mark.parametrize` above a test gives, and the rows that it gives them."""
    for decorator in getattr(node, "decorator_list", ()):
        if not (isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") == "parametrize"):
            continue
        given = {keyword.arg: keyword.value for keyword in decorator.keywords}
        given |= dict(zip(("argnames", "argvalues"), decorator.args, strict=False))
        names, rows = given.get("argnames"), given.get("argvalues")
        if names is not None and rows is not None:
            told = literal_texts(names.elts if isinstance(names, (ast.List, ast.Tuple)) else [names])
            yield [name.strip() for text in told for name in text.split(",")], rows


def by_place(arguments: ast.arguments) -> list[str]:
    """Return the names of the parameters that take arguments by their place."""
    return [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]


def defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    """Return the defaults as they are written, by the names of the parameters that have one."""
    places = by_place(arguments)
    found = dict(zip(places[len(places) - len(arguments.defaults) :], arguments.defaults, strict=True))
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    found.update((parameter.arg, default) for parameter, default in keywords if default is not None)
    return found


def is_of_self(node: ast.Attribute) -> bool:
    """Whether an attribute is one of the object, or of the class, that a method belongs to."""
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


# --- What runs in one namespace


def statements(body: Iterable[ast.stmt], *, inside: bool = False) -> Iterator[ast.stmt]:
    """Yield the statements of a block and of those within it; with `inside` those of functions and classes too.

    Of two that bind one name the later counts: what handles that a `try` fails comes before what is tried.
    """
    waiting = [*body][::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if type(node) not in WITHOUT_BLOCKS and (inside or not isinstance(node, _SCOPES)):
            blocks = [getattr(node, "body", ()), getattr(node, "orelse", ()), getattr(node, "finalbody", ())]
            inner = [*getattr(node, "handlers", ()), *getattr(node, "cases", ())]
            waiting += [each for block in (*(part.body for part in inner), *blocks) for each in block][::-1]


def own_nodes(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes that run in the namespace of a module or class, those of its functions left out.

    They come in the order of `statements`.
    """
    waiting: list[ast.AST] = [*reversed([*body])]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            children = [*ast.iter_child_nodes(node)][isinstance(node, ast.comprehension) :]  # without its target
            children.sort(key=lambda child: not isinstance(child, ast.ExceptHandler))
            waiting += children[::-1]


def stored(node: ast.AST) -> Iterator[str]:
    """Yield the names that one node binds, by whatever kind of statement it belongs to but a definition or import."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
    else:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if type(node).__name__.startswith("Match") and isinstance(name, str):
            yield name


def bindings(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what the namespace of a module or class binds, each name with its statement, in the order of `statements`.

    A star import binds `*`. What an `except` clause binds is gone when it ends.
    """
    for node in statements(body):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield node.name, node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((name, node) for name, _ in brought(node, ""))
        else:
            yield from ((name, node) for part in own_parts(node) for name in stored(part))


def listed_names(body: Iterable[ast.stmt]) -> tuple[list[str], bool] | None:
    """Return the names that a module lists in `__all__`, and whether it may list others; `None` where it has none."""
    found: list[str] = []
    is_open = has_one = False
    for node in statements(body):
        for value in _listed_by(node):
            has_one = True
            waiting = [value]
            while waiting:
                part = waiting.pop(0)
                text = literal_text(part)
                if text is not None:
                    found.append(text)
                elif isinstance(part, (ast.List, ast.Tuple, ast.Set)):
                    waiting = [*part.elts, *waiting]
                elif isinstance(part, ast.BinOp):
                    waiting = [part.left, part.right, *waiting]
                elif isinstance(part, ast.Starred):
                    waiting.insert(0, part.value)
                else:
                    is_open = True
    return (found, is_open) if has_one else None


def _listed_by(node: ast.stmt) -> Iterator[ast.AST | None]:
    """Yield what a statement puts into `__all__`."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(node, ast.Assign):
        if any(dotted_name(target) == "__all__" for target in node.targets):
            yield node.value
        elif "__all__" in map(dotted_name, (part for target in node.targets for part in ast.walk(target))):
            yield None
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        if dotted_name(node.target) == "__all__" and node.value is not None:
            yield node.value
    elif (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and dotted_name(call.func.value) == "__all__"
    ):
        yield from call.args if call.func.attr in ("append", "extend") else (None,)
    elif isinstance(node, IMPORTS) and any(name == "__all__" for name, _ in brought(node, "")):
        yield None


def own_parts(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement but those of the statements within it, and of what has a namespace of its own."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.Lambda):
            children = [*ast.iter_child_nodes(node)][isinstance(node, ast.comprehension) :]  # without its target
            waiting += (child for child in children if not isinstance(child, (ast.stmt, ast.ExceptHandler)))
