"""A singleton that the leaking test was the first to ask for is held against its fresh state."""

from __future__ import annotations

from typing import Any

import pytest

SUITE = """
from shop.core import get_tracker


def test_{name}():
    {body}


def test_next():
    get_tracker()
"""

KEPT = "_tracker = Tracker()\n"
PREPARED = "_tracker = Tracker()\n        _tracker.orders['root'] = 'there'\n"


def leaks(result: dict[str, Any]) -> dict[str, list[str]]:
    return {
        one["id"].rpartition("::")[2]: one["detail"]
        for site in result["sites"]
        if site["rule"] == "state-leak"
        for one in site["tests"]
    }


@pytest.fixture(params=[KEPT, PREPARED], ids=["as it is", "prepared by its accessor"])
def prepared(request: pytest.FixtureRequest, project: Any) -> Any:
    core = project.pytester.path / "shop" / "core.py"
    core.write_text(core.read_text().replace(KEPT, request.param))
    return project


def test_what_the_first_test_leaves_is_told(prepared: Any) -> None:
    result = prepared.run(test_it=SUITE.format(name="it", body="get_tracker().place('e1')"))
    (changes,) = leaks(result).values()
    assert list(leaks(result)) == ["test_it"]
    assert changes in (["orders: 0 -> 1 entry"], ["orders: 1 -> 2 entries"])
    assert {test["outcome"] for test in result["tests"]} == {"passed"}


def test_a_first_test_that_leaves_it_as_it_was_made_leaves_nothing(prepared: Any) -> None:
    result = prepared.run(test_it=SUITE.format(name="it", body="get_tracker()"))
    assert leaks(result) == {}


def test_a_first_test_that_takes_everything_back_leaves_nothing(prepared: Any) -> None:
    body = "get_tracker().place('e1'); del get_tracker().orders['e1']"
    assert leaks(prepared.run(test_it=SUITE.format(name="it", body=body))) == {}


def test_one_accessor_within_another_is_waited_for(project: Any) -> None:
    core = project.pytester.path / "shop" / "core.py"
    core.write_text(
        core.read_text() + "\n\n_seen = []\n\n\ndef outer():\n    _seen.append(get_tracker())\n    return _seen[0]\n"
    )
    path = project.pytester.path / "pyproject.toml"
    path.write_text(path.read_text().replace('"shop.core:get_tracker"]', '"shop.core:get_tracker", "shop.core:outer"]'))
    suite = "from shop.core import outer\n\n\ndef test_it():\n    outer()\n"
    assert leaks(project.run(test_it=suite)) == {}


def test_a_cached_accessor_is_not_judged_the_first_time(project: Any) -> None:
    core = project.pytester.path / "shop" / "core.py"
    cached = "import functools\n\n\n@functools.cache\ndef get_tracker():\n    return Tracker()\n\n\ndef make_id"
    before, _, rest = core.read_text().partition("_tracker = None")
    core.write_text(before + cached + rest.partition("def make_id")[2])
    result = project.run(test_it=SUITE.format(name="it", body="get_tracker().place('e1')"))
    assert leaks(result) == {}
