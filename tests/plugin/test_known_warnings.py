"""Known warnings are known by where they are made: tests may be moved, split and given other parameters.

A list of tests that may warn, by their node ids, goes stale with each of these. One suite shows both.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CONFIGURATION = """
[tool.ssot_tracker]
phase  = "ratchet"
source = ["shop"]
scan   = ["shop", "tests"]

[tool.ssot_tracker.warnings.deprecations]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths  = ["tests"]
filterwarnings = ["ignore:.*asyncio_default_fixture_loop_scope"]
"""

STORE = """
import warnings


def old_place(order):
    warnings.warn("old_place() is deprecated, use place()", DeprecationWarning, stacklevel=2)
    return order


def old_price(order):
    warnings.warn("old_price() is deprecated, use price()", DeprecationWarning, stacklevel=2)
    return 3
"""

ORDERS = """
from shop import store


def order(name):
    return store.old_place(name)
"""

TESTS = """
import pytest
from shop import orders, store


@pytest.mark.parametrize("name", ["tea", "milk"])
def test_order(name):
    assert orders.order(name) == name


def test_place_and_price():
    assert store.old_place("tea") == "tea"
    assert store.old_price("tea") == 3


class TestReceipt:
    def test_price(self):
        assert store.old_price("milk") == 3
"""


def warned(shop: pytest.Pytester) -> tuple[pytest.RunResult, set[str], set[str]]:
    """Return pytest's result, the node ids of the tests that warn, and the places that are new."""
    result = shop.runpytest_subprocess("-p", "no:randomly", "--ssot-report=json")
    sites = json.loads((shop.path / "ssot-result.json").read_text())["sites"]
    ids = {row["id"] for site in sites for row in site["tests"]}
    return result, ids, {f"{site['path']}: {site['text']}" for site in sites if site["status"] == "new"}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a project of which all warnings are known."""
    root = tmp_path_factory.mktemp("known") / "project"
    files = {"pyproject.toml": CONFIGURATION, "shop/__init__.py": "", "shop/store.py": STORE, "shop/orders.py": ORDERS}
    for path, text in {**files, "tests/test_orders.py": TESTS}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    options = ("-q", "-p", "no:randomly", "--ssot-report=json", "--ssot-phase=baseline")
    subprocess.run([sys.executable, "-m", "pytest", *options], cwd=root, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "pytest_ssot_tracker", "baseline"], cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture
def shop(pytester: pytest.Pytester, known: Path) -> pytest.Pytester:
    """Return that project, to be changed."""
    shutil.copytree(known, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*_cache", "__pycache__"))
    return pytester


def write(project: pytest.Pytester, path: str, text: str) -> Path:
    file = project.path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


PLACE, PRICE = '    assert store.old_place("tea") == "tea"\n', '    assert store.old_price("tea") == 3\n'


def split(text: str) -> str:
    whole = f"def test_place_and_price():\n{PLACE}{PRICE}"
    return replaced(text, whole, f"def test_that_it_is_placed():\n{PLACE}\n\ndef test_price():\n{PRICE}")


def cut_in_two(text: str) -> str:
    """Put the second half of a test into one of its own."""
    return replaced(text, PLACE + PRICE, f"{PLACE}\n\ndef test_price():\n{PRICE}")


def parametrized_anew(text: str) -> str:
    return replaced(text, '["tea", "milk"])', '["milk", "tea", "bread"], ids=["one", "two", "three"])')


def in_another_class(text: str) -> str:
    return replaced(text, "class TestReceipt", "class TestPrices")


def renamed(text: str) -> str:
    return replaced(text, "def test_price(self", "def test_the_price_of_milk(self")


def all_at_once(text: str) -> str:
    return renamed(in_another_class(parametrized_anew(split(text))))


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


PLACES = ["tests/test_orders.py", "tests/unit/test_orders.py", "tests/unit/test_orders_of_the_shop.py"]
CHANGES = [split, cut_in_two, parametrized_anew, in_another_class, renamed, all_at_once]
MOVES = [(change, PLACES[0]) for change in CHANGES]
MOVES += [(str, PLACES[2]), (str, PLACES[1]), (all_at_once, PLACES[1])]


def changed(shop: pytest.Pytester, change: Callable[[str], str], place: str) -> None:
    (shop.path / "tests/test_orders.py").unlink()
    write(shop, place, change(TESTS))


LISTED = {
    "tests/test_orders.py::test_order[tea]",
    "tests/test_orders.py::test_order[milk]",
    "tests/test_orders.py::test_place_and_price",
    "tests/test_orders.py::TestReceipt::test_price",
}
"""The tests that warn, as a list of known ones has them."""


def test_all_is_known_while_nothing_changes(shop: pytest.Pytester) -> None:
    result, ids, new = warned(shop)
    assert (result.ret, new) == (0, set())
    assert ids == LISTED


@pytest.mark.parametrize(("change", "place"), MOVES)
def test_what_is_old_is_known_however_its_tests_are_changed(
    shop: pytest.Pytester, change: Callable[[str], str], place: str
) -> None:
    changed(shop, change, place)
    result, ids, new = warned(shop)
    assert ids - LISTED, "a list of node ids would call these new"
    assert (new, result.ret) == (set(), 0)


@pytest.mark.parametrize(("change", "place"), MOVES[-1:])
def test_what_is_new_fails_its_test_all_the_same(
    shop: pytest.Pytester, change: Callable[[str], str], place: str
) -> None:
    changed(shop, change, place)
    write(shop, "shop/orders.py", ORDERS + "\n\ndef price(name):\n    return store.old_price(name)\n")
    test = "from shop import orders\n\ndef test_price():\n    assert orders.price('tea') == 3\n"
    write(shop, "tests/test_prices.py", test)
    result, _, new = warned(shop)
    assert new == {"shop/orders.py: return store.old_price(name)"}
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["*tests/test_prices.py::test_price triggers *"])


def test_one_more_of_the_same_in_a_test_is_new(shop: pytest.Pytester) -> None:
    more = f"\n\ndef test_price_again():\n{PRICE}"
    write(shop, "tests/test_orders.py", split(TESTS) + more)
    result, _, new = warned(shop)
    assert new == {'tests/test_orders.py: assert store.old_price("tea") == 3'}
    assert result.ret == 1


def test_a_baseline_that_is_brought_up_to_date_has_them_where_they_are(shop: pytest.Pytester) -> None:
    changed(shop, all_at_once, PLACES[1])
    before = (shop.path / "ssot-baseline.json").read_text()
    result = shop.runpytest_subprocess("-p", "no:randomly", "--ssot-update-baseline")
    assert result.ret == 0
    after = (shop.path / "ssot-baseline.json").read_text()
    assert after.count('"deprecation-warning"') == before.count('"deprecation-warning"') == 4
    assert PLACES[1] in after
    assert PLACES[0] not in after
