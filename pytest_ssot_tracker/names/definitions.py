"""Find where and as what a name is defined, by the source alone: through imports, stars, other names and bases.

What lies where nothing can be read, or is made at run time, is *unknown*: of that no check is made.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from pytest_ssot_tracker.imported import Imported, brought, package_of
from pytest_ssot_tracker.names.contents import Contents, built_in, contents_of_tree, plain_bases
from pytest_ssot_tracker.names.module_getattr import leads
from pytest_ssot_tracker.names.syntax import (
    FUNCTIONS,
    UNREADABLE,
    bindings,
    by_place,
    decorators,
    dotted_name,
    is_of_self,
    last_name,
    listed_names,
    literal_text,
    own_parts,
    parsed,
)
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.source import decode

__all__ = ["ABSENT", "UNKNOWN", "Definition", "Definitions", "Findable"]

_DEPTH = 12
_KINDS = MappingProxyType(
    {
        "exception": frozenset(
            name
            for name, value in vars(builtins).items()
            if isinstance(value, type) and issubclass(value, BaseException)
        ),
        "enum": frozenset({"Enum", "Flag", "IntEnum", "IntFlag", "StrEnum"}),
    }
)
"""The names of the bases by which a class shows what it is."""
_MAKING = (ast.Call, ast.DictComp, ast.SetComp, ast.ListComp, ast.GeneratorExp)
"""What a table may be made by whose names are not written down."""


class Findable(Protocol):
    """Where modules are looked for: in the project alone, or in all that is installed."""

    def exists(self, name: str) -> bool:
        """Whether there is a module called `name`."""

    def file(self, name: str) -> str | None:
        """Return the source of the module called `name`, `None` where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """What a name is: `class`, `function`, `value`, `module`, `unknown` or `absent`, and where it is defined.

    `of_class` tells that it stands in the body of a class.
    """

    kind: str
    module: str = ""
    node: ast.AST | None = None
    of_class: bool = False

    @property
    def is_async(self) -> bool:
        """Whether calling it gives something to await."""
        return isinstance(self.node, ast.AsyncFunctionDef)

    @property
    def is_known(self) -> bool:
        """Whether it is there, and the source tells what it is."""
        return self.kind not in ("unknown", "absent")

    @property
    def shown(self) -> str:
        """Return what people are told of it as the replacement of something."""
        return getattr(self.node, "name", "the replacement")


UNKNOWN = Definition("unknown")
ABSENT = Definition("absent")


