"""Find where a file makes an identifier by hand, and what the whole of it is: `str(uuid4())`, `uuid4().hex`, a text."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Sequence
from string import Formatter

from pytest_ssot_tracker.fix.editing import Piece
from pytest_ssot_tracker.fix.fixes import Uncertain
from pytest_ssot_tracker.fix.parsed_file import File
from pytest_ssot_tracker.fix.replacing import Replacements
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.names.syntax import literal_text
from pytest_ssot_tracker.records import dataclass, regex
from pytest_ssot_tracker.settings.templates import PREFIX, Template

__all__ = ["CLOCK", "CLOCKS", "FileIdentifiers", "Identifier"]

CLOCK = "time-format"
CLOCKS = (
    *(f"time.{name}" for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")),
    *("time.strftime", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Identifier:
    """One identifier: `node` is what makes it, `pieces` what is to stand there, `replaced` the names that go."""

    node: ast.expr
    pieces: tuple[Piece, ...]
    replaced: tuple[ast.Name, ...]

    @property
    def reached(self) -> list[str]:
        """Return the names by which the module reaches what makes the identifier."""
        return [name.id for name in self.replaced]


@dataclass(frozen=True, slots=True, eq=False)
class _TextAround:
    """The text that `part` is put into: `node`, which `before` of the part makes its beginning.

    `before` is `None` where it cannot be told, or where something follows. `as_text` says that any text can stand
    in the place of the part.
    """

    node: ast.expr
    part: ast.expr
    before: tuple[Piece, ...] | None
    as_text: bool = True


class FileIdentifiers:
    """The identifiers of `file`; `spelled(template, node)` spells the names of a template as they are where it goes."""

    def __init__(
        self, file: File, replacements: Replacements, *, spelled: Callable[[Template, ast.AST], Template]
    ) -> None:
        self._file = file
        self._spelled = spelled
        self._replacements = replacements

    def places(self, site: Site) -> tuple[Template, list[Identifier]]:
        """Return what replaces the identifiers of a site, and where they are; raise `Uncertain`."""
        template = self._replacements.template(site)
        references = CLOCKS if site.target == CLOCK else (site.target.replace(":", "."),)
        found = []
        for chain in self._file.chains:
            node = next((node for node in map(chain.upto, references) if node is not None), None)
            if node is None or self._file.statement_line(node) != site.line:
                continue
            call = self._file.call_of(node)
            if call is None:
                raise Uncertain(f"{node.attr if isinstance(node, ast.Attribute) else node.id} is handed on, not called")
            if site.target != CLOCK and (call.args or call.keywords):
                raise Uncertain("it is called with arguments")
            found.append(self._place(site, template, call, chain.root))
        if not found:
            raise Uncertain("what makes the identifier is not named here: it comes through another name")
        if len({place.node for place in found}) < len(found):
            raise Uncertain("one text holds several identifiers")
        return template, found

    def _place(self, site: Site, template: Template, call: ast.Call, root: ast.Name) -> Identifier:
        template = self._spelled(template, call)
        whole = self._clock(call) if site.target == CLOCK else self._whole(call)
        text = self._text_around(whole)
        if text is not None and text.before is not None and template.takes_prefix:
            return Identifier(text.node, self._rendered(template, text.before, text.node), (root,))
        if site.target != CLOCK:
            self._check_whole(whole, text)
        elif text is None:
            raise Uncertain("the clock is put into the text in a way that has no single replacement")
        if text is not None and not text.as_text:
            raise Uncertain("only a part of the identifier is used")
        return Identifier(whole, self._rendered(template, (f'"{site.ssot}"',), whole), (root,))

    # --- What is an identifier

    def _whole(self, call: ast.Call) -> ast.expr:
        """Return the expression that is the identifier as text, a slice of it included."""
        parent = self._file.parents[call]
        whole: ast.expr = call
        if (isinstance(parent, ast.Attribute) and parent.attr == "hex") or self._is_call_of("str", parent):
            assert isinstance(parent, ast.expr)
            whole = parent
        elif self._text_around(call) is None:
            raise Uncertain("the UUID itself is used, not its text")
        above = self._file.parents[whole]
        return above if isinstance(above, ast.Subscript) and above.value is whole else whole

    def _check_whole(self, whole: ast.expr, text: _TextAround | None) -> None:
        above = self._file.parents[whole]
        if isinstance(whole, ast.Subscript) or (isinstance(above, ast.Attribute) and text is None):
            raise Uncertain("only a part of the identifier is used")

    def _is_call_of(self, name: str, node: ast.AST) -> bool:
        """Whether `node` calls the builtin `name` with one argument."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id != name:
            return False
        return len(node.args) == 1 and not node.keywords and not self._file.scope(node.func).lookup(name)

    def _clock(self, call: ast.Call) -> ast.expr:
        """Return the time as it is put into a text: scaled, made an integer, made a text."""
        part: ast.expr = call
        while True:
            parent = self._file.parents[part]
            if isinstance(parent, ast.Attribute) and parent.attr in ("timestamp", "strftime", "isoformat"):
                call_of_it = self._file.call_of(parent)
                if call_of_it is not None:
                    part = call_of_it
                    continue
            scaled = isinstance(parent, ast.BinOp) and isinstance(parent.op, (ast.Mult, ast.Div, ast.FloorDiv, ast.Pow))
            made = any(self._is_call_of(name, parent) for name in ("int", "round", "str", "hex", "float"))
            if not scaled and not made:
                return part
            assert isinstance(parent, ast.expr)
            part = parent

    # --- What text it is put into

    def _text_around(self, part: ast.expr) -> _TextAround | None:
        """Return the text that `part` is put into, `None` where it is put into none."""
        parent = self._file.parents[part]
        if isinstance(parent, ast.FormattedValue):
            return self._in_fstring(part, parent)
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add) and parent.right is part:
            prefix = literal_text(parent.left)
            return None if prefix is None else _TextAround(parent, part, _prefix(prefix))
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mod) and parent.right is part:
            return self._in_percent(part, parent, 0, 1)
        if isinstance(parent, (ast.Tuple, ast.List)):
            return self._in_row(part, parent)
        if isinstance(parent, ast.Call) and part in parent.args:
            return self._in_format(part, parent)
        return None

    def _in_fstring(self, part: ast.expr, holder: ast.FormattedValue) -> _TextAround | None:
        text = self._file.parents.get(holder)
        if not isinstance(text, ast.JoinedStr):
            return None
        as_text = holder.format_spec is None and holder.conversion == -1
        before = None
        if text.values[-1] is holder and self._is_one_literal(text) and as_text:
            *first, _ = text.values
            before = self._pieces(first, text)
        return _TextAround(text, part, before, as_text)

    def _in_percent(self, part: ast.expr, operation: ast.BinOp, index: int, count: int) -> _TextAround | None:
        text = literal_text(operation.left)
        fields = [] if text is None else _PERCENT.findall(text)
        if text is None or len(fields) != count or "%%" in text:
            return None
        literal = text.removesuffix(fields[index])
        alone = count == 1 and literal != text
        return _TextAround(operation, part, _prefix(literal) if alone else None, fields[index] == "%s")

    def _in_row(self, part: ast.expr, row: ast.Tuple | ast.List) -> _TextAround | None:
        around = self._file.parents[row]
        index = row.elts.index(part)
        if isinstance(around, ast.BinOp) and isinstance(around.op, ast.Mod) and around.right is row:
            return self._in_percent(part, around, index, len(row.elts))
        func = around.func if isinstance(around, ast.Call) else None
        if not isinstance(func, ast.Attribute) or func.attr != "join" or literal_text(func.value) is None:
            return None
        assert isinstance(around, ast.Call)
        texts = [literal_text(element) for element in row.elts[:index]]
        last = index == len(row.elts) - 1 and None not in texts
        prefix = str(literal_text(func.value)).join(map(str, texts))
        # What `join` takes is a text already, whatever makes it.
        return _TextAround(around, part, _prefix(prefix) if last else None)

    def _in_format(self, part: ast.expr, call: ast.Call) -> _TextAround | None:
        func = call.func
        text = literal_text(func.value) if isinstance(func, ast.Attribute) and func.attr == "format" else None
        if text is None:
            return None
        try:
            fields = [field for field in Formatter().parse(text) if field[1] is not None]
        except ValueError:
            return None
        index = call.args.index(part)
        numbered = [(field[1] or str(number), field) for number, field in enumerate(fields)]
        mine = [field for name, field in numbered if name == str(index)]
        if len(mine) != 1:
            return None
        before, _, spec, conversion = mine[0]
        alone = len(fields) == len(call.args) == 1 and not call.keywords
        ends = text.endswith("}") and not text.endswith("}}")
        return _TextAround(call, part, _prefix(before) if alone and ends else None, not spec and not conversion)

    def _pieces(self, values: Sequence[ast.expr], text: ast.JoinedStr) -> tuple[Piece, ...] | None:
        """Return the beginning of an f-string as an expression, without the separator at its end."""
        if all(isinstance(value, ast.Constant) for value in values):
            return _prefix("".join(str(literal_text(value)) for value in values))
        quote = self._quote(text)
        pieces: list[Piece] = [f"f{quote}"]
        for number, value in enumerate(values):
            if isinstance(value, ast.FormattedValue):
                if value.format_spec is not None or not self._is_placed(value.value):
                    return None
                conversion = "" if value.conversion == -1 else f"!{chr(value.conversion)}"
                pieces += ["{", self._file.span(value.value), f"{conversion}}}"]
                continue
            literal = str(literal_text(value))
            literal = literal.rstrip("_-:.") if number == len(values) - 1 else literal
            if not literal.isprintable() or {"\\", "{", "}", quote[0]} & set(literal):
                return None
            pieces.append(literal)
        return (*pieces, quote)

    def _is_placed(self, node: ast.expr) -> bool:
        """Whether the places of `node` within its text are what the parser says: before 3.12 they need not be."""
        try:
            return ast.dump(ast.parse(self._file.source(node), mode="eval").body) == ast.dump(node)
        except (SyntaxError, ValueError, Uncertain):
            return False

    def _quote(self, text: ast.JoinedStr) -> str:
        written = self._file.source(text).lstrip("rRfFbBuU")
        return written[:3] if written[:3] in ('"""', "'''") else written[:1]

    def _is_one_literal(self, text: ast.JoinedStr) -> bool:
        """Whether a text is written as one literal, not as several that stand side by side."""
        depth = count = 0
        for token in tokenize.generate_tokens(io.StringIO(f"({self._file.source(text)})").readline):
            name = tokenize.tok_name[token.type]
            count += depth == 0 and name in ("STRING", "FSTRING_START")
            depth += (name == "FSTRING_START") - (name == "FSTRING_END")
        return count == 1

    # --- What stands there instead

    def _rendered(self, template: Template, prefix: Sequence[Piece], whole: ast.expr) -> tuple[Piece, ...]:
        """Return the expression of the template with `prefix`, quoted so that it can stand where `whole` does."""
        around = next((node for node in self._file.ancestors(whole) if isinstance(node, ast.JoinedStr)), None)
        before, sign, after = template.expression.partition(PREFIX)
        pieces: list[Piece] = [before, *(prefix if sign else ()), after]
        if around is None:
            return tuple(pieces)
        # Before Python 3.12 a text cannot hold its own quote, nor a backslash, within braces (PEP 701). What is written
        # here has to hold for every version that the project supports, which nothing tells.
        quote = self._quote(around)[0]
        other = "'" if quote == '"' else '"'
        text = "".join(piece for piece in pieces if isinstance(piece, str))
        if "\\" in text or {quote, other} <= set(text):
            raise Uncertain("the replacement cannot be quoted inside this text")
        return tuple(piece.replace(quote, other) if isinstance(piece, str) else piece for piece in pieces)


_PERCENT = regex(r"%[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")


def _prefix(text: str) -> tuple[Piece, ...] | None:
    """Return the literal for what an identifier begins with, without the separator; `None` for nothing, or odd text."""
    prefix = text.rstrip("_-:.")
    return (f'"{prefix}"',) if prefix and prefix.isprintable() and not set('\\{}"%') & set(prefix) else None
