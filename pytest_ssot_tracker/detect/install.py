"""Put every sentinel and hook in place, and take them all out again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING

from pytest_ssot_tracker.detect.calls.served import Served
from pytest_ssot_tracker.detect.calls.watch import Calls
from pytest_ssot_tracker.detect.imports.files import LoadedFiles
from pytest_ssot_tracker.detect.imports.loads import Loads
from pytest_ssot_tracker.detect.imports.watch import Imports
from pytest_ssot_tracker.detect.plant.vigil import Patches
from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.threads.baggage import MODULE as BAGGAGE
from pytest_ssot_tracker.detect.threads.baggage import QUEUES, Received, Sent
from pytest_ssot_tracker.detect.threads.unwatchable import Beyond
from pytest_ssot_tracker.detect.threads.watch import Origins
from pytest_ssot_tracker.loaded import name_of
from pytest_ssot_tracker.model import BY_SCAN, UNREAD, BlindSpot, Guard, Observation
from pytest_ssot_tracker.settings import Settings

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.canonical.making import Listener, Making
    from pytest_ssot_tracker.detect.context.watch import Contexts
    from pytest_ssot_tracker.detect.ids.watch import Identifiers
    from pytest_ssot_tracker.detect.plant.hearing import Hearing
    from pytest_ssot_tracker.detect.states.watch import Handling
    from pytest_ssot_tracker.detect.warnings.watch import Warnings

__all__ = ["Installed", "install"]


class Installed:
    """Everything that watches a run; `undo` ends it and may be called twice.

    What the configuration does not ask for is not even imported.
    """

    def __init__(self, settings: Settings, recorder: Recorder) -> None:
        scope = Scope(settings.tree, [target for table in settings.tables for target in table.watched()])
        if any(table.within or table.rules for table in settings.tables):
            recorder.concerns = settings.concerns
        self._calls = calls = Calls(settings, recorder=recorder, scope=scope)
        self._undo = [calls.undo]
        self._handling = _handling(settings, recorder, scope, calls)
        self._identifiers = _identifiers(settings, recorder, scope, calls)
        self._making = _making(settings, calls)
        self._warnings = _warnings(settings, recorder, scope, calls)
        self._contexts = _contexts(settings, recorder, scope, calls)
        rooms = (calls, self._handling, self._identifiers, self._making, self._contexts)
        self._rooms = [room for room in rooms if room is not None]
        self._served = Served(settings, recorder=recorder, scope=scope, calls=calls, appear=self._appeared)
        also = (*Patches.modules, *Loads.modules, *Beyond.modules, *Origins.modules, BAGGAGE, *QUEUES)
        self._imports = Imports(settings, recorder, scope, on_loaded=self._loaded, also=also)
        self._patches = Patches(calls, self._put_back)
        self._loads = Loads(calls, self._imports.executes, self._imports.executed)
        self._noted: list[BlindSpot] = []
        self._beyond = Beyond(self._imports.is_watched, self._noted.append)
        self._files = LoadedFiles(settings, scope)
        self.origins = Origins(recorder, calls.callers)
        self._recorder = recorder
        self._sent: Sent | None = None
        self._received: Received | None = None
        self._heard: list[FunctionType] = []
        self._tell: Callable[[BlindSpot], None] | None = None
        self._scanned = True
        self._told: set[BlindSpot] = set()
        try:
            self._install()
        except BaseException:
            self.undo()
            raise

    def _install(self) -> None:
        self._undo.append(self._imports.install())
        self._undo.append(self._beyond.install())
        if self._calls.backend != "none":
            self._undo.append(self.origins.install(self._calls))
            self._patches.plant()
            self._loads.plant()
        if self._warnings is not None:
            self._undo.append(self._warnings.install())
        # What goes by a name of its own was told by the imports; another may lead to what holds a target.
        for module in list(sys.modules.values()):
            name = name_of(module)
            if name is not None and name.startswith(self._imports.starts):
                self._loaded(module)

    def _appeared(self, module: ModuleType) -> None:
        for room in self._rooms:
            room.plant(module)

    def _loaded(self, module: ModuleType) -> None:
        self._appeared(module)
        if self._calls.backend != "none":
            self._served.plant(module)
        if name_of(module) in (*Patches.modules, *Loads.modules) and self._calls.backend != "none":
            self._patches.plant()
            self._loads.plant()
        if name_of(module) in Origins.modules:
            self.origins.loaded()
        if name_of(module) in Beyond.modules:
            self._beyond.plant()
        if name_of(module) in (BAGGAGE, *QUEUES):
            self._baggage_loaded()
        self._tell_blind_spots()

    def _put_back(self, holder: object, name: str) -> None:
        self._noted += self._calls.put_back(holder, name)

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
        rooms = (
            *(self._imports, self._calls, self._handling, self._identifiers),
            *(self._contexts, self._files, self._served),
        )
        return (spot for room in rooms if room is not None for spot in list(room.blind_spots))

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
        return tuple(dict.fromkeys(pair for room in (self._imports, *self._watching) for pair in room.met))

    @property
    def gone(self) -> Sequence[tuple[str, str]]:
        """Return table and spelling of each target that is not where it would have to be, as things stand."""
        return tuple(dict.fromkeys(pair for room in self._watching for pair in room.gone))

    @property
    def _watching(self) -> list[Calls | Handling | Identifiers | Contexts]:
        rooms = (self._calls, self._handling, self._identifiers, self._contexts)
        return [room for room in rooms if room is not None]

    @property
    def backend(self) -> str:
        """Return the name of the back end that watches whatever has a code object."""
        return self._calls.backend

    def tell(self, listener: Listener) -> None:
        """Let `listener` know whenever an accessor makes its singleton."""
        if self._making is not None:
            self._making.listener = listener

    def send_baggage(self) -> None:
        """Let what a test sends carry its id from now on, wherever the program sends baggage at all."""
        self._sent = Sent(self._recorder)
        self.origins.put_baggage = self._sent.put
        self._sent.begin()

    def receive_baggage(self, received: Received) -> None:
        """Let `received` know what requests bring, from now on, wherever the program reads baggage at all."""
        self._received = received
        received.started_with = self.origins.started_with
        self._baggage_loaded()

    def _baggage_loaded(self) -> None:
        """Follow baggage, once its module is there, and what goes through queues."""
        if self._sent is not None:
            self._sent.begin()
        if self._received is None or self._calls.backend == "none":
            return
        sets = getattr(sys.modules.get(BAGGAGE), "set_baggage", None)
        queues = [getattr(sys.modules.get(name), "Queue", None) for name in QUEUES] if sets is not None else []
        self._hear(sets, self._received.arrives)
        for queue in queues:
            self._hear(getattr(queue, "_put", None), self._received.puts)
            self._hear(getattr(queue, "_get", None), self._received.takes)

    def _hear(self, function: object, call: Callable[[FrameType], None]) -> None:
        if isinstance(function, FunctionType) and function not in self._heard:
            self._heard.append(function)
            self._calls.announce(function, call)

    def hearing(self) -> Hearing:
        """Return what keeps the decisions on calls from now on."""
        from pytest_ssot_tracker.detect.plant.hearing import Hearing

        hearing = Hearing(self._recorder.sites)
        self._calls.tell(hearing.hear)
        return hearing

    def era_ended(self, last: Moment) -> None:
        """Note that a test is over, of which `last` was a moment."""
        self.origins.era_ended(last)
        if self._sent is not None:
            self._sent.era_ended()
        self._imports.appeared()
        self._files.look()
        if self._handling is not None:
            self._handling.era_ended()
        if self._identifiers is not None:
            self._identifiers.era_ended()

    def stands(self) -> bool:
        """Whether everything is as it was put; asked at the end of each test, before `heal`, which costs more."""
        try:
            return not self._noted and self._imports.stands() and self._calls.stands()
        except Exception:  # the test has something replaced that this needs
            return False

    def is_bound(self) -> bool:
        """Whether classes hold what they held; asked after the body of each test, before `rebound`."""
        try:
            return self._calls.is_bound()
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
        if self._handling is not None:
            self._handling.fixture_ended(name)

    def undo(self) -> None:
        """Leave the interpreter as it was before `install`."""
        while self._undo:
            self._undo.pop()()


def install(settings: Settings, *, recorder: Recorder) -> Installed:
    """Watch everything that `settings` declares, booking it on `recorder`."""
    return Installed(settings, recorder)


def _handling(settings: Settings, recorder: Recorder, scope: Scope, calls: Calls) -> Handling | None:
    if not any(ssot.keys or ssot.states for ssot in settings.ssots):
        return None
    from pytest_ssot_tracker.detect.states.watch import Handling

    return Handling(settings, recorder=recorder, scope=scope, watching=calls)


def _identifiers(settings: Settings, recorder: Recorder, scope: Scope, calls: Calls) -> Identifiers | None:
    if not any(ids.consumers for ids in settings.ids):
        return None
    from pytest_ssot_tracker.detect.ids.watch import Identifiers

    return Identifiers(settings, recorder=recorder, scope=scope, listening=calls)


def _contexts(settings: Settings, recorder: Recorder, scope: Scope, calls: Calls) -> Contexts | None:
    if not settings.contexts:
        return None
    from pytest_ssot_tracker.detect.context.watch import Contexts

    return Contexts(settings, recorder=recorder, scope=scope, watching=calls)


def _warnings(settings: Settings, recorder: Recorder, scope: Scope, calls: Calls) -> Warnings | None:
    if not settings.warned:
        return None
    from pytest_ssot_tracker.detect.warnings.watch import Warnings

    return Warnings(settings, recorder=recorder, scope=scope, listening=calls)


def _making(settings: Settings, calls: Calls) -> Making | None:
    if not any(ssot.canonical is not None and ssot.accessors for ssot in settings.ssots):
        return None
    from pytest_ssot_tracker.detect.canonical.making import Making

    return Making(settings, listening=calls)
