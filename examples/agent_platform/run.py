"""Run the plan's suite inside one of the trees: `python run.py before|halfway|after [PYTEST ARGUMENT…]`.

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
        patch = HERE / "patches" / "halfway.patch"
        subprocess.run(["git", "apply", "--unsafe-paths", f"--directory={root}", str(patch)], check=True, cwd=root)
    return root


def main(argv: Sequence[str]) -> int:
    """Run the suite and return pytest's exit status."""
    tree, *more = argv or [os.environ.get("AGENT_PLATFORM", "before")]
    if tree not in PHASES:
        print(f"there is no tree {tree!r}: write one of {', '.join(PHASES)}", file=sys.stderr)
        return 2
    root = workspace(tree, HERE / ".work")
    command = [sys.executable, "-m", "pytest", "tests/plan", f"--ssot-phase={PHASES[tree]}", *more]
    return subprocess.run(command, cwd=root, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
