"""Read what other tools of the project forbid: ruff's `banned-api`, import-linter's forbidden contracts."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.toml_documents import toml_document

__all__ = ["Banned", "Forbidden", "banned", "forbidden"]

_RULES = ("TID251", "TID25", "TID2", "TID", "ALL")
_TIDY = ("flake8-tidy-imports", "banned-api")


class Banned(NamedTuple):
    """A module or name that ruff bans, written with dots, and why; `allowed` are the paths that may use it."""

    name: str
    message: str
    where: str
    allowed: tuple[str, ...] = ()


class Forbidden(NamedTuple):
    """Modules that others must not import, as a contract of import-linter has it.

    `ignored` are the imports that the contract lets pass: from where, of what.
    """

    name: str
    where: str
    sources: tuple[str, ...]
    modules: tuple[str, ...]
    ignored: tuple[tuple[str, str], ...] = ()


def banned(root: Path) -> Iterator[Banned]:
    """Yield what ruff's configuration in `root` bans; the file that ruff would take is read, and what it extends."""
    for name in (".ruff.toml", "ruff.toml", "pyproject.toml"):
        document = _toml(root / name)
        settings = _inside(document, "tool", "ruff") if name == "pyproject.toml" else document
        if settings:
            yield from _of_ruff(root, name, settings)
            return


def _of_ruff(root: Path, name: str, settings: Mapping[str, Any]) -> Iterator[Banned]:
    found: dict[str, Banned] = {}
    seen: set[str] = set()
    while name not in seen:
        seen.add(name)
        tables = [_inside(settings, "lint", *_TIDY), _inside(settings, *_TIDY)]  # the latter before ruff 0.2
        allowed = tuple(_exempt(settings))
        for table in tables:
            for dotted, said in table.items():
                message = str(_inside(said).get("msg", "")) if isinstance(said, Mapping) else ""
                found.setdefault(dotted, Banned(dotted, message, name, allowed))
        extended = settings.get("extend")
        if not isinstance(extended, str) or not (root / extended).is_file():
            break
        name = extended
        document = _toml(root / name)
        settings = _inside(document, "tool", "ruff") if name.endswith("pyproject.toml") else document
    yield from found.values()


def _exempt(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the patterns of the paths in which ruff does not look for what is banned."""
    for key in ("per-file-ignores", "extend-per-file-ignores"):
        for table in (_inside(settings, "lint", key), _inside(settings, key)):
            for pattern, rules in table.items():
                if isinstance(rules, list) and set(rules) & set(_RULES) and not pattern.startswith("!"):
                    yield pattern


def forbidden(root: Path) -> Iterator[Forbidden]:
    """Yield the forbidden contracts of import-linter's configuration in `root`: the file that it would take."""
    for name in ("setup.cfg", ".importlinter"):
        found = [*_of_ini(root / name, name)]
        if found:
            yield from found
            return
    contracts = _inside(_toml(root / "pyproject.toml"), "tool", "importlinter").get("contracts")
    for contract in contracts if isinstance(contracts, list) else ():
        if isinstance(contract, Mapping) and contract.get("type") == "forbidden":
            yield _contract(contract, str(contract.get("name", "")), "pyproject.toml")


def _of_ini(file: Path, name: str) -> Iterator[Forbidden]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return
    for section in parser.sections():
        if section.startswith("importlinter:contract:") and parser[section].get("type") == "forbidden":
            yield _contract(parser[section], parser[section].get("name", section.rpartition(":")[2]), name)


def _contract(values: Mapping[str, Any], name: str, where: str) -> Forbidden:
    ignored = (line.partition("->") for line in _lines(values.get("ignore_imports")))
    return Forbidden(
        name,
        where,
        tuple(_lines(values.get("source_modules"))),
        tuple(_lines(values.get("forbidden_modules"))),
        tuple((importer.strip(), imported.strip()) for importer, arrow, imported in ignored if arrow),
    )


def _lines(value: object) -> Iterator[str]:
    items = value.splitlines() if isinstance(value, str) else value if isinstance(value, list) else ()
    for item in items:
        text = re.sub(r"(?:^|\s)[#;].*", "", item).strip() if isinstance(item, str) else ""
        if text:
            yield text


def _toml(file: Path) -> Mapping[str, Any]:
    try:
        return toml_document(file.read_bytes().decode())
    except (OSError, ValueError, RecursionError):  # whose file it is says so
        return {}


def _inside(table: object, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table if isinstance(table, Mapping) else {}
