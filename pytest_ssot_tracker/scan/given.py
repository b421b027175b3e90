"""Say what a call passes, as far as it is written there, and whether a parameter is among it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_ssot_tracker.model import Parameter, written
from pytest_ssot_tracker.names.syntax import literal_text
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Given"]


class Given(NamedTuple):
    """What is passed by position, up to what only a run can tell, and by name: the texts of literals, else `None`."""

    positions: Sequence[str | None]
    names: Mapping[str, str | None]

    @classmethod
    def of(cls, args: Iterable[ast.expr], keywords: Iterable[ast.keyword]) -> Given:
        """Return what is passed by the arguments of a call."""
        return cls(
            [_literal(argument) for argument in _spread(args)],
            {name: _literal(argument) for name, argument in _named(keywords)},
        )

    def as_text(self) -> str:
        """Return it as one text, of which `from_text` makes it again."""
        return json.dumps([self.positions, self.names])

    @classmethod
    def from_text(cls, text: str) -> Given:
        """Return what `as_text` has put into `text`."""
        return cls(*json.loads(text))

    def passes(self, parameter: Parameter, index: int | None) -> bool:
        """Whether `parameter`, which is the positional one at `index` if at any, is passed, and with its value."""
        if parameter.name in self.names:
            value = self.names[parameter.name]
        elif index is not None and 0 <= index < len(self.positions):
            value = self.positions[index]
        else:
            return False
        return parameter.value is None or parameter.value == value


def _spread(args: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """Yield what is passed by position; what follows a `*` of unknown length has no position that is known."""
    for argument in args:
        if not isinstance(argument, ast.Starred):
            yield argument
        elif isinstance(argument.value, (ast.Tuple, ast.List)):
            yield from _spread(argument.value.elts)
        else:
            return


def _named(keywords: Iterable[ast.keyword]) -> Iterator[tuple[str, ast.expr]]:
    """Yield what is passed by name, that of a literal `**{"name": value}` included."""
    for keyword in keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value
        elif isinstance(keyword.value, ast.Dict):
            for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                if key is None:
                    yield from _named([ast.keyword(arg=None, value=value)])
                elif (text := literal_text(key)) is not None:
                    yield text, value
        elif (
            isinstance(keyword.value, ast.Call)
            and isinstance(keyword.value.func, ast.Name)
            and keyword.value.func.id == "dict"
        ):
            yield from _named(keyword.value.keywords)


def _literal(node: ast.expr) -> str | None:
    """Return the one way in which a literal is written in a target, `None` for any other expression."""
    if isinstance(node, ast.Constant):
        return written(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return f"-{node.operand.value!r}"
    return None
