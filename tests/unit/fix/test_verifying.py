"""Put back what changes the outcome of a test, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from pytest_ssot_tracker.fix import Change
from pytest_ssot_tracker.fix.verifying import Broken, RunError, Verified, verify

A, B = Change("a.py", b"old a", b"new a", ()), Change("b.py", b"old b", b"new b", ())
TESTS = {"a.py": ["t::a", "t::both"], "b.py": ["t::b", "t::both"]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for change in (A, B):
        (tmp_path / change.path).write_bytes(change.before)
    return tmp_path


def running(root: Path, outcome: Callable[[str, Mapping[str, str]], str]) -> Callable[[Sequence[str]], dict[str, str]]:
    def run(tests: Sequence[str]) -> dict[str, str]:
        files = {change.path: (root / change.path).read_text() for change in (A, B)}
        return {test: outcome(test, files) for test in tests}

    return run


def contents(root: Path) -> list[str]:
    return [(root / change.path).read_text() for change in (A, B)]


def test_what_no_test_minds_is_kept(root: Path) -> None:
    assert verify(root, [A, B], TESTS, running(root, lambda test, files: "passed")) == Verified((A, B))
    assert contents(root) == ["new a", "new b"]


def test_a_test_that_failed_before_may_fail_after(root: Path) -> None:
    assert verify(root, [A, B], TESTS, running(root, lambda test, files: "failed")).kept == (A, B)


def test_only_the_file_whose_test_changes_is_put_back(root: Path) -> None:
    def outcome(test: str, files: Mapping[str, str]) -> str:
        return "failed" if test == "t::a" and files["a.py"] == "new a" else "passed"

    broken = Broken("t::a", "passed", "failed")
    assert verify(root, [A, B], TESTS, running(root, outcome)) == Verified((B,), ((A, broken),))
    assert contents(root) == ["old a", "new b"]
    assert str(broken) == "t::a passed before and failed after"


def test_a_file_that_cannot_do_without_another_is_put_back_with_it(root: Path) -> None:
    def outcome(test: str, files: Mapping[str, str]) -> str:
        if test == "t::a":
            return "failed" if files["a.py"] == "new a" else "passed"
        return "failed" if test == "t::b" and files == {"a.py": "old a", "b.py": "new b"} else "passed"

    assert verify(root, [A, B], TESTS, running(root, outcome)).kept == ()
    assert contents(root) == ["old a", "old b"]


def test_a_test_that_is_gone_afterwards_has_changed(root: Path) -> None:
    def run(tests: Sequence[str]) -> dict[str, str]:
        return {"t::b": "passed", "t::both": "passed"} | ({} if contents(root)[0] == "new a" else {"t::a": "passed"})

    assert verify(root, [A, B], TESTS, run).put_back == ((A, Broken("t::a", "passed", "missing")),)


def test_without_a_test_nothing_is_run(root: Path) -> None:
    assert verify(root, [A], {}, running(root, lambda test, files: pytest.fail("run"))).kept == (A,)


def test_every_file_is_as_it_was_when_the_tests_cannot_be_run(root: Path) -> None:
    def run(tests: Sequence[str]) -> dict[str, str]:
        if contents(root) != ["old a", "old b"]:
            raise RunError(3, "INTERNALERROR")
        return dict.fromkeys(tests, "passed")

    with pytest.raises(RunError) as info:
        verify(root, [A, B], TESTS, run)
    assert str(info.value) == "the tests cannot be run (pytest's exit status 3); nothing was changed\nINTERNALERROR"
    assert contents(root) == ["old a", "old b"]


REASONS = {
    ("failed: ConnectionError: no", "failed: TypeError: no"): True,
    ("failed: TypeError: f() takes 1", "failed: TypeError: g() takes 1"): True,
    ("failed: TypeError: at 0x7f1", "failed: TypeError: at 0x7f2"): False,
    ("failed: AssertionError: assert Old() == 1", "failed: AssertionError: assert New() == 1"): False,
    ("failed: AttributeError: a", "failed: AttributeError: a"): False,
    ("failed", "failed: TypeError: no"): False,
    ("failed: AssertionError: no", "passed"): False,
}


@pytest.mark.parametrize(("outcomes", "is_other"), REASONS.items(), ids=map(str, REASONS))
def test_a_test_that_fails_for_another_reason_has_its_file_put_back(
    root: Path, outcomes: tuple[str, str], is_other: bool
) -> None:
    def outcome(test: str, files: Mapping[str, str]) -> str:
        return outcomes[files["a.py"] == "new a"] if test == "t::a" else "passed"

    verified = verify(root, [A, B], TESTS, running(root, outcome))
    assert [change.path for change, _ in verified.put_back] == (["a.py"] if is_other else [])
