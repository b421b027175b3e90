"""Read one file for rewriting: what its names mean, where each stands, and who is around it. LibCST, with positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import libcst as cst
from libcst.metadata import (
    Access,
    BaseAssignment,
    CodeRange,
    ImportAssignment,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    Scope,
    ScopeProvider,
)

from pytest_ssot_tracker.fix.defining import Call
from pytest_ssot_tracker.imported import absolute, package_of
from pytest_ssot_tracker.records import dataclass

__all__ = ["Chain", "File", "callee", "dotted", "evaluated", "names_of"]


def dotted(node: cst.CSTNode) -> str | None:
    """Return the text of a name or a chain of attributes of one, `None` for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted(node.value)
        return None if base is None else f"{base}.{node.attr.value}"
    return None


def evaluated(node: cst.CSTNode) -> str | None:
    """Return the text that a string literal means, `None` for anything else."""
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def names_of(node: cst.Import | cst.ImportFrom) -> list[cst.ImportAlias]:
    """Return the names that an import statement brings; a star is none."""
    return [] if isinstance(node.names, cst.ImportStar) else list(node.names)


_STATEMENTS = (
    *(cst.BaseSmallStatement, cst.BaseCompoundStatement),
    *(cst.Decorator, cst.ExceptHandler, cst.ExceptStarHandler, cst.MatchCase),
)
_BLOCKS = (cst.Module, cst.IndentedBlock, cst.SimpleStatementSuite)


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A name that an import bound and the attributes taken of it: `reference` is its dotted meaning.

    `nodes` are the name and each longer chain, shortest first.
    """

    reference: str
    nodes: tuple[cst.BaseExpression, ...]
    assignments: frozenset[BaseAssignment]

    def upto(self, reference: str) -> cst.BaseExpression | None:
        """Return the part of the chain that means `reference`, `None` where none does."""
        surplus = self.reference.removeprefix(reference)
        if surplus == self.reference or (surplus and surplus[0] != "."):
            return None
        index = len(self.nodes) - 1 - surplus.count(".")
        return self.nodes[index] if index >= 0 else None


class File:
    """One file with its syntax tree; raise `libcst.ParserSyntaxError` where LibCST cannot parse it."""

    def __init__(self, path: str, module: str, data: bytes) -> None:
        self.path = path
        self.module = module
        wrapper = MetadataWrapper(cst.parse_module(data), unsafe_skip_copy=True)
        self.tree = wrapper.module
        found: Mapping[Any, Any] = wrapper.resolve_many((ParentNodeProvider, PositionProvider, ScopeProvider))
        self.parents: Mapping[cst.CSTNode, cst.CSTNode] = found[ParentNodeProvider]
        self._positions: Mapping[cst.CSTNode, CodeRange] = found[PositionProvider]
        self._scopes: Mapping[cst.CSTNode, Scope | None] = found[ScopeProvider]
        self.package = package_of(module, is_package=path.endswith("__init__.py"))

    # --- Where

    def line(self, node: cst.CSTNode) -> int:
        """Return the line that `node` starts in."""
        return int(self._positions[node].start.line)

    def order(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where `node` starts, to be compared."""
        start = self._positions[node].start
        return int(start.line), int(start.column)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield what is around `node`, the nearest first."""
        while not isinstance(node, cst.Module):
            node = self.parents[node]
            yield node

    def statement_line(self, node: cst.CSTNode) -> int:
        """Return the line that the statement of `node` is named by, as a site names it."""
        for one in (node, *self.ancestors(node)):
            if isinstance(one, (cst.FunctionDef, cst.ClassDef)):
                return self.line(one.name)
            if isinstance(one, _STATEMENTS):
                return self.line(one)
        return 1

    def body_of(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the block that the statement of `node` stands in."""
        return next(one for one in self.ancestors(node) if isinstance(one, _BLOCKS))

    # --- What names mean

    def scope(self, node: cst.CSTNode) -> Scope:
        """Return the scope that `node` stands in."""
        for one in (node, *self.ancestors(node)):
            scope = self._scopes.get(one)
            if scope is not None:
                return scope
        raise KeyError(node)

    @property
    def module_scope(self) -> Scope:
        """Return the module's own scope."""
        return self.scope(self.tree)

    def every_scope(self) -> list[Scope]:
        """Return every scope of the file."""
        return [scope for scope in dict.fromkeys(self._scopes.values()) if scope is not None]

    def imported(self, node: cst.Import | cst.ImportFrom, alias: cst.ImportAlias) -> tuple[str, str | None] | None:
        """Return the module and the name (`None` for `import module`) that one name of an import brings."""
        name = dotted(alias.name)
        assert name is not None
        if isinstance(node, cst.Import):
            return name, None
        base = self.source_of(node)
        return (base, name) if base else None

    def source_of(self, node: cst.ImportFrom) -> str | None:
        """Return the module from which names are imported, `None` where its dots lead nowhere."""
        return absolute(dotted(node.module) or "" if node.module else "", len(node.relative), self.package)

    def assignment_of(self, node: cst.Import | cst.ImportFrom, alias: cst.ImportAlias) -> BaseAssignment | None:
        """Return the binding that one name of an import makes."""
        local = alias.evaluated_alias or alias.evaluated_name
        bound = self.scope(node).assignments[local]
        return next((one for one in bound if getattr(one, "node", None) is node), None)

    def meaning(self, assignment: BaseAssignment) -> str | None:
        """Return the dotted reference that an import binds a name to, `None` where no import does."""
        node = getattr(assignment, "node", None)
        if not isinstance(assignment, ImportAssignment) or not isinstance(node, (cst.Import, cst.ImportFrom)):
            return None
        for alias in names_of(node):
            local = alias.evaluated_alias or alias.evaluated_name
            if local == assignment.name:
                named = self.imported(node, alias)
                return None if named is None else ".".join(filter(None, named))
            if isinstance(node, cst.Import) and alias.asname is None and local.startswith(f"{assignment.name}."):
                return assignment.name
        return None

    def chains(self) -> Iterator[Chain]:
        """Yield every name that imports alone bind, as the longest chain of attributes, in the order of the file."""
        seen: dict[cst.CSTNode, Chain] = {}
        for scope in self.every_scope():
            for access in scope.accesses:
                chain = self._chain(access)
                if chain is not None:
                    seen[chain.nodes[0]] = chain
        yield from sorted(seen.values(), key=lambda one: self.order(one.nodes[0]))

    def _chain(self, access: Access) -> Chain | None:
        node = access.node
        while isinstance(node, cst.Attribute):
            node = node.value  # type: ignore[assignment]
        if not isinstance(node, cst.Name):
            return None
        own = access.node if isinstance(access.node, cst.Attribute) else node
        spelled = dotted(own) or node.value
        referents = frozenset(access.referents)
        meanings = {self.meaning(one) for one in referents}
        if len(meanings) != 1 or None in meanings:
            return None
        meaning = meanings.pop()
        bound = next(iter(referents)).name
        # `import a.b` binds `a`, and LibCST books uses of `a.b` on a name of that spelling.
        if not (spelled == bound or spelled.startswith(f"{bound}.")) or meaning is None:
            return None
        nodes: list[cst.BaseExpression] = [node]
        parts = [node.value]
        while isinstance(self.parents[nodes[-1]], cst.Attribute) and self.parents[nodes[-1]].value is nodes[-1]:  # type: ignore[attr-defined]
            nodes.append(self.parents[nodes[-1]])  # type: ignore[arg-type]
            parts.append(nodes[-1].attr.value)
        surplus = parts[bound.count(".") + 1 :]
        return Chain(".".join([meaning, *surplus]), tuple(nodes), referents)

    # --- Calls

    def call_of(self, node: cst.CSTNode) -> cst.Call | None:
        """Return the call whose callee is `node`."""
        parent = self.parents.get(node)
        return parent if isinstance(parent, cst.Call) and parent.func is node else None

    @staticmethod
    def shape(call: cst.Call) -> Call:
        """Return how the call is made."""
        unpacked = any(one.star for one in call.args)
        keywords = tuple(one.keyword.value for one in call.args if one.keyword is not None)
        return Call(sum(one.keyword is None and not one.star for one in call.args), keywords, unpacked)

    def uses_of_result(self, call: cst.CSTNode) -> Iterator[cst.Attribute]:
        """Yield the attributes that this file visibly takes of what an expression gives.

        Directly, through the name it is assigned to, or through the attribute of `self` that holds it.
        """
        node: cst.CSTNode = call
        parent = self.parents[node]
        while isinstance(parent, (cst.Await, cst.BooleanOperation, cst.IfExp)):
            node, parent = parent, self.parents[parent]
        if isinstance(parent, cst.Attribute) and parent.value is node:
            yield parent
        elif isinstance(parent, cst.Assign) and parent.value is node:
            for target in parent.targets:
                yield from self._uses_of(target.target)
        elif isinstance(parent, (cst.AnnAssign, cst.NamedExpr)) and parent.value is node:
            yield from self._uses_of(parent.target)
        elif isinstance(parent, cst.Element):
            yield from self._unpacked(parent)

    def _unpacked(self, element: cst.Element) -> Iterator[cst.Attribute]:
        row = self.parents[element]
        assign = self.parents[row]
        if not isinstance(row, (cst.Tuple, cst.List)) or not isinstance(assign, cst.Assign) or assign.value is not row:
            return
        index = list(row.elements).index(element)
        for target in assign.targets:
            if isinstance(target.target, (cst.Tuple, cst.List)) and len(target.target.elements) == len(row.elements):
                yield from self._uses_of(target.target.elements[index].value)

    def _uses_of(self, target: cst.CSTNode) -> Iterator[cst.Attribute]:
        if isinstance(target, cst.Name):
            for assignment in self.scope(target).assignments[target.value]:
                for access in assignment.references:
                    node = access.node if not isinstance(access.node, cst.Attribute) else access.node.value
                    parent = self.parents.get(node)
                    if isinstance(parent, cst.Attribute) and parent.value is node:
                        yield parent
        elif isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name):
            owner = next((one for one in self.ancestors(target) if isinstance(one, cst.ClassDef)), None)
            if owner is not None and target.value.value in ("self", "cls"):
                finder = _Finder(target)
                owner.visit(finder)
                for node in finder.found:
                    parent = self.parents[node]
                    if isinstance(parent, cst.Attribute) and parent.value is node:
                        yield parent


class _Finder(cst.CSTVisitor):
    """Find the attributes spelled as `wanted`, by which a class holds something."""

    def __init__(self, wanted: cst.Attribute) -> None:
        super().__init__()
        self._text = dotted(wanted)
        self.found: list[cst.Attribute] = []

    def visit_Attribute(self, node: cst.Attribute) -> None:  # noqa: N802 - LibCST's name
        if dotted(node) == self._text:
            self.found.append(node)


def callee(call: cst.Call) -> str:
    """Return the last part of the name of what is called, nothing for what has none."""
    func = call.func
    return func.attr.value if isinstance(func, cst.Attribute) else func.value if isinstance(func, cst.Name) else ""
