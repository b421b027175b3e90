"""Functions that are put in place of the import system's, and pass for its own.

They are compiled with the package, which spares each run five million instructions, and run under the names of another
file and module (see `disguise`). What they use and is not defined here is given to them by who puts them in place.
"""

# ruff: noqa: A001, A002, N807 - named as what they stand in for

from __future__ import annotations

from types import CodeType, FunctionType
from typing import Any

__all__ = ["INTERNAL", "disguise"]

INTERNAL = "<frozen importlib._bootstrap_ssot>"
"""The name of the file that they seem to stand in."""

again: Any = None
by_hand: Any = None
failed: Any = None
getframe: Any = None
importers: Any = None
known: Any = None
learn: Any = None
module_type: Any = None
near: Any = None
parents: Any = None
plain_gcd: Any = None
plain_import: Any = None
strings: Any = None
text: Any = None
text_failed: Any = None


# Every import statement of the process comes through here. Until something deprecated is loaded (`known`) only absolute
# names that start like a target, or packages that hold one, matter; a frame is looked at last. What `is_dull` says of a
# `from` statement is written out here: a call and the look-up of the file would cost more than the question.
def __import__(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
    __tracebackhide__ = True
    if globals is None or fromlist.__class__ is list:
        return call(name, globals, locals, fromlist, level)
    try:
        module = plain_import(name, globals, locals, fromlist, level)
    except BaseException as error:
        failed(getframe(1), name, globals, fromlist, level, error)
        raise
    if level or (fromlist and (known or name in parents)) or near[name]:
        try:
            importer = importers[globals["__file__"]]
        except (KeyError, TypeError):
            importer = importers[getframe(1).f_code.co_filename]
        if importer is None:
            if not near[name]:
                return module
            # Code may have been made with the names of a library.
            importer = importers[getframe(1).f_code.co_filename]
        if not (level or near[name] or name in parents) and type(module) is module_type:
            names = module.__dict__
            for attribute in fromlist:
                if attribute == "*" or id(names.get(attribute)) in known:
                    break
            else:
                return module
        if importer is not None:
            numbers = importer.get((name, fromlist, level))
            if numbers is None:
                learn(getframe(1), importer, name, globals, fromlist, level)
            elif numbers:
                again(getframe(1), numbers, globals)
    return module


def call(name: str, globals: Any, locals: Any, fromlist: Any, level: int) -> Any:
    __tracebackhide__ = True
    try:
        frame = getframe(2)
    except ValueError:  # the interpreter itself imports, as it does before and after all code
        return plain_import(name, globals, locals, fromlist, level)
    if name.__class__ is not str or (importers[frame.f_code.co_filename] is None and not strings[name]):
        return plain_import(name, globals, locals, fromlist, level)
    try:
        module = plain_import(name, globals, locals, fromlist, level)
    except BaseException as error:
        failed(frame, name, globals, fromlist, level, error)
        raise
    by_hand(frame, name, globals, fromlist, level)
    return module


def _gcd_import(name: str, package: Any = None, level: int = 0) -> Any:
    __tracebackhide__ = True
    if not level and (name.__class__ is not str or not strings[name]):
        return plain_gcd(name, package, level)
    try:
        module = plain_gcd(name, package, level)
    except BaseException as error:
        text_failed(getframe(1), name, package, level, error)
        raise
    text(getframe(1), name, package, level)
    return module


def exec_module(self: Any, module: Any) -> None:
    __tracebackhide__ = True
    self._ssot_step_aside(module).exec_module(module)
    self._ssot_executed(module)


def disguise(*functions: Any, scope: dict[str, Any]) -> None:
    """Put `functions` of this module into `scope`, whose names they use there, as functions of the import system."""
    scope["__name__"] = "importlib._bootstrap_ssot"
    for function in functions:
        code: CodeType = function.__code__.replace(co_filename=INTERNAL)
        scope[function.__name__] = FunctionType(code, scope, function.__name__, function.__defaults__)
