"""Say which of many targets a name may mean, by one look-up for each part of the name."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_ssot_tracker.imported import prefixes
from pytest_ssot_tracker.model import Target

__all__ = ["FEW", "TargetIndex"]

FEW = 8
"""Targets: so few are compared with a name in less time than it takes to look them up."""


class TargetIndex:
    """Targets by what their names begin with."""

    def __init__(self, targets: tuple[Target, ...]) -> None:
        self.targets = targets
        self._patterns: list[int] = []
        self._by_name: dict[str, list[int]] = {}
        self._modules: set[str] = set()
        for number, thing in enumerate(target.thing for target in targets):
            self._modules.update(prefixes(thing.module))
            if thing.is_pattern:
                self._patterns.append(number)
            else:
                top = "" if thing.attribute is None else "." + thing.attribute.partition(".")[0]
                self._by_name.setdefault(thing.module + top, []).append(number)

    def near(self, module: str, attribute: str | None) -> Sequence[Target]:
        """Return, in their order, the targets that may cover the attribute, its module, or what these lie in.

        Where the module is not known it is `""`, and `attribute` the whole dotted name.
        """
        return [self.targets[number] for number in self.numbers(module, attribute)]

    def numbers(self, module: str, attribute: str | None) -> list[int]:
        """Return the places, in order, of what `near` returns."""
        dotted = ".".join(filter(None, (module, (attribute or "").partition("(")[0].partition("=")[0])))
        found = [*self._patterns]
        for name in prefixes(dotted):
            found += self._by_name.get(name, ())
        return sorted(found)

    def is_above(self, name: str) -> bool:
        """Whether a target names the module `name`, or one that lies in it."""
        return name in self._modules
