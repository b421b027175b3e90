"""A warning that a table asks for is a site where the first frame of ours stands, whatever becomes of the warning."""

from __future__ import annotations

import json
from typing import Any

import pytest

LIBRARY = """
import warnings


class MovedIn20Warning(DeprecationWarning):
    pass


def query():
    _warn("Query.get() is legacy", MovedIn20Warning)


def quiet():
    _warn("no release names this", UserWarning)


def _warn(text, category):
    warnings.warn(text, category, stacklevel=3)
"""

CORE = """
import warnings
from warnings import warn

import vendored


def old():
    warn("old is deprecated, use shop.core.new instead", DeprecationWarning, stacklevel=2)


def calls_old():
    return old()


def asks():
    return vendored.query()


def ignores():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calls_old()


def turns_into_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            calls_old()
        except DeprecationWarning:
            return "raised"


def starts_anew():
    with warnings.catch_warnings():
        warnings.resetwarnings()
        calls_old()
"""

SUITE = """
import threading
import warnings

import pytest
import vendored
from shop import core


def test_calls():
    core.calls_old()


def test_asks():
    core.asks()


def test_ignores():
    core.ignores()


def test_turns_into_errors():
    assert core.turns_into_errors() == "raised"


def test_starts_anew():
    core.starts_anew()


def test_expects_it():
    with pytest.warns(DeprecationWarning, match="old"):
        core.calls_old()


def test_records_it(recwarn):
    core.calls_old()
    assert len(recwarn) == 1


def test_in_a_thread():
    thread = threading.Thread(target=core.calls_old, name="worker")
    thread.start()
    thread.join()


def test_another_kind():
    with pytest.warns(UserWarning):
        vendored.quiet()


def test_nothing():
    assert not [found for found in warnings.filters if issubclass(Warning, found[2]) and found[0] == "always"]
"""

CONFIGURATION = """
[tool.ssot_tracker]
source = ["shop"]
{table}

[tool.pytest.ini_options]
pythonpath = ["."]
filterwarnings = ["ignore:.*asyncio_default_fixture_loop_scope"]
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Return a project with a library beside it that warns."""
    libraries = pytester.path.parent / f"{pytester.path.name}_libraries"
    libraries.mkdir()
    (libraries / "vendored.py").write_text(LIBRARY)
    monkeypatch.setenv("PYTHONPATH", str(libraries))
    pytester.mkpydir("shop")
    (pytester.path / "shop/core.py").write_text(CORE)
    pytester.makepyfile(test_core=SUITE)
    return pytester


def run(project: pytest.Pytester, table: str, *arguments: str) -> tuple[pytest.RunResult, list[dict[str, Any]]]:
    """Run the suite with `table` configured; return pytest's result and the sites of ours."""
    (project.path / "pyproject.toml").write_text(CONFIGURATION.format(table=table))
    result = project.runpytest_subprocess("-p", "no:randomly", "--ssot-report=json", *arguments)
    sites = json.loads((project.path / "ssot-result.json").read_text())["sites"]
    return result, [site for site in sites if site["rule"] == "deprecation-warning"]


def by_place(sites: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the names of the tests that reach each site, by path and text."""
    return {
        f"{site['path']}: {site['text']}": [row["id"].rpartition("::")[2] for row in site["tests"]] for site in sites
    }


CALLERS = {
    "shop/core.py: return old()": [
        "test_calls",
        "test_expects_it",
        "test_ignores",
        "test_in_a_thread",
        "test_records_it",
        "test_starts_anew",
        "test_turns_into_errors",
    ],
    "shop/core.py: return vendored.query()": ["test_asks"],
}


@pytest.mark.parametrize("arguments", [(), ("-n", "2"), ("-p", "no:warnings", "-W", "ignore")])
def test_each_warning_is_put_down_to_our_frame_and_its_test(
    project: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    result, sites = run(project, "[tool.ssot_tracker.warnings.all]", "--ssot-phase=baseline", *arguments)
    result.assert_outcomes(passed=10, warnings=None if arguments else 4)
    assert by_place(sites) == CALLERS


def test_a_warning_that_is_raised_is_recorded_and_its_test_fails_as_it_did(project: pytest.Pytester) -> None:
    # pytest-asyncio itself warns as it is configured, which would end the run here.
    arguments = ("-p", "no:randomly", "-W", "error::DeprecationWarning", "-p", "no:asyncio")
    plain = project.runpytest_subprocess("-p", "no:ssot_tracker", *arguments)
    result, sites = run(project, "[tool.ssot_tracker.warnings.all]", "--ssot-phase=baseline", *arguments)
    plain_outcomes = {key: count for key, count in plain.parseoutcomes().items() if key in ("passed", "failed")}
    assert {
        key: count for key, count in result.parseoutcomes().items() if key in ("passed", "failed")
    } == plain_outcomes
    assert by_place(sites) == CALLERS


def test_what_the_text_names_is_the_replacement(project: pytest.Pytester) -> None:
    _, sites = run(project, "[tool.ssot_tracker.warnings.all]", "--ssot-phase=baseline")
    old, query = sorted(sites, key=lambda site: str(site["text"]))
    assert (old["replacement"], query["replacement"]) == ("shop.core.new", None)
    assert query["target"] == "vendored:MovedIn20Warning"
    assert query["tests"][0]["detail"] == ["MovedIn20Warning: Query.get() is legacy"]


@pytest.mark.parametrize(
    "table",
    [
        '[tool.ssot_tracker.warnings.all]\nmodule = ["vendored"]',
        '[tool.ssot_tracker.warnings.all]\nmessage = "Query"',
        '[tool.ssot_tracker.warnings.all]\ncategory = "vendored.MovedIn20Warning"',
        '[tool.ssot_tracker.warnings.all]\ncategory = ["vendored.MovedIn20Warning", "BytesWarning"]',
    ],
)
def test_a_table_speaks_of_the_warnings_it_names(project: pytest.Pytester, table: str) -> None:
    _, sites = run(project, table, "--ssot-phase=baseline")
    assert [site["text"] for site in sites] == ["return vendored.query()"]


def test_in_enforce_the_tests_fail_that_make_it_warn(project: pytest.Pytester) -> None:
    result, _ = run(project, '[tool.ssot_tracker.warnings.all]\nmodule = ["vendored"]')
    result.assert_outcomes(passed=9, failed=1, warnings=4)
    result.stdout.fnmatch_lines(["*test_asks triggers vendored:MovedIn20Warning at shop/core.py:*"])


def test_a_category_that_nobody_has_is_a_blind_spot(project: pytest.Pytester) -> None:
    result, sites = run(project, '[tool.ssot_tracker.warnings.all]\ncategory = "vendored.MovedIn21Warning"')
    assert sites == []
    result.stdout.fnmatch_lines(["*vendored:MovedIn21Warning: there is no such category of warnings here*"])
    result.stdout.no_fnmatch_line("*ssot: clean*")


def test_the_filters_are_left_as_they_were(project: pytest.Pytester) -> None:
    project.makeconftest("""
        import atexit, warnings
        ours = lambda: [found for found in warnings.filters if found[2].__name__ == "NoWarning"]
        atexit.register(lambda: print("LEFT", ours()))
    """)
    result, _ = run(project, "[tool.ssot_tracker.warnings.all]", "--ssot-phase=baseline")
    result.stdout.fnmatch_lines(["LEFT []"])
