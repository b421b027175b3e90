"""Time how long it takes to get a useful answer: from an empty environment with a wheel to the users of a class.

    scripts/stopwatch.py WHEEL

Makes an environment, installs the wheel, and asks with one command who uses a deprecated class of a project that has
never heard of the plugin (examples/asked). Prints what each step took. Exit status 1 where the answer is not there, or
where more than three lines have to be read before the first place.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "asked"
ASKED = ("pytest", "-q", "--ssot-deprecate", "shop.legacy.OrderLog=shop.tracker.OrderTracker")
FIRST, LINES = "shop/checkout.py:", 3


def timed(what: str, *command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command, print how long it took, and return what it printed; end the program where it fails."""
    started = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    print(f"{time.perf_counter() - started:6.1f} s  {what}")
    if done.returncode:
        sys.exit(f"{what} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> int:
    """Measure; say what is wrong with the answer."""
    wheel = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(EXAMPLE, folder / "project", ignore=shutil.ignore_patterns("__pycache__", ".*"))
        venv.create(folder / "venv", with_pip=True)
        bin_ = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        timed("pip install", bin_ / "python", "-m", "pip", "install", "-q", str(wheel), cwd=folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
        env = kept | {"PATH": os.pathsep.join((str(bin_), os.environ["PATH"]))}
        packages = timed("pip list", bin_ / "python", "-m", "pip", "list", "--format=freeze", cwd=folder)
        answer = timed(" ".join(ASKED), bin_ / ASKED[0], *ASKED[1:], cwd=folder / "project", env=env)
    print(f"installed: {', '.join(packages.split())}")
    lines = answer.splitlines()
    before = next((number for number, line in enumerate(lines) if line.startswith(FIRST)), None)
    if before is None:
        sys.exit(f"no place is named:\n{answer}")
    print(f"{before} lines before the first place: {lines[before]}")
    return int(before > LINES)


if __name__ == "__main__":
    sys.exit(main())
