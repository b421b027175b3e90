"""Make code that calls us where a function starts or returns, and let a function run it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from inspect import CO_GENERATOR
from types import CodeType, FunctionType
from typing import Any
from weakref import ref

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
    from bytecode import Bytecode, Instr

    body = Bytecode.from_code(code)
    ends = ("YIELD_VALUE",) if code.co_flags & CO_GENERATOR else ("RETURN_VALUE", "RETURN_CONST")
    for at in reversed(range(len(body))):
        one = body[at]
        if isinstance(one, Instr) and one.name in ends:
            call = [Instr(*words, location=one.location) for words in handing_over(returned)]
            if one.name == "RETURN_CONST":
                constant = Instr("LOAD_CONST", one.arg, location=one.location)
                body[at : at + 1] = [constant, *call, Instr("RETURN_VALUE", location=one.location)]
            else:
                body[at:at] = call
    made: CodeType = body.to_code()
    return made


def handing_over(call: Callable[[object], None]) -> list[Any]:
    """Return the instructions that call `call` with the topmost value and leave that value where it is."""
    load: Any = ("LOAD_CONST", call)
    if sys.version_info < (3, 11):
        return [("DUP_TOP",), load, ("ROT_TWO",), ("CALL_FUNCTION", 1), ("POP_TOP",)]
    callee = [("PUSH_NULL",), load] if sys.version_info < (3, 13) else [load, ("PUSH_NULL",)]
    precall: list[Any] = [("PRECALL", 1)] if sys.version_info < (3, 12) else []
    return [*callee, ("COPY", 3), *precall, ("CALL", 1), ("POP_TOP",)]


def with_prologue(code: CodeType, started: Callable[..., None], *, early: bool = False) -> CodeType:
    """Return `code` with a call `started(code)` in front, where the interpreter reports a start.

    With `early`, from 3.11 on, it stands where the generator or coroutine is made, before it first runs.
    """
    return _relative(code, started, early=early) if sys.version_info >= (3, 11) else _absolute(code, started)


def _relative(code: CodeType, started: Callable[..., None], *, early: bool) -> CodeType:
    # Every jump is relative since 3.11 and none crosses the start, so the rest can stay byte for byte.
    from bytecode import ConcreteBytecode, ConcreteInstr

    body = ConcreteBytecode.from_code(code)
    names = [statement.name for statement in body]
    start = names.index("RETURN_GENERATOR") if early else names.index("RESUME") + 1 if "RESUME" in names else 0
    load, null = ("LOAD_CONST", len(body.consts)), ("PUSH_NULL",)
    call: list[Any] = [
        *((null, load) if sys.version_info < (3, 13) else (load, null)),
        ("LOAD_CONST", len(body.consts) + 1),
        *([("PRECALL", 1)] if sys.version_info < (3, 12) else []),
        ("CALL", 1),
        ("POP_TOP",),
    ]
    prologue, place = [], _place(code, body[start:])
    for words in call:
        instruction = ConcreteInstr(*words, location=place)
        caches = (ConcreteInstr("CACHE", 0, location=place) for _ in range(instruction.use_cache_opcodes()))
        prologue += [instruction, *caches]
    before = sum(statement.size for statement in body[:start]) // 2
    moved = sum(one.size for one in prologue) // 2
    for entry in body.exception_table:
        # The body of a generator is guarded from its start on: the prologue then becomes part of it.
        entry.start_offset += moved if entry.start_offset > before else 0
        entry.stop_offset += moved
        entry.target += moved
    body[start:start] = prologue
    body.consts = [*body.consts, started, code]
    made: CodeType = body.to_code(stacksize=code.co_stacksize + 4, compute_exception_stack_depths=False)
    return made


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
