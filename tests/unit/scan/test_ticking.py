"""Readings of the clock that can end in no text are told from those that may."""

from __future__ import annotations

import random

import pytest

from pytest_ssot_tracker.scan.learning import learn
from pytest_ssot_tracker.scan.needles import Words
from pytest_ssot_tracker.scan.ticking import ticks

HARMLESS = (
    "took = time.time() - start",
    "took = (time.time() - self.start) * 1000",
    "start = time.time()\nprint(f'{time.time() - start:.2f} s')",
    "self.start = time.time()\nif x - self.start > 3:\n    pass",
    "start: float = time.time()\nwhile start < 3 and not start: pass",
    "class A:\n    at: float = field(default_factory=time.time)",
    "class A:\n    at: float = field(default_factory=lambda: time.time())",
    "row = {'at': time.time(), 'b': 1}",
    "call(at=time.time())",
    "return time.time()",
    "seen[key] = time.time()",
    "first = time.time()\nlast = first\nprint(x - last)",
    "at = datetime.now()\nprint(f'{at} {x:>5} {at.isoformat()}')",
    "row = {'at': datetime.now(), 'b': {'c': 1}}",
    "from time import sleep, perf_counter",
    "put(key, time.time())\nat = time.time()\nput(at, key)\nreturn key, at",
    "took = loop().time() - start\nat = f'{loop().time()}_a'",
    "name = f'a_{event.timestamp}'\nat = datetime.now()",
)

TELLING = (
    "name = f'{a}_{int(time.time())}'",
    "at = time.time()\nname = f'a_{at}'",
    "at = time.time()\nby = at\nname = 'a_%s' % by",
    "self.at = time.time()\n\ndef f(self):\n    return f'a_{self.at}'",
    "def f(at=time.time()):\n    return f'a_{at}'",
    "name = '%(at)s_x' % {'at': time.time()}",
    "name = '{at}_x'.format(\n    at=time.time(),\n)",
    "at = round(time.time(), 3)\nname = f'a_{at}'",
    "a, b = x, time.time()\nname = f'a_{b}'",
    "import time\na, b = (\n    x,\n    y, time.time()\n)",
    "name = '%s_%s' % (a, time.time())",
    "from math import floor as down\nat = down(time.time())\nname = f'a_{at}'",
    "whole = int\nname = f'a_{whole(time.time())}'",
    "name = '_'.join([a, time.time()])",
    "make = time.time",
    "from time import time as now",
    "name = f'a_{datetime.now():%Y}'",
    "name = f'a_{datetime.now(timezone.utc):{form}}'",
    "at = datetime.now()\nname = 'a' + at.strftime('%Y')",
    "at = datetime.now()\nname = f'a_{at.timestamp()}'",
)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_measures_or_keeps_the_time_is_left_out(text: str) -> None:
    assert ticks(text + "\n") == []


@pytest.mark.parametrize("text", TELLING)
def test_what_may_come_to_stand_in_a_text_is_kept(text: str) -> None:
    assert ticks(text + "\n")


def test_a_name_that_one_function_writes_is_kept_for_all_of_them() -> None:
    other = "def f():\n    at = time.time()\n    return x - at\n"
    assert ticks(other) == []
    assert len(ticks(f"{other}def g(at):\n    return f'a_{{at}}'\n")) == 1


def test_odd_line_ends_leave_nothing_out() -> None:
    assert ticks("took = time.time() - start\r") != []


ATOMS = (
    "x",
    "x",
    "self.a",
    "a",
    "b",
    "now",
    "time.time()",
    "datetime.now()",
    "time.time",
    "now.timestamp()",
    "time.strftime('%Y')",
)
OTHERS = ("x", "start", "a", "b", "self.a")
VALUES = (
    *("{e}", "{e} - {f}", "({e} - {f}) * 1000", "int({e})", "str({e})", "f'x_{{{e}}}'", "f'x_{{{e} - {f}}}'"),
    *("f'{{{e}:%Y}}_x'", "{e} if {f} else {e}", "{e} or {f}", "'a_%s' % {e}", "'%s_%s' % (x, {e})", "foo({e})"),
    *("'a_%(k)s' % {{'k': {e}}}", "'x{{}}_'.format({e})", "'x{{k}}'.format(k={e})", "'_'.join(['x', {e}])"),
    *("foo({e}, x)", "foo(x, {e})", "({e}, x)", "f'{{x, {e}}}_'", "round({e}, 3)", "f'{{({e})}}_'", "(x, {e})"),
    *("foo(a={e})", "{{'a': {e}, 'b': {f}}}", "'x' + str({e})", "lambda: {e}", "{e} < {f}", "not {e}", "x[{e}]"),
    *("f'{{{e}:.2f}}x'", "f'{{x}}: {{{e}}}'", "-{e}", "f'a{{{e}=}}'", "(a := {e})", "{e}.isoformat()"),
)
STATEMENTS = (
    *("a = {v}", "self.a = {v}", "b = {v}", "now = {v}", "return {v}", "x['a'] = {v}", "print({v})", "global a"),
    *("if {v}:\n            pass", "a += {v}", "a: float = {v}", "a = b = {v}", "a, b = {v}, {e}", "assert {v}"),
    *("foo(\n            a={v},\n            k={e},\n        )", "x = ('_%s' %\n            {e})", "if {e}: a = {v}"),
    *("s = '%(k)s_' % {{\n            'k': {v},\n        }}", "s = '{{k}}_'.format(\n            k={v},\n        )"),
    *("a, b = x, {e}", "a, b = (\n            x, {e}\n        )", "a, b = x, \\\n            {e}", "return x, {e}"),
    *("try: a = {v}\n        except E: b = {e}", "x = (\n            {e}\n            - {f}\n        )", "# a is {e}"),
)
HEADS = ("def f(self, x):", "def f(self, a={e}, b: float = {e}):", "def g(\n        self,\n        a={e},\n    ):")
TOP = ("import time", "from time import time", "a = {v}", "b = {e}", "from time import time as tick, sleep", "")


def generated(seed: int) -> str:
    chance = random.Random(seed)

    def filled(template: str) -> str:
        atoms = {"e": chance.choice(ATOMS), "f": chance.choice(OTHERS)}
        return template.format(v=chance.choice(VALUES).format(**atoms), **atoms)

    lines = ["import time", "from datetime import datetime", filled(chance.choice(TOP)), "class C:"]
    for _ in range(2):
        lines += [
            f"    {filled(chance.choice(HEADS))}",
            *(f"        {filled(chance.choice(STATEMENTS))}" for _ in "ab"),
        ]
    return "\n".join(lines) + "\n"


def said(text: str, *, whole: bool) -> list[tuple[int, str]]:
    words = Words(frozenset({"uuid4"}), clock=True)
    facts = learn("m.py", "m", text.encode(), words, clock=True, whole=whole, always=False)
    return [] if facts is None else [(facts.places[one.at].line, one.what) for one in facts.events]


@pytest.mark.parametrize("seed", range(0, 200, 50))
def test_nothing_is_lost_that_a_full_parse_finds(seed: int) -> None:
    for text in map(generated, range(seed, seed + 50)):
        assert said(text, whole=False) == said(text, whole=True), text