class Definitions:
    """What names are, by the source of the `modules`; each is read once, and nothing is imported.

    `files` are those that were read.
    """

    def __init__(self, modules: Findable) -> None:
        self.files: set[str] = set()
        self._modules = modules
        self._trees: dict[str, ast.Module | None] = {}
        self._bound: dict[str, dict[str, list[ast.stmt]]] = {}
        self._contents: dict[str, Contents] = {}
        self._tops: dict[tuple[str, str], Definition] = {}
        self._open: set[tuple[str, str]] = set()
        self._members: dict[ast.ClassDef, frozenset[str]] = {}

    # --- Modules

    def find(self, module: str, attribute: str | None) -> Definition:
        """Return what `attribute` (dotted, `None` for the module itself) of `module` is."""
        if not self._modules.exists(module.partition(".")[0]):
            return UNKNOWN
        if not self._modules.exists(module):
            return ABSENT
        found = Definition("module", module)
        for name in () if attribute is None else attribute.split("."):
            found = self.member(found, name)
        return found

    def at(self, dotted: str) -> Definition:
        """Return what the dotted text of a name is."""
        module = dotted.rpartition(".")[0]
        while module and not self._modules.exists(module):
            module = module.rpartition(".")[0]
        return self.find(module, dotted.removeprefix(module).lstrip(".") or None) if module else UNKNOWN

    def bound(self, module: str) -> Mapping[str, ast.stmt]:
        """Return what each name of `module` is bound by, the last time it is."""
        return {name: nodes[-1] for name, nodes in self._names(module).items()}

    def is_bound_once(self, module: str, attribute: str) -> bool:
        """Whether one statement alone binds, or changes, each part of the dotted `attribute` of `module`."""
        tree = self.tree(module)
        block = [] if tree is None else tree.body
        for name in attribute.split("."):
            found = (node for bound, node in (*bindings(block), *_changes(block)) if bound == name)
            nodes = [node for node in found if "overload" not in decorators(node)]  # these are for type checkers alone
            if len(nodes) != 1:
                return False
            block = getattr(nodes[0], "body", [])
        return True

    def is_doubtful(self, module: str, name: str) -> bool:
        """Whether nothing shows that a module of the project has `name`, and nothing that it has not."""
        if name in self._names(module) or not self._modules.exists(module) or self._modules.exists(f"{module}.{name}"):
            return False
        answers = self._answers(module, name)
        return answers is None or (answers is False and self._top(module, name).kind == "unknown")

    def imported_from(self, module: str, name: str) -> str | None:
        """Return what an import binds `name` of `module` to, dotted; `None` where none does."""
        nodes = self._names(module).get(name, ())
        found = (self._brought(module, node, name) for node in reversed(nodes))
        return next((imported.dotted for imported in found if imported is not None), None)

    def tree(self, module: str) -> ast.Module | None:
        """Return the syntax tree of a module, `None` where it has no source that can be read."""
        if module not in self._trees:
            file = self._modules.file(module)
            self._trees[module] = None
            if file is not None:
                self.files.add(file)
                try:
                    with open(file, "rb") as stream:
                        self._trees[module] = parsed(decode(stream.read()))
                except (OSError, *UNREADABLE):
                    pass
        return self._trees[module]

    def package(self, module: str) -> str:
        """Return the package that relative imports written in `module` start from."""
        file = self._modules.file(module)
        return package_of(module, is_package=file is None or file.endswith("__init__.py"))

    def _names(self, module: str) -> dict[str, list[ast.stmt]]:
        if module not in self._bound:
            tree = self.tree(module)
            self._bound[module] = _grouped(tree)
        return self._bound[module]

    def _brought(self, module: str, node: ast.stmt, name: str) -> Imported | None:
        """Return what `name` stands for where `node` is an import in `module`."""
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            return None
        return next((found for local, found in brought(node, self.package(module)) if local == name), None)

    def _top(self, module: str, name: str) -> Definition:
        """Return what `name` is in a module; nothing is known of what leads back to itself."""
        key = (module, name)
        if key in self._tops:
            return self._tops[key]
        if key in self._open or len(self._open) > _DEPTH:
            return UNKNOWN
        self._open.add(key)
        try:
            found = self._looked_up(module, name)
        finally:
            self._open.discard(key)
        if not self._open:  # what was found on the way may have been cut short
            self._tops[key] = found
        return found

    def _looked_up(self, module: str, name: str) -> Definition:
        bound = self._names(module)
        if name in bound:
            return self._best(module, name, bound[name])
        if self._modules.exists(f"{module}.{name}"):
            return Definition("module", f"{module}.{name}")
        tree = self.tree(module)
        behind = (
            None if tree is None or "__getattr__" not in bound else dict(leads(tree, self.package(module))).get(name)
        )
        if behind is not None:
            return self.at(behind)
        if tree is None or self._answers(module, name) is not False:
            return UNKNOWN
        found = self._through_stars(module, name)
        contents = self._said(module)
        made = name in contents.names or (contents.makes and "__getattr__" not in bound)
        return UNKNOWN if made and not found.is_known else found

    def _said(self, module: str) -> Contents:
        """Return what a module may have, whatever binds it."""
        if module not in self._contents:
            tree = self.tree(module)
            self._contents[module] = Contents() if tree is None else contents_of_tree(tree, self.package(module))
        return self._contents[module]

    def _best(self, module: str, name: str, nodes: Sequence[ast.stmt], *, of_class: bool = False) -> Definition:
        """Return what the last of some statements makes of a name, or of those that lead somewhere.

        `None` only stands for what another of them makes.
        """
        order = [*reversed(nodes)]
        order.sort(key=_is_none)
        found = [self._bound_by(module, node, name, of_class=of_class) for node in order]
        return next((definition for definition in found if definition.is_known), found[0])

    def _bound_by(self, module: str, node: ast.stmt, name: str, *, of_class: bool) -> Definition:
        """Return what a statement makes of `name`."""
        if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
            kind = "class" if isinstance(node, ast.ClassDef) else "function"
            return Definition(kind, module, node, of_class)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imported = self._brought(module, node, name)
            if imported is None or not self._modules.exists(imported.module):
                return UNKNOWN
            above = Definition("module", imported.module)
            return above if imported.attribute is None else self.member(above, imported.attribute)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, (ast.Name, ast.Attribute)):
            same = UNKNOWN if of_class else self._written(module, node.value)
            if same.kind in ("class", "function"):
                return same
        return Definition("value", module, node, of_class)

    def _through_stars(self, module: str, name: str) -> Definition:
        """Return what `name` is in the modules from which another takes all names."""
        found = ABSENT
        for node in self._names(module).get("*", ()):
            star = self._brought(module, node, "*")
            if star is None or not self._modules.exists(star.module):
                return UNKNOWN if found is ABSENT else found
            if self._hands_out(star.module, name):
                through = self._top(star.module, name)
                found = found if through.kind in ("absent", "module") else through
        return found

    def _hands_out(self, module: str, name: str) -> bool:
        """Whether a star import of a module may bring `name`."""
        tree = self.tree(module) if "__all__" in self._names(module) else None
        listed = None if tree is None else listed_names(tree.body)
        if listed is not None and (name in listed[0] or not listed[1]):
            return name in listed[0]
        return not name.startswith("_")

    def _answers(self, module: str, name: str) -> bool | None:
        """Whether the `__getattr__` of a module has an answer for `name`; `None` where its code does not tell."""
        tree, bound = self.tree(module), self._names(module)
        if tree is None or "__getattr__" not in bound:
            return False
        told = _compared_with(bound["__getattr__"][-1])
        named = {part.id for side in told or () for part in ast.walk(side) if isinstance(part, ast.Name)}
        tables = [node for table, node in (*bindings(tree.body), *_changes(tree.body)) if table in named]
        plain = all(isinstance(table, (ast.Assign, ast.AnnAssign, ast.AugAssign)) for table in tables)
        if told is None or not named <= bound.keys() or not plain:
            return None
        parts = [part for node in (*told, *tables) for part in ast.walk(node)]
        if any(isinstance(part, ast.Constant) and part.value == name for part in parts):
            return True
        return None if any(isinstance(part, _MAKING) for part in parts) else False

    # --- Classes

    def member(self, owner: Definition, name: str) -> Definition:
        """Return what `name` is in a module, or in a class: of itself or its bases, set in a method or in its body."""
        if owner.kind == "module":
            return self._top(owner.module, name)
        if owner.kind != "class" or not isinstance(owner.node, ast.ClassDef):
            return ABSENT if owner.kind == "absent" else UNKNOWN
        return self._member(owner, name, _DEPTH)

    def _member(self, owner: Definition, name: str, depth: int) -> Definition:
        node = owner.node
        if not isinstance(node, ast.ClassDef) or not depth:
            return UNKNOWN
        own = _grouped(node)
        if name in own:
            return self._best(owner.module, name, own[name], of_class=True)
        if name in self.own_members(owner):
            return Definition("value", owner.module)
        if {"__getattr__", "__getattribute__"} & own.keys():
            return UNKNOWN
        answers = [
            self._member(base, name, depth - 1) if isinstance(base, Definition) else _built_in_member(base, name)
            for base in self.bases(owner, depth)
        ]
        known = next((answer for answer in answers if answer.is_known), None)
        unknown = node.keywords or UNKNOWN in answers or hasattr(object, name)
        return known or (UNKNOWN if unknown else ABSENT)

    def bases(self, owner: Definition, depth: int = _DEPTH) -> list[Definition | type]:
        """Return the bases of a class that bring names of their own, those that are built in as they are."""
        assert isinstance(owner.node, ast.ClassDef)
        found: list[Definition | type] = []
        for node in owner.node.bases:
            spelled = self._spelled(owner.module, node)
            if not plain_bases([spelled]):
                continue
            builtin = None if spelled in self._names(owner.module) else built_in(spelled)
            found.append(self._written(owner.module, node, depth - 1) if builtin is None else builtin)
        return found

    def _spelled(self, module: str, node: ast.expr) -> str:
        """Return the dotted name that an expression in `module` means, as far as its imports tell."""
        first, dot, rest = (dotted_name(node) or "?").partition(".")
        return f"{self.imported_from(module, first) or first}{dot}{rest}"

    def _written(self, module: str, node: ast.expr, depth: int = _DEPTH) -> Definition:
        """Return what an expression names that stands in `module`."""
        first, *rest = (dotted_name(node) or "").split(".")
        found = self._top(module, first) if first else UNKNOWN
        for name in rest:
            found = self._member(found, name, depth) if found.kind == "class" else self.member(found, name)
        return found

    def called(self, value: ast.AST | None, module: str) -> Definition:
        """Return what an expression calls that stands in `module`."""
        return self._written(module, value.func) if isinstance(value, ast.Call) else UNKNOWN

    def own_members(self, owner: Definition) -> frozenset[str]:
        """Return the members that a class has by its own body, those that its methods or its module set included."""
        node = owner.node
        assert isinstance(node, ast.ClassDef)
        if node not in self._members:  # a walk through all of its methods, which every use asks for
            told = self._said(owner.module).names.get(node.name)
            said = told.names.keys() if isinstance(told, Contents) else frozenset()
            of_self = (part.attr for part in _of_self(node) if isinstance(part.ctx, ast.Store))
            self._members[node] = frozenset((*said, *of_self, *(name for name, _ in bindings(node.body))))
        return self._members[node]

    def every_member(self, owner: Definition, depth: int = _DEPTH) -> frozenset[str] | None:
        """Return the members that a class has, inherits, or takes of itself; `None` where a base is not known."""
        node = owner.node
        if not isinstance(node, ast.ClassDef) or not depth:
            return None
        found = self.own_members(owner) | {part.attr for part in _of_self(node)}
        for base in self.bases(owner):
            names = frozenset(dir(base)) if isinstance(base, type) else self.every_member(base, depth - 1)
            if names is None:
                return None
            found |= names
        return found

    def derives(self, owner: Definition, kind: str, depth: int = _DEPTH) -> bool:
        """Whether a class is an `exception` or an `enum`, as far as its bases show."""
        if not isinstance(owner.node, ast.ClassDef) or not depth:
            return False
        spelled = (self._spelled(owner.module, base) for base in owner.node.bases)
        if any(name.rpartition(".")[2] in _KINDS[kind] for name in spelled):
            return True
        return any(self.derives(base, kind, depth - 1) for base in self.bases(owner) if not isinstance(base, type))

    def are_kin(self, one: Definition, other: Definition) -> bool:
        """Whether one of two classes derives from the other; of a base that is not known its name tells."""
        return self._is_above(one, other, _DEPTH) or self._is_above(other, one, _DEPTH)

    def _is_above(self, other: Definition, owner: Definition, depth: int) -> bool:
        for node in owner.node.bases if depth and isinstance(owner.node, ast.ClassDef) else ():
            base = self._written(owner.module, node)
            if _is_same(base, other) or self._is_above(other, base, depth - 1):
                return True
            if base.kind != "class" and last_name(node) == getattr(other.node, "name", ""):
                return True
        return False

    def result(self, callee: Definition) -> Definition:
        """Return the class of what calling `callee` gives, as far as its annotation says."""
        if callee.kind == "class":
            return callee
        if not isinstance(callee.node, FUNCTIONS):
            return UNKNOWN
        returns = callee.node.returns
        if returns is None:
            return self._made_by(callee)
        name = returns.id if isinstance(returns, ast.Name) else None
        if (text := literal_text(returns)) is not None and text.isidentifier():
            name = text
        found = UNKNOWN if name is None else self._top(callee.module, name)
        return found if found.kind == "class" else UNKNOWN

    def _made_by(self, callee: Definition) -> Definition:
        """Return the class whose objects a function without annotation gives back, as far as its body shows."""
        assert isinstance(callee.node, FUNCTIONS)
        returned = (node.value for node in ast.walk(callee.node) if isinstance(node, ast.Return))
        made = frozenset[str]().union(*(self._makers(callee, value) for value in returned))
        if len(made) != 1 or not made <= self._names(callee.module).keys():
            return UNKNOWN
        found = self._top(callee.module, next(iter(made)))
        return found if found.kind == "class" else UNKNOWN

    def _makers(self, callee: Definition, value: ast.expr | None) -> set[str]:
        """Return the names of what is called for what a function gives back, an empty one where that is not known."""
        values = [value, *(self._given_to(callee, value.id) if isinstance(value, ast.Name) else ())]
        called = (other.func for other in values if isinstance(other, ast.Call))
        return {func.id for func in called if isinstance(func, ast.Name)} or {""}

    def _given_to(self, callee: Definition, name: str) -> Iterator[ast.expr]:
        """Yield what is assigned to `name` in a function, or in the module where that says so."""
        tree = self.tree(callee.module)
        for node in () if tree is None else ast.walk(tree):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                    yield node.value


