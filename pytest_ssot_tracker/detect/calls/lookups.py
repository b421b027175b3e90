"""Watch the three ways to look a member of an enum up, and who writes an attribute."""

from __future__ import annotations

import enum
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType, ModuleType
from typing import Any

from pytest_ssot_tracker.detect.imports.strings import decorated_around
from pytest_ssot_tracker.detect.live.objects import first_argument, method_of
from pytest_ssot_tracker.detect.live.resolve import held_by
from pytest_ssot_tracker.detect.plant.passing import name_passed
from pytest_ssot_tracker.detect.plant.planting import Planting, UnwatchableError
from pytest_ssot_tracker.detect.plant.sentinels import Claim
from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.records import replace

__all__ = ["is_member", "watch_getattr", "watch_member", "watch_writes"]

_SETTERS = (setattr, delattr, object.__setattr__, object.__delattr__, type.__setattr__, type.__delattr__)
_PLAIN = (str, bytes, int, float, bool, type(None))
_UNTOLD = "{what} is not seen, because {why}: the scan reads it"


def watch_member(planting: Planting, cls: type[enum.Enum], name: str, claim: Claim) -> list[str]:
    """Book `claim` where the member `name` of `cls` is looked up: `cls.name`, `cls["name"]`, `cls(value)`."""
    claim = replace(claim, watch=claim.watch._replace(rule=Rule.DEPRECATED_ACCESS), numbers={})
    found = [_look_up(planting, cls, "__getitem__", partial(_other_name, cls, name), claim)]
    if cls.__members__[name].name == name:  # not another name of a member: what is looked up is that
        found.append(_look_up(planting, cls, "__call__", partial(_other_value, cls, cls.__members__[name]), claim))
    try:
        found.append(_read(planting, cls, name, claim))
    except UnwatchableError as error:
        planting.blind(claim, _UNTOLD.format(what="a member that is read as an attribute", why=error))
    return list(dict.fromkeys(found))


def watch_writes(planting: Planting, holder: object, name: str, claim: Claim) -> list[str]:
    """Book `claim` where the attribute `name` of a class, of its objects or of a module is written or deleted."""

    def written(what: object, frame: FrameType, lasti: int) -> None:
        if _is_of(what, holder):
            planting.sentinels.called(claim, frame, lasti=lasti)

    def given(frame: FrameType, what: object) -> None:
        if _is_of(what, holder) and name_passed(frame) == name:
            planting.sentinels.called(claim, frame)

    def put_in(what: object, attribute: str, frame: FrameType) -> None:
        if attribute == name and _is_of(what, holder):
            callers, decorated = planting.sentinels.callers, decorated_around(frame)
            caller = callers.of(frame.f_back) if decorated is None else callers.in_code(decorated, 0)
            if caller is not None:
                planting.sentinels.called(claim, caller)

    backend = planting.attribute_of(name, written, writes=True)
    for function in _SETTERS:
        planting.given_to(function, given)
    planting.put_in(put_in)
    return [backend]


def watch_getattr(planting: Planting, holder: object, name: str, value: object, claim: Claim) -> None:
    """Book `claim` where `getattr` reads `value`, by its `name` in a literal or a variable, of a module or a class.

    That is told where it is told what a statement calls.
    """

    def given(frame: FrameType, what: object) -> None:
        if _is_of(what, holder) and name_passed(frame) == name:
            kind = what if issubclass(type(what), type) else type(what)
            if what is holder or held_by(kind, name) is value:  # type: ignore[arg-type]
                planting.sentinels.called(claim, frame)

    planting.given_to(getattr, given)


def _look_up(planting: Planting, cls: type, method: str, unless: Callable[[FrameType], bool], claim: Claim) -> str:
    function = method_of(cls, method)
    if function is None:
        raise UnwatchableError(f"its metaclass has no Python {method} to watch")
    return planting.claim(function, replace(claim, unless=unless), shared=True)


def _read(planting: Planting, cls: type, name: str, claim: Claim) -> str:
    """Watch the reading of the attribute: before 3.12 a function of `enum` gives it."""
    if sys.version_info < (3, 11):
        return _look_up(planting, cls, "__getattr__", partial(_other_name, cls, name), claim)
    held = held_by(cls, name)
    answers = method_of(held, "__get__")
    if answers is not None:
        return planting.claim(answers, replace(claim, subject=held), shared=True)

    def read(what: object, frame: FrameType, lasti: int) -> None:
        if what is cls:
            planting.sentinels.called(claim, frame, lasti=lasti)

    watch_getattr(planting, cls, name, held, claim)
    return planting.attribute_of(name, read, writes=False)


def is_member(owner: type | None, name: str) -> bool:
    """Whether an enum has a member called `name`."""
    return owner is not None and issubclass(owner, enum.Enum) and name in vars(owner).get("_member_map_", ())


def _is_of(holder: object, meant: Any) -> bool:
    """Whether `holder` is the module or class that is meant, or an object or a class below it."""
    if holder is meant:
        return True
    if issubclass(type(meant), ModuleType):
        return False
    line: tuple[type, ...] = (holder if issubclass(type(holder), type) else type(holder)).__mro__  # type: ignore[attr-defined]
    return any(cls is meant for cls in line)


def _other_name(cls: type, name: str, frame: FrameType) -> bool:
    """Whether what starts in `frame` looks something else up: in another enum, or by another name."""
    asked = frame.f_locals.get(frame.f_code.co_varnames[1])
    return first_argument(frame) is not cls or type(asked) is not str or asked != name


def _other_value(cls: type, member: enum.Enum, frame: FrameType) -> bool:
    """Whether what starts in `frame` looks up another value, or one that cannot be compared without running code."""
    if first_argument(frame) is not cls:
        return True
    asked, value = frame.f_locals.get(frame.f_code.co_varnames[1]), vars(member).get("_value_")
    if asked is value:
        return asked is member
    return type(asked) not in _PLAIN or type(value) not in _PLAIN or asked != value
