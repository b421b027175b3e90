"""Ask for the singletons by fixture, in tests of every make, under the plugins people use."""

from __future__ import annotations

import textwrap

import pytest

from pytest_ssot_tracker.isolate.fixtures import NOT_CONFIGURED, UnknownTableError, fixtures

TRACKER = """
import asyncio, threading
class Tracker:
    def __init__(self):
        self.executions = {}
        self.lock = asyncio.Lock()
_tracker = None
def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
    return _tracker
class Other(Tracker): pass
_other = None
def get_other():
    global _other
    if _other is None:
        _other = Other()
    return _other
"""

CONFTEST = """
import pytest, sys
from pathlib import Path
from pytest_ssot_tracker.isolate.fixtures import fixtures
from pytest_ssot_tracker.isolate.isolation import Isolation
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Settings, Ssot, Tree

SSOTS = [{ssots}]

def pytest_configure(config):
    if not SSOTS:
        config.pluginmanager.register(fixtures(), "lending")
        return
    tree = Tree.of(config.rootpath)
    settings = Settings(root=config.rootpath, file=None, tree=tree, ssots=tuple(SSOTS))
    config.isolation = Isolation(settings)
    config.pluginmanager.register(fixtures(settings, lambda: config.isolation), "lending")

def pytest_collection_finish(session):
    if SSOTS:
        session.config.isolation.ready()

import shop.tracker
shop.tracker.get_tracker().executions["app"] = 1
EXECUTIONS = shop.tracker.get_tracker().executions

@pytest.fixture(autouse=True)
def around(request):
    yield
    live = shop.tracker.get_tracker().executions
    assert live is EXECUTIONS
"""


LOOPS = "asyncio_default_fixture_loop_scope=function"


def ssot(name: str = "execution", *, of: str = "Tracker", get: str = "get_tracker", more: str = "") -> str:
    targets = f'canonical=Target.parse("shop.tracker:{of}"), accessors=(Target.parse("shop.tracker:{get}"),)'
    return f"Ssot(name={name!r}, {targets}, {more})"


class Suite:
    """Be a project with tests, run by pytest."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        pytester.makepyprojecttoml("[tool.pytest.ini_options]\nfilterwarnings = ['error']\n")
        package = pytester.mkpydir("shop")
        (package / "tracker.py").write_text(TRACKER)
        pytester.syspathinsert()

    def run(self, tests: str, *args: str, ssots: str = "") -> pytest.RunResult:
        self._pytester.makeconftest(CONFTEST.format(ssots=ssots))
        self._pytester.makepyfile(test_it=textwrap.dedent(tests))
        loops = LOOPS in args
        unused = ["randomly", "ssot_tracker", "rerunfailures", "anyio", *([] if loops else ["asyncio"])]
        off = [argument for name in unused for argument in ("-p", f"no:{name}")]
        # pytest-asyncio before 0.24 leaves a loop open, whose socket would be reported in a later test of this process.
        run = self._pytester.runpytest_subprocess if loops else self._pytester.runpytest_inprocess
        return run(*off, *args)


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    return Suite(pytester)


PLAIN = """
    import shop.tracker, pytest

    def check(tracker):
        assert tracker is shop.tracker.get_tracker()
        assert tracker.executions == {}
        tracker.executions["x"] = 1
