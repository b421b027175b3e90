"""Read from the source of a module which names it has, and whether it may have others at run time.

What is taken for a name is more than what is one for certain: a name in a branch that is not taken counts. What says
that names may be made at run time counts wherever it stands. So that a name is called missing only where it surely is.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pytest_ssot_tracker.imported import Imported, absolute, brought, package_of
from pytest_ssot_tracker.names.syntax import (
    FUNCTIONS,
    IMPORTS,
    UNREADABLE,
    bindings,
    dotted_name,
    last_name,
    literal_text,
    literal_texts,
    own_nodes,
    parsed,
    stored,
)
from pytest_ssot_tracker.records import dataclass, field

__all__ = ["Contents", "contents_of", "contents_of_tree", "defines"]

_HARMLESS = frozenset({"dataclass", "dataclasses.dataclass", "final", "typing.final", "runtime_checkable", "unique"})
_PLAIN_BASES = frozenset({"object", "abc.ABC", "ABC", "typing.Protocol", "Protocol", "typing.Generic", "Generic"})


@dataclass(slots=True)
class Contents:
    """The names of a module or a class: each with what is known of it, `None` for any value.

    `makes` says in words why there may be others at run time, and is empty where there are none. `stars` are the
    modules whose names are taken over, `bases` the expressions that a class derives from. `strings` are all texts that
    could be names, and the names in classes: what makes names at run time often has them from there.
    """

    names: dict[str, Known] = field(default_factory=dict)
    makes: str = ""
    stars: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    strings: frozenset[str] = frozenset()

    def speaks_of(self, name: str) -> bool:
        """Whether a name that may be made at run time is written somewhere: itself, or behind a prefix."""
        return any(text == name or text.endswith(f"_{name}") for text in (*self.strings, *self.names))

    def may_have_others(self, why: str) -> None:
        """Note that there may be other names at run time, and why; the first reason is kept."""
        self.makes = self.makes or why


Known: TypeAlias = "Contents | Imported | str | None"


def contents_of(text: str, module: str, *, is_package: bool) -> Contents:
    """Return the names of the module with the source `text`; one that cannot be parsed may have any name."""
    try:
        tree = parsed(text)
    except UNREADABLE:
        return Contents(makes="cannot be parsed by this Python", strings=frozenset(re.findall(r"\w+", text)))
    return contents_of_tree(tree, package_of(module, is_package=is_package))


def contents_of_tree(tree: ast.Module, package: str) -> Contents:
    """Return the names of a module from its syntax tree; relative imports in it start from `package`."""
    return _ModuleReader(package).module(tree)


def defines(text: str, attribute: str) -> bool:
    """Whether the source `text` plainly defines `attribute`, a name or a method, as a glance at it tells.

    It spares the parsing: most targets are there.
    """
    top, *rest = attribute.split(".")
    if not rest:
        heads = [f"{word} {top}{end}" for word in ("class", "def", "async def") for end in "(:"]
        if any(f"\n{head}" in text for head in heads) or text.startswith(tuple(heads)):
            return True  # as most are written, and told without a pattern
        return re.search(rf"(?m)^(?:async[ \t]+def|def|class)[ \t]+{top}\b|^{top}[ \t]*=[^=]", text) is not None
    if len(rest) > 1:
        return False
    block = re.search(rf"(?m)^class[ \t]+{top}\b.*\n(?:[ \t].*\n|[ \t]*\n|#.*\n)*", text)
    method = rf"(?m)^[ \t]+(?:async[ \t]+def|def|class)[ \t]+{rest[0]}\b"
    return block is not None and re.search(method, block.group()) is not None


class _ModuleReader:
    """Reads one module."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._made_on: set[str] = set()

    def module(self, tree: ast.Module) -> Contents:
        found = Contents()
        for node in own_nodes(tree.body):
            self._bind(node, found)
        for node in ast.walk(tree):
            self._anywhere(node, found)
        strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) if type(node.value) is str}
        strings |= {name for known in found.names.values() if isinstance(known, Contents) for name in known.names}
        found.strings = frozenset(text for text in strings if text.isidentifier())
        if "__getattr__" in found.names:
            found.makes = "answers for names at run time (__getattr__)"
            found.stars += self._forwarded(tree)
        for name in self._made_on & found.names.keys():
            known = found.names[name]
            if isinstance(known, Contents):
                known.may_have_others("gets attributes at run time")
        return found

    def _bind(self, node: ast.AST, found: Contents) -> None:
        """Add what one node of a module or class binds there."""
        if isinstance(node, ast.ClassDef):
            found.names[node.name] = self._class(node)
        elif isinstance(node, FUNCTIONS):
            found.names[node.name] = "function"
        elif isinstance(node, IMPORTS):
            self._import(node, found)
        elif isinstance(node, ast.Call) and dotted_name(node.func) in ("locals", "vars") and not node.args:
            found.may_have_others(f"makes names at run time ({dotted_name(node.func)})")
        else:
            for name in stored(node):
                found.names.setdefault(name, None)

    def _import(self, node: ast.Import | ast.ImportFrom, found: Contents) -> None:
        for name, imported in brought(node, self._package):
            if name == "*":
                found.stars += [] if imported is None else [imported.module]
            elif not isinstance(found.names.get(name), Contents):  # what is written out here tells more
                found.names[name] = imported

    def _anywhere(self, node: ast.AST, found: Contents) -> None:
        """Add what a node anywhere in a module does to its names: global names, attributes set on a class, tricks."""
        if isinstance(node, ast.Global):
            for name in node.names:
                found.names.setdefault(name, None)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            owner = found.names.get(node.value.id)
            if isinstance(owner, Contents):
                owner.names.setdefault(node.attr, None)
        elif isinstance(node, ast.Call):
            self._called(node, found)
        elif isinstance(node, ast.Subscript) and dotted_name(node.value) == "sys.modules":
            itself = dotted_name(node.slice) == "__name__"
            if itself or isinstance(node.ctx, ast.Store):
                found.may_have_others("puts itself or others into sys.modules")

    def _called(self, node: ast.Call, found: Contents) -> None:
        called = dotted_name(node.func)
        if called in ("globals", "exec", "builtins.exec"):
            found.may_have_others(f"makes names at run time ({called})")
        elif called == "setattr" and node.args:
            owner = node.args[0]
            if isinstance(owner, ast.Name):
                self._made_on.add(owner.id)
            else:
                found.may_have_others("makes names at run time (setattr)")

    def _class(self, node: ast.ClassDef) -> Contents:
        found = Contents(bases=[dotted_name(base) or "?" for base in node.bases])
        for inner in own_nodes(node.body):
            self._bind(inner, found)
        if node.keywords:
            found.makes = "has a metaclass or class arguments"
        decorators = [
            dotted_name(decorator.func if isinstance(decorator, ast.Call) else decorator) or "?"
            for decorator in node.decorator_list
        ]
        if not _HARMLESS.issuperset(decorators):
            found.makes = "is changed by a decorator"
        if found.names.keys() & {"__getattr__", "__getattribute__"}:
            found.makes = "answers for names at run time (__getattr__)"
        for method in (inner for inner in ast.walk(node) if isinstance(inner, FUNCTIONS) and inner.args.args):
            self._attributes(method, found)
        for text in _slots(node):
            found.names.setdefault(text, None)
        return found

    def _attributes(self, method: ast.FunctionDef | ast.AsyncFunctionDef, found: Contents) -> None:
        """Add the attributes that a method sets on its first argument."""
        me = method.args.args[0].arg
        for node in ast.walk(method):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == me:
                if isinstance(node.ctx, ast.Store):
                    found.names.setdefault(node.attr, None)
                elif node.attr == "__dict__":
                    found.may_have_others("gets attributes at run time")
            elif (
                isinstance(node, ast.Call)
                and dotted_name(node.func) == "setattr"
                and me in map(dotted_name, node.args[:1])
            ):
                found.may_have_others("gets attributes at run time")

    def _forwarded(self, tree: ast.Module) -> Iterator[str]:
        """Yield the modules that a module's `__getattr__` takes what it is asked for from."""
        outer = {name: found for node in tree.body if isinstance(node, IMPORTS) for name, found in self._brought(node)}
        answers = [node for name, node in bindings(tree.body) if name == "__getattr__"]
        for node in (part for answer in answers for part in ast.walk(answer)):
            if isinstance(node, IMPORTS):
                yield from (found.dotted for _, found in self._brought(node))
            elif isinstance(node, ast.Call) and node.args:
                called, first = last_name(node.func), node.args[0]
                if called == "getattr" and dotted_name(first) in outer:
                    yield outer[dotted_name(first) or ""].dotted
                elif called == "import_module" and (text := literal_text(first)) is not None:
                    name = text.lstrip(".")
                    yield absolute(name, len(text) - len(name), self._package) or name

    def _brought(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Imported]]:
        return ((name, found) for name, found in brought(node, self._package) if found is not None)


def _slots(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and any(
            dotted_name(target) == "__slots__" for target in statement.targets
        ):
            yield from literal_texts(ast.walk(statement.value))


def plain_bases(bases: Iterable[str]) -> list[str]:
    """Return those of `bases` that bring names of their own."""
    return [base for base in bases if base not in _PLAIN_BASES]


def built_in(base: str) -> type | None:
    """Return the built-in class called `base`, `None` where it is none."""
    found = getattr(builtins, base, None)
    return found if isinstance(found, type) else None
