"""Read what a file defines that could be a single source of truth: classes, modules of functions, accessors."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_ssot_tracker.imported import Imported, named_by_statement
from pytest_ssot_tracker.names.essence import statements_of
from pytest_ssot_tracker.names.syntax import (
    FUNCTIONS,
    UNREADABLE,
    Function,
    bindings,
    by_place,
    decorators,
    last_name,
    parsed,
    statements,
)
from pytest_ssot_tracker.records import NamedTuple, dataclass, regex

__all__ = ["Candidate", "ClassStatement", "Method", "Outline", "outline", "outline_of"]

_WORD = regex(r"[^\W\d]\w{3,}")
_ACCESSOR = regex(r"_?(?:get|obtain|current|default|shared|instance)(?:_|\Z)")
_DATA_BASES = frozenset({"BaseModel", "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "NamedTuple", "TypedDict"})
_ABSTRACT_BASES = frozenset({"ABC", "ABCMeta", "Interface", "Protocol"})
_ACCESSOR_LINES = 60
"""A longer function does more than hand something out."""
_PLAIN_PARAMETERS = frozenset({"self", "cls", "args", "kwargs"})


@dataclass(frozen=True, slots=True)
class Method:
    """A method or function: its name, its parameters but the first of a method, and its lines in the file.

    `build` is a number that those have in common which do the same, and that few others share.
    """

    name: str
    parameters: tuple[str, ...]
    first: int
    last: int
    build: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A class, or a module of functions (`name` is `None`), that may do a job others do too.

    `bases` are the last parts of the names of its bases. `accessors` are functions of its module, or class methods,
    that hand out one object of it for the whole process. `abstract` is an interface that others implement.
    """

    module: str
    path: str
    line: int
    name: str | None
    methods: Mapping[str, Method]
    bases: tuple[str, ...] = ()
    accessors: tuple[str, ...] = ()
    abstract: bool = False

    @property
    def target(self) -> str:
        """Return its spelling in a configuration."""
        return self.module if self.name is None else f"{self.module}:{self.name}"

    @property
    def title(self) -> str:
        """Return the name by which people speak of it."""
        return self.module.rpartition(".")[2] if self.name is None else self.name

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names by which other files get at it: its own, and those of its accessors in the module."""
        return (self.title, *(name for name in self.accessors if "." not in name))

    @property
    def public(self) -> tuple[str, ...]:
        """Return the names of its public methods."""
        return tuple(name for name in self.methods if not name.startswith("_"))


class ClassStatement(NamedTuple):
    """A class as its statement declares it."""

    name: str
    bases: tuple[str, ...]
    methods: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outline:
    """What one file offers, and what it names.

    `imports` are what its import statements name, `named` all these modules and names, dotted, `words` its longer
    words. `classes` are all its classes, with the last parts of the names of their bases and what methods they define.
    `error` says why it could not be parsed.
    """

    path: str
    candidates: Sequence[Candidate] = ()
    classes: Sequence[ClassStatement] = ()
    imports: frozenset[Imported] = frozenset()
    named: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    error: str | None = None

    def uses(self, candidate: Candidate) -> bool:
        """Whether the file imports `candidate` from its module or from a package above it."""
        return self.path != candidate.path and any(self._brings(imported, candidate) for imported in self.imports)

    def _brings(self, imported: Imported, candidate: Candidate) -> bool:
        """Whether an import brings `candidate`, or a module of which the file may take what it speaks of."""
        module, name = imported
        if candidate.name is None:
            above, _, last = candidate.module.rpartition(".")
            itself = candidate.module in (module, imported.dotted)
            return itself or (above in (module, imported.dotted) and name in (None, "*") and last in self.words)
        if name in candidate.names:
            return f"{candidate.module}.".startswith(f"{module}.")
        brought = module if name in (None, "*") else imported.dotted
        return f"{candidate.module}.".startswith(f"{brought}.") and not self.words.isdisjoint(candidate.names)


def outline(path: str, module: str, data: bytes) -> Outline:
    """Return what the file at `path`, the module `module` with the content `data`, offers; it never raises."""
    try:
        return outline_of(path, module, parsed(data), data.decode("utf-8", "replace"))
    except UNREADABLE as error:
        return Outline(path, words=_words(data.decode("utf-8", "replace")), error=str(error))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))


def outline_of(path: str, module: str, tree: ast.Module, text: str) -> Outline:
    """Return what the file at `path`, the module `module` with this tree of its text, offers."""
    words = _words(text)
    imports = frozenset(_imports(tree, module, is_package=path.endswith("__init__.py")))
    named = frozenset(name for imported in imports for name in (imported.module, imported.dotted))
    if not all(part.isidentifier() for part in module.split(".")):
        # A script or a migration: nobody can name it in an import.
        return Outline(path, imports=imports, named=named, words=words)
    body = list(statements(tree.body))
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    renamed = _renamed(body)
    functions = {node.name: node for node in body if isinstance(node, FUNCTIONS)}
    accessors = _accessors({node.name for node in classes}, functions.values(), tree.body)
    found = [
        candidate
        for node in classes
        if (candidate := _class(node, module, path, tuple(accessors.get(node.name, ())), renamed)) is not None
    ]
    public = {name: _method(node, skip=0) for name, node in functions.items()}
    if len(public) > 2:
        found.append(Candidate(module=module, path=path, line=1, name=None, methods=public))
    declared = tuple(_declared(node, renamed) for node in classes)
    return Outline(path, tuple(found), declared, imports, named, words)


def _imports(tree: ast.Module, module: str, *, is_package: bool) -> Iterator[Imported]:
    """Yield what the import statements anywhere in `module` name."""
    for node in statements(tree.body, inside=True):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from named_by_statement(node, module=module, is_package=is_package)


def _renamed(body: Iterable[ast.stmt]) -> dict[str, str]:
    """Return by what last name each thing is known that the module has under another: `from base import T as Base`."""
    named: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.ImportFrom):
            named.update((name.asname, name.name) for name in node.names if name.asname)
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute)):
            named.update((target.id, last_name(node.value)) for target in node.targets if isinstance(target, ast.Name))
    return named


def _bases(node: ast.ClassDef, named: Mapping[str, str]) -> tuple[str, ...]:
    implements = (
        decorator
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and last_name(decorator.func) == "implementer"
    )
    bases = [
        *node.bases,
        *(interface for implementer in implements for interface in implementer.args),
    ]  # of zope.interface
    names = ((last_name(base), isinstance(base, ast.Name)) for base in bases)
    return tuple(named.get(name, name) if is_plain else name for name, is_plain in names)


def _declared(node: ast.ClassDef, named: Mapping[str, str]) -> ClassStatement:
    methods = frozenset(statement.name for statement in node.body if isinstance(statement, FUNCTIONS))
    return ClassStatement(node.name, _bases(node, named), methods)


def _class(
    node: ast.ClassDef, module: str, path: str, accessors: tuple[str, ...], named: Mapping[str, str]
) -> Candidate | None:
    """Return the class as a candidate, `None` where it only holds data or is an exception."""
    bases = _bases(node, named)
    if _DATA_BASES & set(bases) or any(base.endswith(("Error", "Exception", "Enum", "Warning")) for base in bases):
        return None
    defined = [statement for statement in node.body if isinstance(statement, FUNCTIONS)]
    methods = {function.name: _method(function, skip=1) for function in defined if not function.name.startswith("__")}
    own = tuple(f"{node.name}.{function.name}" for function in defined if _hands_out_itself(function, node.name))
    if len(methods) < 2 and not accessors and not own:
        return None
    meta = {last_name(word.value) for word in node.keywords if word.arg == "metaclass"}
    return Candidate(
        module=module,
        path=path,
        line=node.lineno,
        name=node.name,
        methods=methods,
        bases=bases,
        accessors=(*accessors, *own),
        abstract=bool(_ABSTRACT_BASES & {*bases, *meta}),
    )


def _method(node: Function, *, skip: int) -> Method:
    taken = [*by_place(node.args)[skip:], *(parameter.arg for parameter in node.args.kwonlyargs)]
    names = tuple(name for name in taken if name not in _PLAIN_PARAMETERS)
    build = tuple(_build(statement) for statement in statements_of(node))
    return Method(node.name, names, node.lineno, node.end_lineno or node.lineno, hash(build))


def _build(node: ast.stmt) -> tuple[str, str, str]:
    """Return what can be seen of a statement at a glance, and is alike where two do the same."""
    value = getattr(node, "value", None)
    called = getattr(value, "func", None)
    return type(node).__name__, type(value).__name__, getattr(called, "attr", "")


def _accessors(classes: set[str], functions: Iterable[Function], body: Sequence[ast.stmt]) -> dict[str, list[str]]:
    """Return by class the functions of the module that hand out its one object, kept in a variable of the module."""
    short = [
        function
        for function in functions
        if _ACCESSOR.match(function.name) and (function.end_lineno or 0) - function.lineno <= _ACCESSOR_LINES
    ]
    if not classes or not short:
        return {}
    variables = {name for name, node in bindings(body) if isinstance(node, (ast.Assign, ast.AnnAssign))}
    kept = dict(_made(body, classes))
    found: dict[str, list[str]] = {}
    for function in short:
        handed = {**kept, **{name: made for name, made in _made(function.body, classes) if name in variables}}
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id in handed:
                found.setdefault(handed[node.value.id], []).append(function.name)
                break
    return found


def _made(body: Sequence[ast.stmt], classes: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the names that statements assign an object of a class of the module to, each with the class."""
    for name, node in bindings(body):
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if isinstance(value, ast.Call) and last_name(value.func) in classes:
            yield name, last_name(value.func)


def _hands_out_itself(node: Function, name: str) -> bool:
    """Whether a class method hands out the one object that the class keeps: `return cls._instance`."""
    if not _ACCESSOR.match(node.name) or "classmethod" not in decorators(node):
        return False
    return any(
        isinstance(part, ast.Return)
        and isinstance(part.value, ast.Attribute)
        and isinstance(part.value.value, ast.Name)
        and part.value.value.id in ("cls", name)
        for part in ast.walk(node)
    )
