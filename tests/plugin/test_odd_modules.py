"""Whatever stands in `sys.modules`, a run starts, watches, and asks nothing of it."""

from __future__ import annotations

import pytest

CONFIGURATION = """
[tool.ssot_tracker]
phase = "enforce"
source = ["app"]

[tool.ssot_tracker.ssot.orders]
canonical  = "app.core:Tracker"
accessors  = ["app.core:get_tracker"]
deprecated = ["app.old", "app.lib:Thing"]
provides   = ["record"]
fixture    = "tracker"

[tool.ssot_tracker.ids.orders]
forbidden  = ["uuid:uuid4", "app.ids:*"]
generators = ["app.core:new_id"]
consumers  = { "app.core:Tracker.record" = "order_id" }

[tool.pytest.ini_options]
pythonpath = ["."]
"""

ODD = """
import sys
from types import ModuleType

asked = []


class Lib:  # as _cffi_backend.Lib is: it says that it is a module, and has no namespace
    __slots__ = ()

    @property
    def __class__(self):
        return ModuleType


class Guarded(ModuleType):
    def __getattribute__(self, name):
        asked.append(name)
        raise RuntimeError(name)


class Hidden(ModuleType):
    @property
    def __dict__(self):
        asked.append("__dict__")
        raise RuntimeError


class Proxy:
    def __getattribute__(self, name):
        asked.append(name)
        raise RuntimeError(name)


def nonsense():
    module = ModuleType("nonsense")
    proxy = Proxy()
    vars(module).update(__name__=proxy, __file__=proxy, __path__=proxy, __spec__=proxy, __loader__=proxy)
    return module


made = {"lib": Lib(), "guarded": Guarded("x"), "hidden": Hidden("app.old"), "proxy": Proxy(), "nonsense": nonsense()}
for place in ("", "app.", "app.old.", "uuid."):
    sys.modules.update((place + name, thing) for name, thing in made.items())
sys.modules[7] = ModuleType("seven")
sys.modules["app.none"] = None
"""

TEST = """
import uuid, sys
import odd
from app.core import get_tracker


def test_asked():
    assert odd.asked == []


def test_use():
    from app import old
    old.OrderLog()


def test_id():
    get_tracker().record("x")


def test_lent(tracker):
    tracker.record(None)


def test_plain():
    pass
"""


def test_odd_entries_keep_no_run_from_starting_and_are_not_asked(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(CONFIGURATION)
    app = pytester.mkdir("app")
    (app / "__init__.py").touch()
    (app / "old.py").write_text("class OrderLog: pass\n")
    (app / "ids.py").write_text("def make(): return 'x'\n")
    (app / "core.py").write_text(
        "class Tracker:\n    def __init__(self): self.made = []\n    def record(self, order_id): self.made.append(1)\n"
        "_one = None\ndef get_tracker():\n    global _one\n    _one = _one or Tracker()\n    return _one\n"
        "def new_id(): return 'y'\n"
    )
    pytester.makepyfile(odd=ODD, test_it=TEST)
    options = ("-p", "odd", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "-rf")
    result = pytester.runpytest_subprocess(*options)
    result.stderr.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(["FAILED test_it.py::test_use*", "FAILED test_it.py::test_id*"])


def test_a_target_in_a_folder_of_folders_without_init_keeps_no_run_from_starting(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(
        """
        [tool.ssot_tracker]
        phase = "baseline"
        source = ["outer"]

        [tool.ssot_tracker.ssot.orders]
        deprecated = ["outer.inner.old:make", "outer.inner.deep.gone"]

        [tool.pytest.ini_options]
        pythonpath = ["."]
        """
    )
    folder = pytester.mkdir("outer") / "inner"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "gone.py").touch()
    (folder / "old.py").write_text("def make():\n    return 1\n")
    pytester.makepyfile("def test_it():\n    from outer.inner.old import make\n    make()\n")
    result = pytester.runpytest_subprocess("--no-ssot-scan")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*ssot: 2 new*", "*"])
