"""Find out, before any conftest, whether this run is configured at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from pytest_ssot_tracker.settings import ConfigurationError, may_be_configured
from pytest_ssot_tracker.settings.options import Options, check_baseline, read

if TYPE_CHECKING:
    from pytest_ssot_tracker.settings import Settings

__all__ = ["find"]


def find(config: pytest.Config) -> tuple[Settings, Options] | None:
    """Return settings and options where there is a configuration that is not switched off; refuse a bad one."""
    try:
        options = read(config)
        asked = options.deprecate or options.warnings
        if options.off or not (asked or may_be_configured(config.rootpath, options.config)):
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
            question=options.question if asked else None,
            since=options.since,
            fixtures=lambda: _fixtures_of_plugins(config),
            cached=config.pluginmanager.has_plugin("cacheprovider"),
        )
    except ConfigurationError as error:
        from pytest_ssot_tracker.judge.words import harmless

        raise pytest.UsageError("\n".join(harmless(str(problem)) for problem in error.problems)) from None
    return None if settings.file is None and not asked else (settings, options)


def _fixtures_of_plugins(config: pytest.Config) -> Mapping[str, str]:
    from pytest_ssot_tracker.plugin.claimed import fixtures_of_plugins

    return fixtures_of_plugins(config.pluginmanager)
