"""Read which old names the `__getattr__` of a module still answers for, with a warning (PEP 562)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from pytest_ssot_tracker.harvest.known_texts import UNKNOWN, text_of
from pytest_ssot_tracker.names.syntax import literal_text, literal_texts
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Answered", "answered", "answered_by_table"]


class Answered(NamedTuple):
    """An old name that a module answers for.

    `calls` are those that are made on the way, `known` the texts that variables hold then, `new` is what a table says
    beside the name.
    """

    name: str
    line: int
    calls: tuple[ast.Call, ...]
    known: dict[str, str]
    new: ast.expr | None = None


def answered(function: ast.FunctionDef, tables: Mapping[str, ast.expr], known: Mapping[str, str]) -> Iterator[Answered]:
    """Yield each name that `function`, the `__getattr__` of a module, asks for.

    `tables` are the dicts and lists of the module by their names. A name counts with the calls in the branch that is
    taken for it; where others are turned away first, with those behind that.
    """
    if not function.args.args:
        return
    asked = function.args.args[0].arg
    local = {target.id: node.value for node, target in _assigned(function.body)}
    reader = _GetattrReader(asked, {**tables, **local}, known)
    seen: set[str] = set()
    for answer in reader.read(function.body, ()):
        if answer.name not in seen and answer.calls:
            seen.add(answer.name)
            yield answer
    for call in _calls(function.body) if not seen else ():
        yield from answered_by_table(call, tables, known)


def answered_by_table(call: ast.Call, tables: Mapping[str, ast.expr], known: Mapping[str, str]) -> Iterator[Answered]:
    """Yield the names in the table that makes a `__getattr__`: `__getattr__ = deprecated_getattr(__name__, {…})`."""
    for value in (*call.args, *(word.value for word in call.keywords)):
        table = tables.get(value.id, value) if isinstance(value, ast.Name) else value
        for name, new in _entries(table):
            yield Answered(name, call.lineno, (call,), dict(known), new)


def _assigned(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.Assign, ast.Name]]:
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                yield node, node.targets[0]


def _entries(table: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the names in a dict, list, tuple or set that is written out, with what stands beside each."""
    if isinstance(table, ast.Call) and table.args:  # `frozenset({…})`, `MappingProxyType({…})`
        table = table.args[0]
    if isinstance(table, ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if (name := literal_text(key)) is not None:
                yield name, value
    elif isinstance(table, (ast.List, ast.Tuple, ast.Set)):
        yield from ((name, None) for name in literal_texts(table.elts))


def _pairs(node: ast.expr, tables: Mapping[str, ast.expr]) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the names in what a loop goes through, each with what stands beside it."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):  # `RENAMED.items()`
        node = node.func.value
    table = tables.get(node.id) if isinstance(node, ast.Name) else node
    yield from _entries(table)
    for item in table.elts if isinstance(table, (ast.List, ast.Tuple)) else ():
        if isinstance(item, (ast.Tuple, ast.List)) and len(item.elts) > 1 and isinstance(item.elts[0], ast.Constant):
            yield str(item.elts[0].value), item.elts[1]


class _GetattrReader:
    """Reads one `__getattr__`, whose parameter is called `asked`."""

    def __init__(self, asked: str, tables: Mapping[str, ast.expr], known: Mapping[str, str]) -> None:
        self._asked = asked
        self._tables = tables
        self._known = known

    def read(self, body: Sequence[ast.stmt], around: tuple[ast.Call, ...]) -> Iterator[Answered]:
        """Yield the names that `body` asks for; `around` are the calls made before it."""
        for place, node in enumerate(body):
            rest = body[place + 1 :]
            if isinstance(node, ast.If):
                names, turned_away = self._asked_for(node.test)
                branch = rest if turned_away else node.body
                yield from self._with(names, branch, (*around, *_calls(_plain(body[:place]))), node.test)
                yield from self.read(node.body, around)
                yield from self.read(node.orelse, around)
            elif isinstance(node, ast.Match) and self._is_asked(node.subject):
                for case in node.cases:
                    yield from self._with(_named(case.pattern), case.body, around)
            elif isinstance(node, ast.For):
                yield from self._listed(node, around)
            elif isinstance(node, (ast.Try, ast.With)):
                yield from self._with(self._looked_up([node]), [node, *rest], around)
                yield from self.read(node.body, around)
            else:
                yield from self._with(self._looked_up([node]), [node, *rest], around)

    def _listed(self, node: ast.For, around: tuple[ast.Call, ...]) -> Iterator[Answered]:
        """Yield the names that a loop goes through: `for old, new in RENAMED: if name == old: …`."""
        variables = [part.id for part in getattr(node.target, "elts", [node.target]) if isinstance(part, ast.Name)]
        compared = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        if not variables or variables[0] not in compared or self._asked not in compared:
            return
        for name, new in _pairs(node.iter, self._tables):
            bound = dict(_bound(ast.Name(variables[1]), new)) if len(variables) > 1 else {}
            for answer in self._with([(name, new)], node.body, around):
                yield answer._replace(known={**answer.known, variables[0]: name, **bound})

    def _with(
        self,
        names: Sequence[tuple[str, ast.expr | None]],
        body: Sequence[ast.stmt],
        around: tuple[ast.Call, ...],
        asked: ast.expr | None = None,
    ) -> Iterator[Answered]:
        calls = (*_calls(body), *around)
        for name, new in names:
            known = {**self._known, self._asked: name}
            for node, target in _assigned(body):
                known[target.id] = text_of(node.value, known) or UNKNOWN
            known.update(self._beside(body if asked is None else [asked, *body], new))
            yield Answered(name, calls[0].lineno if calls else 0, calls, known, new)

    def _beside(self, body: Sequence[ast.AST], new: ast.expr | None) -> Iterator[tuple[str, str]]:
        """Yield the variables that hold what stands beside the name in its table, as texts."""
        for statement in body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Assign) and self._looked_up([node]):
                    yield from _bound(node.targets[0], new)
                elif isinstance(node, ast.NamedExpr) and self._looked_up([node]):
                    yield from _bound(node.target, new)

    def _asked_for(self, test: ast.expr) -> tuple[list[tuple[str, ast.expr | None]], bool]:
        """Return the names that a condition asks for, and whether it turns all others away."""
        for node in ast.walk(test):
            if isinstance(node, ast.Compare) and self._is_asked(node.left) and len(node.ops) == 1:
                return self._names(node.comparators[0]), isinstance(node.ops[0], (ast.NotIn, ast.NotEq))
        return self._looked_up([test]), False

    def _names(self, node: ast.expr) -> list[tuple[str, ast.expr | None]]:
        if isinstance(node, ast.Constant):
            return [] if (name := literal_text(node)) is None else [(name, None)]
        return [*_entries(self._tables.get(node.id) if isinstance(node, ast.Name) else node)]

    def _looked_up(self, nodes: Sequence[ast.AST]) -> list[tuple[str, ast.expr | None]]:
        """Return the names in a table that the parameter is looked up in: `TABLE[name]`, `TABLE.get(name)`."""
        for node in (inner for outer in nodes for inner in ast.walk(outer)):
            table: ast.expr | None = None
            if isinstance(node, ast.Subscript) and self._is_asked(node.slice):
                table = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                table = node.func.value if node.func.attr in ("get", "pop") and self._is_asked(node.args[0]) else None
            if isinstance(table, ast.Name):
                return [*_entries(self._tables.get(table.id))]
        return []

    def _is_asked(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == self._asked


def _plain(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that are made whatever the name is."""
    return [node for node in body if isinstance(node, ast.Expr)]


def _named(pattern: ast.pattern) -> list[tuple[str, ast.expr | None]]:
    parts = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
    values = [part.value for part in parts if isinstance(part, ast.MatchValue)]
    return [(name, None) for name in literal_texts(values)]


def _bound(target: ast.expr, new: ast.expr | None) -> Iterator[tuple[str, str]]:
    if isinstance(target, ast.Tuple) and isinstance(new, ast.Tuple):
        for inner, value in zip(target.elts, new.elts, strict=False):
            yield from _bound(inner, value)
    elif isinstance(target, ast.Name) and new is not None:
        yield target.id, text_of(new, {}) or (ast.unparse(new) if isinstance(new, (ast.Name, ast.Attribute)) else "")


def _calls(body: Sequence[ast.stmt]) -> tuple[ast.Call, ...]:
    """Return the calls that `body` makes as statements, those in branches included, but for what asks for more."""
    found: list[ast.Call] = []
    for node in body:
        if isinstance(node, (ast.Expr, ast.Return)) and isinstance(node.value, ast.Call):
            found.append(node.value)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            found += _calls([*node.body, *getattr(node, "orelse", [])])
    return tuple(found)
