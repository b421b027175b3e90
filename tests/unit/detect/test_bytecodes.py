"""What is put in front of a function's code changes nothing of what is said about the rest."""

from __future__ import annotations

import contextlib
import sys
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

import pytest

from pytest_ssot_tracker.detect.plant.bytecodes import with_prologue

SHAPES = {
    "one line": "def made(x): return x + 1",
    "a body below": "def made(x):\n    '''Say so.'''\n    return x + 1",
    "a line far below": "def made(x):" + "\n" * 300 + "    return x + 1",
    "a call over several lines": "def made(x):\n    return sum(\n        [x,\n         1],\n    )",
    "a closure": "def outer(one):\n    def made(x):\n        nonlocal one\n        return x + one\n    return made\nmade = outer(1)",
    "cells of its own": "def made(x):\n    one = 1\n    return (lambda: x + one)()",
    "handled errors": (
        "def made(x):\n    try:\n        raise KeyError\n    except KeyError as error:\n"
        "        try:\n            raise ValueError from error\n        except ValueError:\n            pass\n"
        "    finally:\n        x += 1\n    return x"
    ),
    "handled from the start on": "def made(x):\n    with stack():\n        raise KeyError\n    return x + 1",
    "many constants": "def made(x):\n    return [x + 1" + "".join(f", {n}.5" for n in range(600)) + "][0]",
    "a loop": "def made(x):\n    for one in range(1):\n        x += 1\n    while x < 0: pass\n    return x",
}
HELPERS = {"stack": lambda: contextlib.suppress(KeyError)}
since_tables = pytest.mark.skipif(sys.version_info < (3, 11), reason="the tables are as told from 3.11 on")


def function(text: str) -> FunctionType:
    scope: dict[str, Any] = dict(HELPERS)
    exec(compile(textwrap.dedent(text), "shape.py", "exec"), scope)
    return scope["made"]


def planted(code: CodeType, started: Callable[[CodeType], None]) -> CodeType:
    return with_prologue(code, started)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_function_tells_of_its_start_and_does_what_it_did(shape: str) -> None:
    made = function(SHAPES[shape])
    original, started = made.__code__, list[CodeType]()
    made.__code__ = planted(original, started.append)
    assert (made(1), started) == (2, [original])


@since_tables
@pytest.mark.parametrize("shape", SHAPES)
def test_each_instruction_stays_where_it_stood(shape: str) -> None:
    code = function(SHAPES[shape]).__code__
    before = [*zip(code.co_code[::2], code.co_code[1::2], code.co_positions(), strict=True)]
    new = planted(code, print)
    after = [*zip(new.co_code[::2], new.co_code[1::2], new.co_positions(), strict=True)]
    more = len(after) - len(before)
    start = next(at for at in range(len(before)) if after[:at] + after[at + more :] == before)
    assert start > 0
    first = next(place for _, _, place in before[start:] if place[0] is not None)
    assert {place for _, _, place in after[start : start + more]} == {first}


@since_tables
@pytest.mark.parametrize("shape", SHAPES)
def test_code_without_a_table_of_lines_stands_on_its_first_line(shape: str) -> None:
    made = function(SHAPES[shape])
    made.__code__ = planted(made.__code__.replace(co_linetable=b""), list[CodeType]().append)
    assert made(1) == 2
    assert {line for _, _, line in made.__code__.co_lines()} <= {None, made.__code__.co_firstlineno}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_trace_function_sees_the_lines_that_it_saw(shape: str) -> None:
    made = function(SHAPES[shape])

    def lines() -> list[tuple[str, int]]:
        seen: list[tuple[str, int]] = []

        def trace(frame: Any, event: str, arg: object) -> Any:
            if frame.f_code.co_filename != "shape.py":
                return None
            seen.append((event, frame.f_lineno))
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            made(1)
        finally:
            sys.settrace(before)
        return seen

    expected = lines()
    made.__code__ = planted(made.__code__, [].append)
    assert lines() == expected


def test_a_generator_tells_of_its_start_and_may_be_thrown_at() -> None:
    made = function("def made(x):\n    try:\n        yield x\n    except KeyError:\n        yield x + 1")
    started: list[CodeType] = []
    made.__code__ = planted(made.__code__, started.append)
    values = made(1)
    assert (next(values), values.throw(KeyError), len(started)) == (1, 2, 1)
