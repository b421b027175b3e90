"""Change every kind of state, ask for the fixture under every `reset`: it is fresh, or named as a blind spot."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.isolate.isolation import Isolation
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Settings, Ssot, Tree

from .rows import FRESH, NAMED, ROWS, TOOLS, Row, source

RESETS: dict[str, Any] = {
    "state": "state",
    "instance": "instance",
    "function": Target.parse("shop.tracker:reset"),
    "nothing": Target.parse("shop.tracker:nothing"),
}

OPENING = ("open(", "Popen(", "socketpair(", "database(")


class Case:
    """One row under one `reset`: the isolation, and how to show and change the row's state."""

    def __init__(self, row: Row, isolation: Isolation, ssot: Ssot, module: Any) -> None:
        self.row = row
        self.isolation = isolation
        self.get = module.get_tracker
        self._ssot = ssot
        self._names: dict[str, Any] = {**vars(module), "m": module}
        exec(compile(TOOLS, __file__, "exec"), self._names)  # code of the project, as its tests are

    def show(self) -> str:
        """Return what is seen of the state now."""
        self._names["t"] = self.get()
        return repr(eval(self.row.shown, self._names))

    def change(self) -> None:
        """Do to it what an earlier test did."""
        self._names["t"] = self.get()
        exec(self.row.change, self._names)

    def is_handed(self, fresh: str) -> bool:
        """Whether a test that asks for the fixture and changes the state is handed what is `fresh`."""
        self.isolation.enter(self._ssot)
        is_fresh = self.show() == fresh
        self.change()
        self.isolation.leave(self._ssot)
        return is_fresh

    def close(self) -> None:
        """Let go of everything, once the threads that the row started are gone: the next one must not meet them."""
        self._names["RELEASE"].set()
        for thread in self._names["WAITING"]:
            thread.go.set()
        for thread in [*self._names["WAITING"], *self._names["HOLDING"]]:
            thread.join(20)
        vars(self).clear()


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    row, reset = request.param
    if not row.can_run:
        pytest.skip("needs another Python, or a library that is not here")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "tracker.py").write_text(source(row))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    ssot = Ssot(
        name="execution",
        canonical=Target.parse("shop.tracker:Tracker"),
        accessors=(Target.parse("shop.tracker:get_tracker"),),
        reset=RESETS[reset],
    )
    settings = Settings(root=tmp_path, file=None, tree=Tree.of(tmp_path), ssots=(ssot,))
    opened = Case(row, Isolation(settings), ssot, importlib.import_module("shop.tracker"))
    yield opened
    opened.close()
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        del sys.modules[name]
    if any(call in row.made for call in OPENING):
        # What is open in a cycle warns when it is collected: that must be here, where the warning is expected
        gc.collect()


CASES = [
    pytest.param((row, reset), id=f"{row.name}-{reset}") for row in ROWS for reset in ("state", "instance", "function")
]


@pytest.mark.parametrize("seen", [True, False], ids=["seen made", "not seen made"])
@pytest.mark.parametrize("case", CASES, indirect=True)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_is_handed_out_is_fresh_or_named(case: Case, request: pytest.FixtureRequest, *, seen: bool) -> None:
    _, reset = request.node.callspec.params["case"]
    case.isolation.ready()
    tracker = case.get()
    if seen:
        case.isolation.created(tracker)
    fresh = case.show()
    case.change()
    dirty = case.show()
    assert dirty != fresh, "the row changes nothing that it shows"
    first = case.is_handed(fresh)
    back = case.show() in (fresh if case.row.freed else dirty, dirty) or reset == "function"
    second = case.is_handed(fresh)
    spots = [spot.target for spot in case.isolation.blind_spots]
    expected = getattr(case.row, reset)
    if expected == FRESH:
        assert (first, back, second, spots) == (True, True, True, [])
    elif expected == NAMED:
        assert spots != []
    else:
        assert (first and back and second) or spots != []


@pytest.mark.parametrize("case", [pytest.param((row, "nothing"), id=row.name) for row in ROWS], indirect=True)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_function_that_leaves_something_stale_is_found_out(case: Case) -> None:
    case.isolation.ready()
    case.isolation.created(case.get())
    fresh = case.show()
    case.change()
    handed = [case.is_handed(fresh) for _ in range(2)]
    assert all(handed) or case.isolation.blind_spots
