"""Cases of what must stay as it is: assertion rewriting, loaders, the lines that warnings name."""

from __future__ import annotations

from ..case import Case, Site, collected
from .legacy import MODULE, OLD

IMPORT = "deprecated-import"
USE = "deprecated-use"


def rewritten(mode: str) -> Case:
    """Return the case of a test module that is itself a target, under one import mode."""
    return Case(
        slug=f"rewritten_{mode}",
        says=f"a deprecated test module still explains its asserts under --import-mode={mode}",
        about="trap 7",
        rule=IMPORT,
        files={
            "test_old.py": """
            def test_it():
                left = [1, 2, 3]
                assert left == [1, 2, 4]
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.test_old"]}},
        args=(f"--import-mode={mode}",),
        output=(r"assert \[1, 2, 3\] == \[1, 2, 4\]", r"At index 2 diff: 3 != 4"),
        outcomes={"proj/test_old.py::test_it": "failed"},
        exit=1,
    )


def moded(mode: str) -> Case:
    """Return the case of an ordinary suite under one import mode."""
    return Case(
        slug=f"import_mode_{mode}",
        says=f"sites in test modules and conftests are found under --import-mode={mode}, asserts explained",
        about="trap 7",
        files={
            "old.py": OLD,
            "conftest.py": "import proj.old  # site: conftest\n",
            "test_it.py": """
            from proj.old import Tracker  # site: module

            def test_it():
                assert Tracker().name == "u"  # site: use
            """,
        },
        config=MODULE,
        args=(f"--import-mode={mode}",),
        output=(r"'t' == 'u'",),
        sites=(
            Site("conftest", IMPORT, "proj.old", seen=(collected(),)),
            Site("module", IMPORT, "proj.old:Tracker", seen=(collected(),)),
            Site("use", USE, "proj.old:Tracker", "test_it"),
        ),
        exit=1,
    )


MODES = ("prepend", "append", "importlib")

CASES = [
    *(rewritten(mode) for mode in MODES),
    *(moded(mode) for mode in MODES),
    Case(
        slug="loader",
        says="__loader__ and __spec__.loader of a watched module are as found, and hand out its source",
        about="trap 7",
        files={
            "old.py": OLD,
            "test_it.py": """
            import importlib.machinery
            import inspect
            from proj import old  # site: here

            def test_it():
                spec = old.__spec__
                assert type(old.__loader__) is importlib.machinery.SourceFileLoader
                assert spec.loader is old.__loader__
                assert spec.origin == old.__file__
                assert "class Tracker" in old.__loader__.get_source("proj.old")
                assert "class Tracker" in inspect.getsource(old.Tracker)
                assert importlib.util.find_spec("proj.old") is spec
            """,
        },
        config=MODULE,
        sites=(Site("here", IMPORT, "proj.old", seen=(collected(),)),),
    ),
    Case(
        slug="loader_of_a_rewritten_module",
        says="a rewritten test module that is a target keeps pytest's own loader",
        about="trap 7",
        rule=IMPORT,
        files={
            "test_it.py": """
            import sys

            def test_it():
                me = sys.modules[__name__]
                assert type(me.__spec__.loader).__name__ == "AssertionRewritingHook"
                assert me.__loader__ is me.__spec__.loader
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.test_it"]}},
    ),
    Case(
        slug="lazy_modules",
        says="a module that imports on getattr is not woken",
        about="trap 7: never getattr over sys.modules",
        rule=IMPORT,
        files={
            "old.py": OLD,
            "woken.py": "",
            "lazy.py": """
            def __getattr__(name):
                from proj import woken
                raise AttributeError(name)
            """,
            "app.py": "from proj import old, lazy  # site: here\n",
            "test_it.py": """
            import sys
            import proj.app

            def test_it():
                assert "proj.lazy" in sys.modules
                assert "proj.woken" not in sys.modules
            """,
        },
        config=MODULE,
        sites=(Site("here", IMPORT, "proj.old", seen=(collected(),)),),
    ),
    Case(
        slug="warning_of_a_use",
        says="warnings.warn(stacklevel=2) in a watched function and class names the caller's line",
        about="trap 18",
        files={
            "old.py": """
            import warnings

            class Tracker:
                def __init__(self):
                    warnings.warn("old class", DeprecationWarning, stacklevel=2)

            def make():
                warnings.warn("old function", DeprecationWarning, stacklevel=2)
            """,
            "test_it.py": """
            import sys
            import warnings
            from proj import old

            def test_it():
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    line = sys._getframe().f_lineno
                    old.Tracker()  # site: class
                    old.make()  # site: function
                assert [(one.filename, one.lineno - line) for one in caught] == [(__file__, 1), (__file__, 2)]
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker", "proj.old:make"], "phase": "baseline"}},
        sites=(
            Site("class", USE, "proj.old:Tracker", "test_it"),
            Site("function", USE, "proj.old:make", "test_it"),
        ),
        outcomes={"test_it": "passed"},
    ),
    Case(
        slug="warning_of_a_class_without_init",
        says="warnings.warn(stacklevel=2) in the __new__ of a watched class names the caller's line",
        about="trap 18",
        files={
            "old.py": """
            import warnings

            class Tracker:
                def __new__(cls):
                    warnings.warn("old class", DeprecationWarning, stacklevel=2)
                    return super().__new__(cls)
            """,
            "test_it.py": """
            import sys
            import warnings
            from proj import old

            def test_it():
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    line = sys._getframe().f_lineno
                    old.Tracker()  # site: here
                assert [(one.filename, one.lineno - line) for one in caught] == [(__file__, 1)]
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker"], "phase": "baseline"}},
        sites=(Site("here", USE, "proj.old:Tracker", "test_it"),),
        outcomes={"test_it": "passed"},
    ),
    Case(
        slug="warning_of_an_import",
        says="warnings.warn(stacklevel=2) at the top of a deprecated module names the importing line",
        about="trap 18",
        files={
            "old.py": """
            import warnings

            warnings.warn("old module", DeprecationWarning, stacklevel=2)
            """,
            "test_it.py": """
            import sys
            import warnings

            def test_it():
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    line = sys._getframe().f_lineno
                    import proj.old  # site: here
                assert [(one.filename, one.lineno - line) for one in caught] == [(__file__, 1)]
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old"], "phase": "baseline"}},
        sites=(Site("here", IMPORT, "proj.old", "test_it"),),
        outcomes={"test_it": "passed"},
    ),
    Case(
        slug="traceback_of_a_use",
        says="a traceback out of a watched class has no frames of ours",
        about="trap 18",
        files={
            "old.py": """
            class Tracker:
                def __init__(self):
                    raise ValueError("no")
            """,
            "test_it.py": """
            import traceback
            from proj import old

            def test_it():
                try:
                    old.Tracker()  # site: here
                except ValueError as error:
                    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
                assert names == ["test_it", "__init__"]
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker"], "phase": "baseline"}},
        sites=(Site("here", USE, "proj.old:Tracker", "test_it"),),
        outcomes={"test_it": "passed"},
    ),
    Case(
        slug="recursion",
        says="a watched function may recurse as deep as before, and reports only its calls from outside",
        about="contract 10: code of the defining module is no site",
        files={
            "old.py": """
            def depth(n):
                return n if n == 0 else depth(n - 1)
            """,
            "test_it.py": """
            from proj import old

            def test_it():
                assert old.depth(700) == 0  # site: here
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:depth"], "phase": "baseline"}},
        sites=(Site("here", USE, "proj.old:depth", "test_it"),),
        outcomes={"test_it": "passed"},
    ),
    Case(
        slug="coverage_tool",
        says="a run in which another tool holds monitoring and tracing still finds its sites",
        about="trap 2: tool ids can be taken",
        files={
            "old.py": OLD,
            "test_it.py": """
            from proj import old

            def test_it():
                old.Tracker()  # site: here
            """,
            "early.py": """
            import sys

            if hasattr(sys, "monitoring"):
                for tool in range(5):
                    sys.monitoring.use_tool_id(tool, "greedy")
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker"]}},
        early=("proj.early",),
        alone=True,
        sites=(Site("here", USE, "proj.old:Tracker", "test_it"),),
        exit=1,
    ),
    Case(
        slug="no_tool_left",
        says="a run in which no monitoring tool id is left falls back and still finds its sites",
        about="trap 2: tool ids can be taken: use a free one, fall back",
        files={
            "old.py": OLD,
            "test_it.py": """
            from proj import old

            def test_it():
                old.Tracker()  # site: class
                old.make()  # site: function
            """,
            "early.py": """
            import sys

            if hasattr(sys, "monitoring"):
                for tool in range(6):
                    sys.monitoring.use_tool_id(tool, "greedy")
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:Tracker", "proj.old:make"]}},
        early=("proj.early",),
        alone=True,
        sites=(
            Site("class", USE, "proj.old:Tracker", "test_it"),
            Site("function", USE, "proj.old:make", "test_it"),
        ),
        fallback=True,
        exit=1,
    ),
]
