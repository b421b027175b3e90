"""Put every sentinel and hook in place, and take them all out again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

from pytest_ssot_tracker.detect.calls import Calls
from pytest_ssot_tracker.detect.handling import Handling
from pytest_ssot_tracker.detect.identifiers import Identifiers
from pytest_ssot_tracker.detect.imports import Imports
from pytest_ssot_tracker.detect.making import Making
from pytest_ssot_tracker.detect.origin import Origins
from pytest_ssot_tracker.detect.recorder import Moment, Recorder
from pytest_ssot_tracker.detect.scope import Scope
from pytest_ssot_tracker.model import BlindSpot, Guard
from pytest_ssot_tracker.settings import Settings

__all__ = ["Installed", "install"]


class Installed:
    """Be everything that watches a run; `undo` ends it and may be called twice."""

    def __init__(
        self,
        calls: Calls,
        imports: Imports,
        origins: Origins,
        handling: Handling,
        identifiers: Identifiers,
        making: Making,
    ) -> None:
        self.origins = origins
        self.handling = handling
        self.making = making
        self._identifiers = identifiers
        self._calls = calls
        self._imports = imports
        self._undo = [calls.undo, imports.install()]
        if calls.backend != "none":
            self._undo.append(origins.install(calls))
        calls.plant_loaded()
        for module in list(sys.modules.values()):
            if isinstance(module, ModuleType):
                handling.plant(module)
                identifiers.plant(module)
                making.plant(module)

    @property
    def guards(self) -> Sequence[Guard]:
        """Return which back end watches what, so far."""
        return tuple(self._calls.guards)

    @property
    def blind_spots(self) -> Sequence[BlindSpot]:
        """Return what could not be watched, so far."""
        self._imports.sweep()
        rooms = (self._imports, self._calls, self.handling, self._identifiers)
        return tuple(dict.fromkeys(spot for room in rooms for spot in room.blind_spots))

    @property
    def retired(self) -> Sequence[tuple[str, str]]:
        """Return table and spelling of each deprecated target that is gone."""
        return tuple(dict.fromkeys(self._calls.retired))

    @property
    def unresolved(self) -> Sequence[tuple[str, str]]:
        """Return table and spelling of each other target that names nothing."""
        rooms = (self._calls, self.handling, self._identifiers)
        return tuple(dict.fromkeys(one for room in rooms for one in room.unresolved))

    @property
    def backend(self) -> str:
        """Return the name of the back end that watches whatever has a code object."""
        return self._calls.backend

    def era_ended(self, last: Moment) -> None:
        """Note that a test is over, of which `last` was a moment."""
        self.origins.era_ended(last)
        self.handling.era_ended()
        self._identifiers.era_ended()

    def undo(self) -> None:
        """Leave the interpreter as it was before `install`."""
        while self._undo:
            self._undo.pop()()


def install(settings: Settings, *, recorder: Recorder) -> Installed:
    """Watch everything that `settings` declares, booking it on `recorder`."""
    scope = Scope(settings.tree)
    calls = Calls(settings, recorder=recorder, scope=scope)
    handling = Handling(settings, recorder=recorder, scope=scope, watching=calls)
    identifiers = Identifiers(settings, recorder=recorder, scope=scope, listening=calls)
    making = Making(settings, listening=calls)

    def loaded(module: ModuleType) -> None:
        calls.plant(module)
        handling.plant(module)
        identifiers.plant(module)
        making.plant(module)

    imports = Imports(settings, recorder, scope, on_loaded=loaded)
    try:
        return Installed(calls, imports, Origins(recorder), handling, identifiers, making)
    except BaseException:
        calls.undo()
        raise
