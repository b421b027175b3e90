"""A project in which every test uses something deprecated in another way: none of them passes as clean.

It runs from its tree, and installed from a wheel, where the code that runs is a copy of the code in `source`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["src/app"]
scan = ["src", "tests"]

[tool.ssot_tracker.ssot.legacy]
deprecated = [
    "app.legacy", "app.compat:served", "app.model:Money.amount", "app.model:Plain.field", "app.hub:get", "app.hub:Kept",
    "app.meta:Meta", "app.deco:one", "app.deco:two", "app.deco:three", "app.deco:Noisy", "app.wrapped:cached",
    "app.wrapped:around", "app.wrapped:proxied", "app.plug",
]

[tool.pytest.ini_options]
testpaths = ["tests"]
"""

FILES = {
    "__init__": "",
    "legacy": """
        import enum, typing

        class Old:
            made = None

            def __init__(self, *args):
                self.args = args

            @staticmethod
            def create():
                return 1

            @classmethod
            def get_instance(cls):
                cls.made = cls.made or cls.__new__(cls)
                return cls.made

            @classmethod
            def default(cls):
                return cls()

        class Row(typing.NamedTuple):
            x: int = 1

        class Kept(dict):
            pass

        def f(*args):
            return args[0] if args else 1

        def sub(match):
            return "x"

        def boom(*args):
            raise ValueError

        async def fetch():
            return 1

        def rows():
            yield 1

        async def stream():
            yield 1
        """,
    "compat": """
        def __getattr__(name):
            if name == "served":
                return lambda: 1
            raise AttributeError(name)
        """,
    "model": """
        class Money:
            def __init__(self): self._amount = 1
            @property
            def amount(self): return self._amount
            @amount.setter
            def amount(self, value): self._amount = value
            @amount.deleter
            def amount(self): self._amount = 0

        class Field:
            def __get__(self, instance, owner=None): return 1
            def __set__(self, instance, value): pass
            def __delete__(self, instance): pass

        class Plain:
            field = Field()
        """,
    "core": "def get(): return 1\n\nclass Kept: pass\n",
    "hub": "from app.core import Kept, get\n",
    "meta": "class Meta(type):\n    pass\n",
    "util": """
        import functools

        def traced(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper

        def caller():
            from app.deco import one
            return one()
        """,
    "deco": """
        from typing_extensions import deprecated
        from app.util import traced

        @traced
        def one(): return 1

        @traced
        def two(): return 2

        @deprecated("no", category=None)
        def three(): return 3

        @deprecated("no", category=None)
        class Noisy:
            pass
        """,
    "wrapped": """
        import functools, wrapt

        @functools.lru_cache
        def cached(): return 1

        @wrapt.decorator
        def _around(function, instance, args, kwargs): return function(*args, **kwargs)

        @_around
        def around(): return 1

        proxied = wrapt.CallableObjectProxy(around)
        """,
    "plug": "import pytest\n\n@pytest.fixture\ndef plugged(): return 1\n",
}

HEAD = """\
import asyncio, builtins, collections, contextlib, copy, dataclasses, functools, importlib, importlib.util, itertools
import json, operator, os, pathlib, pickle, pkgutil, queue, re, runpy, sched, sys, threading, time, types, unittest
import weakref
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from unittest import mock

import app.compat as compat, app.deco as deco, app.hub as hub, app.meta as meta, app.model as model
import app.util as util, app.wrapped as wrapped
import pytest

L = importlib.import_module("app." + "legacy")
LEGACY = pathlib.Path(__file__).parent / "legacy.py"

def run(start):
    async def go():
        return await start()
    return asyncio.run(go())
"""

