"""What the recipes tell people to put into their tools works: the YAML is YAML, the commands and options exist."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_ssot_tracker.cli import COMMANDS, main
from pytest_ssot_tracker.settings.options import OPTIONS, parse_report

ROOT = Path(__file__).parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", RECIPES, re.DOTALL | re.MULTILINE)]


def commands(found: Any) -> Iterator[str]:
    """Yield every command line in a recipe: of a step, a script or a hook."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key in ("run", "entry") and isinstance(value, str):
                yield from value.splitlines()
            elif key == "script":
                yield from value
            else:
                yield from commands(value)
    elif isinstance(found, list):
        for one in found:
            yield from commands(one)


LINES = [line for found in (*BLOCKS, HOOKS) for line in commands(found)]


def test_there_are_recipes_for_three_tools() -> None:
    assert [next(iter(block)) for block in BLOCKS] == ["repos", "repos", "name", "test"]


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("ssot-tracker")])
def test_every_command_takes_its_arguments(line: str) -> None:
    _, command, *arguments = shlex.split(line)
    assert command in dict(COMMANDS)
    parser = argparse.ArgumentParser(exit_on_error=False)
    import_module(f"pytest_ssot_tracker.cli.{command}").add_arguments(parser)
    args = parser.parse_args(arguments)
    if command == "report":
        parse_report(args.type)


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("pytest")])
def test_every_option_of_pytest_is_one_of_ours(line: str) -> None:
    words = [word for word in shlex.split(line) if word.startswith("--ssot")]
    assert words
    assert set(words) <= {option.flag for option in OPTIONS}
    for report in re.findall(r"--ssot-report (\S+)", line):
        parse_report(report)


def test_what_one_step_writes_is_what_another_reads() -> None:
    (actions,) = (block for block in BLOCKS if "jobs" in block)
    (gitlab,) = (block for block in BLOCKS if "test" in block)
    steps = actions["jobs"]["result"]["steps"]
    uploads = [step["with"] for step in steps if "upload" in step.get("uses", "")]
    assert uploads[0]["sarif_file"] == str(parse_report("sarif").dest)
    assert uploads[1]["path"] == str(parse_report("html").dest)
    assert gitlab["test"]["artifacts"]["reports"]["codequality"] == str(parse_report("gitlab").dest)


def test_the_hook_judges_the_files_of_the_commit_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (hook,) = HOOKS
    files = {
        "ssot_tracker.toml": '[ssot.orders]\ncanonical = "new:Log"\ndeprecated = ["old"]\n',
        "new.py": "class Log: ...\n",
        "old.py": "class Log: ...\n",
        "bad.py": "import old\n",
        "good.py": "import new\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(hook["entry"])
    assert program == "ssot-tracker"
    assert main([*arguments, "good.py", "new.py"]) == 0
    assert main([*arguments, "bad.py", "good.py"]) == 1
    assert "bad.py:1" in capsys.readouterr().out
