"""Read and write what a program gives its loggers: handlers, filters, level."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from pytest_ssot_tracker.isolate.kinds import Kind, Plain, State

__all__ = ["LOGGERS"]


class _Logger(Kind):
    """A logger, but for what pytest itself hangs onto it; of the root logger, which is everybody's, no level."""

    quick = False
    worldly = True

    def read(self, thing: Any) -> State:
        is_root = isinstance(thing, logging.RootLogger)
        level = None if is_root else (thing.level, thing.propagate, thing.disabled)
        return Plain((tuple(filter(_is_of_the_program, thing.handlers)), tuple(thing.filters), level))

    def write(self, thing: Any, state: Any) -> None:
        handlers, filters, level = state.value
        thing.handlers[:] = [*(each for each in thing.handlers if not _is_of_the_program(each)), *handlers]
        thing.filters[:] = filters
        if level is not None:
            thing.propagate, thing.disabled = level[1:]
            logging.Logger.setLevel(thing, level[0])  # which forgets what is cached of levels


def _is_of_the_program(handler: object) -> bool:
    return not type(handler).__module__.startswith("_pytest.")


LOGGERS: Mapping[str, tuple[Kind, ...]] = {"logging.Logger": (_Logger(),)}
"""How they are read and written, by the dotted name of the class."""
