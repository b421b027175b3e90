"""Read the environment in one place, so that tests can put their own values there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["get_env", "isolated"]

_overrides: dict[str, str] = {}


def get_env(name: str, default: str | None = None) -> str | None:
    """Return the value of `name`: an isolated one, else the process's, else `default`."""
    return _overrides.get(name, os.environ.get(name, default))


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
