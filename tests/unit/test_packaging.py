"""Hold what is installed to what the documentation promises: names, entry points, the type marker."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest_ssot_tracker

DISTRIBUTION = importlib.metadata.distribution("pytest-ssot-tracker")


def test_the_installed_package_is_the_one_under_test() -> None:
    """A wheel is tested as built: the checkout, which is the working folder, must not stand before it."""
    module = "pytest_ssot_tracker/__init__.py"
    shipped = [file for file in DISTRIBUTION.files or () if file.as_posix() == module]
    if shipped:
        assert Path(str(shipped[0].locate())).resolve() == Path(pytest_ssot_tracker.__file__).resolve()
    else:
        assert '"editable": true' in (DISTRIBUTION.read_text("direct_url.json") or "")


def test_the_plugin_has_the_name_that_p_takes() -> None:
    assert {entry.name: entry.value for entry in DISTRIBUTION.entry_points if entry.group == "pytest11"} == {
        "ssot_tracker": "pytest_ssot_tracker.plugin"
    }


def test_there_is_a_command() -> None:
    assert {entry.name for entry in DISTRIBUTION.entry_points if entry.group == "console_scripts"} == {"ssot-tracker"}


def test_types_are_for_users_too() -> None:
    assert Path(pytest_ssot_tracker.__file__).with_name("py.typed").exists()


def test_the_licence_is_shipped() -> None:
    assert DISTRIBUTION.metadata["License-Expression"] == "MIT"


def test_the_version_of_the_package_is_that_of_the_distribution() -> None:
    assert pytest_ssot_tracker.__version__ == DISTRIBUTION.version
