"""What a test may do is its own affair: a statement of other code that it runs stays what it is for everybody else."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from pytest_ssot_tracker.cli import main

CONFIGURATION = """
[tool.ssot_tracker]
source = ["shop"]
scan = ["shop", "tests"]

[tool.ssot_tracker.ssot.orders]
canonical = "shop.core:Tracker"
accessors = ["shop.core:get_tracker"]
deprecated = ["shop.old:Log"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""

FILES = {
    "pyproject.toml": CONFIGURATION,
    "shop/__init__.py": "",
    "shop/old.py": "class Log:\n    pass\n",
    "shop/core.py": """
        class Tracker:
            pass

        def made():
            return Tracker()

        def get_tracker():
            return made()
        """,
    "shop/use.py": """
        from shop import old

        def log():
            return old.Log()

        def named(name):
            return getattr(old, name)()
        """,
}

ALLOWED = """
import pytest
from shop import core, old, use
pytestmark = pytest.mark.ssot_allow(reason="tests the old one itself")
"""


@pytest.fixture
def site(pytester, monkeypatch):
    """Return what becomes of the site on a line of a file, where the tests are these."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def site(path: str, *args: str, tests: str, **files: str) -> dict:
        given = {**FILES, "tests/test_shop.py": ALLOWED + textwrap.dedent(tests), **files}
        for name, text in given.items():
            file = pytester.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text))
        result = pytester.runpytest_inprocess("-p", "ssot_tracker", "--ssot-report=json", *args)
        site.exit = result.ret
        site.text = result.stdout.str()
        sites = json.loads(Path("ssot-result.json").read_text())["sites"]
        return next(one for one in sites if one["path"] == path)

    return site


def test_a_line_of_production_that_only_an_allowed_test_runs_is_new_and_fails_the_session(site):
    found = site("shop/use.py", tests="def test_it():\n    use.log()\n")
    assert (found["status"], found["fails"], found["exercise"]) == ("new", "allowed", "exercised")
    assert site.exit == 1
    assert "1 passed" in site.text
    assert "allowed: 1 site found by the scan, and run only by tests that may use it: shop/use.py:5" in site.text


def test_it_stands_as_it_does_where_the_test_is_not_run(site):
    run = site("shop/use.py", tests="def test_it():\n    use.log()\n")
    left = site("shop/use.py", "--deselect=tests/test_shop.py::test_it", tests="def test_it():\n    use.log()\n")
    assert run["status"] == left["status"] == "new"


def test_in_a_lenient_phase_it_fails_nothing(site):
    assert site("shop/use.py", "--ssot-phase=baseline", tests="def test_it():\n    use.log()\n")["status"] == "new"
    assert site.exit == 0


@pytest.mark.parametrize(
    ("path", "tests", "files"),
    [
        ("tests/test_shop.py", "def test_it():\n    old.Log()\n", {"shop/use.py": ""}),
        ("tests/test_shop.py", "def make():\n    old.Log()\n\ndef test_it():\n    make()\n", {"shop/use.py": ""}),
        (
            "tests/conftest.py",
            "def test_it(log): pass\n",
            {
                "shop/use.py": "",
                "tests/conftest.py": "import pytest\nfrom shop import old\n@pytest.fixture\ndef log():\n"
                "    return old.Log()\n"
            },
        ),
        ("shop/use.py", "def test_it():\n    use.log()\n", {"shop/use.py": "from shop import old\n\ndef log():\n"
         "    return old.Log()  # ssot: allow[deprecated-use] the last one\n"}),
    ],
    ids=["its own body", "its own module", "its fixture", "allowed where it stands"],
)  # fmt: skip
def test_what_belongs_to_the_test_or_is_allowed_itself_is_allowed(site, path, tests, files):
    assert site(path, tests=tests, **files)["status"] == "allowed"
    assert site.exit == 0


def test_what_the_scan_does_not_find_is_the_tests_affair(site):
    found = site("shop/use.py", tests="def test_it():\n    use.named('Log')\n", **{
        "shop/use.py": "from shop import old\n\ndef named(name):\n    return getattr(old, name)()\n",
    })  # fmt: skip
    assert (found["status"], found["found_by"]) == ("allowed", ["run"])


def test_what_is_constructed_inside_an_accessor_is_no_bypass_for_a_test_that_is_allowed_it(site):
    found = site("shop/core.py", tests="def test_it():\n    core.get_tracker()\n")
    assert (found["rule"], found["status"]) == ("singleton-bypass", "allowed")


def test_of_several_results_the_scan_of_one_speaks_for_it_too(site):
    site("shop/use.py", "--no-ssot-scan", tests="def test_it():\n    use.log()\n")
    Path("ssot-result.json").rename("run.json")
    site("shop/use.py", "--deselect=tests/test_shop.py::test_it", tests="def test_it():\n    use.log()\n")
    assert main(["combine", "run.json", "ssot-result.json", "-o", "all.json"]) == 0
    (found,) = [one for one in json.loads(Path("all.json").read_text())["sites"] if one["path"] == "shop/use.py"]
    assert (found["status"], found["fails"]) == ("new", "allowed")
