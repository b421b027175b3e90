"""Turn a place in running code, a code object and an instruction, into a site of the source.

Nothing here runs while the code under test does: a recorder keeps numbers and asks at the end of a phase.
"""

from __future__ import annotations

import ast
import sys
from _io import FileIO
from bisect import bisect_right
from contextlib import suppress
from itertools import islice
from types import CodeType
from typing import TYPE_CHECKING

from pytest_ssot_tracker.detect.record.remembered import Remembered, RememberedStatement
from pytest_ssot_tracker.detect.record.spelling import Spelling
from pytest_ssot_tracker.model import Rule, Site, SiteStatement
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.source import SourceFile, read_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Protocol

    from pytest_ssot_tracker.settings import Tree
    from pytest_ssot_tracker.source import Allow, Statement

    class KnownSites(Protocol):
        """What a scan knows of its sites, by path: the statements they stand for, in source order, and their ids."""

        @property
        def paths(self) -> Iterable[str]: ...
        def standing(self, path: str) -> Sequence[SiteStatement]: ...
        def ids(self, path: str) -> Collection[str]: ...


__all__ = ["Sites", "Watch", "Written", "moved_to", "position_of", "read", "scope_of", "written_scope"]

_KEPT = 4
"""Files of which a syntax tree is kept: the test module, what it calls, and what that calls."""

_UNNAMED = ("<locals>", "<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")


def scope_of(code: CodeType | Written) -> str:
    """Return the named scope of `code`: its `__qualname__` without `<locals>`, lambdas and comprehensions."""
    if isinstance(code, Written):
        return code.scope if code.names else code.scope.rpartition(".")[0] or "<module>"
    return written_scope(getattr(code, "co_qualname", code.co_name))


def written_scope(qualname: str) -> str:
    """Return `qualname` as a scope: without `<locals>`, lambdas and comprehensions."""
    named = [part for part in qualname.split(".") if part not in _UNNAMED]
    return ".".join(named) or "<module>"


