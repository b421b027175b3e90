"""Hear of forks, by what leads to nothing else of ours.

`os.register_at_fork` has no undo, and keeps what it was given until after the last collection of garbage. A function of
any other room leads by its globals to most of our modules, which would be looked through once more, for two million
instructions at the end of each run. Nothing of ours is imported here, therefore.
"""

from __future__ import annotations

import os
from weakref import ref

TYPE_CHECKING = False  # as `typing` has it, which nothing else here needs
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["hear_of_forks"]


def hear_of_forks(listener: object, *, in_child: str, before: str | None = None) -> None:
    """Have the methods of these names called in a forked child, and before a fork, as long as `listener` is there."""
    if hasattr(os, "register_at_fork"):
        calls = {"before": before, "after_in_child": in_child}
        os.register_at_fork(**{when: _calling(listener, name) for when, name in calls.items() if name is not None})


def _calling(listener: object, name: str) -> Callable[[], None]:
    held = ref(listener)

    def call() -> None:
        listener = held()
        if listener is not None:
            try:
                getattr(listener, name)()
            except Exception:  # a program that would have forked must fork all the same
                return

    return call
