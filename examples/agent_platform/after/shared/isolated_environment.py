"""The environment, read in one place, so that tests can put their own values there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["environment", "get_env", "isolated"]

_Default = TypeVar("_Default")
_overrides: dict[str, str] = {}


def get_env(name: str, default: _Default = None) -> str | _Default:
    """Return the value of `name`: an isolated one, else the process's, else `default`."""
    return _overrides.get(name, os.environ.get(name, default))


def environment() -> dict[str, str]:
    """Return everything that holds now, for a process that is to see the same."""
    return {**os.environ, **_overrides}


@contextmanager
def isolated(**values: str) -> Iterator[None]:
    """Let `values` hold inside the block, whatever the process's environment says."""
    before = dict(_overrides)
    _overrides.update(values)
    try:
        yield
    finally:
        _overrides.clear()
        _overrides.update(before)
