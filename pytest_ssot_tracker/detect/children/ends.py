"""Notice that a process which the program has started was killed, or outlives it: what it does then nobody knows."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

from pytest_ssot_tracker.detect.children.spool import lives

__all__ = ["ProcessEnds", "killed_by", "still_running"]

_USUAL = frozenset({"SIGTERM", "SIGINT", "SIGHUP"})
"""The signals by which programs end what they have started in the usual course of things."""

_WAITS = ("wait", "wait3", "wait4", "waitpid")


def killed_by(status: int) -> str | None:
    """Return the name of the signal that killed a process, by its wait status; `None` where it ended otherwise."""
    if not os.WIFSIGNALED(status):
        return None
    number = os.WTERMSIG(status)
    name = signal.Signals(number).name if number in {member.value for member in signal.Signals} else str(number)
    return None if name in _USUAL else name


def still_running(folder: str) -> list[int]:
    """Return the Python processes that run with this folder of spools, whoever their parent is by now.

    A daemon has forked itself away from its parent, and closed every file that it might have had in common with us. It
    keeps the environment it began with, which Linux shows; elsewhere only those are known that have written a spool.
    """
    told = {int(file.name.partition("-")[0]) for file in Path(folder).glob("*.jsonl")}
    if not sys.platform.startswith("linux"):
        return sorted(pid for pid in told if lives(pid))
    entry = b"SSOT_TRACKER_SPOOL=" + os.fsencode(folder)
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ends at this moment, or is another user's
            if entry in (process / "environ").read_bytes().split(b"\0"):
                pid = int(process.name)
                if pid in told or os.path.basename(os.readlink(process / "exe")).startswith(("python", "pypy")):
                    found.append(pid)
    return sorted(found)


class ProcessEnds:
    """What asks the operating system how processes ended, overheard: `told` gets a line for each that was killed.

    Whoever waits for a process calls one of four functions of `os`, which take the answer away from everybody else.
    """

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told

    def install(self) -> None:
        """Overhear from now on, to the end of this process."""
        for name in _WAITS:
            real = getattr(os, name, None)
            if real is not None:
                setattr(os, name, self._overheard(real))
        # Loaded already, `subprocess` keeps a `waitpid` of its own, for the end of the interpreter.
        kept = getattr(sys.modules.get("subprocess"), "_del_safe", None)
        if kept is not None and getattr(kept, "waitpid", None) is not None:
            kept.waitpid = self._overheard(kept.waitpid)

    def _overheard(self, real: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
        @wraps(real)
        def wait(*args: Any, **more: Any) -> tuple[Any, ...]:
            found = real(*args, **more)
            with suppress(Exception):  # whoever waits must get its answer
                signal_name = killed_by(found[1]) if found[0] else None
                if signal_name is not None:
                    self._told(f"process {found[0]} was killed by {signal_name}")
            return found

        return wait
