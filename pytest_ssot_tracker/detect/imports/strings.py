"""Find who is behind an import that a string asked for: `import_module`, `mock.patch("…")`, `monkeypatch.setattr("…")`.

Between the import and the code that spelled the name lie frames of the standard library, of pytest, of other libraries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType

from pytest_ssot_tracker.detect.imports.disguised import INTERNAL
from pytest_ssot_tracker.detect.live.objects import outwards
from pytest_ssot_tracker.detect.record.callers import Caller
from pytest_ssot_tracker.detect.record.sites import Written
from pytest_ssot_tracker.loaded import file_of
from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["ByString", "Decorated", "asked_by", "decorated_around", "ran_by"]

_TEXT_IN = {
    ("pkgutil", "resolve_name"): "name",
    ("unittest.mock", "_importer"): "target",
    ("mock.mock", "_importer"): "target",
    ("_pytest.monkeypatch", "resolve"): "name",
    ("_pytest.monkeypatch", "derive_importpath"): "import_path",
    ("_pytest.outcomes", "importorskip"): "modname",
    ("runpy", "_get_module_details"): "mod_name",
    ("logging.config", "resolve"): "s",
    ("logging.config", "_resolve"): "name",
    ("importlib.metadata", "load"): "match",
    ("importlib_metadata", "load"): "match",
}
"""Functions that import what a string names, and the variable that holds it. The outermost one knows it whole."""

_BY_ATTRIBUTE = {"unittest.mock", "mock.mock", "_pytest.monkeypatch", "runpy", "logging.config"}
"""Where a string is followed attribute by attribute and what is loaded already not imported."""

_NAMES = regex(r"[^\W\d]\w*(\.\w+)*(:\w+(\.\w+)*)?")
_PATCHERS = {"unittest.mock", "mock.mock"}
_ON_BEHALF = {"importlib", "importlib.util", "contextlib", "functools", *(module for module, _ in _TEXT_IN)}
_IMPORTING = {"_find_and_load", "_gcd_import"}
_DECORATED = {"patched": "func", "_inner": "f"}


class Decorated(NamedTuple):
    """A function decorated with what imports `text`: the place of such an import is the decorator."""

    code: CodeType
    text: str


class ByString(NamedTuple):
    """An import by string: `place` is the frame that asked for it, the function that a patch decorates, the statement
    that holds the string, or the one that has handed the import over, as to a thread.

    `text` is the string. `by_attribute` tells that loaded modules are not imported again on the way along it;
    `of_library` that a library imported it on its own account, as far as can be told.
    """

    place: FrameType | Decorated | Written | Caller
    text: str
    by_attribute: bool
    of_library: bool = False


def asked_by(
    frame: FrameType | None, name: str, is_ours: Callable[[str], bool], starter: Callable[[FrameType], Caller | None]
) -> ByString | None:
    """Return who asked for the import of `name` that `frame` makes, `None` when it was none of ours.

    `starter` tells who has handed over what a frame runs. The search ends where another import is being executed, and
    where pytest calls a hook.
    """
    text, known, by_attribute, of_library = name, False, False, False
    for outer in outwards(frame):
        function, filename = outer.f_code.co_name, outer.f_code.co_filename
        module = outer.f_globals.get("__name__", "")
        if is_ours(filename):
            return ByString(outer, text, by_attribute, of_library)
        if _executes(filename, function, module):
            return None
        place = _place_behind(outer, module, text, is_ours)
        if place is not None:
            return ByString(place, text, by_attribute, of_library and not isinstance(place, Written))
        spelled = _text_in(outer, module)
        if spelled is not None:
            text, known, by_attribute = spelled, True, module in _BY_ATTRIBUTE
        elif module in _PATCHERS:
            if function == "get_original":  # a patch being entered asks a second time
                return None
            if function == "__enter__":
                text = _with_attribute(text, outer)
            known = known or function in ("__enter__", "_patch_dict")
        elif (caller := starter(outer)) is not None:
            return ByString(caller, text, by_attribute, of_library)
        elif (module, function) not in _TEXT_IN and not known and _is_of_library(module, filename):
            of_library = True
            text = _spelled(outer, name) or text
    return None


def _executes(filename: str, function: str, module: str) -> bool:
    """Whether another import is being executed there, or pytest calls a hook."""
    if filename == INTERNAL or module == "pluggy._callers":
        return True
    return filename.startswith("<frozen importlib") and function != "__import__"


def _is_of_library(module: str, filename: str) -> bool:
    return module not in _ON_BEHALF and not filename.startswith("<frozen importlib")


def _place_behind(
    frame: FrameType, module: str, text: str, is_ours: Callable[[str], bool]
) -> Decorated | Written | None:
    """Return who has the function in `frame` import, where that is of ours: a list of plugins, a decorated function."""
    function = frame.f_code.co_name
    if (module, function) == ("_pytest.config", "consider_module"):
        holder = file_of(frame.f_locals.get("mod"))
        if holder is not None and is_ours(holder):
            return Written(holder, "<module>", ("pytest_plugins",), text)
    decorated = _decorated_in(frame)
    return Decorated(decorated, text) if decorated is not None and is_ours(decorated.co_filename) else None


def decorated_around(frame: FrameType) -> CodeType | None:
    """Return the code of the function that the mock decorates which `frame` puts in place, `None` for one by hand."""
    return next(filter(None, map(_decorated_in, outwards(frame))), None)


def _decorated_in(frame: FrameType) -> CodeType | None:
    name = frame.f_code.co_name
    if name not in _DECORATED or frame.f_globals.get("__name__") not in _PATCHERS:
        return None
    return _decorated(frame.f_locals.get(_DECORATED[name]))


def _text_in(frame: FrameType, module: str) -> str | None:
    """Return the text that a function of `_TEXT_IN` was given."""
    variable = _TEXT_IN.get((module, frame.f_code.co_name))
    spelled = None if variable is None else frame.f_locals.get(variable)
    if isinstance(spelled, re.Match):  # of an entry point: "pkg.mod:name [extra]"
        spelled = "".join(spelled.string.partition("[")[0].split())
    return spelled if isinstance(spelled, str) else None


def _spelled(frame: FrameType, name: str) -> str | None:
    """Return what a library was given that names something in the module `name`, which it cuts off to import it."""
    for value in frame.f_locals.values():
        if type(value) is str and value.startswith((f"{name}.", f"{name}:")) and _NAMES.fullmatch(value):
            return value
    return None


def ran_by(frame: FrameType | None, is_ours: Callable[[str], bool]) -> tuple[FrameType, bool] | None:
    """Return the nearest frame of ours by which the code in `frame` runs, and whether a library stands between.

    `None` where that code is being imported: who imports it first has no part in what it does.
    """
    of_library = False
    for outer in outwards(frame):
        code = outer.f_code
        if is_ours(code.co_filename):
            return outer, of_library
        if code.co_filename == INTERNAL or (
            code.co_name in _IMPORTING and code.co_filename.startswith("<frozen importlib")
        ):
            return None
        module = outer.f_globals.get("__name__")
        if module == "pluggy._callers":
            return None
        of_library = of_library or not (code.co_filename[:1] == "<" or module in _ON_BEHALF)
    return None


def _with_attribute(text: str, frame: FrameType) -> str:
    """Return `text` with the attribute that the patch being entered by `frame` replaces there."""
    attribute = vars(frame.f_locals.get("self")).get("attribute")
    return f"{text}.{attribute}" if isinstance(attribute, str) else text


def _decorated(function: object) -> CodeType | None:
    while isinstance(function, FunctionType) and "__wrapped__" in function.__dict__:
        function = function.__dict__["__wrapped__"]
    return function.__code__ if isinstance(function, FunctionType) else None
