"""Run the plan's suite inside one of the trees: `python run.py before|halfway|after [PYTEST ARGUMENT…]`, or `demo`.

The tree is copied to a working folder, the suite is put into its tests, and the phase is the tree's: `baseline` before,
`ratchet` half-way, `enforce` after. AGENT_PLATFORM names the tree where no argument does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE / ".work"
PHASES = {"before": "baseline", "halfway": "ratchet", "after": "enforce"}


def workspace(tree: str, folder: Path) -> Path:
    """Return a fresh copy of `tree` in `folder` with the suite in `tests/plan`; half-way is `before` with the patch."""
    root = folder / tree
    shutil.rmtree(root, ignore_errors=True)
    base = "before" if tree == "halfway" else tree
    ignore = shutil.ignore_patterns("__pycache__", ".pytest_cache", ".ssot_cache")
    shutil.copytree(HERE / base, root, ignore=ignore)
    shutil.copytree(HERE / "tests", root / "tests" / "plan", ignore=ignore)
    if tree == "halfway":
        # The baseline holds what scan and run find in the tree before; the patch is what was fixed since.
        before = [sys.executable, "-m", "pytest", "tests/plan", "-q", "--ssot-phase=baseline", "--ssot-report=json"]
        subprocess.run([*before, "-m", "not slow"], check=True, cwd=root, stdout=subprocess.DEVNULL)
        subprocess.run([sys.executable, "-m", "pytest_ssot_tracker", "baseline"], check=True, cwd=root)
        subprocess.run(["git", "init", "--quiet"], check=True, cwd=root)
        subprocess.run(["git", "apply", str(HERE / "patches" / "halfway.patch")], check=True, cwd=root)
    return root


def run(tree: str, *args: str) -> int:
    """Run the suite in a fresh copy of `tree`; return pytest's exit status."""
    root = workspace(tree, WORK)
    command = [sys.executable, "-m", "pytest", "tests/plan", f"--ssot-phase={PHASES[tree]}", *args]
    return subprocess.run(command, cwd=root, check=False).returncode


def demo() -> int:
    """Run the suite before and after, and hold each result against the plan's success criteria."""
    statuses = []
    for tree in ("before", "after"):
        print(f"\n=== {tree}: phase {PHASES[tree]}", flush=True)
        run(tree, "-q", "-m", "not slow", "--ssot-report=json", "--ssot-report=html")
    for tree in ("before", "after"):
        print(f"\n=== gate: {tree}", flush=True)
        gate = [sys.executable, "-m", "pytest_ssot_tracker", "gate"]
        statuses.append(subprocess.run(gate, cwd=WORK / tree, check=False).returncode)
    for tree in ("before", "after"):
        print(f"HTML report of {tree}: {(WORK / tree / 'ssot_html' / 'index.html').relative_to(Path.cwd())}")
    return max(statuses)


def asked(argv: Sequence[str], otherwise: str) -> tuple[str, Sequence[str]]:
    """Return the tree that `argv` names, else `otherwise`, and what is for pytest."""
    named = argv and not argv[0].startswith("-")
    return (argv[0], argv[1:]) if named else (otherwise, argv)


def main(argv: Sequence[str]) -> int:
    """Run what `argv` asks for and return the exit status."""
    tree, more = asked(argv, os.environ.get("AGENT_PLATFORM", "before"))
    if tree == "demo":
        return demo()
    if tree not in PHASES:
        print(f"there is no tree {tree!r}: write one of {', '.join(PHASES)}, or demo", file=sys.stderr)
        return 2
    return run(tree, *more)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
