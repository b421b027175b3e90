"""Run the plan's suite inside one of the trees.

python run.py before|halfway|after [PYTEST ARGUMENT…]   the tree's own tests and the suite, in the tree's phase
python run.py service [before|halfway|after]            the server under `ssot-tracker run`, and the tests that ask it
python run.py rollback                                  the plan's rollback triggers in each tree; exit 3: roll back
python run.py workspaces [FOLDER]                       a folder for each tree in which every command of the plan runs
python run.py demo                                      both ends, their gates, and the HTML reports

The tree is copied to a working folder and the suite is put into its tests. AGENT_PLATFORM names the tree where no
argument does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
WORK = HERE / ".work"
PHASES = {"before": "baseline", "halfway": "ratchet", "after": "enforce"}
TRIGGERS = (
    ("--categories", "mission_critical", "--pattern", "*websocket*", "--fast-fail"),
    ("--file", "tests/e2e/test_golden_path_user_flow.py", "--env", "staging"),
)
ROLLBACK = 3
SERVER = "netra_backend.app.services.websocket_server"
ASKING = "tests/e2e/test_golden_path_service.py"
SERVED = "ssot-result-service.json"
ASKED = "ssot-result-asked.json"
TOGETHER = "ssot-result-together.json"
IGNORED = shutil.ignore_patterns("__pycache__", ".*_cache", "ssot-*", "ssot_html")


def workspace(tree: str, folder: Path, *, own_code: bool = False) -> Path:
    """Return a fresh copy of `tree` in `folder` with the suite in `tests/plan`; half-way is `before` with the patch.

    With `own_code`, the plan's own tests are where the plan has them.
    """
    root = folder / tree
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(HERE / ("before" if tree == "halfway" else tree), root, ignore=IGNORED)
    shutil.copytree(HERE / "tests", root / "tests" / "plan", ignore=IGNORED)
    if own_code:
        shutil.copytree(HERE / "plan", root / "tests", ignore=IGNORED, dirs_exist_ok=True)
    if tree == "halfway":
        write_baseline(root)
        apply(HERE / "patches" / "halfway.patch", root)
    return root


def write_baseline(root: Path) -> None:
    """Write down what scan and run find in a workspace: what is fixed later is fixed since then."""
    call(root, "pytest", "-q", "--ssot-phase=baseline", "--ssot-subprocess", "--ssot-report=json")
    call(root, "pytest_ssot_tracker", "baseline")
    (root / "ssot-result.json").unlink()


def call(root: Path, *module: str, quiet: bool = True, environment: Mapping[str, str] | None = None) -> int:
    """Run `python -m MODULE` in a workspace and return its exit status."""
    output = subprocess.DEVNULL if quiet else None
    command = [sys.executable, "-m", *module]
    return subprocess.run(command, cwd=root, env=environment, stdout=output, check=False).returncode


def apply(patch: Path, root: Path) -> None:
    """Apply a patch to a workspace, which is no repository of its own and none of ours."""
    outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(root.resolve().parent)}
    subprocess.run(["git", "apply", str(patch)], cwd=root, env=outside, check=True)


def session(tree: str) -> list[str]:
    """Return how pytest is asked to run `tree`; half-way, what is fixed is taken out of the baseline."""
    shrink = ["--ssot-update-baseline"] if tree == "halfway" else []
    return ["pytest", f"--ssot-phase={PHASES[tree]}", "--ssot-subprocess", *shrink]


def run(tree: str, *args: str) -> int:
    """Run all tests in a fresh copy of `tree`; return pytest's status."""
    return call(workspace(tree, WORK), *session(tree), *args, quiet=False)


def rollback() -> int:
    """Run the triggers of the plan's section 6.4 in each tree; return 3 where one of them fails."""
    return max(triggered(tree, workspace(tree, WORK)) for tree in PHASES)


def triggered(tree: str, root: Path) -> int:
    """Run the triggers in a workspace, and the gate on their results; return 3 to roll back."""
    statuses = []
    for number, trigger in enumerate(TRIGGERS):
        print(f"\n=== {tree}: unified_test_runner.py {' '.join(trigger)}", flush=True)
        result = f"--ssot-report=json:ssot-result-{number}.json"
        command = [sys.executable, "tests/unified_test_runner.py", *trigger, "-q", result]
        statuses.append(subprocess.run(command, cwd=root, check=False).returncode)
    print(f"\n=== gate: {tree}", flush=True)
    results = [f"ssot-result-{number}.json" for number in range(len(TRIGGERS))]
    gate = ("pytest_ssot_tracker", "gate", "--config", str(HERE / "rollback.toml"))
    status = call(root, *gate, *results, quiet=False)
    # A trigger that cannot even be collected is none that the gate knows.
    return ROLLBACK if any(statuses) else status


