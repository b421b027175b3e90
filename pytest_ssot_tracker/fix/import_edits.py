"""Change the import statements of a file: names go, come, move into an existing import, and the layout stays."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from pytest_ssot_tracker.fix.editing import Edits, Piece, Span
from pytest_ssot_tracker.fix.parsed_file import File, Import, local_of
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.names.syntax import literal_text
from pytest_ssot_tracker.records import NamedTuple, dataclass, field, regex

__all__ = ["ImportEdits", "in_head", "on_one_line"]

# The tree has places for a statement and its names, and none for the module, the parentheses and the commas.
_HEAD = regex(rb"from\b(?P<module>.*?)\bimport\b\s*(?P<open>\()?", re.DOTALL)
_AFTER_ALIAS = regex(rb"[ \t]*(?P<comma>,?)[ \t]*(?P<rest>#[^\r\n]*)?(?=[\r\n]|$)")
_COMMA = regex(rb"[ \t]*,[ \t]*")
_BLANK = regex(rb"[ \t]*(\r\n|\r|\n)")


class _Names(NamedTuple):
    """A name of a module and what it is bound to; `explicit` writes it twice, as what is handed on to others."""

    name: str
    local: str
    explicit: bool = False

    def __str__(self) -> str:
        return self.name if self.name == self.local and not self.explicit else f"{self.name} as {self.local}"


@dataclass(slots=True, eq=False)
class _Plan:
    """What becomes of one statement: by alias what it brings instead (`None`: nothing), and names it takes in."""

    changed: dict[ast.alias, tuple[Name, str] | None] = field(default_factory=dict)
    added: dict[str, list[_Names]] = field(default_factory=dict)

    def moved(self) -> dict[str, list[_Names]]:
        """Return what the statement brings instead of what it brought, by module."""
        found: dict[str, list[_Names]] = {}
        for change in self.changed.values():
            if change is not None and change[0].attribute is not None:
                names = found.setdefault(change[0].module, [])
                names += [name for name in (_Names(change[0].attribute, change[1]),) if name not in names]
        return found


class ImportEdits:
    """Collect what is to become of the import statements of `file`, then say by which edits."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._plans: dict[Import, _Plan] = {}
        self._new: dict[tuple[str, _Names], None] = {}
        self._new_lines: list[str] = []
        self._end = in_head(file.tree.body)
        self._head = [node for node in file.tree.body[: self._end] if isinstance(node, (ast.Import, ast.ImportFrom))]

    # --- What is there

    def bringing(self, name: Name, node: ast.AST) -> str | None:
        """Return under which name the head of the module already imports `name` when `node` is run."""
        for statement in self._head:
            for alias in statement.names if self.is_there(statement, node) else ():
                named = self._file.imported(statement, alias)
                alone = isinstance(statement, ast.ImportFrom) or alias.asname
                if alone and named is not None and ".".join(filter(None, named)) == name.dotted:
                    return local_of(statement, alias)
        return None

    def _near(self, statement: Import, around: Import) -> bool:
        if self._file.is_top(around):
            return statement in self._head and not self._runs_between(around, statement)
        return self._file.block_of(statement) is self._file.block_of(around) and (
            self._file.order(statement) < self._file.order(around)
        )

    def _runs_between(self, first: Import, second: Import) -> bool:
        """Whether anything but imports runs after the `first` statement and before the `second`."""
        body = self._file.tree.body
        between = body[body.index(first) + 1 : body.index(second)] if second in body else [second]
        return not all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in between)

    def is_there(self, statement: ast.AST, node: ast.AST) -> bool:
        """Whether what a statement binds is there in any case when `node` is run."""
        file = self._file
        if file.is_top(statement) and file.is_late(node):
            return True
        outer = [file.block_of(node), *(file.block_of(part) for part in file.ancestors(node) if part in file.blocks)]
        return any(file.block_of(statement) is block for block in outer) and file.order(statement) < file.order(node)

    def starts_before(self, node: ast.AST) -> bool:
        """Whether what is imported where the module begins is there when `node` is run."""
        late = any(
            isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            for outer in self._file.ancestors(node)
        )
        return late or not self._end or self._file.order(node) > self._file.order(self._file.tree.body[self._end - 1])

    # --- What is to become of it

    def replace(self, statement: Import, alias: ast.alias, new: Name, local: str) -> None:
        """Let `alias` bring `new` as `local` instead."""
        self._plans.setdefault(statement, _Plan()).changed[alias] = (new, local)

    def drop(self, statement: Import, alias: ast.alias) -> None:
        """Let `alias` go."""
        self._plans.setdefault(statement, _Plan()).changed.setdefault(alias, None)

    def add(self, new: Name, local: str, *, explicit: bool = False) -> None:
        """Import `new` as `local` where the module begins; `explicit` says that it is there for others."""
        assert new.attribute is not None
        self._new[new.module, _Names(new.attribute, local, explicit)] = None

    def add_line(self, line: str) -> None:
        """Put a whole import statement where the module begins."""
        self._new_lines.append(line)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back what was added within the block where the block raises."""
        before = dict(self._new)
        try:
            yield
        except BaseException:
            self._new = before
            raise

    def _existing(self, module: str, around: Import) -> ast.ImportFrom | None:
        """Return an import of names of `module` that can take in more."""
        for statement in self._file.imports:
            if statement is around or not isinstance(statement, ast.ImportFrom) or _is_star(statement):
                continue
            if self._near(statement, around) and self._file.source_of(statement) == module:
                return statement
        return None

    # --- Making it so

    def edits(self) -> Edits:
        """Return by what each piece of the file is to be replaced."""
        self._merge()
        edits = self._at_head(self._take_in())
        lines = (on_one_line(self._file.block_of(statement), statement) for statement in self._plans)
        groups = dict.fromkeys(map(tuple, lines))
        # What is left of a block must not be nothing.
        gone = {statement for statement in self._plans if not self._pieces(statement, {})}
        for group in groups:
            edits.update(self._line(group, gone, {span.start for span in edits}))
        return edits

    def _merge(self) -> None:
        """Let names whose new module another statement imports from already move into that one."""
        for statement, plan in [*self._plans.items()]:
            if self._has_comment(statement):
                continue
            for alias, change in [*plan.changed.items()]:
                if change is None:
                    continue
                new, local = change
                if new.attribute is None:
                    if self._is_imported(new, alias, statement):
                        plan.changed[alias] = None
                    continue
                home = self._existing(new.module, statement)
                changed = self._plans[home].changed.values() if home in self._plans else ()
                if home is not None and not any(changed):
                    taken = self._plans.setdefault(home, _Plan()).added.setdefault(new.module, [])
                    taken.append(_Names(new.attribute, local))
                    plan.changed[alias] = None

    def _is_imported(self, module: Name, alias: ast.alias, around: Import) -> bool:
        """Whether another statement already imports a module as `alias` would."""
        for statement in self._file.imports:
            if isinstance(statement, ast.Import) and statement is not around and self._near(statement, around):
                plan = self._plans.get(statement, _Plan())
                names = [other for other in statement.names if other not in plan.changed]
                if any((other.name, other.asname) == (module.module, alias.asname) for other in names):
                    return True
        return False

    def _has_comment(self, statement: Import) -> bool:
        start = self._file.line_start(self._file.span(statement).start)
        above = self._file.data[self._file.line_start(max(start - 1, 0)) : start].strip()
        return start > 0 and above.startswith(b"#")

    def _take_in(self) -> dict[str, list[_Names]]:
        """Let the imports of the head take in new names; return those that none can, by module."""
        left: dict[str, list[_Names]] = {}
        for module, names in self._new:
            home = next((statement for statement in self._head if module in self._modules(statement)), None)
            if home is None:
                left.setdefault(module, []).append(names)
            else:
                self._plans.setdefault(home, _Plan()).added.setdefault(module, []).append(names)
        return left

    def _modules(self, statement: Import) -> set[str]:
        """Return from which modules a statement will bring names."""
        plan = self._plans.get(statement, _Plan())
        found = set(plan.moved())
        if isinstance(statement, ast.ImportFrom) and not _is_star(statement):
            kept = any(alias not in plan.changed for alias in statement.names)
            found |= {self._file.source_of(statement) or ""} if kept else set()
        return found

    def _at_head(self, left: dict[str, list[_Names]]) -> Edits:
        """Return the edit that puts new statements where the module's first imports end."""
        file, newline = self._file, self._file.newline
        lines = [*self._new_lines, *_statements(left)]
        if not lines:
            return {}
        body = file.tree.body
        if not self._end:
            at = self._before(body[0])
            return {Span(at, at): (newline.join([*lines, "", "", ""]),)}
        last = body[self._end - 1]
        end = file.span(last).end
        at = file.next_line(end)
        if not isinstance(last, (ast.Import, ast.ImportFrom)):
            lines.insert(0, "")
        ended = file.data[at - 1 : at] in (b"\n", b"\r")
        return {Span(at, at): (newline.join([*lines, ""]) if ended else newline.join(["", *lines]),)}

    def _before(self, statement: ast.stmt) -> int:
        """Return where the first statement of a module starts, with the comment that belongs to it."""
        file = self._file
        first = min((statement, *getattr(statement, "decorator_list", ())), key=file.order)
        at = file.line_start(file.offset(first.lineno, 0))
        above = at
        while above and file.data[file.line_start(above - 1) : above].strip().startswith(b"#"):
            above = file.line_start(above - 1)
        return above or at  # a comment that begins the file is of the file

    # --- One line

    def _line(self, group: Sequence[ast.stmt], gone: set[Import], taken: set[int]) -> Edits:
        """Return the edits of a line, or of the lines of one statement."""
        file = self._file
        edits: Edits = {}
        pieces: list[Piece] = []
        for statement in group:
            if isinstance(statement, (ast.Import, ast.ImportFrom)) and statement in self._plans:
                pieces += self._pieces(statement, edits)
            else:
                pieces.append(file.span(statement))
        whole = Span(file.span(group[0]).start, file.span(group[-1]).end)
        start = file.line_start(whole.start)
        indent = file.data[start : whole.start].decode()
        if not pieces:
            block = file.block_of(group[0])
            if indent.strip() or (block is not file.tree.body and all(statement in gone for statement in block)):
                return {whole: ("pass",)} if group[0] is block[0] or indent.strip() else self._removed(whole, taken)
            return self._removed(whole, taken)
        if len(group) > 1 or indent.strip():
            edits[whole] = tuple(_joined(pieces, "; "))
            return edits
        first, *rest = pieces
        if first != whole:
            edits[whole] = (first,)
        if rest:
            at = file.line_end(whole.end)
            edits[Span(at, at)] = tuple(f"{file.newline}{indent}{piece}" for piece in rest)
        return edits

    def _removed(self, whole: Span, taken: set[int]) -> Edits:
        """Return the edit that removes whole lines, and one of two blank lines that would then meet."""
        file = self._file
        start, end = file.line_start(whole.start), file.next_line(whole.end)
        above = file.data[file.line_start(start - 1) : start].strip() if start else b""
        blank = _BLANK.match(file.data, end)
        while not above and blank is not None and end not in taken:
            end = blank.end()
            blank = _BLANK.match(file.data, end) if start == 0 else None
        return {Span(start, end): ()}

    def _pieces(self, statement: Import, edits: Edits) -> list[Piece]:
        """Return the statements that take the place of one; note in `edits` what changes within it."""
        plan = self._plans[statement]
        moved = plan.moved()
        for module, names in plan.added.items():
            if module in moved:
                moved[module] += [name for name in names if name not in moved[module]]
        if isinstance(statement, ast.Import):
            return [*self._modules_of(statement, plan), *_statements(moved)]
        kept = [alias for alias in statement.names if alias not in plan.changed]
        source = self._file.source_of(statement) or ""
        added = plan.added.get(source, [])
        if kept:  # names that go on coming from the same module keep their place
            moved.pop(source, None)
        elif source in moved:
            added = []
        if not kept and not added and len(moved) == 1:
            ((module, _),) = moved.items()
            return [self._renamed(statement, plan, module, edits)]
        if not kept:
            return [*([_statement(source, added)] if added else []), *_statements(moved)]
        texts: dict[ast.alias, _Names | None] = {}
        for alias, change in plan.changed.items():
            stays = change is not None and change[0].module == source
            texts[alias] = _Names(change[0].last, change[1]) if change is not None and stays else None
        self._relaid(statement, texts, added, edits)
        return [self._file.span(statement), *_statements(moved)]

    def _modules_of(self, statement: ast.Import, plan: _Plan) -> list[Piece]:
        """Return the statement of what an `import` goes on bringing, what stays and modules with another name."""
        found: list[str] = []
        for alias in statement.names:
            change = plan.changed.get(alias)
            if alias not in plan.changed:
                found.append(self._file.source(alias))
            elif change is not None and change[0].attribute is None:
                found.append(change[0].module if alias.asname is None else f"{change[0].module} as {alias.asname}")
        return [f"import {', '.join(dict.fromkeys(found))}"] if found else []

    def _renamed(self, statement: ast.ImportFrom, plan: _Plan, module: str, edits: Edits) -> Piece:
        """Let the statement import from `module`, its layout and comments as they were."""
        texts: dict[ast.alias, _Names | None] = {}
        for alias, change in plan.changed.items():
            new = None if change is None else _Names(change[0].attribute or "", change[1])
            texts[alias] = None if new in texts.values() else new
        start, end = self._file.span(statement)
        head = _HEAD.match(self._file.data, start, end)
        assert head is not None
        edits[Span(*head.span("module"))] = (f" {module} ",)
        self._relaid(statement, texts, plan.added.get(module, []), edits)
        return Span(start, end)

    # --- The names of one statement

    def _relaid(
        self,
        statement: ast.ImportFrom,
        texts: dict[ast.alias, _Names | None],
        added: Sequence[_Names],
        edits: Edits,
    ) -> None:
        """Let names of a statement be other ones (`None`: none), and take in more, sorted in where it is sorted."""
        own = {alias: _Names(alias.name, local_of(statement, alias)) for alias in statement.names}
        kept = {name for alias, name in own.items() if alias not in texts}
        texts = {alias: None if new in kept else new for alias, new in texts.items()}
        rows: list[tuple[_Names, ast.alias | None]] = [(name, at) for at, name in {**own, **texts}.items() if name]
        _sort_in(rows, added)
        file = self._file
        if self._is_broken(statement):
            edits.update(self._rows(statement, rows, texts))
            return
        if len(rows) == len(statement.names) and all(alias is not None for _, alias in rows):
            edits.update({file.span(alias): (str(name),) for alias, name in texts.items()})
            return
        whole = Span(file.span(statement.names[0]).start, file.span(statement.names[-1]).end)
        pieces: list[Piece] = [
            str(name) if alias in texts or alias is None else file.span(alias) for name, alias in rows
        ]
        edits[whole] = tuple(_joined(pieces, ", "))

    def _is_broken(self, statement: ast.ImportFrom) -> bool:
        """Whether the names stand in parentheses over several lines."""
        start, end = self._file.span(statement)
        head = _HEAD.match(self._file.data, start, end)
        opened = None if head is None else head["open"]
        return opened is not None and statement.lineno != statement.end_lineno

    def _rows(
        self,
        statement: ast.ImportFrom,
        rows: Sequence[tuple[_Names, ast.alias | None]],
        texts: dict[ast.alias, _Names | None],
    ) -> Edits:
        """Return the edits of names over several lines: each line that stays keeps its comment."""
        file = self._file
        edits: Edits = {}
        for changed, new in texts.items():
            edits.update({file.span(changed): (str(new),)} if new is not None else self._without(changed))
        after: dict[ast.alias | None, list[str]] = {}
        last: ast.alias | None = None
        for name, alias in rows:
            if alias is None:
                after.setdefault(last, []).append(str(name))
            else:
                last = alias
        final = statement.names[-1]
        for alias, names in after.items():
            if alias is not None:
                edits.update(self._with(alias, names, is_last=alias is final))
                continue
            first = next(alias for _, alias in rows if alias is not None)
            start = file.span(first).start
            indent = file.data[file.line_start(start) : start].decode()
            between = f",{file.newline}{indent}" if not indent.strip() else ", "
            edits[Span(start, start)] = (between.join([*names, ""]),)
        return edits

    def _without(self, alias: ast.alias) -> Edits:
        """Return the edit that takes out a name with its comma, with the whole line where it stands alone there."""
        file = self._file
        start, end = file.span(alias)
        line = file.line_start(start)
        if not file.data[line:start].strip() and _AFTER_ALIAS.match(file.data, end):
            return {Span(line, file.next_line(end)): ()}
        comma = _COMMA.match(file.data, end)
        return {Span(start, end if comma is None else comma.end()): ()}

    def _with(self, alias: ast.alias, names: Sequence[str], *, is_last: bool) -> Edits:
        """Return the edits that put names after another."""
        file = self._file
        start, end = file.span(alias)
        tail = _AFTER_ALIAS.match(file.data, end)
        if tail is None:
            return {Span(end, end): ("".join(f", {name}" for name in names),)}
        line = file.data[file.line_start(start) : start].decode()
        indent = line[: len(line) - len(line.lstrip())]
        closes = not is_last or bool(tail["comma"])
        text = ",".join(f"{file.newline}{indent}{name}" for name in names) + ("," if closes else "")
        at = tail.end()
        edits: Edits = {Span(at, at): (text,)}
        if not tail["comma"]:
            if at == end:
                return {Span(at, at): (f",{text}",)}
            edits[Span(end, end)] = (",",)
        return edits


