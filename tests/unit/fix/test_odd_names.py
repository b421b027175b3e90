"""Files are rewritten whatever they are called, and whatever the locale is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from fix.conftest import Project

USE = "from app.old import OrderLog\n\n\nisinstance(1, OrderLog)\n"


def odd(project: Project, name: bytes) -> bytes:
    """Write a file with a site and return its path; skip where the file system has no such names."""
    path = os.path.join(os.fsencode(project.root), b"app", name)
    try:
        with open(path, "w") as stream:
            stream.write(USE)
    except OSError as error:
        pytest.skip(str(error))
    return path


@pytest.mark.parametrize("name", [b"b\xff.py", "ü.py".encode(), b"a\x1b[31m\n.py", b'x y".py'])
def test_a_file_with_an_odd_name_is_rewritten(project: Project, name: bytes) -> None:
    odd(project, name)
    (change,) = project.fix().changes
    assert change.after.decode() == USE.replace("app.old", "app.core").replace("OrderLog", "Tracker")


@pytest.mark.parametrize("name", [b"b\xff.py", "ü.py".encode()])
@pytest.mark.parametrize("argv", [["fix"], ["fix", "--write"], ["scan"], ["scan", "--format", "github"]])
def test_the_locale_of_machines_breaks_nothing(project: Project, name: bytes, argv: list[str]) -> None:
    odd(project, name)
    locale = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest_ssot_tracker", *argv, "--root", str(project.root)],
        capture_output=True,
        check=False,
        env={**os.environ, **locale},
    )
    assert done.returncode == (0 if "--write" in argv else 1), done.stderr
    assert b"Traceback" not in done.stderr
