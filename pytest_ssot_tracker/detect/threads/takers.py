"""Name the functions that take a callable to call it later, when whoever handed it over may be gone."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from inspect import CO_VARARGS
from os.path import dirname, join
from types import FrameType, FunctionType
from typing import Any

from pytest_ssot_tracker.loaded import loaded_names, namespace_of

__all__ = ["TAKERS", "arguments_of", "deaf_of"]

_OUR_HOOKS = join(dirname(dirname(dirname(__file__))), "plugin", "test_run.py")

TAKERS = {
    "asyncio.base_events": (
        "BaseEventLoop.call_soon",
        "BaseEventLoop.call_soon_threadsafe",
        "BaseEventLoop.call_later",
        "BaseEventLoop.call_at",
    ),
    "asyncio.selector_events": ("BaseSelectorEventLoop.add_reader", "BaseSelectorEventLoop.add_writer"),
    "asyncio.unix_events": ("_UnixSelectorEventLoop.add_signal_handler",),
    "concurrent.futures._base": ("Future.add_done_callback",),
    "contextlib": ("_BaseExitStack.callback", "_BaseExitStack.push", "AsyncExitStack.push_async_callback"),
    "signal": ("signal",),
    "unittest.case": ("TestCase.addCleanup", "TestCase.addClassCleanup", "addModuleCleanup"),
    "unittest.async_case": ("IsolatedAsyncioTestCase.addAsyncCleanup",),
    "weakref": ("finalize.__init__",),
    "_pytest.fixtures": ("FixtureDef.addfinalizer", "SubRequest.addfinalizer", "TopRequest.addfinalizer"),
    "_pytest.nodes": ("Node.addfinalizer",),
}
"""The functions written in Python that take a callable to call it later, when the caller may be gone."""


def deaf_of(module: str) -> frozenset[str]:
    """Return the files whose calls of what takes callables in `module` hand over nothing that anybody else wrote.

    An event loop's own parts call it at each step of each task, pytest's and ours several times for each fixture.
    """
    package = module.partition(".")[0]
    if package == "_pytest":
        return frozenset((*(str(names.get("__file__")) for names in _loaded_below(package)), _OUR_HOOKS))
    if package != "asyncio":
        return frozenset()
    classes = (value for names in _loaded_below(package) for value in list(names.values()) if type(value) is type)
    methods = (function for cls in classes for function in vars(cls).values() if isinstance(function, FunctionType))
    return frozenset(function.__code__.co_filename for function in methods)


def _loaded_below(package: str) -> Iterator[Mapping[str, Any]]:
    """Yield what each loaded module below `package` holds."""
    below = f"{package}."
    return (namespace_of(sys.modules.get(name)) or {} for name in loaded_names() if name.startswith(below))


def arguments_of(frame: FrameType) -> list[object]:
    """Return the arguments of the function that starts in `frame`, each as it was passed."""
    code, held = frame.f_code, frame.f_locals
    count = code.co_argcount + code.co_kwonlyargcount
    found = [held.get(name) for name in code.co_varnames[:count]]
    rest = held.get(code.co_varnames[count]) if code.co_flags & CO_VARARGS else None
    return [*found, *(rest if type(rest) is tuple else ())]
