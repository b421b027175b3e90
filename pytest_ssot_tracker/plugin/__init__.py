"""Wire the rooms into pytest: options, hooks and fixtures; decide nothing.

Installed is not active: without configuration only options, markers and fixtures are registered. What a run needs
is imported once a configuration was found.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_ssot_tracker.isolate.race import Race
    from pytest_ssot_tracker.model import Site
    from pytest_ssot_tracker.plugin.active import Active
    from pytest_ssot_tracker.plugin.test_run import Running

_BELOW = __name__.partition(".")[0] + "."


class _Plain:
    """Find the modules below our package where they lie; whoever comes next finds all others."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith(_BELOW) else None


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


ACTIVE: pytest.StashKey[Active | None] = pytest.StashKey()
RUNNING: pytest.StashKey[Running | None] = pytest.StashKey()

MARKERS = (
    "ssot_expect_violation(*rules, ssot=None, target=None, reason=None, issue=None, until=None, strict=None, "
    "raises=None): this test still violates at least one of these rules (of any, where none is named): it is xfailed "
    "in the phases baseline and ratchet and fails in enforce. Once it does not violate any more it fails in baseline "
    "and is listed as fixed in ratchet; strict=True or False says otherwise.",
    "ssot_allow(*rules, ssot=None, target=None, reason): what this test violates within these is recorded as allowed "
    "and fails nothing; the reason is mandatory.",
    "ssot_enforce: hold this test to the phase enforce, whatever phase the run is in.",
    "ssot_rollback_trigger: this test must pass in every phase; `ssot-tracker gate` exits with 3 when it does not.",
)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that others may implement."""
    with unrewritten():
        from pytest_ssot_tracker.plugin import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options and their ini twins."""
    with unrewritten():
        from pytest_ssot_tracker.settings import options

    options.add_to(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Start watching before the first conftest is imported, when there is a configuration."""
    if any(word.startswith(("--ssot", "--no-ssot")) for word in args):
        with unrewritten():
            from pytest_ssot_tracker.settings.options import strange

        for hint in strange(args):  # pytest will refuse it, and has no idea what was meant
            sys.stderr.write(f"{hint}\n")
    start(early_config)


@unrewritten()
def start(config: pytest.Config) -> Active | None:
    """Return what watches this run, started once; `None` where nothing is configured or `--no-ssot` was given."""
    if ACTIVE not in config.stash:
        config.stash[ACTIVE] = None
        from pytest_ssot_tracker.plugin.early import find

        found = find(config)
        if found is not None and found[0].active:
            from pytest_ssot_tracker.plugin.active import Active

            config.stash[ACTIVE] = Active.start(config, *found)
        elif found is not None:
            from pytest_ssot_tracker.plugin.undeclared import Undeclared

            config.pluginmanager.register(Undeclared(found[0]), "ssot_tracker_undeclared")
    return config.stash[ACTIVE]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; with a configuration, the hooks of the roles this process has."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    active = start(config)
    with unrewritten():
        if active is not None:
            from pytest_ssot_tracker.plugin.roles import register

            config.stash[RUNNING] = register(active)
        else:
            from pytest_ssot_tracker.isolate.refusing import unconfigured
            from pytest_ssot_tracker.plugin.claimed import taken_by_plugins

            taken = taken_by_plugins(config.pluginmanager)
            config.pluginmanager.register(unconfigured(taken), "ssot_tracker_fixtures")


@pytest.fixture
def ssot_violations(request: pytest.FixtureRequest) -> Sequence[Site]:
    """What this test has recorded so far: a live sequence of objects with `rule`, `ssot`, `target`, `path`, `line`."""
    running = request.config.stash.get(RUNNING, None)
    return () if running is None else running.violations


@pytest.fixture
def ssot_race(request: pytest.FixtureRequest) -> Race:
    """Run callables or coroutine functions at once, many times: `ssot_race(*callables, rounds=100, seed=None)`."""
    from pytest_ssot_tracker.isolate.race import Race

    running = request.config.stash.get(RUNNING, None)
    return Race(list if running is None else running.recorded)
