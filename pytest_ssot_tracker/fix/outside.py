"""Tell which names of a module other files take from it: those have to go on existing there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pytest_ssot_tracker.scan.walk import read
from pytest_ssot_tracker.settings import Tree

__all__ = ["Outside"]


class Outside:
    """Answer whether one of `paths` takes a name from a module: by import, as an attribute or in a string.

    `asked` are the names and modules that will be asked for. The text decides, not its meaning: a name may be said to
    be taken that is not, and is then merely kept.
    """

    def __init__(self, tree: Tree, paths: Sequence[str], asked: Iterable[tuple[str, str]]) -> None:
        self._taken: set[tuple[str, str]] = set()
        waiting: dict[bytes, list[tuple[str, str]]] = {}
        for name, module in asked:
            waiting.setdefault(name.encode(), []).append((name, module))
        for path in paths if waiting else ():
            try:
                data = read(tree.absolute(path))
            except OSError:
                continue
            own = tree.module(path)
            for word, pairs in waiting.items():
                if word in data:
                    self._look(data, own, pairs)

    def __call__(self, name: str, module: str) -> bool:
        """Tell whether another file takes `name` from `module`, or it names its own in a string."""
        return (name, module) in self._taken

    def _look(self, data: bytes, own: str, pairs: Sequence[tuple[str, str]]) -> None:
        text = data.decode("utf-8", "replace")
        for name, module in pairs:
            last = module.rpartition(".")[2]
            if (name, module) in self._taken or last not in text:
                continue
            if f"{module}.{name}" in text or (own != module and _takes(text, name, last)):
                self._taken.add((name, module))


def _takes(text: str, name: str, last: str) -> bool:
    word, home = re.escape(name), re.escape(last)
    by_name = rf"from\s+[.\w]*\b{home}\s+import\s*(?:\([^)]*\b{word}\b|[^\n(]*\b{word}\b|\*)"
    if re.search(rf"{by_name}|\b{home}\.{word}\b|\b{home}\s*,\s*[\"']{word}[\"']", text):
        return True
    renamed = re.findall(rf"\b{home}\s+as\s+(\w+)", text)
    return any(re.search(rf"\b{one}(?:\.{word}\b|\s*,\s*[\"']{word}[\"'])", text) for one in renamed)