"""


def test_functions_methods_and_parameters_each_start_fresh(suite: Suite) -> None:
    result = suite.run(
        PLAIN
        + """
    @pytest.mark.parametrize("number", range(3))
    def test_function(execution_tracker, number):
        check(execution_tracker)

    class TestIt:
        def test_method(self, execution_tracker):
            check(execution_tracker)

    def test_without():
        assert shop.tracker.get_tracker().executions == {"app": 1}
        """,
        ssots=ssot(more='fixture="execution_tracker"'),
    )
    result.assert_outcomes(passed=5)


def test_the_singleton_is_put_back_whatever_the_test_does(suite: Suite) -> None:
    result = suite.run(
        PLAIN
        + """
    def test_fails(execution_tracker):
        check(execution_tracker)
        assert False

    def test_skips(execution_tracker):
        check(execution_tracker)
        pytest.skip("no")

    def test_exits(execution_tracker):
        check(execution_tracker)
        raise SystemExit(3)

    @pytest.fixture
    def breaks(execution_tracker):
        check(execution_tracker)
        raise RuntimeError("in set-up")

    def test_whose_setup_breaks(breaks):
        pass

    @pytest.fixture
    def breaks_after(execution_tracker):
        yield
        check(execution_tracker)
        raise RuntimeError("in teardown")

    def test_whose_teardown_breaks(breaks_after):
        pass

    @pytest.mark.xfail(strict=True)
    def test_expected(execution_tracker):
        check(execution_tracker)
        assert False

    def test_at_the_end():
        assert shop.tracker.get_tracker().executions == {"app": 1}
        """,
        ssots=ssot(),
    )
    result.assert_outcomes(passed=2, failed=2, skipped=1, xfailed=1, errors=2)


def test_unittest_and_autouse_and_usefixtures(suite: Suite) -> None:
    result = suite.run(
        PLAIN
        + """
    import unittest

    @pytest.mark.usefixtures("execution_tracker")
    class TestCase(unittest.TestCase):
        def setUp(self):
            check(shop.tracker.get_tracker())

        def test_one(self):
            self.assertEqual(shop.tracker.get_tracker().executions, {"x": 1})

        def test_two(self):
            self.assertEqual(shop.tracker.get_tracker().executions, {"x": 1})

    class TestAutouse:
        @pytest.fixture(autouse=True)
        def always(self, execution_tracker):
            check(execution_tracker)

        def test_one(self):
            assert shop.tracker.get_tracker().executions == {"x": 1}

        def test_two(self):
            assert shop.tracker.get_tracker().executions == {"x": 1}

    def test_at_the_end():
        assert shop.tracker.get_tracker().executions == {"app": 1}
        """,
        ssots=ssot(),
    )
    result.assert_outcomes(passed=5)


ASYNC = (
    PLAIN
    + """
    import asyncio
    pytestmark = pytest.mark.asyncio(loop_scope="SCOPE")

    async def run(tracker):
        check(tracker)
        async with tracker.lock:
            await asyncio.sleep(0)
        tracker.executions["y"] = 1
        tracker.task = asyncio.create_task(asyncio.sleep(0))
        await tracker.task

    async def test_one(execution_tracker):
        await run(execution_tracker)

    async def test_two(execution_tracker):
        await run(execution_tracker)

    class TestClass:
        async def test_three(self, execution_tracker):
            await run(execution_tracker)

        async def test_fails(self, execution_tracker):
            await run(execution_tracker)
            assert False

        async def test_cancelled(self, execution_tracker):
            check(execution_tracker)
            with pytest.raises(TimeoutError if hasattr(asyncio, "timeout") else asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.sleep(5), 0.01)

    async def test_at_the_end():
        assert shop.tracker.get_tracker().executions == {"app": 1}
        assert not hasattr(shop.tracker.get_tracker(), "task")
