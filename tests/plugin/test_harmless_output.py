"""What a run prints of ours cannot steer the terminal, whatever tables, files and tests are called."""

from __future__ import annotations

import json

import pytest

ODD = "o\x1b[31md\x07\x9b2J\u202ed\n::error::x"
CONFIGURATION = f"""\
[tool.ssot_tracker]
source = ["."]

[tool.ssot_tracker.ssot.{json.dumps(ODD)}]
deprecated = ["old:Log"]
owner      = {json.dumps(ODD)}
max        = {{{{ "deprecated-use" = 0 }}}}
{{more}}
"""
SUITE = f"""
import importlib.util
import sys

def load():
    spec = importlib.util.spec_from_file_location("odd", {ODD + ".py"!r})
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

def test_it():
    load().log()
"""


def run(pytester: pytest.Pytester, *args: str, more: str = "") -> str:
    pytester.makepyprojecttoml(CONFIGURATION.format(more=more))
    pytester.makepyfile(old="class Log:\n    def __init__(self):\n        pass\n", test_it=SUITE)
    (pytester.path / f"{ODD}.py").write_text("from old import Log\n\n\ndef log():\n    Log()\n", encoding="utf-8")
    done = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:asyncio", *args)
    return done.stdout.str() + done.stderr.str()


@pytest.mark.parametrize(
    "args",
    [
        ("--ssot-phase=baseline", "--ssot-report=term-verbose"),
        ("--ssot-phase=enforce",),
        ("--ssot-report=github?all",),
        (f"--ssot-explain={ODD}.py:5",),
        ("--ssot-explain=" + ODD,),
        ("--ssot-update-baseline", f"--ssot-baseline={ODD}.json"),
        (f"--ssot-report=json:old.py/{ODD}",),
        (f"--ssot-config={ODD}.toml",),
        (f"--ssot-coverage={ODD}",),
        (f"--ssot-report={ODD}",),
    ],
    ids=lambda args: args[0][:20],
)
def test_a_run_prints_nothing_that_steers(pytester: pytest.Pytester, args: tuple[str, ...]) -> None:
    text = run(pytester, *args)
    assert "o\\x1b[31md" in text or "ssot" in text
    assert [char for char in text if not char.isprintable() and char != "\n"] == []
    assert "\n::error::x" not in text


@pytest.mark.parametrize("more", [f"canonicl = {json.dumps(ODD)}", f'until = "{ODD[:1]}"', f"{json.dumps(ODD)} = 1"])
def test_a_refused_configuration_prints_nothing_that_steers(pytester: pytest.Pytester, more: str) -> None:
    text = run(pytester, more=more)
    assert "pyproject.toml" in text
    assert [char for char in text if not char.isprintable() and char != "\n"] == []
