"""Harvest what code and neighbours declare deprecated already: decorators, warnings, docstrings, linters' settings.

Nothing is imported of the project, and this package itself only where something is to be harvested.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from pytest_ssot_tracker.harvest.harvesting import PlacedDeclaration, ProjectFile, Read, read
from pytest_ssot_tracker.harvest.named_replacements import NamedReplacements
from pytest_ssot_tracker.harvest.neighbours import Forbidden, banned, forbidden
from pytest_ssot_tracker.harvest.remembering import RememberedReplacements
from pytest_ssot_tracker.harvest.targets import Harvested, Said, merged, target_of
from pytest_ssot_tracker.names.looking import Names
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.source import decode

__all__ = ["CODE", "Forbidden", "Harvest", "Harvested", "ProjectFile", "harvest"]

CODE = frozenset({"deprecated", "warnings", "getattr", "docstring"})
"""The kinds that stand in code."""


class Harvest(NamedTuple):
    """What was found: deprecated things, and contracts about imports."""

    targets: tuple[Harvested, ...] = ()
    contracts: tuple[Forbidden, ...] = ()


def harvest(
    root: Path,
    kinds: Collection[str],
    *,
    files: Callable[[], Iterable[ProjectFile]],
    names: Names,
    cache: Path | None = None,
) -> Harvest:
    """Return what the project in `root` declares in the ways `kinds`.

    `files` gives the files of its source, `names` know its modules; what files said is kept in the folder `cache`.
    """
    looked = list(files()) if not CODE.isdisjoint(kinds) else []
    told = read(looked, cache) if looked else Read()
    found = list(_in_code(told.declared, kinds))
    if "banned-api" in kinds:
        found += _banned(root, names)
    contracts = tuple(forbidden(root)) if "import-linter" in kinds else ()
    replacements = RememberedReplacements(NamedReplacements(names, lambda: _texts(looked)), cache, told.contents)
    targets = tuple(merged(found, replacements.find))
    replacements.save()
    return Harvest(targets, contracts)


def _in_code(declared: Iterable[PlacedDeclaration], kinds: Collection[str]) -> Iterator[Said]:
    for file, found in declared:
        target = target_of(file.module, found.attribute)
        if found.kind in kinds and target is not None:
            yield Said(found.kind, target, f"{file.path}:{found.line}", found.message, found.new, found.removal)


def _banned(root: Path, names: Names) -> Iterator[Said]:
    for ban in banned(root):
        target = target_of(ban.name, "")
        if target is not None:
            yield Said("banned-api", names.resolve(target), ban.where, ban.message, allowed=ban.allowed)


def _texts(files: Iterable[ProjectFile]) -> Iterator[tuple[str, str]]:
    for file in files:
        try:
            with open(file.filename, "rb") as stream:
                yield file.module, decode(stream.read())
        except (OSError, SyntaxError, ValueError):
            continue
