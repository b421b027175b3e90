"""Lay cases out as one project, run pytest on it in a process of its own, and read what it wrote."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .case import Case, toml

__all__ = ["Outcome", "Plan", "clean_environment", "run", "run_once"]

PATIENCE = 300
"""Seconds that a run may take."""

_KEPT = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "VIRTUAL_ENV")


def clean_environment(root: Path) -> dict[str, str]:
    """Return an environment without anything that steers pytest, coverage or Python, but for the paths of `root`."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    path = os.pathsep.join((str(root), str(root / "site-packages")))
    return {**kept, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONHASHSEED": "0"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Say which cases share one run: those with the same arguments and way of running, plugins before ours or not."""

    args: tuple[str, ...] = ()
    early: bool = False
    alone: str = ""
    spread: bool = False

    @property
    def name(self) -> str:
        """Return what tells this plan from all others, as the name of a folder."""
        parts = ("cases", self.alone, *self.args, "early" * self.early, "n2" * self.spread)
        return re.sub(r"[^\w.=-]+", "_", " ".join(filter(None, parts)))

    @classmethod
    def of(cls, case: Case, *, spread: bool) -> Plan:
        """Return the plan that `case` belongs to; with `spread` its run has two workers."""
        return cls(case.args, bool(case.early), case.slug if case.alone else "", spread)

    def command(self, cases: Sequence[Case], report: Path) -> list[str]:
        """Return the command line; its working directory is the project."""
        early = [part for case in cases for plugin in case.early for part in ("-p", case.named(plugin))]
        workers = ["-p", "xdist", "-n", "2"] if self.spread else []
        ours = ["-p", "ssot_tracker", "--no-ssot-scan", f"--ssot-report=json:{report}"]
        quiet = ["-p", "no:cacheprovider", "-rA", "--color=no"]
        return [sys.executable, "-m", "pytest", *early, *ours, *quiet, *workers, *self.args]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Be what one run left behind; `result` is `None` when it wrote no result file."""

    exit: int
    output: str
    result: Mapping[str, Any] | None
    cases: tuple[Case, ...] = field(repr=False, default=())

    def blame(self, case: Case) -> str:
        """Return the lines of the output that speak of `case`, for a failed comparison."""
        lines = self.output.splitlines()
        mine = [line for line in lines if case.slug in line]
        return "\n".join(mine[-30:] if len(self.cases) > 1 else lines[-80:])


def tables_of(cases: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """Return the configuration of all `cases`; lists of a table that several of them share are joined."""
    tables: dict[str, dict[str, Any]] = {
        "": {
            "phase": "enforce",
            "source": [folder for case in cases for folder in _folders(case)],
        }
    }
    for case in cases:
        for name, keys in case.config.items():
            table = tables.setdefault(case.named(name), {})
            for key, value in json.loads(case.named(json.dumps(keys))).items():
                have = table.get(key)
                table[key] = list(dict.fromkeys([*have, *value])) if isinstance(have, list) else value
    return tables


def _folders(case: Case) -> list[str]:
    """Return the source folders of `case`, without those that it does not have: one that is not there is refused."""
    folders = [f"{case.slug}/{one}".removesuffix("/.") for one in case.source]
    return [folder for folder in folders if any(f"{path}/".startswith(f"{folder}/") for path in case.sources())]


def run(plan: Plan, cases: Sequence[Case], root: Path) -> Outcome:
    """Write `cases` as one project below `root`, run it, and return what came out."""
    root.mkdir(parents=True, exist_ok=True)
    for case in cases:
        case.write(root)
    text = toml(tables_of(cases))
    (root / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n\n{text}", encoding="utf-8")
    report = root.parent / f"{root.name}.json"
    done = subprocess.run(
        plan.command(cases, report),
        cwd=root,
        env=clean_environment(root),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE,
    )
    result = json.loads(report.read_text(encoding="utf-8")) if report.exists() else None
    output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    return Outcome(done.returncode, output, result, tuple(cases))


def run_once(plan: Plan, cases: Sequence[Case], folder: Path) -> Outcome:
    """Return what came out of the one run of `cases` that workers with `folder` in common make: the first who asks."""
    mine = folder / plan.name
    file = mine / "outcome.json"
    while not _made(mine):
        if file.exists():
            return Outcome(**json.loads(file.read_text(encoding="utf-8")), cases=tuple(cases))
        if time.time() > mine.stat().st_mtime + PATIENCE + 30:
            return run(plan, cases, folder / f"{plan.name}-{os.getpid()}" / "project")  # whoever made it is gone
        time.sleep(0.1)
    try:
        outcome = run(plan, cases, mine / "project")
    except Exception:
        outcome = Outcome(-1, traceback.format_exc(), None, tuple(cases))
    told = {"exit": outcome.exit, "output": outcome.output, "result": outcome.result}
    half = file.with_suffix(".half")
    half.write_text(json.dumps(told), encoding="utf-8")
    half.replace(file)
    return outcome


def _made(folder: Path) -> bool:
    """Make a folder, and tell whether it was not there."""
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True
