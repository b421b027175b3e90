"""What runs where nothing can be watched is a blind spot of the test that has it run."""

from __future__ import annotations

import json

import pytest

QUIET = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:hypothesispytest")

OLD = """
def close():
    pass


def log():
    pass


LEVEL = 3
"""


@pytest.fixture
def spots(project):
    """Return a function that runs a test module and gives the blind spots of each test, and of the run (`None`)."""
    (project.pytester.path / "shop" / "old.py").write_text(OLD)

    def run(tests, *args):
        project.pytester.makepyfile(test_shop=tests)
        done = project.pytester.runpytest_subprocess(*QUIET, "--ssot-phase=baseline", "--ssot-report=json", *args)
        assert "Traceback" not in done.stdout.str() + done.stderr.str()
        result = json.loads((project.pytester.path / "ssot-result.json").read_text())
        assert {test["outcome"] for test in result["tests"]} == {"passed"}, done.stdout.str()
        found = {test["id"].partition("::")[2]: test.get("blind_spots", []) for test in result["tests"]}
        found[None] = result["run"]["blind_spots"]
        return {name: sorted({spot["target"] for spot in held}) for name, held in found.items()}

    return run


SUBINTERPRETERS = """
def create():
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    return interpreters, interpreters.create()

def test_makes_one():
    interpreters, number = create()
    interpreters.run_string(number, "x = 1")
    interpreters.destroy(number)

def test_makes_none():
    pass

def test_makes_another():
    interpreters, number = create()
    interpreters.destroy(number)
"""


@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "worker"])
def test_a_subinterpreter_is_a_blind_spot_of_the_test_that_makes_it(spots, workers):
    assert spots(SUBINTERPRETERS, *workers) == {
        "test_makes_one": ["a subinterpreter"],
        "test_makes_none": [],
        "test_makes_another": ["a subinterpreter"],
        None: [],
    }


AT_EXIT = """
import atexit, functools
from shop import old

def harmless():
    pass

def closes():
    old.close()

class Closing:
    def close(self):
        return [old.log() for _ in range(1)]

atexit.register(closes)

def test_target():
    atexit.register(old.close)

def test_partial():
    atexit.register(functools.partial(old.log))

def test_handed_on():
    atexit.register(map, old.log, ())

def test_method():
    atexit.register(Closing().close)

def test_closure():
    log = old.log

    @atexit.register
    def late():
        log()

def test_imports():
    @atexit.register
    def late():
        import shop.old

def test_harmless():
    atexit.register(harmless)
    atexit.register(print)
    atexit.unregister(print)
"""


def test_a_callback_at_exit_that_names_what_is_watched_is_a_blind_spot(spots):
    assert spots(AT_EXIT) == {
        "test_target": ["close"],
        "test_partial": ["log"],
        "test_handed_on": ["log"],
        "test_method": ["Closing.close"],
        "test_closure": ["test_closure.<locals>.late"],
        "test_imports": ["test_imports.<locals>.late"],
        "test_harmless": [],
        None: ["closes"],
    }
