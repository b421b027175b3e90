"""What a run watches by may be taken away by a test: that is noticed, said and put back, and never a traceback."""

from __future__ import annotations

import json
import sys

import pytest

needs_monitoring = pytest.mark.skipif(sys.version_info < (3, 12), reason="the interpreter has no sys.monitoring")

QUIET = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:hypothesispytest")

FREES = """
import sys

def test_frees_every_id():
    for tool in range(6):
        if sys.monitoring.get_tool(tool) is not None:
            sys.monitoring.free_tool_id(tool)

def test_takes_every_id():
    for tool in range(6):
        if sys.monitoring.get_tool(tool) is not None:
            sys.monitoring.free_tool_id(tool)
        sys.monitoring.use_tool_id(tool, "theirs")

def test_after():
    pass
"""

TOLD = """
import builtins, sys
from pathlib import Path

def pytest_unconfigure(config):
    if not {where}:
        return
    monitoring = getattr(sys, "monitoring", None)
    tools = [monitoring.get_tool(tool) for tool in range(6)] if monitoring else []
    ours = [tool for tool in tools if tool and tool.startswith("pytest-ssot")]
    finders = [finder for finder in sys.meta_path if "ssot" in type(finder).__module__]
    standing = "ssot" in getattr(builtins.__import__, "__globals__", {}).get("__name__", "")
    (Path(__file__).parent / "left.txt").write_text(f"{ours} {finders} {standing}")
"""


@needs_monitoring
@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "worker"])
def test_a_test_that_frees_every_monitoring_id_ends_no_session_in_a_traceback(project, workers):
    project.pytester.makepyfile(FREES)
    result = project.pytester.runpytest_subprocess(*QUIET, *workers, "--ssot-phase=baseline")
    result.assert_outcomes(passed=3)
    assert result.ret == 0
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("workers", "where"), [((), "True"), (("-n1",), "hasattr(config, 'workerinput')")], ids=["alone", "worker"]
)
def test_nothing_is_watched_any_more_once_all_is_told(project, workers, where):
    project.pytester.makeconftest(TOLD.replace("{where}", where))
    project.pytester.makepyfile("from shop.old import OrderLog\n\ndef test_it():\n    OrderLog()\n")
    project.pytester.runpytest_subprocess(*QUIET, *workers, "--ssot-phase=baseline")
    assert (project.pytester.path / "left.txt").read_text() == "[] [] False"


WATCHED = """
class Old:
    def __init__(self):
        self.x = 1

    @classmethod
    def create(cls):
        return cls()


class Plain:
    pass


class Inherits(Old):
    pass


def use():
    return 1
"""

CALLER = """
from shop import old

def make():
    return old.Old()

def plain():
    return old.Plain()

def inherits():
    return old.Inherits()

def use():
    return old.use()

class Ours(old.Old):
    pass

def ours():
    return Ours()
"""

BEGINNING = """
import sys
from unittest import mock

import pytest
from shop import caller, old
"""


@pytest.fixture
def spotted(project):
    """Return a function that runs tests and gives, for each, the targets of its blind spots and what was booked on it.

    What is booked is told by the lines of `shop/caller.py`.
    """
    (project.pytester.path / "shop" / "old.py").write_text(WATCHED)
    (project.pytester.path / "shop" / "caller.py").write_text(CALLER)

    def run(tests, *args, conftest=""):
        project.pytester.makeconftest(conftest)
        project.pytester.makepyfile(BEGINNING + tests)
        done = project.pytester.runpytest_subprocess(*QUIET, "--ssot-phase=baseline", "--ssot-report=json", *args)
        assert "Traceback" not in done.stdout.str() + done.stderr.str()
        result = json.loads((project.pytester.path / "ssot-result.json").read_text())
        assert {test["outcome"] for test in result["tests"]} == {"passed"}, done.stdout.str()
        booked = {}
        for site in result["sites"]:
            for seen in site["tests"]:
                if site["path"] == "shop/caller.py" and site["scope"] != "<module>" and seen["by"] != "line":
                    booked.setdefault(name_of(seen["id"]), set()).add(site["scope"])
        return {
            name_of(test["id"]): (
                sorted({spot["target"] for spot in test.get("blind_spots", ())}),
                sorted(booked.get(name_of(test["id"]), ())),
            )
            for test in result["tests"]
        }

    return run


def name_of(test):
    return test and test.rpartition("::")[2]


LEGACY = ["shop.old"]


