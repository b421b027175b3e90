"""Watch attributes that no Python code answers for, where they are read and written: by `INSTRUCTION` events (3.12).

A member of an enum and an attribute of an object stand in a dictionary. To put anything in their place would change
what `vars`, `inspect` and `pickle` show. So the code of the project is watched instead: of each instruction that names
the attribute it is looked up, by the variables and attributes that lead to it, of what it is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dis import Instruction, get_instructions
from inspect import getattr_static
from types import CodeType, FrameType, MemberDescriptorType, ModuleType
from typing import Any

from pytest_ssot_tracker.detect.live.objects import is_descriptor
from pytest_ssot_tracker.detect.plant.passing import NOTHING, loaded_last, value_of
from pytest_ssot_tracker.detect.plant.tool import EVENTS, Armed, monitoring
from pytest_ssot_tracker.loaded import namespace_of
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["AttributeWatch", "Told"]

_READS = frozenset({"LOAD_ATTR"})
_WRITES = frozenset({"STORE_ATTR", "DELETE_ATTR"})

Told = Callable[[object, FrameType, int], None]
"""Takes what an attribute is of, the frame that names it and the instruction."""


class _Step(NamedTuple):
    """One step on the way to an object: a variable, an attribute, or an item by a literal or a variable."""

    name: object
    is_attribute: bool = False
    is_variable: bool = False


class _Spot(NamedTuple):
    """An instruction that names an attribute; `way` are the steps that lead to what it is of."""

    code: CodeType
    name: str
    writes: bool
    way: tuple[_Step, ...] | None


class AttributeWatch(Armed):
    """Have a callable called where code of the project reads or writes an attribute.

    `wants(filename)` tells whether code of that file matters. `lost` are the instructions that have run and of which it
    cannot be told what they write to, with the name of the attribute.
    """

    purpose, event, ids = "attributes", "INSTRUCTION", (4, 3, 5, 2, 1, 0)

    def __init__(self, wants: Callable[[str], bool]) -> None:
        super().__init__()
        self.lost: dict[tuple[int, int], tuple[CodeType, str]] = {}
        self._wants = wants
        self._told: dict[tuple[str, bool], list[Told]] = {}
        self._spots: dict[tuple[int, int], _Spot] = {}

    def catch_up(self) -> None:
        """Do nothing: code is armed when it first starts."""

    def watch(self, name: str, told: Told, *, writes: bool) -> Callable[[], None]:
        """Call `told` where an attribute `name` is read, or with `writes` written or deleted; return the undo."""
        tell = self._told.setdefault((name, writes), [])
        tell.append(told)
        if len(tell) == 1:
            monitoring.restart_events()  # code that has started already was looked at and not armed
            self._arm_running()
        return lambda: tell.remove(told)

    def _arm(self, code: CodeType, _frame: FrameType) -> None:
        if not self._wants(code.co_filename):
            return
        names = {name for name, _ in self._told}
        if names.isdisjoint(code.co_names) or self._tool is None:
            return
        before: list[Instruction] = []
        for instruction in get_instructions(code):
            if instruction.opname == "EXTENDED_ARG":
                continue
            writes = instruction.opname in _WRITES
            if (instruction.argval, writes) in self._told and (writes or instruction.opname in _READS):
                spot = _Spot(code, str(instruction.argval), writes, _way(before, str(instruction.argval)))
                self._spots[id(code), instruction.offset] = spot
            before.append(instruction)
        self._tool.set_local(code, EVENTS.INSTRUCTION)

    def _happened(self, code: CodeType, offset: int) -> object:
        spot = self._spots.get((id(code), offset))
        if spot is None:
            return monitoring.DISABLE
        try:
            self._tell(spot, self._getframe(1), offset)
        except Exception:  # the program under test must never see a fault of ours
            self.lost[id(code), offset] = code, spot.name
        return None

    def _tell(self, spot: _Spot, frame: FrameType, offset: int) -> None:
        holder = NOTHING if spot.way is None else _followed(frame, spot.way)
        if holder is NOTHING:
            if spot.writes:
                self.lost[id(spot.code), offset] = spot.code, spot.name
            return
        for told in self._told.get((spot.name, spot.writes), ()):
            told(holder, frame, offset)


def _way(before: list[Instruction], name: str) -> tuple[_Step, ...] | None:
    """Return the steps by which that was loaded whose attribute `name` is next; `None` where it was otherwise.

    The first is a variable.
    """
    steps: list[_Step] = []
    at = len(before) - 1
    if at >= 0 and before[at].opname == "SWAP":  # an augmented assignment, whose object was loaded before its value
        doubled = (at for at in range(at, 0, -1) if before[at].opname == "COPY" and before[at + 1].argval == name)
        at = next(doubled, 0) - 1
    while at >= 0:
        instruction = before[at]
        if instruction.opname == "LOAD_ATTR":
            steps.append(_Step(str(instruction.argval), is_attribute=True))
        elif _takes_item(instruction) and at and before[at - 1].opname in _CONSTANTS:
            steps.append(_Step(before[at - 1].argval))
            at -= 1
        elif _takes_item(instruction) and at and loaded_last(before[at - 1]):
            key = before[at - 1]
            steps.append(_Step(loaded_last(key), is_variable=True))
            if type(key.argval) is tuple and key.opname.startswith("LOAD"):  # two variables in one instruction
                return (_Step(str(key.argval[0]), is_variable=True), *reversed(steps))
            at -= 1
        else:
            variable = loaded_last(instruction)
            return (_Step(variable, is_variable=True), *reversed(steps)) if variable else None
        at -= 1
    return None


_CONSTANTS = frozenset({"LOAD_CONST", "LOAD_SMALL_INT"})


def _takes_item(instruction: Instruction) -> bool:
    return instruction.opname == "BINARY_SUBSCR" or (instruction.opname == "BINARY_OP" and instruction.argrepr == "[]")


def _followed(frame: FrameType, way: tuple[_Step, ...]) -> object:
    """Return what the steps lead to in `frame`, running nothing of it."""
    found = value_of(frame, str(way[0].name))
    for step in way[1:]:
        if found is NOTHING:
            return NOTHING
        if step.is_attribute:
            found = _attribute(found, str(step.name))
        else:
            key = value_of(frame, str(step.name)) if step.is_variable else step.name
            found = _item(found, key)
    return found


def _attribute(holder: Any, name: str) -> object:
    if issubclass(type(holder), ModuleType):
        return (namespace_of(holder) or {}).get(name, NOTHING)
    held = getattr_static(holder, name, NOTHING)
    if type(held) is MemberDescriptorType:  # of a class with slots
        return held.__get__(holder, type(holder))
    return NOTHING if is_descriptor(held) else held


def _item(holder: Any, key: object) -> object:
    """Return what a plain collection holds under a plain key."""
    if type(holder) is dict and type(key) in (str, int, bytes):
        return holder.get(key, NOTHING)
    if type(holder) in (list, tuple) and type(key) is int and -len(holder) <= key < len(holder):
        found: object = holder[key]
        return found
    return NOTHING
