"""Hold the published table to the cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .case import BACKENDS
from .cases import CASES
from .table import DOC, disagreements, main, render, verdict


def good() -> list[dict[str, object]]:
    return [
        {
            "backend": backend,
            "python": python,
            "cases": {case.slug: "as expected" for case in CASES if case.python <= (3, 13)},
        }
        for backend, python in BACKENDS.items()
    ]


def test_the_committed_table_is_what_the_cases_say() -> None:
    assert DOC.read_text(encoding="utf-8") == render(), "run: python -m tests.conformance.table --write SUMMARY SUMMARY"


def test_a_case_that_is_not_detected_is_in_the_table_with_its_reason() -> None:
    text = render()
    for case in CASES:
        for backend, reason in case.limits.items():
            assert f"**not detected**: {reason}" == verdict(case, backend)
            assert reason in text


def test_a_table_is_refused_when_a_summary_says_otherwise() -> None:
    summaries = good()
    assert disagreements(summaries) == []
    summaries[0]["cases"]["plain_class"] = "otherwise"  # type: ignore[index]
    del summaries[1]["cases"]["plain_function"]  # type: ignore[attr-defined]
    assert disagreements(summaries) == ["in-place: plain_class: otherwise", "monitoring: plain_function: was not run"]


def test_a_table_is_refused_without_both_back_ends_or_from_another_interpreter() -> None:
    (in_place, monitoring) = good()
    monitoring["python"] = "3.12"
    assert disagreements([in_place]) == ["no summary of the back end 'monitoring'"]
    assert disagreements([in_place, monitoring]) == ["the summary of 'monitoring' is of Python 3.12, not 3.13"]


def test_the_command_prints_the_table_or_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file, summary in zip(files, good(), strict=True):
        file.write_text(json.dumps(summary))
    assert main([str(file) for file in files]) == 0
    assert capsys.readouterr().out == render() + "\n"
    assert main([str(files[0])]) == 1
    assert capsys.readouterr().err == "no summary of the back end 'monitoring'\n"
