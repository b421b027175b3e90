"""Know which tests run a line at which stands what only the scan can see (3.12 and later).

That a line ran does not say that everything in it happened, so lines are asked only for sites that no detector sees:
a constant read, a factory handed on, a text made with the clock. Each code object is looked at once, when it first
starts. Those that hold such a line are watched line by line from then on. A line tells of itself once in each moment
and is switched off until the next begins: in a loop a callback for each pass costs 5,750 instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import CodeType, FrameType
from typing import TYPE_CHECKING, TypeAlias

from pytest_ssot_tracker.detect.plant.tool import EVENTS, Armed, monitoring
from pytest_ssot_tracker.detect.record.sites import scope_of
from pytest_ssot_tracker.model import Observation, Site
from pytest_ssot_tracker.records import NamedTuple

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder
    from pytest_ssot_tracker.settings import Tree

__all__ = ["Lines"]

_LATER = ("<lambda>", "<genexpr>")

Places: TypeAlias = Mapping[str, Sequence[tuple[int, bool]]]


class _Here(NamedTuple):
    """A site at one of its lines; with `later` it happens only when a lambda or a generator expression runs."""

    site: Site
    later: bool


class Lines(Armed):
    """The lines of sites that no detector sees, and in which moments they ran.

    `places` gives, by the id of each such site, the lines of which one has to run (see `ScanResult.lines`).
    `hits` are what no `drain` has taken yet.
    """

    purpose, event, ids = "lines", "LINE", (4, 3, 5)

    def __init__(self, tree: Tree, recorder: Recorder, sites: Iterable[Site], places: Places) -> None:
        super().__init__()
        self._tree = tree
        self._recorder = recorder
        self._sites: dict[str, dict[int, list[_Here]]] = {}
        for site in sites:
            for line, later in places.get(site.id, ()):
                self._sites.setdefault(site.path, {}).setdefault(line, []).append(_Here(site, later))
        self._by_filename: dict[str, Mapping[int, list[_Here]]] = {}
        self._watched: dict[int, tuple[CodeType, Mapping[int, list[Site]]]] = {}
        self.hits: dict[tuple[Moment, int, int], None] = {}
        self._late: set[tuple[Moment, int, int]] = set()
        self._off: dict[int, CodeType] = {}

    def start(self) -> Callable[[], None]:
        """Watch from now on; return the undo. Where the interpreter cannot, or has no tool id free, nothing happens."""
        if not self._sites or not self.open():
            return lambda: None
        monitoring.restart_events()  # whoever had the id before may have switched off places that are ours to see
        return self.close

    def close(self) -> None:
        """Watch no line any more; may be called twice."""
        with suppress(ValueError):
            self._recorder.on_change.remove(self._arm_again)
        super().close()
        self._tool = None

    def _arm(self, code: CodeType, _frame: FrameType) -> None:
        wanted = self._wanted(code)
        if wanted and self._tool is not None:
            self._watched[id(code)] = code, wanted
            self._tool.set_local(code, EVENTS.LINE)

    def _wanted(self, code: CodeType) -> Mapping[int, list[Site]]:
        """Return the sites in lines of `code`, without those of the functions that one of its lines holds whole."""
        written = self._written(code.co_filename)
        if not written:
            return {}
        scope, later = scope_of(code), code.co_name in _LATER
        lines = {line for _, _, line in code.co_lines() if line is not None and line in written}
        wanted = {
            line: [here.site for here in written[line] if here.later is later and not _is_below(here.site.scope, scope)]
            for line in lines
        }
        return {line: sites for line, sites in wanted.items() if sites}

    def _written(self, filename: str) -> Mapping[int, list[_Here]]:
        try:
            return self._by_filename[filename]
        except KeyError:
            path = self._tree.relative(filename)
            written = self._by_filename[filename] = self._sites.get(path or "", {})
            return written

    def _happened(self, code: CodeType, line: int) -> object:
        if line not in self._watched[id(code)][1]:
            return monitoring.DISABLE
        moment = self._recorder.here()
        key = (moment, id(code), line)
        if moment is self._recorder.current:
            self.hits[key] = None
            if not self._off:
                self._recorder.on_change.append(self._arm_again)
            self._off[key[1]] = code
            return monitoring.DISABLE
        # A leftover of another test: were the line switched off, this test would not be seen to run it.
        if key not in self._late:
            self._late.add(key)
            self.hits[key] = None
        return None

    def _arm_again(self) -> None:
        """Switch the lines on again that have told of themselves, as another moment begins.

        One code object after the other: `restart_events` would wake up what other tools have switched off.
        """
        with suppress(ValueError):
            self._recorder.on_change.remove(self._arm_again)
        while self._off and self._tool is not None:
            _, code = self._off.popitem()
            self._tool.arm(code)

    def drain(self) -> list[Observation]:
        """Return what ran since the last call: one observation for each site and moment."""
        hits, self.hits = self.hits, {}
        found = dict.fromkeys((moment, site) for moment, code, line in hits for site in self._watched[code][1][line])
        return [moment.observed(site, thread=moment.thread) for moment, site in found]


def _is_below(inner: str, outer: str) -> bool:
    return inner != outer and (outer == "<module>" or inner.startswith(f"{outer}."))
