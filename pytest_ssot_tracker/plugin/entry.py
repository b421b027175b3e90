"""What pytest calls of us from its start on, whether anything is configured or not.

Installed is not active: without configuration only options, markers and fixtures are registered. What a run needs
is imported once a configuration was found.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

from pytest_ssot_tracker.plugin import unrewritten

if TYPE_CHECKING:
    from pytest_ssot_tracker.isolate.race import Race
    from pytest_ssot_tracker.model import Site
    from pytest_ssot_tracker.plugin.active import Active
    from pytest_ssot_tracker.plugin.test_run import Running
    from pytest_ssot_tracker.settings import Settings
    from pytest_ssot_tracker.settings.options import Options

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


def start(config: pytest.Config) -> Active | None:
    """Return what watches this run, started once; `None` where nothing is configured or `--no-ssot` was given."""
    if ACTIVE not in config.stash:
        config.stash[ACTIVE] = None
        with unrewritten():
            config.stash[ACTIVE] = _started(config)
    return config.stash[ACTIVE]


def _started(config: pytest.Config) -> Active | None:
    found = _configured(config)
    if found is None:
        return None
    if found[0].active:
        from pytest_ssot_tracker.plugin.active import Active

        return Active.start(config, *found)
    from pytest_ssot_tracker.plugin.undeclared import Undeclared

    config.pluginmanager.register(Undeclared(found[0]), "ssot_tracker_undeclared")
    return None


def _configured(config: pytest.Config) -> tuple[Settings, Options] | None:
    """Return settings and options where there is a configuration that is not switched off; refuse a bad one."""
    from pytest_ssot_tracker.settings.options import check_baseline, read
    from pytest_ssot_tracker.settings.presence import may_be_configured
    from pytest_ssot_tracker.settings.problems import ConfigurationError

    try:
        options = read(config)
        question = options.question
        if options.off or not (question or may_be_configured(config.rootpath, options.config)):
            return None
        from pytest_ssot_tracker.settings import load

        check_baseline(config)
        settings = load(
            config.rootpath,
            config_file=options.config,
            phase=options.phase,
            baseline=options.baseline,
            testpaths=config.getini("testpaths"),
            pythonpath=config.getini("pythonpath"),
            question=question,
            since=options.since,
            fixtures=lambda: _fixtures_of_plugins(config),
            cached=config.pluginmanager.has_plugin("cacheprovider"),
        )
    except ConfigurationError as error:
        from pytest_ssot_tracker.judge.words import harmless

        raise pytest.UsageError("\n".join(harmless(str(problem)) for problem in error.problems)) from None
    return None if settings.file is None and not question else (settings, options)


def _fixtures_of_plugins(config: pytest.Config) -> Mapping[str, str]:
    from pytest_ssot_tracker.plugin.claimed import fixtures_of_plugins

    return fixtures_of_plugins(config.pluginmanager)


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
