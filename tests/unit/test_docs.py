"""Hold the documentation to the code: every key, rule and option is described, every link leads somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

from pytest_ssot_tracker.cli import COMMANDS
from pytest_ssot_tracker.model import Phase, Rule
from pytest_ssot_tracker.settings import checks, load
from pytest_ssot_tracker.settings.options import OPTIONS, parse_report

ROOT = Path(__file__).parents[2]
CODE = re.DOTALL | re.MULTILINE
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def headings(name: str) -> list[str]:
    without_code = re.sub(r"^```.*?^```$", "", page(name), flags=CODE)
    return re.findall(r"^#+ (.+)$", without_code, re.MULTILINE)


def anchor(heading: str) -> str:
    """Return the fragment that the usual Markdown sites make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_each_rule_has_its_section_in_the_order_of_the_code() -> None:
    assert headings("docs/rules.md")[1:] == [rule.value for rule in Rule]


@pytest.mark.parametrize("fields", ["TOP", "SSOT", "IDS", "WARNINGS", "CONTEXT", "GATE", "STATES"])
def test_each_key_of_the_configuration_is_described(fields: str) -> None:
    described = set(re.findall(r"`([a-z_]+)`", page("docs/configuration.md")))
    assert set(getattr(checks, fields)) - {"ssot", "ids", "warnings", "context", "gate"} <= described


def test_each_option_is_in_the_readme() -> None:
    readme = page("README.md")
    assert [option.flag for option in OPTIONS if option.flag not in readme] == []


def test_each_phase_is_in_the_readme() -> None:
    assert [phase for phase in Phase if f"`{phase}`" not in page("README.md")] == []


@pytest.mark.parametrize(
    "name", [name for name in PAGES if re.search(r"^```toml\n[^`]*\[tool.ssot_tracker", page(name), re.MULTILINE)]
)
def test_each_configuration_shown_is_valid(name: str, tmp_path: Path) -> None:
    shown = [text for text in re.findall(r"^```toml\n(.*?)^```", page(name), CODE) if "[tool.ssot_tracker" in text]
    assert shown
    for text in shown:
        (tmp_path / "pyproject.toml").write_text(text.replace('policies = ["our-company"]', ""), encoding="utf-8")
        assert load(tmp_path, verify=False).file


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page(name)):
        path, _, fragment = target.partition("#")
        file = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        anchors = map(anchor, headings(file.relative_to(ROOT).as_posix())) if file.exists() and fragment else ()
        if not file.exists() or (fragment and fragment not in anchors):
            broken.append(target)
    assert broken == []


def commands(name: str) -> list[str]:
    """Return the command lines of a page: in its blocks, and between backticks in its text."""
    blocks = "\n".join(re.findall(r"^```\w*\n(.*?)^```", page(name), CODE))
    lines = re.findall(r"^\s*(?:\$ |- run: |- )?((?:ssot-tracker|pytest) .+)$", blocks, re.MULTILINE)
    lines += re.findall(r"`((?:ssot-tracker|pytest) [^`\n]+)`", re.sub(r"^```.*?^```$", "", page(name), flags=CODE))
    return [re.split(r" (?:#|>|&&|\|) ?|…", line)[0].strip() for line in lines]


SHOWN = [(name, line) for name in PAGES if name != "docs/conformance.md" for line in dict.fromkeys(commands(name))]
STANDS_FOR = {"RULE": "deprecated-use", "TYPE[:DEST]": "term", "SHELL": "bash"}


def test_the_pages_show_commands() -> None:
    assert len(SHOWN) > 50


@pytest.mark.parametrize(("name", "line"), [row for row in SHOWN if row[1].startswith("ssot-tracker")])
def test_each_command_shown_takes_its_arguments(name: str, line: str) -> None:
    words = [STANDS_FOR.get(word, word) for word in shlex.split(re.sub(r"[\[\]…]", "", line))]
    if words[1:2] == ["--version"]:
        return
    assert words[1] in dict(COMMANDS)
    parser = ArgumentParser(exit_on_error=False)
    module = import_module(f"pytest_ssot_tracker.cli.{words[1].replace('-', '_')}")
    module.add_arguments(parser)
    known = {spelled for action in parser._actions for spelled in action.option_strings} | {"--", "--color"}
    own = words[2 : words.index("--")] if "--" in words else words[2:]
    assert {word.partition("=")[0] for word in own if word.startswith("-")} <= known


@pytest.mark.parametrize(("name", "line"), [row for row in SHOWN if row[1].startswith("pytest")])
def test_each_option_of_pytest_shown_is_there(name: str, line: str) -> None:
    words = shlex.split(re.sub(r"[\[\]…]", "", line))
    ours = {option.flag for option in OPTIONS} | {option.negative for option in OPTIONS if option.negative}
    assert {word.partition("=")[0] for word in words if word.startswith(("--ssot", "--no-ssot"))} <= ours
    following = [after for word, after in pairwise(words) if word == "--ssot-report"]
    for spelling in (*following, *(word.partition("=")[2] for word in words if word.startswith("--ssot-report="))):
        parse_report(spelling)


def test_the_page_of_commands_can_be_made_and_has_each() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "commands.py"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""  # that it is up to date, `make docs` sees to
    assert [heading for heading in headings("docs/commands.md") if heading in dict(COMMANDS)] == [
        name for name, _ in COMMANDS
    ]
