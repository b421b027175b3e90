"""`ssot-tracker report html`: pages from result files, and the trend of earlier runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def history(project: Any) -> Path:
    """Return a folder with the results of two earlier runs, beside the usual result."""
    project.call("scan", "--format", "json")
    result = json.loads(project.out)
    project.write("ssot-result.json", project.out)
    for day in (1, 2):
        result["run"]["started"] = f"2020-01-0{day}T00:00:00+00:00"
        project.write(f"history/run{day}.json", json.dumps(result))
    return Path(project.root / "history")


def test_pages_are_made_from_the_usual_result(project: Any, history: Path) -> None:
    assert project.call("report", "html:pages") == 0
    index = (project.root / "pages" / "index.html").read_text(encoding="utf-8")
    assert "shop/use.py" in index
    assert "Sites per rule over time" not in index


def test_earlier_runs_make_a_trend(project: Any, history: Path) -> None:
    assert project.call("report", "html:pages", "--history", "history") == 0
    index = (project.root / "pages" / "index.html").read_text(encoding="utf-8")
    assert "in 3 runs" in index
    assert index.count("<circle cx=") > index.count("<polyline") >= 1


def test_a_history_without_a_folder_or_for_another_report_is_refused(project: Any, history: Path) -> None:
    assert project.call("report", "html:pages", "--history", "nowhere") == 2
    assert "--history: there is no folder nowhere; name one that holds result files" in project.err
    assert project.call("report", "json:x.json", "--history", "history") == 2
    assert "--history: the json report shows no trend; leave it out, or write html" in project.err


def test_a_history_that_cannot_be_read_is_named(project: Any, history: Path) -> None:
    project.write("history/run3.json", "{")
    assert project.call("report", "html:pages", "--history", "history") == 2
    assert "run3.json" in project.err