USES = {
    # Handed to the standard library or a library, which calls it
    "to_thread": "asyncio.run(asyncio.to_thread(L.f, 1))",
    "run_in_executor": "run(lambda: asyncio.get_running_loop().run_in_executor(None, L.f))",
    "submit": "with ThreadPoolExecutor(1) as pool: pool.submit(L.Old).result()",
    "pool_map": "with ThreadPoolExecutor(1) as pool: list(pool.map(L.f, [1]))",
    "initializer": "with ThreadPoolExecutor(1, initializer=L.f) as pool: pool.submit(int).result()",
    "thread_pool": "with ThreadPool(1) as pool: pool.map(L.f, [1])",
    "thread": "t = threading.Thread(target=L.Old)\nt.start()\nt.join()",
    "thread_class": "class T(threading.Thread):\n    def run(self): L.f()\nt = T()\nt.start()\nt.join()",
    "timer": "t = threading.Timer(0, L.Old)\nt.start()\nt.join()",
    "default_factory": "@dataclasses.dataclass\nclass D: x: object = dataclasses.field(default_factory=L.Old)\nD()",
    "defaultdict": "collections.defaultdict(L.Old)['a']",
    "call_soon": "async def go():\n    asyncio.get_running_loop().call_soon(L.f)\n    await asyncio.sleep(0)\n"
    "asyncio.run(go())",
    "done": "async def go():\n    t = asyncio.create_task(asyncio.sleep(0))\n    t.add_done_callback(L.f)\n"
    "    await t\n    await asyncio.sleep(0)\nasyncio.run(go())",
    "task": "async def go(): await asyncio.create_task(L.fetch(), name='x')\nasyncio.run(go())",
    "gather": "async def go(): await asyncio.gather(L.fetch(), L.fetch())\nasyncio.run(go())",
    "asyncio_run": "asyncio.run(L.fetch())",
    "exit_stack": "with contextlib.ExitStack() as stack: stack.callback(L.f)",
    "re_sub": "re.sub('a', L.sub, 'a')",
    "object_hook": "json.loads('{}', object_hook=L.f)",
    "raises": "pytest.raises(ValueError, L.boom)",
    "raises_with": "with pytest.raises(ValueError): L.boom()",
    "assert_raises": "unittest.TestCase().assertRaises(ValueError, L.boom)",
    "wraps": "mock.Mock(wraps=L.f)()",
    "patch_wraps": "with mock.patch.object(L, 'f', wraps=L.f): L.f()",
    "side_effect": "mock.Mock(side_effect=L.f)()",
    "sorted": "sorted([2, 1], key=L.f)",
    "map": "list(map(L.f, [1]))",
    "filter": "list(filter(L.f, [1]))",
    "reduce": "functools.reduce(L.f, [1, 2])",
    "partial": "functools.partial(L.f)()",
    "partialmethod": "class A: m = functools.partialmethod(L.f)\nA().m()",
    "cached_property": "class A: x = functools.cached_property(L.f)\nA.x.__set_name__(A, 'x')\nA().x",
    "singledispatch": "functools.singledispatch(L.f)(1)",
    "groupby": "list(itertools.groupby([1], L.f))",
    "iter": "next(iter(L.f, 5))",
    "weakref": "class A: pass\na = A()\nr = weakref.ref(a, L.f)\ndel a\nimport gc\ngc.collect()",
    "finalize": "class A: pass\na = A()\nweakref.finalize(a, L.f)\ndel a\nimport gc\ngc.collect()",
    "sched": "s = sched.scheduler(time.time, lambda x: None)\ns.enter(0, 1, L.f)\ns.run()",
    "property": "class A: x = property(L.f)\nA().x",
    "classmethod": "class A: x = classmethod(L.f)\nA.x()",
    "decorator": "@L.f\ndef g(): pass",
    "destructor": "class A:\n    def __del__(self): L.f()\na = A()\ndel a",
    "queued": "q = queue.Queue()\nq.put(L.f)\nq.get()()",
    "context": "with contextlib.contextmanager(L.rows)(): pass",
    "yield_from": "def g(): yield from L.rows()\nlist(g())",
    "async_for": "async def go(): return [x async for x in L.stream()]\nasyncio.run(go())",
    "evaluated": "eval('L.f()')",
    "executed": "exec('L.f()')",
    "getattr": "getattr(L, 'f')()",
    "vars": "vars(L)['f']()",
    "attrgetter": "operator.attrgetter('f')(L)()",
    # Functions of a deprecated class
    "static": "L.Old.create()",
    "class_method": "L.Old.get_instance()",
    "class_method_again": "L.Old.get_instance()",
    "default": "L.Old.default()",
    # Instances made without __init__
    "new": "L.Old.__new__(L.Old)",
    "object_new": "object.__new__(L.Old)",
    "make": "L.Row._make([1])",
    "replace": "L.Row()._replace(x=2)",
    "copy": "copy.copy(L.Old.get_instance())",
    "deepcopy": "copy.deepcopy(L.Old())",
    "pickle": "pickle.loads(pickle.dumps(L.Old()))",
    "kept": "L.Kept()",
    "fromkeys": "L.Kept.fromkeys('ab')",
    "subclass": "class S(L.Old): pass\nS()",
    "subclass_alone": "class S(L.Old):\n    def __init__(self): pass\nS()",
    "type": "type('X', (L.Old,), {})()",
    "new_class": "types.new_class('X', (L.Old,))()",
    # Several behind one decorator, wrappers, callers in the decorator's file
    "one": "deco.one()",
    "two": "deco.two()",
    "three": "deco.three()",
    "noisy": "deco.Noisy()",
    "caller": "util.caller()",
    "cached": "wrapped.cached.cache_clear()\nwrapped.cached()",
    "around": "wrapped.around()",
    "proxied": "wrapped.proxied()",
    # Properties, descriptors, metaclasses
    "read": "model.Money().amount",
    "write": "model.Money().amount = 4",
    "delete": "del model.Money().amount",
    "setattr": "setattr(model.Money(), 'amount', 3)",
    "field_read": "model.Plain().field",
    "field_write": "model.Plain().field = 3",
    "field_delete": "del model.Plain().field",
    "metaclass": "class A(metaclass=meta.Meta): pass",
    "metaclass_called": "meta.Meta('A', (), {})",
    "metaclass_below": "class M(meta.Meta): pass\nclass A(metaclass=M): pass",
    # Names that a module hands on or makes
    "handed_on": "hub.get()",
    "handed_on_class": "hub.Kept()",
    "served": "compat.served()",
    "served_import": "from app.compat import served",
    # Imports by exec, by spec, by string
    "exec_import": "exec('from app.legacy import f', {})",
    "eval_import": "eval(\"__import__('app.legacy')\")",
    "import_module": "importlib.import_module('app.legacy')",
    "import_relative": "importlib.import_module('.legacy', 'app')",
    "dunder": "__import__('app.legacy')",
    "dunder_fromlist": "__import__('app', fromlist=['legacy'])",
    "builtins": "builtins.__import__('app.legacy')",
    "importlib_dunder": "importlib.__import__('app.legacy')",
    "spec": "s = importlib.util.spec_from_file_location('x', LEGACY)\nm = importlib.util.module_from_spec(s)\n"
    "s.loader.exec_module(m)",
    "runpy": "runpy.run_path(str(LEGACY))",
    "run_module": "sys.modules.pop('app.legacy')\ntry:\n    runpy.run_module('app.legacy')\nfinally:\n"
    "    sys.modules['app.legacy'] = L",
    "resolve_name": "pkgutil.resolve_name('app.legacy:f')",
    "importorskip": "pytest.importorskip('app.legacy')",
    "patch": "with mock.patch('app.legacy.f'): pass",
    "patch_handed_on": "with mock.patch('app.hub.get'): pass",
    "in_modules": "sys.modules['app.legacy'].f()",
    # What is watched is replaced during the test
    "replaced_init": "with mock.patch.object(L.Old, '__init__', return_value=None): L.Old()",
    "replaced_code": "with pytest.MonkeyPatch.context() as patch:\n"
    "    patch.setattr(L.f, '__code__', (lambda *args: 1).__code__)\n    L.f()",
    # At the end
    "atexit": "import atexit\natexit.register(L.f)\natexit.unregister(L.f)",
}

