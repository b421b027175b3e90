"""The gate prints a row for each criterion, and its exit status says which kind of thing stands in the way."""

from __future__ import annotations

import pytest

RUN = """\
"run": {"version": "1", "phase": "ratchet", "python": "3", "pytest": "9", "root": "/",
        "started": "2026-06-01T12:00:00+00:00", "complete": true, "workers": [], "lost_workers": []},
"ssots": [], "sites": [], "totals": {"new": 0, "known": 0, "allowed": 0, "fixed": 0}
"""
GATE = '[[tool.ssot_tracker.gate]]\nname = "all pass"\nmeasure = "passed_percent"\nmin = 100\n'


@pytest.fixture
def result(project):
    """Return what writes a result with one test of this outcome and these markers."""

    def write(outcome: str, *markers: str) -> None:
        names = ",".join(f'"{one}"' for one in markers)
        test = f'{{"id":"t.py::test","outcome":"{outcome}","reason":null,"markers":[{names}],"sites":[]}}'
        project.write("ssot-result.json", f'{{"format":1,{RUN},"tests":[{test}]}}')

    return write


@pytest.mark.parametrize(
    ("outcome", "markers", "status", "shown"),
    [
        ("passed", (), 0, "met      all pass  100 %  >= 100  1 test\ngate passed: 1 of 1 criteria met\n"),
        ("failed", (), 1, "NOT MET  all pass  0 %  >= 100  1 test\ngate not passed: 0 of 1 criteria met\n"),
        (
            "failed",
            ("ssot_rollback_trigger",),
            3,
            "NOT MET  all pass  0 %  >= 100  1 test\n"
            "ROLLBACK  t.py::test failed, which is marked ssot_rollback_trigger\n"
            "gate not passed: 0 of 1 criteria met\n",
        ),
    ],
)
def test_the_exit_status_and_the_table_agree(project, result, outcome, markers, status, shown):
    project.configure(ini=GATE)
    result(outcome, *markers)
    assert project.call("gate") == status
    assert project.out == shown


def test_a_rollback_trigger_that_failed_needs_no_criterion(project, result):
    result("failed", "ssot_rollback_trigger")
    assert project.call("gate") == 3
    assert project.out == (
        "ROLLBACK  t.py::test failed, which is marked ssot_rollback_trigger\ngate not passed: 0 of 0 criteria met\n"
    )


def test_the_usual_result_is_looked_for_here_and_in_the_root(project, result, refused, monkeypatch):
    project.configure(ini=GATE)
    result("passed")
    monkeypatch.chdir(project.root / "tests")
    assert project.call("gate") == 0
    project.write("tests/ssot-result.json", "{}")
    assert refused("gate").startswith("ssot-tracker: ssot-result.json: this is no result file")


def test_without_a_criterion_there_is_nothing_to_pass(project, result, refused):
    result("passed", "ssot_rollback_trigger")
    assert refused("gate") == (
        "read ssot-result.json\n"
        "ssot-tracker: there is no criterion: add [[tool.ssot_tracker.gate]] with name, measure and min or max\n"
    )
