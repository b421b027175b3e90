"""Say what stands at a place in a file: the statement, its scope, its text, and the allows written there.

The scan and the running process both come here, so that one function makes a site's identity.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from ast import parse
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

from pytest_ssot_tracker.model import Rule, Site, squeeze
from pytest_ssot_tracker.records import NamedTuple, dataclass, regex

__all__ = ["Allow", "SourceFile", "Statement", "fold"]

_STRING_OR_LAYOUT = regex(
    r"""(?P<string>\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<layout>(?:\s|\\(?:\r\n|\r|\n)|\#[^\r\n]*)+)""",
    re.DOTALL | re.VERBOSE,
)
_LINE_END = regex(r"[^\S\r\n]*(?:\r\n|\r|\n)\s*")
_ALLOW = regex(r"#\s*ssot:\s*allow\b(?:\[(?P<rules>[^\]]*)\])?(?P<reason>.*)")
_NEXT_COMMENT = regex(r"(?:\s|\A)#\s.*")
_WORD = regex(r"\w+")
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SIMPLE = frozenset(
    {ast.Expr, ast.Assign, ast.Return, ast.AnnAssign, ast.Import, ast.ImportFrom, ast.Assert, ast.Raise, ast.Pass}
)
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")
_Head: TypeAlias = "ast.ExceptHandler | ast.match_case"
_Block: TypeAlias = "tuple[tuple[int, int], _Head | None, list[ast.stmt]]"


def fold(text: str) -> str:
    r"""Return a statement's text on one line: no comments, white space folded, `\n` for a line's end in a string."""

    def piece(match: re.Match[str]) -> str:
        return match.group() if match.lastgroup == "string" else " "

    return _LINE_END.sub(r"\\n", _STRING_OR_LAYOUT.sub(piece, text).strip())


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """One statement, or the head of a compound one, a decorator, an `except` or a `case`.

    `line` and `end_line` are its own extent, from 1, and `column` and `end_column` in bytes of UTF-8, from 0. A head
    ends before its body. `node` is the syntax node; `head_line` is the first line of the whole statement, decorators
    included.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    scope: str
    node: ast.AST
    head_line: int


class Allow(NamedTuple):
    """One `# ssot: allow[rule] reason` comment: at `line`, speaking of the statement at `covers`.

    `rules` are the spellings as written; `problem` says why it has no effect, `None` when it has.
    """

    path: str
    line: int
    covers: int
    rules: tuple[str, ...]
    reason: str
    problem: str | None = None


class SourceFile:
    """One parsed file of the project.

    `path` is relative to the root with `/`; `text` is the whole source. Raises `SyntaxError` or `ValueError`
    where the running interpreter cannot parse it.
    """

    def __init__(self, path: str, text: str, tree: ast.Module | None = None) -> None:
        self.path = path
        self.text = text
        self.tree = tree if tree is not None else parse(text, filename=path)
        self._texts: dict[ast.AST, str] = {}
        self._ordinals: dict[ast.AST, int] = {}
        self._sharing: dict[tuple[type[ast.AST], str], dict[str, list[Statement]]] = {}
        self._within: dict[str, dict[ast.AST, Statement]] = {}

    @classmethod
    def read(cls, path: str, data: bytes) -> SourceFile:
        """Return the file with the content `data`, decoded as Python decodes it (PEP 263)."""
        return cls(path, decode(data))

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines with their ends; index 0 is line 1. Only line ends that Python knows split."""
        if "\r" in self.text:
            return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", self.text)
        *whole, rest = self.text.split("\n")
        return [*(f"{line}\n" for line in whole), *([rest] if rest else ())]

    @cached_property
    def statements(self) -> list[Statement]:
        """Return every statement in source order."""
        found = list(self._walk(self.tree.body, ()))
        found.sort(key=lambda statement: (statement.line, statement.column))
        return found

    def _walk(self, body: list[ast.stmt], scope: tuple[str, ...], *, below: bool = True) -> Iterator[Statement]:
        """Yield the statements of `body`, and `below` those of the scopes in it, in no certain order."""
        waiting = [(body, scope)]  # and no recursion: a chain of `elif` may be long
        while waiting:
            block, scope = waiting.pop()
            name = ".".join(scope) or "<module>"
            for node in block:
                if type(node) in _SIMPLE:  # most are: the short way
                    line = node.lineno
                    yield Statement(line, node.col_offset, *_end(node), name, node, line)
                    continue
                blocks = list(self._blocks(node))
                yield from self._heads(node, name, blocks)
                if below or not isinstance(node, _NAMED):
                    inner = (*scope, node.name) if isinstance(node, _NAMED) else scope
                    waiting += [(block, inner) for _, _, block in blocks]

    def _heads(self, node: ast.stmt, name: str, blocks: list[_Block]) -> Iterator[Statement]:
        """Yield what a compound statement is without its `blocks`: decorators, itself, each `except` and `case`."""
        head_line = self._start(node)[0]
        for decorator in _decorators(node):
            yield Statement(*self._before(decorator, "@"), *_end(decorator), name, decorator, head_line)
        end = self._head_end(node, blocks[0][2]) if blocks else _end(node)
        yield Statement(node.lineno, node.col_offset, *end, name, node, head_line)
        for start, head, block in blocks:
            if head is not None:
                yield Statement(*start, *self._head_end(head, block), name, head, start[0])

    def _blocks(self, node: ast.stmt) -> Iterator[_Block]:
        """Yield the blocks of a compound statement, each with where it starts and its `except` or `case`."""
        for field in _BLOCKS:
            block = getattr(node, field, None)
            if not isinstance(block, list) or not block:
                continue
            if field == "handlers":
                yield from (
                    ((statement.lineno, statement.col_offset), statement, statement.body) for statement in block
                )
            elif field == "cases":
                yield from ((self._before(statement.pattern, "case"), statement, statement.body) for statement in block)
            else:
                yield self._start(block[0]), None, block

    def _start(self, node: ast.stmt) -> tuple[int, int]:
        """Return where `node` starts, its decorators included."""
        decorators = _decorators(node)
        return self._before(decorators[0], "@") if decorators else (node.lineno, node.col_offset)

    def _before(self, node: ast.expr | ast.pattern, word: str) -> tuple[int, int]:
        """Return where `word`, of which the syntax tree keeps nothing, stands before `node`."""
        for line in range(node.lineno, 0, -1):
            text = self.lines[line - 1].encode()
            column = (text[: node.col_offset] if line == node.lineno else text).rfind(word.encode())
            if column >= 0:
                return line, column
        return node.lineno, node.col_offset

    def _head_end(self, node: ast.stmt | _Head, block: list[ast.stmt]) -> tuple[int, int]:
        """Return where the head of a compound statement ends: before its block, and not in the block's own line."""
        if isinstance(node, ast.Match):
            return _end(node.subject)
        line, column = self._start(block[0])
        before = self.lines[line - 1].encode()[:column]
        return (line, column) if before.strip() else (line - 1, len(self.lines[line - 2].encode()))

    @cached_property
    def _starts(self) -> list[tuple[int, int]]:
        return [(statement.line, statement.column) for statement in self.statements]

    def statement_at(self, line: int, column: int | None = None) -> Statement | None:
        """Return the innermost statement that covers `line` (and `column`, in bytes, where known).

        With no column the first statement that starts on the line wins, else the one that runs through it.
        """
        index = bisect_right(self._starts, (line, -1 if column is None else column))
        if column is None and index < len(self.statements) and self.statements[index].line == line:
            return self.statements[index]
        for before in range(index - 1, -1, -1):
            statement = self.statements[before]
            if (line, column or 0) <= (statement.end_line, statement.end_column):
                return statement
        return None

    def statement_of(self, node: ast.AST, scope: str) -> Statement | None:
        """Return the statement in the scope of that name whose own node is `node`."""
        return _simple(node, scope) if type(node) in _SIMPLE else self._in_scope(scope).get(node)  # type: ignore[arg-type]

    def definition(self, qualname: str) -> Statement | None:
        """Return the statement that defines the class or function with the dotted `qualname`, `None` for none."""
        scope, _, name = qualname.rpartition(".")
        for statement in self.statements:
            if statement.scope == (scope or "<module>") and getattr(statement.node, "name", None) == name:
                return statement
        return None

    def text_of(self, statement: Statement) -> str:
        """Return the folded text of `statement`."""
        text = self._texts.get(statement.node)
        if text is None:
            text = self._texts[statement.node] = fold(self._segment(statement))
        return text

    def _segment(self, statement: Statement) -> str:
        lines = self.lines[statement.line - 1 : statement.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1].encode()[: statement.end_column].decode(errors="replace")
        lines[0] = lines[0].encode()[statement.column :].decode(errors="replace")
        return "".join(lines)

    @cached_property
    def _scopes(self) -> dict[str, _Scope]:
        """Return every scope, by its name."""
        found = {"<module>": _Scope([self.tree.body], [])}
        waiting: list[tuple[Sequence[ast.AST], str, str]] = [(self.tree.body, "<module>", "")]
        for block, scope, prefix in waiting:
            for node in block:
                if type(node) in _SIMPLE:
                    found[scope].simple.append(node)  # type: ignore[arg-type]
                elif isinstance(node, _NAMED):
                    name = f"{prefix}{node.name}"
                    found.setdefault(name, _Scope([], [])).bodies.append(node.body)
                    waiting.append((node.body, name, f"{name}."))
                else:
                    inner = (getattr(node, field, None) for field in _BLOCKS)
                    waiting += [(block, scope, prefix) for block in inner if isinstance(block, list)]
        return found

    def _in_scope(self, scope: str) -> dict[ast.AST, Statement]:
        """Return the statements in the scope of that name, in source order, by their nodes."""
        found = self._within.get(scope)
        if found is None:
            parts = () if scope == "<module>" else (scope,)
            bodies = self._scopes[scope].bodies if scope in self._scopes else ()
            within = [statement for body in bodies for statement in self._walk(body, parts, below=False)]
            within.sort(key=lambda statement: (statement.line, statement.column))
            found = self._within[scope] = {statement.node: statement for statement in within}
        return found

    def _number(self, statement: Statement) -> None:
        """Number the statements of one kind in one scope that share a word with `statement`, each among its equals."""
        # Equal statements have their longest word in common: looking for it spares folding all the others. The end of a
        # line in a string is a letter of the text, and no part of a word in the lines.
        there = {"", *_WORD.findall(self._written(statement))}
        word = max(there.intersection(_WORD.findall(squeeze(self.text_of(statement)))), key=_by_size, default="")
        counted: Counter[tuple[str, int]] = Counter()
        for other in self._by_word(type(statement.node), statement.scope)[word]:
            text = squeeze(self.text_of(other))
            if not word or word in _WORD.findall(text):  # and not only in its lines, which may hold another statement
                self._ordinals[other.node] = counted[text, self._part(other)]
                counted[text, self._part(other)] += 1

    def _by_word(self, kind: type[ast.AST], scope: str) -> dict[str, list[Statement]]:
        """Return the statements of a kind in a scope, in source order, by the words in their lines; under `""` all."""
        found = self._sharing.get((kind, scope))
        if found is None:
            found = self._sharing[kind, scope] = defaultdict(list)
            if kind in _SIMPLE:
                nodes = (node for node in self._scopes[scope].simple if type(node) is kind)
                inside = sorted((_simple(node, scope) for node in nodes), key=lambda each: (each.line, each.column))
            else:
                inside = [other for other in self._in_scope(scope).values() if type(other.node) is kind]
            for other in inside:
                for word in {"", *_WORD.findall(self._written(other))}:
                    found[word].append(other)
        return found

    def _written(self, statement: Statement) -> str:
        """Return the lines in which a statement stands."""
        return "".join(self.lines[statement.line - 1 : statement.end_line])

    def ordinal_of(self, statement: Statement) -> int:
        """Return how many statements of the same kind, scope and text stand before `statement`."""
        if statement.node not in self._ordinals:
            self._number(statement)
        return self._ordinals.setdefault(statement.node, 0)

    def shown(self, line: int, scope: str) -> tuple[int, str]:
        """Return line and scope as people are shown them, for what stands in `line` of the text."""
        return line, scope

    def written(self, line: int) -> int:
        """Return the line of the text that is shown as `line`."""
        return line

    def _part(self, statement: Statement) -> int:
        """Return in which part of the file a statement stands: those of one part are counted together."""
        return 0

    def site(
        self,
        rule: Rule,
        *,
        ssot: str,
        target: str,
        declared: str = "",
        statement: Statement | None,
        line: int,
    ) -> Site:
        """Return the site of `rule` at `statement`, or at the bare `line` where no statement stands.

        This is the only maker of a site inside a file; `line` is a line of the text.
        """
        if statement is None:
            text = self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
            line, scope = self.shown(line, "<module>")
            return Site(rule, ssot, target, self.path, line, scope, fold(text), 0, declared)
        line, scope = self.shown(line, statement.scope)
        return Site(
            rule=rule,
            ssot=ssot,
            target=target,
            path=self.path,
            line=line,
            scope=scope,
            text=self.text_of(statement),
            ordinal=self.ordinal_of(statement),
            declared=declared,
        )

    @cached_property
    def allows(self) -> tuple[Allow, ...]:
        """Return every `# ssot: allow[…]` comment, with its problem where it has no effect."""
        if "ssot:" not in self.text:
            return ()
        return tuple(self._read_allows())

    def _read_allows(self) -> Iterator[Allow]:
        # The newlines that Python knows are all made one, so that lines are counted as the parser counts them.
        source = io.StringIO(self.text, newline=None)
        try:
            comments = [token for token in tokenize.generate_tokens(source.readline) if token.type == tokenize.COMMENT]
        except (tokenize.TokenError, SyntaxError):
            return
        found = [(comment.start, match) for comment in comments if (match := _ALLOW.search(comment.string)) is not None]
        alone = {line for (line, column), _ in found if not self.lines[line - 1][:column].strip()}
        for (line, _), match in found:
            covers = line
            while covers in alone:
                covers += 1
            rules = tuple(part.strip() for part in (match["rules"] or "").split(",") if part.strip())
            reason = _NEXT_COMMENT.sub("", match["reason"]).strip()
            yield Allow(self.path, line, covers, rules, reason, _allow_problem(rules, reason))

    def allow_for(self, rule: Rule, line: int) -> Allow | None:
        """Return the allow with effect that speaks of `rule` for the statement shown at `line`."""
        if not self.allows:
            return None
        line = self.written(line)
        statement = self.statement_at(line)
        first, last, head = (
            (line, line, line) if statement is None else (statement.line, statement.end_line, statement.head_line)
        )
        lines = (head, *range(first, last + 1))
        speaking = (allow for covered in lines for allow in self._allows_by_line.get(covered, ()))
        return next((allow for allow in speaking if rule.value in allow.rules), None)

    @cached_property
    def _allows_by_line(self) -> dict[int, list[Allow]]:
        """Return the allows with effect by the line that they speak of."""
        found: dict[int, list[Allow]] = {}
        for allow in self.allows:
            if allow.problem is None:
                found.setdefault(allow.covers, []).append(allow)
        return found


class _Scope(NamedTuple):
    """A scope: the bodies of what has its name, and the simple statements in them, in no order."""

    bodies: list[list[ast.stmt]]
    simple: list[ast.stmt]


def _simple(node: ast.stmt, scope: str) -> Statement:
    return Statement(node.lineno, node.col_offset, *_end(node), scope, node, node.lineno)


def _by_size(word: str) -> tuple[int, str]:
    return len(word), word


def _decorators(node: ast.stmt) -> list[ast.expr]:
    return getattr(node, "decorator_list", [])


def _end(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or 0


def decode(data: bytes) -> str:
    """Return source bytes as text, as Python reads them; raise `SyntaxError` or `UnicodeDecodeError`."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    try:
        return data.decode(encoding)
    except LookupError:  # a codec that Python knows and that is none of text, such as rot13
        raise SyntaxError(f"unknown encoding: {encoding}") from None


def _allow_problem(rules: tuple[str, ...], reason: str) -> str | None:
    if not rules:
        return "it names no rule; write # ssot: allow[rule] reason"
    known = {rule.value for rule in Rule}
    for rule in rules:
        if rule not in known:
            return f"there is no rule {rule!r}"
    return None if reason else "it gives no reason; write one behind the bracket"
