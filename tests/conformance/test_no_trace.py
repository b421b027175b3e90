"""Several runs in one process leave it as it was, however they end."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from .case import toml
from .project import clean_environment

RESIDUE = Path(__file__).with_name("residue.py")

OLD = """
import abc
import enum
import functools
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Plain:
    def __init__(self, name="x"):
        self.name = name

    def run(self):
        return self.name

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def fine():
        return 1

    @property
    def size(self):
        return 1


class Bare:
    pass


class OwnNew:
    def __new__(cls):
        return super().__new__(cls)


class Announced:
    def __init_subclass__(cls, **more):
        super().__init_subclass__(**more)


@dataclass
class Data:
    name: str = "x"


@dataclass(slots=True, frozen=True)
class Frozen:
    name: str = "x"


class Pair(NamedTuple):
    left: int = 1


class Kind(enum.Enum):
    ON = 1


class Box(Generic[T]):
    def __init__(self):
        pass


class Abstract(abc.ABC):
    @abc.abstractmethod
    def run(self): ...


class Meta(type):
    def __call__(cls, *args):
        return super().__call__(*args)


class Made(metaclass=Meta):
    pass


class Wrong(Exception):
    pass


class Sub(Plain):
    def __init__(self):
        pass


def function(a, b=2, *, c=3):
    return a, b, c


def closure():
    count = 0

    def inner():
        nonlocal count
        count += 1
        return count

    return inner


counted = closure()


@functools.lru_cache(maxsize=None)
def get_cached():
    return Plain()


async def coroutine():
    return 1


def generator():
    yield 1
"""

CORE = """
import threading


class Registry:
    def __init__(self):
        self.items = {}
        self.lock = threading.Lock()

    def put(self, key):
        self.items[key] = 1


_registry = None


def get_registry():
    global _registry
    if _registry is None:
        _registry = Registry()
    return _registry


def make_id():
    import uuid

    return str(uuid.uuid4())
"""

TEST = """
import asyncio
import copy
import multiprocessing
import pickle
import subprocess
import sys
import textwrap
import uuid

import pytest
import vendored
from PKG import core, old


def test_uses():
    made = old.Plain(), old.Bare(), old.OwnNew(), old.Data(), old.Frozen(), old.Pair(), old.Box[int](), old.Made()
    old.Plain.make().run()
    old.function(1), old.counted(), old.get_cached(), list(old.generator()), asyncio.run(old.coroutine())
    copy.deepcopy(made[0]), pickle.loads(pickle.dumps(made[0]))

    class Mine(old.Plain, old.Announced):
        pass

    Mine(), old.Sub()
    core.Registry(), core.make_id(), uuid.uuid4(), textwrap.fill("x"), vendored.call()
    __import__("PKG.old")


def test_fixture(PKG_registry):
    PKG_registry.put("a")


def test_child():
    subprocess.run([sys.executable, "-c", "import PKG.old"], check=True)
    child = multiprocessing.get_context("spawn").Process(target=old.Bare)
    child.start()
    child.join()


def test_leak():
    core.get_registry().put("b")


@pytest.mark.ssot_expect_violation("deprecated-use")
def test_marked():
    old.Bare()
