"""Run pytest several times in this process, and print as JSON what each run left changed.

    python residue.py RUN...      each RUN is a JSON list of arguments for pytest.main, run in the working directory

The runs come after two without the plugin: what changes there is pytest's own noise and is left out.
"""

from __future__ import annotations

import atexit
import builtins
import gc
import importlib
import json
import logging
import os
import sys
import tempfile
import threading
import types
import warnings
from collections.abc import Iterator
from typing import Any

STANDARD = [
    "abc",
    "ast",
    "asyncio",
    "collections",
    "collections.abc",
    "concurrent.futures",
    "contextlib",
    "copy",
    "copyreg",
    "dataclasses",
    "enum",
    "functools",
    "importlib",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
    "importlib.machinery",
    "importlib.util",
    "inspect",
    "io",
    "json",
    "linecache",
    "logging",
    "multiprocessing",
    "os",
    "pickle",
    "pkgutil",
    "random",
    "re",
    "runpy",
    "secrets",
    "string",
    "subprocess",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "tokenize",
    "traceback",
    "types",
    "typing",
    "unittest",
    "unittest.case",
    "unittest.mock",
    "uuid",
    "warnings",
    "weakref",
]
"""Modules of the standard library that are compared."""

HELD = ["held", "held.old", "held.core", "vendored"]
"""Modules of the project that are loaded, and so can be compared, before the first run."""

LATE = ["late", "late.old", "late.core"]
"""Modules that a run with the plugin is the first to load: they are compared with a fresh execution of their source."""

State = dict[str, Any]


def function_state(function: types.FunctionType) -> tuple[Any, ...]:
    """Return what a watched function may have had exchanged."""
    parts = (
        function.__code__,
        function.__defaults__,
        function.__kwdefaults__,
        function.__closure__,
        function.__globals__,
    )
    return (*map(id, parts), *sorted(vars(function)))


def plain_function(value: object) -> types.FunctionType | None:
    """Return the function behind a method, a property or a decorator that keeps it; `None` where there is none."""
    for _ in range(5):
        if isinstance(value, types.FunctionType):
            return value
        value = (
            getattr(value, "__func__", None)
            if isinstance(value, (classmethod, staticmethod, types.MethodType))
            else value.fget
            if isinstance(value, property)
            else vars(value).get("__wrapped__")
            if hasattr(value, "__dict__") and not isinstance(value, (type, types.ModuleType))
            else None
        )
    return None


def things(names: list[str]) -> Iterator[tuple[str, object]]:
    """Yield every name of every module, and of every class in it, with the object it stands for."""
    for name in names:
        module = sys.modules.get(name)
        for key, value in list(vars(module).items()) if isinstance(module, types.ModuleType) else ():
            if value is sys.modules.get(f"{name}.{key}"):
                continue  # a submodule, loaded when it was first wanted
            yield f"{name}.{key}", value
            if isinstance(value, type) and value.__module__ == name:
                for inner, member in list(vars(value).items()):
                    yield f"{name}.{key}.{inner}", member


def snapshot(names: list[str]) -> State:
    """Return the state of this process as far as a plugin could change it; identities stand for objects."""
    state: State = {}
    for key, value in things(names):
        state[key] = id(value)
        function = plain_function(value)
        if function is not None:
            state[f"{key}()"] = function_state(function)
    state |= {f"builtins.{key}": id(value) for key, value in vars(builtins).items()}
    state["sys.meta_path"] = [id(finder) for finder in sys.meta_path]
    state["sys.path_hooks"] = [id(hook) for hook in sys.path_hooks]
    for name in ("gettrace", "getprofile", "getrecursionlimit", "getswitchinterval"):
        state[f"sys.{name}()"] = repr(getattr(sys, name)())
    for name in ("excepthook", "unraisablehook", "displayhook", "breakpointhook"):
        state[f"sys.{name}"] = id(getattr(sys, name))
    state["threading.excepthook"] = id(threading.excepthook)
    state["threads"] = sorted(thread.name for thread in threading.enumerate())
    state["gc.callbacks"] = [id(one) for one in gc.callbacks]
    state["warnings"] = (list(map(repr, warnings.filters)), id(warnings.showwarning))
    state["logging"] = [id(one) for one in logging.getLogger().handlers]
    # pytest itself leaves PYTEST_CURRENT_TEST behind when it is interrupted.
    state["environ"] = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    state["atexit"] = atexit._ncallbacks()
    state |= monitoring_state(names)
    return state


