"""Put what was harvested into tables as a configuration has them, each named after its package."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.harvest.neighbours import Forbidden
from pytest_ssot_tracker.harvest.targets import Harvested
from pytest_ssot_tracker.model import Target, TargetError
from pytest_ssot_tracker.records import regex

__all__ = ["tables"]


def tables(targets: Iterable[Harvested], contracts: Iterable[Forbidden] = ()) -> dict[str, dict[str, Any]]:
    """Return the tables by name; what different places may still use goes into tables of its own."""
    found: dict[str, dict[str, Any]] = {}

    def kind(target: Harvested) -> tuple[str, tuple[str, ...]]:
        return _package(target.target), tuple(filter(None, map(_modules_in, target.allowed)))

    groups = grouped(targets, kind)
    for (package, allowed), members in sorted(groups.items(), key=lambda group: bool(group[0][1])):
        more = {"allow_in": list(allowed)} if allowed else {}
        found[_free(package, "banned", found)] = {**_table(members), **more}
    for contract in contracts:
        for package, table in _of_contract(contract):
            found[_free(package, contract.name or "forbidden", found)] = table
    return found


def _package(target: Target) -> str:
    return target.module.partition(".")[0]


def _table(members: Iterable[Harvested]) -> dict[str, Any]:
    """Return the table of some targets.

    What a deprecated module holds is so with the module, and each use of a deprecated thing with the thing.
    """
    members = list(members)
    targets = {member.target for member in members}
    listed = [member for member in members if not _is_of_another(member.target, targets)]
    table: dict[str, Any] = {"deprecated": [str(member.target) for member in listed]}
    replaced = [member for member in members if member in listed or not member.target.use]
    replace = {str(member.target): str(member.new) for member in replaced if member.new is not None}
    versions = {str(member.target): member.removal for member in listed if member.removal}
    if replace:
        table["replace"] = replace
    if versions:
        same = len(versions) == len(listed) and len(set(versions.values())) == 1
        table["removed_in"] = next(iter(versions.values())) if same else versions
    return table


def _is_of_another(target: Target, targets: Collection[Target]) -> bool:
    """Whether one of `targets` is a module that holds `target`, or the thing of which it is a use."""
    if target.use and target.thing in targets:
        return True
    modules = (module for module in targets if module.attribute is None and module != target)
    return any(module.covers(target.module, target.thing.attribute) for module in modules)


def _of_contract(contract: Forbidden) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the tables that a forbidden contract makes: one for all that the same importers may import all the same."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    sources = [source for source in contract.sources if _target(source) is not None]
    for module in contract.modules:
        target = _target(module)
        if target is not None and sources:
            ignored = dict.fromkeys(importer for importer, what in contract.ignored if _is_below(what, target))
            allowed = tuple(importer for importer in ignored if _target(importer) is not None)
            groups.setdefault((_package(target), allowed), []).append(module)
    for (package, allowed), modules in groups.items():
        table: dict[str, Any] = {"deprecated": modules, "within": sources, "rules": ["deprecated-import"]}
        yield package, {**table, "allow_in": list(allowed)} if allowed else table


def _is_below(name: str, target: Target) -> bool:
    return name == str(target) or target.covers_module(name)


def _target(name: str) -> Target | None:
    try:
        return Target.parse(name)
    except TargetError:
        return None


_FOLDER = regex(r"/(?:\*{1,2}(?:/\*(?:\.py)?)?|\*\.py)?\Z")


def _modules_in(pattern: str) -> str:
    """Return the modules that a pattern of paths means, as a target; empty where no target says the same."""
    path = _FOLDER.sub("", pattern.removeprefix("./").removeprefix("src/"))
    path = path.removesuffix(".py").removesuffix("/__init__")
    return path.replace("/", ".") if re.fullmatch(r"(?:\*\*/)?[^\W\d][\w*]*(?:/[^\W\d][\w*]*)*", path) else ""


def _free(name: str, suffix: str, taken: Mapping[str, object]) -> str:
    """Return `name`, or where that is taken one that says more."""
    if name not in taken:
        return name
    more = f"{name}-{re.sub(r'[^A-Za-z0-9]+', '-', suffix).strip('-').lower()}"
    number, free = 2, more
    while free in taken:
        number, free = number + 1, f"{more}-{number}"
    return free
