"""Let the tests tell whether rewriting changed what the code does: run before and after, and put back what did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pytest_ssot_tracker.fix.fixes import Change
from pytest_ssot_tracker.fix.reasons import REASONS
from pytest_ssot_tracker.judge.writing import replace_bytes
from pytest_ssot_tracker.records import dataclass, regex

__all__ = ["Broken", "RunError", "Verified", "run_pytest", "run_tests", "verify"]

MISSING = "missing"
_AT_ONCE = 1000  # node ids: a system limits the length of a command line, most Linux at 2 MiB with the environment
_OF_CODE = frozenset({"AttributeError", "ImportError", "ModuleNotFoundError", "NameError", "TypeError", "KeyError"})
"""What code raises that has lost something: its message says what."""

_NUMBERS = regex(r"0x[0-9a-f]+|\d+")
_NOT_FOUND = 4  # pytest's exit status for a node id that is not there


class RunError(Exception):
    """Say that the tests could not be run: `status` is pytest's exit status, `output` the end of what it said."""

    def __init__(self, status: int, output: str) -> None:
        super().__init__(status, output)
        self.status = status
        self.output = output

    @classmethod
    def of(cls, done: subprocess.CompletedProcess[str]) -> RunError:
        """Return the error that a run of pytest ended with."""
        return cls(done.returncode, "\n".join((done.stdout + done.stderr).splitlines()[-20:]))

    def __str__(self) -> str:
        return f"the tests cannot be run (pytest's exit status {self.status}); nothing was changed\n{self.output}"


@dataclass(frozen=True, slots=True)
class Broken:
    """One test with another outcome than before, or one that fails for another reason than before: `reasons`."""

    test: str
    before: str
    after: str
    reasons: tuple[str, str] | None = None

    def __str__(self) -> str:
        if self.reasons is None:
            return f"{self.test} {self.before} before and {self.after} after"
        was, now = self.reasons
        return f"{self.test} {self.before} before and after, but for another reason: {was} before, {now} after"


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
        while every and kept and (broken := _broken(every, before, run(every))):
            # Where no file is known to be behind a test, all of them may be.
            guilty = [change for path, change in kept.items() if not broken.keys().isdisjoint(tests.get(path, ()))]
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
    found: dict[str, Broken] = {}
    for test in tests:
        (was, why), (now, wherefore) = (_parted(side.get(test, MISSING)) for side in (before, after))
        if was in ("failed", "error") and now == "passed":
            continue  # that is what a migration is for
        if was != now:
            found[test] = Broken(test, was, now)
        elif _is_other(why, wherefore):
            found[test] = Broken(test, was, now, (why, wherefore))
    return found


def _parted(outcome: str) -> tuple[str, str]:
    """Return the outcome in `failed: TypeError: no`, and the reason."""
    kind, _, reason = outcome.partition(": ")
    return kind, reason


def _is_other(was: str, now: str) -> bool:
    """Whether a test that fails before and after fails for another reason, so that it may never pass again.

    What an assertion compares may well look otherwise; that a name or an argument is not there may not.
    """
    kind = was.partition(":")[0]
    if kind != now.partition(":")[0]:
        return bool(was and now)
    return kind in _OF_CODE and _NUMBERS.sub("", was) != _NUMBERS.sub("", now)


def run_tests(root: Path, tests: Sequence[str], *, options: Sequence[str] = ()) -> dict[str, str]:
    """Return the outcomes of `tests`, run with `python -m pytest` in `root`; raise `RunError` where it cannot be run.

    What this plugin made of an outcome does not count: a violation that is gone is what rewriting is for. The outcome
    of a test that fails is followed by the reason, as in `failed: TypeError: no`.
    """
    found: dict[str, str] = {}
    for start in range(0, len(tests), _AT_ONCE):
        some = tests[start : start + _AT_ONCE]
        outcomes = _run(root, some, options)
        if outcomes is None:  # some are not there any more: the files that are know the others
            named = dict.fromkeys(test.partition("::")[0] for test in some)
            files = [file for file in named if (root / file).is_file()]
            outcomes = (_run(root, files, options) or {}) if files else {}
        found.update((test, outcomes[test]) for test in some if test in outcomes)
    return found


def _run(root: Path, tests: Sequence[str], options: Sequence[str]) -> dict[str, str] | None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "result.json")
        ours = ["-p", "pytest_ssot_tracker.fix.reasons", "--ssot-phase=ratchet", "--no-ssot-scan"]
        told = Path(folder, "reasons")
        done = run_pytest(root, [*ours, f"--ssot-report=json:{file}", *options, *tests], {REASONS: str(told)})
        if done.returncode == _NOT_FOUND:
            return None
        try:
            plain = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise RunError.of(done) from None
        lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    reasons = dict(map(json.loads, lines))
    return {test["id"]: _outcome(test, reasons.get(test["id"])) for test in plain["tests"]}


def run_pytest(root: Path, arguments: Sequence[str], variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run pytest in `root`, in our environment with these `variables`."""
    # These tests have no controller, whoever has started us.
    environment = {name: text for name, text in os.environ.items() if name != "PYTEST_XDIST_WORKER"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={root}", *arguments],
        cwd=root,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _outcome(test: Mapping[str, str], reason: str | None) -> str:
    """Return the outcome of a test but for what this plugin made of it, with the reason where it failed."""
    if test.get("reason") == "ssot" and (reason is None or reason.startswith(f"Failed: {test['id']} ")):
        return "passed"  # and a test that fails by itself as well has a reason of its own
    return f"{test['outcome']}: {reason}" if test["outcome"] in ("failed", "error") and reason else test["outcome"]
