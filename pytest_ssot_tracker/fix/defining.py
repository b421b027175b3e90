"""Know what the project's own modules define, how that can be called, and whom a module imports."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from pytest_ssot_tracker.imported import named_by_statement, prefixes
from pytest_ssot_tracker.names.definitions import Definition, Definitions
from pytest_ssot_tracker.names.signatures import Call, Signatures
from pytest_ssot_tracker.names.syntax import FUNCTIONS, decorators, last_name
from pytest_ssot_tracker.scan.own_modules import OwnModules
from pytest_ssot_tracker.settings import Tree

__all__ = ["OwnDefinitions"]


class OwnDefinitions(Definitions):
    """What names of the project's modules are: what lies outside the project is unknown."""

    def __init__(self, tree: Tree) -> None:
        self.modules = OwnModules(tree)
        super().__init__(self.modules)
        self._signatures = Signatures(self)
        self._imported: dict[str, tuple[str, ...]] = {}
        self._reached: dict[str, frozenset[str]] = {}

    # --- Signatures

    def accepts(self, callee: Definition, call: Call, *, bound: bool = False) -> bool | None:
        """Whether `callee` can be called so; `None` where that is not known. `bound` says it is a method."""
        signature = self._signatures.of_definition(callee)
        return None if signature is None else signature.accepts(call, bound=bound or callee.kind == "class")

    def places(self, callee: Definition, *, bound: bool = False) -> list[str] | None:
        """Return the parameters that take arguments of `callee` by place; `None` where they are not known."""
        signature = self._signatures.of_definition(callee)
        if signature is None or not signature.sure:
            return None
        return signature.places(bound=bound or callee.kind == "class")

    def default_of(self, callee: Definition) -> Callable[[str], str | None]:
        """Return what tells the default of a parameter of `callee` as it is written, `None` where that is not known."""
        signature = self._signatures.of_definition(callee)
        return dict(() if signature is None else signature.defaults).get

    @staticmethod
    def is_static(callee: Definition) -> bool:
        """Whether a method is called of its class as of its objects."""
        return callee.node is not None and not {"staticmethod", "classmethod"}.isdisjoint(decorators(callee.node))

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
        tree, is_package = self.tree(module), self.package(module) == module
        for node in () if tree is None else _at_import(tree.body):
            for imported in named_by_statement(node, module=module, is_package=is_package):
                yield from prefixes(imported.module)
                if imported.attribute is not None and self.modules.exists(imported.dotted):
                    yield imported.dotted


def _at_import(body: Sequence[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the import statements that run when a module is imported."""
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield statement
        elif isinstance(statement, ast.If) and last_name(statement.test) == "TYPE_CHECKING":
            yield from _at_import(statement.orelse)
        elif not isinstance(statement, FUNCTIONS):
            yield from _at_import([part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.stmt)])
            for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                yield from _at_import(part.body)
