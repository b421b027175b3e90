"""Break the trees on purpose, one patch at a time, and see that the row of the plan that must notice it does.

python mutate.py [NAME…]    run these mutations, or all; exit 1 when one goes unnoticed
python mutate.py --write    run all, and write the table of them into README.md

Each file in `mutations/` is a patch. Its first lines say what is broken, in which tree, and which row must notice it by
which test, or by which criterion of the gate; and what is seen:

    red                the test fails in the phase of the tree
    red, then fixed    the test fails in `baseline`, and in `ratchet` it passes and its marker is listed as fixed
    gate               the criterion is not met
    rollback           the triggers of the plan's section 6.4 see it, and the gate exits with 3
    service            the server, in a process of its own under watch, used what is deprecated for the test
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import run

MUTATIONS = run.HERE / "mutations"
SEEN = ("red", "red, then fixed", "gate", "rollback", "service")
GATE = "gate: "
PATIENCE = 120  # seconds that a broken tree may take to say so
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--ssot-report=json")


@dataclass(frozen=True)
class Mutation:
    """One breakage: `test` is a node id, or a criterion of the gate after `gate: `."""

    name: str
    what: str
    trees: tuple[str, ...]
    row: str
    test: str
    seen: str

    @property
    def patch(self) -> Path:
        """Where the patch is."""
        return MUTATIONS / f"{self.name}.patch"


def read(path: Path) -> Mutation:
    """Return what the first lines of a patch say; raise `ValueError` for what they leave out."""
    head = path.read_text(encoding="utf-8").split("\ndiff --git ")[0]
    said = dict(line.split(": ", 1) for line in head.splitlines() if line)
    if set(said) != {"What", "Tree", "Row", "Test", "Seen"} or said["Seen"] not in SEEN:
        raise ValueError(f"{path.name} begins with What, Tree, Row, Test and Seen: one of {'; '.join(SEEN)}")
    return Mutation(path.stem, said["What"], tuple(said["Tree"].split(", ")), said["Row"], said["Test"], said["Seen"])


def all_mutations() -> list[Mutation]:
    """Return every mutation, in the order of their rows."""
    return sorted(map(read, MUTATIONS.glob("*.patch")), key=lambda mutation: (mutation.row, mutation.name))


def outcomes(root: Path, phase: str, *tests: str) -> dict[str, tuple[str, str]]:
    """Run tests in a workspace; return the outcome and the notes of each by its node id without parameters."""
    result = root / "ssot-result.json"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", *tests, f"--ssot-phase={phase}", "--ssot-subprocess", *QUIET]
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=PATIENCE)
    return told(result)


def told(result: Path) -> dict[str, tuple[str, str]]:
    """Return outcome and notes of each test in a result, the worst outcome where it has parameters."""
    found: dict[str, tuple[str, str]] = {}
    if result.exists():
        for test in json.loads(result.read_text(encoding="utf-8"))["tests"]:
            notes = "; ".join(test.get("notes", ()))
            for name in {test["id"], test["id"].partition("[")[0]}:
                worst = max(found.get(name, ("passed", "")), (test["outcome"], notes), key=lambda each: RANK[each[0]])
                found[name] = worst if worst[0] != "passed" else ("passed", notes)
    return found


RANK = {"passed": 0, "xpassed": 1, "skipped": 2, "xfailed": 3, "failed": 4, "error": 4, "unfinished": 4}
FAILED = ("failed", "error", "unfinished")


def noticed(mutation: Mutation, base: Mapping[str, Path], folder: Path) -> list[str]:
    """Break a copy of each tree; return why the breakage went unnoticed, nothing where it did not."""
    problems = []
    for tree in mutation.trees:
        root = folder / f"{mutation.name}-{tree}"
        shutil.copytree(base[tree], root)
        run.apply(mutation.patch, root)
        problems += [f"{tree}: {problem}" for problem in unseen(mutation, tree, root)]
        shutil.rmtree(root)
    return problems


def unseen(mutation: Mutation, tree: str, root: Path) -> Iterable[str]:
    """Yield what should have been seen in a broken workspace and was not."""
    if mutation.seen == "rollback":
        status, said = apart("triggered", tree, root)
        if status != run.ROLLBACK:
            yield f"the triggers let it pass, the gate exits with {status}: {said}"
        return
    if mutation.seen == "service":
        status, said = apart("served", tree, root)
        if not status or mutation.test not in run.used_by(root):
            yield f"the server used nothing for the test, the gate exits with {status}: {said}"
        return
    if mutation.seen == "gate":
        outcomes(root, run.PHASES[tree], *paths_of(mutation))
        gate = subprocess.run(
            [sys.executable, "-m", "pytest_ssot_tracker", "gate"], cwd=root, capture_output=True, text=True, check=False
        )
        if f"NOT MET  {mutation.test.removeprefix(GATE)} " not in gate.stdout:
            yield f"the gate has the criterion met: {gate.stdout}{gate.stderr}"
        return
    outcome, notes = outcomes(root, run.PHASES[tree], mutation.test).get(mutation.test, ("not run", ""))
    if outcome not in FAILED:
        yield f"{mutation.test} {outcome} in {run.PHASES[tree]} {notes}"
    if mutation.seen == "red, then fixed":
        outcome, notes = outcomes(root, "ratchet", mutation.test).get(mutation.test, ("not run", ""))
        if (outcome, "fixed: " in notes) != ("passed", True):
            yield f"{mutation.test} {outcome} in ratchet, and is not listed as fixed {notes}"


def apart(what: str, tree: str, root: Path) -> tuple[int, str]:
    """Call a function of `run.py` with a workspace, in a process of its own; return its status and what was said."""
    code = f"import sys; sys.path.insert(0, {str(run.HERE)!r}); import run; from pathlib import Path"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; sys.exit(run.{what}({tree!r}, Path({str(root)!r})))"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout[-2000:] + done.stderr[-2000:]


def paths_of(mutation: Mutation) -> Sequence[str]:
    """Return what is to be run for a criterion: the mission-critical tests for theirs, else what needs no server."""
    return () if "mission-critical" in mutation.test else ("tests/plan/part2_violations",)


def bases(folder: Path) -> dict[str, Path]:
    """Return a workspace of each tree; the tree before has the baseline that half-way starts from."""
    made = {tree: run.workspace(tree, folder) for tree in run.PHASES}
    shutil.copy(made["halfway"] / "ssot-baseline.json", made["before"])
    return made


def whole(base: Mapping[str, Path], mutations: Sequence[Mutation]) -> list[str]:
    """Return which of the tests that must notice something fail without any breakage, or are not there."""
    problems = []
    for tree, root in base.items():
        tests = {each.test for each in mutations if tree in each.trees and not each.test.startswith(GATE)}
        found = outcomes(root, run.PHASES[tree], *sorted(tests)) if tests else {}
        for test in sorted(tests):
            outcome, notes = found.get(test, ("not there", ""))
            if outcome not in ("passed", "xfailed"):
                problems.append(f"{tree}: {test} is {outcome} though nothing is broken {notes}")
    return problems


def main(argv: Sequence[str]) -> int:
    """Run the mutations that `argv` names, or all, two at a time; return 1 when one goes unnoticed."""
    known = {mutation.name: mutation for mutation in all_mutations()}
    names = [name for name in argv if name != "--write"]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"there is no mutation {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    asked = [known[name] for name in names or known]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        base = bases(Path(folder))
        failed = whole(base, asked)
        for mutation, problems in zip(
            asked, pool.map(lambda each: noticed(each, base, Path(folder)), asked), strict=True
        ):
            print(f"{'UNNOTICED' if problems else 'noticed  '}  {mutation.name}: {mutation.what}", flush=True)
            failed += [f"{mutation.name}: {problem}" for problem in problems]
    for problem in failed:
        print(problem, file=sys.stderr)
    missed = {problem.partition(":")[0] for problem in failed} & set(known)
    print(f"{len(asked) - len(missed)} of {len(asked)} mutations noticed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
