"""Tell whether two methods that look alike do the same."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from pytest_ssot_tracker.discover.outline import Candidate, Method
from pytest_ssot_tracker.names.essence import essence
from pytest_ssot_tracker.names.syntax import FUNCTIONS, UNREADABLE, parsed

__all__ = ["Bodies"]

_SHORT = 3
"""Lines of a function that any two may have in common by chance."""


class Bodies:
    """Compare functions by what they do, each being read once."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._lines: dict[str, list[str]] = {}
        self._known: dict[tuple[str, int], str | None] = {}

    def same(self, first: Candidate, second: Candidate, name: str) -> bool:
        """Whether both have the same method `name`, which is long enough to tell anything."""
        methods = first.methods[name], second.methods[name]
        if methods[0].build != methods[1].build or min(method.last - method.first for method in methods) < _SHORT:
            return False
        body = self._body(first.path, methods[0])
        return body is not None and body == self._body(second.path, methods[1])

    def _body(self, path: str, method: Method) -> str | None:
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


def _essence(text: str) -> str | None:
    """Return what the function whose source is `text` does, `None` where it cannot stand alone."""
    try:
        (function,) = parsed(text).body
    except UNREADABLE:
        return None
    return essence(function) if isinstance(function, FUNCTIONS) else None
