"""Hold what is loaded against the files of the project: code of ours that runs from elsewhere, or is loaded twice."""

from __future__ import annotations

import os
import re
import sys
import weakref
from types import ModuleType
from typing import TYPE_CHECKING

from pytest_ssot_tracker.detect.record.sites import read
from pytest_ssot_tracker.loaded import namespace_of
from pytest_ssot_tracker.model import BlindSpot, Observation, Rule, Site, Step
from pytest_ssot_tracker.records import regex

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.record.scope import Scope
    from pytest_ssot_tracker.settings import Settings

__all__ = ["LoadedFiles"]

_STANDARD = os.path.join(os.path.dirname(os.__file__), "")
_PACKAGES = "-packages"  # of which one may be a link into the project; the standard library is the interpreter's own

_OURS = __name__.partition(".")[0]

_UNNAMED = frozenset({"__main__", "__mp_main__"})
"""What a program that is run is called, beside the name it is imported by: `pytest.main([__file__])`, or a child."""


class LoadedFiles:
    """What the loaded modules tell of the project: which of its code runs unseen, and which of its files run twice.

    `look()` takes in what was loaded since it was last called.
    """

    def __init__(self, settings: Settings, scope: Scope) -> None:
        self.blind_spots: list[BlindSpot] = []
        self.twice: dict[str, Observation] = {}
        self._settings = settings
        self._scope = scope
        self._count = 0
        self._files: dict[str, str] = {}
        self._names: dict[str, dict[str, weakref.ref[ModuleType]]] = {}
        self._told: set[tuple[str, str]] = set()
        self._mention = _mention(settings)
        self._before = frozenset(sys.modules)
        self._skips = not settings.tree.root.startswith(_STANDARD)

    def look(self) -> None:
        """Take in the modules that are new."""
        if len(sys.modules) == self._count:
            return
        self._count = len(sys.modules)
        for name, module in list(sys.modules.items()):
            names = namespace_of(module)
            filename = None if names is None else names.get("__file__")
            if type(name) is str and type(filename) is str and self._files.get(name) != filename:
                self._files[name] = filename
                if name.startswith(self._scope.passes):
                    continue
                if not (self._skips and filename.startswith(_STANDARD) and _PACKAGES not in filename):
                    self._take(name, filename, module)

    def _take(self, name: str, filename: str, module: ModuleType) -> None:
        tree = self._scope.tree
        written = _written(filename)
        path = tree.relative(written)
        if path is not None and tree.is_excluded(path):
            path = None
        if path is not None and written == filename:
            if tree.in_source(path) and name not in _UNNAMED:
                self._count_names(path, name, module)
            return
        for original in tree.originals(written) if path is None else (path,):
            if tree.is_named(original) and not tree.is_excluded(original):
                self._elsewhere(name, filename, original)
                return
        ours = name.partition(".")[0] == _OURS  # installed as a checkout it lies outside of every project's environment
        if path is None and not ours and name not in self._before and filename.endswith(".py"):
            self._outside(name, filename)

    def _elsewhere(self, name: str, filename: str, path: str) -> None:
        """Note that a module of ours runs from a file that does not say what its file in the tree says."""
        package, _, below = name.partition(".")
        depth = below.count(".") + bool(below) + (os.path.basename(filename).startswith("__init__."))
        place = filename
        for _ in range(depth):
            place = os.path.dirname(place)
        if (package, place) in self._told:
            return
        self._told.add((package, place))
        how = "says something else than" if _written(filename) == filename else "is compiled, and is not"
        self.blind_spots.append(
            BlindSpot(
                package,
                f"it was loaded from {place}, where {os.path.basename(filename)} {how} {path}: what it does there is "
                "not seen; install the project anew before the tests run, or install it with pip install -e",
            )
        )

    def _outside(self, name: str, filename: str) -> None:
        """Note that code which is neither ours nor a library's speaks of what is watched."""
        path = None if self._mention is None else self._scope.tree.outside(filename)
        if self._mention is None or path is None:
            return
        package, folder = name.partition(".")[0], path.rpartition("/")[0]
        found = None if (package, folder) in self._told else self._mention.search(read(filename))
        if found is not None:
            self._told.add((package, folder))
            self.blind_spots.append(
                BlindSpot(
                    package,
                    f"it was loaded from {filename}, outside the project, and speaks of {_shown(found)}: what it does "
                    f"is not seen; if it is the project's, add {folder!r} to source",
                )
            )

    def _count_names(self, path: str, name: str, module: ModuleType) -> None:
        names = self._names.setdefault(path, {})
        others = [other for other, held in names.items() if other != name and held() not in (None, module)]
        names[name] = weakref.ref(module)
        if others and path not in self.twice:
            self.twice[path] = self._double(path, [*others, name])

    def _double(self, path: str, names: list[str]) -> Observation:
        table = next(
            (
                table.name
                for table in self._settings.tables
                if any(target.module in names for target in table.watched())
            ),
            "",
        )
        module = self._scope.tree.module(path)
        first, second = sorted(names, key=lambda name: (name != module, name))[:2]
        site = Site(Rule.DOUBLE_IMPORT, table, module, path, 1, "<module>", "")
        told = f"{path} is loaded as {first} and as {second}: everything in it exists twice"
        return Observation(site=site, test=None, step=Step.COLLECT, bucket="collection", detail=(told,))


def _written(filename: str) -> str:
    """Return the source file of what may be compiled: `pkg/a.py` for `pkg/a.cpython-313-x86_64-linux-gnu.so`."""
    if filename.endswith((".py", ".pyw")):
        return filename
    folder, name = os.path.split(filename)
    return os.path.join(folder, f"{name.partition('.')[0]}.py")


def _mention(settings: Settings) -> re.Pattern[bytes] | None:
    """Return what finds a module of the project that holds what is to go, or what is to be had by its accessors."""
    modules = set()
    for ssot in settings.ssots:
        canonical = [ssot.canonical] if ssot.canonical is not None and ssot.accessors else []
        modules |= {target.module for target in (*ssot.deprecated, *canonical) if not target.is_pattern}
    parts = [module.rpartition(".") for module in sorted(modules) if settings.tree.defines(module)]
    named = [re.escape(f"{package}{dot}{last}") for package, dot, last in parts]
    named += [rf"from\s+{re.escape(package)}\s+import\s[^\n]*\b{last}" for package, dot, last in parts if dot]
    return regex(rf"\b(?:{'|'.join(named)})\b".encode()) if named else None


def _shown(found: re.Match[bytes]) -> str:
    return repr(" ".join(found.group().decode(errors="replace").split()))