if sys.version_info >= (3, 12):
    USES |= {
        "cleared_events": "for tool in range(6):\n    if sys.monitoring.get_tool(tool):\n"
        "        sys.monitoring.set_local_events(tool, L.f.__code__, 0)\nL.f()",
        "cleared_callback": "for tool in range(6):\n    if sys.monitoring.get_tool(tool):\n"
        "        sys.monitoring.register_callback(tool, sys.monitoring.events.PY_START, None)\nL.f()",
    }

BLIND_IN_PLACE = {
    "new": "an instance that __new__ makes alone",
    "object_new": "an instance that __new__ makes alone",
}
"""What a run cannot see where the interpreter does not tell calls, with the blind spot of the class that says so."""

TEST = "from app import uses\n\n" + "".join(f"def test_{name}():\n    uses.use_{name}()\n\n" for name in USES)
PLUGGED = 'pytest_plugins = ["app.plug"]\n\n\ndef test_plugged(plugged):\n    pass\n'


def uses() -> str:
    """Return the module of the project that uses everything, a function each."""
    functions = (f"def use_{name}():\n{textwrap.indent(body, '    ')}\n" for name, body in USES.items())
    return HEAD + "\n" + "\n".join(functions)


class Outcomes(NamedTuple):
    """What a run says: each test by its name, and the blind spots of the table and of the run."""

    tests: Mapping[str, Any]
    spots: list[str]
    sites: list[Any]

    def told(self, name: str) -> list[str]:
        """Return why the test is not clean: what it fails for, else the blind spots that speak of it."""
        test = self.tests[f"test_{name}"]
        if test["outcome"] == "failed":
            return [test.get("reason", "")]
        return [spot["why"] for spot in test.get("blind_spots", ())] or [
            why for why in self.spots if name in BLIND_IN_PLACE and BLIND_IN_PLACE[name] in why
        ]