def test_a_mocked_init_is_a_blind_spot_of_the_test_that_constructs(spotted):
    found = spotted("""
def test_mocked():
    with mock.patch.object(old.Old, "__init__", return_value=None):
        caller.make()

def test_mocked_and_unused():
    with mock.patch.object(old.Old, "__init__", return_value=None):
        pass

def test_replaced_by_a_function():
    with mock.patch.object(old.Old, "__init__", lambda self: None):
        caller.make()

def test_a_name_replaced_in_its_module():
    with mock.patch("shop.old.Old"), mock.patch("shop.old.use"):
        caller.make()
        caller.use()

def test_a_class_method_replaced():
    with mock.patch.object(old.Old, "create"):
        old.Old.create()

@mock.patch.object(old.Plain, "__init__", return_value=None)
def test_planted(_):
    caller.plain()

@mock.patch.object(old.Inherits, "__init__", return_value=None)
def test_inherited(_):
    caller.inherits()

def test_subclass_of_ours():
    with mock.patch.object(caller.Ours, "__init__", return_value=None):
        caller.ours()

def test_by_a_string():
    with mock.patch("shop.old.Old.__init__", return_value=None):
        caller.make()

def test_multiple():
    with mock.patch.multiple(old.Old, __init__=mock.Mock(return_value=None)):
        caller.make()

@pytest.fixture
def started():
    patcher = mock.patch.object(old.Old, "__init__", autospec=True, return_value=None)
    patcher.start()
    yield
    patcher.stop()

def test_started(started):
    caller.make()

def test_new():
    with mock.patch.object(old.Old, "__new__", return_value=3):
        caller.make()

def test_code(monkeypatch):
    monkeypatch.setattr(old.use, "__code__", (lambda: 3).__code__)
    assert caller.use() == 3

def test_after():
    caller.make(), caller.plain(), caller.inherits(), caller.use()
""")
    assert found == {
        "test_mocked": (LEGACY, []),
        "test_mocked_and_unused": ([], []),
        "test_replaced_by_a_function": (LEGACY, []),
        "test_a_name_replaced_in_its_module": ([], []),
        "test_a_class_method_replaced": ([], []),
        "test_planted": (LEGACY, []),
        "test_inherited": (LEGACY, []),
        "test_subclass_of_ours": (LEGACY, []),
        "test_by_a_string": (LEGACY, []),
        "test_multiple": (LEGACY, []),
        "test_started": (LEGACY, []),
        "test_new": (LEGACY, []),
        "test_code": (LEGACY, []),
        "test_after": ([], ["inherits", "make", "plain", "use"]),
    }


REPLACES = """
import threading

def test_replaces():
    threading.Thread.start.__code__ = threading.Thread.start.__code__.replace()

@pytest.mark.parametrize("number", range({tests}))
def test_one_of_many(number):
    pass

def test_starts_a_thread():
    thread = threading.Thread(target=caller.use)
    thread.start()
    thread.join()
"""


@pytest.mark.parametrize("tests", [1, 70])
def test_that_nobody_told_who_starts_threads_is_a_blind_spot_of_the_run(spotted, project, tests):
    found = spotted(REPLACES.replace("{tests}", str(tests)))
    assert {name for name, (spots, _) in found.items() if spots} == set()
    result = json.loads((project.pytester.path / "ssot-result.json").read_text())
    (spot,) = [spot for spot in result["run"]["blind_spots"] if spot["target"] == "calls"]
    assert spot["why"] == "its __code__ was replaced meanwhile: not every call was seen"
    copied = sys.version_info < (3, 12)  # in place, a copy of the code tells as well
    assert (found["test_starts_a_thread"][1] == ["use"]) is (copied or tests > 64)


def test_a_mock_that_is_imported_in_the_test_is_noticed_too(spotted):
    tests = """
def test_it():
    from unittest import mock
    with mock.patch.object(old.Old, "__init__", return_value=None):
        caller.make()
"""
    assert spotted(tests.replace("from unittest", "sys.modules.pop('unittest.mock')\n    from unittest"))[
        "test_it"
    ] == (
        LEGACY,
        [],
    )


def test_what_monkeypatch_and_fixtures_put_back_is_a_blind_spot_of_the_test(spotted):
    found = spotted("""
def test_monkeypatch(monkeypatch):
    monkeypatch.setattr(old.Old, "__init__", lambda self: None)
    caller.make()

def test_context(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(old.Old, "__init__", lambda self: None)
        caller.make()

def test_by_its_string(monkeypatch):
    monkeypatch.setattr("shop.old.Old.__init__", lambda self: None)
    caller.make()

def test_elsewhere(monkeypatch):
    monkeypatch.setattr(old, "Old", None)
    monkeypatch.setattr(old.Inherits, "x", 3, raising=False)

@pytest.fixture
def by_hand():
    before = old.Old.__init__
    old.Old.__init__ = lambda self: None
    yield
    old.Old.__init__ = before

def test_fixture(by_hand):
    caller.make()

def test_after():
    caller.make()
""")
    assert found == {
        "test_monkeypatch": (LEGACY, []),
        "test_context": (LEGACY, []),
        "test_by_its_string": (LEGACY, []),
        "test_elsewhere": ([], []),
        "test_fixture": (LEGACY, []),
        "test_after": ([], ["make"]),
    }


