"""Watch functions by a prologue in their code, where `sys.monitoring` is missing or taken.

The function object stays the same, so every alias is seen, and so do its signature, flags and line numbers: the
prologue has no line, which keeps it out of tracebacks, tracing and coverage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from inspect import CO_GENERATOR
from types import CodeType, FrameType, FunctionType
from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.rewritten import Moved, Rewritten

__all__ = ["InPlace", "exchanged", "handing_over"]


class InPlace:
    """Have `started(code)` called when a watched function starts, directly above its frame.

    `code` is the function's own code from before.
    """

    name = "in-place"

    @classmethod
    def open(cls) -> InPlace | None:
        """Return the back end, `None` when the library `bytecode` is not installed."""
        try:
            import bytecode  # noqa: F401
        except ImportError:
            return None
        return cls()

    def watch(
        self, function: FunctionType, started: Callable[[CodeType], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]]:
        """Watch `function`; return its code before and after, and the undo."""
        original = function.__code__
        planted = with_prologue(original, started)
        return (original, planted), exchanged(function, planted)

    def join(self, function: FunctionType, codes: tuple[CodeType, ...]) -> Callable[[], None]:
        """Watch one more function that has the first of `codes`, all of one watched function; return the undo."""
        return exchanged(function, codes[1])

    def watch_returns(
        self, function: FunctionType, returned: Callable[[FrameType, object], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]]:
        """Have `returned(frame, value)` called with what `function` returns, or what it yields if it is a generator.

        Nothing is seen of what a generator hands on by `yield from` before 3.11.
        """
        original = function.__code__

        def call(value: object) -> None:
            returned(sys._getframe(1), value)

        planted = with_epilogues(original, call)
        return (original, planted), exchanged(function, planted)

    def watch_creations(
        self, function: FunctionType, created: Callable[[FrameType], None]
    ) -> tuple[tuple[CodeType, ...], Callable[[], None]] | None:
        """Have `created(frame)` called with the frame that makes a generator or a coroutine by calling `function`.

        Returns `None` before 3.11, where nothing of it runs then.
        """
        if sys.version_info < (3, 11):
            return None
        original = function.__code__

        def call(_: CodeType) -> None:
            created(sys._getframe(1))  # that of `function` is passed over: it is not complete before its generator is

        planted = with_prologue(original, call, early=True)
        return (original, planted), exchanged(function, planted)

    def callees(self, wants: Callable[[str], bool]) -> None:
        """Return `None`: what a statement calls is not told before 3.12."""

    def attributes(self, wants: Callable[[str], bool], defines: Callable[[str], bool], moved: Moved) -> Rewritten:
        """Return what watches attributes where they are written down, in the files that `wants` names."""
        from pytest_ssot_tracker.detect.rewritten import Rewritten

        return Rewritten(wants, defines, moved)

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""


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
    prologue = []
    for words in call:
        one = ConcreteInstr(*words, location=_nowhere())
        prologue += [one, *(ConcreteInstr("CACHE", 0, location=_nowhere()) for _ in range(one.use_cache_opcodes()))]
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
    body[start:start] = [Instr(*words, location=_nowhere()) for words in call]
    made: CodeType = body.to_code()
    return made


def _nowhere() -> Any:
    # Not `None`, which stands for the line of the instruction before.
    from bytecode.instr import InstrLocation

    return InstrLocation(None, None, None, None)
