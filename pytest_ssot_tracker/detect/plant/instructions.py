"""Put instructions between those of code, from Python 3.11 on: every jump is relative there.

Done by hand: the library that makes an object of each instruction takes 36 million instructions of its own to load.
"""

from __future__ import annotations

import opcode
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType
from typing import Any

from pytest_ssot_tracker.detect.plant.code_tables import moved_guards, moved_places
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["Instruction", "assembled", "instructions", "with_pieces"]

_KEPT: Any = vars(opcode).get("_inline_cache_entries", ())  # by number until 3.12, and not there before 3.11
_CACHES: dict[str, int] = _KEPT if isinstance(_KEPT, dict) else dict(zip(opcode.opname, _KEPT, strict=False))
"""The units behind an instruction in which the interpreter keeps what it has learned, by its name."""

_DIRECTIONS = {
    name: -1 if "BACKWARD" in name else 1 for name, number in opcode.opmap.items() if number in opcode.hasjrel
}
"""Where an instruction jumps, backwards or forwards, by its name."""


class Instruction(NamedTuple):
    """One instruction, which begins at the unit `at` with its `prefixes`: they hold what of its argument is too large.

    A unit has two bytes. `end` is the unit behind it and its caches.
    """

    at: int
    name: str
    argument: int
    prefixes: int
    end: int


def instructions(code: CodeType) -> Iterator[Instruction]:
    """Yield the instructions of `code` in their order."""
    data, names, at = code.co_code, opcode.opname, 0
    while 2 * at < len(data):
        begin, argument = at, data[2 * at + 1]
        while data[2 * at] == opcode.EXTENDED_ARG:
            at += 1
            argument = argument << 8 | data[2 * at + 1]
        name = names[data[2 * at]]
        prefixes, at = at - begin, at + 1 + _CACHES.get(name, 0)
        yield Instruction(begin, name, argument, prefixes, at)


def assembled(words: Iterable[tuple[Any, ...]]) -> bytes:
    """Return instructions, each a name and perhaps an argument, with room for what is kept behind them."""
    return b"".join(_written(*word) for word in words)


def _written(name: str, argument: int = 0, *, prefixes: int = 0) -> bytes:
    parts = argument.to_bytes(max(prefixes + 1, (argument.bit_length() + 7) // 8), "big")
    extended = b"".join(bytes((opcode.EXTENDED_ARG, part)) for part in parts[:-1])
    return extended + bytes((opcode.opmap[name], parts[-1])) + bytes(2 * _CACHES.get(name, 0))


def with_pieces(code: CodeType, pieces: Mapping[int, bytes], constants: tuple[object, ...]) -> CodeType:
    """Return `code` with `constants` and with `pieces`, each in front of the instruction at a unit.

    Whoever jumps to that instruction comes by its piece, which stands where it stands and is guarded as it is.
    """
    data = code.co_code
    changing = [step for step in instructions(code) if step.name in _DIRECTIONS or step.at in pieces]
    prefixes = [step.prefixes for step in changing]
    while True:
        moved = _moved(changing, prefixes, pieces, len(data) // 2)
        arguments = [_argument(step, moved) for step in changing]
        # What lies further away now may need a prefix, and move everything once more.
        needed = [
            max(known, (argument.bit_length() - 1) // 8) for known, argument in zip(prefixes, arguments, strict=True)
        ]
        if needed == prefixes:
            break
        prefixes = needed
    written, at = b"", 0
    for step, argument, known in zip(changing, arguments, prefixes, strict=True):
        written += data[2 * at : 2 * step.at] + pieces.get(step.at, b"")
        written += _written(step.name, argument, prefixes=known)
        at = step.end
    tables: dict[str, Any] = {
        "co_linetable": moved_places(code.co_linetable, moved),
        "co_exceptiontable": moved_guards(getattr(code, "co_exceptiontable", b""), moved.__getitem__),
    }
    stack = code.co_stacksize + 4
    return code.replace(co_code=written + data[2 * at :], co_consts=constants, co_stacksize=stack, **tables)


def _moved(changing: list[Instruction], prefixes: list[int], pieces: Mapping[int, bytes], size: int) -> list[int]:
    """Return where each of `size` units is from now on, the first of an instruction with its piece, and the end."""
    moved: list[int] = []
    at = more = 0
    for step, known in zip(changing, prefixes, strict=True):
        moved += range(at + more, step.at + more + 1)
        more += len(pieces.get(step.at, b"")) // 2 + known - step.prefixes
        moved += range(step.at + more + 1, step.end + more)
        at = step.end
    return [*moved, *range(at + more, size + more + 1)]


def _argument(step: Instruction, moved: list[int]) -> int:
    direction = _DIRECTIONS.get(step.name, 0)
    target = step.end + direction * step.argument
    return direction * (moved[target] - moved[step.end]) if direction else step.argument
