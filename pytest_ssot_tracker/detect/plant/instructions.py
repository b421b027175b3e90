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

_JUMPS = frozenset(opcode.opname[number] for number in opcode.hasjrel if number < len(opcode.opname))


class Instruction(NamedTuple):
    """One instruction, which begins at the unit `at` with its `prefixes`: they hold what of its argument is too large.

    A unit has two bytes. `caches` are the units behind it in which the interpreter keeps what it has learned.
    """

    at: int
    name: str
    argument: int
    prefixes: int
    caches: int

    @property
    def end(self) -> int:
        """Return the unit behind it."""
        return self.at + self.prefixes + 1 + self.caches

    @property
    def direction(self) -> int:
        """Return where it jumps: forwards, backwards, or with 0 nowhere."""
        return 0 if self.name not in _JUMPS else -1 if "BACKWARD" in self.name else 1


def instructions(code: CodeType) -> Iterator[Instruction]:
    """Yield the instructions of `code` in their order."""
    data, at = code.co_code, 0
    while 2 * at < len(data):
        begin, argument = at, data[2 * at + 1]
        while data[2 * at] == opcode.EXTENDED_ARG:
            at += 1
            argument = argument << 8 | data[2 * at + 1]
        name = opcode.opname[data[2 * at]]
        found = Instruction(begin, name, argument, at - begin, _caches(name))
        yield found
        at = found.end


def assembled(words: Iterable[tuple[Any, ...]]) -> bytes:
    """Return instructions, each a name and perhaps an argument, with room for what is kept behind them."""
    return b"".join(_written(*word) for word in words)


def _written(name: str, argument: int = 0, *, prefixes: int = 0) -> bytes:
    parts = argument.to_bytes(max(prefixes + 1, (argument.bit_length() + 7) // 8), "big")
    extended = b"".join(bytes((opcode.EXTENDED_ARG, part)) for part in parts[:-1])
    return extended + bytes((opcode.opmap[name], parts[-1])) + bytes(2 * _caches(name))


def _caches(name: str) -> int:
    entries: Any = vars(opcode)["_inline_cache_entries"]  # by number until 3.12
    return int(entries.get(name, 0) if isinstance(entries, dict) else entries[opcode.opmap[name]])


def with_pieces(code: CodeType, pieces: Mapping[int, bytes], constants: tuple[object, ...]) -> CodeType:
    """Return `code` with `constants` and with `pieces`, each in front of the instruction at a unit.

    Whoever jumps to that instruction comes by its piece, which stands where it stands and is guarded as it is.
    """
    steps = [*instructions(code)]
    prefixes = [step.prefixes for step in steps]
    while True:
        moved = _moved(steps, prefixes, pieces)
        arguments = [_argument(step, moved) for step in steps]
        # What lies further away now may need a prefix, and move everything once more.
        needed = [
            max(known, (argument.bit_length() - 1) // 8) for known, argument in zip(prefixes, arguments, strict=True)
        ]
        if needed == prefixes:
            break
        prefixes = needed
    written = (
        pieces.get(step.at, b"") + _written(step.name, argument, prefixes=known)
        for step, argument, known in zip(steps, arguments, prefixes, strict=True)
    )
    tables: dict[str, Any] = {
        "co_linetable": moved_places(code.co_linetable, moved),
        "co_exceptiontable": moved_guards(getattr(code, "co_exceptiontable", b""), moved.__getitem__),
    }
    return code.replace(co_code=b"".join(written), co_consts=constants, co_stacksize=code.co_stacksize + 4, **tables)


def _moved(steps: list[Instruction], prefixes: list[int], pieces: Mapping[int, bytes]) -> list[int]:
    """Return where each unit is from now on, the first of an instruction with its piece, and behind them the end."""
    moved: list[int] = []
    at = 0
    for step, known in zip(steps, prefixes, strict=True):
        begin = at + len(pieces.get(step.at, b"")) // 2 + known - step.prefixes
        moved.append(at)
        moved += range(begin + 1, begin + step.end - step.at)
        at = begin + step.end - step.at
    return [*moved, at]


def _argument(step: Instruction, moved: list[int]) -> int:
    if not step.direction:
        return step.argument
    target = step.end + step.direction * step.argument
    return step.direction * (moved[target] - moved[step.end])