"""
)


@pytest.mark.parametrize("scope", ["function", "class", "module", "session"])
def test_asynchronous_tests_on_loops_of_every_scope(suite: Suite, scope: str) -> None:
    text = ASYNC.replace("SCOPE", scope)
    if scope == "class":  # functions have no class
        text = text.replace("pytestmark = ", "mark = ").replace("    async def test_", "    @mark\n    async def test_")
        text = text.replace('loop_scope="class"', 'loop_scope="function"')
        text = text.replace("    class TestClass", '    @pytest.mark.asyncio(loop_scope="class")\n    class TestClass')
        text = text.replace("        @mark\n    async def", "        async def")
    result = suite.run(text, "-o", LOOPS, ssots=ssot())
    result.assert_outcomes(passed=5, failed=1)


def test_workers_of_xdist(suite: Suite) -> None:
    result = suite.run(
        PLAIN
        + """
    @pytest.mark.parametrize("number", range(10))
    def test_function(execution_tracker, number):
        check(execution_tracker)
        """,
        *("-n", "2"),
        ssots=ssot(),
    )
    result.assert_outcomes(passed=10)


def test_every_table_by_its_own_fixture_and_by_name(suite: Suite) -> None:
    result = suite.run(
        PLAIN
        + """
    def test_both(tracker_of_ours, other, ssot):
        check(tracker_of_ours)
        assert type(other).__name__ == "Other"
        assert ssot["execution"] is tracker_of_ours
        assert ssot["second"] is other
        assert tracker_of_ours.executions == {"x": 1}

    def test_by_name(ssot):
        check(ssot["execution"])
        assert ssot["execution"].executions == {"x": 1}
        assert list(ssot) == ["execution", "second"]
        assert len(ssot) == 2
        assert "second" in ssot
        assert "third" not in ssot
        assert repr(ssot) == "<ssot: execution, second>"

    def test_by_name_then_by_fixture(ssot, request):
        ssot["execution"].executions["kept"] = 1
        assert request.getfixturevalue("tracker_of_ours").executions == {"kept": 1}

    def test_unknown(ssot):
        with pytest.raises(KeyError) as caught:
            ssot["third"]
        assert str(caught.value) == "no table [tool.ssot_tracker.ssot.third]; there are: execution, second"
        assert ssot.get("third") is None

    def test_at_the_end():
        assert shop.tracker.get_tracker().executions == {"app": 1}
        """,
        ssots=", ".join(
            [
                ssot(more='fixture="tracker_of_ours"'),
                ssot("second", of="Other", get="get_other", more='fixture="other"'),
            ]
        ),
    )
    result.assert_outcomes(passed=5)


def test_the_default_fixture_is_the_table_that_claims_it(suite: Suite) -> None:
    result = suite.run(
        "def test_it(execution_tracker):\n    assert type(execution_tracker).__name__ == 'Other'\n",
        ssots=", ".join(
            [ssot("execution"), ssot("second", of="Other", get="get_other", more='fixture="execution_tracker"')]
        ),
    )
    result.assert_outcomes(passed=1)


def test_the_default_fixture_is_the_only_table_whatever_its_name(suite: Suite) -> None:
    result = suite.run(
        "def test_it(execution_tracker, mine):\n    assert execution_tracker is mine\n",
        ssots=ssot("orders", more='fixture="mine"'),
    )
    result.assert_outcomes(passed=1)


def test_the_default_fixture_among_several_unclaimed_tables_says_what_to_add(suite: Suite) -> None:
    result = suite.run(
        "def test_it(execution_tracker):\n    pass\n",
        ssots=", ".join([ssot("one"), ssot("two", of="Other", get="get_other")]),
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "execution_tracker: no table has this fixture, and there are several: one, two. "
            "Add to the table that is meant:",
            "[[]tool.ssot_tracker.ssot.one[]]",
            'fixture = "execution_tracker"',
            'or ask for the fixture `ssot` and take ssot[[]"one"[]].',
        ]
    )


@pytest.mark.parametrize("fixture", ["execution_tracker", "ssot"])
def test_with_nothing_configured_asking_is_an_error_that_shows_the_lines_to_add(suite: Suite, fixture: str) -> None:
    result = suite.run(f"def test_it({fixture}):\n    pass\n\ndef test_other():\n    pass\n")
    result.assert_outcomes(errors=1, passed=1)
    text = result.stdout.str()
    assert NOT_CONFIGURED.format(fixture=fixture) in text
    assert "Traceback" not in text


def test_the_text_for_nothing_configured() -> None:
    assert NOT_CONFIGURED.format(fixture="execution_tracker") == textwrap.dedent(
        """\
        execution_tracker: no single source of truth is configured, or --no-ssot switches it off. Add to pyproject.toml:

        [tool.ssot_tracker.ssot.execution]
        canonical = "your_package.tracker:ExecutionTracker"
        accessors = ["your_package.tracker:get_execution_tracker"]
        fixture   = "execution_tracker"
        """
    )


def test_an_accessor_that_cannot_be_had_is_an_error_without_traceback(suite: Suite) -> None:
    result = suite.run("def test_it(execution_tracker):\n    pass\n", ssots=ssot(get="gone"))
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["[[]tool.ssot_tracker.ssot.execution[]] accessors: shop.tracker:gone does not exist: *"]
    )
    result.stdout.no_fnmatch_line("*fixtures.py*")


def test_what_a_failing_test_left_running_is_in_its_report(suite: Suite) -> None:
    result = suite.run(
        """
        import threading
        stop = threading.Event()
        def test_it(execution_tracker):
            threading.Thread(target=stop.wait, name="beat", daemon=True).start()
            assert False
        def test_after():
            stop.set()
        """,
        ssots=ssot(),
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*ssot execution teardown*", "the Thread beat still runs after the test"])


def test_fixtures_can_be_overridden_by_a_conftest(suite: Suite) -> None:
    result = suite.run(
        """
        import pytest
        @pytest.fixture
        def execution_tracker(execution_tracker):
            execution_tracker.executions["mine"] = 1
            return execution_tracker
        def test_it(execution_tracker):
            assert execution_tracker.executions == {"mine": 1}
        """,
        ssots=ssot(),
    )
    result.assert_outcomes(passed=1)


def test_without_configuration_there_are_just_the_two() -> None:
    assert {name for name in vars(fixtures()) if not name.startswith("__")} == {"execution_tracker", "ssot"}


def test_the_error_for_an_unknown_table_survives_pickling() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(UnknownTableError("x", ("a", "b"))))
    assert str(error) == "no table [tool.ssot_tracker.ssot.x]; there are: a, b"
