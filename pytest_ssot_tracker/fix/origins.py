"""Know whether all that an expression can give comes from a few known places, whatever ran before."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_ssot_tracker.fix.parsed_file import File, alternatives, dotted
from pytest_ssot_tracker.fix.scoping import Binding

__all__ = ["ReplacedExpressions"]


class ReplacedExpressions:
    """The expressions of `file` that are known to be, to give or to be annotated with what is replaced."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._replaced: set[ast.AST] = set()
        self._kept: set[ast.AST] = set()

    def note(self, node: ast.AST) -> None:
        """Note that `node` is what is replaced, gives an object of it, or says so in an annotation."""
        self._replaced.add(node)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Know what is noted within the block as what stays, where the block raises."""
        before = set(self._replaced)
        try:
            yield
        except BaseException:
            self._kept |= self._replaced - before
            self._replaced = before
            raise

    def is_known(self, node: ast.AST) -> bool:
        """Whether all that `node` can give is replaced, or all of it stays; `None` may be among it."""
        return any(_Search(self._file, known).holds(node) for known in (self._replaced, self._kept))


class _Search:
    """One search for something that is not among `known`."""

    def __init__(self, file: File, known: set[ast.AST]) -> None:
        self._file = file
        self._known = known
        self._seen: set[object] = set()

    def holds(self, node: ast.AST) -> bool:
        """Whether `node` gives nothing but what is known, or `None`."""
        if node in self._known or (isinstance(node, ast.Constant) and node.value is None):
            return True
        if isinstance(node, (ast.Await, ast.NamedExpr)):
            return self.holds(node.value)
        if isinstance(node, ast.BoolOp):  # what stands before `and` is given only where it is false
            return all(map(self.holds, node.values if isinstance(node.op, ast.Or) else node.values[-1:]))
        if isinstance(node, ast.IfExp):
            return self.holds(node.body) and self.holds(node.orelse)
        if isinstance(node, ast.Name):
            return self._all_bound(self._file.scope(node).lookup(node.id))
        return isinstance(node, ast.Attribute) and dotted(node.value) in ("self", "cls") and self._is_held(node)

    def _all_bound(self, bindings: list[Binding]) -> bool:
        return bool(bindings) and all(map(self._is_bound, bindings))

    def _is_bound(self, binding: Binding) -> bool:
        if binding in self._seen:
            return True
        self._seen.add(binding)
        node = binding.node
        if isinstance(node, ast.arg):
            return node.annotation is not None and self._is_annotation(node.annotation)
        return isinstance(node, ast.Name) and (isinstance(node.ctx, ast.Del) or self._is_given(node))

    def _is_given(self, target: ast.expr) -> bool:
        """Whether what is assigned to `target` is known."""
        statement = self._file.parents[target]
        if isinstance(statement, ast.AnnAssign) and self._is_annotation(statement.annotation):
            return True
        if isinstance(statement, (ast.AnnAssign, ast.NamedExpr)):
            return statement.value is None or self.holds(statement.value)
        if isinstance(statement, ast.Assign):
            return self.holds(statement.value)
        if isinstance(statement, (ast.Tuple, ast.List)):
            outer = self._file.parents[statement]
            value = outer.value if isinstance(outer, ast.Assign) else None
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(statement.elts):
                return self.holds(value.elts[statement.elts.index(target)])
        return False

    def _is_held(self, attribute: ast.Attribute) -> bool:
        """Whether all that the class around sets as an attribute of `self`, or in its body, is known."""
        owner = next((outer for outer in self._file.ancestors(attribute) if isinstance(outer, ast.ClassDef)), None)
        if owner is None or (owner, attribute.attr) in self._seen:
            return owner is not None
        self._seen.add((owner, attribute.attr))
        of_class = self._file.scope(owner.body[0]).bindings.get(attribute.attr, [])
        stored = [
            other
            for other in self._file.attributes(attribute.attr)
            if isinstance(other.ctx, ast.Store)
            and dotted(other.value) in ("self", "cls")
            and owner in self._file.ancestors(other)
        ]
        return bool(of_class or stored) and all(map(self._is_bound, of_class)) and all(map(self._is_given, stored))

    def _is_annotation(self, annotation: ast.expr) -> bool:
        """Whether an annotation says nothing but what is known, or `None`."""
        return all(self._is_named(leaf) for leaf in alternatives(annotation))

    def _is_named(self, leaf: ast.expr) -> bool:
        if not isinstance(leaf, ast.Constant) or not isinstance(leaf.value, str):
            return leaf in self._known
        within = [node for node in self._known if leaf in self._file.ancestors(node)]
        return bool(within) and len(list(alternatives(ast.parse(leaf.value, mode="eval").body))) == 1
