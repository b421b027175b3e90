"""Modules of Python's own library are rewritten once, and then define what they did.

What they take from other modules of the library is deprecated, and a module with other names for it replaces it.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from pytest_ssot_tracker.fix import Fixes, fix
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.settings import load

OTHER_NAMES = {
    "re:compile": "compile_it",
    "re:escape": "escape_it",
    "functools:partial": "partly",
    "functools:wraps": "wrapping",
    "collections:namedtuple": "named",
    "collections:deque": "Deque",
    "collections:OrderedDict": "Ordered",
    "collections.abc:Mapping": "Map",
    "itertools:chain": "chained",
    "operator:attrgetter": "getting",
    "contextlib:contextmanager": "managed",
    "types:SimpleNamespace": "Space",
    "io:StringIO": "TextBuffer",
    "warnings:warn": "warned",
    "time:monotonic": "ticks",
    "threading:Lock": "Mutex",
    "math:sqrt": "root",
    "os.path:join": "joined",
    "os:environ": "ENVIRONMENT",
    "os:sep": "SEPARATOR",
    "sys:exit": "leave",
}
FEW = ("textwrap", "shlex", "sched", "configparser", "string", "tokenize")
MORE = (
    *("argparse", "calendar", "cmd", "contextlib", "csv", "difflib", "doctest", "fileinput", "fnmatch", "fractions"),
    *("getopt", "gettext", "glob", "inspect", "optparse", "pdb", "pickletools", "plistlib", "pprint", "queue"),
    *("random", "shutil", "statistics", "subprocess", "tarfile", "tempfile", "timeit", "trace", "uuid", "zipfile"),
)


def source_of(name: str) -> bytes | None:
    spec = importlib.util.find_spec(name)
    path = None if spec is None or spec.origin is None else Path(spec.origin)
    return path.read_bytes() if path is not None and path.suffix == ".py" and path.name != "__init__.py" else None


def plant(root: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """Put modules of the library, and the one that replaces what they use, into a project; return their sources."""
    replace = "".join(f'"{old}" = "planted_new:{new}"\n' for old, new in OTHER_NAMES.items())
    deprecated = ", ".join(f'"{old}"' for old in OTHER_NAMES)
    (root / "ssot_tracker.toml").write_text(
        f'source = ["."]\n\n[ssot.it]\ndeprecated = [{deprecated}]\n\n[ssot.it.replace]\n{replace}'
    )
    imports = (f"from {old.replace(':', ' import ')} as {new}\n" for old, new in OTHER_NAMES.items())
    (root / "planted_new.py").write_text("".join(imports))
    sources = {name: data for name in names if (data := source_of(name)) is not None}
    for name, data in sources.items():
        (root / f"own_{name}.py").write_bytes(data)
    return sources


def fixed(root: Path) -> Fixes:
    configured = load(root)
    return fix(configured, [site for site in scan(configured).sites if site.path != "planted_new.py"])


def defined(name: str, source: bytes) -> dict[str, str]:
    """Return what a module defines itself, each with its kind."""
    module = ModuleType(name)
    sys.modules[name] = module
    try:
        exec(compile(source, f"{name}.py", "exec", dont_inherit=True), module.__dict__)
    finally:
        del sys.modules[name]
    return {
        key: type(value).__name__ for key, value in vars(module).items() if getattr(value, "__module__", "") == name
    }


@pytest.mark.parametrize("names", [FEW, pytest.param(MORE, marks=pytest.mark.slow)], ids=["a few", "more"])
def test_a_rewritten_module_of_the_library_defines_what_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    sources = plant(tmp_path, names)
    monkeypatch.syspath_prepend(str(tmp_path))
    changes = fixed(tmp_path).changes
    assert len(changes) > len(sources) / 2
    for change in changes:
        name = Path(change.path).stem
        assert defined(name, change.after) == defined(name, change.before)
        (tmp_path / change.path).write_bytes(change.after)
    assert fixed(tmp_path).changes == ()
