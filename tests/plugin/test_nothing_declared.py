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
EMPTY = ("ssot_tracker.toml", "[ssot.NAME]", "[ssot.a]\ndeprecated = []\n[ids.a]\nowner = 'us'\n")


@pytest.mark.parametrize(
    ("file", "table", "text"), [PYPROJECT, OWN, EMPTY], ids=["pyproject", "a file of our own", "empty tables"]
)
@pytest.mark.parametrize("args", [(), ("-q",), ("-n1",)], ids=["with a header", "quietly", "with a worker"])
def test_it_is_said_once_that_nothing_is_declared(pytester, file, table, text, args):
    (pytester.path / file).write_text(text)
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_inprocess("-p", "no:randomly", *args)
    assert result.ret == 0
    assert result.outlines.count(LINE.format(file=file, table=table)) == 1
    assert "clean" not in result.stdout.str()


def test_a_table_that_declares_nothing_is_named_beside_others(pytester):
    pytester.makefile(".toml", ssot_tracker="[ssot.a]\nowner = 'us'\n[ssot.b]\ndeprecated = ['os:getlogin']\n")
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_inprocess("-q")
    result.stdout.fnmatch_lines(["ssot: warning: ssot.a: nothing is declared in it, so it looks for nothing"])


def test_the_command_line_says_the_same(pytester):
    (pytester.path / "pyproject.toml").write_text(PYPROJECT[2])
    result = pytester.run(sys.executable, "-m", "pytest_ssot_tracker", "scan")
    assert result.ret == 2
    assert result.errlines == [LINE.format(file=PYPROJECT[0], table=PYPROJECT[1]).replace("ssot:", "ssot-tracker:", 1)]


def test_switched_off_it_says_nothing(pytester):
    (pytester.path / "pyproject.toml").write_text(PYPROJECT[2])
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_inprocess("--no-ssot").stdout.no_fnmatch_line("*ssot:*")


def test_a_run_without_a_scan_says_what_only_the_scan_sees(pytester: pytest.Pytester) -> None:
    pytester.makefile(
        ".toml",
        ssot_tracker="""
        source = ["shop"]
        [ssot.orders]
        deprecated = ["shop.old:LIMIT", "shop.old:Log", "text:legacy_orders"]
        [ids.orders]
        patterns = ["time-format"]
        """,
    )
    pytester.makepyfile(
        **{
            "shop/__init__": "",
            "shop/old": "LIMIT = 3\n\n\nclass Log:\n    pass\n",
            "shop/use": "import shop.old\n\n\ndef use():\n    return shop.old.LIMIT, 'legacy_orders'\n",
            "tests/test_it": "from shop.use import use\n\n\ndef test_it():\n    use()\n",
        }
    )
    pytester.syspathinsert()
    result = pytester.runpytest("--no-ssot-scan", "-p", "no:cacheprovider")
    text = result.stdout.str()
    assert "ssot: clean" not in text
    for target in (
        "shop.old:LIMIT: a constant is read without running code; ",
        "text:legacy_orders: ",
        "time-format: ",
    ):
        assert f"{target}only the scan sees that, and this run leaves it out" in text
    assert "shop.old:Log" not in text
    assert "3 blind spots" in text
