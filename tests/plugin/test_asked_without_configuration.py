"""Without any configuration a run answers who uses something, and fails nothing."""

from __future__ import annotations

import pytest

PROJECT = {
    "shop/__init__": "",
    "shop/old": "import warnings\n\nclass Log:\n    pass\n\ndef warn():\n    warnings.warn('use shop.core.Log', "
    "DeprecationWarning, stacklevel=2)",
    "shop/use": "from shop.old import Log, warn\n\ndef log():\n    return Log()\n\ndef told():\n    warn()",
    "tests/test_shop": "from shop.use import log, told\n\ndef test_log():\n    log()\n\ndef test_told():\n    told()",
}


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a project that has never heard of the plugin."""
    for name, text in PROJECT.items():
        file = pytester.path / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    pytester.makeini("[pytest]\npythonpath = .\ntestpaths = tests\nfilterwarnings = ignore")
    return pytester


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_users_are_listed_with_their_tests(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    result = project.runpytest_subprocess("--ssot-deprecate=shop.old:Log=shop.core:Log", *workers)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*= ssot: who uses shop.old:Log =*",
            "shop/use.py:4  deprecated-use  by 1 test; use shop.core:Log",
            "    return Log()",
            "      tests/test_shop.py::test_log",
            "shop/use.py:1  deprecated-import  while collecting; use shop.core:Log",
            "  [[]tool.ssot_tracker.ssot.log]",
        ]
    )
    assert result.ret == 0


def test_warnings_are_listed_with_their_tests(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ssot-warnings")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["shop/use.py:7  deprecation-warning  by 1 test; use shop.core.Log", "*test_shop.py::test_told"]
    )


def test_the_plugin_stays_out_of_it_when_switched_off(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ssot-deprecate=shop.old:Log", "--no-ssot")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*ssot:*")


def test_a_bad_question_is_a_usage_error(project: pytest.Pytester) -> None:
    result = project.runpytest_subprocess("--ssot-deprecate=shop.old:")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'shop.old:' is not a target*"])


def test_children_are_asked_too(project: pytest.Pytester) -> None:
    told = "import subprocess, sys\n\ndef test_child():\n    code = 'import shop.use; shop.use.log()'\n"
    told += "    subprocess.run([sys.executable, '-c', code], check=True)\n"
    (project.path / "tests" / "test_child.py").write_text(told)
    asking = ("--ssot-deprecate=shop.old:Log", "tests/test_child.py")
    result = project.runpytest_subprocess(*asking, "--ssot-subprocess")
    result.stdout.fnmatch_lines(["shop/use.py:4  deprecated-use  by 1 test", "*tests/test_child.py::test_child"])
    result = project.runpytest_subprocess(*asking)
    result.stdout.fnmatch_lines(["not seen: *--ssot-subprocess*"])
