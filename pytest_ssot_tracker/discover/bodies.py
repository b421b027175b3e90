"""Tell whether two functions do the same, whatever they call their variables and however they are laid out."""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Callable
from types import CodeType

from pytest_ssot_tracker.discover.outline import Candidate, Method

__all__ = ["Bodies"]

_SHORT = 3
"""Lines of a function that any two may have in common by chance."""
_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_PLACE = {"lineno": 1, "end_lineno": 1, "col_offset": 0, "end_col_offset": 0}


class Bodies:
    """Compare functions by what they compile to: names of local variables, comments and layout are left out."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._lines: dict[str, list[str]] = {}
        self._known: dict[tuple[str, int], object] = {}

    def same(self, first: Candidate, second: Candidate, name: str) -> bool:
        """Whether both have the same method `name`, which is long enough to tell anything."""
        methods = first.methods[name], second.methods[name]
        if min(method.last - method.first for method in methods) < _SHORT:
            return False
        body = self._body(first.path, methods[0])
        return body is not None and body == self._body(second.path, methods[1])

    def _body(self, path: str, method: Method) -> object:
        key = path, method.first
        if key not in self._known:
            self._known[key] = _essence(self._text(path, method))
        return self._known[key]

    def _text(self, path: str, method: Method) -> str:
        if path not in self._lines:
            try:
                self._lines[path] = self._read(path).decode("utf-8", "replace").splitlines()
            except OSError:  # gone since it was outlined
                self._lines[path] = []
        return textwrap.dedent("\n".join(self._lines[path][method.first - 1 : method.last]))


def _essence(text: str) -> object:
    """Return what can be compared of the function whose source is `text`, `None` where it cannot stand alone."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = compile(_bare(ast.parse(text)), "<function>", "exec", dont_inherit=True, optimize=2)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return next((_comparable(constant) for constant in module.co_consts if isinstance(constant, CodeType)), None)


def _bare(tree: ast.Module) -> ast.Module:
    """Return the source without docstrings and all of it on one line: both leave traces in what it compiles to."""
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass(**_PLACE)]
        if "lineno" in node._attributes:
            vars(node).update(_PLACE)
    return tree


def _comparable(code: CodeType) -> tuple[object, ...]:
    constants = tuple(
        _comparable(constant) if isinstance(constant, CodeType) else (type(constant), repr(constant))
        for constant in code.co_consts
    )
    return code.co_code, code.co_names, constants, code.co_argcount, code.co_kwonlyargcount, code.co_flags
