"""Watch attributes where they are read and written, in the code of the project itself: before 3.12.

In front of each instruction that names the attribute a call is put that is handed what the attribute is of. The
functions stay the objects that they are, as everything else that is watched in place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.detect.imports.finder import Finder
from pytest_ssot_tracker.detect.live.objects import accessors_of
from pytest_ssot_tracker.detect.live.resolve import function_of
from pytest_ssot_tracker.detect.plant.bytecodes import exchanged, handing_over
from pytest_ssot_tracker.detect.plant.instructions import Instruction, assembled, instructions, with_pieces
from pytest_ssot_tracker.detect.plant.left_behind import LeftBehind
from pytest_ssot_tracker.loaded import namespace_of

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.plant.attributes import Told

__all__ = ["Moved", "Rewritten"]

_READS = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_WRITES = frozenset({"STORE_ATTR", "DELETE_ATTR"})

Moved = Callable[[FunctionType, tuple[CodeType, ...], Callable[[], None]], object]
"""Takes a function that runs other code now, the code before and after, and the undo."""

Pair = tuple[str, bool]
"""The name of an attribute, and whether it is written."""


class Rewritten:
    """Have a callable called where code of the project reads or writes an attribute.

    `wants(filename)` tells whether code of that file matters, `defines(name)` whether the project has a module of that
    name. `moved` is called with each function that runs other code from now on, with the code before and after, and the
    undo. Functions are looked for when a module has been loaded, and by `catch_up` in modules that were loaded under
    names that nobody knows, as tests are: what runs as a module is loaded is not seen.
    """

    def __init__(self, wants: Callable[[str], bool], defines: Callable[[str], bool], moved: Moved) -> None:
        self.lost: dict[tuple[int, int], tuple[CodeType, str]] = {}
        self._wants = wants
        self._moved = moved
        self._told: dict[Pair, list[Told]] = {}
        self._looked: dict[int, tuple[object, int]] = {}
        self._loaded = 0
        self._made: dict[int, tuple[CodeType, frozenset[Pair]]] = {}
        self._finder = Finder(defines, on_loaded=self._executed)
        self._leave = self._finder.install()

    def stands(self) -> bool:
        """Whether nobody has taken anything away: of each function that is noticed by itself."""
        return True

    heal = stands

    def close(self) -> None:
        """Look for no more modules."""
        self._leave()

    def watch(self, name: str, told: Told, *, writes: bool) -> Callable[[], None]:
        """Call `told` where an attribute `name` is read, or with `writes` written or deleted; return the undo."""
        tell = self._told.setdefault((name, writes), [])
        tell.append(told)
        self._loaded = 0
        self.catch_up()
        return partial(tell.remove, told)

    def catch_up(self) -> None:
        """Rewrite the functions of modules that have been loaded since the last time."""
        if len(sys.modules) == self._loaded:
            return
        self._loaded = len(sys.modules)
        for module in list(sys.modules.values()):
            spec = (namespace_of(module) or {}).get("__spec__")
            if getattr(spec, "_initializing", False):  # its functions are still being defined
                self._loaded = 0
            else:
                self._take(module)

    def _executed(self, module: object) -> None:
        """Rewrite the functions of a module that has been loaded, or loaded again."""
        self._looked.pop(id(module), None)
        self._take(module)

    def _take(self, module: object) -> None:
        """Rewrite the functions of a module for what it has not been looked through for."""
        names = namespace_of(module) or {}
        filename = names.get("__file__")
        _, done = self._looked.get(id(module), (None, 0))
        pairs = list(self._told)
        if done < len(pairs) and isinstance(filename, str) and self._wants(filename):
            self._looked[id(module)] = module, len(pairs)  # the id must not go to another
            for function in _functions_of(names, self._wants):
                self._rewrite(function, frozenset(pairs[done:]))

    def _rewrite(self, function: FunctionType, pairs: frozenset[Pair]) -> None:
        original = function.__code__
        _, before = self._made.get(id(original), (original, frozenset[Pair]()))
        pairs -= before
        if _names_any({name for name, _ in pairs}, original):
            planted = self._with_calls(original, pairs)
            self._made[id(planted)] = planted, pairs | before
            self._moved(function, (original, planted), exchanged(function, planted))

    def _with_calls(self, code: CodeType, pairs: frozenset[Pair]) -> CodeType:
        """Return `code`, and what is written in it, with a call in front of each instruction that is meant."""
        if sys.version_info < (3, 11):
            return self._with_absolute_calls(code, pairs)
        names = {name for name, _ in pairs}
        constants, pieces = list(code.co_consts), dict[int, bytes]()
        steps = [*instructions(code)]
        for at, step in enumerate(steps):
            inner = code.co_consts[step.argument] if step.name == "LOAD_CONST" else None
            if type(inner) is CodeType and _names_any(names, inner) and _defines(steps, at):
                constants[step.argument] = self._with_calls(inner, pairs)
            pair = _pair_of(step, code)
            if pair in pairs:
                pieces[step.at] = assembled(handing_over(len(constants)))
                constants.append(self._call(pair))
        return with_pieces(code, pieces, tuple(constants))

    def _with_absolute_calls(self, code: CodeType, pairs: frozenset[Pair]) -> CodeType:
        from bytecode import Bytecode, Instr

        body = Bytecode.from_code(code)
        names = {name for name, _ in pairs}
        for at in reversed(range(len(body))):
            instruction = body[at]
            if not isinstance(instruction, Instr):
                continue
            if type(instruction.arg) is CodeType and _names_any(names, instruction.arg) and _defines(body, at):
                instruction.arg = self._with_calls(instruction.arg, pairs)
            pair = _pair(instruction)
            if pair in pairs:
                body[at:at] = [Instr(*words, location=instruction.location) for words in handing_over(self._call(pair))]
        made: CodeType = body.to_code()
        return made

    def _call(self, pair: Pair) -> Callable[[object], None]:
        told, getframe = self._told[pair], sys._getframe

        def call(holder: object) -> None:
            frame = getframe(1)
            for tell in tuple(told):
                tell(holder, frame, frame.f_lasti)

        return LeftBehind(call)  # functions that are made in what is rewritten may be pickled


def _defines(body: Sequence[Any], at: int) -> bool:
    """Whether a function is made of the code that is loaded at `at`; what we have planted hands it over to us."""
    return any(getattr(step, "name", None) == "MAKE_FUNCTION" for step in body[at + 1 : at + 3])


def _pair(instruction: Any) -> Pair | None:
    """Return which attribute an instruction reads or writes, `None` where it does neither."""
    if instruction.name not in _READS and instruction.name not in _WRITES:
        return None
    return str(instruction.arg), instruction.name in _WRITES


def _pair_of(step: Instruction, code: CodeType) -> Pair | None:
    """Return which attribute an instruction of `code` reads or writes, `None` where it does neither."""
    if step.name not in _READS and step.name not in _WRITES:
        return None
    with_method = sys.version_info >= (3, 12) and step.name == "LOAD_ATTR"  # the last bit says what a call makes of it
    return code.co_names[step.argument >> with_method], step.name in _WRITES


def _names_any(names: set[str], code: CodeType) -> bool:
    """Whether `code`, or what is written in it, names one of `names`."""
    if not names.isdisjoint(code.co_names):
        return True
    return any(type(constant) is CodeType and _names_any(names, constant) for constant in code.co_consts)


def _functions_of(names: Mapping[str, Any], wants: Callable[[str], bool]) -> Iterator[FunctionType]:
    """Yield the functions that a module defines, also in classes and behind decorators."""
    waiting: list[object] = list(names.values())
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        function = function_of(value)
        if function is not None:
            waiting += [cell for cell in map(_content, function.__closure__ or ()) if type(cell) is FunctionType]
            waiting += [held for held in [vars(function).get("__wrapped__")] if held is not None]
            if function.__globals__ is names and wants(function.__code__.co_filename):
                yield function
        elif issubclass(type(value), type) and vars(value).get("__module__") == names.get("__name__"):
            waiting += vars(value).values()
        if issubclass(type(value), property):
            waiting += accessors_of(value)


def _content(cell: Any) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # empty still
        return None
