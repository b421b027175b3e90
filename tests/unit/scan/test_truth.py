"""The fast path finds exactly what a full parse with full resolution finds."""

from __future__ import annotations

import dataclasses
import random
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.settings import Settings

from .conftest import settings_of, write

STDLIB = Path(sysconfig.get_path("stdlib"))
SITE_PACKAGES = Path(sysconfig.get_path("purelib"))

TABLES = {
    "ssot.shop": {
        "canonical": "collections:deque",
        "accessors": ["queue:Queue._init"],
        "deprecated": [
            *("imp", "email.message:Message", "unittest.case:TestCase", "threading:Lock", "os:environ"),
            *("logging:getLogger", "functools:partial", "warnings:warn", "socket:*_TIMEOUT*", "argparse:Action"),
            *("typing:NamedTuple", "asyncio.events:AbstractEventLoop.run_*", "json.decoder", "email.utils"),
        ],
    },
    "ids.shop": {"forbidden": ["uuid:uuid4", "random:random", "time:time"], "patterns": ["time-format"]},
}

SAMPLE = ("concurrent", "email/message.py", "json", "http", "unittest/mock.py", "uuid.py", "tempfile.py", "logging")


def compared(root: Path, into: Path, paths: Sequence[str] | None) -> tuple[set[str], set[str]]:
    """Return what only the fast path finds below `root`, and what only the full parse does."""
    settings = settings_of(into, TABLES, source=["."])
    settings = dataclasses.replace(settings, tree=dataclasses.replace(settings.tree, root=str(root.resolve())))
    full = scan(settings, paths=paths, whole=True)
    fast = scan(settings, paths=paths, whole=False)
    unreadable = {one.path for one in full.sites if one.rule is Rule.UNREADABLE_SOURCE}
    one, other = (set(_shown(result.sites, unreadable)) for result in (fast, full))
    assert len(other) > (5 if paths is None else 0)
    return one - other, other - one


def _shown(sites: Sequence[Site], unreadable: set[str]) -> Iterator[str]:
    for one in sites:
        if one.path not in unreadable:
            yield f"{one.id} {one.rule} {one.target} {one.where} {one.scope} {one.flags} {one.text}"


def test_on_a_part_of_the_standard_library(tmp_path: Path) -> None:
    assert compared(STDLIB, tmp_path, SAMPLE) == (set(), set())


def _some(root: Path, bytes_: int) -> list[str]:
    """Return files and packages of `root` of about `bytes_` in all, drawn by lot, the same ones for the same tree."""
    found = sorted(path for path in root.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file())
    random.Random(220).shuffle(found)
    drawn: list[str] = []
    for path in found:
        size = sum(file.stat().st_size for file in (path.rglob("*.py") if path.is_dir() else [path]))
        if size <= bytes_:
            bytes_ -= size
            drawn.append(path.name)
    return drawn


@pytest.mark.slow
@pytest.mark.parametrize("root", [STDLIB, SITE_PACKAGES], ids=["stdlib", "site-packages"])
def test_on_a_large_part_of_what_is_installed(tmp_path: Path, root: Path) -> None:
    drawn = _some(root, 3_000_000)
    assert len(drawn) > 5
    assert compared(root, tmp_path, drawn) == (set(), set())


PIECES = (
    "from queue import Queue as Q\n",
    "from uuid import *\n",
    "import uuid\nmake = uuid.uuid4\n",
    "from time import time as now\n",
    "class A(Base):\n    '''A\ndedented : text\n    def no(self): pass\n    '''\n"
    "    ident = make\n\n    def f(self):\n        return self.ident()\n",
    "def f(a, b=(1,\n    2), *c):\n    x = 1\n    return x\n",
    "def g():\n    text = '''\n  def inside(): uuid4()\n'''\n    return text\n",
    "def h():\n    import uuid\n\n    def inner():\n        return make()\n    return inner, uuid.uuid4()\n",
    "@decorated\nasync def k(x: int = 3) -> str:\n    # uuid4\n    return f'{x}_{int(now())}'\n",
    "if x:\n    def m(): return now()\nelse:\n    def m():\n        pass\n",
    "class B:\n    class C:\n        def n(self):\n            x = \\\n1\n            return x\n"
    "    def o(self): return make()\n",
    "def p():\n    stamp = now()\n\n    def q():\n        return f'a_{stamp}'\n    return q\n",
    "try:\n    from uuid import uuid4\nexcept ImportError:\n    def uuid4():\n        return 4\n",
    "def r():\n    return [make() for _ in range(3)]\n",
    "def s(make):\n    return make()\n",
    "x = [\n    make(),\n]\n",
    "class D:\n    def __init__(self, source=make):\n        self.source = source\n\n"
    "    def take(self):\n        return self.source()\n",
    "def t(source=make):\n    return source()\n",
    "from time import time as tick\n\ndef u():\n    stamp = tick()\n\n    def v():\n        return str(stamp) + 'a'\n",
    "class E:\n    def __init__(self):\n        import uuid as ids\n        self.ids = ids\n\n"
    "    def take(self):\n        return self.ids.uuid4()\n",
    "def next_id():\n    return now()\n",
    "def the_key(x):\n    import hashlib\n    return hashlib.md5(str(now()).encode()).hexdigest()\n",
    "class F:\n    def set(self):\n        self.run_id = f'{now()}'\n        self.at = now()\n",
    "def z(x):\n    x['token'] = now()\n    x['at'] = now()\n    return {'id': now(), 'at': now()}\n",
    "from datetime import datetime as dt\ndef made_id():\n    at = dt.now()\n    return at.isoformat()\n",
    "from time import perf_counter as pc\ndef run_id(): return 'x' + str(pc())\n",
    "def w():\n    global held\n    import uuid as held\n\ndef y():\n    return held.uuid4()\n",
)


def generated(seed: int) -> dict[str, str]:
    chance = random.Random(seed)
    files = {}
    for number in range(8):
        text = "".join(chance.choices(PIECES, k=chance.randint(1, 9)))
        if number:
            named = chance.choice(["*", "make", "now as tick", "uuid4"])
            text = f"from .m{chance.randrange(number)} import {named}\n{text}"
        files[f"pkg/m{number}.py"] = text
    return {"pkg/__init__.py": "", **files}


@pytest.mark.parametrize("seed", range(12))
def test_on_generated_trees(tmp_path: Path, seed: int) -> None:
    write(tmp_path, generated(seed))
    settings: Settings = settings_of(tmp_path, TABLES)
    fast, full = (set(_shown(scan(settings, whole=whole).sites, set())) for whole in (False, True))
    assert (fast - full, full - fast) == (set(), set())
