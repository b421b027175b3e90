"""Read the expression that replaces an identifier made by hand: `pkg.ids:Issuer.issue({prefix})`."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_ssot_tracker.model import ProblemError
from pytest_ssot_tracker.records import dataclass

__all__ = ["PREFIX", "Template", "TemplateError"]

PREFIX = "{prefix}"
_AS_TEXT = "'prefix'"
"""A text of the same length, so that places in an expression stay what they are."""


class TemplateError(ProblemError, ValueError):
    """Why a text is no template."""

    said = "{0!r} is no template: {1}"


@dataclass(frozen=True, slots=True)
class Template:
    """An expression and the `names` in it, which `module` defines.

    `{prefix}` in it stands for the text that an identifier made by hand began with.
    """

    module: str
    expression: str
    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Return the template written as `module:expression`; raise `TemplateError` when it is none."""
        import ast
        import builtins

        module, colon, expression = text.partition(":")
        if not colon or not all(part.isidentifier() for part in module.split(".")):
            raise TemplateError(text, "the module before ':' is missing")
        try:
            tree = ast.parse(expression.strip().replace(PREFIX, _AS_TEXT), mode="eval")
        except (SyntaxError, ValueError) as error:
            raise TemplateError(text, f"{expression.strip()!r} is no expression") from error
        used = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
        names = tuple(sorted({name for name in used if not hasattr(builtins, name)}))
        if not names:
            raise TemplateError(text, f"{expression.strip()!r} uses nothing of {module}")
        return cls(module, expression.strip(), names)

    def renamed(self, names: Mapping[str, str]) -> Template:
        """Return the template with `names` spelled otherwise."""
        import ast

        data = self.expression.encode()
        tree = ast.parse(self.expression.replace(PREFIX, _AS_TEXT), mode="eval")
        used = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names)
        for node in sorted(used, key=lambda node: -node.col_offset):
            data = data[: node.col_offset] + names[node.id].encode() + data[node.end_col_offset :]
        return Template(self.module, data.decode(), tuple(sorted(names.values())))

    @property
    def takes_prefix(self) -> bool:
        """Whether the expression has a place for a prefix."""
        return PREFIX in self.expression
