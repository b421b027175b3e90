"""Propose as configuration what code and other tools declare deprecated already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.discover.toml import comment, key, listed, text
from pytest_ssot_tracker.harvest import Harvest, Harvested, harvest
from pytest_ssot_tracker.harvest.proposed_tables import tables
from pytest_ssot_tracker.model import Target, TargetError
from pytest_ssot_tracker.names.looking import Names, There
from pytest_ssot_tracker.names.modules import Modules
from pytest_ssot_tracker.records import NamedTuple, replace
from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.settings.checks import HARVEST
from pytest_ssot_tracker.settings.harvested import source_files
from pytest_ssot_tracker.settings.loading import version_of

__all__ = ["Declared", "declared"]


class Declared(NamedTuple):
    """What is declared deprecated: tables by name, and where and how it is said of each target.

    `dated` tells whether the version of the project is known, so that versions of removal can be held against it.
    """

    tables: Mapping[str, Mapping[str, Any]]
    said: Mapping[str, Harvested]
    dated: bool

    def covers(self, target: Target) -> bool:
        """Whether `target` is declared deprecated, or stands in what is."""
        whole = (found.target for found in self.said.values() if not found.target.use)
        return any(thing.covers(target.module, target.attribute) for thing in whole)

    def lines(self, prefix: str) -> Iterator[str]:
        """Yield the lines of TOML that say so; `prefix` stands before the names of the tables."""
        for name, table in self.tables.items():
            yield from ("", *self._table(f"{prefix}.{key(name)}", table))

    def _table(self, header: str, table: Mapping[str, Any]) -> Iterator[str]:
        kinds = dict.fromkeys(place.kind for target in table["deprecated"] for place in self._said(target))
        harvest = listed([*kinds] or ["import-linter"])
        yield comment(f"Declared already: harvest = {harvest} above would keep it up to date.")
        yield f"[{header}]"
        notes = [self._note(target) for target in table["deprecated"]]
        yield f"deprecated = {listed(table['deprecated'], notes if any(notes) else ())}"
        for name in ("within", "allow_in", "rules"):
            if name in table:
                yield f"{name} = {listed(table[name])}"
        removal = table.get("removed_in")
        mark = "" if self.dated else "# the project's own version is not known: "
        if isinstance(removal, str):
            yield f"{mark}removed_in = {text(removal)}"
        elif removal:
            yield f"{mark}removed_in = {_inline(removal)}"
        if "replace" in table:
            yield f"\n[{header}.replace]"
            yield from (f"{text(old)} = {text(new)}" for old, new in table["replace"].items())

    def _said(self, target: str) -> Sequence[Any]:
        return self.said[target].said if target in self.said else ()

    def _note(self, target: str) -> str:
        """Return where a target is declared deprecated, and with which words where these name no replacement."""
        said = self._said(target)
        if not said:
            return ""
        words = "" if self.said[target].new is not None else next(filter(None, (place.message for place in said)), "")
        return f"{said[0].where}: {words}" if words else said[0].where


def _inline(values: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{text(old)} = {text(new)}" for old, new in values.items()) + " }"


def declared(tree: Tree, source: Sequence[str]) -> Declared:
    """Return what the code in the paths `source` and the tools of the project declare, as far as it is there."""
    root = Path(tree.root)
    names = Names(Modules(tree.root, tree.import_roots))
    looked = replace(tree, source=tuple(source))
    found = _there(harvest(root, HARVEST, files=lambda: source_files(looked), names=names), names)
    said = {str(target.target): target for target in found.targets}
    return Declared(tables(found.targets, found.contracts), said, version_of(root) is not None)


def _there(found: Harvest, names: Names) -> Harvest:
    """Return what was found without that of which there is nothing, which a configuration would be refused for."""

    def is_there(target: Target) -> bool:
        return names.look(target.thing).there is not There.NO

    targets = tuple(target for target in found.targets if is_there(target.target))

    def is_found(spelled: str) -> bool:
        try:
            return is_there(names.resolve(Target.parse(spelled)))
        except TargetError:  # an expression of the other tool's own
            return False

    contracts = (
        contract._replace(
            modules=tuple(module for module in contract.modules if is_found(module)),
            ignored=tuple((importer, what) for importer, what in contract.ignored if is_found(importer)),
        )
        for contract in found.contracts
    )
    return Harvest(targets, tuple(contract for contract in contracts if contract.modules))
