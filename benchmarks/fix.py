"""Measure what `ssot-tracker fix` takes for a file, beside the least that any tool needs to read it.

    python benchmarks/fix.py [TREE --config FILE] [--files 300] [--rounds 3]

Without a tree one is generated: every file uses a deprecated accessor, its class and a forbidden source of
identifiers, so that all change. Each round runs, one after the other and each in a process of its own: `scan` with an
answer that is known from before, `fix` with the same, and readers of the files that `fix` changes: `ast.parse` with
`symtable`, and, where it is installed, LibCST with its positions, scopes and parents. Times are CPU seconds, system
time included, of the best round; what stands for a file is the time without that of a process that reads none.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import processes

CONFIG = """
phase = "baseline"
source = ["app"]
[ssot.old]
canonical = "app.core:Tracker"
accessors = ["app.core:get_tracker"]
deprecated = ["app.old"]
[ssot.old.replace]
"app.old:get_log" = "app.core:get_tracker"
"app.old:Log" = "app.core:Tracker"
[ids.run]
generators = ["app.core:Tracker.issue"]
forbidden = ["uuid:uuid4"]
fix = "app.core:Tracker.issue({prefix})"
"""
CORE = '''
class Tracker:
    def note(self, text):
        """Note a text."""

    @staticmethod
    def issue(prefix):
        return prefix


def get_tracker() -> Tracker:
    return Tracker()
'''
OLD = CORE.replace("Tracker", "Log").replace("get_tracker", "get_log")
USE = '''

def step_{n}(order, lines, *, urgent=False):
    """Take step {n} of an order."""
    log = get_log()
    for number, line in enumerate(lines):
        if line.startswith("#") or not line.strip():
            continue
        order.queue.put(f"{{number}}: {{line}}", priority=1 if urgent else {n})
    log.note("step {n}")
    return f"run_{{uuid4().hex}}"
'''
AST = """
import ast, symtable, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
for path in sys.argv[1:]:
    text = Path(path).read_text(encoding="utf-8")
    ast.parse(text)
    symtable.symtable(text, path, "exec")
"""
LIBCST = """
import sys
from pathlib import Path
import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider, ScopeProvider
for path in sys.argv[1:]:
    wrapper = MetadataWrapper(cst.parse_module(Path(path).read_bytes()))
    wrapper.resolve_many([PositionProvider, ScopeProvider, ParentNodeProvider])
"""


def generate(root: Path, files: int) -> Path:
    """Write a tree of `files` modules of ten functions, each with five sites in all of them; return its settings."""
    (root / "app").mkdir()
    (root / "app" / "__init__.py").touch()
    (root / "app" / "core.py").write_text(CORE)
    (root / "app" / "old.py").write_text(OLD)
    for number in range(files):
        uses = "".join(USE.format(n=n) for n in range(10))
        (root / "app" / f"part_{number}.py").write_text(
            f"from uuid import uuid4\n\nfrom app.old import get_log\n{uses}"
        )
    config = root / "ssot.toml"
    config.write_text(CONFIG)
    time.sleep(2.5)  # so old must files be for the scan's answer to be kept
    return config


class Contest:
    """The contestants on one tree."""

    def __init__(self, root: Path, config: Path) -> None:
        self._root = root
        self._command = [sys.executable, "-m", "pytest_ssot_tracker"]
        self._config = ["--config", str(config)]

    def ours(self, command: str, *arguments: str) -> processes.Ended:
        """Run one of our commands."""
        words = [*self._command, command, *self._config, *arguments]
        return processes.run(command, words, cwd=self._root, env=os.environ, fine=(0, 1))

    def reader(self, name: str, program: str, paths: list[str]) -> float:
        """Return the seconds that a program takes which reads the files at `paths`."""
        return processes.run(name, [sys.executable, "-c", program, *paths], cwd=self._root, env=os.environ).seconds


def main() -> None:
    """Run the contestants in turn and print what each takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="?", type=Path)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        root = asked.tree.resolve() if asked.tree else Path(made)
        contest = Contest(root, asked.config.resolve() if asked.tree else generate(root, asked.files))
        contest.ours("scan")
        answer, _ = json.JSONDecoder().raw_decode(contest.ours("fix", "--format", "json").output)
        paths = sorted(change["path"] for change in answer["changes"])
        readers = {"ast.parse and symtable": AST, **({"LibCST, metadata": LIBCST} if find_spec("libcst") else {})}
        best: dict[str, float] = {}
        for _ in range(asked.rounds):
            for name in ("scan", "fix"):
                best[name] = min(best.get(name, 1e9), contest.ours(name).seconds)
            for name, program in readers.items():
                spent = contest.reader(name, program, paths) - contest.reader(name, program, [])
                best[name] = min(best.get(name, 1e9), spent)
        best["fix beyond scan"] = best["fix"] - best["scan"]
        print(f"{len(paths)} files change")
        for name, spent in best.items():
            ratio = spent / best["ast.parse and symtable"]
            print(f"{name:24} {spent:7.2f} s  {1000 * spent / len(paths):7.2f} ms a file  ratio {ratio:6.2f}")


if __name__ == "__main__":
    main()
