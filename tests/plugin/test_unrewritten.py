"""What each run would pay for is spared: pytest rewrites no asserts of ours, and looks at none of our other names."""

from __future__ import annotations

import pytest

SUITE = """
import sys

def test_how_we_were_loaded():
    ours = {{name: module for name, module in sys.modules.items() if name.startswith("pytest_ssot_tracker.")}}
    late = {{name: type(ours[name].__spec__.loader).__name__ for name in {names!r}}}
    assert set(late.values()) == {{"SourceFileLoader"}}, late
    assert not [finder for finder in sys.meta_path if type(finder).__module__ == "pytest_ssot_tracker.plugin"]
"""


@pytest.mark.parametrize(
    ("configuration", "names"),
    [
        ("", ("settings.options", "isolate.refusing", "plugin.hookspecs")),
        ('[tool.ssot_tracker.ssot.a]\ndeprecated = ["app.old"]', ("detect.install", "judge.verdict", "scan.walk")),
    ],
)
def test_we_are_loaded_past_pytests_rewriting(
    pytester: pytest.Pytester, configuration: str, names: tuple[str, ...]
) -> None:
    pytester.makepyprojecttoml(configuration)
    pytester.makepyfile(SUITE.format(names=[f"pytest_ssot_tracker.{name}" for name in names]))
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


ASKED = """
import pytest

def test_what_pytest_looks_at(pytestconfig):
    manager = pytestconfig.pluginmanager
    ours = {name: plugin for name, plugin in manager.list_name_plugin() if "ssot" in name}
    looked_at = {name: [part for part in dir(plugin) if part[0] != "_"] for name, plugin in ours.items()}
    hooks = {name: {hook.name for hook in manager.get_hookcallers(plugin)} for name, plugin in ours.items()}
    fixtures = {"ssot", "ssot_violations", "ssot_race", "execution_tracker"}
    assert {"ssot_tracker", *NAMES} <= set(ours)
    for name, parts in looked_at.items():
        assert hooks[name] <= set(parts) <= hooks[name] | fixtures, name
"""


@pytest.mark.parametrize(
    ("configuration", "names"),
    [
        ("", []),
        ("[tool.ssot_tracker]", ["ssot_tracker_undeclared"]),
        ('[tool.ssot_tracker.ssot.a]\ndeprecated = ["app.old"]', ["ssot_tracker_running", "ssot_tracker_gathering"]),
    ],
)
def test_pytest_is_shown_our_hooks_and_fixtures_only(
    pytester: pytest.Pytester, configuration: str, names: list[str]
) -> None:
    pytester.makepyprojecttoml(configuration)
    pytester.makepyfile(ASKED.replace("NAMES", repr(names)))
    pytester.runpytest_subprocess("--ssot-report=json:result.json").assert_outcomes(passed=1)
