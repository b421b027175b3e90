"""Make code that calls us where a function starts or returns, and let a function run it."""

from __future__ import annotations

import opcode
import sys
from collections.abc import Callable, Container, Iterable
from inspect import CO_GENERATOR
from types import CodeType, FunctionType
from typing import Any
from weakref import ref

from pytest_ssot_tracker.detect.plant.code_tables import moved_guards, with_place
from pytest_ssot_tracker.detect.plant.instructions import assembled, instructions, with_pieces

__all__ = ["exchanged", "handing_over", "with_epilogues", "with_prologue"]


def exchanged(function: FunctionType, planted: CodeType) -> Callable[[], None]:
    """Let `function` run `planted`; return the undo."""
    original = function.__code__
    function.__code__ = planted
    # Weakly: a class made by a test must be able to go when the test is over.
    watched = ref(function)

    def undo() -> None:
        function = watched()
        if function is not None and function.__code__ is planted:
            function.__code__ = original

    return undo


def with_epilogues(code: CodeType, returned: Callable[[object], None]) -> CodeType:
    """Return `code` with a call `returned(value)` in front of each return, or each yield of a generator.

    The calls carry the place of the statement they stand in, so that neither tracing nor coverage tells them apart.
    """
    ends = ("YIELD_VALUE",) if code.co_flags & CO_GENERATOR else ("RETURN_VALUE", "RETURN_CONST")
    if sys.version_info < (3, 11):
        return _with_absolute_epilogues(code, returned, ends)
    call = handing_over(len(code.co_consts))
    pieces = {step.at: assembled(call) for step in instructions(code) if step.name in ends}
    for step in instructions(code):
        if step.at in pieces and step.name == "RETURN_CONST":  # which nothing reaches any more
            pieces[step.at] = assembled([("LOAD_CONST", step.argument), *call, ("RETURN_VALUE",)])
    return with_pieces(code, pieces, (*code.co_consts, returned))


def _with_absolute_epilogues(code: CodeType, returned: Callable[[object], None], ends: Container[str]) -> CodeType:
    from bytecode import Bytecode, Instr

    body = Bytecode.from_code(code)
    for at in reversed(range(len(body))):
        instruction = body[at]
        if isinstance(instruction, Instr) and instruction.name in ends:
            body[at:at] = [Instr(*words, location=instruction.location) for words in handing_over(returned)]
    made: CodeType = body.to_code()
    return made


def handing_over(call: object) -> list[Any]:
    """Return the instructions that call `call` with the topmost value and leave that value where it is.

    From 3.11 on `call` is the number of the constant that is called.
    """
    load: Any = ("LOAD_CONST", call)
    if sys.version_info < (3, 11):
        return [("DUP_TOP",), load, ("ROT_TWO",), ("CALL_FUNCTION", 1), ("POP_TOP",)]
    return _calling(load, ("COPY", 3))


def _calling(load: Any, argument: Any) -> list[Any]:
    """Return the instructions that call what `load` loads with what `argument` does (3.11 and later)."""
    callee = [("PUSH_NULL",), load] if sys.version_info < (3, 13) else [load, ("PUSH_NULL",)]
    precall: list[Any] = [("PRECALL", 1)] if sys.version_info < (3, 12) else []
    return [*callee, argument, *precall, ("CALL", 1), ("POP_TOP",)]


def with_prologue(code: CodeType, started: Callable[..., None], *, early: bool = False) -> CodeType:
    """Return `code` with a call `started(code)` in front, where the interpreter reports a start.

    With `early`, from 3.11 on, it stands where the generator or coroutine is made, before it first runs.
    """
    return _relative(code, started, early=early) if sys.version_info >= (3, 11) else _absolute(code, started)


def _relative(code: CodeType, started: Callable[..., None], *, early: bool) -> CodeType:
    # Every jump is relative since 3.11 and none crosses the start, so the rest can stay byte for byte.
    data = code.co_code
    names = data[::2]
    start = names.index(opcode.opmap["RETURN_GENERATOR"]) if early else names.find(opcode.opmap["RESUME"]) + 1
    load = ("LOAD_CONST", len(code.co_consts))
    words = _calling(load, ("LOAD_CONST", len(code.co_consts) + 1))
    prologue = assembled(words)
    size = len(prologue) // 2
    guarded: bytes = getattr(code, "co_exceptiontable", b"")
    tables: dict[str, Any] = {
        "co_linetable": with_place(code.co_linetable, start, size, code.co_firstlineno),
        "co_exceptiontable": moved_guards(guarded, lambda unit: unit + size if unit > start else unit),
    }
    return code.replace(
        co_code=data[: 2 * start] + prologue + data[2 * start :],
        co_consts=(*code.co_consts, started, code),
        co_stacksize=code.co_stacksize + 4,
        **tables,
    )


def _absolute(code: CodeType, started: Callable[..., None]) -> CodeType:
    from bytecode import Bytecode, Instr

    body = Bytecode.from_code(code)
    first = body[0] if body else None
    start = 1 if isinstance(first, Instr) and first.name == "GEN_START" else 0
    call: list[Any] = [("LOAD_CONST", started), ("LOAD_CONST", code), ("CALL_FUNCTION", 1), ("POP_TOP",)]
    body[start:start] = [Instr(*words, location=_place(code, body[start:])) for words in call]
    made: CodeType = body.to_code()
    return made


def _place(code: CodeType, body: Iterable[Any]) -> Any:
    """Return the place for what stands in front of `body`: that of its first instruction.

    A trace function then sees the lines that it saw without us: another line would be one more event, and where none is
    named a traceback through here has no line, which pytest cannot show.
    """
    from bytecode.instr import BaseInstr, InstrLocation

    places = (step.location for step in body if isinstance(step, BaseInstr))
    first = InstrLocation(code.co_firstlineno, None, None, None)
    return next((place for place in places if place is not None and place.lineno is not None), first)
