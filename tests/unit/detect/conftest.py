"""Give the tests of calls a project in a folder, watched while its code runs."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from pytest_ssot_tracker.detect.calls.watch import Calls
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.model import Observation, Target
from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Tree

BACK_ENDS = ["in-place"] if sys.version_info < (3, 12) else ["monitoring", "in-place"]


@dataclass
class Project:
    """A folder on `sys.path`; `back_end` is the one that is to be used.

    `forget` lets a module of somebody else's be imported anew while the test runs: `examples` has a `run` as well.
    """

    root: Path
    back_end: str
    forget: Callable[[str], None]

    def write(self, **files: str) -> None:
        for name, text in files.items():
            module = name.replace("__", ".").removesuffix(".init")
            if str(self.root) not in str(getattr(sys.modules.get(module), "__file__", "")):
                self.forget(module)
            path = self.root / (name.replace("__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))

    def load(self, name: str, calls: Calls | None = None) -> ModuleType:
        before = set(sys.modules)
        module = importlib.import_module(name)
        if calls is not None:
            for new in [one for one in list(sys.modules) if one not in before]:
                calls.plant(sys.modules[new])
        return module

    def settings(self, *, source=(".",), exclude=(), ssot=None, ids=None) -> Settings:
        tree = Tree.of(self.root, source=tuple(source), exclude=tuple(exclude))
        return Settings(
            root=self.root,
            file=None,
            tree=tree,
            ssots=() if ssot is None else (Ssot(name="execution", **_targets(ssot)),),
            ids=() if ids is None else (Ids(name="execution", **_targets(ids)),),
        )

    @contextmanager
    def watched(self, settings: Settings) -> Iterator[Seen]:
        recorder = Recorder(settings.tree)
        with self._only(self.back_end):
            calls = Calls(settings, recorder=recorder, scope=Scope(recorder.sites))
        try:
            for module in list(sys.modules.values()):
                calls.plant(module)
            yield Seen(recorder, calls)
        finally:
            calls.undo()

    @contextmanager
    def _only(self, back_end: str) -> Iterator[None]:
        """Have every tool id taken by somebody else when the in-place back end is wanted."""
        taken = []
        if back_end == "in-place" and sys.version_info >= (3, 12):
            for tool in range(6):
                if sys.monitoring.get_tool(tool) is None:
                    sys.monitoring.use_tool_id(tool, "somebody else")
                    taken.append(tool)
        try:
            yield
        finally:
            for tool in taken:
                sys.monitoring.free_tool_id(tool)


@dataclass
class Seen:
    recorder: Recorder
    calls: Calls

    def observations(self) -> list[Observation]:
        return self.recorder.drain(self.recorder.current)

    def sites(self) -> list[str]:
        """Return `rule target path:line scope | text` for each site, with `× n` and the exemption where it has one."""
        found = []
        for one in self.observations():
            site = one.site
            times = f" × {one.count}" if one.count > 1 else ""
            exempt = f" ({one.exempt})" if one.exempt else ""
            found.append(f"{site.rule} {site.target} {site.where} {site.scope} | {site.text}{times}{exempt}")
        return sorted(found)

    def lines(self) -> list[tuple[str, int, int]]:
        return sorted((one.site.path, one.site.line, one.count) for one in self.observations())

    def spots(self) -> dict[str, str]:
        return {one.target: one.why for one in self.calls.blind_spots}


def _targets(table: dict[str, object]) -> dict[str, object]:
    found = dict(table)
    for key in ("deprecated", "accessors", "competing", "allow_in", "generators", "forbidden"):
        if key in found:
            found[key] = tuple(map(Target.parse, found[key]))
    if "canonical" in found:
        found["canonical"] = Target.parse(found["canonical"])
    return found


@pytest.fixture(params=BACK_ENDS)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Project]:
    """Give an empty project, once for each back end; its modules are forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield Project(tmp_path, request.param, partial(monkeypatch.delitem, sys.modules, raising=False))
    for name in set(sys.modules) - before:
        names = object.__getattribute__(sys.modules[name], "__dict__")  # does not wake a lazy module
        if str(tmp_path) in f"{names.get('__file__')} {names.get('__path__')} {names.get('__spec__')}":
            del sys.modules[name]
