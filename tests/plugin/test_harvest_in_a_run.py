"""What was harvested is watched in a run and found by the scan like anything that a table names."""

from __future__ import annotations

import json

import pytest

PYPROJECT = """
[project]
name = "shop"
version = "1.9"

[tool.ssot_tracker]
source  = ["shop"]
harvest = ["deprecated", "warnings", "getattr", "docstring", "banned-api", "import-linter"]

[tool.ruff.lint.flake8-tidy-imports.banned-api]
"colorsys.rgb_to_hls".msg = "Use shop.api.total instead."

[[tool.importlinter.contracts]]
name = "Bills know no database"
type = "forbidden"
source_modules = ["shop.bill"]
forbidden_modules = ["shop.db"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""

API = '''
import warnings

from typing_extensions import deprecated

RATE_NOW = 3


def total():
    return 1


@deprecated("Use total instead.")
def sum_up():
    return 1


@deprecated("gone in time")
class Log:
    pass


class Bill:
    @deprecated("will be removed in 1.9")
    def pay(self):
        return 1

    def size(self):
        """.. deprecated:: 1.2"""
        return 1


def old_total():
    warnings.warn("old_total() is deprecated, use total()", DeprecationWarning, stacklevel=2)
    return total()


def ship(order, legacy=None, fast=None):
    if legacy is not None:
        warnings.warn("legacy is deprecated, use fast instead", DeprecationWarning, stacklevel=2)
    return order


def inside():
    return old_total()


def __getattr__(name):
    if name == "RATE":
        warnings.warn("use RATE_NOW", DeprecationWarning, stacklevel=2)
        return RATE_NOW
    raise AttributeError(name)
'''

BILL = """
import colorsys

from shop import api
from shop.db import Row


def bill(row):
    api.sum_up()
    api.Log()
    api.Bill().pay()
    api.Bill().size()
    api.old_total()
    api.RATE
    colorsys.rgb_to_hls(1, 1, 1)
    api.ship(1, fast=True)
    api.ship(1, True)
    return row.save()
"""

TEST = """
import warnings

from shop.api import inside
from shop.bill import bill
from shop.db import Row


def test_bill():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert bill(Row()) == 1 and inside() == 1
"""

SITES = {
    ("shop/bill.py", 5, "deprecated-import", "shop.db:Row", ""),
    ("shop/bill.py", 9, "deprecated-use", "shop.api:sum_up", "shop.api:total"),
    ("shop/bill.py", 10, "deprecated-use", "shop.api:Log", ""),
    ("shop/bill.py", 11, "deprecated-use", "shop.api:Bill.pay", ""),
    ("shop/bill.py", 12, "deprecated-use", "shop.api:Bill.size", ""),
    ("shop/bill.py", 13, "deprecated-use", "shop.api:old_total", "shop.api:total"),
    ("shop/bill.py", 14, "deprecated-access", "shop.api:RATE", "shop.api:RATE_NOW"),
    ("shop/bill.py", 15, "deprecated-use", "colorsys:rgb_to_hls", "shop.api:total"),
    ("shop/bill.py", 17, "deprecated-argument", "shop.api:ship(legacy)", "shop.api:ship(fast)"),
}


@pytest.fixture
def shop(pytester):
    pytester.makefile(".toml", pyproject=PYPROJECT)
    pytester.mkpydir("shop")
    for path, text in {
        "shop/api.py": API,
        "shop/bill.py": BILL,
        "shop/db.py": "class Row:\n    def save(self):\n        return 1\n",
        "tests/test_bill.py": TEST,
    }.items():
        file = pytester.path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return pytester


def sites(shop, *options: str, by: str) -> set[tuple[str, int, str, str, str]]:
    result = shop.runpytest_subprocess("-p", "no:randomly", "--ssot-report=json:run.json", *options)
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    found = json.loads((shop.path / "run.json").read_text())["sites"]
    return {
        (site["path"], site["line"], site["rule"], site["target"], site["replacement"] or "")
        for site in found
        if by in site["found_by"]
    }


def test_a_run_finds_the_uses_of_all_that_was_harvested(shop) -> None:
    assert sites(shop, "--ssot-phase=baseline", "--no-ssot-scan", by="run") == SITES


def test_the_scan_finds_them_too(shop) -> None:
    # Whose method is called only the run knows.
    unseen = {site for site in SITES if site[3].startswith("shop.api:Bill.")}
    assert sites(shop, "--ssot-phase=baseline", by="scan") >= SITES - unseen


def test_what_is_due_to_be_removed_by_now_fails_in_every_phase(shop) -> None:
    result = shop.runpytest_subprocess("--ssot-phase=baseline")
    result.stdout.fnmatch_lines(
        ["*test_bill calls shop.api:Bill.pay at shop/bill.py:11*", "*removed_in, 1.9, is reached"]
    )
    text = (shop.path / "pyproject.toml").read_text().replace('version = "1.9"', 'version = "1.8"')
    (shop.path / "pyproject.toml").write_text(text)
    assert shop.runpytest_subprocess("--ssot-phase=baseline").ret == 0


def test_what_is_marked_deprecated_later_is_watched_from_then_on(shop) -> None:
    (shop.path / "shop" / "api.py").write_text(API.replace("def total():", '@deprecated("no more")\ndef total():'))
    (shop.path / "tests" / "test_more.py").write_text("from shop import api\n\ndef test_total():\n    api.total()\n")
    assert ("tests/test_more.py", 4, "deprecated-use", "shop.api:total", "") in sites(
        shop, "--ssot-phase=baseline", by="run"
    )


@pytest.mark.parametrize("harvested", [False, True])
def test_nothing_of_it_is_loaded_where_nothing_is_harvested(shop, harvested) -> None:
    if not harvested:
        text = (
            PYPROJECT.replace("\nharvest", "\n# harvest") + '[tool.ssot_tracker.ssot.shop]\ndeprecated = ["shop.db"]\n'
        )
        (shop.path / "pyproject.toml").write_text(text)
    (shop.path / "conftest.py").write_text(
        "import sys\n\ndef pytest_sessionfinish():\n"
        "    open('loaded.txt', 'w').write(' '.join(name for name in sys.modules if '_tracker.harvest' in name))\n"
    )
    shop.runpytest_subprocess("--ssot-phase=baseline")
    assert bool((shop.path / "loaded.txt").read_text()) is harvested


def test_each_worker_of_xdist_watches_it(shop) -> None:
    pytest.importorskip("xdist")
    assert sites(shop, "--ssot-phase=baseline", "--no-ssot-scan", "-n1", by="run") == SITES
