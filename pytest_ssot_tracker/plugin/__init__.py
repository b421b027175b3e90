"""Wire the rooms into pytest: options, hooks and fixtures; decide nothing.

pytest loads this module itself, and slowly (see `unrewritten`): what it is to find here lies in `entry`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import ModuleType

__all__ = [
    "Hooks",
    "pytest_addhooks",
    "pytest_addoption",
    "pytest_configure",
    "pytest_load_initial_conftests",
    "ssot_race",
    "ssot_violations",
    "unrewritten",
]

_BELOW = __name__.partition(".")[0] + "."


class _Plain:
    """Find the modules below our package as the files that they are; whoever comes next finds all others.

    To ask `PathFinder` takes 50,000 instructions more for each of a hundred modules.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if path and name.startswith(_BELOW):
            file = os.path.join(path[0], name.rpartition(".")[2])
            for inside, source in ((None, f"{file}.py"), ([file], os.path.join(file, "__init__.py"))):
                if os.path.isfile(source):
                    loader = SourceFileLoader(name, source)
                    return spec_from_file_location(name, source, loader=loader, submodule_search_locations=inside)
        return None


# Here and not in a module of its own, which would be loaded in the way that this is to spare us.
@contextmanager
def unrewritten() -> Iterator[None]:
    """Load our modules as Python loads any while this is open; leave `sys.meta_path` as it was but for this.

    pytest rewrites the asserts of the whole distribution of a plugin. We assert nothing in a run, and that loader takes
    ten times as long for each module, cached or not.
    """
    plain = _Plain()
    sys.meta_path.insert(0, plain)
    try:
        yield
    finally:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not plain]


class Hooks:
    """What is registered with pytest: `dir` names its hooks only.

    pytest looks at each name that `dir` tells of an object, whether it is a hook or a fixture, which executes 40,000
    instructions, and most of ours are neither.
    """

    def __dir__(self) -> list[str]:
        return [name for name in vars(type(self)) if name.startswith("pytest_")]


def __dir__() -> list[str]:
    return [name for name in globals() if name.startswith(("pytest_", "ssot_"))]


with unrewritten():
    from pytest_ssot_tracker.plugin.entry import (
        pytest_addhooks,
        pytest_addoption,
        pytest_configure,
        pytest_load_initial_conftests,
        ssot_race,
        ssot_violations,
    )
