"""Compare the scan with ruff, lint-imports and grep on one tree, side by side, and print the ratios.

    python benchmarks/scan/compare.py [TREE --config FILE] [--files 5000] [--rounds 3] [--everywhere]

Without a tree one is generated. Every contestant runs in a process of its own, in turns; CPU seconds of the best round
count, and peak memory of the largest process. Each is given one thread, and the scan two processes as well.
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
from pathlib import Path

BANNED = ("pkg.legacy", "uuid.uuid4")

SCAN = """
import dataclasses, sys
from pathlib import Path
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.settings import load
root, config, cache, everywhere, jobs = sys.argv[1:6]
settings = load(Path(root), config_file=Path(config))
if everywhere == "1":
    settings = dataclasses.replace(settings, tree=dataclasses.replace(settings.tree, source=(".",)))
result = scan(settings, whole=False, cache_dir=Path(cache) if cache else None, jobs=int(jobs))
print(len(result.sites), "sites in", result.files, "files")
"""

IMPORTS = "from pytest_ssot_tracker.scan import answering; from pytest_ssot_tracker.settings import load"
"""What a warm scan costs before it looks at anything."""

CONFIG = """
source = ["."]
[ssot.old]
deprecated = ["pkg.legacy"]
[ids.run]
forbidden = ["uuid:uuid4"]
patterns = ["time-format"]
"""


def generate(root: Path, files: int) -> None:
    """Write a tree of `files` modules of about 18 kB, of which one in six matters."""
    chance = random.Random(220)
    (root / "pkg").mkdir(parents=True)
    (root / "pkg/__init__.py").write_text("")
    (root / "pkg/legacy.py").write_text("class Tracker:\n    pass\n\n\ndef get_tracker():\n    return Tracker()\n")
    for number in range(files):
        folder = root / "pkg" / f"part{number % 50}"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        matters = number % 6 == 0
        lines = ["import json", "from uuid import uuid4" if matters else "import os", ""]
        for function in range(chance.randrange(10, 70)):
            lines += [f"def function{function}(a, b=None):", f'    """Do step {function} of {number}."""']
            lines += [f"    value{one} = json.dumps([a, b, {one}, len(str(a))])" for one in range(8)]
            lines += ["    ident = str(uuid4())"] if matters and function % 10 == 0 else []
            lines += ["    return value0", ""]
        (folder / f"m{number}.py").write_text("\n".join(lines))


def measured(command: list[str], cwd: Path) -> tuple[float, float, float]:
    """Return CPU seconds, wall seconds and peak memory in MB of a command."""
    environment = {**os.environ, "RAYON_NUM_THREADS": "1"}
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> None:
    """Run the contestants in turns and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", nargs="?", type=Path)
    parser.add_argument("--config", type=Path)
    parser.add_argument("--ban", nargs="*", default=list(BANNED))
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--everywhere", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        tree = asked.tree.resolve() if asked.tree else work / "tree"
        if not asked.tree:
            generate(tree, asked.files)
        config = asked.config.resolve() if asked.config else work / "ssot.toml"
        if not asked.config:
            config.write_text(CONFIG)
        bans = "".join(f'"{name}".msg = "x"\n' for name in asked.ban)
        (work / "ruff.toml").write_text(f'[lint]\nselect = ["TID251"]\n[lint.flake8-tidy-imports.banned-api]\n{bans}')
        bin_ = Path(sys.executable).parent
        ruff = [str(bin_ / "ruff"), "check", "--quiet", "--config", str(work / "ruff.toml")]
        ours = [sys.executable, "-c", SCAN, str(tree), str(config)]
        everywhere = str(int(asked.everywhere))
        contestants = {
            "ruff TID251, cold": [*ruff, "--no-cache", "."],
            "scan, cold": [*ours, "", everywhere, "1"],
            "scan, cold, 2 jobs": [*ours, "", everywhere, "2"],
            "ruff TID251, warm": [*ruff, "--cache-dir", str(work / "ruff"), "."],
            "scan, warm": [*ours, str(work / "cache"), everywhere, "1"],
            "python, started": [sys.executable, "-c", "pass"],
            "scan, imported": [sys.executable, "-c", IMPORTS],
            "grep -rF": ["grep", "-rF", "--include=*.py", *(f"-e{name.rpartition('.')[2]}" for name in asked.ban), "."],
        }
        if shutil.which("lint-imports", path=str(bin_)) and not asked.tree:
            (work / "tree/.importlinter").write_text(
                "[importlinter]\nroot_package = pkg\n[importlinter:contract:1]\nname = x\ntype = forbidden\n"
                "source_modules = pkg.part0\nforbidden_modules = pkg.legacy\n"
            )
            contestants["lint-imports"] = [str(bin_ / "lint-imports"), "--no-cache"]
        best: dict[str, tuple[float, float, float]] = {}
        for name in ("ruff TID251, warm", "scan, warm"):
            measured(contestants[name], tree)
        for _ in range(asked.rounds):
            for name, command in contestants.items():
                best[name] = min(best.get(name, (1e9, 0, 0)), measured(command, tree))
        for name, (cpu, wall, memory) in best.items():
            warm = name.endswith(("warm", "started", "imported"))
            base = best["ruff TID251, warm" if warm else "ruff TID251, cold"]
            print(
                f"{name:20} cpu {cpu:7.2f} s  ratio {cpu / base[0]:5.2f}  wall {wall:7.2f} s  peak {memory:6.0f} MB"
                f"  ratio {memory / base[2]:4.2f}"
            )


if __name__ == "__main__":
    main()
