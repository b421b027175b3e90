"""Count what is seen by a meter of OpenTelemetry, so that production says who is left.

`ssot.observations` counts by rule, target and site; `ssot.watched` is 1 for each target that is watched, without which
a program that uses nothing could not be told from one that is not watched.
"""

from __future__ import annotations

from _thread import allocate_lock
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from pytest_ssot_tracker.model import Exempt, Observation, Site
from pytest_ssot_tracker.settings import Settings

__all__ = ["MODULE", "OBSERVATIONS", "WATCHED", "Counted", "Metered", "watched_by"]

OBSERVATIONS = "ssot.observations"
WATCHED = "ssot.watched"
MODULE = "opentelemetry.metrics"

Counted = tuple[Site, "Exempt | None"]


def watched_by(settings: Settings) -> list[tuple[str, str]]:
    """Return table and spelling of each target that `settings` declare."""
    found = ((table.name, str(target)) for table in settings.tables for target in table.declared())
    return list(dict.fromkeys(found))


class Metered:
    """What was seen so far, as the counters of a meter; one number for each site, however long the program runs.

    `take` returns what is new since it was last called. An asynchronous counter is told totals, so that nothing is
    lost where a collection is late or fails.
    """

    def __init__(self, take: Callable[[], Iterable[Observation]], watched: Iterable[tuple[str, str]]) -> None:
        self._take = take
        self._watched = [{"ssot": table, "target": target} for table, target in watched]
        self._lock = allocate_lock()
        self._totals: dict[Counted, int] = {}
        self._on = True

    def install(self) -> Callable[[], None]:
        """Make the counters and return what ends them with the last totals; raise `ImportError` without OpenTelemetry.

        A meter has no undo: after that its counters have nothing new to say.
        """
        from opentelemetry import metrics

        from pytest_ssot_tracker import __version__

        measured: Any = metrics.Observation
        meter = metrics.get_meter("pytest_ssot_tracker", __version__)

        def observations(options: object) -> Iterator[Any]:
            for (site, exempt), total in self.totals().items():
                yield measured(total, _attributes(site, exempt))

        def watched(options: object) -> Iterator[Any]:
            for attributes in self._watched if self._on else ():
                yield measured(1, attributes)

        meter.create_observable_counter(
            OBSERVATIONS, [observations], unit="{use}", description="Uses of what a single source of truth replaces"
        )
        meter.create_observable_gauge(WATCHED, [watched], description="Targets that are watched")
        return self.end

    def add(self, observations: Iterable[Observation]) -> None:
        """Count what was seen."""
        with self._lock:
            for seen in observations:
                key = seen.site, seen.exempt
                self._totals[key] = self._totals.get(key, 0) + seen.count

    def totals(self) -> Mapping[Counted, int]:
        """Return how often each site was seen so far; an exception never leaves this."""
        if self._on:
            with suppress(Exception):  # the source may be gone, or being replaced: the next call has it all
                self.add(self._take())
        with self._lock:
            return dict(self._totals)

    def begin_anew(self) -> None:
        """Forget what was seen: that was in the process from which this one was forked."""
        self._lock = allocate_lock()
        self._totals = {}

    def end(self) -> None:
        """Take what there is for the last time."""
        self.totals()
        self._on = False


def _attributes(site: Site, exempt: Exempt | None) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {
        "rule": site.rule.value,
        "target": site.target,
        "site": site.id,
        "ssot": site.ssot,
        "declared": site.declared,
        "path": site.path,
        "line": site.line,
        "scope": site.scope,
    }
    return attributes if exempt is None else {**attributes, "exempt": exempt.value}
