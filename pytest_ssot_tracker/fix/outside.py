"""Tell which names of a module other files take from it: those have to go on existing there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pytest_ssot_tracker.scan.walk import read
from pytest_ssot_tracker.settings import Tree

__all__ = ["Outside"]

_WORD = re.compile(rb"\w+")
_RENAMED = re.compile(r"\s+as\s+(\w+)")


class Outside:
    """Answer whether one of `paths` takes a name from a module: by import, as an attribute or in a string.

    `asked` are the names and modules that will be asked for. The text decides, not its meaning: a name may be said to
    be taken that is not, and is then merely kept.
    """

    def __init__(self, tree: Tree, paths: Sequence[str], asked: Iterable[tuple[str, str]]) -> None:
        self._taken: set[tuple[str, str]] = set()
        by_home: dict[str, list[tuple[str, str]]] = {}
        for name, module in asked:
            by_home.setdefault(module.rpartition(".")[2], []).append((name, module))
        homes = {home.encode(): home for home in by_home}
        self._patterns = {name: _patterns(name) for pairs in by_home.values() for name, _ in pairs}
        names = [name.encode() for name in self._patterns]
        for path in paths if by_home else ():
            try:
                data = read(tree.absolute(path))
            except OSError:
                continue
            if not any(name in data for name in names):
                continue
            words = set(_WORD.findall(data))
            text = ""
            for home in homes.keys() & words:
                pairs = [one for one in by_home[homes[home]] if one[0].encode() in words and one not in self._taken]
                text = text or (data.decode("utf-8", "replace") if pairs else "")
                self._look(text, tree.module(path), pairs)

    def __call__(self, name: str, module: str) -> bool:
        """Tell whether another file takes `name` from `module`, or it names its own in a string."""
        return (name, module) in self._taken

    def _look(self, text: str, own: str, pairs: Sequence[tuple[str, str]]) -> None:
        if not pairs:
            return
        ends = [match.end() for match in re.finditer(rf"\b{pairs[0][1].rpartition('.')[2]}\b", text)]
        for name, module in pairs:
            if f"{module}.{name}" in text or (own != module and self._takes(text, name, ends)):
                self._taken.add((name, module))

    def _takes(self, text: str, name: str, ends: Iterable[int]) -> bool:
        """Tell whether `text` takes `name` from the module whose name ends at one of `ends`."""
        taken, after = self._patterns[name]
        for end in ends:
            if after.match(text, end):
                return True
            alias = _RENAMED.match(text, end)
            if alias and any(taken.match(text, one.end()) for one in re.finditer(rf"\b{alias[1]}\b", text)):
                return True
        return False


def _patterns(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what follows a module that `name` is taken from as an attribute, and that or an import of it."""
    taken = rf"\.{name}\b|\s*,\s*[\"']{name}[\"']"
    return re.compile(taken), re.compile(rf"\s+import\s*(?:\([^)]*\b{name}\b|[^\n(]*\b{name}\b|\*)|{taken}")
