"""`ssot-tracker status` shows what is left and what is gone, from results or else from the source."""

from __future__ import annotations

import json
from collections.abc import Sequence

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


def test_of_what_could_not_be_looked_for_none_is_said_to_be_left(project):
    project.configure(table='retired = ["shop.gone"]\n[tool.ssot_tracker.ssot.names]\ndeprecated = ["shop.*:Never"]')
    assert project.call("status") == 0
    assert {tuple(line.split()) for line in project.out.splitlines() if line.startswith("  ")} == {
        ("shop.old", "2", "left"),
        ("shop.gone", "retired"),
        ("shop.*:Never", "none", "seen,", "and", "a", "blind", "spot"),
    }


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
                "production": 0,
            }
        ],
    }


def test_a_history_that_is_no_folder_is_refused(refused):
    assert refused("status", "--history", "nowhere").endswith(
        "--history: there is no folder nowhere; name one that holds result files\n"
    )


def exported(total: int, *, watched: bool = True, heard: Sequence[int] = range(31)) -> str:
    """Return what production exports on the days `heard` of the use in `log`, of which it knows no text."""
    day = 86_400_000_000_000

    def metric(name: str, kind: str, value: int, time: int, **attributes: str) -> dict[str, object]:
        told = [{"key": key, "value": {"stringValue": text}} for key, text in attributes.items()]
        point = {"attributes": told, "startTimeUnixNano": "0", "timeUnixNano": str(time), "asInt": str(value)}
        return {"name": name, kind: {"dataPoints": [point], "aggregationTemporality": 2}}

    site = {"rule": "deprecated-use", "target": "shop.old:OrderLog", "declared": "shop.old", "ssot": "orders"}
    place = {"site": "0123456789abcdef", "path": "shop/use.py", "line": "4", "scope": "log"}
    metrics = [metric("ssot.observations", "sum", total, 30 * day, **site, **place)]
    if watched:
        told = {"ssot": "orders", "target": "shop.old"}
        metrics += [metric("ssot.watched", "gauge", 1, each * day, **told) for each in heard]
    about = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop-api"}}]}
    resource = {"resource": about, "scopeMetrics": [{"metrics": metrics}]}
    return json.dumps({"resourceMetrics": [resource]}) + "\n"


@pytest.mark.parametrize(
    ("total", "watched", "said"),
    [
        (7, True, "7 in production"),
        (0, True, "nobody in production (shop-api in 30 days)"),
        (0, False, "not watched in production"),
    ],
)
def test_an_export_says_who_is_left_in_production(project, total, watched, said):
    project.write("shop/use.py", "def log():\n    pass\n")
    project.write("export.json", exported(total, watched=watched))
    assert project.call("status", "export.json") == 0
    assert project.out.splitlines()[1] == f"  shop.old  {'1 left' if total else 'none left'}, {said}"


def test_days_on_which_production_was_not_heard_are_told(project):
    project.write("shop/use.py", "def log():\n    pass\n")
    project.write("export.json", exported(0, heard=(0, 29, 30)))
    unheard = "shop-api was not heard on 28 of 31 days"
    assert project.call("status", "export.json") == 0
    assert project.out.splitlines()[1].endswith(f"none left, nobody in production (shop-api in 30 days), {unheard}")
    assert project.call("can-delete", "--no-tests", "--result", "export.json", "shop.old:OrderLog") == 0
    assert f"not seen: production: {unheard}" in project.out


def test_an_export_goes_with_the_result_of_the_tests(scanned):
    scanned.write("export.json", exported(7))
    assert scanned.call("status", "ssot-result.json", "export.json") == 0
    assert "7 in production" in scanned.out
    assert scanned.call("status", "--format", "json", "ssot-result.json", "export.json") == 0
    assert [row["production"] for row in json.loads(scanned.out)["rows"]] == [7]


@pytest.mark.parametrize("used", [True, False])
def test_what_production_uses_cannot_be_deleted(project, used):
    project.write("shop/use.py", "def log():\n    pass\n")
    project.write("export.json", exported(7 if used else 0))
    status = project.call("can-delete", "--no-tests", "--result", "export.json", "shop.old:OrderLog")
    if used:
        assert status == 1
        assert "  shop/use.py:4  deprecated-use    (7 times in production: shop-api)" in project.out
    else:
        assert status == 0
        assert project.out.splitlines()[-1] == (
            "shop.old:OrderLog can be deleted, as far as the source and the tests show, "
            "and nobody in production: shop-api in 30 days"
        )


def test_a_use_in_production_is_that_of_the_source(project):
    project.write("export.json", exported(7))
    project.call("can-delete", "--no-tests", "--result", "export.json", "shop.old:OrderLog")
    assert "  shop/use.py:4  deprecated-use  return OrderLog()  (7 times in production: shop-api)" in project.out
    assert "2 places still use it" in project.out


def test_an_export_that_does_not_say_what_it_watches_is_no_all_clear(project):
    project.write("shop/use.py", "def log():\n    pass\n")
    project.write("export.json", exported(0, watched=False))
    assert project.call("can-delete", "--no-tests", "--result", "export.json", "shop.old:OrderLog") == 1
    assert "not seen: production: no export says that shop.old:OrderLog is watched there" in project.out
