"""`ssot-tracker status` shows what is left and what is gone, from results or else from the source."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def scanned(project):
    """Return the project with the result of a scan as its usual result, and one of an earlier day."""
    project.call("scan", "--format", "json")
    project.write("ssot-result.json", project.out)
    earlier = json.loads(project.out)
    earlier["run"]["started"] = "2026-01-01T00:00:00+00:00"
    project.write("history/1.json", json.dumps(earlier))
    return project


def test_without_a_result_the_source_is_asked(project):
    assert project.call("status") == 0
    assert project.out.splitlines() == [
        "orders (phase enforce, platform)",
        "  shop.old  2 left",
        "2 sites left, 0 gone",
    ]
    assert project.err.startswith("no result of a run is here, so this is what the source says")


@pytest.mark.parametrize(
    ("group", "lines"),
    [
        ("target", ["  shop.old  2 left"]),
        ("owner", ["  platform  2 left"]),
        ("rule", ["  deprecated-import  1 left", "  deprecated-use     1 left"]),
        ("path", ["  shop/  2 left"]),
    ],
)
def test_sites_are_grouped_as_asked(scanned, group, lines):
    assert scanned.call("status", "--group", group) == 0
    assert scanned.out.splitlines()[1:-1] == lines
    assert scanned.err == "read ssot-result.json\n"


def test_a_trend_is_what_was_left_in_earlier_runs(scanned):
    scanned.write("shop/use.py", "def log():\n    from shop.old import OrderLog\n")
    scanned.call("scan", "--format", "json")
    scanned.write("ssot-result.json", scanned.out)
    assert scanned.call("status", "--history", "history") == 0
    assert "  shop.old  1 left, 2 → 1" in scanned.out.splitlines()


def test_what_is_fixed_is_gone(project):
    project.call("baseline")
    project.write("shop/use.py", "")
    project.write("tests/test_shop.py", "")
    project.call("scan", "--format", "json")
    project.write("ssot-result.json", project.out)
    assert project.call("status") == 0
    assert project.out.splitlines()[1:] == ["  shop.old  none left, 2 gone", "0 sites left, 2 gone"]


def test_it_is_data_for_machines(scanned):
    assert scanned.call("status", "--format", "json") == 0
    assert json.loads(scanned.out) == {
        "group": "target",
        "rows": [
            {
                "table": "orders",
                "group": "shop.old",
                "left": 2,
                "gone": 0,
                "tests": 0,
                "trend": [],
                "retired": False,
                "in_tests": 0,
            }
        ],
    }


def test_a_history_that_is_no_folder_is_refused(refused):
    assert refused("status", "--history", "nowhere").endswith(
        "--history: there is no folder nowhere; name one that holds result files\n"
    )
