"""Read what pytest would read, without pytest: its rootdir, its ini values, and our options among them.

The command line tool stands on the same root and obeys the same `ssot_…` keys and `addopts` as a run.
"""

from __future__ import annotations

import argparse
import configparser
import shlex
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pytest_ssot_tracker.records import dataclass, field
from pytest_ssot_tracker.settings.options import add_to
from pytest_ssot_tracker.settings.presence import OWN_FILE, PYPROJECT, names_us
from pytest_ssot_tracker.settings.problems import ConfigurationError, Problem
from pytest_ssot_tracker.toml_documents import toml_document

__all__ = ["PytestIni"]

_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", PYPROJECT, "tox.ini", "setup.cfg")


@dataclass(frozen=True, slots=True, kw_only=True)
class PytestIni:
    """Pytest's configuration as far as it concerns us; `settings.options.read` takes it for the real one.

    `given` are options of the command line tool, by the name that argparse has for ours (`ssot_phase`); what is `None`
    there was not given. `values` are the raw ini values.
    """

    rootpath: Path
    inipath: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    here: Path = field(default_factory=Path.cwd)

    @classmethod
    def find(cls, here: Path, *, root: Path | None = None, given: Mapping[str, Any] | None = None) -> PytestIni:
        """Return the configuration that pytest, started in `here`, would have; with `root`, that of this folder.

        Raises `ConfigurationError` for a file that cannot be read.
        """
        places = (here, *here.parents) if root is None else (root,)
        given = given or {}
        for place in places:
            found = _read_ini(place)
            if found is not None:
                return cls(rootpath=place, inipath=found[0], values=found[1], given=given, here=here)
            if (place / OWN_FILE).is_file() or names_us(place / PYPROJECT):
                return cls(rootpath=place, given=given, here=here)
        return cls(rootpath=places[0], given=given, here=here)

    @property
    def invocation_params(self) -> Any:
        """Return where the user stands."""
        return SimpleNamespace(dir=self.here)

    @property
    def known_args_namespace(self) -> Any:
        """Return our options as pytest would have parsed them: `given`, then those in `addopts`."""
        found = argparse.Namespace()
        try:
            words = self.words("addopts")
            if any("ssot" in word for word in words):  # a parser of all our options takes a while to make
                parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
                add_to(_Parser(parser))
                found, _ = parser.parse_known_args(words)
        except (argparse.ArgumentError, ValueError) as error:
            name = PYPROJECT if self.inipath is None else self.inipath.name
            raise ConfigurationError([Problem(name, "addopts", str(error))]) from None
        given = {name: value for name, value in self.given.items() if value is not None}
        return argparse.Namespace(**{**vars(found), **given})

    def getini(self, name: str) -> Any:
        """Return the raw value of one of our keys; text for a switch is read as pytest does, lists line by line."""
        value = self.values.get(name)
        if isinstance(value, str) and name == "ssot_report":
            return [line.strip() for line in value.splitlines() if line.strip()]
        if isinstance(value, str) and value.strip().lower() in _TRUTH:
            return _TRUTH[value.strip().lower()]
        return value

    def words(self, name: str) -> list[str]:
        """Return a list of words, written as one text or as a list."""
        value = self.values.get(name, ())
        return shlex.split(value) if isinstance(value, str) else [str(word) for word in value]


_TRUTH = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


class _Parser:
    """Take options as a `pytest.Parser` does, for argparse."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.addoption = parser.add_argument

    def getgroup(self, name: str, description: str) -> _Parser:
        return self

    def addini(self, name: str, text: str, **more: object) -> None:
        """Ini values are looked up as they are."""


def _read_ini(folder: Path) -> tuple[Path, Mapping[str, Any]] | None:
    """Return the file in `folder` that configures pytest, with its values."""
    for name in _FILES:
        path = folder / name
        if path.is_file():
            values = _toml(path) if path.suffix == ".toml" else _ini(path)
            if values is not None:
                return path, values
    return None


def _toml(path: Path) -> Mapping[str, Any] | None:
    try:
        document = toml_document(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        if path.name == PYPROJECT and names_us(path):
            return None  # `settings.load` says what is wrong with it
        raise ConfigurationError([Problem(str(path), "", f"the file cannot be read: {error}", "correct it")]) from None
    if path.name != PYPROJECT:
        return _mapping(document.get("pytest", {}))
    tool = _mapping(document.get("tool")) or {}
    own = _mapping(tool.get("pytest"))
    return None if own is None else (_mapping(own.get("ini_options")) or own)


def _mapping(value: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, Mapping) else None


def _ini(path: Path) -> Mapping[str, Any] | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"), str(path))
    except (OSError, ValueError, configparser.Error) as error:
        text = f"the file cannot be read: {' '.join(str(error).split())}"
        raise ConfigurationError([Problem(str(path), "", text, "correct it")]) from None
    section = "tool:pytest" if path.name == "setup.cfg" else "pytest"
    if parser.has_section(section):
        return dict(parser.items(section))
    return {} if path.name in ("pytest.ini", ".pytest.ini") else None
