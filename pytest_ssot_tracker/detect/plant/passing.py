"""Tell a parameter that a caller passes from one that has its default.

What differs from the default was passed. Where a call passes the default itself, only the instruction of the caller
tells it from a call that leaves the parameter out.
"""

from __future__ import annotations

import sys
from dis import Instruction, get_instructions, stack_effect
from enum import Enum
from inspect import CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS, Parameter, signature
from itertools import accumulate, takewhile
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any
from weakref import ref

from pytest_ssot_tracker.detect.live.objects import first_argument
from pytest_ssot_tracker.detect.live.resolve import function_of
from pytest_ssot_tracker.model import Parameter as Passed
from pytest_ssot_tracker.records import NamedTuple

__all__ = ["NOTHING", "Calling", "WrittenCall", "loaded_last", "name_passed", "value_of", "written_at"]

_BY_POSITION = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
NOTHING = object()
"""Stands for a value that is not known."""

_ANY = object()


class Calling:
    """How calls of one function pass one of its parameters.

    `names` are what the function goes by as an attribute; `bound` tells that its first parameter is filled in where it
    is asked of an object. `around` runs between the call and the function.
    """

    def __init__(
        self,
        function: FunctionType,
        parameter: Passed,
        *,
        names: frozenset[str],
        bound: bool,
        around: tuple[CodeType, ...] = (),
    ) -> None:
        code = function.__code__
        self._function = ref(function)
        self._name = parameter.name
        self._wanted = _ANY if parameter.value is None else parameter.literal
        self._names = names | {function.__name__}
        self._bound = bound
        self._around = around
        self._calls: dict[tuple[int, int], tuple[CodeType, WrittenCall | None]] = {}
        plain = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self._is_own = self._name in plain
        self._at = plain.index(self._name) if self._name in plain[: code.co_argcount] else None
        self._index = None if self._is_own else _position(function, self._name)
        self.exists = self._is_own or self._index is not None or bool(code.co_flags & CO_VARKEYWORDS)

    def leaves_out(self, frame: FrameType) -> bool:
        """Whether the call that starts in `frame` passes something else, or leaves the parameter to its default."""
        value = self._given(frame)
        if value is NOTHING or not self._is_wanted(value):
            return True
        return self._is_own and value is self._default() and not self._is_written(frame)

    def _given(self, frame: FrameType) -> object:
        """Return what the parameter holds, or what a function that takes anything was given for it."""
        code, held = frame.f_code, frame.f_locals
        if self._is_own:
            return held.get(self._name, NOTHING)
        plain = code.co_argcount + code.co_kwonlyargcount
        rest = bool(code.co_flags & CO_VARARGS)
        if code.co_flags & CO_VARKEYWORDS:
            keywords = held.get(code.co_varnames[plain + rest])
            if type(keywords) is dict and self._name in keywords:
                return keywords[self._name]
        if rest and self._index is not None:
            positional = held.get(code.co_varnames[plain])
            at = self._index - code.co_argcount
            if type(positional) is tuple and 0 <= at < len(positional):
                return positional[at]
        return NOTHING

    def _is_wanted(self, value: object) -> bool:
        """Whether this is the value that is deprecated; nothing is compared that could run code of the program."""
        if self._wanted is _ANY:
            return True
        if issubclass(type(value), Enum):
            value = vars(value).get("_value_")
        return type(value) is type(self._wanted) and value == self._wanted

    def _default(self) -> object:
        function = self._function()
        if function is None:
            return NOTHING
        if self._at is None:
            return (function.__kwdefaults__ or {}).get(self._name, NOTHING)
        defaults = function.__defaults__ or ()
        at = self._at - function.__code__.co_argcount + len(defaults)
        return defaults[at] if at >= 0 else NOTHING

    def _is_written(self, frame: FrameType) -> bool:
        """Whether the instruction that has called passes the parameter."""
        caller = frame.f_back
        while caller is not None and any(caller.f_code is code for code in self._around):
            caller = caller.f_back
        if caller is None:
            return False
        key = id(caller.f_code), caller.f_lasti
        if key not in self._calls:
            self._calls[key] = caller.f_code, written_at(caller.f_code, caller.f_lasti)
        call = self._calls[key][1]
        if call is None or not call.may_pass(self._name, self._at):
            return False
        subject = first_argument(frame)
        bound = self._is_bound(call, caller, subject)
        return bound is not None and call.passes(self._name, self._at, caller, bound=bound)

    def _is_bound(self, call: WrittenCall, caller: FrameType, subject: object) -> bool | None:
        """Whether the call fills in the first parameter; `None` where it is the call of something else."""
        if call.attribute:
            kind = subject if issubclass(type(subject), type) else type(subject)
            if call.callee not in self._names and not (self._bound and call.callee == kind.__name__):  # type: ignore[attr-defined]
                return None
            return self._bound and not (call.first and value_of(caller, call.first) is subject)
        value = value_of(caller, call.callee)
        if issubclass(type(value), type):
            return True
        function, known = function_of(value), self._function()
        if function is None or known is None or function.__code__ is not known.__code__:
            return None
        return type(value) is MethodType


