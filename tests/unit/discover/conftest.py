"""Offer a small tree with one job done three times, and things that only look like it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_ssot_tracker.discover import discover
from pytest_ssot_tracker.discover.discovery import Discovery
from pytest_ssot_tracker.settings import Tree

TRACKER = """\
class {name}:
    def __init__(self):
        self._orders = {{}}

    def start_order(self, order_id, customer):
        self._orders[order_id] = customer

    def finish_order(self, order_id):
        {found} = self._orders.pop(order_id, None)
        if {found} is None:
            raise KeyError(order_id)
        return {found}

    def active_orders(self):
        return list(self._orders)

{variable} = None

def {accessor}():
    global {variable}
    if {variable} is None:
        {variable} = {name}()
    return {variable}
"""

OTHERS = {
    "shop/mail.py": """\
        class Mailer:
            def send(self, to): ...
            def flush(self): ...
            def bounce(self, to): ...
        """,
    "shop/stock.py": """\
        class Warehouse:
            def reserve(self, article): ...
            def release(self, article): ...
        """,
    "shop/errors.py": """\
        class OrderTrackerError(Exception):
            def start_order(self): ...
            def finish_order(self): ...
        """,
    "shop/use.py": """\
        import uuid
        from uuid import uuid4 as fresh
        from shop.tracker import get_tracker
        from .legacy import OrderStateManager

        def new_order_id():
            return str(uuid.uuid4())

        def handle():
            get_tracker().start_order(str(fresh()), None)
        """,
    "shop/ship.py": """\
        from shop.tracker import get_tracker
        from shop.use import new_order_id
        """,
    "tests/test_tracker.py": """\
        class TestOrderTracker:
            def start_order(self): ...
            def finish_order(self): ...
        """,
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a folder with the package `shop`, which has three trackers of orders."""
    files = {
        "shop/tracker.py": tracker("OrderTracker", "found", "get_tracker"),
        "shop/legacy.py": tracker("OrderStateManager", "order", "get_order_manager"),
        "shop/v2.py": tracker("OrderTrackerV2", "it", "get_tracker"),
        **{path: textwrap.dedent(text) for path, text in OTHERS.items()},
    }
    for path, text in {"shop/__init__.py": "", **files}.items():
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def tracker(name: str, found: str, accessor: str) -> str:
    return TRACKER.format(name=name, found=found, accessor=accessor, variable="_it")


@pytest.fixture
def look(tree: Path) -> Callable[..., Discovery]:
    """Return what looks at the tree, or at paths of it."""
    return lambda *paths: discover(Tree.of(tree), paths=[tree / path for path in paths] or None)
