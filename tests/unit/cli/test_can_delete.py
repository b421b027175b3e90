"""`ssot-tracker can-delete` says who uses a thing, which tests break without it, and what to delete."""

from __future__ import annotations

import pytest


@pytest.fixture
def shop(project):
    """Return the project without a configuration of ours, and with a test of what uses the old thing."""
    project.write("pyproject.toml", '[tool.pytest.ini_options]\ntestpaths = ["tests"]\npythonpath = ["."]\n')
    project.write(
        "tests/test_shop.py", "from shop.use import log\n\ndef test_log():\n    log()\n\ndef test_other():\n    pass\n"
    )
    return project


def test_what_is_used_cannot_be_deleted(shop):
    assert shop.call("can-delete", "shop.old:OrderLog") == 1
    assert shop.out.splitlines() == [
        "2 places still use it",
        "  shop/use.py:2  deprecated-import  from shop.old import OrderLog",
        "  shop/use.py:4  deprecated-use  return OrderLog()",
        "1 test would end otherwise without it",
        "  tests/test_shop.py::test_log passed before and failed after",
        "what to delete once nothing uses it",
        "  shop/old.py:1-2  the class OrderLog",
        "shop.old:OrderLog cannot be deleted yet",
    ]


def test_a_use_that_no_source_shows_is_found_by_its_test(shop):
    shop.write(
        "shop/use.py", "import importlib\nNAME = 'old'\ndef log():\n    importlib.import_module(f'shop.{NAME}')\n"
    )
    assert shop.call("can-delete", "shop.old") == 1
    assert "  tests/test_shop.py::test_log passed before and failed after" in shop.out
    assert "  shop/old.py  the module shop.old" in shop.out


def test_a_file_that_cannot_be_collected_any_more_is_named_once(shop):
    shop.write("tests/test_more.py", "import shop.old\n\ndef test_a(): pass\n\ndef test_b(): pass\n")
    assert shop.call("can-delete", "shop.old") == 1
    assert "  tests/test_more.py passed before and failed after" in shop.out
    assert "tests/test_more.py::" not in shop.out


def test_what_nobody_uses_can_be_deleted(shop):
    shop.write("shop/use.py", "def log():\n    pass\n")
    assert shop.call("can-delete", "shop.old:OrderLog") == 0
    assert shop.out.splitlines() == [
        "what to delete",
        "  shop/old.py:1-2  the class OrderLog",
        "shop.old:OrderLog can be deleted, as far as the source and the tests show",
    ]


def test_what_is_not_there_and_what_is_no_single_thing_is_refused(shop, refused):
    assert refused("can-delete", "shop.old:Never") == (
        "ssot-tracker: shop.old:Never: shop.old has no 'Never'; there is nothing to delete\n"
    )
    assert refused("can-delete", "shop.*:OrderLog") == (
        "ssot-tracker: shop.*:OrderLog: a pattern names no single thing to delete; write it without '*'\n"
    )


def test_without_tests_only_the_source_is_asked(shop):
    assert shop.call("can-delete", "--no-tests", "shop.old:OrderLog") == 1
    assert "would end otherwise" not in shop.out


def test_what_is_not_there_is_refused(refused, shop):
    assert "nowhere" in refused("can-delete", "nowhere.at_all:Thing")


def test_tests_that_cannot_be_run_are_no_all_clear(refused, shop):
    assert "the tests cannot be run" in refused("can-delete", "--pytest-args=--no-such-option", "shop.old:OrderLog")


def test_what_a_table_declares_as_well_is_still_used_where_a_result_is_at_hand(project):
    project.call("scan", "--format", "json")
    project.write("ssot-result.json", project.out)
    assert project.call("can-delete", "--no-tests", "shop.old:OrderLog") == 1
    assert "2 places still use it" in project.out


def test_a_way_to_use_something_is_nothing_to_delete(project, refused):
    text = "class Mail:\n    state = 1\n\ndef send(text, urgent=False):\n    return text\n"
    project.write("shop/mail.py", text)
    for asked, thing in (
        ("shop.mail:send(urgent)", "shop.mail:send"),
        ("shop.mail.Mail.state=", "shop.mail:Mail.state"),
    ):
        assert f"only a module or something in one can be deleted; ask about {thing}\n" in refused("can-delete", asked)
