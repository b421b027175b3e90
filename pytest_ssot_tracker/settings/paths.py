"""Functions of `os.path` that nothing a test replaces can reach: neither themselves, nor what they call.

`os.path.join` asks `os.fspath` at each call; a test that has replaced that would see its replacement called by us.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

__all__ = ["join", "normcase", "normpath", "split"]


def _apart(module: ModuleType) -> dict[str, Any]:
    """Return what `module` holds, its functions copied so that they see each other and `os` as it is now."""
    names = {**vars(module), "os": SimpleNamespace(**vars(os))}
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__globals__ is vars(module):
            copy = FunctionType(value.__code__, names, name, value.__defaults__, value.__closure__)
            copy.__kwdefaults__ = value.__kwdefaults__
            names[name] = copy
    return names


_path = _apart(os.path)
join: Callable[..., str] = _path["join"]
split: Callable[[str], tuple[str, str]] = _path["split"]
normpath: Callable[[str], str] = _path["normpath"]
normcase: Callable[[str], str] = _path["normcase"]
