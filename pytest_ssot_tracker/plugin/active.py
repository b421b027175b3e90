"""Hold what an active run is made of, from before the first conftest to the end of the session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pytest_ssot_tracker.detect.children.watch import Processes
from pytest_ssot_tracker.detect.install import Installed, install
from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder
from pytest_ssot_tracker.judge.words import harmless
from pytest_ssot_tracker.model import BlindSpot, Observation
from pytest_ssot_tracker.records import dataclass, field
from pytest_ssot_tracker.report.wire import SessionPacket
from pytest_ssot_tracker.session import Session, SessionError, loading
from pytest_ssot_tracker.settings import Settings
from pytest_ssot_tracker.settings.options import Options

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.plant.hearing import Hearing
    from pytest_ssot_tracker.isolate.isolation import Isolation

__all__ = ["Active"]


@dataclass(slots=True, eq=False, kw_only=True)
class Active:
    """Everything one run needs; `watch` and `processes` are undone when the session ends, however it ends."""

    config: pytest.Config
    settings: Settings
    options: Options
    recorder: Recorder
    watch: Installed
    processes: Processes
    session: Session
    hearing: Hearing | None = field(default=None)
    _untold: list[BlindSpot] = field(default_factory=list)
    _isolation: Isolation | None = field(default=None)

    @classmethod
    def start(cls, config: pytest.Config, settings: Settings, options: Options) -> Active:
        """Install the hooks into the interpreter and have them undone at the end of the session."""
        recorder = Recorder(settings.tree)
        try:
            session = Session.of(
                settings,
                recorder.sites,
                since=options.since,
                option="--ssot-since",
                default_raises=(AssertionError, pytest.fail.Exception),
            )
        except SessionError as error:
            raise pytest.UsageError(harmless(str(error))) from None
        watch = install(settings, recorder=recorder)
        config.add_cleanup(watch.undo)
        watch.origins.send_baggage()
        if options.otel:
            config.add_cleanup(_meter(recorder, settings))
        processes = Processes(recorder, loading=_loading(config, settings, options))
        config.add_cleanup(processes.install())
        active = cls(
            config=config,
            settings=settings,
            options=options,
            recorder=recorder,
            watch=watch,
            processes=processes,
            session=session,
            hearing=watch.hearing() if options.trace else None,
        )
        if active.has_singletons:
            watch.tell(active.isolation())
        return active

    @property
    def has_singletons(self) -> bool:
        """Whether there is any singleton to look at before and after each test."""
        return any(ssot.accessors for ssot in self.settings.ssots)

    def isolation(self) -> Isolation:
        """Return what lends the singletons, made and imported when it is first asked for."""
        if self._isolation is None:
            from pytest_ssot_tracker.isolate.isolation import Isolation

            self._isolation = Isolation(self.settings, quiet=self.muted)
        return self._isolation

    def stop(self) -> None:
        """Watch nothing any more; may be called twice."""
        self.processes.undo()
        self.watch.undo()

    @property
    def only_shows(self) -> bool:
        """Whether pytest was asked to show something instead of running tests: such a run has no result."""
        asked = ("collectonly", "showfixtures", "show_fixtures_per_test", "setupplan")
        return any(getattr(self.config.option, name, False) for name in asked)

    def era_ended(self, last: Callable[[], Moment]) -> None:
        """Note that a test is over, its `last` moment at hand."""
        if not self.processes.in_child:  # a forked child that goes on with the tests is none the less of one of them
            self.watch.era_ended(last)
            self.processes.era_ended()

    def muted(self) -> AbstractContextManager[None]:
        """Return a block in which nothing is booked: what the plugin itself does is nobody's violation."""
        return _muted(self.recorder)

    def name(self, spots: Iterable[BlindSpot]) -> None:
        """Name blind spots of the whole run."""
        self._untold += spots

    def incomplete(self) -> list[Observation]:
        """Return what is to be asked once at the end: what the canonicals lack, and which files were loaded twice.

        What nobody can tell is a blind spot.
        """
        found: list[Observation | BlindSpot] = []
        if any(ssot.provides for ssot in self.settings.ssots):
            from pytest_ssot_tracker.detect.canonical.offering import missing

            with self.muted():
                found += missing(self.recorder, self.settings.ssots)
        self._untold += [fact for fact in found if isinstance(fact, BlindSpot)]
        return [*(fact for fact in found if isinstance(fact, Observation)), *self.watch.loaded_twice]

    def packet(self, *, number: int, observations: Sequence[Observation], **more: Any) -> SessionPacket:
        """Return a packet of this process with what its hooks can and cannot see as of now."""
        return SessionPacket(
            number=number,
            observations=tuple(observations),
            guards=tuple(self.watch.guards),
            blind_spots=(
                *(*self.watch.blind_spots, *self.processes.blind_spots, *self._untold),
                *(() if self._isolation is None else self._isolation.blind_spots),
            ),
            met=tuple(self.watch.met),
            gone=tuple(self.watch.gone),
            **more,
        )


def _loading(config: pytest.Config, settings: Settings, options: Options) -> dict[str, Any] | None:
    """Return with what child processes watch themselves, where they are to."""
    if not options.subprocess:
        return None
    testpaths, pythonpath = config.getini("testpaths"), config.getini("pythonpath")
    return loading(
        settings,
        testpaths=testpaths,
        pythonpath=pythonpath,
        otel=options.otel,
        deprecate=options.deprecate,
        warnings=options.warnings,
    )


def _meter(recorder: Recorder, settings: Settings) -> Callable[[], None]:
    """Have a meter of OpenTelemetry count what is drained; return what ends that."""
    from pytest_ssot_tracker.detect.record.metering import Metered, watched_by

    metered = Metered(tuple, watched_by(settings))
    try:
        end = metered.install()
    except ImportError:
        message = "--ssot-otel counts by OpenTelemetry, which is not installed: add pytest-ssot-tracker[otel]"
        raise pytest.UsageError(message) from None
    recorder.told = metered.add
    return end


@contextmanager
def _muted(recorder: Recorder) -> Iterator[None]:
    """Book on a moment that nobody reads: what the plugin itself does is nobody's violation."""
    outer = recorder.current
    recorder.current = Moment(bucket="unattributed")
    try:
        yield
    finally:
        recorder.current = outer
