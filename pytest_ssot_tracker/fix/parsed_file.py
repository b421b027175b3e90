"""Read one file for rewriting: what its names mean, where each stands, and who is around it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cached_property

from pytest_ssot_tracker.fix.editing import Span
from pytest_ssot_tracker.fix.fixes import Uncertain
from pytest_ssot_tracker.fix.scoping import Binding, LexicalScope, Scopes
from pytest_ssot_tracker.imported import Imported, absolute, brought, package_of
from pytest_ssot_tracker.names.signatures import Call
from pytest_ssot_tracker.names.syntax import FUNCTIONS, last_name, literal_text
from pytest_ssot_tracker.records import dataclass, regex
from pytest_ssot_tracker.source import decode

__all__ = ["Chain", "File", "Import", "alternatives", "callee", "dotted", "local_of", "quoted_like"]

Import = ast.Import | ast.ImportFrom
_LINE_END = regex(rb"\r\n|\r|\n")
_WRAPPERS = frozenset({"Optional", "Union", "Final", "ClassVar", "Annotated", "Required", "NotRequired"})
"""What may stand around a class in an annotation of an object of it."""
_BY_TEXT = frozenset({"eval", "exec", "compile", "globals"})
_OF_SCOPE = frozenset({"locals", "vars", "dir"})
"""The builtins that look names up by their texts: any, and those of the scope that they are called in."""
_SHOWING = regex(r"[^=!<>:]=\s*[!:}]")
_PLAIN_QUOTES = regex(rb"(['\"])[^'\"\\\r\n]*\1")


def dotted(node: ast.AST) -> str | None:
    """Return the text of a name or a chain of attributes of one, `None` for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return None if base is None else f"{base}.{node.attr}"
    return None


def callee(call: ast.Call) -> str:
    """Return the last part of the name of what is called, nothing for what has none."""
    return last_name(call.func)


