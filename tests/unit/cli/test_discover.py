"""Test `ssot-tracker discover`: what is printed, for people and for tools, and what is refused."""

from __future__ import annotations

import json

import pytest

STORE = """\
class {name}:
    def put_order(self, order_id, order):
        self.orders[order_id] = order

    def take_order(self, order_id):
        return self.orders.pop(order_id)

    def count_orders(self):
        return len(self.orders)

_it = {name}()

def get_{module}():
    return _it
"""


@pytest.fixture
def twice(project):
    project.write("shop/store.py", STORE.format(name="OrderStore", module="store"))
    project.write("shop/store_new.py", STORE.format(name="NewOrderStore", module="new_store"))
    project.write("shop/user.py", "from shop.store import get_store\n")
    return project


def test_groups_are_ranked_with_the_evidence(twice):
    assert twice.call("discover") == 0
    lines = twice.out.splitlines()
    assert lines[0].split() == ["1", lines[0].split()[1], "order_store:", "2", "look", "like", "one", "job"]
    assert lines[1] == " " * 12 + "shop.store:OrderStore  (shop/store.py:1, used by 1 file, handed out by get_store())"
    assert lines[2].endswith(
        "shop.store_new:NewOrderStore  (shop/store_new.py:1, used by 0 files, handed out by get_new_store())"
    )
    assert "like OrderStore: names share order, store and differ in new; " in lines[3]
    assert "looked at 7 files in " in twice.err


def test_json_holds_every_pair_and_all_evidence(twice):
    assert twice.call("discover", "--format", "json", "shop") == 0
    found = json.loads(twice.out)
    (group,) = found["groups"]
    assert [one["target"] for one in group["members"]] == ["shop.store:OrderStore", "shop.store_new:NewOrderStore"]
    assert group["pairs"][0]["targets"] == ["shop.store:OrderStore", "shop.store_new:NewOrderStore"]
    assert {"text", "weight"} == group["pairs"][0]["evidence"][0].keys()


def test_a_tree_without_duplicates_says_so(project):
    assert project.call("discover") == 0
    assert project.out == "nothing looks like one job done twice\n"


def test_what_lies_outside_the_project_is_named_from_above_its_package(twice, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert twice.call("discover", str(twice.root / "shop")) == 0
    assert "shop.store:OrderStore" in twice.out


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["nowhere"], "there is no 'nowhere'; name files or folders that exist"),
        (["--limit", "0"], "--limit: 0 shows nothing; write 1 or more"),
        (["--root", "nowhere"], "--root: there is no folder 'nowhere'; name one that exists"),
    ],
)
def test_what_makes_no_sense_is_refused(refused, argv, why):
    assert refused("discover", *argv) == f"ssot-tracker: {why}\n"
