"""Find who is behind an import that a string asked for: `import_module`, `mock.patch("…")`, `monkeypatch.setattr("…")`.

Between the import and the code that spelled the name lie frames of the standard library, of pytest, of other libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, FrameType, FunctionType
from typing import NamedTuple

from pytest_ssot_tracker.detect.importing import INTERNAL

__all__ = ["ByString", "Decorated", "asked_by"]

_TEXT_IN = {
    ("pkgutil", "resolve_name"): "name",
    ("unittest.mock", "_importer"): "target",
    ("mock.mock", "_importer"): "target",
    ("_pytest.monkeypatch", "resolve"): "name",
    ("_pytest.monkeypatch", "derive_importpath"): "import_path",
    ("_pytest.outcomes", "importorskip"): "modname",
    ("runpy", "_get_module_details"): "mod_name",
}
"""Functions that import what a string names, and the variable that holds it. The outermost one knows it whole."""

_BY_ATTRIBUTE = {"unittest.mock", "mock.mock", "_pytest.monkeypatch", "runpy"}
"""Where a string is followed attribute by attribute and what is loaded already not imported."""

_PATCHERS = {"unittest.mock", "mock.mock"}
_ON_BEHALF = {"importlib", "importlib.util", "contextlib", "functools", *(module for module, _ in _TEXT_IN)}
_DECORATED = {"patched": "func", "_inner": "f"}


class Decorated(NamedTuple):
    """Be a function decorated with what imports `text`: the place of such an import is the decorator."""

    code: CodeType
    text: str


class ByString(NamedTuple):
    """Be an import by string: `place` is the frame that asked for it, or the function that a patch decorates.

    `text` is the string. `by_attribute` tells that loaded modules are not imported again on the way along it;
    `of_library` that a library imported it on its own account, as far as can be told.
    """

    place: FrameType | Decorated
    text: str
    by_attribute: bool
    of_library: bool

    @property
    def filename(self) -> str:
        """Return the file of the place."""
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
        variable = _TEXT_IN.get((module, function))
        if variable is not None:
            spelled = frame.f_locals.get(variable)
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
