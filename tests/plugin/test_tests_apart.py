"""Sites in tests are listed after production's and counted apart; the own tests of a deprecated thing are allowed."""

from __future__ import annotations

import json

import pytest

CONFIGURATION = """
    [tool.pytest.ini_options]
    pythonpath = ["."]
    testpaths = ["tests"]

    [tool.ssot_tracker]
    phase = "baseline"
    source = ["shop"]

    [tool.ssot_tracker.ssot.orders]
    deprecated = ["shop.old_log", "shop.store:OldStore"]
    tests_of = { "shop.store:OldStore" = "tests/stores/*" }
"""
FILES = {
    "shop/__init__.py": "",
    "shop/old_log.py": "class OrderLog:\n    def __init__(self):\n        self.lines = []\n",
    "shop/store.py": "class OldStore:\n    pass\n",
    "shop/use.py": "from shop.old_log import OrderLog\n\ndef log():\n    return OrderLog()\n",
    "tests/test_use.py": (
        "from shop import old_log, use\n\ndef test_use():\n    assert use.log()\n    assert old_log.OrderLog()\n"
    ),
    "tests/test_old_log.py": (
        "from shop.old_log import OrderLog\nfrom shop.store import OldStore\n\n"
        "def test_lines():\n    assert OrderLog().lines == []\n\n"
        "def test_store():\n    assert OldStore()\n"
    ),
    "tests/stores/test_it.py": "from shop.store import OldStore\n\ndef test_it():\n    assert OldStore()\n",
}
OWN = {
    ("tests/test_old_log.py", 1),
    ("tests/test_old_log.py", 5),
    ("tests/stores/test_it.py", 1),
    ("tests/stores/test_it.py", 4),
}
TESTS = {("tests/test_use.py", 1), ("tests/test_use.py", 5), ("tests/test_old_log.py", 2), ("tests/test_old_log.py", 8)}


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyprojecttoml(CONFIGURATION)
    for name, text in FILES.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return pytester


def result_of(project: pytest.Pytester, *args: str) -> dict[str, object]:
    project.runpytest_subprocess("-p", "ssot_tracker", "--ssot-report=json:run.json", *args)
    found: dict[str, object] = json.loads((project.path / "run.json").read_text(encoding="utf-8"))
    return found


def places(sites: list[dict[str, object]]) -> set[tuple[object, object]]:
    return {(site["path"], site["line"]) for site in sites}


def test_production_comes_first_and_tests_are_counted_apart(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("-p", "ssot_tracker")
    result.stdout.fnmatch_lines(
        [
            "new (2)",
            "  deprecated-import",
            "    shop/use.py:1  *",
            "  deprecated-use",
            "    shop/use.py:4  *",
            "new in tests (4)",
            "  deprecated-import",
            "    tests/test_old_log.py:2  shop.store:OldStore*",
            "    tests/test_use.py:1  shop.old_log*",
            "  deprecated-use",
            "of these in tests: 4 new, 0 known, 4 allowed, 0 expected",
            "ssot: 6 new, 0 known, 4 allowed, *",
        ],
        consecutive=False,
    )


def test_the_result_says_which_sites_stand_in_tests(project: pytest.Pytester) -> None:
    found = result_of(project)
    assert [site["path"] for site in found["sites"]][:2] == ["shop/use.py", "shop/use.py"]
    assert places([site for site in found["sites"] if site.get("in_tests")]) == OWN | TESTS
    assert found["totals"]["in_tests"] == {"new": 4, "known": 0, "expected": 0, "allowed": 4}
    assert found["totals"]["new"] == 6


def test_the_own_tests_of_a_deprecated_thing_are_allowed_in_every_phase(project: pytest.Pytester) -> None:
    found = result_of(project, "--ssot-phase=enforce")
    allowed = [site for site in found["sites"] if site["status"] == "allowed"]
    assert places(allowed) == OWN
    assert {site["reason"] for site in allowed} == {"its own test"}
    failed = {test["id"] for test in found["tests"] if test["outcome"] == "failed"}
    assert failed == {"tests/test_use.py::test_use", "tests/test_old_log.py::test_store"}


def test_two_workers_say_the_same(project: pytest.Pytester) -> None:
    alone, spread = result_of(project), result_of(project, "-p", "xdist", "-n", "2")
    assert [(site["id"], site["status"], site.get("in_tests")) for site in alone["sites"]] == [
        (site["id"], site["status"], site.get("in_tests")) for site in spread["sites"]
    ]
    assert alone["totals"] == spread["totals"]
