"""Cases of attribution: which test, which step, which fixture."""

from __future__ import annotations

from ..case import ANY, Case, Seen, Site, call, collected, late, never, setup, teardown
from .legacy import NAME, OLD

RULE = "deprecated-use"
TRACKER = "proj.old:Tracker"
LINE = "issue 2: attribution to test, phase and fixture (with its scope)"


def one(slug: str, says: str, test: str, *sites: Site, **more: object) -> Case:
    """Return a case about `proj.old:Tracker` with these `sites`."""
    given: dict[str, object] = {
        "slug": slug,
        "says": says,
        "about": LINE,
        "files": {"old.py": OLD, "test_it.py": test},
        "config": NAME,
        "sites": sites,
    }
    return Case(**{**given, **more})  # type: ignore[arg-type]


def use(label: str, scope: str, *seen: Seen) -> Site:
    """Return the site of a construction."""
    return Site(label, RULE, TRACKER, scope, seen)


def wide(scope: str) -> Case:
    """Return the case of a fixture wider than one test."""
    return one(
        f"{scope}_fixture",
        f"set-up of a {scope} fixture belongs to the test that triggered it, its teardown to the session",
        f"""
        import pytest
        from proj import old

        @pytest.fixture(scope="{scope}")
        def tracker():
            old.Tracker()  # site: setup
            yield
            old.Tracker()  # site: teardown

        class TestIt:
            def test_first(self):
                pass

            def test_second(self, tracker):
                pass

            def test_third(self, tracker):
                pass
        """,
        use("setup", "tracker", setup("tracker", "proj/test_it.py::TestIt::test_second")),
        use("teardown", "tracker", late("tracker")),
        spread=False,
    )


RERUN = """
from proj import old

attempts = []

def test_it():
    attempts.append(1)
    old.Tracker()  # site: here
    assert len(attempts) == 3
"""

ORDER = """
import pytest
from proj import old

@pytest.fixture(scope="module")
def tracker():
    return old.Tracker()  # site: fixture

def test_one(tracker):
    pass

def test_two():
    old.Tracker()  # site: two

def test_three():
    pass

def test_four():
    old.Tracker()  # site: four
"""

