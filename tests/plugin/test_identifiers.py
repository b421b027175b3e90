"""Identifiers that reach a consumer though no generator issued them: told at the call, with where they were made."""

from __future__ import annotations

from typing import Any

TABLES = """
adopt = ["shop.ids:load", "shop.ids:stream"]

[tool.ssot_tracker.ids.orders.consumers]
"shop.ids:Desk.take" = "order"
"shop.ids:Desk.later" = "request.order"
"shop.ids:Parcel" = "order"
"""

IDS = """
import uuid
from dataclasses import dataclass
from shop.core import make_id


class Ids:
    @staticmethod
    def plain():
        return f"order-{uuid.uuid4().hex}"

    @classmethod
    def typed(cls):
        return uuid.uuid4()

    async def slow(self):
        return f"slow-{uuid.uuid4()}"

    def many(self, count):
        for number in range(count):
            yield f"many-{uuid.uuid4()}"


class Desk:
    def take(self, order=""):
        return order

    async def later(self, *, request):
        return request


@dataclass
class Parcel:
    order: str
    weight: int = 0


def load():
    return [{"id": "stored-1", "lines": ("stored-2", 3)}]


def stream():
    yield "stored-4"
"""

FOREIGN = """
import asyncio
import threading
import uuid
import pytest
from shop.ids import Desk, Ids, Parcel, make_id

pytestmark = pytest.mark.ssot_expect_violation("foreign-id", reason="#220")


def test_literal():
    Desk().take("order-7")


def test_own_uuid():
    mine = uuid.uuid4()
    Desk().take(order=str(mine))


def test_part_of_a_uuid():
    mine = f"run-{uuid.uuid4().hex[:8]}"
    Desk().take(mine)


def test_coroutine():
    asyncio.run(Desk().later(request={"order": "x" * 100}))


def test_constructor():
    Parcel("order-9")


def test_thread():
    thread = threading.Thread(target=lambda: Desk().take("t1"), name="worker")
    thread.start()
    thread.join()


def test_derived():
    Desk().take(make_id() + "-2")


def test_swallowed_and_counted():
    for number in range(5):
        try:
            Desk().take(str(number))
        except Exception:
            pass
"""

ISSUED = """
import asyncio
import pytest
from types import SimpleNamespace
from shop.ids import Desk, Ids, Parcel, load, make_id, stream

EARLY = make_id()
loop = asyncio.new_event_loop()


def teardown_module():
    loop.close()


def test_issued():
    Desk().take(make_id())
    Desk().take(Ids.plain())
    Desk().take(order=Ids().plain())
    Desk().take(str(Ids.typed()))
    Desk().take(Ids().typed())
    Parcel(make_id())
    Parcel(order=EARLY)


def test_asynchronous_and_yielded():
    Desk().take(loop.run_until_complete(Ids().slow()))
    for one in Ids().many(3):
        Desk().take(one)
    loop.run_until_complete(Desk().later(request=SimpleNamespace(order=make_id())))


def test_none_and_the_default_are_no_ids():
    Desk().take()
    Desk().take(None)
    Desk().take("")
    loop.run_until_complete(Desk().later(request={}))


kept = []


def test_first():
    kept.append(make_id())


def test_second_test_knows_the_ids_of_the_first():
    Desk().take(kept[0])


def test_adopted():
    (row,) = load()
    Desk().take(row["id"])
    Desk().take(row["lines"][0])
    Desk().take(str(row["lines"][1]))
    for one in stream():
        Desk().take(one)


@pytest.mark.ssot_allow("foreign-id", reason="parses what a customer sent")
def test_allowed():
    Desk().take("order-7")
"""


def outcomes(result: dict[str, Any]) -> dict[str, str]:
    return {test["id"].rpartition("::")[2]: test["outcome"] for test in result["tests"]}


def details(result: dict[str, Any], test: str) -> list[str]:
    return [
        line
        for site in result["sites"]
        for one in site["tests"]
        if one["id"] and one["id"].endswith(f"::{test}")
        for line in one["detail"]
    ]


def configure(project: Any, tables: str = TABLES) -> None:
    generators = 'generators = ["shop.core:make_id", "shop.ids:Ids.*"]'
    project.configure(tables=tables)
    path = project.pytester.path / "pyproject.toml"
    path.write_text(path.read_text().replace('generators = ["shop.core:make_id"]', generators))
    project.pytester.makepyfile(**{"shop/ids": IDS})


def test_an_identifier_nobody_issued_is_told_where_it_is_consumed(project: Any) -> None:
    configure(project)
    result = project.run("--ssot-phase=baseline", test_it=FOREIGN)
    assert set(outcomes(result).values()) == {"xfailed"}
    assert len(outcomes(result)) == 8
    (site,) = [one for one in result["sites"] if one["scope"] == "test_own_uuid"]
    assert (site["rule"], site["ssot"], site["target"]) == ("foreign-id", "orders", "shop.ids:Desk.take")
    assert (site["text"], site["replacement"]) == ("Desk().take(order=str(mine))", "shop.core:make_id")
    assert details(result, "test_literal") == [
        "'order-7' was given as order; no generator of ids.orders issued it",
    ]
    assert details(result, "test_own_uuid")[1] == "it was made by uuid:uuid4 at test_it.py:15"
    assert details(result, "test_part_of_a_uuid")[1] == "it was made by uuid:uuid4 at test_it.py:20"
    assert details(result, "test_coroutine") == [
        f"'{'x' * 60}…' was given as request.order; no generator of ids.orders issued it"
    ]
    counts = {site["scope"]: site["count"] for site in result["sites"]}
    assert counts["test_swallowed_and_counted"] == 5
    (site,) = [one for one in result["sites"] if one["scope"] == "test_thread"]
    assert site["tests"][0]["thread"] == "worker"


def test_what_is_issued_adopted_or_no_identifier_is_fine(project: Any) -> None:
    configure(project)
    result = project.run(test_it=ISSUED)
    assert set(outcomes(result).values()) == {"passed"}
    assert {site["status"] for site in result["sites"]} == {"allowed"}
    assert [site["scope"] for site in result["sites"]] == ["test_allowed"]
    assert not any(one["blind_spots"] for one in result["ssots"])


def test_what_cannot_be_followed_is_a_blind_spot(project: Any) -> None:
    configure(project, 'adopt = ["shop.more:feed", "shop.more:gone"]\nconsumers = { "shop.ids:Desk.take" = "colour" }')
    project.pytester.makepyfile(**{"shop/more": "async def feed():\n    yield 'x'\n"})
    result = project.run(test_it="import shop.ids, shop.more\ndef test_it(): pass\n")
    spots = {spot["target"]: spot["why"] for one in result["ssots"] for spot in one["blind_spots"]}
    assert spots == {
        "shop.ids:Desk.take": "it has no parameter 'colour'",
        "shop.more:feed": "what an asynchronous generator yields is not seen",
        "shop.more:gone": "shop.more has no 'gone', so nothing of it is watched; write it, or correct the name",
    }
