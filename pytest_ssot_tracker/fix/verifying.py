"""Let the tests tell whether rewriting changed what the code does: run before and after, and put back what did."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pytest_ssot_tracker.fix.outcome import Change
from pytest_ssot_tracker.judge.writing import replace_bytes
from pytest_ssot_tracker.records import dataclass

__all__ = ["Broken", "RunError", "Verified", "run_tests", "verify"]

MISSING = "missing"
_AT_ONCE = 1000
_NOT_FOUND = 4  # pytest's exit status for a node id that is not there


class RunError(Exception):
    """Say that the tests could not be run: `status` is pytest's exit status, `output` the end of what it said."""

    def __init__(self, status: int, output: str) -> None:
        super().__init__(status, output)
        self.status = status
        self.output = output

    def __str__(self) -> str:
        return f"the tests cannot be run (pytest's exit status {self.status}); nothing was changed\n{self.output}"


@dataclass(frozen=True, slots=True)
class Broken:
    """One test with another outcome than before."""

    test: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.test} {self.before} before and {self.after} after"


@dataclass(frozen=True, slots=True)
class Verified:
    """What verification came to: the changes kept, and those put back, each with a test that changed."""

    kept: tuple[Change, ...] = ()
    put_back: tuple[tuple[Change, Broken], ...] = ()


def verify(
    root: Path,
    changes: Sequence[Change],
    tests: Mapping[str, Sequence[str]],
    run: Callable[[Sequence[str]], Mapping[str, str]],
) -> Verified:
    """Write `changes` below `root`, except those that change the outcome of a test.

    `tests` are the node ids of those that exercise a change, by its path; `run(node ids)` returns outcomes, and may
    leave out tests that are not there. Raises `OSError` and what `run` raises, with every file as it was.
    """
    every = tuple(dict.fromkeys(test for change in changes for test in tests.get(change.path, ())))
    kept = {change.path: change for change in changes}
    put_back: list[tuple[Change, Broken]] = []
    before = run(every) if every else {}
    try:
        for change in changes:
            replace_bytes(root / change.path, change.after)
        while every and kept:
            broken = _broken(every, before, run(every))
            if not broken:
                break
            # Where no file is known to be behind a test, all of them may be.
            guilty = [one for one in kept.values() if any(test in broken for test in tests.get(one.path, ()))]
            for change in guilty or [*kept.values()]:
                replace_bytes(root / change.path, change.before)
                first = next((test for test in tests.get(change.path, ()) if test in broken), next(iter(broken)))
                put_back.append((change, broken[first]))
                del kept[change.path]
    except BaseException:
        for change in changes:
            replace_bytes(root / change.path, change.before)
        raise
    return Verified(tuple(kept.values()), tuple(put_back))


def _broken(tests: Iterable[str], before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Broken]:
    pairs = ((test, before.get(test, MISSING), after.get(test, MISSING)) for test in tests)
    return {test: Broken(test, was, now) for test, was, now in pairs if was != now}


def run_tests(root: Path, tests: Sequence[str], *, options: Sequence[str] = ()) -> dict[str, str]:
    """Return the outcomes of `tests`, run with `python -m pytest` in `root`; raise `RunError` where it cannot be run.

    What this plugin made of an outcome does not count: a violation that is gone is what rewriting is for.
    """
    found: dict[str, str] = {}
    for start in range(0, len(tests), _AT_ONCE):
        some = tests[start : start + _AT_ONCE]
        outcomes = _run(root, some, options)
        if outcomes is None:  # some are not there any more: the files that are know the others
            files = [one for one in dict.fromkeys(test.partition("::")[0] for test in some) if (root / one).is_file()]
            outcomes = (_run(root, files, options) or {}) if files else {}
        found.update((test, outcomes[test]) for test in some if test in outcomes)
    return found


def _run(root: Path, tests: Sequence[str], options: Sequence[str]) -> dict[str, str] | None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "result.json")
        ours = ["--ssot-phase=ratchet", "--no-ssot-scan", f"--ssot-report=json:{file}"]
        usual = ["-q", "-p", "no:cacheprovider", f"--rootdir={root}"]
        command = [sys.executable, "-m", "pytest", *usual, *ours, *options, *tests]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode == _NOT_FOUND:
            return None
        try:
            plain = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise RunError(done.returncode, "\n".join((done.stdout + done.stderr).splitlines()[-20:])) from None
    return {test["id"]: "passed" if test.get("reason") == "ssot" else test["outcome"] for test in plain["tests"]}