"""

ENDINGS = {
    "an interrupted run": "def test_end(): raise KeyboardInterrupt\n",
    "a run that exits": "import pytest\ndef test_end(): pytest.exit('enough')\n",
    "a run with an error at collection": "raise RuntimeError('no')\n",
    "a run with an internal error": "import pytest\npytest_plugins = []\ndef test_end(): pass\n",
}


def table(package: str) -> dict[str, dict[str, Any]]:
    """Return the configuration that watches everything in `package`."""
    return {
        f"ssot.{package}": {
            "canonical": f"{package}.core:Registry",
            "accessors": [f"{package}.core:get_registry"],
            "deprecated": [f"{package}.old"],
            "provides": ["put"],
            "fixture": f"{package}_registry",
        },
        f"ids.{package}": {"generators": [f"{package}.core:make_id"], "forbidden": ["uuid:uuid4", "uuid:uuid1"]},
    }


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what `residue.py` found in a process with many runs, and the names of these runs in order."""
    root = tmp_path_factory.mktemp("residue")
    for package in ("held", "late"):
        folder = root / package
        folder.mkdir()
        (folder / "__init__.py").touch()
        (folder / "old.py").write_text(OLD)
        (folder / "core.py").write_text(CORE)
        (folder / "test_it.py").write_text(TEST.replace("PKG", package))
    (root / "held" / "test_without.py").write_text("def test_it(): pass\n")
    (root / "vendored.py").write_text("def call():\n    return 1\n")
    tables: dict[str, dict[str, Any]] = {"": {"phase": "enforce"}, **table("held"), **table("late")}
    tables["ssot.library"] = {"deprecated": ["textwrap:fill", "collections:OrderedDict", "vendored:call", "copy"]}
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\n" + toml(tables))
    endings = []
    for number, text in enumerate(ENDINGS.values()):
        folder = root / f"end{number}"
        folder.mkdir()
        (folder / f"test_end{number}.py").write_text(text)
        endings.append(["held", folder.name])
    (root / "end3" / "conftest.py").write_text("def pytest_runtest_logreport(report): raise RuntimeError('inner')\n")
    (root / "wrong.toml").write_text("[ssot.x]\ndeprecate = ['a']\n")
    runs = {
        "the first run": ["held", "late"],
        "the second run": ["held", "late", "--ssot-report=json:second.json"],
        "a run without the scan": ["held", "late", "--no-ssot-scan"],
        "a run that watches its children": ["held", "late", "--no-ssot-scan", "--ssot-subprocess"],
        "a run that only collects": ["held", "--collect-only"],
        "a run that stops at the first failure": ["held", "-x"],
        "a run with a wrong configuration": ["held", "--ssot-config=wrong.toml"],
        "a run that is switched off": ["held", "--no-ssot"],
        **dict(zip(ENDINGS, endings, strict=True)),
    }
    done = subprocess.run(
        [sys.executable, str(RESIDUE), *(json.dumps(arguments) for arguments in runs.values())],
        cwd=root,
        env=clean_environment(root),
        capture_output=True,
        text=True,
        timeout=300,
    )
    file = root / "residue.json"
    assert file.exists(), done.stdout[-4000:] + done.stderr[-4000:]
    found: dict[str, Any] = json.loads(file.read_text())
    found["runs"] = dict(zip(runs, found["runs"], strict=True))
    found["second"] = json.loads((root / "second.json").read_text())
    found["output"] = textwrap.shorten(done.stdout, 4000)
    return found


RUNS = {
    "the first run": 1,
    "the second run": 1,
    "a run without the scan": 1,
    "a run that watches its children": 1,
    "a run that only collects": None,
    "a run that stops at the first failure": 1,
    "a run with a wrong configuration": 4,
    "a run that is switched off": None,
    "an interrupted run": 2,
    "a run that exits": 2,
    "a run with an error at collection": 2,
    "a run with an internal error": 3,
}


@pytest.mark.parametrize("run", RUNS)
def test_the_process_is_as_it_was_after(run: str, traced: dict[str, Any]) -> None:
    after = traced["runs"][run]
    assert RUNS[run] in (None, after["status"]), traced["output"]
    assert after["finders"] == []
    assert after["changed"] == []


@pytest.mark.parametrize("run", RUNS)
def test_modules_first_loaded_under_watch_are_as_their_source_made_them_after(run: str, traced: dict[str, Any]) -> None:
    assert traced["runs"][run]["late"] == []


def test_the_second_run_sees_what_the_first_one_saw(traced: dict[str, Any]) -> None:
    uses = {site["target"] for site in traced["second"]["sites"] if site["rule"] == "deprecated-use" and site["tests"]}
    for package in ("held", "late"):
        names = {"Plain", "Bare", "OwnNew", "Data", "Frozen", "Pair", "Box", "Made", "function", "counted"}
        assert {f"{package}.old:{name}" for name in names} - {f"{package}.old:counted"} <= uses


def test_the_comparison_itself_notices_a_change(tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(
        textwrap.dedent(
            f"""
            import sys
            sys.path.insert(0, {str(RESIDUE.parent)!r})
            import builtins, copy, types, uuid
            import residue
            names = ["copy", "uuid"]
            before = residue.snapshot(names)
            real = copy.copy.__code__
            copy.copy.__code__ = real.replace(co_name="other")
            copy.new_name = 1
            uuid.UUID.planted = 1
            builtins.__import__ = lambda *a, **k: None
            sys.meta_path.insert(0, object())
            if hasattr(sys, "monitoring"):
                sys.monitoring.use_tool_id(3, "left")
                sys.monitoring.set_local_events(3, copy.deepcopy.__code__, sys.monitoring.events.PY_START)
                sys.monitoring.free_tool_id(3)
            after = residue.snapshot(names)
            print(*sorted(residue.changes(before, after)), sep="\\n")
            """
        )
    )
    done = subprocess.run([sys.executable, "probe.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    found = set(done.stdout.splitlines())
    assert {"copy.copy()", "copy.new_name", "uuid.UUID.planted", "builtins.__import__", "sys.meta_path"} <= found, done
    if sys.version_info[:2] in {(3, 12), (3, 13)}:  # later ones clear local events with the tool
        assert any(line.startswith("monitoring events of 3 on copy.deepcopy") for line in found)
