"""Make the tables of README.md out of runs, or check that they are what the runs give.

python tables.py [--write] [NAME…]     service, rows, criteria, own-code, commands, mutations; without a name all

Without `--write` a table that is out of date is shown as a diff, and the exit status is 1.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutate
import run

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

README = run.HERE / "README.md"
TABLE = re.compile(r"(<!-- table: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
WORDS = {"passed": "pass", "xfailed": "xfail", "failed": "fail", "error": "fail", "skipped": "skip"}
TREES = tuple(run.PHASES)
COMMANDS = (
    "--file tests/infrastructure/test_discovery_validation.py",
    "--file tests/infrastructure/test_ssot_framework_integrity.py",
    "--file tests/unit/ssot_validation/test_execution_tracking_ssot_violations.py",
    "--file tests/unit/ssot_validation/test_shared_state_conflicts.py",
    "--file tests/integration/race_conditions/test_websocket_1011_reproduction.py --no-docker",
    "--file tests/integration/race_conditions/test_execution_state_ordering.py --no-docker",
    "--file tests/e2e/golden_path/test_consolidated_execution_tracking.py",
    "--file tests/e2e/golden_path/test_consolidated_execution_tracking.py --env staging",
    "--file tests/e2e/test_golden_path_user_flow.py --env staging",
    "--file tests/unit/ssot_validation/test_consolidation_success_validation.py",
    '--pattern "*ssot_validation*" --fast-fail',
    '--pattern "*agent_state*" --fast-fail',
    '--pattern "*timeout*" --fast-fail',
    "--categories mission_critical --fast-fail",
    '--categories mission_critical --pattern "*websocket*"',
    '--categories mission_critical --pattern "*websocket*" --fast-fail',
    "--categories mission_critical integration --real-services",
    "--categories mission_critical integration e2e --real-services --env staging",
)
"""What the plan gives to `python tests/unified_test_runner.py`, each of its 18 commands once."""


def rows() -> list[dict[str, Any]]:
    """Return the rows of the plan."""
    return tomllib.loads((run.HERE / "rows.toml").read_text(encoding="utf-8"))["row"]


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    cells = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


# The rows and the criteria of the gate, out of one run of each tree


@dataclass(frozen=True)
class Run:
    """One run of a tree: pytest's status and what it said, how each test ended, and what the gate says of it."""

    status: int
    said: str
    tests: Mapping[str, tuple[str, str]]
    gate: subprocess.CompletedProcess[str]


class Runs:
    """A run of each tree, made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: dict[str, Run] = {}

    def of(self, tree: str) -> Run:
        """Return the run of a tree."""
        if tree not in self._runs:
            root = run.workspace(tree, self._folder)
            done = module(root, *run.session(tree), *mutate.QUIET)
            gate = module(root, "pytest_ssot_tracker", "gate")
            said = done.stdout + done.stderr
            self._runs[tree] = Run(done.returncode, said, mutate.told(root / "ssot-result.json"), gate)
        return self._runs[tree]


def module(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m …` in a workspace and return what it said."""
    command = [sys.executable, "-m", *args]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def figures(gate: str) -> Iterator[tuple[str, str]]:
    """Yield each criterion that the gate printed, with whether it is met and its figure."""
    for met, name, figure, bounds, of in re.findall(
        r"^(met|NOT MET)  +(.+?)  +(\S.*?)  +([<>]=.*?)  +(.+)$", gate, re.MULTILINE
    ):
        yield name, f"{'met' if met == 'met' else '**not met**'}: {figure} ({bounds} of {of})"


def outcome(row: Mapping[str, Any], tree: str, found: Run) -> str:
    """Return how the tests of a row ended in a tree, and what its criterion says there."""
    ends = {
        "fixed" if "fixed: " in notes else WORDS[end]
        for name, (end, notes) in found.tests.items()
        if "[" not in name and holds(row, name)
    }
    criterion = row.get("gate", {}).get(tree)
    said = dict(figures(found.gate.stdout))
    measured = [] if criterion is None else [said.get(criterion, "**not measured**").partition(" (")[0]]
    return ", ".join([*sorted(ends), *measured]) or "-"


def holds(row: Mapping[str, Any], test: str) -> bool:
    """Whether the test with this node id is one of the row."""
    named = (each if each.startswith("tests/") else f"tests/plan/{each}" for each in row.get("tests", ()))
    return any(test == each or test.startswith((f"{each}::", f"{each}/", f"{each}[")) for each in named)


def rows_table(runs: Runs) -> str:
    """Return the table of the plan's rows."""
    noticed: dict[str, list[str]] = {}
    for mutation in mutate.all_mutations():
        noticed.setdefault(mutation.row, []).append(f"`{mutation.name}`")
    lines = []
    for row in rows():
        tests = ", ".join(f"`{test}`" for test in short(row.get("tests", ())))
        ends = [outcome(row, tree, runs.of(tree)) for tree in TREES]
        lines.append([row["plan"], tests or "the gate", *ends, ", ".join(noticed.get(row["plan"], ["**none**"]))])
    return table(["plan", "held by", "before", "half-way", "after", "mutations that it notices"], lines)


