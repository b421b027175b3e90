"""Post every violation of a run to a file, one JSON object a line: the place to put your own dashboard or chat."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
POSTS = HERE / "posts.jsonl"


def pytest_sessionstart() -> None:
    POSTS.unlink(missing_ok=True)


def pytest_ssot_violation(site, row, observation) -> None:
    post = {
        "rule": site.rule,
        "at": site.where,
        "use": row.replacement,
        "owner": row.owner,
        "test": None if observation is None else observation.test,
    }
    with POSTS.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(post) + "\n")


def pytest_ssot_report(report) -> None:
    with POSTS.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"new": report.totals.new, "failed": report.failed}) + "\n")