def _is_same(one: Definition, other: Definition) -> bool:
    """Whether two are one; each may be of a reading of its own."""
    name = getattr(one.node, "name", None)
    return name is not None and (one.module, name) == (other.module, getattr(other.node, "name", None))


def _built_in_member(cls: type, name: str) -> Definition:
    return Definition("value") if hasattr(cls, name) else ABSENT


def _grouped(body: ast.Module | ast.ClassDef | None) -> dict[str, list[ast.stmt]]:
    found: dict[str, list[ast.stmt]] = {}
    for name, node in () if body is None else bindings(body.body):
        found.setdefault(name, []).append(node)
    return found


def _changes(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the names of what the assignments of a namespace put something into, each with its statement."""
    for statement in body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            for part in own_parts(statement):
                if isinstance(part, (ast.Attribute, ast.Subscript)) and isinstance(part.ctx, ast.Store):
                    yield (dotted_name(part) or "").partition(".")[0], statement


def _is_none(node: ast.stmt) -> bool:
    value = getattr(node, "value", node)
    return isinstance(value, ast.Constant) and value.value is None


def _compared_with(function: ast.stmt) -> list[ast.expr] | None:
    """Return what a `__getattr__` compares its parameter with, which raises for all else; `None` for any other code."""
    if not isinstance(function, ast.FunctionDef) or not isinstance(function.body[-1], ast.Raise):
        return None
    asked = by_place(function.args)[:1]
    told: list[ast.expr] = []
    for node in function.body[:-1]:
        if isinstance(node, ast.If):
            guard = node.test
            if not (isinstance(guard, ast.Compare) and isinstance(guard.left, ast.Name) and [guard.left.id] == asked):
                return None
            told += guard.comparators
        elif not isinstance(node, (ast.Expr, ast.Import, ast.ImportFrom)):
            return None
    return told


def _of_self(node: ast.ClassDef) -> Iterator[ast.Attribute]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Attribute) and is_of_self(part))
