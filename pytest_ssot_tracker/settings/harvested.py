"""Add to a configuration what code and neighbours declare deprecated already."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.harvest import ProjectFile, harvest
from pytest_ssot_tracker.harvest.proposed_tables import tables
from pytest_ssot_tracker.harvest.targets import target_of
from pytest_ssot_tracker.kept import FOLDER
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.names.looking import Names, There
from pytest_ssot_tracker.names.modules import python_files
from pytest_ssot_tracker.records import NamedTuple, regex
from pytest_ssot_tracker.settings.checks import SSOT, Found, table
from pytest_ssot_tracker.settings.problems import Spot
from pytest_ssot_tracker.settings.tree import Tree

__all__ = ["harvested", "joined", "source_files"]

_TESTS = frozenset({"test", "tests"})
_SETTLED = ("deprecated", "retired", "canonical", "accessors", "competing")
"""Keys of a table that say of a target what it is, whatever else is said of it."""


def harvested(
    root: Path,
    kinds: Iterable[str],
    *,
    tree: Tree,
    names: Names,
    cached: bool = True,
    settled: Mapping[str, Mapping[str, Found]],
    baseline: Path | None = None,
) -> HarvestedTables:
    """Return the tables that the project makes by what it declares in the ways `kinds`, read and checked.

    Nothing is looked for in tests. What one of the tables `settled` names already is left to it. What the file
    `baseline` knows sites of stays deprecated once it is gone from the code that declared it.
    """
    found = harvest(
        root,
        frozenset(kinds),
        files=lambda: source_files(tree),
        names=names,
        cache=root / FOLDER if cached else None,
    )
    known = set(_settled(settled.values()))
    targets = [
        harvested for harvested in found.targets if not any(_covers(target, harvested.target) for target in known)
    ]
    read = table(SSOT)
    spot = Spot("harvest", "", lambda problem: None, names)
    raw = tables(targets, found.contracts)
    for name, gone in _gone(baseline, names, [*known, *(target.target for target in targets)], settled):
        raw.setdefault(name, {"deprecated": []})["deprecated"].append(str(gone))
    made = {name: read(values, spot) for name, values in raw.items()}
    defined = {target.target for target in targets if not _DEFINED.isdisjoint(said.kind for said in target.said)}
    found_tables = {name: values for name, values in made.items() if values}
    return HarvestedTables(found_tables, {name: _without(values, defined) for name, values in found_tables.items()})


class HarvestedTables(NamedTuple):
    """Tables, and of these what the source may not show to be there: what it defines has just been read in it."""

    tables: Mapping[str, Mapping[str, Found]]
    uncertain: Mapping[str, Mapping[str, Found]]


_DEFINED = frozenset({"deprecated", "warnings", "docstring"})
"""Kinds that speak of what is defined where they stand."""


def _gone(
    baseline: Path | None, names: Names, declared: Collection[Target], settled: Mapping[str, Mapping[str, Found]]
) -> Iterator[tuple[str, Target]]:
    """Yield what a baseline knows uses of that was harvested once, and whose declaration is gone with all the rest.

    What merely is declared no more is not deprecated any more.
    """
    for name, spelled in _known_sites(baseline):
        target = target_of(*spelled.partition(":")[::2])
        if target is None or "deprecated" in settled.get(name, ()) or not _is_named_after(name, target):
            continue
        if not any(_covers(other, target) for other in declared) and names.look(target.thing).there is There.NO:
            yield name, target


def _is_named_after(table: str, target: Target) -> bool:
    package = target.module.partition(".")[0]
    return table == package or table.startswith(f"{package}-")


def _known_sites(baseline: Path | None) -> list[tuple[str, str]]:
    """Return the table and target of each use of something deprecated in a baseline; damage is told elsewhere."""
    with suppress(OSError, ValueError):
        text = "" if baseline is None else baseline.read_text(encoding="utf-8")
        return [(json.loads(name), json.loads(target)) for name, target in dict.fromkeys(_KNOWN.findall(text))]
    return []


_TEXT = r'("(?:[^"\\]|\\.)*")'
_KNOWN = regex(rf'"rule": "deprecated-(?:import|use|base|access|argument)", "ssot": {_TEXT}, "target": {_TEXT}')


def _without(values: Mapping[str, Found], defined: Collection[Target]) -> dict[str, Found]:
    named = values["deprecated"]
    return {"deprecated": named._replace(value=tuple(target for target in named.value if target not in defined))}


def _settled(tables: Iterable[Mapping[str, Found]]) -> Iterator[Target]:
    """Yield what the tables name, so that it is not for the harvest to say what it is."""
    for values in tables:
        for key in _SETTLED:
            value = values[key].value if key in values else None
            named = value if isinstance(value, tuple) else (value,)
            yield from (target for target in named if isinstance(target, Target))


def _covers(target: Target, other: Target) -> bool:
    return target == other or target.covers(other.module, other.thing.attribute)


def joined(
    ours: Mapping[str, Mapping[str, Found]], theirs: Mapping[str, Mapping[str, Found]]
) -> dict[str, Mapping[str, Found]]:
    """Return our tables with what was harvested.

    A table of ours with the same name says how that is judged; one with a canonical is about something else, which
    does not replace what was harvested.
    """
    merged = dict(ours)
    for name, values in theirs.items():
        mine = merged.get(name, {})
        if "canonical" in mine:
            name, mine = f"{name}-harvested", merged.get(f"{name}-harvested", {})
        merged[name] = {**values, **mine}
        for key in ("deprecated", "replace"):
            if key in mine and key in values:
                merged[name][key] = mine[key]._replace(value=_both(mine[key].value, values[key].value))  # type: ignore[index]
    return merged


def _both(mine: Any, other: Any) -> Any:
    return {**other, **(mine or {})} if isinstance(other, dict) else tuple(dict.fromkeys((*(mine or ()), *other)))


def source_files(tree: Tree) -> Iterator[ProjectFile]:
    """Yield the files of the project's source, tests left out, in which things can be defined that others import."""
    seen: set[str] = set()
    for pattern in tree.source:
        literal = pattern.partition("*")[0].rpartition("/")[0] if "*" in pattern else pattern
        start = tree.root if literal in ("", ".") else tree.absolute(literal)
        for filename in sorted(python_files(start)) if os.path.isdir(start) else [start]:
            path = os.path.relpath(filename, tree.root).replace(os.sep, "/")
            if path in seen or tree.is_excluded(path) or not tree.in_source(path) or _is_test(tree, path):
                continue
            seen.add(path)
            module = tree.module(path)
            if all(part.isidentifier() for part in module.split(".")):
                yield ProjectFile(path, filename, module)


def _is_test(tree: Tree, path: str) -> bool:
    *above, name = path.split("/")
    named_so = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    return named_so or not _TESTS.isdisjoint(above) or tree.in_tests(path)
