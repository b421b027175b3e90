"""Let a program watch itself, in production as well: nothing that goes wrong here ever reaches it."""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from pytest_ssot_tracker.forks import hear_of_forks

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.record.metering import Metered
    from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder
    from pytest_ssot_tracker.model import Observation, Site
    from pytest_ssot_tracker.settings import Settings

__all__ = ["SWITCH", "Watching", "is_switched_off", "watch"]

SWITCH = "SSOT_TRACKER"
"""The environment variable that switches everything off, with the value `off`."""

_BUCKET = "production"


def watch(root: str | os.PathLike[str] | None = None, *, config: str | os.PathLike[str] | None = None) -> Watching:
    """Watch this program from now on, by the configuration in the folder `root`, and return what ends that.

    `root` is the current folder where it is not given; `config` names another file than its `pyproject.toml` or
    `ssot_tracker.toml`. Where OpenTelemetry is installed, its meter counts `ssot.observations`. Nothing is ever
    raised: where nothing can be watched, `problem` of what is returned says why. The environment variable
    `SSOT_TRACKER=off` switches it off.
    """
    watching = Watching()
    try:
        if not is_switched_off():
            watching.start(Path(os.curdir if root is None else root), None if config is None else Path(config))
    except Exception as error:
        watching.problem = f"{type(error).__name__}: {error}"
        watching.stop()
    return watching


def is_switched_off() -> bool:
    """Whether the environment switches watching off."""
    return os.environ.get(SWITCH, "").strip().lower() == "off"


class Watching:
    """A program that watches itself, until `stop` or the end of a `with` block.

    `problem` says why nothing is watched, or counted by a meter; it is `None` where all is well, and where watching is
    switched off.
    """

    def __init__(self) -> None:
        self.problem: str | None = None
        self._undo: list[Callable[[], None]] = []
        self._metered: Metered | None = None

    def start(self, root: Path, config: Path | None) -> None:
        """Put everything in place; raise whatever goes wrong."""
        from pytest_ssot_tracker.detect.imports.finder import Finder
        from pytest_ssot_tracker.settings import load

        if any(isinstance(finder, Finder) for finder in sys.meta_path):
            self.problem = "this program is watched already"
            return
        root = root.resolve()
        settings = load(root, config_file=config, verify=False, cached=False)
        if not settings.active:
            self.problem = f"nothing is configured in {root}; name the folder, or the file as config="
            return
        self._begin(settings)

    def _begin(self, settings: Settings) -> None:
        from pytest_ssot_tracker.detect.install import install
        from pytest_ssot_tracker.detect.record.metering import Metered, watched_by
        from pytest_ssot_tracker.detect.record.recorder import Recorder

        recorder = Recorder(settings.tree, names_threads=False)
        seen = _Seen(recorder)
        self._metered = metered = Metered(seen.take, watched_by(settings))
        installed = install(settings, recorder=recorder)
        self._undo.append(installed.undo)
        recorder.moment_here = seen.here
        recorder.task_here = None
        hear_of_forks(seen, in_child="begin_anew")
        hear_of_forks(metered, in_child="begin_anew")
        try:
            self._undo.append(metered.install())
        except ImportError:
            self.problem = "OpenTelemetry is not installed, so no meter counts: pip install pytest-ssot-tracker[otel]"
        if installed.backend == "none":
            self.problem = "calls cannot be watched: no tool id is free, or bytecode is not installed"

    @property
    def counts(self) -> Mapping[Site, int]:
        """Return how often each site was seen so far."""
        found: dict[Site, int] = {}
        if self._metered is not None:
            for (site, _), total in self._metered.totals().items():
                found[site] = found.get(site, 0) + total
        return found

    def stop(self) -> None:
        """Watch nothing any more; what was counted stays. May be called twice, and raises nothing."""
        while self._undo:
            undo = self._undo.pop()
            with suppress(Exception):
                undo()

    def __enter__(self) -> Watching:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Seen:
    """Where everything is booked that the program does, whichever thread, task or request it was."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self.begin_anew()

    def begin_anew(self) -> None:
        """Begin with nothing, as in a process that was just forked."""
        from pytest_ssot_tracker.detect.record.recorder import Moment

        self._lock = allocate_lock()
        self._moment = Moment(bucket=_BUCKET)

    def here(self) -> Moment:
        """Return the one moment that there is."""
        return self._moment

    def take(self) -> Iterable[Observation]:
        """Return what is new since the last call."""
        with self._lock:
            return self._recorder.drain(self._moment)