def run(root: Path, path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "-W",
        "ignore",
        *args,
    ]

    environment = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=False)


def outcomes(root: Path, path: Path) -> Outcomes:
    plain = run(root, path, "--no-ssot")
    assert plain.returncode == 0, plain.stdout[-4000:]  # else a test fails for itself
    done = run(root, path, "--ssot-report=json")
    assert done.returncode == 1, done.stdout[-4000:] + done.stderr
    result = json.loads((root / "ssot-result.json").read_text())
    tests = {test["id"].partition("::")[2]: test for test in result["tests"]}
    return Outcomes(tests, [spot["why"] for row in result["ssots"] for spot in row["blind_spots"]], result["sites"])


def wheel(folder: Path, files: Mapping[str, str]) -> Path:
    """Return a wheel of `files`, as a build backend makes it."""
    info = "app-1.0.dist-info"
    every = {
        **files,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: app\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')},"
        f"{len(text.encode())}\n"
        for name, text in every.items()
    )
    file = folder / "app-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in {**every, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)
    return file


@pytest.fixture(scope="module", params=["in its tree", "installed from a wheel"])
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """Return what a run of the project says, once for each way to have its code."""
    root = tmp_path_factory.mktemp("every_use").resolve()
    code = {f"app/{name}.py": textwrap.dedent(text).lstrip("\n") for name, text in {**FILES, "uses": uses()}.items()}
    written = {"pyproject.toml": CONFIGURATION, "tests/test_uses.py": TEST, "tests/test_modules.py": PLUGGED}
    for name, text in {**{f"src/{path}": text for path, text in code.items()}, **written}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    if request.param == "in its tree":
        return outcomes(root, root / "src")
    place = tmp_path_factory.mktemp("env") / "lib" / "site-packages"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", f"--target={place}"]
    subprocess.run([*pip, str(wheel(place.parent.parent, code))], check=True, capture_output=True)
    return outcomes(root, place)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(USES))
def test_no_test_that_uses_something_deprecated_passes_as_clean(name: str, ran: Outcomes) -> None:
    told = ran.told(name)
    assert told, f"{USES[name]} is seen by nobody"
    test = ran.tests[f"test_{name}"]
    if test["outcome"] == "failed":
        assert told == ["ssot"]


@pytest.mark.slow
def test_what_is_used_stands_in_source_wherever_it_runs(ran: Outcomes) -> None:
    paths = {site["path"] for site in ran.sites if site["tests"]}
    assert paths <= {"src/app/uses.py", "src/app/util.py", "tests/test_modules.py"}
    assert ran.spots == [why for why in ran.spots if not why.startswith("it was loaded from")]


@pytest.mark.slow
def test_a_plugin_that_a_module_names_is_imported_there(ran: Outcomes) -> None:
    sites = [site for site in ran.sites if site["path"] == "tests/test_modules.py"]
    assert {(site["rule"], site["target"], site["status"], site["fails"]) for site in sites} == {
        ("deprecated-import", "app.plug", "new", "collection"),
        ("deprecated-use", "app.plug:plugged", "new", "test"),
    }
