"""Know what the project's modules define: kinds, members, signatures, and whom a module imports.

What lies outside the project, or is made at run time, is *unknown*: of that no check is made.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from pytest_ssot_tracker.imported import Imported, absolute, brought, package_of, prefixes
from pytest_ssot_tracker.names.syntax import FUNCTIONS, UNREADABLE, Function, by_place, defaults, is_of_self
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.scan.own_modules import OwnModules
from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.source import decode

__all__ = ["ABSENT", "UNKNOWN", "Call", "Definition", "Definitions", "bound_by", "last_name"]

_PLAIN_DECORATORS = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "cache", "lru_cache", "override", "deprecated"}
)
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


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """What a name is: `class`, `function`, `value`, `module`, `unknown` or `absent`, and where it is defined."""

    kind: str
    module: str = ""
    node: ast.AST | None = None

    @property
    def is_async(self) -> bool:
        """Whether calling it gives something to await."""
        return isinstance(self.node, ast.AsyncFunctionDef)

    @property
    def shown(self) -> str:
        """Return what people are told of it as the replacement of something."""
        return getattr(self.node, "name", "the replacement")


UNKNOWN = Definition("unknown")
ABSENT = Definition("absent")


@dataclass(frozen=True, slots=True)
class Call:
    """How something is called: how many arguments by place, which by name, and whether some are unpacked."""

    positional: int
    keywords: tuple[str, ...]
    unpacked: bool = False


class Definitions:
    """Answer what names of the project's modules are, from their source; nothing is imported."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.modules = OwnModules(tree)
        self._parsed: dict[str, ast.Module | None] = {}
        self._bound: dict[str, dict[str, ast.AST]] = {}
        self._imported: dict[str, tuple[str, ...]] = {}
        self._reached: dict[str, frozenset[str]] = {}

    # --- Names

    def find(self, module: str, attribute: str | None) -> Definition:
        """Return what `attribute` (dotted, `None` for the module itself) of `module` is."""
        if not self.modules.exists(module.partition(".")[0]):
            return UNKNOWN
        if not self.modules.exists(module):
            return ABSENT
        if attribute is None:
            return Definition("module", module)
        first, *rest = attribute.split(".")
        found = self._top(module, first, _DEPTH)
        for name in rest:
            found = self.member(found, name)
        return found

    def _top(self, module: str, name: str, depth: int) -> Definition:
        bound = self.bound(module)
        node = bound.get(name)
        if node is None:
            if self.modules.exists(f"{module}.{name}"):
                return Definition("module", f"{module}.{name}")
            if self._parse(module) is None or _answers(bound, name) is not False:
                return UNKNOWN
            return self._through_stars(module, name, depth)
        if isinstance(node, ast.ImportFrom) and depth:
            imported = self._behind(module, name)
            if imported is None or not self.modules.exists(imported.module):
                return UNKNOWN
            return self._top(imported.module, imported.attribute or name, depth - 1)
        return _definition(module, node)

    def is_doubtful(self, module: str, name: str) -> bool:
        """Whether nothing shows that a module of the project has `name`, and nothing that it has not."""
        bound = self.bound(module)
        if name in bound or not self.modules.exists(module) or self.modules.exists(f"{module}.{name}"):
            return False
        answers = _answers(bound, name)
        return answers is None or (answers is False and self._top(module, name, _DEPTH).kind == "unknown")

    def _through_stars(self, module: str, name: str, depth: int) -> Definition:
        """Return what `name` is in the modules from which another takes all names."""
        tree = self._parse(module)
        found = ABSENT
        for node in () if tree is None or name.startswith("_") else _at_import(tree.body):
            if not isinstance(node, ast.ImportFrom) or node.names[0].name != "*":
                continue
            base = self._source(module, node)
            if not depth or base is None or not self.modules.exists(base):
                return UNKNOWN
            through = self._top(base, name, depth - 1)
            if through.kind not in ("absent", "module"):
                found = through
        return found

    def is_bound_once(self, module: str, attribute: str) -> bool:
        """Whether one statement alone binds each part of the dotted `attribute` of `module`."""
        tree = self._parse(module)
        block: Sequence[ast.stmt] = [] if tree is None else tree.body
        for name in attribute.split("."):
            bound = [node for found, node in _bindings(block) if found == name and not _is_overload(node)]
            if len(bound) != 1:
                return False
            block = getattr(bound[0], "body", [])
        return True

    def imported_from(self, module: str, name: str) -> str | None:
        """Return what an import binds `name` of `module` to, dotted; `None` where none does."""
        imported = self._behind(module, name)
        return None if imported is None else ".".join(filter(None, imported))

    def _behind(self, module: str, name: str) -> Imported | None:
        """Return what an import binds `name` of `module` to, `None` where none does."""
        node = self.bound(module).get(name)
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            return None
        return dict(brought(node, self._package(module))).get(name)

    def _source(self, module: str, node: ast.ImportFrom) -> str | None:
        """Return the module from which a statement of `module` imports names."""
        return absolute(node.module or "", node.level, self._package(module))

    def _package(self, module: str) -> str:
        path = self.modules.path(module)
        return package_of(module, is_package=path is None or path.endswith("__init__.py"))

    def _parse(self, module: str) -> ast.Module | None:
        if module not in self._parsed:
            path = self.modules.path(module)
            tree = None
            if path is not None:
                try:
                    with open(self._tree.absolute(path), "rb") as stream:
                        tree = ast.parse(decode(stream.read()))
                except (OSError, *UNREADABLE):
                    tree = None
            self._parsed[module] = tree
        return self._parsed[module]

    def bound(self, module: str) -> dict[str, ast.AST]:
        """Return what each name of `module` is bound by, the last time it is."""
        if module not in self._bound:
            tree = self._parse(module)
            self._bound[module] = {} if tree is None else dict(_bindings(tree.body))
        return self._bound[module]

    # --- Classes

    def member(self, owner: Definition, name: str) -> Definition:
        """Return what `name` is in a class: of itself or its bases, set in a method or in its body."""
        if owner.kind != "class" or not isinstance(owner.node, ast.ClassDef):
            return ABSENT if owner.kind == "absent" else UNKNOWN
        return self._member(owner, name, _DEPTH)

    def _member(self, owner: Definition, name: str, depth: int) -> Definition:
        node = owner.node
        assert isinstance(node, ast.ClassDef)
        own = dict(_bindings(node.body))
        if name in own:
            return _definition(owner.module, own[name])
        if name in _set_on_self(node):
            return Definition("value", owner.module)
        if not depth or {"__getattr__", "__getattribute__"} & own.keys():
            return UNKNOWN
        answers = [self._inherited(base, owner.module, name, depth) for base in node.bases]
        if any(answer.kind not in ("absent", "unknown") for answer in answers):
            return next(answer for answer in answers if answer.kind not in ("absent", "unknown"))
        unknown = node.keywords or any(answer.kind == "unknown" for answer in answers) or hasattr(object, name)
        return UNKNOWN if unknown else ABSENT

    def _inherited(self, base: ast.expr, module: str, name: str, depth: int) -> Definition:
        if isinstance(base, ast.Name) and base.id == "object":
            return ABSENT
        found = self._top(module, base.id, _DEPTH) if isinstance(base, ast.Name) else UNKNOWN
        return self._member(found, name, depth - 1) if isinstance(found.node, ast.ClassDef) else UNKNOWN

    @staticmethod
    def members_of_builtin(name: str) -> frozenset[str] | None:
        """Return the members of a class that is there without an import, `None` where there is none."""
        found = getattr(builtins, name, None)
        return frozenset(dir(found)) if isinstance(found, type) else None

    @staticmethod
    def own_members(node: ast.ClassDef) -> frozenset[str]:
        """Return the members that a class has by its own body, those that its methods set included."""
        return _set_on_self(node) | {name for name, _ in _bindings(node.body)}

    def every_member(self, owner: Definition, depth: int = _DEPTH) -> frozenset[str] | None:
        """Return the members that a class has, inherits, or takes of itself; `None` where a base is not known."""
        node = owner.node
        if not isinstance(node, ast.ClassDef) or not depth:
            return None
        found = self.own_members(node) | {part.attr for part in _of_self(node)}
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id not in self.bound(owner.module):
                known = self.members_of_builtin(base.id)
                if known is None:
                    return None
                found |= known
                continue
            if last_name(base) == "ABC":
                continue
            above = self._top(owner.module, base.id, _DEPTH) if isinstance(base, ast.Name) else UNKNOWN
            names = self.every_member(above, depth - 1)
            if names is None:
                return None
            found |= names
        return found

    def at(self, dotted: str) -> Definition:
        """Return what the dotted text of a name is."""
        module = dotted.rpartition(".")[0]
        while module and not self.modules.exists(module):
            module = module.rpartition(".")[0]
        return self.find(module, dotted.removeprefix(module).lstrip(".") or None) if module else UNKNOWN

    def derives(self, owner: Definition, kind: str, depth: int = _DEPTH) -> bool:
        """Whether a class is an `exception` or an `enum`, as far as its bases show."""
        if not isinstance(owner.node, ast.ClassDef) or not depth:
            return False
        for base in owner.node.bases:
            if last_name(base) in _KINDS[kind]:
                return True
            if isinstance(base, ast.Name) and self.derives(self._top(owner.module, base.id, _DEPTH), kind, depth - 1):
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
        if isinstance(returns, ast.Constant) and isinstance(returns.value, str) and returns.value.isidentifier():
            name = returns.value
        found = UNKNOWN if name is None else self._top(callee.module, name, _DEPTH)
        return found if found.kind == "class" else UNKNOWN

    def _made_by(self, callee: Definition) -> Definition:
        """Return the class whose objects a function without annotation gives back, as far as its body shows."""
        assert isinstance(callee.node, FUNCTIONS)
        returned = (node.value for node in ast.walk(callee.node) if isinstance(node, ast.Return))
        made = frozenset[str]().union(*(self._makers(callee, value) for value in returned))
        if len(made) != 1 or not made <= self.bound(callee.module).keys():
            return UNKNOWN
        found = self._top(callee.module, next(iter(made)), _DEPTH)
        return found if found.kind == "class" else UNKNOWN

    def _makers(self, callee: Definition, value: ast.expr | None) -> set[str]:
        """Return the names of what is called for what a function gives back, an empty one where that is not known."""
        values = [value, *(self._given_to(callee, value.id) if isinstance(value, ast.Name) else ())]
        called = (other.func for other in values if isinstance(other, ast.Call))
        return {func.id for func in called if isinstance(func, ast.Name)} or {""}

    def _given_to(self, callee: Definition, name: str) -> Iterator[ast.expr]:
        """Yield what is assigned to `name` in a function, or in the module where that says so."""
        tree = self._parse(callee.module)
        for node in () if tree is None else ast.walk(tree):
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                    yield node.value

    # --- Signatures

    def accepts(self, callee: Definition, call: Call, *, bound: bool = False) -> bool | None:
        """Whether `callee` can be called so; `None` where that is not known. `bound` says it is a method."""
        if call.unpacked:
            return None
        if callee.kind == "class":
            return self._constructs(callee, call)
        if not isinstance(callee.node, FUNCTIONS):
            return None
        if not _is_plain(callee.node):
            return None
        return _fits(callee.node.args, call, skip=bound and not _is_static(callee.node))

    @staticmethod
    def is_static(callee: Definition) -> bool:
        """Whether a method is called of its class as of its objects."""
        return not {"staticmethod", "classmethod"}.isdisjoint(_decorators(callee.node))

    def places(self, callee: Definition, *, bound: bool = False) -> list[str] | None:
        """Return the parameters that take arguments of `callee` by place; `None` where they are not known."""
        if callee.kind == "class":
            init = self.member(callee, "__init__")
            return self.places(init, bound=True) if isinstance(init.node, FUNCTIONS) else None
        if not isinstance(callee.node, FUNCTIONS):
            return None
        if not _is_plain(callee.node):
            return None
        return by_place(callee.node.args)[bound and not _is_static(callee.node) :]

    def default_of(self, callee: Definition) -> Callable[[str], str | None]:
        """Return what tells the default of a parameter of `callee` as it is written, `None` where that is not known."""
        if callee.kind == "class":
            callee = self.member(callee, "__init__")
        if not isinstance(callee.node, FUNCTIONS):
            return lambda name: None
        return {name: ast.unparse(default) for name, default in defaults(callee.node.args).items()}.get

    def _constructs(self, owner: Definition, call: Call) -> bool | None:
        if not isinstance(owner.node, ast.ClassDef) or owner.node.decorator_list or owner.node.keywords:
            return None
        if self.member(owner, "__new__").kind == "function":
            return None
        init = self.member(owner, "__init__")
        if isinstance(init.node, FUNCTIONS):
            return self.accepts(init, call, bound=True)
        plain = not owner.node.bases or all(
            isinstance(base, ast.Name) and base.id == "object" for base in owner.node.bases
        )
        return not call.positional and not call.keywords if plain else None

    # --- Who imports whom

    def reaches(self, module: str, other: str) -> bool:
        """Whether importing `module` imports `other` on the way."""
        if module not in self._reached:
            seen: set[str] = set()
            waiting = [module]
            while waiting:
                name = waiting.pop()
                if name not in seen and self.modules.exists(name):
                    seen.add(name)
                    waiting += self._imports(name)
            self._reached[module] = frozenset(seen)
        return other in self._reached[module]

    def _imports(self, module: str) -> tuple[str, ...]:
        if module not in self._imported:
            self._imported[module] = tuple(dict.fromkeys(self._read_imports(module)))
        return self._imported[module]

    def _read_imports(self, module: str) -> Iterator[str]:
        tree = self._parse(module)
        for node in () if tree is None else _at_import(tree.body):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from prefixes(alias.name)
            elif base := self._source(module, node):
                yield from prefixes(base)
                yield from filter(self.modules.exists, (f"{base}.{alias.name}" for alias in node.names))


