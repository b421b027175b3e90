"""A function that only hands on is replaced by its body, where that is the same."""

from __future__ import annotations

import pytest

from .conftest import Project

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["shop"]
scan   = ["shop"]

[tool.ssot_tracker.ssot.shop]
deprecated = ["shop.old", "shop.new:Log.note", "shop.new:Log.make", "shop.new:Log.warn"]
"""
OLD = '''\
import asyncio
import json
import warnings

from shop import new
from shop.new import Log, fetch, send as deliver
from shop.other import pass_on

LEVEL = 3


def plain(a, b):
    return deliver(a, b)


def swapped(a, b=1):
    """Deprecated."""
    warnings.warn("use send", DeprecationWarning, stacklevel=2)
    return new.send(b, a)


def named(a, *, b="x"):
    return deliver(a, text=b)


def more(a):
    return deliver(a, "fixed")


def fewer(a, b=None):
    return deliver(a)


def all_of_it(*args, **kwargs):
    return deliver(*args, **kwargs)


def here(a):
    from shop.new import send

    return send(a)


def nearby(a):
    from .new import send as pass_on

    return pass_on(a)


def by_level(a, level=LEVEL):
    return deliver(a, level)


def silent(a):
    deliver(a)


async def awaited(a):
    return await fetch(a)


def dumped(a):
    return json.dumps(a)


def made(a) -> Log:
    return Log(a)


def twice(a):
    return deliver(a, a)


def changed(a):
    return deliver(a + 1)


def with_more(a):
    print(a)
    return deliver(a)


def of_its_own(a):
    return plain(a, 1)


def private(a):
    return new._send(a)


def lazy(a):
    return new.log.record(a)


def either(a):
    return deliver(a)


if LEVEL > 9:

    def either(a):
        return deliver(a, 2)
'''
NEW = """\
class Log:
    def __init__(self, size=0):
        self.size = size

    def record(self, text, level=0):
        return text, level

    def note(self, level, text):
        return self.record(text, level)

    def warn(self, text):
        return self.record(text, level=2)

    @classmethod
    def of(cls, size):
        return cls(size)

    @classmethod
    def make(cls, size):
        return cls.of(size)


def send(to, text="none"):
    return to, text


async def fetch(a):
    return a


def _send(to):
    return to


log = None
"""


@pytest.fixture
def shop(project: Project) -> Project:
    return project.lay_out(CONFIGURATION, old=OLD, new=NEW, other="def pass_on(a):\n    return a\n")


INLINED = {
    "plain(1, 2)": "send(1, 2)",
    "plain(1, b=2)": "send(1, text=2)",
    "swapped(1, 2)": "send(2, 1)",
    "swapped(1)": "send(text=1, to=1)",
    "swapped(f(), g())": "send(text=f(), to=g())",
    "named(1)": "send(1, text='x')",
    "named(1, b=2)": "send(1, text=2)",
    "more(1)": "send(1, text='fixed')",
    "fewer(1, 2)": "send(1)",
    "all_of_it(1, *x, text=2)": "send(1, *x, text=2)",
    "here(1)": "send(1)",
    "nearby(1)": "send(1)",
    "silent(1)": "send(1)",
    "made(1).size": "Log(1).size",
    "by_level(1, 2)": "send(1, 2)",
    "call(all_of_it)": "call(send)",
}


@pytest.mark.parametrize(("before", "after"), INLINED.items(), ids=INLINED)
def test_a_call_becomes_what_it_hands_on(shop: Project, before: str, after: str) -> None:
    old, new = before.replace("call(", "").partition("(")[0], after.replace("call(", "").partition("(")[0]
    old, new = old.rstrip(")"), new.rstrip(")")
    assert shop.rewrite(f"from shop.old import {old}\n\n{before}\n", "shop/use.py") == (
        f"from shop.new import {new}\n\n{after}\n"
    ), shop.reasons


def test_a_call_of_something_else_becomes_that(shop: Project) -> None:
    assert shop.rewrite("from shop.old import dumped\n\ndumped([1])\n", "shop/use.py") == (
        "from json import dumps\n\ndumps([1])\n"
    )


def test_what_is_awaited_is_awaited(shop: Project) -> None:
    text = "from shop.old import awaited\n\n\nasync def f():\n    return await awaited(1)\n"
    assert shop.rewrite(text, "shop/use.py") == text.replace("shop.old", "shop.new").replace("awaited", "fetch")


METHODS = {
    "log.note(1, 'x')": "log.record('x', 1)",
    "log.warn(f())": "log.record(f(), level=2)",
    "log.note(f(), g())": "log.record(level=f(), text=g())",
    "Log.make(1)": "Log.of(1)",
}


@pytest.mark.parametrize(("before", "after"), METHODS.items(), ids=METHODS)
def test_a_method_becomes_the_one_that_it_calls(shop: Project, before: str, after: str) -> None:
    head = "from shop.new import Log\n\nlog = Log()\n"
    assert shop.rewrite(f"{head}{before}\n", "shop/use.py") == f"{head}{after}\n", shop.reasons


REFUSED = {
    "x = silent(1)": "silent gives back nothing, and what it calls may",
    "by_level(1)": "level is not given, and its default means something only where it is defined",
    "fewer(1, f())": "b is passed on no more, and what it is given has effects",
    "plain(1)": "plain does not take these arguments, and what it calls may",
    "plain(*x)": "its arguments are unpacked, and they are passed on one by one",
    "call(plain)": "plain is not only called here, and its arguments change",
    "twice(f())": "nothing replaces shop.old:twice",
    "changed(1)": "nothing replaces shop.old:changed",
    "with_more(1)": "nothing replaces shop.old:with_more",
    "private(1)": "nothing replaces shop.old:private",
    "lazy(1)": "nothing replaces shop.old:lazy",
    "either(1)": "nothing replaces shop.old:either",
    "of_its_own(1)": "nothing replaces shop.old:of_its_own",
}


@pytest.mark.parametrize(("use", "reason"), REFUSED.items(), ids=REFUSED)
def test_what_would_not_be_the_same_stays(shop: Project, use: str, reason: str) -> None:
    name = use.replace("x = ", "").replace("call(", "").partition("(")[0].rstrip(")")
    text = f"from shop.old import {name}\n\n{use}\n"
    assert shop.rewrite(text, "shop/use.py") == text
    assert any(told.startswith(reason) for told in shop.reasons), shop.reasons


def test_an_entry_comes_first(shop: Project) -> None:
    shop.write("pyproject.toml", CONFIGURATION + 'replace = { "shop.old:here" = "shop.new:Log" }\n')
    assert shop.rewrite("from shop.old import here\n\nhere(1)\n", "shop/use.py") == (
        "from shop.new import Log\n\nLog(1)\n"
    )
