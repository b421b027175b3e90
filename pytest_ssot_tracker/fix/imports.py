"""Change the import statements of a file: names go, come, move into an existing import, and the layout stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import libcst as cst

from pytest_ssot_tracker.fix.reading import File, evaluated, names_of
from pytest_ssot_tracker.fix.replacing import Name
from pytest_ssot_tracker.records import dataclass, field

__all__ = ["Imports", "in_head"]

Statement = cst.Import | cst.ImportFrom


@dataclass(slots=True, eq=False)
class _Plan:
    """What becomes of one statement: by alias what it brings instead (`None`: nothing), and names it takes in."""

    changed: dict[cst.ImportAlias, tuple[Name, str] | None] = field(default_factory=dict)
    added: list[tuple[str, str]] = field(default_factory=list)


class Imports:
    """Collect what is to become of the import statements of `file`, which are `every`, then make it of the tree."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._plans: dict[Statement, _Plan] = {}
        self._new: dict[tuple[str, str, str], None] = {}
        self.every = _collect(file.tree)
        self._head = _head(file.tree)

    # --- What is there

    def bringing(self, name: Name) -> str | None:
        """Return under which name the head of the module already imports `name`."""
        for statement in self.every:
            for alias in names_of(statement) if statement in self._head else ():
                named = self._file.imported(statement, alias)
                alone = isinstance(statement, cst.ImportFrom) or alias.asname
                if alone and named is not None and ".".join(filter(None, named)) == name.dotted:
                    return alias.evaluated_alias or alias.evaluated_name
        return None

    def _near(self, statement: Statement, around: Statement) -> bool:
        if self._file.body_of(around) is self._file.tree:
            return statement in self._head
        return self._file.body_of(statement) is self._file.body_of(around) and (
            self._file.order(statement) < self._file.order(around)
        )

    def starts_before(self, node: cst.CSTNode) -> bool:
        """Whether what is imported where the module begins is there when `node` is run."""
        body = self._file.tree.body[: in_head(self._file.tree.body)]
        late = any(isinstance(one, (cst.FunctionDef, cst.Lambda)) for one in self._file.ancestors(node))
        return late or not body or self._file.order(node) > self._file.order(body[-1])

    # --- What is to become of it

    def replace(self, statement: Statement, alias: cst.ImportAlias, new: Name, local: str) -> None:
        """Let `alias` bring `new` as `local` instead."""
        self._plans.setdefault(statement, _Plan()).changed[alias] = (new, local)

    def drop(self, statement: Statement, alias: cst.ImportAlias) -> None:
        """Let `alias` go."""
        self._plans.setdefault(statement, _Plan()).changed.setdefault(alias, None)

    def add(self, new: Name, local: str) -> None:
        """Import `new` as `local` where the module begins."""
        assert new.attribute is not None
        self._new[new.module, new.attribute, local] = None

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back what was added within the block where the block raises."""
        before = dict(self._new)
        try:
            yield
        except BaseException:
            self._new = before
            raise

    def _existing(self, module: str, around: Statement) -> cst.ImportFrom | None:
        """Return an import of names of `module` that can take in more."""
        for one in self.every:
            if one is around or not isinstance(one, cst.ImportFrom) or isinstance(one.names, cst.ImportStar):
                continue
            if self._near(one, around) and self._file.source_of(one) == module:
                return one
        return None

    # --- Making it so

    def edits(self) -> dict[cst.CSTNode, object]:
        """Return by what each node is to be replaced; a list stands for several statements."""
        self._merge()
        found: dict[cst.CSTNode, object] = {}
        for statement, plan in self._plans.items():
            found.update(self._edit(statement, plan))
        return found

    def _merge(self) -> None:
        """Let names whose new module another statement imports from already move into that one."""
        for statement, plan in [*self._plans.items()]:
            if self._has_comment(statement):
                continue
            for alias, change in [*plan.changed.items()]:
                if change is None or change[0].attribute is None:
                    continue
                new, local = change
                home = self._existing(new.module, statement)
                if home is not None and not any(one is not None for one in self._plan_of(home)):
                    self._plans.setdefault(home, _Plan()).added.append((new.attribute or "", local))
                    plan.changed[alias] = None

    def _plan_of(self, statement: Statement) -> list[object]:
        plan = self._plans.get(statement)
        return [] if plan is None else [*plan.changed.values()]

    def _has_comment(self, statement: Statement) -> bool:
        line = self._file.parents[statement]
        return isinstance(line, cst.SimpleStatementLine) and any(one.comment for one in line.leading_lines)

    def _edit(self, statement: Statement, plan: _Plan) -> dict[cst.CSTNode, object]:
        if isinstance(statement, cst.Import):
            return self._edit_import(statement, plan)
        kept = [one for one in names_of(statement) if one not in plan.changed]
        moved = list(dict.fromkeys(one for one in plan.changed.values() if one is not None))
        if not kept and len({new.module for new, _ in moved}) == 1 and not plan.added:
            return {statement: _renamed(statement, plan)}
        pieces: list[cst.BaseSmallStatement] = []
        if kept or plan.added:
            pieces.append(_with_names(statement, kept, plan.added))
        by_module: dict[str, list[tuple[str, str]]] = {}
        for new, local in moved:
            by_module.setdefault(new.module, []).append((new.attribute or "", local))
        pieces += (_import_from(module, names) for module, names in by_module.items())
        return self._in_place(statement, pieces)

    def _edit_import(self, statement: cst.Import, plan: _Plan) -> dict[cst.CSTNode, object]:
        names: list[cst.ImportAlias] = []
        others: list[cst.BaseSmallStatement] = []
        for alias in statement.names:
            if alias not in plan.changed:
                names.append(alias)
                continue
            change = plan.changed[alias]
            if change is None:
                continue
            new, local = change
            if new.attribute is None:
                names.append(alias.with_changes(name=_dotted_node(new.module)))
            else:
                others.append(_import_from(new.module, [(new.attribute, local)]))
        pieces = [statement.with_changes(names=_last_without_comma(names)), *others] if names else others
        return self._in_place(statement, pieces)

    def _in_place(self, statement: Statement, pieces: Sequence[cst.BaseSmallStatement]) -> dict[cst.CSTNode, object]:
        line = self._file.parents[statement]
        if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
            if not pieces:
                return {line: None}
            first, *rest = pieces
            return {line: [line.with_changes(body=[first]), *(cst.SimpleStatementLine([one]) for one in rest)]}
        return {statement: list(pieces)}

    def insert(self, tree: cst.Module) -> cst.Module:
        """Return `tree`, already edited, with the new statements where its imports end."""
        if not self._new:
            return tree
        by_module: dict[str, list[tuple[str, str]]] = {}
        for module, attribute, local in self._new:
            by_module.setdefault(module, []).append((attribute, local))
        body = list(tree.body)
        end = in_head(body)
        for number, line in enumerate(body[:end]):
            body[number] = _taken_in(line, by_module, self._file)
        lines = [cst.SimpleStatementLine([_import_from(module, names)]) for module, names in by_module.items()]
        if not lines:
            return tree.with_changes(body=body)
        if end == 0 and body:
            first = body[0]
            lead = getattr(first, "leading_lines", ())
            blank = cst.EmptyLine(indent=False)
            body[0] = first.with_changes(leading_lines=(blank, blank, *lead))
        elif end and not _is_import(body[end - 1]):
            lines[0] = lines[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        return tree.with_changes(body=[*body[:end], *lines, *body[end:]])


def _taken_in(line: Any, by_module: dict[str, list[tuple[str, str]]], file: File) -> Any:
    """Return a line of the head with the names that its import can take in, which are taken out of `by_module`."""
    statement = line.body[0] if _is_import(line) else None
    if not isinstance(statement, cst.ImportFrom) or isinstance(statement.names, cst.ImportStar):
        return line
    names = by_module.pop(file.source_of(statement) or "", None)
    if names is None:
        return line
    taken = _with_names(statement, list(statement.names), names)
    return line.with_changes(body=[taken, *line.body[1:]])


def in_head(body: Sequence[cst.CSTNode]) -> int:
    """Return after how many statements of a module its first imports end; its docstring is before them."""
    end = 0
    for number, one in enumerate(body):
        if _is_import(one) or (number == 0 and _is_text(one)):
            end = number + 1
        elif not isinstance(one, (cst.If, cst.Try, cst.SimpleStatementLine)):
            break
    return end


def _is_import(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(statement, (cst.Import, cst.ImportFrom)) for statement in node.body
    )


def _is_text(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.SimpleStatementLine)
        and isinstance(node.body[0], cst.Expr)
        and (evaluated(node.body[0].value) is not None)
    )


def _head(tree: cst.Module) -> dict[cst.CSTNode, None]:
    body = tree.body[: in_head(tree.body)]
    return {statement: None for line in body if isinstance(line, cst.SimpleStatementLine) for statement in line.body}


def _collect(tree: cst.Module) -> list[Statement]:
    found: list[Statement] = []

    class Collector(cst.CSTVisitor):
        def visit_Import(self, node: cst.Import) -> None:  # noqa: N802
            found.append(node)

        def visit_ImportFrom(self, node: cst.ImportFrom) -> None:  # noqa: N802
            found.append(node)

    tree.visit(Collector())
    return found


# --- Nodes


def _dotted_node(text: str) -> cst.Name | cst.Attribute:
    node = cst.parse_expression(text)
    assert isinstance(node, (cst.Name, cst.Attribute))
    return node


def _alias(name: str, local: str) -> cst.ImportAlias:
    return cst.ImportAlias(cst.Name(name), asname=None if name == local else _as(local))


def _as(local: str) -> cst.AsName:
    return cst.AsName(cst.Name(local))


def _import_from(module: str, names: Sequence[tuple[str, str]]) -> cst.ImportFrom:
    aliases = [_alias(name, local) for name, local in sorted(dict.fromkeys(names))]
    return cst.ImportFrom(module=_dotted_node(module), names=aliases)


def _renamed(statement: cst.ImportFrom, plan: _Plan) -> cst.ImportFrom:
    """Return the statement with another module and other names, its layout and comments as they were."""
    names: list[cst.ImportAlias] = []
    seen: set[tuple[str, str]] = set()
    module = ""
    for alias in names_of(statement):
        change = plan.changed[alias]
        if change is None:
            continue
        new, local = change
        module = new.module
        if (str(new), local) in seen:
            continue
        seen.add((str(new), local))
        assert new.attribute is not None
        asname = None if local == new.attribute else alias.asname or _as(local)
        if asname is not None and alias.asname is not None:
            asname = alias.asname.with_changes(name=cst.Name(local))
        names.append(alias.with_changes(name=cst.Name(new.attribute), asname=asname))
    if len(names) < len(names_of(statement)):
        names = _closed(statement, names)
    return statement.with_changes(module=_dotted_node(module), relative=(), names=names)


def _with_names(
    statement: cst.ImportFrom, kept: Sequence[cst.ImportAlias], added: Sequence[tuple[str, str]]
) -> cst.ImportFrom:
    """Return the statement with the names `kept` of it and those `added`: sorted in where it is sorted."""
    names = list(kept)
    present = {(name.evaluated_name, name.evaluated_alias or name.evaluated_name) for name in names}
    keys = [name.evaluated_name for name in names]
    key = next((one for one in (_by_kind, str.lower, str) if keys == sorted(keys, key=one)), None)
    for name, local in dict.fromkeys(added):
        if (name, local) in present:
            continue
        at = len(names)
        if key is not None:
            at = next((i for i, one in enumerate(names) if key(one.evaluated_name) > key(name)), at)
        names.insert(at, _alias(name, local))
    statement = statement.with_changes(names=_closed(statement, names))
    return _with_comment_moved(statement, kept[-1]) if kept and names[-1] is not kept[-1] else statement


def _with_comment_moved(statement: cst.ImportFrom, last: cst.ImportAlias) -> cst.ImportFrom:
    """Return the statement with the comment on its formerly last name, which no comma held, still on that name."""
    rpar = statement.rpar
    if rpar is None or isinstance(last.comma, cst.Comma):
        return statement
    space = rpar.whitespace_before
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return statement
    names = list(names_of(statement))
    index = next(i for i, one in enumerate(names) if one.name is last.name)
    comma = _keeping_comment(names[index].comma, cst.Comma(whitespace_after=space))
    names[index] = names[index].with_changes(comma=comma)
    plain = space.with_changes(first_line=cst.TrailingWhitespace())
    return statement.with_changes(names=names, rpar=rpar.with_changes(whitespace_before=plain))


def _by_kind(name: str) -> str:
    """Sort constants before classes before functions, as isort does."""
    return f"{0 if name.isupper() else 1 if name[:1].isupper() else 2}{name}"


def _closed(statement: cst.ImportFrom, names: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
    """Return `names` with the commas they need: one between each, after the last what the statement had there."""
    before = names_of(statement)
    last = before[-1].comma
    between: cst.Comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    if statement.lpar is not None and isinstance(statement.lpar.whitespace_after, cst.ParenthesizedWhitespace):
        space = statement.lpar.whitespace_after.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=())
        between = cst.Comma(whitespace_after=space)
    closed: list[cst.ImportAlias] = []
    for number, one in enumerate(names):
        final = number == len(names) - 1
        comma = one.comma if isinstance(one.comma, cst.Comma) else None
        if final:
            closed.append(one.with_changes(comma=_last_comma(last, comma)))
        elif comma is None or (one is before[-1] and isinstance(between.whitespace_after, cst.ParenthesizedWhitespace)):
            closed.append(one.with_changes(comma=_keeping_comment(between, comma)))
        else:
            closed.append(one)
    return closed


def _keeping_comment(between: Any, comma: cst.Comma | None) -> Any:
    space = None if comma is None else comma.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(
        between.whitespace_after, cst.ParenthesizedWhitespace
    ):
        return between.with_changes(whitespace_after=between.whitespace_after.with_changes(first_line=space.first_line))
    return between


def _last_comma(last: cst.Comma | cst.MaybeSentinel, own: cst.Comma | None) -> cst.Comma | cst.MaybeSentinel:
    """Return the comma after the last name: as before, with the comment that this name had."""
    if not isinstance(last, cst.Comma) or own is None or own is last:
        return last if own is not None or not isinstance(last, cst.Comma) else _without_comment(last)
    space, mine = last.whitespace_after, own.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(mine, cst.ParenthesizedWhitespace):
        return last.with_changes(whitespace_after=space.with_changes(first_line=mine.first_line))
    return last


def _without_comment(comma: cst.Comma) -> cst.Comma:
    space = comma.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace):
        return comma.with_changes(whitespace_after=space.with_changes(first_line=cst.TrailingWhitespace()))
    return comma


def _last_without_comma(names: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
    return [*names[:-1], names[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]
