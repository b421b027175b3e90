"""Our own modules are loaded as Python loads any: pytest rewrites no asserts of ours, which would cost each run."""

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