def _answers(bound: Mapping[str, ast.AST], name: str) -> bool | None:
    """Whether the `__getattr__` of a module has an answer for `name`; `None` where its code does not tell."""
    answering = bound.get("__getattr__")
    if answering is None:
        return False
    told = _compared_with(answering)
    if told is None:
        return None
    tables = [bound.get(part.id) for side in told for part in ast.walk(side) if isinstance(part, ast.Name)]
    written = [table for table in tables if isinstance(table, (ast.Assign, ast.AnnAssign))]
    if len(written) < len(tables):
        return None
    parts = [part for node in (*told, *written) for part in ast.walk(node)]
    if any(isinstance(part, ast.Constant) and part.value == name for part in parts):
        return True
    return None if any(isinstance(part, _MADE_AT_RUN_TIME) for part in parts) else False


_MADE_AT_RUN_TIME = (ast.Call, ast.DictComp, ast.SetComp, ast.ListComp, ast.GeneratorExp)


def _compared_with(function: ast.AST) -> list[ast.expr] | None:
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


def _definition(module: str, node: ast.AST) -> Definition:
    if isinstance(node, ast.ClassDef):
        return Definition("class", module, node)
    if isinstance(node, FUNCTIONS):
        return Definition("function", module, node)
    return UNKNOWN if isinstance(node, (ast.Import, ast.ImportFrom)) else Definition("value", module, node)


