"""A test module is known by its name for the one of what it uses."""

from __future__ import annotations

import pytest

from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.settings.owntests import is_named_after


@pytest.mark.parametrize(
    ("path", "target", "declared", "named"),
    [
        ("tests/test_old_log.py", "shop.old_log:OrderLog", "shop.old_log", True),
        ("tests/old_log_test.py", "shop.old_log:OrderLog", "shop.old_log", True),
        ("tests/test_order_log.py", "shop.old_log:OrderLog.note(text)", "shop.old_log:OrderLog.note(text)", True),
        ("tests/test_get_log.py", "shop.old_log:get_log", "shop.old_log:get_log", True),
        ("tests/test_legacy.py", "shop.legacy.log:get_log", "shop.legacy", True),
        ("tests/test_shop.py", "shop.old_log:OrderLog", "shop.old_log", False),
        ("tests/test_note.py", "shop.old_log:OrderLog.note", "shop.old_log:OrderLog.note", False),
        ("tests/old_log.py", "shop.old_log:OrderLog", "shop.old_log", False),
        ("tests/test_old_log_more.py", "shop.old_log:OrderLog", "shop.old_log", False),
        ("tests/conftest.py", "conftest:OrderLog", "conftest", False),
    ],
)
def test_a_module_named_after_the_module_or_the_first_name_is_its_test(
    path: str, target: str, declared: str, named: bool
) -> None:
    site = Site(Rule.DEPRECATED_USE, "a", target, path, 1, "<module>", "x", declared=declared)
    assert is_named_after(site) is named
