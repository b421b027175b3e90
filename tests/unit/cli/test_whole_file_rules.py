"""Texts that are to go and second definitions are sites like all others: allowed, known, replaced."""

from __future__ import annotations

import pytest

TRACKER = """
class Tracker:
    def move(self, order, state):
        self.states[order] = state
        self.log.append(order)
        return state

    def history(self, order):
        found = [one for one in self.log if one == order]
        found.sort()
        return found

    def cancel(self, order):
        pass
"""


def sites(project, rule: str) -> dict[str, str]:
    found = project.scanned()["sites"]
    return {f"{site['path']}:{site['line']}": site["status"] for site in found if site["rule"] == rule}


@pytest.fixture
def texts(project):
    """Return the project with a table that names texts."""
    project.write(
        "pyproject.toml",
        """
        [tool.ssot_tracker]
        source = ["shop"]
        [tool.ssot_tracker.ssot.orders]
        deprecated = ["text:legacy_orders", "text:https://old.example.com"]
        allow_in = ["shop.migration"]
        replace = { "text:legacy_orders" = "shop.tables:ORDERS" }
        """,
    )
    project.write("shop/use.py", "A = 'FROM legacy_orders'\nB = 'https://old.example.com/a'\n")
    project.write("shop/migration.py", "A = 'legacy_orders'\n")
    project.write("shop/fine.py", "A = 'legacy_orders'  # ssot: allow[deprecated-text] it is only shown\n")
    project.write("tests/test_shop.py", "A = 'legacy_orders'\n")
    return project


def test_texts_in_source_are_sites(texts):
    assert sites(texts, "deprecated-text") == {
        "shop/fine.py:1": "allowed",
        "shop/migration.py:1": "allowed",
        "shop/use.py:1": "new",
        "shop/use.py:2": "new",
    }
    assert texts.call("scan") == 1
    assert "shop/use.py:1  text:legacy_orders  unexercised; use shop.tables:ORDERS" in texts.out


def test_known_texts_pass_the_ratchet(texts):
    assert texts.call("baseline") == 0
    assert texts.call("scan", "--phase", "ratchet") == 0


@pytest.fixture
def single(project):
    """Return the project with a table whose canonical may have no double."""
    project.configure(table="single = true")
    project.write("shop/use.py", "")
    project.write("shop/core.py", TRACKER)
    return project


@pytest.mark.parametrize(
    "text",
    [
        "class Tracker:\n    pass\n",
        "def make():\n    class Tracker:\n        pass\n",
        "class Other:\n" + "".join(f"    def {name}(self): pass\n" for name in ("move", "history", "cancel")),
        TRACKER.replace("class Tracker", "class Book")
        .replace("move", "shift")
        .replace("cancel", "stop")
        .replace("history", "past")
        .replace("found", "seen")
        .replace("order", "key"),
    ],
    ids=["same name", "same name inside", "same methods", "same bodies"],
)
def test_a_second_definition_is_a_site(single, text):
    single.write("shop/more.py", text)
    assert list(sites(single, "duplicate-ssot").values()) == ["new"]
    assert single.call("scan") == 1


@pytest.mark.parametrize(
    "text",
    [
        "from shop.core import Tracker\n",
        "from shop.core import Tracker\nclass Fine(Tracker):\n    def move(self): pass\n",
        "from typing import Protocol\nclass Moves(Protocol):\n"
        + "".join(f"    def {name}(self): ...\n" for name in ("move", "history", "cancel")),
        "class Other:\n    def move(self): pass\n    def history(self): pass\n",
        "def tracker(): pass\n",
    ],
)
def test_what_is_another_thing_is_none(single, text):
    single.write("shop/more.py", text)
    assert sites(single, "duplicate-ssot") == {}


def test_what_is_deprecated_already_is_no_second_site(single):
    single.write("shop/old.py", TRACKER)
    assert sites(single, "duplicate-ssot") == {}


def test_an_empty_text_is_refused(project, refused):
    project.write("pyproject.toml", '[tool.ssot_tracker.ssot.orders]\ndeprecated = ["text:"]\n')
    assert "ssot.orders.deprecated[0]: the text after 'text:' is missing" in refused("scan")