def _is_overload(node: ast.AST) -> bool:
    """Whether a definition is there for type checkers alone."""
    return "overload" in _decorators(node)


def _decorators(node: ast.AST | None) -> set[str]:
    return {last_name(decorator) for decorator in getattr(node, "decorator_list", ())}


def _is_plain(node: Function) -> bool:
    """Whether a function is called as it is written, whatever decorates it."""
    return _decorators(node) <= _PLAIN_DECORATORS


def _is_static(node: Function) -> bool:
    return "staticmethod" in _decorators(node)


def last_name(node: ast.expr) -> str:
    """Return the last part of what `node` names, or calls."""
    return ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]


def _blocks(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        yield getattr(statement, field, ())
    for handler in getattr(statement, "handlers", ()):
        yield handler.body


def bound_by(statement: ast.stmt) -> list[str]:
    """Return the names that a statement binds at its own level."""
    return [name for name, _ in _bindings([statement])]


def _bindings(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Yield what statements bind at their own level, blocks of `if`, `try` and `with` included."""
    for statement in body:
        if isinstance(statement, (ast.ClassDef, *FUNCTIONS)):
            yield statement.name, statement
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            for alias in statement.names:
                yield alias.asname or alias.name.partition(".")[0], statement
        elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                yield from ((node.id, statement) for node in ast.walk(target) if isinstance(node, ast.Name))
        else:
            for block in _blocks(statement):
                yield from _bindings(block)


def _of_self(node: ast.ClassDef) -> list[ast.Attribute]:
    return [part for part in ast.walk(node) if isinstance(part, ast.Attribute) and is_of_self(part)]


def _set_on_self(node: ast.ClassDef) -> frozenset[str]:
    return frozenset(part.attr for part in _of_self(node) if isinstance(part.ctx, ast.Store))


def _at_import(body: Sequence[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the import statements that run when a module is imported."""
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield statement
        elif isinstance(statement, ast.If) and last_name(statement.test) == "TYPE_CHECKING":
            yield from _at_import(statement.orelse)
        elif not isinstance(statement, FUNCTIONS):
            for block in _blocks(statement):
                yield from _at_import(block)


def _fits(arguments: ast.arguments, call: Call, *, skip: bool) -> bool:
    places = by_place(arguments)
    by_name = {parameter.arg for parameter in (*arguments.args, *arguments.kwonlyargs)}
    given = call.positional + skip
    if given > len(places) and arguments.vararg is None:
        return False
    filled, keywords = set(places[:given]), set(call.keywords)
    if filled & keywords or (arguments.kwarg is None and not keywords <= by_name):
        return False
    return {*places, *by_name} - defaults(arguments).keys() <= filled | keywords
