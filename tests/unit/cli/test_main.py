"""Test the frame of the command line: help, version, refusals, colour, exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pytest_ssot_tracker.cli import COMMANDS, main


def test_without_a_command_the_help_is_shown_and_it_is_a_usage_error(capsys):
    assert main([]) == 2
    assert "usage: ssot-tracker" in capsys.readouterr().out


def test_the_help_names_every_command_and_the_exit_statuses(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"    {name}" in shown for name, _ in COMMANDS)
    assert "0 fine, 1 violations, 2 usage or configuration, 3 (gate only)" in shown


def test_the_version_is_shown(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("ssot-tracker ")


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
def test_every_command_is_a_module_with_its_two_functions(name):
    module = import_module(f"pytest_ssot_tracker.cli.{name.replace('-', '_')}")
    assert callable(module.add_arguments)
    assert callable(module.run)


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
def test_every_command_has_help(name, capsys):
    assert main([name, "--help"]) == 0
    assert f"usage: ssot-tracker {name}" in capsys.readouterr().out


def test_an_unknown_command_is_a_usage_error(capsys):
    assert main(["scam"]) == 2
    assert "invalid choice: 'scam'" in capsys.readouterr().err


def test_an_unknown_option_is_a_usage_error(capsys):
    assert main(["scan", "--nope"]) == 2
    assert "unrecognized arguments: --nope" in capsys.readouterr().err


def test_what_is_missing_is_named_and_nothing_else(capsys):
    """An argument that may be left out is not said to be required, nor has one that may not a default."""
    assert main(["report"]) == 2
    said = "error: the following arguments are required: TYPE[:DEST]; ssot-tracker report --help lists what there is\n"
    assert capsys.readouterr().err.endswith(said)
    assert main(["combine", "--help"]) == 0
    assert "default: ssot-result.json" not in " ".join(capsys.readouterr().out.split())


def test_nothing_configured_is_refused_with_the_way_out(project, refused):
    project.write("pyproject.toml", "")
    assert refused("scan") == (
        f"ssot-tracker: nothing is configured in {project.root}: add [tool.ssot_tracker] to pyproject.toml; "
        "`ssot-tracker init` proposes one\n"
    )


def test_a_bad_configuration_is_refused_with_all_problems_at_once(project, refused):
    project.configure(top='phase = "rachet"', table='onwer = "me"')
    lines = refused("scan").splitlines()
    assert len(lines) == 2
    assert all(line.startswith("ssot-tracker: pyproject.toml: ") for line in lines)


def test_a_root_that_is_no_folder_is_refused(refused):
    assert (
        refused("scan", "--root", "nowhere")
        == "ssot-tracker: --root: there is no folder 'nowhere'; name one that exists\n"
    )


def test_an_unreadable_baseline_is_refused(project, refused):
    project.write("ssot-baseline.json", "{")
    assert "the baseline is no JSON" in refused("scan")


def test_a_missing_configuration_file_is_refused(refused):
    assert "other.toml: the file cannot be read: No such file or directory" in refused("scan", "--config", "other.toml")


@pytest.mark.parametrize(
    ("argv", "no_color", "colored"),
    [
        ((), None, False),
        (("--color", "always"), None, True),
        (("--color", "always"), "1", True),
        (("--color", "never"), None, False),
        (("--color", "auto"), "1", False),
    ],
)
def test_colour_is_asked_for_or_left_to_the_terminal(project, monkeypatch, argv, no_color, colored):
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    project.call("scan", *argv)
    assert ("\033[" in project.out) is colored


def test_colour_may_be_named_before_the_command(project):
    project.call("--color", "always", "scan")
    assert "\033[" in project.out


def test_starting_loads_neither_pytest_nor_rich_nor_another_command():
    code = """
import sys
from pytest_ssot_tracker.cli import main
main(["--version"])
loaded = {"pytest", "rich", "jsonschema", "pytest_ssot_tracker.cli.scan", "pytest_ssot_tracker.scan"}
print(sorted(loaded & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "pytest_ssot_tracker", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("ssot-tracker ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("argv", [["scan"], ["scan", "--format", "sarif"], ["explain"], ["report", "term", "r.json"]])
def test_output_that_cannot_be_written_is_one_line_and_a_status(project, argv):
    (project.root / "r.json").write_text(json.dumps(project.scanned()))
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "pytest_ssot_tracker", *argv], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (2, b"ssot-tracker: the output: No space left on device\n")


def test_a_name_that_no_file_can_have_is_refused(project, refused):
    long = "x" * 5000
    assert "there is no" in refused("scan", long)
    assert "there is no folder" in refused("scan", "--root", long)
    assert "there is no file" in refused("scan", "--baseline", long)
    assert "File name too long" in refused("gate", long)


@pytest.mark.parametrize(
    "argv",
    [["explain"], ["explain", "deprecated-use"], ["scan"], ["who", "shop.old.OrderLog"], ["status"]],
    ids=" ".join,
)
def test_no_line_is_wider_than_the_terminal(project, monkeypatch, argv):
    monkeypatch.setenv("COLUMNS", "72")
    project.call(*argv)
    assert project.out
    assert [line for line in project.out.splitlines() if len(line) > 72] == []


def test_errors_are_folded_on_a_terminal_only(project, capsys, monkeypatch):
    project.call("gate", "none.json")
    assert len(project.err.splitlines()) == 1
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    project.call("gate", "none.json")
    assert len(project.err.splitlines()) > 1
    assert all(len(line) <= 40 for line in project.err.splitlines())