def in_head(body: Sequence[ast.stmt]) -> int:
    """Return after how many statements of a module its first imports end; its docstring is before them."""
    end = 0
    for number, statement in enumerate(body):
        if isinstance(statement, (ast.Import, ast.ImportFrom)) or (number == 0 and _is_text(statement)):
            end = number + 1
        elif isinstance(statement, _DEFINING):
            break
    return end


_DEFINING = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.AsyncFor),
    *(ast.While, ast.With, ast.AsyncWith, ast.Match),
)
"""Statements that the imports at the head of a module do not go beyond."""


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and literal_text(node.value) is not None


def _is_star(statement: ast.ImportFrom) -> bool:
    return statement.names[0].name == "*"


def _statement(module: str, names: Iterable[_Names]) -> str:
    return f"from {module} import {', '.join(map(str, sorted(dict.fromkeys(names))))}"


def _statements(by_module: Mapping[str, Iterable[_Names]]) -> Iterator[str]:
    return (_statement(module, names) for module, names in by_module.items())


def _joined(pieces: Iterable[Piece], between: str) -> Iterator[Piece]:
    for number, piece in enumerate(pieces):
        if number:
            yield between
        yield piece


def on_one_line(block: Sequence[ast.stmt], statement: ast.stmt) -> Sequence[ast.stmt]:
    """Return the statements of `block` that share lines with `statement`."""
    first = last = block.index(statement)
    while first and block[first - 1].end_lineno == block[first].lineno:
        first -= 1
    while last + 1 < len(block) and block[last + 1].lineno == block[last].end_lineno:
        last += 1
    return block[first : last + 1]


def _sort_in(rows: list[tuple[_Names, ast.alias | None]], added: Iterable[_Names]) -> None:
    """Put names that are new among others: where these are sorted at their place, else at the end."""
    sort = _order([name.name for name, _ in rows])
    for new in dict.fromkeys(added):
        if all(name != new for name, _ in rows):
            at = len(rows)
            if sort is not None:
                at = next((i for i, (name, _) in enumerate(rows) if sort(name.name) > sort(new.name)), at)
            rows.insert(at, (new, None))


def _by_kind(name: str) -> str:
    """Sort constants before classes before functions, as isort does."""
    return f"{0 if name.isupper() else 1 if name[:1].isupper() else 2}{name}"


def _order(names: Sequence[str]) -> Callable[[str], str] | None:
    """Return by what `names` are sorted, `None` where they are not."""
    keys: tuple[Callable[[str], str], ...] = (_by_kind, str.lower, str)
    return next((key for key in keys if list(names) == sorted(names, key=key)), None)
