"""Read the directives `.. deprecated::` in a docstring: about all of it, or about a parameter in a list of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["Directive", "directives"]

_DIRECTIVE = regex(
    r"^(?P<indent>[ \t]*)\.\. deprecated::[ \t]*(?P<since>[^\n]*)"
    r"(?P<rest>(?:\n(?:(?P=indent)[ \t]+[^\n]*|[ \t]*(?=\n|\Z)))*)",
    re.MULTILINE,
)
_HEADING = regex(r"^[^\s].*\n([=~^\"'-])\1{2,}[ \t]*$", re.MULTILINE)
_LISTED = regex(r"\*{0,2}(\w+)(?:[ \t]*\([^)]*\))?[ \t]*(?::|\Z)")


class Directive(NamedTuple):
    """One directive: its text, and what it stands under, a name in a list of parameters, or a heading."""

    message: str
    parameter: str = ""
    under_heading: bool = False


def directives(docstring: str) -> Iterator[Directive]:
    """Yield the directives of a docstring whose indentation is cleaned."""
    for found in _DIRECTIVE.finditer(docstring) if ".. deprecated::" in docstring else ():
        rest = found["rest"]
        if not found.start():  # on the first line, so that its own indentation is that of the whole text
            rest = docstring[found.end("since") :].partition("\n\n")[0]
        message = " ".join(f"{found['since'].partition(' ')[2]} {rest}".split())
        before = docstring[: found.start()]
        if not found["indent"]:
            yield Directive(message, under_heading=_HEADING.search(before) is not None)
            continue
        name = _above(before, len(found["indent"]))
        if name:
            yield Directive(message, name)


def _above(before: str, indent: int) -> str:
    """Return the name that the nearest line above with less indentation lists, empty for none."""
    for line in reversed(before.splitlines()):
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            match = _LISTED.match(line.strip())
            return match[1] if match else ""
    return ""
