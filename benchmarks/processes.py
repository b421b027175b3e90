"""Run a command and say what it took."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ended", "run"]


@dataclass(frozen=True)
class Ended:
    """What a process took: seconds of CPU, system time and what it starts included, and megabytes at most."""

    seconds: float
    megabytes: float
    output: str


def run(name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], fine: Container[int] = (0,)) -> Ended:
    """Run `command`; raise `SystemExit` with what it printed where `name` ends with no status that is `fine`."""
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in fine:
        raise SystemExit(f"{name} ended with {process.returncode}:\n{output}")
    return Ended(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)
