"""Cells that a test has run in a kernel of their own are read by the scan, and named where the run cannot see them."""

from __future__ import annotations

import json

import pytest

CONFIGURATION = """\
[tool.ssot_tracker]
phase = "baseline"

[tool.ssot_tracker.ssot.shop]
deprecated = ["shop.old"]

[tool.pytest.ini_options]
pythonpath = ["."]
"""

STARTS = """\
import subprocess
import sys


def test_kernel():
    subprocess.run([sys.executable, "-m", "ipykernel_launcher", "--version"])
"""


@pytest.fixture
def result(pytester: pytest.Pytester):
    """Run the tests of a project with a notebook; return what returns the result."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["from shop import old\n", "old.log()"]}
    pytester.makepyprojecttoml(CONFIGURATION)
    pytester.makepyfile(**{"shop/__init__": "", "shop/old": "def log(): pass\n", "test_it": STARTS})
    (pytester.path / "x.ipynb").write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}, indent=1))

    def run(*args: str):
        pytester.runpytest_subprocess("-p", "no:cacheprovider", "--ssot-report=json", "--ssot-report=html", *args)
        return json.loads((pytester.path / "ssot-result.json").read_text())

    return run


def test_a_cell_is_a_site_of_the_run_too(result, pytester: pytest.Pytester) -> None:
    sites = result()["sites"]
    assert [(one["rule"], one["path"], one["scope"], one["exercise"]) for one in sites] == [
        ("deprecated-import", "x.ipynb", "cell 1", "unexercised"),
        ("deprecated-use", "x.ipynb", "cell 1", "unexercised"),
    ]
    assert "old.log()" in "".join(page.read_text() for page in (pytester.path / "ssot_html").glob("*.html"))


def test_a_kernel_is_a_blind_spot_of_the_test_that_starts_it(result) -> None:
    (test,) = result("--ssot-subprocess")["tests"]
    (spot,) = test["blind_spots"]
    assert spot["target"] == "notebook"
    assert "cells run in a Jupyter kernel" in spot["why"]
