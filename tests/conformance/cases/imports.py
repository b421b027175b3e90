"""Cases of `deprecated-import`."""

from __future__ import annotations

from ..case import Case, Seen, Site, call, collected, never, setup
from .legacy import MODULE, NAME, OLD

RULE = "deprecated-import"
OURS = "issue 2: later importers and the import hook; contract 3: deprecated-import"


def one(slug: str, says: str, body: str, *, target: str = "proj.old", **more: object) -> Case:
    """Return a case whose one site, labelled `here`, stands in the body of `test_it`."""
    given: dict[str, object] = {
        "slug": slug,
        "says": says,
        "about": OURS,
        "files": {"old.py": OLD, "test_it.py": body},
        "config": MODULE,
        "sites": (Site("here", RULE, target, "test_it"),),
    }
    return Case(**{**given, **more})  # type: ignore[arg-type]


CASES = [
    one(
        "plain_import",
        "a plain import of a deprecated module is seen",
        """
        def test_it():
            import proj.old  # site: here
        """,
    ),
    one(
        "aliased_import",
        "an import under another name is seen",
        """
        def test_it():
            import proj.old as legacy  # site: here
        """,
    ),
    one(
        "from_import",
        "a from-import out of a deprecated module is seen, its target the name",
        """
        def test_it():
            from proj.old import Tracker  # site: here
        """,
        target="proj.old:Tracker",
    ),
    one(
        "from_package_import",
        "a deprecated module taken from its package is seen",
        """
        def test_it():
            from proj import old  # site: here
        """,
    ),
    one(
        "relative_module_import",
        "a relative import of the module is seen",
        """
        def test_it():
            from . import old  # site: here
        """,
    ),
    one(
        "relative_name_import",
        "a relative import of a name is seen",
        """
        def test_it():
            from .old import Tracker as Alias  # site: here
        """,
        target="proj.old:Tracker",
    ),
    Case(
        slug="star_import",
        says="a star import is seen, in the module that does it",
        about=OURS,
        files={
            "old.py": OLD,
            "app.py": "from proj.old import *  # site: here\n",
            "test_it.py": """
            def test_it():
                import proj.app
            """,
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old"),),
    ),
    Case(
        slug="several_names_import",
        says="one statement that imports two deprecated names is a site for each",
        about=OURS,
        files={
            "old.py": OLD,
            "test_it.py": """
            def test_it():
                from proj.old import Tracker, make  # site: here
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker", "proj.old:make"]}},
        sites=(
            Site("here", RULE, "proj.old:Tracker", "test_it"),
            Site("here", RULE, "proj.old:make", "test_it"),
        ),
    ),
    Case(
        slug="reexported_import",
        says="a deprecated name imported from a module that re-exports it is seen at both statements",
        about=OURS,
        files={
            "old.py": OLD,
            "api.py": "from proj.old import Tracker  # site: inner\n",
            "test_it.py": """
            def test_it():
                from proj.api import Tracker  # site: outer
            """,
        },
        config=NAME,
        sites=(
            Site("inner", RULE, "proj.old:Tracker"),
            Site("outer", RULE, "proj.old:Tracker", "test_it"),
        ),
    ),
    Case(
        slug="reexported_by_package",
        says="a deprecated name that a package's __init__ re-exports is seen where it is taken from there",
        about=OURS,
        files={
            "old.py": OLD,
            "shop/__init__.py": "from ..old import make  # site: inner\n",
            "test_it.py": """
            def test_it():
                from .shop import make  # site: outer
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:make"]}},
        sites=(Site("inner", RULE, "proj.old:make"), Site("outer", RULE, "proj.old:make", "test_it")),
    ),
    one(
        "import_module",
        "importlib.import_module is seen at its caller",
        """
        import importlib

        def test_it():
            importlib.import_module("proj.old")  # site: here
        """,
    ),
    one(
        "import_module_bound_before",
        "import_module under an alias bound at import is seen",
        """
        from importlib import import_module as load

        def test_it():
            load("proj.old")  # site: here
        """,
    ),
    one(
        "import_module_relative",
        "import_module with a relative name is seen",
        """
        import importlib

        def test_it():
            importlib.import_module(".old", package="proj")  # site: here
        """,
    ),
    one(
        "import_module_loaded",
        "import_module of a module that is loaded already is seen",
        """
        import importlib
        import sys

        def test_it():
            for _ in range(2):
                importlib.import_module("proj.old")  # site: here
            assert "proj.old" in sys.modules
        """,
        sites=(Site("here", RULE, "proj.old", "test_it", (call(2),)),),
    ),
    one(
        "dunder_import",
        "__import__ called by hand is seen",
        """
        def test_it():
            __import__("proj.old")  # site: here
        """,
    ),
    one(
        "resolve_name",
        "pkgutil.resolve_name is seen at its caller",
        """
        import pkgutil

        def test_it():
            pkgutil.resolve_name("proj.old:Tracker")  # site: here
        """,
    ),
    one(
        "importorskip",
        "pytest.importorskip is seen at its caller",
        """
        import pytest

        def test_it():
            pytest.importorskip("proj.old")  # site: here
        """,
    ),
    one(
        "run_module",
        "runpy.run_module is seen at its caller",
        """
        import runpy

        def test_it():
            runpy.run_module("proj.old")  # site: here
        """,
    ),
    one(
        "mock_patch_multiple",
        "mock.patch.multiple and mock.patch.dict with a string are seen",
        """
        from unittest import mock

        def test_it():
            with mock.patch.multiple("proj.old", make=None):  # site: multiple
                pass
            with mock.patch.dict("proj.old.TABLE", a=1):  # site: dict
                pass
        """,
        files={
            "old.py": "TABLE = {}\nmake = None\n",
            "test_it.py": """
            from unittest import mock

            def test_it():
                with mock.patch.multiple("proj.old", make=None):  # site: multiple
                    pass
                with mock.patch.dict("proj.old.TABLE", a=1):  # site: dict
                    pass
            """,
        },
        sites=(Site("multiple", RULE, "proj.old", "test_it"), Site("dict", RULE, "proj.old", "test_it")),
    ),
    one(
        "mock_patch_with",
        "mock.patch with a string, as a context manager, is seen",
        """
        from unittest import mock

        def test_it():
            with mock.patch("proj.old.Tracker"):  # site: here
                pass
        """,
    ),
    one(
        "mock_patch_start",
        "mock.patch with a string, started by hand, is seen",
        """
        from unittest import mock

        def test_it():
            patcher = mock.patch("proj.old.Tracker")
            patcher.start()  # site: here
            patcher.stop()
        """,
    ),
    one(
        "mock_patch_decorator",
        "mock.patch with a string, as a decorator, is seen at the decorator",
        """
        from unittest import mock

        @mock.patch("proj.old.Tracker")  # site: here
        def test_it(tracker):
            assert tracker
        """,
        sites=(Site("here", RULE, "proj.old"),),
    ),
    one(
        "mock_patch_name",
        "mock.patch with the string of a deprecated name is seen, in a module not deprecated itself",
        """
        from unittest import mock

        def test_it():
            with mock.patch("proj.old.Tracker"):  # site: here
                pass
        """,
        config=NAME,
        target="proj.old:Tracker",
    ),
    one(
        "monkeypatch_setattr",
        "monkeypatch.setattr with a string is seen",
        """
        def test_it(monkeypatch):
            monkeypatch.setattr("proj.old.Tracker", object)  # site: here
        """,
    ),
    Case(
        slug="later_importer",
        says="an import inside a function body, of a module loaded long ago, is seen each time at its own line",
        about="trap 6; issue 2: later importers of an already loaded deprecated module",
        files={
            "old.py": OLD,
            "app.py": """
            def use():
                import proj.old  # site: later
                return proj.old
            """,
            "test_it.py": """
            import proj.old as first  # site: first
            from proj import app

            def test_it():
                for _ in range(3):
                    assert app.use() is first
            """,
        },
        config=MODULE,
        sites=(
            Site("first", RULE, "proj.old", seen=(collected(),)),
            Site("later", RULE, "proj.old", "use", (call(3),)),
        ),
    ),
    Case(
        slug="later_from_importer",
        says="a from-import of a loaded module inside a function body is seen, in every test that runs it",
        about="trap 6; issue 2: later importers of an already loaded deprecated module",
        files={
            "old.py": OLD,
            "app.py": """
            def use():
                from .old import make  # site: later
                return make
            """,
            "test_it.py": """
            from . import app

            def test_one():
                app.use()

            def test_two():
                app.use()
            """,
        },
        config=MODULE,
        sites=(Site("later", RULE, "proj.old:make", "use", (call(test="test_one"), call(test="test_two"))),),
    ),
    Case(
        slug="submodule_import",
        says="a module below a deprecated package is deprecated; what the package imports of itself is no site",
        about="contract 2: module and all below it; contract 10: code of the defining module",
        files={
            "oldpkg/__init__.py": "from . import part\n",
            "oldpkg/part.py": "from . import rest\n",
            "oldpkg/rest.py": "",
            "test_it.py": """
            def test_it():
                import proj.oldpkg.rest  # site: here
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.oldpkg"]}},
        sites=(Site("here", RULE, "proj.oldpkg.rest", "test_it"),),
    ),
    Case(
        slug="pattern_import",
        says="a target with a star covers the modules it matches and no others",
        about="contract 2: * matches within one dotted part",
        files={
            "old_a.py": "",
            "older.py": "",
            "test_it.py": """
            def test_it():
                import proj.old_a  # site: here
                import proj.older
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old_*"]}},
        sites=(Site("here", RULE, "proj.old_a", "test_it"),),
    ),
    Case(
        slug="name_only",
        says="with a name deprecated, importing its module, its package or its neighbours is no site",
        about="contract 2: a target is spelled pkg.mod:Name",
        rule=RULE,
        files={
            "old.py": OLD,
            "test_it.py": """
            import proj
            import proj.old
            from proj import old
            from proj.old import make

            def test_it():
                import proj.old as again
                assert again is old
                assert make
            """,
        },
        config=NAME,
    ),
    Case(
        slug="type_checking_import",
        says="an import under TYPE_CHECKING does not run, so the run reports none",
        about="contract 10: TYPE_CHECKING imports are flagged sites of the scan",
        rule=RULE,
        files={
            "old.py": OLD,
            "test_it.py": """
            from __future__ import annotations
            from typing import TYPE_CHECKING

            if TYPE_CHECKING:
                from proj.old import Tracker

            def test_it(tracker: Tracker = None):
                assert tracker is None
            """,
        },
        config=MODULE,
    ),
    Case(
        slug="conftest_import",
        says="an import in a conftest is booked on the collection",
        about="trap 1; issue 2: conftests",
        files={
            "old.py": OLD,
            "conftest.py": "import proj.old  # site: here\n",
            "test_it.py": "def test_it(): pass\n",
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old", seen=(collected(),)),),
    ),
    Case(
        slug="initial_conftest_import",
        says="an import in the initial conftest, before pytest_configure, is seen",
        about="trap 1; issue 2: hooks go in before initial conftests are imported",
        files={
            "old.py": OLD,
            "/conftest.py": "import proj.old  # site: here\n",
            "test_it.py": "def test_it(): pass\n",
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old", seen=(collected(),)),),
        alone=True,
        exit=1,
    ),
    Case(
        slug="initial_conftest_app_import",
        says="an import in the application that the initial conftest loads is seen in the application's file",
        about="traps 1 and 19",
        files={
            "old.py": OLD,
            "app.py": "from proj.old import Tracker  # site: here\n",
            "/conftest.py": "import proj.app\n",
            "test_it.py": "def test_it(): pass\n",
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old:Tracker", seen=(collected(),)),),
        alone=True,
        exit=1,
    ),
    Case(
        slug="collection_import",
        says="an import at the top of a test module is booked on the collection and fails no test",
        about="contract 4: violations at collection",
        files={
            "old.py": OLD,
            "test_it.py": """
            import proj.old  # site: here

            def test_it(): pass
            """,
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old", seen=(collected(),)),),
    ),
    Case(
        slug="collection_exit",
        says="an import seen at collection only makes the session exit 1, its tests passed",
        about="contract 10: unmarked tests stay passed; the session exits 1",
        files={
            "old.py": OLD,
            "test_it.py": """
            import proj.old  # site: here

            def test_it(): pass
            """,
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old", seen=(collected(),)),),
        alone=True,
        exit=1,
    ),
    Case(
        slug="fixture_import",
        says="an import inside a fixture is booked on its set-up",
        about="issue 2: attribution to test, phase and fixture",
        files={
            "old.py": OLD,
            "test_it.py": """
            import pytest

            @pytest.fixture
            def legacy():
                import proj.old  # site: here
                return proj.old

            def test_it(legacy):
                assert legacy
            """,
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old", "legacy", (setup("legacy"),)),),
    ),
    Case(
        slug="class_body_import",
        says="an import in a class body has the class as its scope",
        about="contract 10: scope is __qualname__ without <locals>",
        files={
            "old.py": OLD,
            "test_it.py": """
            def test_it():
                class Shop:
                    import proj.old as legacy  # site: here
                assert Shop.legacy
            """,
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old", "test_it.Shop"),),
    ),
    Case(
        slug="one_line_two_imports",
        says="two statements on one line are two sites",
        about="contract 10: equal statements in one scope carry an ordinal",
        files={
            "old.py": OLD,
            "test_it.py": """
            def test_it():
                import proj.old; import proj.old  # site: here
            """,
        },
        config=MODULE,
        sites=(
            Site("here", RULE, "proj.old", "test_it", text="import proj.old"),
            Site("here", RULE, "proj.old", "test_it", text="import proj.old"),
        ),
    ),
    Case(
        slug="retired_import",
        says="a guarded import of a retired target is no violation of the run, and the target is listed as retired",
        about="contract 2 and 10: retired targets",
        rule=RULE,
        files={
            "test_it.py": """
            try:
                import proj.gone
            except ImportError:
                proj_gone = None

            def test_it():
                try:
                    from proj.gone import Tracker
                except ImportError:
                    Tracker = None
                assert Tracker is None
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.gone"]}},
        retired=("proj.gone",),
    ),
    Case(
        slug="retired_name_import",
        says="a guarded import of a retired name from a module that is still there is no violation of the run",
        about="contract 2 and 10: retired targets",
        rule=RULE,
        files={
            "old.py": OLD,
            "test_it.py": """
            def test_it():
                try:
                    from proj.old import Gone
                except ImportError:
                    Gone = None
                assert Gone is None
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:Gone"]}},
        retired=("proj.old:Gone",),
    ),
    Case(
        slug="import_that_raises",
        says="an import of a deprecated module that fails with an error of its own is seen",
        about="contract 3: any statement that imports a deprecated module",
        files={
            "old.py": "raise RuntimeError('not today')\n",
            "test_it.py": """
            import pytest

            def test_it():
                with pytest.raises(RuntimeError):
                    import proj.old  # site: here
            """,
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old", "test_it"),),
    ),
    Case(
        slug="library_import",
        says="a deprecated module imported by site-packages is no site, also when ours imports the library",
        about="issue 2: calls from the standard library and site-packages are not violations",
        rule=RULE,
        files={
            "old.py": OLD,
            "/site-packages/vendor_proj/__init__.py": "import proj.old\n",
            "test_it.py": """
            def test_it():
                import vendor_proj
                assert vendor_proj.proj.old
            """,
        },
        config=MODULE,
    ),
    Case(
        slug="allowed_import",
        says="an import by a module of allow_in is listed as allowed and fails nothing",
        about="contract 2: allow_in",
        files={
            "old.py": OLD,
            "core/bridge.py": "import proj.old  # site: here\n",
            "test_it.py": """
            def test_it():
                import proj.core.bridge
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old"], "allow_in": ["proj.core.**"]}},
        sites=(Site("here", RULE, "proj.old", status="allowed"),),
    ),
    Case(
        slug="third_party_import",
        says="a deprecated third-party module is judged for importers in source only",
        about="contract 2: a deprecated target outside the project's own packages",
        files={
            "/site-packages/vendor_proj/__init__.py": "",
            "app/work.py": """
            def work():
                import vendor_proj  # site: here
            """,
            "test_it.py": """
            from proj.app import work

            def test_it():
                import vendor_proj
                work.work()
            """,
        },
        config={"ssot.proj": {"deprecated": ["vendor_proj"]}},
        source=("app",),
        sites=(Site("here", RULE, "vendor_proj", "work"),),
    ),
    Case(
        slug="import_of_the_package",
        says="importing the package above a deprecated module is no site",
        about="contract 2: module and all below it",
        rule=RULE,
        files={
            "old.py": OLD,
            "test_it.py": """
            def test_it():
                import proj
                import proj.fine
            """,
            "fine.py": "",
        },
        config=MODULE,
    ),
    Case(
        slug="imports_in_two_tests",
        says="each test that runs an import of its own is charged for its own statement",
        about="trap 6",
        files={
            "old.py": OLD,
            "test_it.py": """
            def test_one():
                import proj.old  # site: one

            def test_two():
                import proj.old  # site: two

            def test_three():
                assert True
            """,
        },
        config=MODULE,
        sites=(
            Site("one", RULE, "proj.old", "test_one", (call(test="test_one"),)),
            Site("two", RULE, "proj.old", "test_two", (call(test="test_two"),)),
        ),
    ),
    Case(
        slug="lazy_import",
        says="a lazy import, which imports where the module is first used",
        about="trap 9",
        files={
            "old.py": OLD,
            "test_it.py": """
            lazy import proj.old

            def test_it():
                proj.old.make()  # site: here
            """,
        },
        config=MODULE,
        sites=(Site("here", RULE, "proj.old", "test_it", (Seen("test_it", "call"),)),),
        python=(3, 15),
        limits=never("the statement exists from 3.15 on, which is not supported yet"),
    ),
]