def short(tests: Iterable[str]) -> Iterator[str]:
    """Yield the tests of a row, the file of each once."""
    before = None
    for test in tests:
        file, _, name = test.partition("::")
        yield f"…::{name}" if name and file == before else test
        before = file


def criteria_table(runs: Runs) -> str:
    """Return the table of what each tree's gate asks for."""
    lines = [[tree, name, figure] for tree in TREES for name, figure in figures(runs.of(tree).gate.stdout)]
    return table(["tree", "criterion", "the gate says"], lines)


# The server as a service


def service_table(folder: Path) -> str:
    """Return the table of what each test made the server use, in a process of its own under watch."""
    used = {}
    for tree in ("before", "after"):
        root = run.workspace(tree, folder / "service")
        with contextlib.redirect_stdout(io.StringIO()):
            run.served(tree, root, quiet=True)
        used[tree] = run.used_by(root)
        told = mutate.told(root / run.ASKED)
        tests = [test for test in told if not any(other.startswith(f"{test}[") for other in told)]
    return table(
        ["test", *used],
        (
            [f"`{test.rpartition('::')[2]}`", *(_times(found.get(test, {})) for found in used.values())]
            for test in tests
        ),
    )


def _times(used: Mapping[str, int]) -> str:
    return ", ".join(f"`{what}` {times}×" for what, times in sorted(used.items())) or "nothing"


# The plan's own code, and its commands


def own_code_table(folder: Path) -> str:
    """Return the table of the plan's own tests in both trees, without the plugin and with it."""
    tests = ("tests/infrastructure", "tests/unit", "tests/integration", "tests/e2e/golden_path")
    ends: dict[str, list[str]] = {}
    for tree in ("before", "after"):
        root = run.workspace(tree, folder / "own", own_code=True)
        for more in (["--no-ssot"], [f"--ssot-phase={run.PHASES[tree]}", "--ssot-subprocess"]):
            run.call(
                root, "pytest", *tests, "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--junitxml=own.xml", *more
            )
            for name, end in junit(root / "own.xml"):
                ends.setdefault(name, []).append(end)
    return table(
        ["test of the plan", "before", "with the plugin", "after", "with the plugin"],
        ([f"`{k}`", *v] for k, v in ends.items()),
    )


def junit(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the outcome of each test in a JUnit file."""
    from xml.etree import ElementTree

    for case in ElementTree.parse(file).iter("testcase"):
        ends = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        yield case.attrib["name"], {"failure": "fail", "error": "fail", "skipped": "skip"}[ends[0]] if ends else "pass"


def commands_table(folder: Path) -> str:
    """Return the table of the plan's commands in a workspace of each tree."""
    lines: list[list[str]] = [[f"`{command}`"] for command in COMMANDS]
    for tree in TREES:
        root = run.workspace(tree, folder / "commands", own_code=True)
        for line, command in zip(lines, COMMANDS, strict=True):
            line.append(ended(root, command))
    return table(["python tests/unified_test_runner.py …", "before", "half-way", "after"], lines)


def ended(root: Path, command: str) -> str:
    """Return how a command of the plan ended in a workspace."""
    quiet = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "tests/unified_test_runner.py", *shlex.split(command), *quiet],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    counts = re.findall(r"(\d+ (?:failed|passed|skipped|xfailed|error))", done.stdout.rstrip().rpartition("\n")[2])
    return f"{', '.join(counts) or done.stderr.strip()}: {done.returncode}"


def mutations_table() -> str:
    """Return the table of the mutations; `python mutate.py` shows that it is true."""
    lines = [
        [f"`{each.name}`", ", ".join(each.trees), each.what, each.row, f"`{each.test.rpartition('::')[2]}`", each.seen]
        for each in mutate.all_mutations()
    ]
    return table(["mutation", "tree", "what is broken", "row that notices it", "by", "what is seen"], lines)


def differences(names: Sequence[str], runs: Runs, folder: Path) -> tuple[str, list[str]]:
    """Return README.md with the tables called `names` made anew, and how it differs from the one that is there."""
    made: dict[str, Callable[[], str]] = {
        "service": lambda: service_table(folder),
        "rows": lambda: rows_table(runs),
        "criteria": lambda: criteria_table(runs),
        "own-code": lambda: own_code_table(folder),
        "commands": lambda: commands_table(folder),
        "mutations": mutations_table,
    }

    def filled(match: re.Match[str]) -> str:
        return f"{match[1]}\n{made[match[2]]()}\n{match[4]}" if match[2] in names else match[0]

    page = README.read_text(encoding="utf-8")
    fresh = TABLE.sub(filled, page)
    return fresh, [*difflib.unified_diff(page.splitlines(True), fresh.splitlines(True), "README.md", "the runs", n=0)]


def main(argv: Sequence[str]) -> int:
    """Make or check the tables that `argv` names."""
    known = [match[2] for match in TABLE.finditer(README.read_text(encoding="utf-8"))]
    names = [name for name in argv if name != "--write"] or known
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"there is no table {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        fresh, differ = differences(names, Runs(Path(folder)), Path(folder))
    if "--write" in argv:
        README.write_text(fresh, encoding="utf-8")
        return 0
    sys.stdout.writelines(differ)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