def service(*trees: str) -> int:
    """Ask the server of each tree as a service of its own; return the status of the gate on the last."""
    return [served(tree, workspace(tree, WORK / "service")) for tree in trees or ("before", "after")][-1]


def served(tree: str, root: Path, *, quiet: bool = False) -> int:
    """Run the tests that ask the server while it runs under watch; return the status of the gate on what it used."""
    print(f"\n=== {tree}: the server under ssot-tracker run, asked by {ASKING}", flush=True)
    with server_under_watch(root) as address:
        options = ("-q", f"--ssot-phase={PHASES[tree]}", "--no-ssot-scan", f"--ssot-report=json:{ASKED}")
        asking = {**os.environ, "PLATFORM_SERVICE": address}
        status = call(root, "pytest", *options, ASKING, quiet=quiet, environment=asking)
    call(root, "pytest_ssot_tracker", "combine", SERVED, ASKED, "-o", TOGETHER)
    for test, used in used_by(root).items():
        print(f"{test} made the server use:")
        for what, times in used.items():
            print(f"  {what}: {times}")
    print(f"\n=== gate: the server of {tree}", flush=True)
    gate = ("pytest_ssot_tracker", "gate", "--config", str(HERE / "service.toml"))
    return call(root, *gate, SERVED, quiet=quiet) or status


@contextmanager
def server_under_watch(root: Path) -> Iterator[str]:
    """Start the server of a workspace under `ssot-tracker run`; give its address, and stop it after the block."""
    program = [sys.executable, "-m", SERVER]
    command = [sys.executable, "-m", "pytest_ssot_tracker", "run", "--name", "the server", "--result", SERVED, "--"]
    log = root / "service.log"
    with log.open("w") as said:
        process = subprocess.Popen([*command, *program], cwd=root, stdout=subprocess.PIPE, stderr=said, text=True)
    with process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                raise SystemExit(f"the server ended with status {process.wait()}: {log.read_text()}")
            yield address
        finally:
            process.terminate()


def used_by(root: Path) -> dict[str, dict[str, int]]:
    """Return what the server of a workspace used that is deprecated, and how often, by the test that made it do so."""
    found: dict[str, dict[str, int]] = {}
    for site in json.loads((root / TOGETHER).read_text(encoding="utf-8"))["sites"]:
        for row in site["tests"]:
            if site["rule"] == "deprecated-use" and "the server" in (row.get("origin") or ""):
                used, name = found.setdefault(row["id"] or row["bucket"], {}), site["target"].rpartition(":")[2]
                used[name] = used.get(name, 0) + row["count"]
    return found


def demo() -> int:
    """Run the suite before and after, and hold each result against the plan's success criteria."""
    for tree in ("before", "after"):
        print(f"\n=== {tree}: phase {PHASES[tree]}", flush=True)
        run(tree, "-q", "--ssot-report=json", "--ssot-report=html")
    statuses = []
    for tree in ("before", "after"):
        print(f"\n=== gate: {tree}", flush=True)
        statuses.append(call(WORK / tree, "pytest_ssot_tracker", "gate", quiet=False))
    statuses.append(service())
    for tree in ("before", "after"):
        print(f"HTML report of {tree}: {os.path.relpath(WORK / tree / 'ssot_html' / 'index.html')}")
    return max(statuses)


def asked(argv: Sequence[str], otherwise: str) -> tuple[str, Sequence[str]]:
    """Return what `argv` asks for first, else `otherwise`, and what follows."""
    named = argv and not argv[0].startswith("-")
    return (argv[0], argv[1:]) if named else (otherwise, argv)


def main(argv: Sequence[str]) -> int:
    """Do what `argv` asks for and return the exit status."""
    what, more = asked(argv, os.environ.get("AGENT_PLATFORM", "before"))
    if what == "demo":
        return demo()
    if what == "rollback":
        return rollback()
    if what == "service":
        what = next((tree for tree in more if tree not in PHASES), "")
        if not what:
            return service(*more)
    if what == "workspaces":
        for tree in PHASES:
            print(workspace(tree, Path(more[0]) if more else WORK / "plan", own_code=True), flush=True)
        return 0
    if what in PHASES:
        return run(what, *more)
    trees = ", ".join(PHASES)
    print(f"there is no tree {what!r}: write one of {trees}, service, rollback, workspaces or demo", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