def test_what_is_left_replaced_is_watched_again_from_the_next_test_on(spotted):
    found = spotted("""
def test_class():
    old.Old.__init__ = lambda self: None
    caller.make()

def test_after_class():
    caller.make()

def test_function():
    old.use.__code__ = (lambda: 3).__code__
    caller.use()

def test_after_function():
    assert caller.use() == 3

def test_planted():
    old.Plain.__init__ = lambda self: None
    caller.plain()

def test_after_planted():
    caller.plain()

def test_without_code():
    old.Old.__init__ = mock.Mock(return_value=None)
    caller.make()

def test_after_without_code():
    caller.make()
""")
    assert found == {
        "test_class": (LEGACY, []),
        "test_after_class": ([], ["make"]),
        "test_function": (LEGACY, []),
        "test_after_function": ([], ["use"]),
        "test_planted": (LEGACY, []),
        "test_after_planted": ([], ["plain"]),
        "test_without_code": (LEGACY, []),
        "test_after_without_code": (LEGACY, []),
    }


def test_what_a_conftest_replaces_before_all_tests_is_watched_in_them(spotted):
    conftest = """
from shop import old
before = old.Old.__init__
old.Old.__init__ = lambda self: None
old.use.__code__ = (lambda: 3).__code__
"""
    found = spotted("def test_it():\n    caller.make(), caller.use()\n", conftest=conftest)
    assert found == {"test_it": ([], ["make", "use"])}


def test_an_init_that_calls_the_one_it_replaced_is_booked_once(spotted, project):
    spotted("""
@pytest.fixture
def wrapped():
    before = old.Old.__init__
    def init(self):
        before(self)
    old.Old.__init__ = init

def test_wraps(wrapped):
    pass

def test_after():
    caller.make()
""")
    result = json.loads((project.pytester.path / "ssot-result.json").read_text())
    (site,) = [site for site in result["sites"] if site["scope"] == "make"]
    assert [(name_of(seen["id"]), seen["count"]) for seen in site["tests"]] == [("test_after", 1)]


@needs_monitoring
def test_what_is_taken_from_monitoring_is_a_blind_spot_and_taken_back(spotted):
    found = spotted("""
monitoring = sys.monitoring

def ours():
    return [tool for tool in range(6) if (monitoring.get_tool(tool) or "").startswith("pytest-ssot")]

def test_frees():
    for tool in ours():
        monitoring.free_tool_id(tool)

def test_after_frees():
    caller.use()

def test_unregisters():
    for tool in ours():
        monitoring.register_callback(tool, monitoring.events.PY_START, None)
    caller.use()

def test_after_unregisters():
    caller.use()

def test_clears():
    for tool in ours():
        monitoring.set_local_events(tool, old.use.__code__, 0)
    caller.use()

def test_after_clears():
    caller.use()

def test_traces():
    sys.settrace(lambda *args: None)
    sys.settrace(None)
    monitoring.restart_events()
    caller.use()
""")
    frees, _ = found.pop("test_frees")
    unregisters, _ = found.pop("test_unregisters")
    assert "shop.old" in frees
    assert "calls" in unregisters or "shop.old" in unregisters
    assert found == {
        "test_after_frees": ([], ["use"]),
        "test_after_unregisters": ([], ["use"]),
        "test_clears": (LEGACY, []),
        "test_after_clears": ([], ["use"]),
        "test_traces": ([], ["use"]),
    }


def test_what_imports_go_through_is_missed_and_put_back(spotted):
    found = spotted("""
import builtins

def test_meta_path():
    del sys.meta_path[0]
    assert "ssot" not in type(sys.meta_path[0]).__module__

def test_after_meta_path():
    assert "ssot" in type(sys.meta_path[0]).__module__

def test_plain():
    ours = builtins.__import__
    builtins.__import__ = ours.__globals__["plain_import"]

def test_passed_on():
    from shop.old import use
    ours = builtins.__import__
    builtins.__import__ = lambda *args, **kwargs: ours(*args, **kwargs)

def test_kept():
    from shop.old import use
    builtins.__import__ = ours = builtins.__import__
    builtins.__import__ = __import__("importlib").__import__

def test_reload():
    import importlib
    importlib.reload(old)
    caller.make()
""")
    assert {name: spots for name, (spots, _) in found.items()} == {
        "test_meta_path": ["imports"],
        "test_after_meta_path": [],
        "test_plain": ["imports"],
        "test_passed_on": [],
        "test_kept": ["imports"],
        "test_reload": ["imports"],
    }
    assert found["test_reload"][1] == ["make"]
