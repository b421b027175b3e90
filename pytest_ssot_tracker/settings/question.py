"""A question asked on the command line, before anybody has written a configuration: who uses this?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["Question"]


_TARGET = regex(r"""[^=(]*(?:\((?:[^()"']|"[^"]*"|'[^']*')*\)|=(?==|\s*\Z))?""")
"""The target at the start of what is asked: an equals sign belongs to it within parentheses, and as its last sign."""


class Question(NamedTuple):
    """What is asked: who uses each target of `deprecate`, and with `warnings`, who makes anything warn.

    Each of `deprecate` is spelled `TARGET` or `TARGET=REPLACEMENT`. `taken` are the names of the tables that the
    project has: what is asked is none of them.
    """

    deprecate: tuple[str, ...] = ()
    warnings: bool = False
    taken: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.deprecate or self.warnings)

    @property
    def targets(self) -> tuple[str, ...]:
        """Return the targets as they are spelled, without what replaces them."""
        return tuple(target for target, _ in self._pairs())

    def tables(self) -> dict[str, Any]:
        """Return the question as the tables that a configuration would hold; they only record."""
        tables: dict[str, Any] = {}
        if self.deprecate:
            table: dict[str, Any] = {"deprecated": list(self.targets)}
            if self._replacements():
                table["replace"] = self._replacements()
            tables["ssot"] = {self.name: {**table, "phase": "baseline"}}
        if self.warnings:
            tables["warnings"] = {self._free("all"): {"phase": "baseline"}}
        return tables

    @property
    def name(self) -> str:
        """Return what the table is called: the first target's last part, as a key of TOML is written."""
        last = re.split(r"[.:]", self.targets[0].partition("=")[0])[-1] if self.targets else ""
        words = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last)).strip("_").lower()
        return self._free(words or "asked")

    def _free(self, name: str) -> str:
        """Return `name`, or what is free where the project has a table called so."""
        while name in self.taken:
            name += "_asked"
        return name

    def _replacements(self) -> dict[str, str]:
        return {target: new for target, new in self._pairs() if new is not None}

    def _pairs(self) -> Iterator[tuple[str, str | None]]:
        """Yield each target with what replaces it, `None` where nothing is named."""
        for spelling in self.deprecate:
            match = _TARGET.match(spelling)
            target = spelling if match is None else match.group()
            _, sign, new = spelling[len(target) :].partition("=")
            yield target.strip(), new.strip() if sign else None

    def toml(self) -> list[str]:
        """Return the lines of `pyproject.toml` that keep asking."""
        lines: list[str] = []
        for kind, tables in self.tables().items():
            for name, table in tables.items():
                lines.append(f"[tool.ssot_tracker.{kind}.{name}]")
                lines += (f"{key} = {_toml(value)}" for key, value in table.items())
        return lines


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return '"{}"'.format(str(value).replace("\\", "\\\\").replace('"', '\\"'))
