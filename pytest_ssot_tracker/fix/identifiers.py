"""Find where a file makes an identifier by hand, and what the whole of it is: `str(uuid4())`, `uuid4().hex`, a text."""

from __future__ import annotations

import ast
import io
import tokenize

from pytest_ssot_tracker.fix.outcome import Uncertain
from pytest_ssot_tracker.fix.reading import File
from pytest_ssot_tracker.fix.replacing import Replacements
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.settings.templates import Template

__all__ = ["CLOCK", "Identifiers", "Place"]

CLOCK = "time-format"


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One identifier: `node` is what makes it, `text` what is to stand there, `replaced` the names that go."""

    node: ast.expr
    text: str
    replaced: tuple[ast.AST, ...]


class Identifiers:
    """The identifiers of `file`."""

    def __init__(self, file: File, replacements: Replacements) -> None:
        self._file = file
        self._replacements = replacements

    def places(self, site: Site) -> tuple[Template, list[Place]]:
        """Return what replaces the identifiers of a site, and where they are; raise `Uncertain`."""
        template = self._replacements.template(site)
        reference = "time.time" if site.target == CLOCK else site.target.replace(":", ".")
        found = []
        for chain in self._file.chains:
            node = chain.upto(reference)
            if node is None or self._file.statement_line(node) != site.line:
                continue
            call = self._file.call_of(node)
            if call is None:
                raise Uncertain(f"{reference.rpartition('.')[2]} is handed on, not called")
            whole, prefix = self._clock(call) if site.target == CLOCK else self._whole(call, template)
            text = self._text(template, prefix or site.ssot, whole)
            found.append(Place(whole, text, (chain.root,)))
        if not found:
            raise Uncertain("what makes the identifier is not named here: it comes through another name")
        if len({place.node for place in found}) < len(found):
            raise Uncertain("one text holds several identifiers")
        return template, found

    def _whole(self, call: ast.Call, template: Template) -> tuple[ast.expr, str]:
        """Return the expression that is the identifier as text, and the prefix it is written with."""
        if call.args or call.keywords:
            raise Uncertain("it is called with arguments")
        parent = self._file.parents[call]
        whole: ast.expr | None = None
        if isinstance(parent, ast.Attribute) and parent.attr == "hex":
            whole = parent
        elif isinstance(parent, ast.FormattedValue):
            whole = call
        elif isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "str":
            whole = parent if len(parent.args) == 1 and not parent.keywords and self._is_builtin(parent.func) else None
        if whole is None:
            raise Uncertain("the UUID itself is used, not its text")
        above = self._file.parents[whole]
        sliced = above if isinstance(above, ast.Subscript) and above.value is whole else None
        prefixed = self._prefixed(sliced or whole) if template.takes_prefix else None
        if prefixed is not None:
            return prefixed
        if sliced is not None or isinstance(above, ast.Attribute):
            raise Uncertain("only a part of the identifier is used")
        if isinstance(above, ast.FormattedValue) and (above.format_spec or above.conversion != -1):
            raise Uncertain("only a part of the identifier is used")
        return whole, ""

    def _is_builtin(self, name: ast.Name) -> bool:
        return not self._file.scope(name).lookup(name.id)

    def _prefixed(self, part: ast.expr) -> tuple[ast.expr, str] | None:
        r"""Return the text `f"prefix_{part}"` and its prefix, `None` where the text holds anything else."""
        holder = self._file.parents[part]
        text = self._file.parents.get(holder)
        if not isinstance(holder, ast.FormattedValue) or not isinstance(text, ast.JoinedStr):
            return None
        if holder.format_spec or holder.conversion != -1 or len(text.values) != 2:
            return None
        first = text.values[0]
        if not isinstance(first, ast.Constant) or not self._is_one_literal(text):
            return None
        prefix = str(first.value).rstrip("_-:.")
        return (text, prefix) if prefix and prefix.isprintable() and not set("\\{}") & set(prefix) else None

    def _is_one_literal(self, text: ast.JoinedStr) -> bool:
        """Whether a text is written as one literal, not as several that stand side by side."""
        depth = count = 0
        for token in tokenize.generate_tokens(io.StringIO(f"({self._file.source(text)})").readline):
            name = tokenize.tok_name[token.type]
            count += depth == 0 and name in ("STRING", "FSTRING_START")
            depth += (name == "FSTRING_START") - (name == "FSTRING_END")
        return count == 1

    def _clock(self, call: ast.Call) -> tuple[ast.expr, str]:
        """Return the text that ends with the time, and its prefix."""
        part: ast.expr = call
        parent = self._file.parents[part]
        while not isinstance(parent, ast.FormattedValue):
            if not isinstance(parent, (ast.BinOp, ast.Call)):
                raise Uncertain("the clock is put into the text in a way that has no single replacement")
            part = parent
            parent = self._file.parents[parent]
        found = self._prefixed(part)
        if found is None:
            raise Uncertain("the text holds more than a prefix and the time")
        return found

    def _text(self, template: Template, prefix: str, whole: ast.expr) -> str:
        text = template.render(prefix)
        around = next((node for node in self._file.ancestors(whole) if isinstance(node, ast.JoinedStr)), None)
        if around is not None:
            quote = self._file.source(around).lstrip("rRfFbBuU")[:1]
            other = "'" if quote == '"' else '"'
            if quote in text:
                # Before Python 3.12 a text cannot hold its own quote within braces.
                if other in text or "\\" in text:
                    raise Uncertain("the replacement cannot be quoted inside this text")
                text = text.replace(quote, other)
            if "\\" in text:
                raise Uncertain("the replacement cannot be quoted inside this text")
        return text
