"""Put every sentinel and hook in place, and take them all out again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from pytest_ssot_tracker.detect.calls.watch import Calls
from pytest_ssot_tracker.detect.files import LoadedFiles
from pytest_ssot_tracker.detect.imports.watch import Imports
from pytest_ssot_tracker.detect.plant.planting import Wing
from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.threads.watch import Origins
from pytest_ssot_tracker.detect.unwatchable import Beyond
from pytest_ssot_tracker.loaded import name_of
from pytest_ssot_tracker.model import BY_SCAN, UNREAD, BlindSpot, Guard, Observation
from pytest_ssot_tracker.settings import Settings

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.canonical.making import Listener, Making
    from pytest_ssot_tracker.detect.plant.hearing import Hearing
    from pytest_ssot_tracker.detect.plant.planting import Planting
    from pytest_ssot_tracker.detect.warnings.watch import Warnings

__all__ = ["Installed", "install"]


class Installed:
    """Everything that watches a run; `undo` ends it and may be called twice.

    What the configuration does not ask for is not even imported.
    """

    def __init__(self, settings: Settings, recorder: Recorder) -> None:
        scope = Scope(recorder.sites, [target for table in settings.tables for target in table.watched()])
        if any(table.within or table.rules for table in settings.tables):
            recorder.concerns = settings.concerns
        self._calls = calls = Calls(settings, recorder=recorder, scope=scope)
        self._planting = planting = calls.planting
        self._undo = [calls.undo]
        self._stands = planting.stands
        # Whether classes hold what they held; asked after the body of each test, before `rebound`.
        self.is_bound = planting.vigil.is_bound
        self._making = _making(settings, recorder, scope, calls)
        self._warnings = _warnings(settings, recorder, scope, planting)
        self._wings: list[Wing] = [calls, *_asked_for(settings, recorder, scope, planting)]
        if self._making is not None:
            self._wings.append(self._making)
        self._forgetful = [wing for wing in self._wings if type(wing).era_ended is not Wing.era_ended]
        self._noted: list[BlindSpot] = []
        self._beyond = Beyond(self._noted.append)
        self._files = LoadedFiles(settings, scope)
        self.origins = Origins(recorder, planting.sentinels.callers)
        also: dict[str, Callable[[], None]] = {
            **dict.fromkeys(planting.patching, planting.watch_patches),
            **dict.fromkeys(Beyond.modules, self._beyond.plant),
            **self.origins.awaited,
        }
        self._imports = Imports(
            settings,
            recorder,
            scope,
            on_loaded=self._loaded,
            on_unpickled=calls.unpickled,
            starter=planting.sentinels.callers.starter,
            also=also,
        )
        self._settings = settings
        self._recorder = recorder
        self._tell: Callable[[BlindSpot], None] | None = None
        self._scanned = True
        self._told: set[BlindSpot] = set()
        try:
            self._install()
        except BaseException:
            self.undo()
            raise

    def _install(self) -> None:
        watches_calls = self.backend != "none"
        if watches_calls:
            self._calls.serve(self._settings, self._appeared)
            self._planting.watch_patches()
        self._undo.append(self._imports.install())
        self._undo.append(self._beyond.install(self._imports.is_watched))
        if watches_calls:
            self._undo.append(self.origins.install(self._planting))
            self._imports.watch_loads(self._planting)
        if self._warnings is not None:
            self._undo.append(self._warnings.install())
        # What goes by a name of its own was told by the imports; another may lead to what holds a target.
        for module in list(sys.modules.values()):
            name = name_of(module)
            if name is not None and name.startswith(self._imports.starts):
                self._loaded(module)

    def _appeared(self, module: ModuleType) -> None:
        for wing in self._wings:
            wing.plant(module)

    def _loaded(self, module: ModuleType) -> None:
        self._appeared(module)
        self._tell_blind_spots()

    @property
    def guards(self) -> Sequence[Guard]:
        """Return which back end watches what, so far."""
        return tuple(self._calls.guards)

    @property
    def blind_spots(self) -> Sequence[BlindSpot]:
        """Return what could not be watched, so far."""
        self._imports.sweep()
        self._calls.sweep()
        self._files.look()
        missing = () if self._warnings is None else self._warnings.blind_spots
        return tuple(dict.fromkeys((*self._planted_blind_spots, *missing)))

    @property
    def _planted_blind_spots(self) -> Iterator[BlindSpot]:
        """What could not be watched of what was looked at, so far."""
        lists = (self._imports.blind_spots, *(wing.blind_spots for wing in self._wings), self._files.blind_spots)
        return (spot for spots in lists for spot in list(spots))

    def tell_blind_spots(self, tell: Callable[[BlindSpot], None], *, scanned: bool) -> None:
        """Have `tell` called for what cannot be watched, as soon as it is known: who is killed is asked no more.

        Where nothing is `scanned`, that is what only a scan sees as well.
        """
        self._tell = tell
        self._scanned = scanned
        self._tell_blind_spots()

    def _tell_blind_spots(self) -> None:
        if self._tell is None:
            return
        guards = () if self._scanned else self.guards
        unread = (BlindSpot(guard.target, UNREAD) for guard in guards if guard.backend == BY_SCAN)
        for spot in (*self._planted_blind_spots, *unread):
            if spot not in self._told:
                self._told.add(spot)
                self._tell(spot)

    @property
    def loaded_twice(self) -> Sequence[Observation]:
        """Return a `double-import` for each file of ours that was loaded under two names, so far."""
        self._files.look()
        return tuple(self._files.twice.values())

    @property
    def met(self) -> Sequence[tuple[str, str]]:
        """Return table and spelling of each target that was found, so far."""
        return tuple(dict.fromkeys((*self._imports.met, *(pair for wing in self._wings for pair in wing.met))))

    @property
    def gone(self) -> Sequence[tuple[str, str]]:
        """Return table and spelling of each target that is not where it would have to be, as things stand."""
        return tuple(dict.fromkeys(pair for wing in self._wings for pair in wing.gone))

    @property
    def backend(self) -> str:
        """Return the name of the back end that watches whatever has a code object."""
        return self._planting.backend

    def tell(self, listener: Listener) -> None:
        """Let `listener` know whenever an accessor makes its singleton."""
        if self._making is not None:
            self._making.listener = listener

    def hearing(self) -> Hearing:
        """Return what keeps the decisions on calls from now on."""
        from pytest_ssot_tracker.detect.plant.hearing import Hearing

        hearing = Hearing(self._recorder.sites)
        self._planting.sentinels.heard = hearing.hear
        return hearing

    def era_ended(self, last: Callable[[], Moment]) -> None:
        """Note that a test is over, its `last` moment at hand."""
        self.origins.era_ended(last)
        self._imports.appeared()
        self._files.look()
        for wing in self._forgetful:
            wing.era_ended()

    def stands(self) -> bool:
        """Whether everything is as it was put; asked at the end of each test, before `heal`, which costs more."""
        try:
            return not self._noted and self._imports.stands() and self._stands()
        except Exception:  # the test has something replaced that this needs
            return False

    def rebound(self) -> list[BlindSpot]:
        """Return what somebody has replaced that a fixture may put back when the test is torn down."""
        return list(self._calls.rebound())

    def heal(self) -> list[BlindSpot]:
        """Return what was not seen since the last time because somebody replaced it; watch it again.

        Asked at the end of each test: nothing tells of such a change when it happens.
        """
        found = [*self._noted, *self._calls.heal(), *self._imports.heal()]
        self._noted.clear()
        return list(dict.fromkeys(found))

    def fixture_ended(self, name: str) -> None:
        """Note that the fixture `name`, which is wider than one test, is over."""
        for wing in self._wings:
            wing.fixture_ended(name)

    def undo(self) -> None:
        """Leave the interpreter as it was before `install`."""
        while self._undo:
            self._undo.pop()()


def install(settings: Settings, *, recorder: Recorder) -> Installed:
    """Watch everything that `settings` declares, booking it on `recorder`."""
    return Installed(settings, recorder)


def _asked_for(settings: Settings, recorder: Recorder, scope: Scope, planting: Planting) -> Iterator[Wing]:
    """Yield the wings that only some configurations ask for."""
    if any(ssot.keys or ssot.states for ssot in settings.ssots):
        from pytest_ssot_tracker.detect.states.watch import Handling

        yield Handling(settings, recorder=recorder, scope=scope, planting=planting)
    if any(ids.consumers for ids in settings.ids):
        from pytest_ssot_tracker.detect.ids.watch import Identifiers

        yield Identifiers(settings, recorder=recorder, scope=scope, planting=planting)
    if settings.contexts:
        from pytest_ssot_tracker.detect.context.watch import Contexts

        yield Contexts(settings, recorder=recorder, scope=scope, planting=planting)


def _warnings(settings: Settings, recorder: Recorder, scope: Scope, planting: Planting) -> Warnings | None:
    if not settings.warned:
        return None
    from pytest_ssot_tracker.detect.warnings.watch import Warnings

    return Warnings(settings, recorder=recorder, scope=scope, planting=planting)


def _making(settings: Settings, recorder: Recorder, scope: Scope, calls: Calls) -> Making | None:
    if not any(ssot.canonical is not None and ssot.accessors for ssot in settings.ssots):
        return None
    from pytest_ssot_tracker.detect.canonical.making import Making

    return Making(settings, recorder=recorder, scope=scope, calls=calls)
