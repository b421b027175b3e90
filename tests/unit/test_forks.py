"""Whoever asks is told of forks while he is there, and what tells him keeps nothing of ours when the program ends."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from pytest_ssot_tracker import forks
from pytest_ssot_tracker.forks import hear_of_forks

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")


class Listener:
    """Somebody who writes down, where his parent can read it, what he is told."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def before(self) -> None:
        with self._file.open("a") as stream:
            stream.write("before\n")

    def in_child(self) -> None:
        with self._file.open("a") as stream:
            stream.write(f"in the child of {os.getppid()}\n")


def fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_who_is_gone_is_told_of_no_fork(tmp_path: Path) -> None:
    told = tmp_path / "told.txt"
    listener = Listener(told)
    hear_of_forks(listener, before="before", in_child="in_child")
    fork()
    assert told.read_text() == f"before\nin the child of {os.getpid()}\n"
    del listener
    gc.collect()
    fork()
    assert told.read_text() == f"before\nin the child of {os.getpid()}\n"


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_listener_that_raises_keeps_nobody_from_forking() -> None:
    class Broken:
        def fails(self) -> None:
            raise ValueError("broken")

    broken = Broken()
    hear_of_forks(broken, before="fails", in_child="fails")
    fork()


def test_what_hears_of_forks_leads_to_nothing_else_of_ours() -> None:
    homes = {getattr(value, "__module__", None) or getattr(value, "__name__", None) for value in vars(forks).values()}
    assert {home for home in homes if str(home).startswith("pytest_ssot_tracker")} == {forks.__name__}
