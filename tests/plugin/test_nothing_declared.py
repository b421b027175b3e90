"""A run whose configuration declares nothing says so: silence would be taken for a clean run."""

from __future__ import annotations

import sys

import pytest

LINE = (
    "ssot: nothing is declared in {file}, so nothing is watched: add {table} with 'deprecated'; "
    "`ssot-tracker init` proposes one"
)
PYPROJECT = ("pyproject.toml", "[tool.ssot_tracker.ssot.NAME]", "[tool.ssot_tracker]\nphase = 'ratchet'\n")
OWN = ("ssot_tracker.toml", "[ssot.NAME]", "source = ['.']\n")


@pytest.mark.parametrize(("file", "table", "text"), [PYPROJECT, OWN], ids=["pyproject", "a file of our own"])
@pytest.mark.parametrize("args", [(), ("-q",), ("-n1",)], ids=["with a header", "quietly", "with a worker"])
def test_it_is_said_once_that_nothing_is_declared(pytester, file, table, text, args):
    (pytester.path / file).write_text(text)
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_inprocess("-p", "no:randomly", *args)
    assert result.ret == 0
    assert result.outlines.count(LINE.format(file=file, table=table)) == 1
    assert "clean" not in result.stdout.str()


def test_the_command_line_says_the_same(pytester):
    (pytester.path / "pyproject.toml").write_text(PYPROJECT[2])
    result = pytester.run(sys.executable, "-m", "pytest_ssot_tracker", "scan")
    assert result.ret == 2
    assert result.errlines == [LINE.format(file=PYPROJECT[0], table=PYPROJECT[1]).replace("ssot:", "ssot-tracker:", 1)]


def test_switched_off_it_says_nothing(pytester):
    (pytester.path / "pyproject.toml").write_text(PYPROJECT[2])
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_inprocess("--no-ssot").stdout.no_fnmatch_line("*ssot:*")
