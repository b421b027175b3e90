"""Measure what the import hooks cost a project that imports nothing deprecated, as ratios to the same run without them.

Run `python benchmarks/imports.py`. With valgrind the figures are instructions (repeatable to a part in a thousand),
without it the best CPU time of many runs. Prints one ratio for the import of 500 generated modules, by a project that
declares one deprecated module and one name, and nanoseconds for an import statement of a module loaded long ago.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODULES = 500
RUNS = 15

WORK = """
import sys
sys.dont_write_bytecode = True
ROOT, HOOKED, COUNT = sys.argv[1], sys.argv[2] == "hooked", int(sys.argv[3])
sys.path.insert(0, ROOT)
from pathlib import Path
from pytest_ssot_tracker.detect.imports.watch import Imports
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Settings, Ssot, Tree

tree = Tree.of(Path(ROOT))
deprecated = (Target.parse("app.gone"), Target.parse("app.other:Name"))
settings = Settings(root=Path(ROOT), file=None, tree=tree, ssots=(Ssot(name="t", deprecated=deprecated),))
recorder = Recorder(tree)
imports = Imports(settings, recorder, Scope(recorder.sites), on_loaded=lambda module: None)
if HOOKED:
    undo = imports.install()
import time
start = time.process_time_ns()
if COUNT:
    import every
print(time.process_time_ns() - start)
"""

LOOP = """
import time
def loop(count):
    for _ in range(count):
        import app.m0
def best():
    return min(once() for _ in range(9))
def once(count=200_000):
    start = time.process_time_ns()
    loop(count)
    return (time.process_time_ns() - start) / count
"""


def write_project(root: Path) -> None:
    """Write modules of an ordinary size, each importing the standard library and its neighbour."""
    package = root / "app"
    package.mkdir()
    (package / "__init__.py").write_text("")
    inside = "    '''Do it.'''\n    import os\n    return [first, second]\n"
    body = "".join(f"\n\ndef function_{index}(first, second=None):\n{inside}" for index in range(12))
    for number in range(MODULES):
        before = f"from app.m{number - 1} import function_0 as before\n" if number else ""
        head = "from __future__ import annotations\nimport os\nimport sys\nfrom collections import abc\n"
        (package / f"m{number}.py").write_text(f"{head}{before}{body}\n\nclass Thing{number}:\n    x = 1\n")
    (root / "loop.py").write_text(LOOP)
    (root / "every.py").write_text("".join(f"import app.m{number}\n" for number in range(MODULES)))
    # A copy of the package, so that nobody's edit in the middle of a measurement is taken for a cost.
    shutil.copytree(Path(__file__).parent.parent / "pytest_ssot_tracker", root / "pytest_ssot_tracker")
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(root)], check=True)


def instructions(script: Path, root: Path, mode: str, count: int) -> int:
    """Return the instructions of one run under callgrind."""
    out = root / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", sys.executable, str(script)]
    done = subprocess.run(
        [*command, str(root), mode, str(count)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found, done.stderr
    return int(found[1])


def cpu(script: Path, root: Path, mode: str) -> int:
    """Return the CPU time of the imports in one run, in nanoseconds."""
    done = subprocess.run(
        [sys.executable, str(script), str(root), mode, str(MODULES)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def statement(root: Path, script: Path, mode: str) -> float:
    """Return the nanoseconds of an import statement, in a file of ours, of a module that is loaded."""
    code = script.read_text() + "\nimport loop\nprint(loop.best())\n"
    done = subprocess.run(
        [sys.executable, "-c", code, str(root), mode, "1"], capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def main() -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(root)
        script = root / "work.py"
        script.write_text(WORK)
        print(f"Python {sys.version.split()[0]}, {MODULES} modules")
        if shutil.which("valgrind"):
            # What both runs do besides (start, install) is measured with no module and taken off.
            cost = {
                mode: instructions(script, root, mode, MODULES) - instructions(script, root, mode, 0)
                for mode in ("plain", "hooked")
            }
            print(f"instructions: {cost['plain']:,} plain, ratio {cost['hooked'] / cost['plain']:.4f}")
        start = time.monotonic()
        times: dict[str, list[int]] = {"plain": [], "hooked": []}
        for _ in range(RUNS):
            for mode, taken in times.items():
                taken.append(cpu(script, root, mode))
        best = {mode: min(taken) for mode, taken in times.items()}
        print(
            f"CPU time: {best['plain'] / 1e6:.1f} ms plain, ratio {best['hooked'] / best['plain']:.4f} "
            f"(best of {RUNS}, {time.monotonic() - start:.0f} s)"
        )
        plain, hooked = statement(root, script, "plain"), statement(root, script, "hooked")
        print(f"statement of a loaded module, ours: {plain:.0f} ns plain, {hooked:.0f} ns hooked")


if __name__ == "__main__":
    main()
