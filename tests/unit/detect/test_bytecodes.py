"""What is put in front of a function's code changes nothing of what is said about the rest."""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import dis
import inspect
import pickle
import sys
import tarfile
import textwrap
import typing
from collections.abc import Callable, Iterator
from itertools import islice
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

import pytest

from pytest_ssot_tracker.detect.plant.bytecodes import handing_over, with_epilogues, with_prologue
from pytest_ssot_tracker.detect.plant.inplace import InPlace

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


def lines_of(made: FunctionType) -> list[tuple[str, int]]:
    """Return what a trace function is told of a call of `made`."""
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

    expected = lines_of(made)
    made.__code__ = planted(made.__code__, [].append)
    assert lines_of(made) == expected


def test_a_generator_tells_of_its_start_and_may_be_thrown_at() -> None:
    made = function("def made(x):\n    try:\n        yield x\n    except KeyError:\n        yield x + 1")
    started: list[CodeType] = []
    made.__code__ = planted(made.__code__, started.append)
    values = made(1)
    assert (next(values), values.throw(KeyError), len(started)) == (1, 2, 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_function_tells_of_its_returns_and_does_what_it_did(shape: str) -> None:
    made = function(SHAPES[shape])
    returned: list[object] = []
    made.__code__ = with_epilogues(made.__code__, returned.append)
    assert (made(1), returned) == (2, [2])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_trace_function_sees_the_lines_that_it_saw_of_what_tells_of_its_returns(shape: str) -> None:
    made = function(SHAPES[shape])
    expected = lines_of(made)
    made.__code__ = with_epilogues(made.__code__, list[object]().append)
    assert lines_of(made) == expected


def test_each_way_out_of_a_function_is_told() -> None:
    made = function("def made(x):\n    if x:\n        return 'yes'\n    for one in [x]:\n        return [one]")
    returned: list[object] = []
    made.__code__ = with_epilogues(made.__code__, returned.append)
    assert [made(1), made(0)] == returned == ["yes", [0]]


def test_a_jump_over_more_than_before_finds_its_end() -> None:
    ways = "".join(f"    if x == {n}: return {n}\n" for n in range(2, 60))
    made = function(
        f"def made(x):\n    while x != 1:\n{textwrap.indent(ways, '    ')}        x -= 60\n    return 'end'"
    )
    returned: list[object] = []
    made.__code__ = with_epilogues(made.__code__, returned.append)
    assert [made(61), made(59), made(121)] == returned == ["end", 59, "end"]


def test_a_generator_tells_of_its_yields_and_may_be_thrown_at() -> None:
    made = function("def made(x):\n    try:\n        yield x\n    except KeyError:\n        yield x + 1\n    return 5")
    yielded: list[object] = []
    made.__code__ = with_epilogues(made.__code__, yielded.append)
    values = made(1)
    assert (next(values), values.throw(KeyError), yielded) == (1, 2, [1, 2])


class Step(NamedTuple):
    """An instruction as `dis` has it, and where it begins with its prefixes."""

    begin: int
    read: dis.Instruction


def steps(code: CodeType) -> list[Step]:
    found, prefixes = [], 0
    for read in dis.get_instructions(code):
        if read.opname == "EXTENDED_ARG":
            prefixes += 2
        else:
            found.append(Step(read.offset - prefixes, read))
            prefixes = 0
    return found


def guard(code: CodeType, step: Step) -> tuple[int, int, bool] | None:
    entries = dis._parse_exception_table(code)  # type: ignore[attr-defined]
    held = (entry for entry in entries if entry.start <= step.read.offset < entry.end)
    return next(((entry.target, entry.depth, entry.lasti) for entry in held), None)


def functions(module: ModuleType) -> Iterator[FunctionType]:
    for value in list(vars(module).values()):
        if isinstance(value, FunctionType):
            yield value
        elif isinstance(value, type) and value.__module__ == module.__name__:
            yield from (method for method in vars(value).values() if isinstance(method, FunctionType))


@since_tables
@pytest.mark.parametrize("module", [argparse, ast, difflib, inspect, pickle, tarfile, typing])
def test_what_tells_of_returns_changes_nothing_else_in_any_function_of_the_standard_library(module: ModuleType) -> None:
    told = len(handing_over(0))
    for made in functions(module):
        code = made.__code__
        planted = with_epilogues(code, print)
        is_generator = bool(code.co_flags & inspect.CO_GENERATOR)
        more = {"YIELD_VALUE": told} if is_generator else {"RETURN_VALUE": told, "RETURN_CONST": told + 2}
        after = iter(steps(planted))
        front: dict[int, int] = {}
        pairs: list[tuple[Step, Step]] = []
        for step in steps(code):
            piece = list(islice(after, more.get(step.read.opname, 0) + 1))
            front[step.begin] = piece[0].begin
            assert {each.read.positions for each in piece} == {step.read.positions}
            assert guard(planted, piece[0]) == guard(planted, piece[-1])
            pairs.append((step, piece[-1]))
        assert next(after, None) is None
        for old, new in pairs:
            assert new.read.opname == old.read.opname
            if old.read.opcode in dis.hasjrel:
                assert new.read.argval == front[old.read.argval]
            else:
                assert new.read.arg == old.read.arg
            held = guard(code, old)
            assert guard(planted, new) == (held and (front[held[0]], *held[1:]))


@since_tables
def test_no_library_is_needed_to_watch_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bytecode", None)
    made, seen = function(SHAPES["one line"]), list[object]()
    in_place = InPlace.open()
    assert in_place is not None
    in_place.watch(made, seen.append)
    in_place.watch_returns(made, lambda frame, value: seen.append(value))
    assert (made(1), seen[1:]) == (2, [2])
