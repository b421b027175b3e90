"""Answer what the file of a caller is to the project, once per file."""

from __future__ import annotations

from collections.abc import Iterable
from types import FrameType

from pytest_ssot_tracker.detect.record.aliases import Aliases
from pytest_ssot_tracker.detect.record.sites import Sites
from pytest_ssot_tracker.model import Exempt, Target
from pytest_ssot_tracker.settings import Place, Table

__all__ = ["Scope"]

_OURS = __name__.partition(".")[0] + "."


class Scope:
    """Remember for each `co_filename` what it is: ours and where, or none of ours.

    Keyed on the name, whose hash Python caches; hashing a code object costs more than the question. Loaded modules
    whose names start with one of `passes` are none of the project.
    """

    def __init__(self, sites: Sites, targets: Iterable[Target] = ()) -> None:
        self.tree = sites.tree
        self.aliases = Aliases(self.tree, targets)
        # We are a hundred modules, and nobody's under watch but our own.
        self.passes = () if self.tree.is_own(__file__) else (_OURS,)
        self._sites = sites
        self._places: dict[str, Place | None] = {}
        self._excluded: set[str] = set()

    def place(self, filename: str) -> Place | None:
        """Return where `filename` is in the project; `None` when it is not ours or excluded."""
        try:
            return self._places[filename]
        except KeyError:
            place = self.tree.place(filename)
            if place is not None and place.excluded:
                place = None
                self._excluded.add(filename)
            self._places[filename] = place
            return place

    def is_excluded(self, filename: str) -> bool:
        """Whether `filename` is one of the project's own that is never reported; answered after `place`."""
        return filename in self._excluded

    def place_of(self, frame: FrameType) -> Place | None:
        """Return where the code in `frame` is in the project; the text of a doctest is where it is written."""
        filename = frame.f_code.co_filename
        if filename.startswith("<doctest "):
            return self._doctest(frame)
        return self.place(filename)

    def _doctest(self, frame: FrameType) -> Place | None:
        runner = frame.f_back
        while runner is not None and runner.f_code.co_name != "__run":
            runner = runner.f_back
        if runner is None:
            return None
        test, example = runner.f_locals.get("test"), runner.f_locals.get("example")
        if test is None or example is None or not test.filename:
            return None
        place = self.place(test.filename)
        if place is not None:
            line = (test.lineno or 0) + example.lineno
            self._sites.quote(frame.f_code, test.filename, example.source, line=line, scope=test.name)
        return place

    def exempt(self, table: Table, place: Place | None) -> Exempt | None:
        """Return `ALLOW_IN` when `table` lets the code at `place` use what it deprecates or forbids."""
        return Exempt.ALLOW_IN if place is not None and table.allow_in and table.allows(place.module) else None
