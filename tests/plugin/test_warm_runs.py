"""A run whose scan is answered from what was kept parses no file of the project, and keeps no syntax tree."""

from __future__ import annotations

import ast
import gc
import json
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.detect.record.recorder import Recorder, Watch
from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.settings import Tree

CONFIGURATION = """\
[tool.ssot_tracker]
phase = "ratchet"
source = ["shop", "tests"]

[tool.ssot_tracker.ssot.shop]
canonical = "shop.core:Tracker"
deprecated = ["shop.old", "shop.core:LEGACY"]

[tool.pytest.ini_options]
pythonpath = ["."]
"""

FILES = {
    "shop/__init__.py": "",
    "shop/core.py": "LEGACY = 1\n\n\nclass Tracker:\n    pass\n",
    "shop/old.py": "class Log:\n    pass\n",
    "shop/use.py": """
        from shop import core
        from shop.old import Log


        def one():
            return Log()


        def two():
            return Log()  # ssot: allow[deprecated-use] until the audit


        def three():
            first, second = Log(), core.LEGACY
            return [Log() for _ in range(2)], first, second
        """,
    "tests/test_it.py": """
        import datetime

        import pytest

        from shop import use


        @pytest.mark.ssot_expect_violation("deprecated-use", until=datetime.date(2999, 1, 1), reason="soon")
        def test_one():
            use.one()


        def test_two():
            use.two()


        @pytest.mark.ssot_allow("deprecated-use", reason=f"as agreed")
        def test_three():
            use.three()
            use.Log()


        @pytest.mark.ssot_allow("deprecated-use", reason="never runs")
        def test_four():
            use.Log()


        def test_five_does_what_no_scan_sees():
            vars(use)["goL"[::-1]]()
        """,
}

# Registered before anything else; what is parsed in the project's name has a relative file name, as no import has.
LISTENER = """\
import atexit
import sys

parsed = []


def heard(event, arguments):
    if event == "compile" and isinstance(arguments[1], str) and arguments[1].startswith(("shop/", "tests/")):
        parsed.append(arguments[1])


sys.addaudithook(heard)
atexit.register(lambda: open("parsed.txt", "w").write("\\n".join(parsed)))
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Return what runs the tests in a process of its own: the sites of the result, and the files parsed for it."""
    pytester.makepyprojecttoml(CONFIGURATION)
    pytester.makepyfile(listener=LISTENER)
    for name, text in FILES.items():
        path = pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))

    def once(*args: str) -> tuple[list[dict[str, Any]], list[str]]:
        pytester.runpytest_subprocess("-p", "listener", "--ssot-report=json", *args)
        parsed = (pytester.path / "parsed.txt").read_text().split()
        return json.loads((pytester.path / "ssot-result.json").read_text())["sites"], parsed

    return once


@pytest.mark.parametrize("args", [(), ("-k", "not four"), ("-n2", "-p", "xdist")], ids=["all", "some", "workers"])
def test_a_warm_run_parses_nothing_and_finds_the_same(run, args: tuple[str, ...]) -> None:
    time.sleep(2.1)  # so old are the files whose answer is kept
    cold, _ = run("-p", "no:randomly", *args)
    warm, parsed = run("-p", "no:randomly", *args)
    assert parsed == []
    assert warm == cold
    assert {(one["path"], one["line"], one["status"]) for one in warm if one["rule"] == "deprecated-use"} >= {
        ("shop/use.py", 6, "expected"),
        ("shop/use.py", 10, "allowed"),
        ("tests/test_it.py", 25, "allowed"),
        ("tests/test_it.py", 29, "new"),
    }
    assert {one["line"] for one in warm if one["exercise"] == "dynamic"} == {29}
    if sys.version_info >= (3, 12):
        assert {seen["by"] for one in warm if one["rule"] == "deprecated-access" for seen in one["tests"]} == {"line"}


def test_of_many_files_only_a_few_trees_are_kept(tmp_path: Path) -> None:
    recorder = Recorder(Tree.of(tmp_path))
    codes = []
    for number in range(12):
        file = tmp_path / f"part_{number}.py"
        file.write_text("def f():\n    return g()\n")
        codes.append(compile(file.read_text(), str(file), "exec").co_consts[0])
    watch = Watch(Rule.DEPRECATED_USE, "shop", "a:g", "a:g")
    gc.collect()
    before = sum(type(held) is ast.Module for held in gc.get_objects())
    for _ in range(2):
        found = [recorder.sites.site(watch, code, 0) for code in codes]
    assert [site.path for site in found] == [f"part_{number}.py" for number in range(12)]
    assert sum(type(held) is ast.Module for held in gc.get_objects()) - before <= 4
