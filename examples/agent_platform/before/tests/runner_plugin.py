"""Give pytest `--runner-pattern`: a pattern over node ids, where `-k` knows only words."""

from __future__ import annotations

from fnmatch import fnmatch

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the option."""
    parser.addoption("--runner-pattern", help="run the tests whose node id matches")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the pattern does not match."""
    pattern = config.getoption("runner_pattern")
    if pattern:
        left = [item for item in items if not fnmatch(item.nodeid.lower(), pattern.lower())]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
