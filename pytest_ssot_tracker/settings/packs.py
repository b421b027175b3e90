"""Fetch rule packs: tables that an installed distribution offers as an entry point of `ssot_tracker.policies`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_ssot_tracker.settings.problems import Spot, nearest

__all__ = ["GROUP", "fetch", "origin"]

GROUP = "ssot_tracker.policies"


def origin(name: str) -> str:
    """Return how problems name a pack where a file would stand."""
    return f"policy pack {name!r}"


def fetch(name: str, spot: Spot) -> Mapping[str, Any] | None:
    """Return the mapping of the installed pack called `name`; report at `spot` why there is none.

    Nothing but the one entry point asked for is imported.
    """
    from importlib.metadata import entry_points

    offered = entry_points(group=GROUP)
    found = {entry.value: entry for entry in offered if entry.name == name}
    if not found:
        names = sorted({entry.name for entry in offered})
        todo = nearest(name, names) if names else "install the distribution that offers it"
        spot.wrong(f"no installed distribution offers the policy pack {name!r}", todo)
        return None
    if len(found) > 1:
        spot.wrong(f"several distributions offer a policy pack {name!r}: {', '.join(found)}", "keep one of them")
        return None
    (entry,) = found.values()
    try:
        mapping = entry.load()()
    except Exception as error:  # a pack is foreign code: whatever it raises is a problem of this configuration
        spot.wrong(f"the {origin(name)} ({entry.value}) cannot be loaded: {type(error).__name__}: {error}", "repair it")
        return None
    if not isinstance(mapping, Mapping):
        found_type = type(mapping).__name__
        spot.wrong(f"the {origin(name)} ({entry.value}) returned {found_type}, not a mapping", "repair it")
        return None
    return mapping
