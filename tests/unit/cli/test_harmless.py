"""No name of a file, table or test, and no text of a source, can steer the terminal or a service that reads the log."""

from __future__ import annotations

import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_ssot_tracker.cli import main
from pytest_ssot_tracker.cli.console import Console

ODD = "o\x1b[31md\x07\x9b2J\u202ed\n::error::x"
"""A name that colours, rings, clears the screen, turns text around and begins a line of its own."""

CONFIGURATION = f"""\
[tool.ssot_tracker]
source = ["shop"]
scan = ["shop"]

[tool.ssot_tracker.ssot.{json.dumps(ODD)}]
canonical  = "shop.core:Tracker"
deprecated = ["shop.old"]
owner      = {json.dumps(ODD)}
issue      = {json.dumps(ODD)}
reason     = {json.dumps(ODD)}

[[tool.ssot_tracker.gate]]
name    = {json.dumps(ODD)}
measure = "sites"
max     = 0
"""
USE = f"""\
from shop.old import OrderLog, gone


def log():
    return OrderLog("{ODD[:-11]}")  # ssot: allow[nonsense] {ODD[:8]}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {
        "pyproject.toml": CONFIGURATION,
        "shop/__init__.py": "",
        "shop/core.py": "class Tracker:\n    def __init__(self, *names):\n        pass\n",
        "shop/old.py": "class OrderLog:\n    def __init__(self, *names):\n        pass\n\n\ndef gone():\n    pass\n",
        f"shop/{ODD}.py": USE,
        f"shop/{ODD} broken.py": "def",
        "shop/use.py": USE,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(shop: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return what calls a command in the shop and returns everything that it prints."""

    def run(*argv: str) -> str:
        main(argv)
        return "".join(capsys.readouterr())

    return run


def odd_in(text: str) -> list[str]:
    """Return what of `text` is no printable text, our own colours left aside."""
    text = re.sub(r"\x1b\[(?:0|1|31|32|33)(?:;31|;32|;33)*m", "", text.replace("\x1b[31md", "BAD"))
    return [char for char in text if not char.isprintable() and char not in "\n\t"] + re.findall("BAD", text)


COMMANDS = {
    "scan": ["scan"],
    "scan with everything": ["scan", "--all", "--color", "always"],
    "annotations": ["scan", "--format", "github", "--all"],
    "sarif": ["scan", "--format", "sarif", "--all"],
    "json": ["scan", "--format", "json"],
    "baseline": ["baseline", "--baseline", f"{ODD}.json"],
    "a baseline that is none": ["scan", "--baseline", f"shop/{ODD}.py"],
    "fix": ["fix", "--color", "always"],
    "fix, written": ["fix", "--write"],
    "a path that is not there": ["scan", f"{ODD}/gone"],
    "discover": ["discover"],
    "who": ["who", "shop.old"],
    "who of what": ["who", ODD],
    "explain what": ["explain", ODD],
    "gate": ["gate", "result.json"],
    "a result that is not there": ["gate", f"{ODD}.json"],
    "combine": ["combine", "result.json", "-o", f"{ODD}.json"],
    "report": ["report", "term-verbose", "result.json", "--color", "always"],
    "report for a service": ["report", "github?all", "result.json"],
    "report into a file": ["report", f"sarif:{ODD}.sarif", "result.json"],
    "report into a file that cannot be": ["report", f"sarif:shop/use.py/{ODD}", "result.json"],
    "a report that there is none of": ["report", ODD],
}


@pytest.mark.parametrize("argv", COMMANDS.values(), ids=list(COMMANDS))
def test_what_a_command_prints_steers_nothing(shop: Path, call: Callable[..., str], argv: list[str]) -> None:
    (shop / "result.json").write_text(call("scan", "--format", "json"))
    text = call(*argv)
    assert text
    assert odd_in(text) == []
    assert not re.search(r"(?m)^::error::x", text)


def test_what_init_proposes_steers_nothing(shop: Path, call: Callable[..., str]) -> None:
    (shop / "pyproject.toml").unlink()
    (shop / ODD).mkdir()
    for name in ("one", "two"):
        (shop / ODD / f"{name}.py").write_text(f"class OrderLog:\n    '''{ODD[:8]}'''\n    def note(self): pass\n")
    text = call("init")
    assert odd_in(text) == []


def test_a_line_of_source_is_for_people_what_they_can_read_and_for_a_pipe_what_it_is() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    pipe, people = io.StringIO(), Terminal()
    for stream in (pipe, people):
        Console(stream, stream).write_source("+\tx = '\x1b[31m'")
    assert pipe.getvalue() == "+\tx = '\x1b[31m'\n"
    assert people.getvalue() == "+\tx = '\\x1b[31m'\n"


def test_a_diff_of_a_file_with_an_odd_name_can_be_applied(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "shop" / f"{ODD}.py").write_text("from shop.old import OrderLog\n\n\nOrderLog()\n", encoding="utf-8")
    (shop / "shop" / "use.py").unlink()
    assert main(["fix"]) == 1
    diff = capsys.readouterr().out.encode()
    subprocess.run(["git", "init", "-q"], cwd=shop, check=True)
    subprocess.run(["git", "apply"], cwd=shop, check=True, input=diff)
    assert "shop.core import Tracker" in (shop / "shop" / f"{ODD}.py").read_text(encoding="utf-8")
