"""A table can judge a part of the tree alone, end its leniency with a version, and leave owners to CODEOWNERS."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def places(project) -> list[str]:
    return [f"{site['path']}:{site['line']}" for site in project.scanned()["sites"]]


@pytest.fixture
def shops(project):
    """Return the project with a second user of what is deprecated."""
    project.write("shop/services/__init__.py", "")
    project.write("shop/services/bill.py", "from shop.old import OrderLog\n")
    project.write(
        "tests/test_shop.py", "from shop.use import log\nimport shop.services.bill\n\ndef test_log():\n    log()\n"
    )
    return project


@pytest.mark.parametrize(
    ("within", "found"),
    [
        ('["shop/services/**"]', ["shop/services/bill.py:1"]),
        ('["shop/services/"]', ["shop/services/bill.py:1"]),
        ('["shop.services"]', ["shop/services/bill.py:1"]),
        ('["shop.use"]', ["shop/use.py:2", "shop/use.py:4"]),
        ('["shop.us*", "shop/services/bill.py"]', ["shop/services/bill.py:1", "shop/use.py:2", "shop/use.py:4"]),
        ('["elsewhere/**"]', []),
    ],
)
def test_only_callers_within_are_judged(shops, within, found):
    shops.configure(table=f"within = {within}")
    assert places(shops) == found
    arguments = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--no-ssot-scan",
        "--ssot-phase=baseline",
        "--ssot-report=json:run.json",
    ]
    subprocess.run([sys.executable, "-m", "pytest", *arguments], check=True, capture_output=True)
    sites = json.loads((shops.root / "run.json").read_text())["sites"]
    assert [f"{site['path']}:{site['line']}" for site in sites] == found


@pytest.mark.parametrize(("version", "status"), [("1.9", 0), ("2.0", 1), ("2.0.1", 1), ("2.0rc1", 0)])
def test_with_the_version_of_removal_leniency_ends(project, version, status):
    project.configure(
        table='removed_in = "2.0"\nphase = "baseline"', ini=f'[project]\nname = "shop"\nversion = "{version}"'
    )
    assert project.call("scan") == status


def test_a_version_that_nobody_knows_is_refused(project, refused):
    project.configure(table='removed_in = "2.0"')
    assert refused("scan") == (
        "ssot-tracker: pyproject.toml: ssot.orders.removed_in: the version of the project is not known; "
        "write it as 'version' in [project] of pyproject.toml, or install the project\n"
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('removed_in = "next"', "ssot.orders.removed_in: 'next' is no version; write one such as \"2.0\""),
        ('within = ["shop.use:log"]', "ssot.orders.within[0]: 'shop.use:log' names something in a module"),
    ],
)
def test_what_is_written_badly_is_refused(project, refused, table, said):
    project.configure(table=table)
    assert said in refused("scan")


def test_the_owner_of_a_site_is_that_of_its_file(shops):
    shops.write("CODEOWNERS", "/shop/services/ @billing\n")
    owners = {site["path"]: site["owner"] for site in shops.scanned()["sites"]}
    assert owners == {"shop/services/bill.py": "@billing", "shop/use.py": "platform"}