CASES = [
    one(
        "function_fixture",
        "set-up and teardown of a function fixture belong to its test, each under its own step",
        """
        import pytest
        from proj import old

        @pytest.fixture
        def tracker():
            old.Tracker()  # site: setup
            yield
            old.Tracker()  # site: teardown

        def test_it(tracker):
            pass

        def test_other():
            pass
        """,
        use("setup", "tracker", setup("tracker")),
        use("teardown", "tracker", teardown("tracker")),
    ),
    one(
        "fixture_of_a_fixture",
        "a fixture that another one asks for is charged under its own name",
        """
        import pytest
        from proj import old

        @pytest.fixture
        def inner():
            return old.Tracker()  # site: inner

        @pytest.fixture
        def outer(inner):
            return old.Tracker()  # site: outer

        def test_it(outer):
            pass
        """,
        use("inner", "inner", setup("inner")),
        use("outer", "outer", setup("outer")),
    ),
    one(
        "dynamic_fixture",
        "a fixture asked for in the body of a test is charged under its name, what follows it is not",
        """
        import pytest
        from proj import old

        @pytest.fixture
        def tracker():
            return old.Tracker()  # site: fixture

        def test_it(request):
            request.getfixturevalue("tracker")
            old.Tracker()  # site: body
        """,
        use("fixture", "tracker", Seen("test_it", "call", 1, "tracker")),
        use("body", "test_it", call()),
    ),
    one(
        "autouse_fixture",
        "an autouse fixture is charged to each of its tests",
        """
        import pytest
        from proj import old

        @pytest.fixture(autouse=True)
        def tracker():
            return old.Tracker()  # site: here

        def test_one():
            pass

        def test_two():
            pass
        """,
        use("here", "tracker", setup("tracker", "test_one"), setup("tracker", "test_two")),
    ),
    one(
        "parametrized_fixture",
        "each parameter of a fixture is charged to its own test",
        """
        import pytest
        from proj import old

        @pytest.fixture(params=["a", "b"])
        def tracker(request):
            return old.Tracker(request.param)  # site: here

        def test_it(tracker):
            pass
        """,
        use("here", "tracker", setup("tracker", "test_it[a]"), setup("tracker", "test_it[b]")),
    ),
    one(
        "nested_teardown",
        "teardowns of fixtures that build on each other are charged under their own names",
        """
        import pytest
        from proj import old

        @pytest.fixture
        def inner():
            yield
            old.Tracker()  # site: inner

        @pytest.fixture
        def outer(inner):
            yield
            old.Tracker()  # site: outer

        def test_it(outer):
            pass
        """,
        use("inner", "inner", teardown("inner")),
        use("outer", "outer", teardown("outer")),
    ),
    one(
        "parametrized_module_fixture",
        "a parameter of a module fixture that is torn down while the next test is set up belongs to the session",
        """
        import pytest
        from proj import old

        @pytest.fixture(scope="module", params=["a", "b"])
        def tracker(request):
            old.Tracker()  # site: setup
            yield
            old.Tracker()  # site: teardown

        def test_it(tracker):
            pass
        """,
        use("setup", "tracker", setup("tracker", "test_it[a]"), setup("tracker", "test_it[b]")),
        use("teardown", "tracker", late("tracker", 2)),
        spread=False,
    ),
    one(
        "runtest_hooks",
        "what a conftest's hooks do in the set-up and teardown of a test belongs to the test and to no fixture",
        "",
        use("up", "pytest_runtest_setup", setup(None)),
        use("down", "pytest_runtest_teardown", teardown(None)),
        files={
            "old.py": OLD,
            "conftest.py": """
            from proj import old

            def pytest_runtest_setup(item):
                old.Tracker()  # site: up

            def pytest_runtest_teardown(item):
                old.Tracker()  # site: down
            """,
            "test_it.py": "def test_it(): pass\n",
        },
    ),
    one(
        "session_hooks",
        "what a conftest's hooks do before the tests belongs to the collection",
        "",
        use("configure", "pytest_configure", collected()),
        use("start", "pytest_sessionstart", collected()),
        files={
            "old.py": OLD,
            "/conftest.py": """
            from proj import old

            def pytest_configure(config):
                old.Tracker()  # site: configure

            def pytest_sessionstart(session):
                old.Tracker()  # site: start
            """,
            "test_it.py": "def test_it(): pass\n",
        },
        alone=True,
        exit=1,
    ),
    one(
        "session_finish_hook",
        "what a conftest's hook does when the session has ended",
        "",
        use("here", "pytest_sessionfinish", Seen(None, "teardown", 1, None, "unattributed")),
        files={
            "old.py": OLD,
            "/conftest.py": """
            def pytest_sessionfinish(session):
                from proj import old
                old.Tracker()  # site: here
            """,
            "test_it.py": "def test_it(): pass\n",
        },
        alone=True,
        limits=never("the result is written first thing when the session ends, so that other hooks find it"),
    ),
    one(
        "between_tests_hook",
        "what a conftest's hook does between two tests is booked as unattributed, not on either of them",
        "",
        use("here", "pytest_runtest_logfinish", Seen(None, "teardown", 1, None, "unattributed")),
        files={
            "old.py": OLD,
            "/conftest.py": """
            def pytest_runtest_logfinish(nodeid):
                if nodeid.endswith("test_one"):
                    from proj import old
                    old.Tracker()  # site: here
            """,
            "test_it.py": """
            def test_one(): pass
            def test_two(): pass
            """,
        },
        alone=True,
        exit=1,
    ),
    one(
        "skip_after_a_violation",
        "a test that violates and then skips itself fails",
        """
        import pytest
        from proj import old

        def test_it():
            old.Tracker()  # site: here
            pytest.skip("not today")
        """,
        use("here", "test_it", call()),
    ),
    one(
        "subtests",
        "what happens in a subtest belongs to its test",
        """
        from proj import old

        def test_it(subtests):
            for name in "ab":
                with subtests.test(name):
                    old.Tracker()  # site: here
        """,
        use("here", "test_it", call(2)),
    ),
    one(
        "async_test",
        "an async test and its async fixture are charged as others are",
        """
        import asyncio
        import pytest
        import pytest_asyncio
        from proj import old

        @pytest_asyncio.fixture
        async def tracker():
            await asyncio.sleep(0)
            old.Tracker()  # site: setup
            yield
            old.Tracker()  # site: teardown

        @pytest.mark.asyncio
        async def test_it(tracker):
            await asyncio.sleep(0)
            old.Tracker()  # site: body
        """,
        use("setup", "tracker", setup("tracker")),
        use("body", "test_it", call()),
        use("teardown", "tracker", teardown("tracker")),
        args=("-p", "pytest_asyncio.plugin"),
        alone=True,
        exit=1,
    ),
    one(
        "finalizer",
        "a finalizer of a function fixture belongs to the teardown of its test",
        """
        import pytest
        from proj import old

        @pytest.fixture
        def tracker(request):
            def close():
                old.Tracker()  # site: here
            request.addfinalizer(close)

        def test_it(tracker):
            pass
        """,
        use("here", "tracker.close", teardown("tracker")),
    ),
    one(
        "fixture_that_raises",
        "what a fixture did before it raised belongs to the set-up",
        """
        import pytest
        from proj import old

        @pytest.fixture
        def tracker():
            old.Tracker()  # site: here
            raise RuntimeError("no")

        def test_it(tracker):
            pass
        """,
        use("here", "tracker", setup("tracker")),
        outcomes={"test_it": "error"},
    ),
    *(wide(scope) for scope in ("class", "module", "package", "session")),
    one(
        "conftest_session_fixture",
        "a session fixture of a conftest is charged to the first test that asks for it",
        "",
        use("here", "tracker", setup("tracker", "test_second")),
        files={
            "old.py": OLD,
            "conftest.py": """
            import pytest
            from proj import old

            @pytest.fixture(scope="session")
            def tracker():
                return old.Tracker()  # site: here
            """,
            "test_it.py": """
            def test_first():
                pass

            def test_second(tracker):
                pass

            def test_third(tracker):
                pass
            """,
        },
        spread=False,
    ),
    one(
        "lazily_made_singleton",
        "what is made once is charged to the test that came first, and to no other",
        "",
        use("here", "get", call(test="test_one")),
        files={
            "old.py": OLD,
            "app.py": """
            from proj import old

            made = []

            def get():
                if not made:
                    made.append(old.Tracker())  # site: here
                return made[0]
            """,
            "test_it.py": """
            from proj import app

            def test_one():
                app.get()

            def test_two():
                app.get()
            """,
        },
        spread=False,
    ),
    one(
        "setup_method",
        "setup_method and teardown_method belong to their test",
        """
        from proj import old

        class TestIt:
            def setup_method(self):
                old.Tracker()  # site: setup

            def teardown_method(self):
                old.Tracker()  # site: teardown

            def test_it(self):
                pass
        """,
        use("setup", "TestIt.setup_method", setup(ANY, "proj/test_it.py::TestIt::test_it")),
        use("teardown", "TestIt.teardown_method", teardown(ANY, "proj/test_it.py::TestIt::test_it")),
    ),
    one(
        "setup_class_and_module",
        "setup_class and setup_module belong to the first test, their teardowns to the session",
        """
        from proj import old

        def setup_module():
            old.Tracker()  # site: module-up

        def teardown_module():
            old.Tracker()  # site: module-down

        class TestIt:
            @classmethod
            def setup_class(cls):
                old.Tracker()  # site: class-up

            @classmethod
            def teardown_class(cls):
                old.Tracker()  # site: class-down

            def test_one(self):
                pass

            def test_two(self):
                pass
        """,
        use("module-up", "setup_module", setup(ANY, "proj/test_it.py::TestIt::test_one")),
        use("class-up", "TestIt.setup_class", setup(ANY, "proj/test_it.py::TestIt::test_one")),
        use("class-down", "TestIt.teardown_class", late(ANY)),
        use("module-down", "teardown_module", late(ANY)),
        spread=False,
    ),
    one(
        "test_case",
        "unittest: setUp, tearDown, cleanups and the test itself belong to the test",
        """
        import unittest
        from proj import old

        class ItTest(unittest.TestCase):
            def setUp(self):
                old.Tracker()  # site: up
                self.addCleanup(old.Tracker)  # site: cleanup

            def tearDown(self):
                old.Tracker()  # site: down

            def test_it(self):
                old.Tracker()  # site: body
        """,
        use("up", "ItTest.setUp", call(test="proj/test_it.py::ItTest::test_it")),
        use("cleanup", "ItTest.setUp", call(test="proj/test_it.py::ItTest::test_it")),
        use("down", "ItTest.tearDown", call(test="proj/test_it.py::ItTest::test_it")),
        use("body", "ItTest.test_it", call(test="proj/test_it.py::ItTest::test_it")),
        about="issue 2: unittest.TestCase",
    ),
    one(
        "test_case_class",
        "unittest: setUpClass belongs to the first test, tearDownClass to the session",
        """
        import unittest
        from proj import old

        class ItTest(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                old.Tracker()  # site: up

            @classmethod
            def tearDownClass(cls):
                old.Tracker()  # site: down

            def test_one(self):
                pass

            def test_two(self):
                pass
        """,
        use("up", "ItTest.setUpClass", setup(ANY, "proj/test_it.py::ItTest::test_one")),
        use("down", "ItTest.tearDownClass", late(ANY)),
        about="issue 2: unittest.TestCase",
        spread=False,
    ),
    one(
        "at_collection",
        "a use at the top of a test module or as a parameter is booked on the collection",
        """
        import pytest
        from proj import old

        made = old.Tracker()  # site: top

        @pytest.mark.parametrize("tracker", [old.make(), old.Tracker()])  # site: parameter
        def test_it(tracker):
            pass
        """,
        use("top", "<module>", collected()),
        use("parameter", "<module>", collected()),
    ),
    one(
        "in_a_conftest",
        "a use in a conftest is booked on the collection",
        "",
        use("here", "<module>", collected()),
        files={
            "old.py": OLD,
            "conftest.py": """
            from proj import old

            tracker = old.Tracker()  # site: here
            """,
            "test_it.py": "def test_it(): pass\n",
        },
    ),
    one(
        "in_a_collection_hook",
        "a use in a conftest's collection hook is booked on the collection",
        "",
        use("here", "pytest_collection_modifyitems", collected()),
        files={
            "old.py": OLD,
            "/conftest.py": """
            def pytest_collection_modifyitems(items):
                from proj import old
                old.Tracker()  # site: here
            """,
            "test_it.py": "def test_it(): pass\n",
        },
        alone=True,
        exit=1,
    ),
    one(
        "doctest_calls_ours",
        "a doctest that calls our code is charged for what that code does",
        "",
        use("here", "build", Seen("proj/app.py::proj.app.build", "call")),
        files={
            "old.py": OLD,
            "app.py": '''
            from proj import old

            def build():
                """Make one.

                >>> build()
                't'
                """
                return old.Tracker().name  # site: here
            ''',
        },
        about="issue 2: doctests",
        args=("--doctest-modules",),
    ),
    one(
        "doctest_itself",
        "a use written in a doctest is charged to it, at the line of the docstring",
        "",
        Site("here", RULE, TRACKER, "build", (Seen("proj/app.py::proj.app.build", "call"),), text="old.Tracker().name"),
        files={
            "old.py": OLD,
            "app.py": '''
            from proj import old

            def build():
                """Make one.

                >>> old.Tracker().name  # site: here
                't'
                """
            ''',
        },
        about="issue 2: doctests",
        args=("--doctest-modules",),
    ),
    one(
        "doctest_file",
        "a doctest in a text file that calls our code is charged for what that code does",
        "",
        use("here", "build", Seen("proj/guide.txt::guide.txt", "call")),
        files={
            "old.py": OLD,
            "app.py": """
            from proj import old

            def build():
                return old.Tracker().name  # site: here
            """,
            "guide.txt": """
            >>> from proj.app import build
            >>> build()
            't'
            """,
        },
        about="issue 2: doctests",
        args=("--doctest-glob=*.txt",),
        alone=True,
    ),
    one(
        "rerun_until_passed",
        "a test that is rerun counts with its last attempt",
        RERUN,
        use("here", "test_it", call()),
        about="trap 11; issue 2: under reruns",
        config={"ssot.proj": {"deprecated": [TRACKER], "phase": "baseline"}},
        args=("-p", "pytest_rerunfailures", "--reruns", "3"),
        alone=True,
        outcomes={"test_it": "passed"},
        exit=0,
    ),
    one(
        "rerun_for_a_violation",
        "a test that fails for its violation at every attempt counts once",
        """
        from proj import old

        def test_it():
            old.Tracker()  # site: here
        """,
        use("here", "test_it", call()),
        about="trap 11; issue 2: under reruns",
        args=("-p", "pytest_rerunfailures", "--reruns", "2"),
        alone=True,
        exit=1,
    ),
    one(
        "rerun_without_last_violation",
        "a test whose last attempt does not violate passes",
        """
        from proj import old

        attempts = []

        def test_it():
            attempts.append(1)
            if len(attempts) == 1:
                old.Tracker()
        """,
        rule=RULE,
        about="contract 10: a rerun test counts with its last attempt",
        args=("-p", "pytest_rerunfailures", "--reruns", "2"),
        alone=True,
        exit=0,
    ),
    *(
        one(
            f"random_order_{seed}",
            f"tests in the random order of seed {seed} are charged as in the written one",
            ORDER,
            use("fixture", "tracker", setup("tracker", "test_one")),
            use("two", "test_two", call(test="test_two")),
            use("four", "test_four", call(test="test_four")),
            about="issue 2: under random order",
            args=("-p", "pytest_randomly", f"--randomly-seed={seed}"),
            alone=True,
            exit=1,
        )
        for seed in (1, 7)
    ),
    one(
        "nested_run",
        "the tests of a run that a test starts in its own process do not disturb the attribution of the outer one",
        """
        import pytest
        from proj import old

        pytest_plugins = []

        def test_it(tmp_path):
            (tmp_path / "test_inner.py").write_text("def test_inner(): pass")
            assert pytest.main(["-q", "-p", "no:cacheprovider", str(tmp_path)]) == 0
            old.Tracker()  # site: here
        """,
        use("here", "test_it", call()),
        about="trap 11",
    ),
]
