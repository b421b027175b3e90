"""`ssot-tracker prove` plants a use of everything declared in a copy of the project, and says whether it is seen."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.prove.planting_places import Places
from pytest_ssot_tracker.settings import load

RICH = """\
[tool.ssot_tracker]
source = ["src/store"]
scan = ["src", "tests"]

[tool.ssot_tracker.ssot.orders]
canonical  = "store.core:Tracker"
accessors  = ["store.core:get_tracker"]
fixture    = "tracker"
single     = true
provides   = ["record"]
competing  = ["store.engine", "store.other_engine"]
deprecated = [
    "store.old:Log", "store.old:Abstract", "store.old:function", "store.old:coroutine", "store.old:generator",
    "store.old:stream", "store.old:managed", "store.old:Box.method", "store.old:Box.static", "store.old:Box.made",
    "store.old:Box.size", "store.old:Box.LIMIT", "store.old:LIMIT", "store.old:Color.RED", "store.old:Point",
    "store.old:part", "store.module", "store.matched_*:get_*", "json:loads", "collections:OrderedDict",
    "tests.conftest:old_client", "text:legacy_orders", "store.lazy:gone",
    "store.harmful:Harmful", "store.old:Box.method(value)", "store.old:Point(x)", "store.old:function(second='old')",
    "store.old:Log(mode)", "store.core:get_tracker(made)", "store.old:Box.LIMIT=", "store.old:LIMIT=",
]
retired = ["store.gone"]

[tool.ssot_tracker.ssot.orders.keys]
"store.core:Tracker.record" = "key"
"store.old:Box.record" = "key"

[tool.ssot_tracker.ssot.orders.states]
method = "store.core:Tracker.move"
key = "key"
state = "state"
allowed = { "" = ["NEW"], NEW = ["DONE"] }

[tool.ssot_tracker.ids.ids]
generators = ["store.core:new_id"]
forbidden = ["uuid:uuid4", "time:time"]
patterns = ["time-format"]
consumers = { "store.core:Tracker.move" = "key" }

[tool.ssot_tracker.warnings.sqlalchemy]
message = 'Query\\.get.* is'
module = ["sqlalchemy.**"]

[tool.ssot_tracker.context.writes]
targets = ["store.core:write"]
inside = ["store.core:transaction"]

[tool.ssot_tracker.context.loop]
targets = ["store.core:write"]
never = ["event-loop"]

