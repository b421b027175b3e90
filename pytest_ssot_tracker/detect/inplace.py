"""Watch functions by a prologue in their code, where `sys.monitoring` is missing or taken.

The function object stays the same, so every alias is seen, and so do its signature, flags and line numbers: the
prologue has no line, which keeps it out of tracebacks, tracing and coverage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any
from weakref import ref

__all__ = ["InPlace"]


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
        function.__code__ = planted
        # Weakly: a class made by a test must be able to go when the test is over.
        watched = ref(function)

        def undo() -> None:
            function = watched()
            if function is not None and function.__code__ is planted:
                function.__code__ = original

        return (original, planted), undo

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""


def with_prologue(code: CodeType, started: Callable[..., None]) -> CodeType:
    """Return `code` with a call `started(code)` in front, where the interpreter reports a start."""
    return _relative(code, started) if sys.version_info >= (3, 11) else _absolute(code, started)


def _relative(code: CodeType, started: Callable[..., None]) -> CodeType:
    # Every jump is relative since 3.11 and none crosses the start, so the rest can stay byte for byte.
    from bytecode import ConcreteBytecode, ConcreteInstr

    body = ConcreteBytecode.from_code(code)
    start = next((index + 1 for index, one in enumerate(body) if one.name == "RESUME"), 0)
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
    before = sum(one.size for one in body[:start]) // 2
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
