"""Find who is behind an import that a string asked for: `import_module`, `mock.patch("…")`, `monkeypatch.setattr("…")`.

Between the import and the code that spelled the name lie frames of the standard library, of pytest, of other libraries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import CodeType, FrameType, FunctionType

from pytest_ssot_tracker.detect.imports.disguised import INTERNAL
from pytest_ssot_tracker.detect.record.sites import Written
from pytest_ssot_tracker.loaded import file_of
from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["ByString", "Decorated", "asked_by", "ran_by"]

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
    """An import by string: `place` is the frame that asked for it, the function that a patch decorates, or the
    statement that holds the string.

    `text` is the string. `by_attribute` tells that loaded modules are not imported again on the way along it;
    `of_library` that a library imported it on its own account, as far as can be told.
    """

    place: FrameType | Decorated | Written
    text: str
    by_attribute: bool
    of_library: bool = False

    @property
    def filename(self) -> str:
        """Return the file of the place."""
        if isinstance(self.place, Written):
            return self.place.co_filename
        return (self.place.code if isinstance(self.place, Decorated) else self.place.f_code).co_filename


def asked_by(frame: FrameType | None, name: str, is_ours: Callable[[str], bool]) -> ByString | None:
    """Return who asked for the import of `name` that `frame` makes, `None` when it was none of ours.

    The search ends where another import is being executed, and where pytest calls a hook.
    """
    text, known, by_attribute, of_library = name, False, False, False
    while frame is not None:
        code = frame.f_code
        function, filename = code.co_name, code.co_filename
        if is_ours(filename):
            return ByString(frame, text, by_attribute, of_library)
        if filename == INTERNAL or (filename.startswith("<frozen importlib") and function != "__import__"):
            return None
        module = frame.f_globals.get("__name__", "")
        if module == "pluggy._callers":
            return None
        if (module, function) == ("_pytest.config", "consider_module"):
            holder = file_of(frame.f_locals.get("mod"))
            if holder is not None and is_ours(holder):
                return ByString(Written(holder, "<module>", ("pytest_plugins",), text), text, by_attribute)
        variable = _TEXT_IN.get((module, function))
        if variable is not None:
            spelled = frame.f_locals.get(variable)
            if isinstance(spelled, re.Match):  # of an entry point: "pkg.mod:name [extra]"
                spelled = "".join(spelled.string.partition("[")[0].split())
            if isinstance(spelled, str):
                text, known, by_attribute = spelled, True, module in _BY_ATTRIBUTE
        elif module in _PATCHERS:
            if function == "get_original":
                # A patch being entered asks a second time.
                return None
            if function == "__enter__":
                text, known = _with_attribute(text, frame), True
            elif function == "_patch_dict":
                known = True
            elif function in _DECORATED:
                decorated = _decorated(frame.f_locals.get(_DECORATED[function]))
                if decorated is not None and is_ours(decorated.co_filename):
                    return ByString(Decorated(decorated, text), text, by_attribute, of_library)
        elif not known and module not in _ON_BEHALF and not filename.startswith("<frozen importlib"):
            of_library = True
            text = _spelled(frame, name) or text
        frame = frame.f_back
    return None


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
    while frame is not None:
        code = frame.f_code
        if is_ours(code.co_filename):
            return frame, of_library
        if code.co_filename == INTERNAL or (
            code.co_name in _IMPORTING and code.co_filename.startswith("<frozen importlib")
        ):
            return None
        module = frame.f_globals.get("__name__")
        if module == "pluggy._callers":
            return None
        of_library = of_library or not (code.co_filename[:1] == "<" or module in _ON_BEHALF)
        frame = frame.f_back
    return None


def _with_attribute(text: str, frame: FrameType) -> str:
    """Return `text` with the attribute that the patch being entered by `frame` replaces there."""
    attribute = vars(frame.f_locals.get("self")).get("attribute")
    return f"{text}.{attribute}" if isinstance(attribute, str) else text


def _decorated(function: object) -> CodeType | None:
    while isinstance(function, FunctionType) and "__wrapped__" in function.__dict__:
        function = function.__dict__["__wrapped__"]
    return function.__code__ if isinstance(function, FunctionType) else None