def position_of(code: CodeType, lasti: int) -> tuple[int, int | None]:
    """Return line and column (in bytes, from 0) of the instruction at `lasti`; no column before 3.11."""
    if sys.version_info >= (3, 11):
        line, _, column, _ = next(islice(code.co_positions(), max(lasti, 0) // 2, None), (None, None, None, None))
        if line is not None:
            return line, column
    for start, end, line in code.co_lines():
        if start <= lasti < end and line is not None:
            return line, None
    return code.co_firstlineno, None


def moved_to(code: CodeType, line: int) -> CodeType:
    """Return `code` as if all of it stood on `line`: in the place of what is used there by no code of its own."""
    return code.replace(co_firstlineno=line, co_linetable=b"")  # which tells of no other line


class Written(NamedTuple):
    """A place in the source that no running code leads to: the statement that defines `scope` in a file.

    With `names` it is the first statement in that scope which mentions one of them, and holds the string `text` if that
    is not empty. It stands in the place of a code object, and is looked up when a site is made.
    """

    co_filename: str
    scope: str
    names: tuple[str, ...] = ()
    text: str = ""

    def statement(self, file: SourceFile) -> Statement | None:
        """Return the statement that is meant."""
        if not self.names:
            return file.definition(self.scope)
        within = (statement for statement in file.statements if statement.scope == self.scope)
        return next((statement for statement in within if self._is_meant(statement.node)), None)

    def _is_meant(self, node: ast.AST) -> bool:
        parts = list(ast.walk(node))
        if self.text and all(getattr(part, "value", None) != self.text for part in parts):
            return False
        return any((getattr(part, "id", None) or getattr(part, "attr", None)) in self.names for part in parts)


class Watch(NamedTuple):
    """What is watched: the `rule`, its table, the resolved name of the target, and the configured spelling.

    `spelled` is the name that has to stand at the site where the thing is not deprecated by its own.
    """

    rule: Rule
    ssot: str
    target: str
    declared: str
    spelled: str = ""

    def site(self, path: str, line: int, scope: str, text: str) -> Site:
        """Return the site of this at a place of which no statement is known."""
        return Site(self.rule, self.ssot, self.target, path, line, scope, text, 0, self.declared)


class Quote(NamedTuple):
    """Source that is written inside another file: `line` lines stand above it there, `code` was made from it."""

    code: CodeType
    path: str
    source: str
    line: int
    scope: str

    def site(self, watch: Watch, lasti: int) -> Site:
        """Return the site at the instruction `lasti`, in the terms of the file around."""
        line, column = position_of(self.code, lasti)
        file = SourceFile(self.path, self.source)
        statement = file.statement_at(line, column)
        text = "" if statement is None else file.text_of(statement)
        return watch.site(self.path, self.line + line, self.scope, text)


class Sites:
    """The maker of sites from places in running code.

    A file is read and parsed where nobody has said what stands in it, neither a scan nor, in `remembered`, an earlier
    run; only the last few are kept, since a syntax tree takes about ten times the space of its file. What was found out
    about a place is kept.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._files: dict[str, SourceFile | None] = {}
        self._spots: dict[tuple[int, int], RememberedStatement | None] = {}
        self._quotes: dict[int, Quote] = {}
        self._spelled: dict[tuple[int, int, str], bool] = {}
        self._spellings: dict[tuple[str, str], Spelling] = {}
        self._paths: dict[str, str] = {}
        self.remembered: Remembered | None = None
        self._scanned: KnownSites | None = None
        self._standing: dict[str, Sequence[SiteStatement]] = {}
        self._starts: dict[str, list[tuple[int, int]]] = {}
        self._allows: dict[str, Allow | None] = {}
        self._may_allow: dict[str, bool] = {}

    def learn(self, scanned: KnownSites, *, allowed: Mapping[str, Allow], allowing: Iterable[str]) -> None:
        """Take over what a scan knows, so that no file need be parsed for it again.

        `allowed` says by id which inline allow speaks of which of the scan's sites, and `allowing` are the paths of all
        files that hold one.
        """
        self._scanned, self._standing, self._starts = scanned, {}, {}
        self._allows = {**allowed}
        self._may_allow = {**dict.fromkeys(scanned.paths, False), **dict.fromkeys(allowing, True)}

    def site(self, watch: Watch, code: CodeType | Written, lasti: int) -> Site:
        """Return the site at the instruction `lasti` of `code`; `code` must stay alive as long as this object.

        A file that cannot be read or parsed still gives a site: its text is the bare line, or empty.
        """
        if isinstance(code, Written):
            line, column = self.position(code, lasti)
            if column is None:  # no such statement
                return watch.site(self.path(code.co_filename), line, code.scope, "")
            return self.site_at(watch, code.co_filename, line, column, code.scope)
        quote = self._quotes.get(id(code))
        if quote is not None:
            return quote.site(watch, lasti)
        key = (id(code), lasti)
        if key not in self._spots:
            self._spots[key] = self._spot(code.co_filename, *position_of(code, lasti))
        spot, path = self._spots[key], self.path(code.co_filename)
        if spot is None:
            line, _ = position_of(code, lasti)
            text = self.text(code.co_filename, line)
            return watch.site(path, line, scope_of(code), text)
        return _at(spot, watch, path)

    def site_at(self, watch: Watch, filename: str, line: int, column: int | None, scope: str) -> Site:
        """Return the site at a place that another process tells of."""
        spot, path = self._spot(filename, line, column), self.path(filename)
        return watch.site(path, line, scope, "") if spot is None else _at(spot, watch, path)

    def _spot(self, filename: str, line: int, column: int | None) -> RememberedStatement | None:
        """Return what stands at a place, `None` where the file cannot be read or parsed."""
        known = self._known(self.path(filename), line, column)
        if known is not None:
            return RememberedStatement(line, known.scope, known.text, known.ordinal, known.squeezed)
        spot = None if self.remembered is None else self.remembered.at(filename, line, column)
        if spot is None:
            spot = self._parsed(filename, line, column)
            if spot is not None and self.remembered is not None:
                self.remembered.note(filename, line, column, spot)
        return spot

    def _parsed(self, filename: str, line: int, column: int | None) -> RememberedStatement | None:
        file = self.file(filename)
        statement = None if file is None else file.statement_at(line, column)
        if file is None or statement is None:
            return None
        # Any rule does: what is wanted is how a site of this statement is named.
        site = file.site(Rule.DEPRECATED_USE, ssot="", target="", statement=statement, line=line)
        return RememberedStatement(site.line, site.scope, site.text, site.ordinal, site.squeezed)

    def _known(self, path: str, line: int, column: int | None) -> SiteStatement | None:
        """Return the statement of a site of the scan at this place; statements do not overlap, so there is one."""
        if self._scanned is None or column is None:
            return None
        standing = self._standing.get(path)
        if standing is None:
            standing = self._standing[path] = self._scanned.standing(path)
        if not standing:
            return None
        starts = self._starts.get(path)
        if starts is None:
            starts = self._starts[path] = [(statement.line, statement.column) for statement in standing]
        index = bisect_right(starts, (line, column)) - 1
        if index >= 0 and (line, column) <= (standing[index].end_line, standing[index].end_column):
            return standing[index]
        return None

    def position(self, code: CodeType | Written, lasti: int) -> tuple[int, int | None]:
        """Return line and column (in bytes, from 0) of the instruction, as far as they are known."""
        if not isinstance(code, Written):
            return position_of(code, lasti)
        file = self.file(code.co_filename)
        statement = None if file is None else code.statement(file)
        return (1, None) if statement is None else (statement.line, statement.column)

    def spells(self, code: CodeType | Written, lasti: int, name: str) -> bool:
        """Whether what is used at the instruction `lasti` of `code` goes by `name` there.

        Where the source cannot be read, whether the code names it at all.
        """
        if isinstance(code, Written):
            return name.rpartition(":")[2] in code.names
        key = (id(code), lasti, name)
        if key not in self._spelled:
            quote = self._quotes.get(id(code))
            file = self.file(code.co_filename) if quote is None else SourceFile(quote.path, quote.source)
            statement = None if file is None else file.statement_at(*position_of(code, lasti))
            if file is None or statement is None:
                self._spelled[key] = name.rpartition(":")[2] in code.co_names
            else:
                where = (code.co_filename if quote is None else quote.source, name)
                if where not in self._spellings:
                    self._spellings[where] = Spelling(file, name)
                self._spelled[key] = self._spellings[where].stands_at(statement, code, lasti)
        return self._spelled[key]

    def quote(self, code: CodeType, filename: str, source: str, *, line: int, scope: str) -> None:
        """Know that `code` was made from `source`, which is written in `filename` below `line`, as a doctest is."""
        path = self.path(filename)
        module = self.tree.module(path)
        self._quotes[id(code)] = Quote(code, path, source, line, scope.removeprefix(module).lstrip(".") or "<module>")

    def file(self, filename: str) -> SourceFile | None:
        """Return the parsed file at `filename`, `None` when it cannot be read or parsed."""
        if filename not in self._files:
            file = None
            data = read(filename)
            if data:
                with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                    file = read_source(self.path(filename), data)
            while len(self._files) >= _KEPT:
                del self._files[next(iter(self._files))]
        else:
            file = self._files.pop(filename)
        self._files[filename] = file
        return file

    def allow_for(self, site: Site) -> Allow | None:
        """Return the inline allow with effect at `site`, `None` where there is none."""
        if site.id in self._allows:
            return self._allows[site.id]
        may = self._may_allow.get(site.path)
        if may is None:
            may = self._may_allow[site.path] = b"ssot:" in read(self.tree.absolute(site.path))
        if may and self._scanned is not None and site.id in self._scanned.ids(site.path):
            may = False  # the scan has looked, and found none that speaks of it
        file = self.file(self.tree.absolute(site.path)) if may else None
        allow = self._allows[site.id] = None if file is None else file.allow_for(site.rule, site.line)
        return allow

    def path(self, filename: str) -> str:
        """Return `filename` relative to the root with `/`, or as it is when it is not ours."""
        path = self._paths.get(filename)
        if path is None:
            path = self._paths[filename] = self.tree.relative(filename) or filename.replace("\\", "/")
        return path

    def text(self, filename: str, line: int) -> str:
        """Return a line of a file with its white space folded, empty where there is none."""
        lines = read(filename).splitlines()
        return " ".join(lines[line - 1].decode(errors="replace").split()) if 0 < line <= len(lines) else ""


def _at(spot: RememberedStatement, watch: Watch, path: str) -> Site:
    line, scope, text, ordinal, squeezed = spot
    rule, ssot, target, declared, _ = watch
    return Site(rule, ssot, target, path, line, scope, text, ordinal, declared, squeezed=squeezed)


def read(filename: str) -> bytes:
    """Return the content of a file, `b""` where it cannot be read."""
    # Neither `open` nor `os`: the test whose phase ends may still have them replaced.
    try:
        with FileIO(filename) as stream:
            return stream.readall() or b""
    except (OSError, ValueError):
        return b""
