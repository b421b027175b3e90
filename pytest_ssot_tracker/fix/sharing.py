"""Know what names of a module share state, so that one of them must not leave without the others.

A function that touches nothing but its arguments can go alone, and so can a constant. What makes objects of a class,
raises or compares them shares that class; what reads or sets a variable of the module shares that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from pytest_ssot_tracker.fix.defining import OwnDefinitions
from pytest_ssot_tracker.names.syntax import last_name, literal_text

__all__ = ["Sharing"]

_T = TypeVar("_T")
_STATELESS = frozenset({"getLogger", "get_logger", "TypeVar", "ParamSpec", "NewType", "frozenset", "namedtuple"})
"""What makes a variable of a module that nobody minds there being two of."""


class Sharing:
    """What the names of the project's modules share with each other."""

    def __init__(self, definitions: OwnDefinitions) -> None:
        self._definitions = definitions
        self._found: dict[tuple[str, str | None], frozenset[str]] = {}
        self._rebound: dict[str, frozenset[str]] = {}
        self._asked: set[str] = set()

    def __call__(self, module: str, name: str | None) -> frozenset[str]:
        """Return what `name` shares, dotted: classes and variables of its module, and what that takes from elsewhere.

        Without a name that is what anything of the module shares.
        """
        key = (module, name)
        if key not in self._found:
            bound = self._definitions.bound(module)
            if name is None:
                self._found[key] = frozenset({module}).union(*(self(module, other) for other in bound))
            else:
                known = name in bound and "*" not in bound
                self._found[key] = frozenset(self._reached(module, name)) if known else frozenset({module})
        return self._found[key]

    def _reached(self, module: str, name: str) -> Iterator[str]:
        bound = self._definitions.bound(module)
        waiting, seen = [name], {name}
        while waiting:
            found = waiting.pop()
            node = bound[found]
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                yield from self._imported(module, found)
                continue
            rebound = found in self._declared_global(module)
            once = self._definitions.is_bound_once(module, found)
            if isinstance(node, ast.ClassDef) or rebound or not once or _is_state(node):
                # Objects of one class are often handed to those of another: what has state leaves as a whole.
                yield from (module, f"{module}.{found}")
            elif isinstance(node, (ast.Assign, ast.AnnAssign)) and ast.Call in map(type, ast.walk(node)):
                continue  # a logger, say: whatever made it
            named = [other for other in _names(node) if other in bound and other not in seen]
            seen.update(named)
            waiting += dict.fromkeys(named)

    def _declared_global(self, module: str) -> frozenset[str]:
        """Return the variables of a module that its functions set."""
        if module not in self._rebound:
            nodes = (part for node in self._definitions.bound(module).values() for part in ast.walk(node))
            declared = (name for node in nodes if isinstance(node, ast.Global) for name in node.names)
            self._rebound[module] = frozenset(declared)
        return self._rebound[module]

    def _imported(self, module: str, name: str) -> Iterator[str]:
        """Yield what an imported name stands for where that is of the project, as dotted text."""
        home = self._definitions.imported_from(module, name)
        if home is None or not self._definitions.modules.exists(home.partition(".")[0]):
            return
        found = self._definitions.at(home)
        if found.kind != "function" or home in self._asked:
            yield home
            return
        self._asked.add(home)
        yield from self(found.module, home.rpartition(".")[2])
        self._asked.remove(home)

    @staticmethod
    def groups(items: Iterable[tuple[_T, frozenset[str]]]) -> list[list[_T]]:
        """Return `items` in groups that share something, directly or through others, in their order."""
        groups: list[tuple[list[_T], set[str]]] = []
        for item, shared in items:
            touched = [group for group in groups if group[1] & shared]
            merged: tuple[list[_T], set[str]] = ([], set(shared))
            for group in touched:
                merged[0].extend(group[0])
                merged[1].update(group[1])
                groups.remove(group)
            merged[0].append(item)
            groups.append(merged)
        return [members for members, _ in groups]


def _names(node: ast.AST) -> Iterator[str]:
    """Yield every name in the definition `node`, those in texts that may be annotations included.

    That it is deprecated, which it says by a warning or by a decorator, is nothing that it shares.
    """
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if not (isinstance(part, ast.Call) and last_name(part.func) in ("warn", "deprecated")):
            waiting += ast.iter_child_nodes(part)
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, (ast.Global, ast.Nonlocal)):
            yield from part.names
        elif (text := literal_text(part)) is not None and text.isidentifier():
            yield text


def _is_state(node: ast.AST) -> bool:
    """Whether a variable of a module holds something that may change, or that is compared by identity."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return not _is_constant([] if node.value is None else [node.value])
    return not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


def _is_constant(nodes: Sequence[ast.AST]) -> bool:
    for node in nodes:
        if isinstance(node, ast.Call):
            if last_name(node.func) not in _STATELESS and ast.unparse(node.func) != "re.compile":
                return False
        elif isinstance(node, (ast.Tuple, ast.UnaryOp, ast.BinOp)):
            if not _is_constant([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]):
                return False
        elif not isinstance(node, (ast.Constant, ast.Name, ast.Attribute, ast.Subscript)):
            return False
    return True