def alternatives(annotation: ast.expr) -> Iterator[ast.expr]:
    """Yield what an annotation says that something may be, `None` left out: `A` and `B` of `Optional[A | B]`."""
    if isinstance(annotation, ast.BinOp):
        yield from alternatives(annotation.left)
        yield from alternatives(annotation.right)
    elif isinstance(annotation, ast.Subscript) and last_name(annotation.value) in _WRAPPERS:
        inner = annotation.slice
        every = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        for element in every[:1] if last_name(annotation.value) == "Annotated" else every:
            yield from alternatives(element)
    elif not isinstance(annotation, ast.Constant) or annotation.value is not None:
        yield annotation


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A name that an import bound and the attributes taken of it: `reference` is its dotted meaning.

    `nodes` are the name and each longer chain, shortest first.
    """

    reference: str
    nodes: tuple[ast.Name | ast.Attribute, ...]
    bindings: tuple[Binding, ...]

    @property
    def root(self) -> ast.Name:
        """Return the name that the chain begins with."""
        root = self.nodes[0]
        assert isinstance(root, ast.Name)
        return root

    def upto(self, reference: str) -> ast.Name | ast.Attribute | None:
        """Return the part of the chain that means `reference`, `None` where none does."""
        surplus = self.reference.removeprefix(reference)
        if surplus == self.reference or (surplus and surplus[0] != "."):
            return None
        index = len(self.nodes) - 1 - surplus.count(".")
        return self.nodes[index] if index >= 0 else None

    def means(self, reference: str) -> bool:
        """Whether the chain is `reference` or something below it."""
        return self.reference == reference or self.reference.startswith(f"{reference}.")


class File:
    """One file with its syntax tree; raise `SyntaxError` or `ValueError` where it cannot be parsed."""

    def __init__(self, path: str, module: str, data: bytes) -> None:
        self.path = path
        self.module = module
        self.package = package_of(module, is_package=path.endswith("__init__.py"))
        self.encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = decode(data)
        self.data = text.encode()
        self.tree = ast.parse(text, filename="<file>")
        self._lines = [0, *(match.end() for match in _LINE_END.finditer(self.data))]
        self._scopes = Scopes(self.tree, self._quoted)
        self.parents = self._scopes.parents

    # --- Where

    def offset(self, line: int, column: int) -> int:
        """Return where `column`, in bytes, of `line` stands in the data."""
        return self._lines[line - 1] + column

    def line_start(self, offset: int) -> int:
        """Return where the line of `offset` starts."""
        return max(self.data.rfind(b"\n", 0, offset), self.data.rfind(b"\r", 0, offset)) + 1

    def line_end(self, offset: int) -> int:
        """Return where the line of `offset` ends, before its line end."""
        match = _LINE_END.search(self.data, offset)
        return len(self.data) if match is None else match.start()

    def next_line(self, offset: int) -> int:
        """Return where the line after that of `offset` starts."""
        match = _LINE_END.search(self.data, offset)
        return len(self.data) if match is None else match.end()

    @cached_property
    def newline(self) -> str:
        """Return the line end of the file."""
        match = _LINE_END.search(self.data)
        return "\n" if match is None else match.group().decode()

    def span(self, node: ast.AST) -> Span:
        """Return where `node` stands; raise `Uncertain` where its place is not known."""
        start = self.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        end = self.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        if isinstance(node, ast.Name) and self.data[start:end] != node.id.encode():
            # Before 3.12 the parser is not always right within an f-string (https://peps.python.org/pep-0701/).
            raise Uncertain(f"where {node.id} stands in this text is not known")
        return Span(start, end)

    def attribute_span(self, node: ast.Attribute) -> Span:
        """Return where the name of an attribute stands; raise `Uncertain` where that is not known."""
        end = self.span(node).end
        start = end - len(node.attr.encode())
        if self.data[start:end] != node.attr.encode():
            raise Uncertain(f"where {node.attr} stands in this text is not known")
        return Span(start, end)

    def source(self, node: ast.AST) -> str:
        """Return the text of `node` as it is written."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    def order(self, node: ast.AST) -> tuple[int, int]:
        """Return where `node` starts, to be compared."""
        return node.lineno, node.col_offset  # type: ignore[attr-defined]

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what is around `node`, the nearest first."""
        while (parent := self.parents.get(node)) is not None:
            node = parent
            yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """Return the statement that `node` is, or stands in."""
        found = next(outer for outer in (node, *self.ancestors(node)) if isinstance(outer, ast.stmt))
        assert isinstance(found, ast.stmt)
        return found

    def statement_line(self, node: ast.AST) -> int:
        """Return the line that the statement of `node` is named by, as a site names it."""
        inner = node
        for outer in (node, *self.ancestors(node)):
            if inner in getattr(outer, "decorator_list", ()):
                return int(inner.lineno)  # type: ignore[attr-defined]
            if isinstance(outer, (ast.stmt, ast.ExceptHandler)):
                return outer.lineno
            if isinstance(outer, ast.match_case):
                return outer.pattern.lineno
            inner = outer
        return 1

    def is_late(self, node: ast.AST) -> bool:
        """Whether `node` is evaluated when a function is called, not when the module is loaded."""
        inner = node
        for outer in self.ancestors(node):
            if isinstance(outer, ast.Lambda) and inner is outer.body:
                return True
            if isinstance(outer, FUNCTIONS) and inner in outer.body:
                return True
            inner = outer
        return False

    @property
    def blocks(self) -> dict[ast.AST, list[ast.stmt]]:
        """Return the block of each statement."""
        return self._scopes.blocks

    def block_of(self, node: ast.AST) -> list[ast.stmt]:
        """Return the block that the statement of `node` stands in."""
        return self._scopes.blocks[self.statement(node)]

    def is_top(self, node: ast.AST) -> bool:
        """Whether the statement of `node` stands in no block but the module's own."""
        return self.block_of(node) is self.tree.body

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """Yield the nodes of these kinds."""
        return (node for node in self._scopes.nodes if isinstance(node, kinds))

    def _quoted(self, node: ast.Constant) -> ast.expr | None:
        """Return the expression in a quoted annotation, with its places in the file; `None` for what is not plain."""
        start, end = self.span(node)
        if node.lineno != node.end_lineno or _PLAIN_QUOTES.fullmatch(self.data, start, end) is None:
            return None
        try:
            inner = ast.parse(str(node.value), mode="eval").body
        except (SyntaxError, ValueError):
            return None
        for part in ast.walk(inner):
            if isinstance(part, (ast.expr, ast.keyword, ast.arg)):
                part.lineno = part.end_lineno = node.lineno
                part.col_offset += node.col_offset + 1
                part.end_col_offset = (part.end_col_offset or 0) + node.col_offset + 1
        return inner

    # --- What names mean

    def scope(self, node: ast.AST) -> LexicalScope:
        """Return the scope that `node` is evaluated in."""
        return self._scopes.of(node)

    @property
    def module_scope(self) -> LexicalScope:
        """Return the module's own scope."""
        return self._scopes.module

    @property
    def quoted(self) -> set[str]:
        """Return the names in annotations that are texts, where these cannot be rewritten."""
        return self._scopes.quoted

    def reads(self) -> Iterator[tuple[ast.Name, list[Binding]]]:
        """Yield every name that is read, with what it may mean."""
        return self._scopes.reads()

    def knows(self, name: str, scope: LexicalScope) -> bool:
        """Whether `name` means anything in `scope`."""
        return self._scopes.knows(name, scope)

    @cached_property
    def imports(self) -> list[Import]:
        """Return every import statement, in the order of the file."""
        found = [node for node in self._scopes.nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
        return sorted(found, key=self.order)

    @cached_property
    def _texts(self) -> list[ast.Constant]:
        return [node for node in self._scopes.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]

    @cached_property
    def strings(self) -> list[ast.Constant]:
        """Return every text that stands in the file as a literal of its own, and is no annotation."""
        annotations = {parent for parent in self.parents.values() if isinstance(parent, ast.Constant)}
        return [
            node
            for node in self._texts
            if node not in annotations and not isinstance(self.parents.get(node), ast.JoinedStr)
        ]

    def is_looked_up(self, name: str) -> bool:
        """Whether something in the file may look `name` up by its text: `eval`, `globals()["name"]`, a doctest."""
        word = re.compile(rf"\b{re.escape(name)}\b")
        for node in self._texts:
            text = str(node.value)
            if name not in text or word.search(text) is None:
                continue
            call = self.parents.get(node)
            by_name = text == name and isinstance(call, ast.Call) and callee(call) in ("getattr", "attrgetter")
            if self._namespaces or by_name or ">>>" in text:
                return True
        return False

    def is_told(self, name: str, scope: LexicalScope) -> bool:
        """Whether the names of `scope` are asked for as a whole, or a comment says the type of something by `name`."""
        asked = any(self._scopes.of(call) is scope for call in self._namespaces if callee(call) in _OF_SCOPE)
        comment = re.compile(rb"#[ \t]*type:[^\r\n]*\b%s\b" % re.escape(name.encode()))
        return asked or (name.encode() in self.data and comment.search(self.data) is not None)

    @cached_property
    def _namespaces(self) -> list[ast.Call]:
        """Return the calls that take or run names by their texts."""
        calls = (node for node in self._scopes.nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
        return [
            call
            for call in calls
            if callee(call) in _BY_TEXT or (callee(call) in _OF_SCOPE and not call.args and not call.keywords)
        ]

    def shows(self, node: ast.AST) -> bool:
        """Whether a text shows how `node` is spelled, as `f"{node=}"` does."""
        inner = node
        for outer in self.ancestors(node):
            if isinstance(outer, ast.JoinedStr) and isinstance(inner, ast.FormattedValue):
                at = outer.values.index(inner)
                before = literal_text(outer.values[at - 1]) if at else None
                if before is not None and before.rstrip().endswith("=") and _SHOWING.search(self.source(outer)):
                    return True
            inner = outer
        return False

    def imported(self, node: Import, alias: ast.alias) -> tuple[str, str | None] | None:
        """Return the module and the name (`None` for `import module`) that one name of an import brings."""
        if isinstance(node, ast.Import):
            return alias.name, None
        base = self.source_of(node)
        return (base, alias.name) if base and alias.name != "*" else None

    def source_of(self, node: ast.ImportFrom) -> str | None:
        """Return the module from which names are imported, `None` where its dots lead nowhere."""
        return absolute(node.module or "", node.level, self.package)

    def binding_of(self, node: Import, alias: ast.alias) -> Binding | None:
        """Return the binding that one name of an import makes."""
        local = local_of(node, alias)
        scope = self.scope(node)
        homes = (scope, scope.module) if scope.elsewhere.get(local) else (scope,)
        bound = (binding for home in homes for binding in home.bindings.get(local, ()))
        return next((binding for binding in bound if binding.alias is alias), None)

    def meaning(self, binding: Binding) -> str | None:
        """Return the dotted reference that an import binds a name to, `None` where no import does."""
        node, alias = binding.node, binding.alias
        if alias is None or not isinstance(node, (ast.Import, ast.ImportFrom)):
            return None
        _, found = _brought(node, alias, self.package)
        return None if found is None or alias.name == "*" else found.dotted

    @cached_property
    def chains(self) -> list[Chain]:
        """Return every name that imports alone bind, as the longest chain of attributes, in the order of the file."""
        found = (self._chain(node, bindings) for node, bindings in self._scopes.reads() if bindings)
        return [chain for chain in found if chain is not None]

    def _chain(self, root: ast.Name, bindings: Iterable[Binding]) -> Chain | None:
        meanings = {self.meaning(binding) for binding in bindings}
        meaning = meanings.pop()
        if meanings or meaning is None:
            return None
        nodes: list[ast.Name | ast.Attribute] = [root]
        parts = [meaning]
        while isinstance(parent := self.parents.get(nodes[-1]), ast.Attribute):
            nodes.append(parent)
            parts.append(parent.attr)
        return Chain(".".join(parts), tuple(nodes), tuple(bindings))

    # --- Calls

    def call_of(self, node: ast.AST) -> ast.Call | None:
        """Return the call whose callee is `node`."""
        parent = self.parents.get(node)
        return parent if isinstance(parent, ast.Call) and parent.func is node else None

    @staticmethod
    def shape(call: ast.Call) -> Call:
        """Return how the call is made."""
        stars = [arg for arg in call.args if isinstance(arg, ast.Starred)]
        keywords = tuple(keyword.arg for keyword in call.keywords if keyword.arg is not None)
        return Call(len(call.args) - len(stars), keywords, bool(stars) or len(keywords) < len(call.keywords))

    def uses_of_result(self, call: ast.AST) -> Iterator[ast.Attribute]:
        """Yield the attributes that this file visibly takes of what an expression gives.

        Directly, through the name it is assigned to, or through the attribute of `self` that holds it.
        """
        node, parent = self._given_on(call)
        yield from self._uses_of_value(node, parent, set())

    def _given_on(self, call: ast.AST) -> tuple[ast.AST, ast.AST]:
        """Return the whole of what gives what an expression gives, awaited or one of several, and what is around it."""
        node, parent = call, self.parents[call]
        while isinstance(parent, (ast.Await, ast.BoolOp, ast.IfExp)):
            node, parent = parent, self.parents[parent]
        return node, parent

    def uses_of_annotated(self, node: ast.AST) -> Iterator[ast.Attribute]:
        """Yield the attributes that this file takes of what is annotated with the class that `node` names."""
        inner, outer = node, self.parents[node]
        while isinstance(outer, (ast.BinOp, ast.Constant)) or (
            isinstance(outer, ast.Subscript) and last_name(outer.value) in _WRAPPERS
        ):
            inner, outer = outer, self.parents[outer]
        if isinstance(outer, ast.AnnAssign) and outer.annotation is inner:
            yield from self._uses_of(outer.target, set())
        elif isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
            every = (*outer.args.posonlyargs, *outer.args.args, *outer.args.kwonlyargs)
            for parameter in every:
                if parameter.annotation is inner:
                    for binding in self.scope(outer.body[0]).bindings.get(parameter.arg, ()):
                        yield from self._uses_of_reads(binding, set())

    def names_given(self, call: ast.AST) -> list[tuple[ast.AST, str]]:
        """Return the names that what an expression gives is assigned to, or the function that returns it."""
        _, parent = self._given_on(call)
        if isinstance(parent, ast.Return):
            outer = next(outer for outer in self.ancestors(parent) if isinstance(outer, FUNCTIONS))
            return [(outer, outer.name)]
        return [(target, target.id) for target in _targets(parent) if isinstance(target, ast.Name)]

    def held_as(self, call: ast.AST) -> list[str]:
        """Return the attributes that what an expression gives is assigned to."""
        _, parent = self._given_on(call)
        return [target.attr for target in _targets(parent) if isinstance(target, ast.Attribute)]

    def origins(self, name: ast.AST) -> list[ast.Name]:
        """Return the names that a name stands for: of a class its bases, else those in what it is given."""
        found: list[ast.Name] = []
        for binding in self.scope(name).lookup(name.id) if isinstance(name, ast.Name) else ():
            values = binding.node.bases if isinstance(binding.node, ast.ClassDef) else self._given_to(binding.node)
            found += (part for value in values for part in ast.walk(value) if isinstance(part, ast.Name))
        return found

    def _given_to(self, target: ast.AST) -> list[ast.expr]:
        """Return what the statement, or the part of one, gives to a name that it binds."""
        node = self.parents.get(target)
        while isinstance(node, (ast.Tuple, ast.List, ast.Starred)):
            node = self.parents.get(node)
        given = (getattr(node, field, None) for field in ("value", "iter", "context_expr"))
        return [value for value in given if isinstance(value, ast.expr)]

    def reads_of(self, node: ast.ClassDef) -> list[ast.Name]:
        """Return where a class is named in this file."""
        bound = self.scope(node).bindings.get(node.name, ())
        return [read for binding in bound if binding.node is node for read in binding.reads]

    def inherited(self, node: ast.ClassDef) -> list[ast.Attribute]:
        """Return the attributes that the body of a class takes of its objects, itself, and what it derives from."""
        found = (part for part in ast.walk(node) if isinstance(part, ast.Attribute))
        return [part for part in found if dotted(part.value) in ("self", "cls") or _is_super(part.value)]

    def is_annotation(self, node: ast.AST) -> bool:
        """Whether `node` is part of an annotation."""
        inner = node
        for outer in self.ancestors(node):
            if isinstance(outer, ast.AnnAssign):
                return inner is outer.annotation
            if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return inner not in (*outer.body, *outer.decorator_list, *outer.args.defaults, *outer.args.kw_defaults)
            if isinstance(outer, (ast.stmt, ast.Lambda)):
                return False
            inner = outer
        return False

    def _uses_of_value(self, node: ast.AST, parent: ast.AST, seen: set[object]) -> Iterator[ast.Attribute]:
        """Yield the attributes taken of the value of `node`, of which `parent` makes something."""
        if isinstance(parent, ast.Attribute):
            yield parent
        elif isinstance(parent, ast.Assign) and parent.value is node:
            for target in parent.targets:
                yield from self._uses_of(target, seen)
        elif isinstance(parent, (ast.AnnAssign, ast.NamedExpr)) and parent.value is node:
            yield from self._uses_of(parent.target, seen)
        elif isinstance(parent, (ast.Tuple, ast.List)):
            yield from self._unpacked(parent, node, seen)

    def _unpacked(self, row: ast.Tuple | ast.List, element: ast.AST, seen: set[object]) -> Iterator[ast.Attribute]:
        assign = self.parents[row]
        if not isinstance(assign, ast.Assign) or assign.value is not row:
            return
        index = row.elts.index(element)  # type: ignore[arg-type]
        for target in assign.targets:
            if isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == len(row.elts):
                yield from self._uses_of(target.elts[index], seen)

    def _uses_of(self, target: ast.AST, seen: set[object]) -> Iterator[ast.Attribute]:
        """Yield the attributes taken of what is assigned to `target`."""
        if isinstance(target, ast.Name):
            for binding in self.scope(target).lookup(target.id):
                yield from self._uses_of_reads(binding, seen)
            if self.scope(target).kind == "class":
                yield from self._uses_of_own(target, target.id, seen)
        elif isinstance(target, ast.Attribute) and dotted(target.value) in ("self", "cls"):
            yield from self._uses_of_own(target, target.attr, seen)

    def _uses_of_reads(self, binding: Binding, seen: set[object]) -> Iterator[ast.Attribute]:
        if binding not in seen:
            seen.add(binding)
            for read in binding.reads:
                yield from self._uses_of_value(read, self.parents[read], seen)

    def _uses_of_own(self, node: ast.AST, name: str, seen: set[object]) -> Iterator[ast.Attribute]:
        """Yield the attributes taken of what the class around `node` holds as `self.name`."""
        owner = next((outer for outer in self.ancestors(node) if isinstance(outer, ast.ClassDef)), None)
        if owner is None or (owner, name) in seen:
            return
        seen.add((owner, name))
        for held in self._attributes.get(name, ()):
            if dotted(held.value) in ("self", "cls") and owner in self.ancestors(held):
                yield from self._uses_of_value(held, self.parents[held], seen)

    @cached_property
    def _attributes(self) -> dict[str, list[ast.Attribute]]:
        found: dict[str, list[ast.Attribute]] = {}
        for node in self._scopes.nodes:
            if isinstance(node, ast.Attribute):
                found.setdefault(node.attr, []).append(node)
        return found

    def attributes(self, name: str) -> list[ast.Attribute]:
        """Return every place where an attribute called `name` is taken of something."""
        return self._attributes.get(name, [])


def _targets(node: ast.AST) -> list[ast.AST | None]:
    return [*node.targets] if isinstance(node, ast.Assign) else [getattr(node, "target", None)]


def _is_super(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and callee(node) == "super"


def local_of(node: Import, alias: ast.alias) -> str:
    """Return the name that one name of an import binds."""
    return _brought(node, alias)[0]


def _brought(node: Import, alias: ast.alias, package: str = "") -> tuple[str, Imported | None]:
    return [*brought(node, package)][node.names.index(alias)]


def quoted_like(file: File, node: ast.expr, text: str) -> str:
    """Return `text` as a literal in the quotes of another."""
    quote = file.source(node).lstrip("rRuUbB")[:1]
    return f"{quote}{text}{quote}"
