"""Know which tests run the lines where the scan found something (3.12 and later).

Each code object is looked at once, when it first starts; only those that hold such a line are watched from then on,
line by line, and of their other lines each costs once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from types import CodeType
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.detect.sites import scope_of
from pytest_ssot_tracker.model import Observation, Site

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.recorder import Moment, Recorder
    from pytest_ssot_tracker.settings import Tree

__all__ = ["Lines"]

_sys: Any = getattr(sys, "monitoring", None)
_TOOLS = (4, 3, 5)


class Lines:
    """Count, by moment, how often the line of each of `sites` ran; `hits` are what no `drain` has taken yet."""

    def __init__(self, tree: Tree, recorder: Recorder, sites: Iterable[Site]) -> None:
        self._tree = tree
        self._recorder = recorder
        self._sites: dict[str, dict[int, list[Site]]] = {}
        for site in sites:
            self._sites.setdefault(site.path, {}).setdefault(site.line, []).append(site)
        self._by_filename: dict[str, Mapping[int, list[Site]]] = {}
        self.hits: dict[tuple[Moment, int, int], int] = {}
        self._watched: dict[int, tuple[CodeType, Mapping[int, list[Site]]]] = {}
        self._tool: int | None = None

    def start(self) -> Callable[[], None]:
        """Watch from now on; return the undo. Where the interpreter cannot, or has no tool id free, nothing happens."""
        if _sys is not None and self._sites:
            self._tool = next((tool for tool in _TOOLS if _take(tool)), None)
        if self._tool is None:
            return lambda: None
        tool, events = self._tool, _sys.events
        _sys.register_callback(tool, events.PY_START, self._started)
        _sys.register_callback(tool, events.LINE, self._ran)
        _sys.set_events(tool, events.PY_START)
        _sys.restart_events()  # whoever had the id before may have switched off places that are ours to see
        return self._stop

    def _stop(self) -> None:
        tool, self._tool = self._tool, None
        if tool is None:
            return
        _sys.set_events(tool, 0)
        for code, _ in self._watched.values():
            _sys.set_local_events(tool, code, 0)
        for event in (_sys.events.PY_START, _sys.events.LINE):
            _sys.register_callback(tool, event, None)
        _sys.free_tool_id(tool)

    def _started(self, code: CodeType, offset: int) -> object:
        try:
            wanted = self._wanted(code)
        except Exception:  # a test has replaced what this needs, or the stack is used up: ask at the next call
            return None
        tool = self._tool
        if wanted and tool is not None:
            self._watched[id(code)] = code, wanted
            _sys.set_local_events(tool, code, _sys.events.LINE)
        return _sys.DISABLE

    def _wanted(self, code: CodeType) -> Mapping[int, list[Site]]:
        """Return the sites in lines of `code`, without those of the functions that one of its lines holds whole."""
        written = self._written(code.co_filename)
        if not written:
            return written
        scope = scope_of(code)
        lines = {line for _, _, line in code.co_lines() if line is not None and line in written}
        wanted = {line: [site for site in written[line] if not _is_below(site.scope, scope)] for line in lines}
        return {line: sites for line, sites in wanted.items() if sites}

    def _written(self, filename: str) -> Mapping[int, list[Site]]:
        try:
            return self._by_filename[filename]
        except KeyError:
            path = self._tree.relative(filename)
            written = self._by_filename[filename] = self._sites.get(path or "", {})
            return written

    def _ran(self, code: CodeType, line: int) -> object:
        if line not in self._watched[id(code)][1]:
            return _sys.DISABLE
        key = (self._recorder.here(), id(code), line)
        self.hits[key] = self.hits.get(key, 0) + 1
        return None

    def drain(self) -> list[Observation]:
        """Return what ran since the last call: one observation for each site and moment."""
        hits, self.hits = self.hits, {}
        return [
            Observation(
                site=site,
                test=moment.test,
                step=moment.step,
                count=count,
                fixture=moment.fixture,
                fixture_scope=moment.fixture_scope,
                thread=moment.thread,
                bucket=moment.bucket,
                origin=moment.origin,
            )
            for (moment, code, line), count in hits.items()
            for site in self._watched[code][1][line]
        ]


def _is_below(inner: str, outer: str) -> bool:
    return inner != outer and (outer == "<module>" or inner.startswith(f"{outer}."))


def _take(tool: int) -> bool:
    if _sys.get_tool(tool) is not None:
        return False
    try:
        _sys.use_tool_id(tool, "pytest-ssot-tracker lines")
    except ValueError:
        return False
    return True
