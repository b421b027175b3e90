"""Read what configuration files have imported by a string: entry points, scripts, and the plugins that pytest loads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["FILES", "EntryPointLine", "declared"]

FILES = ("pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")
"""The files of a project that are read for this."""

_ENTRY_POINT = regex(r"""=\s*["'](?P<target>[\w.]+\s*(?::\s*[\w.]+)?)\s*(?:\[[^\]]*\])?["']""")
_PLUGIN = regex(r"""(?<![\w-])-p["'\s,=]*(?P<target>[A-Za-z_][\w.]*)(?!:)""")
_TABLE = regex(r"^\s*\[\s*(?P<name>[^\[\]]+?)\s*\]")
_ENTRY_TABLES = (
    *("project.scripts", "project.gui-scripts", "project.entry-points"),
    *("tool.poetry.scripts", "tool.poetry.plugins", "tool.setuptools.entry-points"),
)
_PYTEST_TABLES = ("tool.pytest", "tool.pytest.ini_options", "pytest", "tool:pytest")


class EntryPointLine(NamedTuple):
    """A line of a configuration file, and the dotted text in it that names what is imported."""

    line: int
    text: str
    target: str


def declared(text: str) -> Iterator[EntryPointLine]:
    """Yield what the configuration file with this content names; a file is read line by line, as its sites are."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = _TABLE.match(line)
        if header is not None:
            table = header["name"].replace('"', "").replace("'", "")
            continue
        said = "" if line.lstrip()[:1] == ";" else line.partition("#")[0]
        pattern = _ENTRY_POINT if table.startswith(_ENTRY_TABLES) else _PLUGIN if table in _PYTEST_TABLES else None
        for found in pattern.finditer(said) if pattern is not None else ():
            yield EntryPointLine(number, " ".join(line.split()), re.sub(r"\s", "", found["target"]))
