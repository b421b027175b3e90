"""Test `ssot-tracker fix --delete`: one diff once nothing uses a thing, and what does until then."""

from __future__ import annotations

import subprocess

import pytest

OLD = '''\
"""The old log."""

import json
from collections import deque

__all__ = ["OrderLog", "helper"]


def helper():
    return deque()


# Notes down orders.
class OrderLog:
    def note(self):
        return json.dumps([])

    def other(self):
        return 1
'''
SHOP = """\
from shop.core import Tracker
# ssot: allow[deprecated-import] for those outside
from shop.old import OrderLog

__all__ = [
    "OrderLog",
    "Tracker",
]
"""


@pytest.fixture
def shop(project):
    project.write("shop/old.py", OLD)
    project.write("shop/__init__.py", SHOP)
    project.write("shop/use.py", "def log():\n    pass\n")
    project.write("tests/test_order_log.py", "from shop.old import OrderLog\n\n\ndef test_it():\n    OrderLog()\n")
    return project


def read(shop, path):
    return (shop.root / path).read_text(encoding="utf-8")


def test_a_class_goes_with_its_exports_and_its_own_tests(shop):
    assert shop.call("fix", "--write", "--delete", "shop.old:OrderLog") == 0, shop.err
    assert read(shop, "shop/old.py") == (
        '"""The old log."""\n\nfrom collections import deque\n\n__all__ = ["helper"]\n\n\ndef helper():\n'
        "    return deque()\n"
    )
    assert read(shop, "shop/__init__.py") == 'from shop.core import Tracker\n\n__all__ = [\n    "Tracker",\n]\n'
    assert not (shop.root / "tests/test_order_log.py").exists()
    assert shop.err == "3 files changed\n"


def test_it_is_one_diff_that_git_applies(shop):
    assert shop.call("fix", "--delete", "shop.old.OrderLog") == 1
    assert shop.err == "3 files would change; --write changes them\n"
    assert read(shop, "shop/old.py") == OLD
    subprocess.run(["git", "apply"], input=shop.out, text=True, cwd=shop.root, check=True)
    assert "OrderLog" not in read(shop, "shop/old.py") + read(shop, "shop/__init__.py")
    assert not (shop.root / "tests/test_order_log.py").exists()


def test_a_module_goes_as_a_file(shop):
    shop.write("tests/test_old.py", "import shop.old\n\n\ndef test_it():\n    shop.old.helper()\n")
    (shop.root / "tests/test_order_log.py").unlink()
    assert shop.call("fix", "--write", "--delete", "shop.old") == 0, shop.err
    assert not (shop.root / "shop/old.py").exists()
    assert not (shop.root / "tests/test_old.py").exists()
    assert "old" not in read(shop, "shop/__init__.py")


def test_a_method_goes_alone(shop):
    shop.write("tests/test_order_log.py", "")
    assert shop.call("fix", "--write", "--delete", "shop.old:OrderLog.note") == 0, shop.err
    after = read(shop, "shop/old.py")
    assert "note" not in after
    assert "import json" not in after
    assert after.endswith("class OrderLog:\n    def other(self):\n        return 1\n")


USES = {
    "a use": ("shop/more.py", "from shop.old import OrderLog\n\nOrderLog()\n", 3),
    "a use through an export": ("shop/more.py", "from shop import OrderLog\n\n\ndef f():\n    return OrderLog()\n", 5),
    "an export that is used": ("shop/more.py", "import shop\n\nshop.OrderLog()\n", 3),
    "a test of something else": ("tests/test_use.py", "from shop.old import OrderLog\n\nOrderLog()\n", 3),
    "its own module": ("shop/old.py", f"{OLD}\n\nLOG = OrderLog()\n", 22),
    "a text": ("shop/more.py", "NAME = 'shop.old.OrderLog'\n", 1),
    "a patch": ("tests/test_use.py", "from unittest.mock import patch\n\npatch('shop.old.OrderLog')\n", 3),
    "one that is allowed": (
        "shop/more.py",
        "from shop.old import OrderLog\n\nOrderLog()  # ssot: allow[deprecated-use] later\n",
        3,
    ),
}


@pytest.mark.parametrize(("path", "text", "line"), USES.values(), ids=list(USES))
def test_what_is_used_stays_and_its_uses_are_named(shop, path, text, line):
    shop.write(path, text)
    assert shop.call("fix", "--write", "--delete", "shop.old:OrderLog") == 1
    assert f"  {path}:{line}: " in shop.err
    assert shop.err.splitlines()[-1] == "shop.old:OrderLog cannot be deleted yet"
    assert shop.out == ""
    assert (shop.root / "tests/test_order_log.py").exists()


TOGETHER = {
    "on one line": ("first = 1; second = 2\n", "shop.pair:first shares a line with another statement"),
    "by one statement": ("first, second = 1, 2\n", "shop.pair:first is defined together with second"),
    "by two names": ("first = second = []\n", "shop.pair:first is defined together with second"),
}


@pytest.mark.parametrize(("text", "reason"), TOGETHER.values(), ids=list(TOGETHER))
def test_what_is_defined_with_something_else_is_not_deleted(shop, text, reason):
    shop.write("shop/pair.py", text)
    assert shop.call("fix", "--write", "--delete", "shop.pair:first") == 2
    assert f"--delete: {reason}" in shop.err
    assert (shop.root / "shop/pair.py").read_text() == text


def test_the_first_comments_of_a_file_stay_when_what_follows_them_goes(shop):
    shop.write("shop/pair.py", "#!/usr/bin/python\n# coding: utf-8\n# About it.\nfirst = 1\nsecond = 2\n")
    assert shop.call("fix", "--write", "--delete", "shop.pair:first") == 0
    assert (shop.root / "shop/pair.py").read_text() == "#!/usr/bin/python\n# coding: utf-8\nsecond = 2\n"


def test_a_test_that_proves_that_it_is_gone_is_no_use(shop):
    proof = "import pytest\n\n\ndef test_it():\n    with pytest.raises(ImportError):\n"
    proof += "        from shop.old import OrderLog\n"
    shop.write("tests/test_gone.py", proof)
    assert shop.call("fix", "--write", "--delete", "shop.old:OrderLog") == 0, shop.err
    assert read(shop, "tests/test_gone.py") == proof


def test_what_is_defined_nowhere_is_said(refused, project):
    assert refused("fix", "--delete", "shop.old:Gone") == (
        "ssot-tracker: --delete: shop.old:Gone is defined nowhere that is known\n"
    )