def monitoring_state(names: list[str]) -> State:
    """Return which tools and events are there; a free id is borrowed to see whether local events were left on code."""
    if not hasattr(sys, "monitoring"):
        return {}
    monitoring = sys.monitoring
    state: State = {}
    functions = {key: function for key, value in things(names) if (function := plain_function(value)) is not None}
    for tool in range(6):
        state[f"monitoring tool {tool}"] = monitoring.get_tool(tool)
        if monitoring.get_tool(tool) is not None:
            continue
        monitoring.use_tool_id(tool, "probe")
        state[f"monitoring events of {tool}"] = monitoring.get_events(tool)
        for key, function in functions.items():
            events = monitoring.get_local_events(tool, function.__code__)
            if events:
                state[f"monitoring events of {tool} on {key}"] = events
        monitoring.free_tool_id(tool)
    return state


def changes(before: State, after: State) -> set[str]:
    """Return what is other in `after`; names that a module only gained later are left to the comparison of sources."""
    return {key for key in before.keys() | after.keys() if before.get(key, "absent") != after.get(key, "absent")}


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield `code` and all code inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def differs_from_source(name: str) -> list[str]:
    """Return in which ways the module called `name` is not what its source makes."""
    module = sys.modules[name]
    spec = module.__spec__
    assert spec is not None
    with open(module.__file__ or "", encoding="utf-8") as stream:
        code = compile(stream.read(), module.__file__ or "", "exec", dont_inherit=True)
    fresh = types.ModuleType(name)
    vars(fresh).update(__file__=module.__file__, __package__=spec.parent, __path__=getattr(module, "__path__", None))
    before = sys.modules[name]
    sys.modules[name] = fresh
    try:
        exec(code, vars(fresh))
    finally:
        sys.modules[name] = before
    known = set(codes(code))
    return [f"{name}.{problem}" for problem in compared(vars(module), vars(fresh), known, name)]


def compared(ours: Any, fresh: Any, known: set[types.CodeType], module: str) -> Iterator[str]:
    """Yield how one namespace differs from another that the same source made."""
    for key in ours.keys() ^ fresh.keys():
        submodule = isinstance(ours.get(key), types.ModuleType)
        if not submodule and (not key.startswith("__") or key in ("__init__", "__init_subclass__", "__setstate__")):
            yield f"{key} is only in {'the module' if key in ours else 'its source'}"
    for key in ours.keys() & fresh.keys():
        mine, theirs = ours[key], fresh[key]
        if (callable(mine) or callable(theirs)) and type(mine).__name__ != type(theirs).__name__:
            yield f"{key} is a {type(mine).__name__}, not a {type(theirs).__name__}"
        one, other = plain_function(mine), plain_function(theirs)
        if one is not None and other is not None:
            yield from (f"{key} has other {what}" for what in function_differences(one, other, known))
        if isinstance(mine, type) and isinstance(theirs, type) and mine.__module__ == module:
            yield from (f"{key}.{problem}" for problem in compared(vars(mine), vars(theirs), known, module))


def function_differences(
    one: types.FunctionType, other: types.FunctionType, known: set[types.CodeType]
) -> Iterator[str]:
    """Yield in what two functions from the same source differ; generated ones have no code in the source."""
    if one.__code__ != other.__code__ or (other.__code__ in known and one.__code__ not in known):
        yield "code"
    if vars(one).keys() != vars(other).keys():
        yield "attributes"
    if (one.__closure__ is None) != (other.__closure__ is None):
        yield "closure"


def main(runs: list[list[str]]) -> dict[str, Any]:
    """Run all and return, per run, its exit status, what changed, and what of the late modules is not as written."""
    import pytest

    sys.path.insert(0, os.getcwd())
    for name in (*STANDARD, *HELD):
        importlib.import_module(name)
    names = [*STANDARD, *HELD]
    tempfile.mkstemp(dir=os.getcwd())  # which makes what `tempfile` makes once

    def quiet(arguments: list[str]) -> int:
        return int(pytest.main(["-p", "no:cacheprovider", "-q", *arguments]))

    without = ["-p", "no:ssot_tracker", "held"]
    quiet(without)
    first = snapshot(names)
    quiet(without)
    before = snapshot(names)
    noise = changes(first, before)
    report = []
    for arguments in runs:
        status = quiet(["-p", "ssot_tracker", *arguments])
        gc.collect()
        changed = sorted(changes(before, snapshot(names)) - noise)
        late = [problem for name in LATE if name in sys.modules for problem in differs_from_source(name)]
        finders = [type(finder).__module__ for finder in sys.meta_path]
        ours = [name for name in finders if name.startswith("pytest_ssot_tracker")]
        report.append({"status": status, "changed": changed, "late": late, "finders": ours})
    return {"noise": sorted(noise), "runs": report}


if __name__ == "__main__":
    asked = [json.loads(argument) for argument in sys.argv[1:]]
    found = main(asked)
    sys.stdout.flush()
    with open("residue.json", "w", encoding="utf-8") as stream:
        json.dump(found, stream, indent=1)
