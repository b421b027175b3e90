"""Read the files of a project that are to be changed, and change them as wholes."""

from __future__ import annotations

import ast

from pytest_ssot_tracker.fix.editing import Edits, Span, applied
from pytest_ssot_tracker.fix.fixes import Change, Uncertain
from pytest_ssot_tracker.fix.parsed_file import File
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.names.syntax import UNREADABLE
from pytest_ssot_tracker.scan.walk import Walk, read
from pytest_ssot_tracker.settings import Tree

__all__ = ["blank_lines_after", "changed", "check_parses", "every_path", "file_at", "lines_of"]


def every_path(tree: Tree) -> list[str]:
    """Return the paths of all files that a scan of the whole project reads."""
    return [entry.path for entry in Walk(tree).entries()[0]]


def file_at(tree: Tree, path: str) -> File:
    """Return a file of the project; raise `Uncertain` where it cannot be read."""
    try:
        return File(path, tree.module(path), read(tree.absolute(path)))
    except OSError as error:
        raise Uncertain(f"{path} cannot be read: {error.strerror}") from None
    except UNREADABLE:
        raise Uncertain(f"{path} cannot be parsed") from None


def lines_of(file: File, statement: ast.stmt) -> Span:
    """Return the whole lines of a definition, its decorators and the comment above it included."""
    first = min((statement, *getattr(statement, "decorator_list", ())), key=file.order)
    start = file.line_start(file.offset(first.lineno, 0))
    while start and _is_comment(file.data[file.line_start(start - 1) : start]):
        start = file.line_start(start - 1)
    return Span(start, file.next_line(file.span(statement).end))


def _is_comment(line: bytes) -> bool:
    """Whether a line is a comment, and none that is there for the whole file."""
    line = line.lstrip()
    return line.startswith(b"#") and not line.startswith(b"#!") and b"coding" not in line


def blank_lines_after(file: File, offset: int) -> int:
    """Return where the blank lines end that begin at `offset`."""
    while offset < len(file.data) and not file.data[offset : file.line_end(offset)].strip():
        offset = file.next_line(offset)
    return offset


def changed(file: File, edits: Edits, sites: tuple[Site, ...] = (), *, trimmed: bool = False) -> Change:
    """Return `file` with `edits`; raise `Uncertain` where the result would not parse.

    Where its last definition may have gone it is `trimmed`: the lines that kept that apart have nothing to do any more.
    """
    after = applied(file.data, edits)
    if trimmed:
        after = after.rstrip() + file.newline.encode() if after.strip() else b""
    content = after.decode().encode(file.encoding)
    check_parses(content, file.path)
    return Change(file.path, file.data.decode().encode(file.encoding), content, sites)


def check_parses(content: bytes, called: str) -> None:
    """Raise `Uncertain` where `content`, which is `called` so, is no Python."""
    try:
        compile(content, "<file>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise Uncertain(f"{called} would not parse: {error}") from None
