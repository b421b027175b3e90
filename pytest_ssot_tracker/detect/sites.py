"""Turn a place in running code, a code object and an instruction, into a site of the source.

Nothing here runs while the code under test does: a recorder keeps numbers and asks at the end of a phase.
"""

from __future__ import annotations

import ast
import sys
from _io import FileIO
from contextlib import suppress
from itertools import islice
from types import CodeType
from typing import TYPE_CHECKING, NamedTuple

from pytest_ssot_tracker.detect.spelling import Spelling
from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.source import SourceFile, read_source

if TYPE_CHECKING:
    from pytest_ssot_tracker.settings import Tree
    from pytest_ssot_tracker.source import Allow, Statement

__all__ = ["Sites", "Written", "position_of", "read", "scope_of", "written_scope"]

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


class Quote(NamedTuple):
    """Be source that is written inside another file: `line` lines stand above it there, `code` was made from it."""

    code: CodeType
    path: str
    source: str
    line: int
    scope: str

    def site(self, rule: Rule, *, ssot: str, target: str, declared: str, lasti: int) -> Site:
        """Return the site at the instruction `lasti`, in the terms of the file around."""
        line, column = position_of(self.code, lasti)
        file = SourceFile(self.path, self.source)
        statement = file.statement_at(line, column)
        text = "" if statement is None else file.text_of(statement)
        return Site(rule, ssot, target, self.path, self.line + line, self.scope, text, 0, declared)


class Sites:
    """Answer what stands at a place; each file is read and parsed once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._files: dict[str, SourceFile | None] = {}
        self._lines: dict[str, list[str]] = {}
        self._places: dict[tuple[int, int], tuple[int, Statement | None]] = {}
        self._quotes: dict[int, Quote] = {}
        self._spellings: dict[tuple[str, str], Spelling] = {}

    def site(self, rule: Rule, *, ssot: str, target: str, declared: str, code: CodeType | Written, lasti: int) -> Site:
        """Return the site at the instruction `lasti` of `code`; `code` must stay alive as long as this object.

        A file that cannot be read or parsed still gives a site: its text is the bare line, or empty.
        """
        if isinstance(code, Written):
            line, _ = self.position(code, lasti)
            file = self._file(code.co_filename)
            statement = None if file is None else code.statement(file)
            if file is None or statement is None:
                return Site(rule, ssot, target, self.path(code.co_filename), line, code.scope, "", 0, declared)
            return file.site(rule, ssot=ssot, target=target, declared=declared, statement=statement, line=line)
        quote = self._quotes.get(id(code))
        if quote is not None:
            return quote.site(rule, ssot=ssot, target=target, declared=declared, lasti=lasti)
        file = self._file(code.co_filename)
        line, statement = self._place(file, code, lasti)
        if file is not None and statement is not None:
            return file.site(rule, ssot=ssot, target=target, declared=declared, statement=statement, line=line)
        path, text = self.path(code.co_filename), self._text(code, line)
        return Site(rule, ssot, target, path, line, scope_of(code), text, 0, declared)

    def position(self, code: CodeType | Written, lasti: int) -> tuple[int, int | None]:
        """Return line and column (in bytes, from 0) of the instruction, as far as they are known."""
        if not isinstance(code, Written):
            return position_of(code, lasti)
        file = self._file(code.co_filename)
        statement = None if file is None else code.statement(file)
        return (1, None) if statement is None else (statement.line, statement.column)

    def spells(self, code: CodeType | Written, lasti: int, name: str) -> bool:
        """Whether what is used at the instruction `lasti` of `code` goes by `name` there.

        Where the source cannot be read, whether the code names it at all.
        """
        if isinstance(code, Written):
            return name in code.names
        quote = self._quotes.get(id(code))
        file = self._file(code.co_filename) if quote is None else SourceFile(quote.path, quote.source)
        _, statement = self._place(file, code, lasti) if quote is None else (0, None)
        if quote is not None and file is not None:
            statement = file.statement_at(*position_of(code, lasti))
        if file is None or statement is None:
            return name in code.co_names
        key = (code.co_filename, name)
        if key not in self._spellings:
            self._spellings[key] = Spelling(file, name)
        return self._spellings[key].stands_at(statement, code, lasti)

    def quote(self, code: CodeType, filename: str, source: str, *, line: int, scope: str) -> None:
        """Know that `code` was made from `source`, which is written in `filename` below `line`, as a doctest is."""
        path = self.path(filename)
        module = self._tree.module(path)
        self._quotes[id(code)] = Quote(code, path, source, line, scope.removeprefix(module).lstrip(".") or "<module>")

    def file(self, filename: str) -> SourceFile | None:
        """Return the parsed file at `filename`, `None` when it cannot be read or parsed."""
        return self._file(filename)

    def allow_for(self, site: Site) -> Allow | None:
        """Return the inline allow with effect at `site`, `None` where there is none."""
        file = self._file(self._tree.absolute(site.path))
        return None if file is None else file.allow_for(site.rule, site.line)

    def path(self, filename: str) -> str:
        """Return `filename` relative to the root with `/`, or as it is when it is not ours."""
        return self._tree.relative(filename) or filename.replace("\\", "/")

    def _place(self, file: SourceFile | None, code: CodeType, lasti: int) -> tuple[int, Statement | None]:
        key = (id(code), lasti)
        found = self._places.get(key)
        if found is None:
            line, column = position_of(code, lasti)
            statement = None if file is None else file.statement_at(line, column)
            found = self._places[key] = line, statement
        return found

    def _file(self, filename: str) -> SourceFile | None:
        if filename not in self._files:
            file = None
            data = read(filename)
            self._lines[filename] = [line.decode(errors="replace") for line in data.splitlines()]
            if data:
                with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                    file = read_source(self.path(filename), data)
            self._files[filename] = file
        return self._files[filename]

    def _text(self, code: CodeType, line: int) -> str:
        lines = self._lines[code.co_filename]
        return " ".join(lines[line - 1].split()) if 0 < line <= len(lines) else ""


def read(filename: str) -> bytes:
    """Return the content of a file, `b""` where it cannot be read."""
    # Neither `open` nor `os`: the test whose phase ends may still have them replaced.
    try:
        with FileIO(filename) as stream:
            return stream.readall() or b""
    except (OSError, ValueError):
        return b""
