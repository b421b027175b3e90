"""A fixture of the configuration takes the place of nobody else's: the name is refused, and whose it is is told."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_ssot_tracker.plugin.claimed import fixtures_of_plugins
from pytest_ssot_tracker.settings.checks import PYTEST_FIXTURES

PLUGIN = """
import pytest

@pytest.fixture
def basket():
    return "the plugin's"

@pytest.fixture(name="renamed")
def of_another_name():
    return "the plugin's"

class WithMethods:
    @pytest.fixture
    def of_a_method(self):
        return "the plugin's"

    @property
    def asked(self):
        raise AssertionError("nobody may ask")

def pytest_addoption(parser, pluginmanager):
    pluginmanager.register(WithMethods(), "with-methods")
"""


@pytest.fixture
def named(project: Any) -> Any:
    """Return a function that runs one test of the project whose table claims a fixture of the given name."""

    def run(fixture: str, *args: str, more: str = "", **files: str) -> pytest.RunResult:
        file = project.pytester.path / "pyproject.toml"
        project.configure(table=more)
        file.write_text(file.read_text().replace('"order_tracker"', f'"{fixture}"'))
        tests = {"test_it": "def test_it(): pass"}
        project.run(*args, **{**tests, **files})
        assert project.result is not None
        return project.result  # type: ignore[no-any-return]

    return run


def refusal(result: pytest.RunResult) -> str:
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.stderr.lines + result.stdout.lines if "orders.fixture" in line]
    return line.removeprefix("ERROR: ")


@pytest.mark.parametrize("name", ["tmp_path", "monkeypatch", "capsys", "caplog", "pytestconfig"])
def test_a_fixture_of_pytest_is_refused(named: Any, name: str) -> None:
    assert refusal(named(name)) == (
        f"pyproject.toml: ssot.orders.fixture: the fixture {name!r} is pytest's own, and would be replaced; "
        "choose another name"
    )


@pytest.mark.parametrize(("name", "owner"), [("worker_id", "pytest-xdist"), ("cov", "pytest-cov")])
def test_a_fixture_of_an_installed_plugin_is_refused_with_the_name_of_its_distribution(
    named: Any, name: str, owner: str
) -> None:
    assert refusal(named(name)) == (
        f"pyproject.toml: ssot.orders.fixture: the fixture {name!r} is one of the plugin {owner}, and would be "
        "replaced; choose another name"
    )


@pytest.mark.parametrize("name", ["basket", "renamed"])
def test_a_fixture_of_a_plugin_named_by_p_is_refused(named: Any, name: str) -> None:
    assert f"the fixture {name!r} is one of the plugin ours, and would be replaced" in refusal(
        named(name, "-p", "ours", ours=PLUGIN)
    )


def test_a_fixture_that_is_a_method_of_a_plugin_object_is_refused(named: Any) -> None:
    assert "the fixture 'of_a_method' is one of the plugin with-methods" in refusal(
        named("of_a_method", "-p", "ours", ours=PLUGIN)
    )


def test_a_fixture_of_a_conftest_is_refused_before_any_test_runs(named: Any) -> None:
    conftest = "import pytest\n@pytest.fixture\ndef basket(): return 'the conftest'"
    result = named("basket", conftest=conftest)
    assert refusal(result) == (
        "pyproject.toml: ssot.orders.fixture: the fixture 'basket' is defined by conftest.py, which hands out "
        "something else; choose another name, or remove that fixture"
    )
    assert "1 passed" not in result.stdout.str()


def test_a_fixture_of_a_conftest_further_down_is_refused(named: Any) -> None:
    conftest = "import pytest\n@pytest.fixture(name='basket')\ndef other(): return 'the conftest'"
    files = {"tests/conftest": conftest, "tests/test_more": "def test_more(): pass"}
    assert "the fixture 'basket' is defined by tests/conftest.py" in refusal(named("basket", **files))


def test_a_conftest_may_extend_the_fixture(named: Any) -> None:
    conftest = "import pytest\n@pytest.fixture\ndef basket(basket):\n    basket.place('mine')\n    return basket"
    result = named(
        "basket", conftest=conftest, test_it="def test_it(basket): assert basket.orders == {'mine': 'placed'}"
    )
    result.assert_outcomes(passed=1)


def test_every_problem_is_told_at_once(named: Any) -> None:
    result = named("cov", more="reset = 'sate'\nmax = { 'deprecated-use' = -1 }")
    said = result.stderr.str() + result.stdout.str()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [key for key in ("orders.fixture", "orders.reset", "orders.max") if key in said] == [
        "orders.fixture",
        "orders.reset",
        "orders.max",
    ]


@pytest.mark.parametrize("configured", [True, False])
def test_what_no_table_claims_takes_the_place_of_no_fixture_of_a_plugin(named: Any, *, configured: bool) -> None:
    plugin = "import pytest\n@pytest.fixture\ndef {0}(): return 'the plugin'\n"
    both = plugin.format("ssot") + plugin.format("execution_tracker")
    test = "def test_it(ssot, execution_tracker): assert ssot == execution_tracker == 'the plugin'"
    off = () if configured else ("--no-ssot",)
    named("basket", "-p", "ours", *off, ours=both, test_it=test).assert_outcomes(passed=1)


def test_the_fixtures_of_this_pytest_are_known_without_it(request: pytest.FixtureRequest) -> None:
    found = fixtures_of_plugins(request.config.pluginmanager)
    own = {name for name, owner in found.items() if owner == "pytest's own" and not name.startswith("_")}
    assert own <= PYTEST_FIXTURES
