"""Make code that calls us where a function starts or returns, and let a function run it."""

from __future__ import annotations

import opcode
import sys
from collections.abc import Callable, Iterable
from inspect import CO_GENERATOR
from types import CodeType, FunctionType
from typing import Any
from weakref import ref

from pytest_ssot_tracker.detect.plant.code_tables import with_place, with_room

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
        instruction = body[at]
        if isinstance(instruction, Instr) and instruction.name in ends:
            call = [Instr(*words, location=instruction.location) for words in handing_over(returned)]
            if instruction.name == "RETURN_CONST":
                constant = Instr("LOAD_CONST", instruction.arg, location=instruction.location)
                body[at : at + 1] = [constant, *call, Instr("RETURN_VALUE", location=instruction.location)]
            else:
                body[at:at] = call
    made: CodeType = body.to_code()
    return made


def handing_over(call: Callable[[object], None]) -> list[Any]:
    """Return the instructions that call `call` with the topmost value and leave that value where it is."""
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
    # Every jump is relative since 3.11 and none crosses the start, so the rest can stay byte for byte. Done by hand:
    # `bytecode` makes an object of each instruction, and a run begins with two dozen of these.
    names = code.co_code[::2]
    start = names.index(opcode.opmap["RETURN_GENERATOR"]) if early else names.find(opcode.opmap["RESUME"]) + 1
    load = ("LOAD_CONST", len(code.co_consts))
    words = _calling(load, ("LOAD_CONST", len(code.co_consts) + 1))
    prologue = b"".join(_unit(*each) for each in words)
    size = len(prologue) // 2
    guarded: bytes = getattr(code, "co_exceptiontable", b"")
    tables: dict[str, Any] = {
        "co_linetable": with_place(code.co_linetable, start, size, code.co_firstlineno),
        "co_exceptiontable": with_room(guarded, start, size),
    }
    return code.replace(
        co_code=code.co_code[: 2 * start] + prologue + code.co_code[2 * start :],
        co_consts=(*code.co_consts, started, code),
        co_stacksize=code.co_stacksize + 4,
        **tables,
    )


def _unit(name: str, argument: int = 0) -> bytes:
    """Return an instruction with the room for what the interpreter keeps behind it."""
    entries: Any = vars(opcode)["_inline_cache_entries"]  # by number until 3.12
    caches = entries.get(name, 0) if isinstance(entries, dict) else entries[opcode.opmap[name]]
    parts = argument.to_bytes(max(1, (argument.bit_length() + 7) // 8), "big")
    extended = b"".join(bytes((opcode.EXTENDED_ARG, part)) for part in parts[:-1])
    return extended + bytes((opcode.opmap[name], parts[-1])) + bytes(2 * caches)


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
