"""Cases of `deprecated-use` where the target is no plain function or class."""

from __future__ import annotations

from ..case import Case, Seen, Site, call, collected, setup

USE = "deprecated-use"
IMPORT = "deprecated-import"
ITSELF = "contract 10: nothing that is watched is replaced by something of another type"
CALLS = {"in-place": "it has no Python code of its own; what a statement calls is told from 3.12"}

FIXTURES = """
import pytest

@pytest.fixture
def plain():
    return "old"

@pytest.fixture(scope="session")
def wide():
    return "old"

@pytest.fixture(name="renamed")
def _named():
    yield "old"

@pytest.fixture
def failing():
    pytest.skip("it has always been skipped")
"""


def deprecated(*targets: str) -> dict[str, dict[str, list[str]]]:
    """Return the configuration that deprecates `targets`."""
    return {"ssot.proj": {"deprecated": list(targets)}}


CASES = [
    Case(
        slug="fixture_requests",
        says="a deprecated fixture is used by whoever requests it: test, fixture, usefixtures or getfixturevalue",
        about=ITSELF,
        files={
            "old.py": FIXTURES,
            "conftest.py": """
            import pytest
            from proj.old import plain, wide, _named  # site: import

            @pytest.fixture
            def between(plain):  # site: between
                return plain
            """,
            "test_it.py": """
            import pytest

            def test_direct(plain):  # site: direct
                assert plain == "old"

            def test_between(between):
                assert between == "old"

            @pytest.mark.usefixtures("plain")
            def test_marked():  # site: marked
                pass

            def test_asks(request):
                assert request.getfixturevalue("plain") == "old"  # site: asks
                assert request.getfixturevalue("plain") == "old"  # site: again

            class TestWide:
                def test_one(self, wide):  # site: one
                    pass

                def test_two(self, wide, between):  # site: two
                    pass

            @pytest.mark.parametrize("n", [1, 2])
            def test_named(n, renamed):  # site: named
                assert renamed == "old"

            def test_fine():
                pass
            """,
        },
        config=deprecated("proj.old:plain", "proj.old:wide", "proj.old:_named"),
        sites=(
            *(Site("import", IMPORT, f"proj.old:{name}", seen=(collected(),)) for name in ("plain", "wide", "_named")),
            Site(
                "between",
                USE,
                "proj.old:plain",
                seen=(
                    setup(None, "test_between"),
                    Seen("proj/test_it.py::TestWide::test_two", "setup"),
                ),
            ),
            Site("direct", USE, "proj.old:plain", seen=(setup(None, "test_direct"),)),
            Site("marked", USE, "proj.old:plain", seen=(setup(None, "test_marked"),)),
            Site("asks", USE, "proj.old:plain", "test_asks", (call(test="test_asks"),)),
            Site("again", USE, "proj.old:plain", "test_asks", (call(test="test_asks"),)),
            Site(
                "one",
                USE,
                "proj.old:wide",
                "TestWide",
                (Seen("proj/test_it.py::TestWide::test_one", "setup"),),
            ),
            Site(
                "two",
                USE,
                "proj.old:wide",
                "TestWide",
                (Seen("proj/test_it.py::TestWide::test_two", "setup"),),
            ),
            Site(
                "named",
                USE,
                "proj.old:_named",
                seen=(setup(None, "test_named[1]"), setup(None, "test_named[2]")),
            ),
        ),
    ),
    Case(
        slug="fixture_that_skips",
        says="a deprecated fixture that skips the test has been requested all the same",
        about=ITSELF,
        files={
            "old.py": FIXTURES,
            "conftest.py": "from proj.old import failing  # site: import\n",
            "test_it.py": """
            def test_it(failing):  # site: here
                pass
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:failing"], "phase": "baseline"}},
        sites=(
            Site("import", IMPORT, "proj.old:failing", seen=(collected(),)),
            Site("here", USE, "proj.old:failing", seen=(setup(None),)),
        ),
        outcomes={"test_it": "skipped"},
    ),
    Case(
        slug="fixture_autouse",
        says="a deprecated fixture that is autouse is a blind spot, and a site where it is requested by name",
        about=ITSELF,
        files={
            "conftest.py": """
            import pytest

            @pytest.fixture(autouse=True)
            def everywhere():
                return 1
            """,
            "test_it.py": """
            def test_it(everywhere):  # site: here
                assert everywhere == 1

            def test_without():
                pass
            """,
        },
        config=deprecated("proj.conftest:everywhere"),
        sites=(Site("here", USE, "proj.conftest:everywhere", seen=(setup(None),)),),
        blind_spots={"proj.conftest:everywhere": "autouse"},
    ),
]
