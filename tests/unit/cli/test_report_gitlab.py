"""`ssot-tracker report gitlab`: the code quality report from result files."""

from __future__ import annotations

import json
from typing import Any


def test_issues_are_made_from_the_usual_result(project: Any) -> None:
    project.call("scan", "--format", "json")
    identities = {one["id"] for one in json.loads(project.out)["sites"]}
    project.write("ssot-result.json", project.out)
    assert project.call("report", "gitlab") == 0
    issues = json.loads((project.root / "gl-code-quality-report.json").read_text(encoding="utf-8"))
    assert [(one["check_name"], one["location"]) for one in issues] == [
        ("deprecated-import", {"path": "shop/use.py", "lines": {"begin": 2}}),
        ("deprecated-use", {"path": "shop/use.py", "lines": {"begin": 4}}),
    ]
    assert {one["fingerprint"] for one in issues} == identities