class WrittenCall(NamedTuple):
    """A call as an instruction makes it.

    `positional` arguments are passed by position and `names` by name, `mappings` are the variables that follow `**`,
    and `star` is the one that follows `*` where nothing else is passed by position. `callee` is the last name of what
    is called, an `attribute` or a variable, `first` the variable that is passed first.
    """

    positional: int
    names: tuple[str, ...]
    callee: str
    attribute: bool
    first: str
    mappings: tuple[str, ...] = ()
    star: str = ""

    def may_pass(self, name: str, at: int | None) -> bool:
        """Whether a parameter may be among the arguments, whatever the variables hold."""
        return name in self.names or (at is not None and at <= self.positional) or bool(self.mappings or self.star)

    def passes(self, name: str, at: int | None, frame: FrameType, *, bound: bool) -> bool:
        """Whether a parameter is among the arguments, by what the variables in `frame` hold."""
        if name in self.names:
            return True
        for variable in self.mappings:
            held = value_of(frame, variable)
            if type(held) is dict and name in held:
                return True
        count = self.positional
        if self.star:
            held = value_of(frame, self.star)
            count = len(held) if type(held) in (tuple, list) else 0  # type: ignore[arg-type]
        return at is not None and at < count + bound


def written_at(code: CodeType, lasti: int) -> WrittenCall | None:
    """Return the call that the instruction at `lasti` makes; `None` where it is none, and before 3.11.

    What is called is found by its place: it begins where the call does (PEP 657).
    """
    if sys.version_info < (3, 11):
        return None
    found = _upto(code, lasti)
    return _call(code, found[:-1], found[-1]) if found else None


def name_passed(frame: FrameType) -> str | None:
    """Return the second argument of the call that `frame` makes, if it is a string in a literal or a variable."""
    found = _upto(frame.f_code, frame.f_lasti)
    at = _callee(found[:-1], found[-1]) if found else None
    arguments = [] if at is None else found[at + 1 : -1]
    if arguments and arguments[0].opname == "PUSH_NULL":  # of what is called
        del arguments[0]
    depths = [*accumulate(stack_effect(each.opcode, each.arg) for each in arguments)]
    # The first argument ends where the stack is one deep for the last time, unless both are loaded at once.
    second = 0 if 1 not in depths else len(depths) - depths[::-1].index(1)
    if second >= len(depths) or 2 in depths[second + 1 :]:
        return None
    instruction = arguments[second]
    value = instruction.argval if instruction.opname == "LOAD_CONST" else None
    if _variable(instruction):
        names = instruction.argval if type(instruction.argval) is tuple else (instruction.argval,)
        value = value_of(frame, str(names[1 not in depths])) if len(names) > (1 not in depths) else None
    return value if type(value) is str else None


