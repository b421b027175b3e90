"""Test `ssot-tracker completion`: what a shell offers is what the tool takes."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from pytest_ssot_tracker.cli import COMMANDS
from pytest_ssot_tracker.cli.completion import SHELLS, script
from pytest_ssot_tracker.model import Rule

BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None, reason="there is no bash here")


def offered(*words: str) -> list[str]:
    """Return what bash offers for the last word of the line `ssot-tracker WORDS`."""
    line = " ".join(f"'{word}'" for word in ("ssot-tracker", *words))
    ask = f'COMP_WORDS=({line}); COMP_CWORD={len(words)}; _ssot_tracker; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run([BASH, "-c", f"{script('bash')}\n{ask}"], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@needs_bash
def test_every_command_is_offered():
    assert set(offered("")) >= {name for name, _ in COMMANDS}
    assert offered("base") == ["baseline"]


@needs_bash
def test_the_options_of_a_command_are_offered():
    assert offered("scan", "--a") == ["--all"]
    assert "--limit" in offered("discover", "src", "--")


@needs_bash
def test_the_choices_of_an_option_are_offered_and_nothing_else():
    assert offered("scan", "--format", "") == ["text", "json", "sarif", "github"]
    assert offered("scan", "--phase", "e") == ["enforce"]


@needs_bash
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("explain", "deprecated-"), [rule.value for rule in Rule if rule.startswith("deprecated-")]),
        (("report", "j"), ["json"]),
        (("report", "git"), ["github", "gitlab"]),
        (("completion", ""), list(SHELLS)),
    ],
)
def test_what_a_command_speaks_of_is_offered(words, expected):
    assert [one for one in offered(*words) if not one.startswith("--")] == [
        one for one in expected if one.startswith(words[-1])
    ]


def test_the_script_is_printed(project):
    assert project.call("completion", "bash") == 0
    assert project.out == script("bash")


def test_zsh_takes_the_same_by_its_bridge(project):
    assert project.call("completion", "zsh") == 0
    assert project.out.startswith("autoload -U +X bashcompinit && bashcompinit\n")
    assert script("bash").partition("\n")[2] in project.out


def test_another_shell_is_refused(project):
    assert project.call("completion", "tcsh") == 2


FISH = shutil.which("fish")


def in_fish(line: str) -> list[str]:
    """Return what fish offers at the end of `line`."""
    ask = f"{script('fish')}\ncomplete -C {line!r}"
    done = subprocess.run([FISH, "--no-config", "-c", ask], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [one.partition("\t")[0] for one in done.stdout.splitlines()]


@pytest.mark.skipif(FISH is None, reason="there is no fish here")
def test_fish_offers_commands_options_and_choices():
    assert set(in_fish("ssot-tracker ")) >= {name for name, _ in COMMANDS}
    assert in_fish("ssot-tracker base") == ["baseline"]
    assert in_fish("ssot-tracker scan --a") == ["--all"]
    assert in_fish("ssot-tracker scan --format ") == ["github", "json", "sarif", "text"]
    assert set(in_fish("ssot-tracker explain deprecated-")) == {rule for rule in Rule if rule.startswith("deprecated-")}
    assert set(in_fish("ssot-tracker completion ")) == set(SHELLS)


def test_the_script_for_fish_names_every_option_of_every_command_once():
    lines = script("fish").splitlines()
    assert len(lines) == len(set(lines))
    assert all(line.startswith(("#", "complete -c ssot-tracker")) for line in lines)
    for command, options in {"scan": ["format", "group", "since"], "status": ["history"], "report": ["root"]}.items():
        here = [line for line in lines if f"__fish_seen_subcommand_from {command}'" in line]
        assert [option for option in options if not any(f" -l {option}" in line for line in here)] == []
