"""Make small projects with a singleton in them, and the isolation that lends it."""

from __future__ import annotations

import contextlib
import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pytest_ssot_tracker.isolate.isolation import Isolation
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Settings, Ssot, Tree


def target(spelling: str) -> Target:
    return Target.parse(spelling)


class Lending(Isolation):
    """Lend singletons for `with` blocks."""

    @contextlib.contextmanager
    def fresh(self, ssot: Ssot) -> Iterator[Any]:
        """Lend the singleton of `ssot`."""
        singleton = self.enter(ssot)
        try:
            yield singleton
        finally:
            self.leave(ssot)


@dataclass
class Project:
    """Be one project on disk: package `shop`, singleton `shop.tracker:Tracker`, accessor `get_tracker`."""

    root: Path
    quiet_depth: list[int] = field(default_factory=lambda: [0])
    seen_quiet: list[bool] = field(default_factory=list)

    def write(self, source: str, name: str = "tracker") -> None:
        path = self.root / "shop" / f"{name}.py"
        path.write_text(textwrap.dedent(source))

    def load(self, name: str = "tracker") -> Any:
        return importlib.import_module(f"shop.{name}")

    def ssot(self, **changes: Any) -> Ssot:
        given = {
            "name": "execution",
            "canonical": target("shop.tracker:Tracker"),
            "accessors": (target("shop.tracker:get_tracker"),),
            **changes,
        }
        return Ssot(**given)

    def isolation(self, *ssots: Ssot) -> Isolation:
        tree = Tree.of(self.root)
        return Lending(Settings(root=self.root, file=None, tree=tree, ssots=ssots), quiet=self.quiet)

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        self.quiet_depth[0] += 1
        try:
            yield
        finally:
            self.quiet_depth[0] -= 1


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield Project(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]


@pytest.fixture
def make(project: Project) -> Callable[..., tuple[ModuleType, Isolation, Ssot]]:
    """Return a function from source and table entries to the module, the isolation and the table."""

    def made(source: str, **changes: Any) -> tuple[ModuleType, Isolation, Ssot]:
        project.write(source)
        ssot = project.ssot(**changes)
        return project.load(), project.isolation(ssot), ssot

    return made