def _upto(code: CodeType, lasti: int) -> list[Instruction]:
    # 3.11 has a `PRECALL` in front of each call, and counts the cache behind a call as done while that runs.
    upto = takewhile(lambda instruction: instruction.offset <= lasti, get_instructions(code))
    return [instruction for instruction in upto if instruction.opname != "PRECALL"]


def _call(code: CodeType, before: list[Instruction], call: Instruction) -> WrittenCall | None:
    at = _callee(before, call)
    if at is None:
        return None
    callee = before[at]
    arguments = [instruction for instruction in before[at + 1 :] if instruction.opname != "PUSH_NULL"]
    first = _variable(arguments[0]) if arguments else ""
    shape = str(callee.argval), callee.opname in _ATTRIBUTES, first
    if call.opname == "CALL_FUNCTION_EX":
        pairs = zip(arguments, [*arguments[1:], call], strict=True)
        merged = (_variable(argument) for argument, after in pairs if after.opname == "DICT_MERGE")
        mappings = tuple(filter(None, merged))
        alone = first and (arguments[1:] or [call])[0].opname in ("BUILD_MAP", "CALL_FUNCTION_EX", "PUSH_NULL")
        fixed = arguments[0].argval if arguments and type(arguments[0].argval) is tuple and not first else ()
        return WrittenCall(len(fixed), (), *shape, mappings, first if alone else "")
    names: Any = ()
    if arguments and (arguments[-1].opname == "KW_NAMES" or call.opname == "CALL_KW"):
        names = code.co_consts[arguments[-1].arg or 0]
    return WrittenCall((call.arg or 0) - len(names), tuple(names), *shape)


_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"})
_VARIABLES = ("LOAD_FAST", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF", "LOAD_CLASSDEREF")


def _callee(before: list[Instruction], call: Instruction) -> int | None:
    """Return which of the instructions `before` a call loads what is called."""
    if not call.opname.startswith("CALL") or _start(call) is None:
        return None
    for at in reversed(range(len(before))):
        instruction = before[at]
        if _start(instruction) == _start(call):
            if instruction.opname in _ATTRIBUTES or (_variable(instruction) and type(instruction.argval) is str):
                return at
            if instruction.opname.startswith("CALL"):
                return None
    return None


def _start(instruction: Any) -> tuple[int, int] | None:
    line, column = instruction.positions.lineno, instruction.positions.col_offset
    return None if line is None or column is None else (line, column)


def _variable(instruction: Instruction) -> str:
    """Return the variable that an instruction loads first, `""` where it loads none."""
    if not instruction.opname.startswith(_VARIABLES):
        return ""
    return str(instruction.argval[0] if type(instruction.argval) is tuple else instruction.argval)


def loaded_last(instruction: Instruction) -> str:
    """Return the variable that an instruction loads last, `""` where it loads none."""
    loads = instruction.opname.startswith(_VARIABLES) or instruction.opname.startswith("STORE_FAST_LOAD_FAST")
    return str(instruction.argval[-1] if type(instruction.argval) is tuple else instruction.argval) if loads else ""


def value_of(frame: FrameType, name: str) -> object:
    """Return what a variable holds in `frame`; nothing is asked of a namespace that is not a plain one."""
    held = frame.f_locals
    if frame.f_code.co_flags & CO_OPTIMIZED or type(held) is dict:
        value: object = held.get(name, NOTHING)
        if value is not NOTHING:
            return value
    return frame.f_globals.get(name, NOTHING)


def _position(function: FunctionType, name: str) -> int | None:
    """Return which parameter is called `name` of the function that a decorator has wrapped, where it says so."""
    try:
        parameters = signature(function).parameters
    except (TypeError, ValueError):
        return None
    found = [parameter.name for parameter in parameters.values() if parameter.kind in _BY_POSITION]
    return found.index(name) if name in found else None
