"""Measure `ssot-tracker scan` as users run it beside ruff and `ast.parse`, and print ratios of CPU time.

    python benchmarks/scan/command.py [ROW...] [--files 1000] [--rounds 3] [--tree FOLDER --config FILE --ban NAME...]

Rows: `ruff` (cold and warm, with the same names banned by TID251, one thread each), `targets` (1,000 of them against
one, in one table and in a table each), `parse` (cold against parsing the tree), `growth` (trees of one, two and four
times the files and sites). The tree is generated, or `--tree`; `targets` and `growth` always generate theirs. Every
contestant is a process of its own, in turns; user and system time of the best round count.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from compare import BANNED, CONFIG, generate

PARSE = """
import ast, pathlib, warnings
warnings.simplefilter("ignore")
for path in pathlib.Path(".").rglob("*.py"):
    try:
        ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        pass
"""
Contestant = tuple[list[str], bool]
"""A command, and whether it starts without what it kept from the run before."""


def seconds(command: list[str], tree: Path, *, cold: bool) -> float:
    """Return the CPU time of a command run in `tree`."""
    if cold:
        shutil.rmtree(tree / ".ssot_cache", ignore_errors=True)
    environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
    child = subprocess.Popen(command, cwd=tree, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    told = child.stderr.read() if child.stderr else b""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"{command}: exit {child.returncode}\n{told.decode()}")
    return usage.ru_utime + usage.ru_stime


def best(contestants: dict[str, Contestant], tree: Path, rounds: int) -> dict[str, float]:
    """Return the least CPU time of each contestant; they take turns."""
    found: dict[str, float] = {}
    for _ in range(rounds):
        for name, (command, cold) in contestants.items():
            found[name] = min(found.get(name, 1e9), seconds(command, tree, cold=cold))
    return found


def scan(tree: Path, config: Path) -> list[str]:
    """Return the command that scans `tree` in one process."""
    return [sys.executable, "-m", "pytest_ssot_tracker", "scan", f"--root={tree}", f"--config={config}", "--jobs=1"]


def show(name: str, ours: float, theirs: float, than: str) -> None:
    """Print one row."""
    print(f"{name:34} {ours:7.2f} s  {ours / theirs:6.2f} of {than} ({theirs:.2f} s)", flush=True)


def ruff(tree: Path, config: Path, work: Path, banned: Iterable[str], rounds: int) -> None:
    """Compare with ruff, cold and warm."""
    bans = "".join(f'"{name}".msg = "x"\n' for name in banned)
    (work / "ruff.toml").write_text(f'[lint]\nselect = ["TID251"]\n[lint.flake8-tidy-imports.banned-api]\n{bans}')
    check = [str(Path(sys.executable).parent / "ruff"), "check", "--quiet", "--config", str(work / "ruff.toml")]
    cached = [*check, "--cache-dir", str(work / "cache"), "."]
    contestants = {
        "ruff": ([*check, "--no-cache", "."], False),
        "scan": (scan(tree, config), True),
        "ruff, warm": (cached, False),
        "scan, warm": (scan(tree, config), False),
    }
    seconds(cached, tree, cold=False)
    found = best(contestants, tree, rounds)
    show("cold", found["scan"], found["ruff"], "ruff")
    show("warm", found["scan, warm"], found["ruff, warm"], "ruff")


def parse(tree: Path, config: Path, rounds: int) -> None:
    """Compare a cold scan with parsing every file."""
    contestants = {"parse": ([sys.executable, "-c", PARSE], False), "scan": (scan(tree, config), True)}
    found = best(contestants, tree, rounds)
    show("cold", found["scan"], found["parse"], "ast.parse")
    show("warm", min(seconds(scan(tree, config), tree, cold=False) for _ in range(rounds)), found["parse"], "ast.parse")


def targets(work: Path, files: int, rounds: int) -> None:
    """Compare 1,000 targets, of which one file in six uses one, with a single one."""
    tree = work / "targets"
    generate(tree, files)
    old = tree / "pkg/old"
    old.mkdir()
    (old / "__init__.py").touch()
    for module in range(100):
        classes = [f"class Old{module * 10 + number}:\n    pass\n" for number in range(10)]
        (old / f"o{module}.py").write_text("\n\n".join(classes))
    chance = random.Random(220)
    for path in sorted(tree.glob("pkg/part*/m*.py")):
        number = chance.randrange(6000)
        if number < 1000:
            path.write_text(f"from pkg.old.o{number // 10} import Old{number}\n{path.read_text()}\nOld{number}()\n")
    names = [f"pkg.old.o{number // 10}:Old{number}" for number in range(1000)]
    tables = {
        "one": f"[ssot.old]\ndeprecated = {names[:1]}\n",
        "in one table": f"[ssot.old]\ndeprecated = {names}\n",
        "in a table each": "".join(f'[ssot.t{n}]\ndeprecated = ["{name}"]\n' for n, name in enumerate(names)),
    }
    contestants = {}
    for name, text in tables.items():
        config = work / f"{name.replace(' ', '-')}.toml"
        config.write_text(f'phase = "baseline"\n{text}')
        contestants[name] = (scan(tree, config), True)
    found = best(contestants, tree, rounds)
    for name in ("in one table", "in a table each"):
        show(f"1,000 targets {name}", found[name], found["one"], "one target")


def growth(work: Path, config: Path, files: int, rounds: int) -> None:
    """Compare trees of one, two and four times the files, with as many times the sites."""
    first = 0.0
    for times in (1, 2, 4):
        tree = work / f"growth{times}"
        generate(tree, files * times // 4)
        time.sleep(2.5)
        found = best({"cold": (scan(tree, config), True), "warm": (scan(tree, config), False)}, tree, rounds)
        first = first or found["cold"]
        show(f"{files * times // 4} files, cold", found["cold"], first, f"{files // 4} files")
        print(f"{'':34} {found['warm']:7.2f} s, warm")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="ruff, targets, parse, growth (default: all)")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tree", type=Path)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--ban", nargs="*", default=list(BANNED))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        work = Path(made).resolve()
        tree, config = work / "tree", work / "ssot.toml"
        config.write_text(f'phase = "baseline"\n{CONFIG}')
        if asked.tree:
            tree = asked.tree.resolve()
        else:
            generate(tree, asked.files)
        chosen = asked.config.resolve() if asked.config else config
        time.sleep(2.5)  # what was written just now is too young for an answer of the scan to be kept
        rows: dict[str, Callable[[], None]] = {
            "ruff": lambda: ruff(tree, chosen, work, asked.ban, asked.rounds),
            "targets": lambda: targets(work, asked.files, asked.rounds),
            "parse": lambda: parse(tree, chosen, asked.rounds),
            "growth": lambda: growth(work, config, asked.files, asked.rounds),
        }
        for name in asked.rows or rows:
            print(f"{name}:")
            rows[name]()


if __name__ == "__main__":
    main()
