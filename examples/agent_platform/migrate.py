"""Do the mechanical part of the consolidation, and show what a person still has to write.

python migrate.py [PYTEST ARGUMENT…]    exit 1 when too little is mechanical, or the tests of `after` are not green

A team begins with the tracker that offers what the others did: `after/netra_backend/app/core`, put into a copy of
`before`. `ssot-tracker fix` then rewrites the sites by the `replace` of `before/pyproject.toml`. What is left to
`after` is the part of a person: it is written to `.work/remaining.patch` and applied, and then the tests of `after`
have to pass.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import run

CORE = Path("netra_backend", "app", "core")
AT_LEAST = 60
"""Percent of the sites that have to be mechanical."""


def migrate(*args: str) -> int:
    """Go from `before` to `after` in a workspace; return the status of the tests there."""
    root = run.workspace("before", run.WORK / "migrated")
    goal = run.workspace("after", run.WORK / "goal")
    whole = lines(difference(root, goal))
    print(f"\n=== written first: {CORE}, {lines(difference(root / CORE, goal / CORE))} lines", flush=True)
    shutil.copytree(goal / CORE, root / CORE, dirs_exist_ok=True)
    print("\n=== ssot-tracker fix --write", flush=True)
    done, sites = fixed(root)
    remaining = difference(root, goal)
    patch = run.WORK / "remaining.patch"
    patch.write_text(remaining, encoding="utf-8")
    print(f"\n=== by hand: {lines(remaining)} lines in {os.path.relpath(patch)}, of {whole} in all")
    print("\n".join(f"  {name}" for name in files(remaining)), flush=True)
    run.apply(patch, root)
    print("\n=== the tests of after", flush=True)
    status = run.call(root, *run.session("after"), *args, quiet=False)
    print(f"\n{done} of {sites} sites were mechanical, at least {AT_LEAST} % are asked for", flush=True)
    return status or int(done * 100 < sites * AT_LEAST)


def fixed(root: Path) -> tuple[int, int]:
    """Rewrite the sites of a workspace; return how many were, and how many there were."""
    command = [sys.executable, "-m", "pytest_ssot_tracker", "fix", "--write"]
    said = subprocess.run(command, cwd=root, stderr=subprocess.PIPE, text=True, check=False).stderr
    print(said, end="", flush=True)
    found = re.search(r"^(\d+) of (\d+) sites", said, re.MULTILINE)
    if found is None:
        raise SystemExit("ssot-tracker fix did not say how many sites it rewrote")
    return int(found[1]), int(found[2])


def difference(old: Path, new: Path) -> str:
    """Return the patch that makes `new` of `old`, with their paths within the two."""
    command = ["git", "diff", "--no-index", "--no-color", "--no-renames", "--no-prefix", str(old), str(new)]
    said = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False).stdout
    parts = re.split(r"^(?=diff --git )", said, flags=re.MULTILINE)[1:]
    kept = [part for part in parts if not re.search(r"/(\.\w+_cache|__pycache__)/", part.partition("\n")[0])]
    return "".join(kept).replace(f"{old}/".lstrip("/"), "a/").replace(f"{new}/".lstrip("/"), "b/")


def lines(patch: str) -> int:
    """Return how many lines a patch adds and takes out."""
    return len(re.findall(r"^[-+](?!\+\+ |-- )", patch, re.MULTILINE))


def files(patch: str) -> list[str]:
    """Return the files that a patch changes, each with how many lines of it, and whether it comes or goes."""
    found = []
    for part in re.split(r"^diff --git ", patch, flags=re.MULTILINE)[1:]:
        fate = re.search(r"^(deleted|new) file", part, re.MULTILINE)
        found.append(f"{part.split()[0][2:]}: {lines(part)}{f' ({fate[1]})' if fate else ''}")
    return found


def main(argv: Sequence[str]) -> int:
    """Do what `argv` asks for and return the exit status."""
    return migrate(*argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