[tool.ssot_tracker.context.read_only]
targets = ["store.core:write"]
never = ["store.core:transaction"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["src", "."]
addopts = "-m 'not slow' --strict-markers"
"""

CORE = """\
from contextlib import contextmanager

class Tracker:
    def record(self, key): self.last = key
    def move(self, key, *, state): ...

def get_tracker(made=[]):
    if not made:
        made.append(Tracker())
    return made[0]

def new_id(): return "1"
def write(row, *, table): ...

@contextmanager
def transaction(): yield
"""

OLD = """\
import abc, dataclasses, enum, functools
from contextlib import contextmanager

class Log:
    def __init__(self, path, *, mode): ...

class Abstract(abc.ABC):
    @abc.abstractmethod
    def run(self): ...

def function(first, /, second): ...
async def coroutine(value): ...
def generator(value): yield value
async def stream(value): yield value

@contextmanager
def managed(value): yield

class Box:
    LIMIT = 3
    def record(self, key): ...
    def method(self, value): ...
    @staticmethod
    def static(value): ...
    @classmethod
    def made(cls, value): ...
    @property
    def size(self): return 3

LIMIT = 3

class Color(enum.Enum):
    RED = 1

@dataclasses.dataclass
class Point:
    x: int

part = functools.partial(int, 3)
"""

LAZY = """\
def __getattr__(name):
    if name == "gone":
        return print
    raise AttributeError(name)
"""


HARMFUL = """\
import pathlib, subprocess, sys

class Harmful:
    def __init__(self):
        for harm in (lambda: pathlib.Path({harm!r}).mkdir(), lambda: subprocess.run(["mkdir", {harm!r}])):
            try:
                harm()
            except OSError:
                pass
        sys.exit(3)
"""

MUTE = """\
[tool.ssot_tracker]
source = ["shop"]
scan = ["tests", "shop/old.py"]

[tool.ssot_tracker.ssot.allowed]
deprecated = ["shop.old:OrderLog"]
allow_in = ["shop.**"]

[tool.ssot_tracker.ssot.narrow]
canonical = "shop.core:Tracker"
accessors = ["shop.core:get_tracker"]
within = ["elsewhere/**"]

[tool.ssot_tracker.ssot.replaced]
deprecated = ["shop.old:Replaced"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
"""


def answers(found, rule, name):
    """Return who has seen the planted use."""
    return {one["by"]: one["seen"] for one in found[rule, name]["answers"]}


def whys(found, rule, name):
    """Return the reasons why somebody has not."""
    return {one["why"] for one in found[rule, name]["answers"]} - {None}


def proofs(project, *argv, status):
    """Return what `prove` says of each rule and target."""
    assert project.call("prove", "--format", "json", *argv) == status
    return {(one["rule"], one["name"]): one for one in json.loads(project.out)["proofs"]}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="before 3.11 the run leaves more to the scan, and prove says so")
def test_every_rule_and_kind_of_target_is_proved_by_each_back_end_and_does_no_harm(project):
    harm = project.root.parent / "harm"
    project.write("pyproject.toml", RICH)
    project.write("src/store/__init__.py", "")
    project.write("src/store/core.py", CORE)
    project.write("src/store/old.py", OLD)
    project.write("src/store/harmful.py", HARMFUL.format(harm=str(harm)))
    project.write("src/store/module.py", "class Thing:\n    pass\n\ndef make(): ...\n")
    project.write("src/store/matched_0.py", "def other(): ...\n")
    project.write("src/store/matched_a.py", "def get_it(): ...\n")
    project.write("src/store/lazy.py", LAZY)
    project.write("tests/__init__.py", "")
    project.write("tests/conftest.py", "import pytest\n\n@pytest.fixture\ndef old_client(): return 3\n")
    before = sorted(project.root.rglob("*"))

    found = proofs(project, status=0)

    assert not harm.exists()
    assert sorted(project.root.rglob("*")) == before
    assert {rule for rule, _ in found} == set(Rule)
    assert [key for key, one in found.items() if not one["bites"]] == []
    backends = ["monitoring", "in-place"] if hasattr(sys, "monitoring") else ["in-place"]
    for name in (
        "store.old:Log",
        "store.old:stream",
        "store.old:Box.made",
        "store.module:make",
        "store.matched_a:get_it",
    ):
        assert answers(found, "deprecated-use", name) == {**dict.fromkeys(backends, True), "scan": True}
    for rule, name in (
        ("deprecated-argument", "store.old:Log(mode)"),
        ("deprecated-argument", 'store.old:function(second="old")'),
        ("deprecated-access", "store.old:Box.LIMIT="),
        ("deprecated-access", "store.old:Color.RED"),
    ):
        assert answers(found, rule, name) == {**dict.fromkeys(backends, True), "scan": True}
    assert answers(found, "deprecated-import", "store.gone") == {"run": None, "scan": True}
    (why,) = whys(found, "deprecated-import", "store.gone")
    assert why == "importing store.gone raised ModuleNotFoundError: No module named 'store.gone'"
    in_c = found["deprecated-use", "collections:OrderedDict"]["answers"][-2]
    assert in_c["by"] == "in-place"
    assert in_c["why"].startswith("blind spot: a class written in C")


def test_a_guard_that_does_not_bite_says_why(project):
    project.write("pyproject.toml", MUTE)
    project.write("shop/core.py", CORE)
    project.write("shop/old.py", "class OrderLog:\n    pass\n\nclass Replaced:\n    pass\n")
    project.write("tests/conftest.py", "import shop.old\nshop.old.Replaced = lambda: None\n")

    found = proofs(project, "allowed", "narrow", "replaced", status=1)

    reason = "it counts as allowed: allow_in covers every place in source"
    assert reason in whys(found, "deprecated-use", "shop.old:OrderLog")
    assert whys(found, "singleton-bypass", "shop.core:Tracker") == {"within leaves out every place in source"}
    replaced = whys(found, "deprecated-use", "shop.old:Replaced")
    assert "nothing was recorded" in replaced
    assert any(why.startswith("scan leaves out shop/ssot_proof_") for why in replaced)
    assert answers(found, "deprecated-import", "shop.old:Replaced")["in-place"]


def test_a_place_that_is_excluded_is_told(project):
    settings = load(project.root, verify=False)
    settings = replace(settings, tree=replace(settings.tree, exclude=("shop/**",)))
    places = Places(settings, project.root, "tests")
    assert places.new(settings.ssots[0]) == "shop/ssot_proof_1.py"
    assert places.obstacle(settings.ssots[0], "shop/ssot_proof_1.py") == "exclude covers every place in source"


def test_a_module_is_planted_where_the_table_judges_callers(project):
    project.write("shop/api/views.py", "")
    project.configure(table='within = ["shop/api/**"]')
    settings = load(project.root, verify=False)
    assert Places(settings, project.root, "tests").new(settings.ssots[0]) == "shop/api/ssot_proof_1.py"


def test_what_nothing_declares_is_refused(refused):
    assert "shop.odl: nothing declares it; did you mean 'shop.old'?" in refused("prove", "shop.odl")


def test_tests_that_cannot_be_run_are_refused(project, refused):
    project.write("tests/conftest.py", "raise RuntimeError('no database')\n")
    assert "the tests cannot be run in a copy of the project" in refused("prove")
    assert "no database" in project.err
