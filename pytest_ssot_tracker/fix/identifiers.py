"""Find where a file makes an identifier by hand, and what the whole of it is: `str(uuid4())`, `uuid4().hex`, a text."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from pytest_ssot_tracker.fix.reading import Chain, File
from pytest_ssot_tracker.fix.replacing import Replacements, Uncertain
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.settings.templates import Template

__all__ = ["CLOCK", "Identifiers", "Place"]

CLOCK = "time-format"


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One identifier: `node` is what makes it, `expression` what is to stand there, `replaced` the names that go."""

    node: cst.BaseExpression
    expression: cst.BaseExpression
    replaced: tuple[cst.CSTNode, ...]


class Identifiers:
    """Find the identifiers of `file`, of which `chains` are the imported names."""

    def __init__(self, file: File, chains: Sequence[Chain], replacements: Replacements) -> None:
        self._file = file
        self._chains = chains
        self._replacements = replacements

    def places(self, site: Site) -> tuple[Template, list[Place]]:
        """Return what replaces the identifiers of a site, and where they are; raise `Uncertain`."""
        template = self._replacements.template(site)
        reference = "time.time" if site.target == CLOCK else site.target.replace(":", ".")
        found = []
        for chain in self._chains:
            node = chain.upto(reference)
            if node is None or self._file.statement_line(node) != site.line:
                continue
            call = self._file.call_of(node)
            if call is None:
                raise Uncertain(f"{reference.rpartition('.')[2]} is handed on, not called")
            whole, prefix = self._clock(call) if site.target == CLOCK else self._whole(call, template)
            expression = self._expression(template, prefix or site.ssot, whole)
            found.append(Place(whole, expression, (chain.nodes[0],)))
        if not found:
            raise Uncertain("what makes the identifier is not named here: it comes through another name")
        if len({place.node for place in found}) < len(found):
            raise Uncertain("one text holds several identifiers")
        return template, found

    def _whole(self, call: cst.Call, template: Template) -> tuple[cst.BaseExpression, str]:
        """Return the expression that is the identifier as text, and the prefix it is written with."""
        if call.args:
            raise Uncertain("it is called with arguments")
        node, parent = call, self._file.parents[call]
        whole: cst.BaseExpression | None = None
        if isinstance(parent, cst.Attribute) and parent.attr.value == "hex":
            whole = parent
        elif isinstance(parent, cst.Arg):
            around = self._file.parents[parent]
            if isinstance(around, cst.Call) and isinstance(around.func, cst.Name) and around.func.value == "str":
                whole = around if len(around.args) == 1 and self._file.scope(around).parent is not None else None
        elif isinstance(parent, cst.FormattedStringExpression):
            whole = node
        if whole is None:
            raise Uncertain("the UUID itself is used, not its text")
        sliced = self._sliced(whole)
        prefixed = self._prefixed(sliced or whole) if template.takes_prefix else None
        if prefixed is not None:
            return prefixed
        above = self._file.parents[whole]
        if sliced is not None or (isinstance(above, cst.Attribute) and above.value is whole):
            raise Uncertain("only a part of the identifier is used")
        if isinstance(above, cst.FormattedStringExpression) and (above.format_spec or above.conversion):
            raise Uncertain("only a part of the identifier is used")
        return whole, ""

    def _sliced(self, whole: cst.BaseExpression) -> cst.Subscript | None:
        above = self._file.parents[whole]
        return above if isinstance(above, cst.Subscript) and above.value is whole else None

    def _prefixed(self, part: cst.BaseExpression) -> tuple[cst.BaseExpression, str] | None:
        r"""Return the text `f"prefix_{part}"` and its prefix, `None` where the text holds anything else."""
        holder = self._file.parents[part]
        text = self._file.parents.get(holder)
        if not isinstance(holder, cst.FormattedStringExpression) or not isinstance(text, cst.FormattedString):
            return None
        if holder.format_spec or holder.conversion or len(text.parts) != 2:
            return None
        first = text.parts[0]
        if not isinstance(first, cst.FormattedStringText) or isinstance(
            self._file.parents[text], cst.ConcatenatedString
        ):
            return None
        prefix = first.value.rstrip("_-:.")
        return (text, prefix) if prefix and "\\" not in prefix and "{" not in prefix else None

    def _clock(self, call: cst.Call) -> tuple[cst.BaseExpression, str]:
        """Return the text that ends with the time, and its prefix."""
        part: cst.BaseExpression = call
        parent = self._file.parents[part]
        while not isinstance(parent, cst.FormattedStringExpression):
            if not isinstance(parent, (cst.BinaryOperation, cst.Arg, cst.Call)):
                raise Uncertain("the clock is put into the text in a way that has no single replacement")
            if isinstance(parent, cst.BaseExpression):
                part = parent
            parent = self._file.parents[parent]
        found = self._prefixed(part)
        if found is None:
            raise Uncertain("the text holds more than a prefix and the time")
        return found

    def _expression(self, template: Template, prefix: str, whole: cst.BaseExpression) -> cst.BaseExpression:
        text = template.render(prefix)
        around = next((one for one in self._file.ancestors(whole) if isinstance(one, cst.FormattedString)), None)
        if around is not None:
            quote = around.quote[0]
            other = "'" if quote == '"' else '"'
            if quote in text:
                # Before Python 3.12 a text cannot hold its own quote within braces.
                if other in text or "\\" in text:
                    raise Uncertain("the replacement cannot be quoted inside this text")
                text = text.replace(quote, other)
            if "\\" in text:
                raise Uncertain("the replacement cannot be quoted inside this text")
        return cst.parse_expression(text)
