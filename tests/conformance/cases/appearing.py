"""Cases of targets that no source defines by their names: a module makes them when asked, or is made itself."""

from __future__ import annotations

from typing import Any

from ..case import Case, Site, collected
from .legacy import OLD

ABOUT = "names that exist only at run time are watched when they appear"
USE, ACCESS, IMPORT = "deprecated-use", "deprecated-access", "deprecated-import"

SERVED = """
import importlib
import warnings

_GONE = {"LIMIT": 3, "limit": "low", "make": lambda: 1}

def __getattr__(name):
    if name == "Tracker":
        return importlib.import_module("proj._old").Tracker
    if name in _GONE:
        warnings.warn(f"{name} is deprecated", DeprecationWarning, stacklevel=2)
        return _GONE[name]
    raise AttributeError(name)
"""

TARGETS = ["proj.const:Tracker", "proj.const:LIMIT", "proj.const:limit", "proj.const:make"]


def served(slug: str, says: str, body: str, *sites: Site, const: str = SERVED, **more: Any) -> Case:
    """Return a case of a module that makes its names, whose sites stand in `test_it`."""
    files = {"_old.py": OLD, "const.py": const, "test_it.py": body, **more.pop("files", {})}
    config = {"ssot.proj": {"deprecated": more.pop("deprecated", TARGETS)}}
    return Case(slug=slug, says=says, about=ABOUT, files=files, config=config, sites=sites, **more)


def made(slug: str, says: str, conftest: str, body: str, *sites: Site, **more: Any) -> Case:
    """Return a case of a module that a conftest puts into `sys.modules`."""
    files = {"impl.py": OLD, "conftest.py": conftest, "test_it.py": body}
    config = {"ssot.proj": {"deprecated": more.pop("deprecated", ["proj.compat:Tracker", "proj.compat:make"])}}
    return Case(slug=slug, says=says, about=ABOUT, files=files, config=config, sites=sites, **more)


CASES = [
    served(
        "served_class",
        "a class that a module's __getattr__ gives out is watched from then on",
        """
        import proj.const
        from proj import const

        def test_it():
            proj.const.Tracker()  # site: one
            const.Tracker()  # site: two
        """,
        Site("one", USE, "proj.const:Tracker", "test_it"),
        Site("two", USE, "proj.const:Tracker", "test_it"),
    ),
    served(
        "served_import",
        "an import of a name that a module's __getattr__ gives out is seen, and so is the use of it",
        """
        def test_it():
            from proj.const import Tracker  # site: here
            Tracker()  # site: used
        """,
        Site("here", IMPORT, "proj.const:Tracker", "test_it"),
        Site("used", USE, "proj.const:Tracker", "test_it"),
    ),
    served(
        "served_constant",
        "the reading of a constant that a module's __getattr__ gives out is seen",
        """
        from proj import const

        def test_it():
            assert const.LIMIT == 3  # site: upper
            assert const.limit == "low"  # site: lower
        """,
        Site("upper", ACCESS, "proj.const:LIMIT", "test_it"),
        Site("lower", ACCESS, "proj.const:limit", "test_it"),
    ),
    served(
        "served_constant_by_text",
        "getattr reads a constant as an attribute does",
        """
        from proj import const

        def test_it():
            assert getattr(const, "LIMIT") == 3  # site: here
        """,
        Site("here", ACCESS, "proj.const:LIMIT", "test_it"),
    ),
    served(
        "served_constant_import",
        "the import of a constant that a module's __getattr__ gives out is an import and no reading",
        """
        def test_it():
            from proj.const import LIMIT  # site: here
            assert LIMIT == 3
        """,
        Site("here", IMPORT, "proj.const:LIMIT", "test_it"),
    ),
    served(
        "served_and_kept",
        "a name that a module keeps once it has made it is watched all the same",
        """
        from proj import const

        def test_it():
            const.Tracker()  # site: one
            const.Tracker()  # site: two
        """,
        Site("one", USE, "proj.const:Tracker", "test_it"),
        Site("two", USE, "proj.const:Tracker", "test_it"),
        const="""
        import importlib

        def __getattr__(name):
            if name != "Tracker":
                raise AttributeError(name)
            value = globals()[name] = importlib.import_module("proj._old").Tracker
            return value
        """,
        deprecated=["proj.const:Tracker"],
    ),
    served(
        "served_by_a_partial",
        "one function that answers for several modules is known by the names it was given",
        """
        from proj import const, other

        def test_it():
            assert const.LIMIT == 1  # site: here
            assert other.LIMIT == 2
        """,
        Site("here", ACCESS, "proj.const:LIMIT", "test_it"),
        const="""
        from functools import partial
        from proj.helper import answer

        _DEPRECATED_LIMIT = 1
        __getattr__ = partial(answer, names=globals())
        """,
        files={
            "helper.py": """
            def answer(name, names):
                try:
                    return names[f"_DEPRECATED_{name}"]
                except KeyError:
                    raise AttributeError(name) from None
            """,
            "other.py": """
            from functools import partial
            from proj.helper import answer

            _DEPRECATED_LIMIT = 2
            __getattr__ = partial(answer, names=globals())
            """,
        },
        deprecated=["proj.const:LIMIT"],
    ),
    served(
        "served_elsewhere",
        "what a module's __getattr__ takes from elsewhere is deprecated by that name alone",
        """
        from proj import const

        def test_it():
            from proj.core import New
            New()
            const.Tracker()  # site: used
        """,
        Site("used", USE, "proj.const:Tracker", "test_it"),
        const="""
        def __getattr__(name):
            if name == "Tracker":
                from proj.core import New
                return New
            raise AttributeError(name)
        """,
        files={"core.py": "class New:\n    def __init__(self):\n        pass\n"},
        deprecated=["proj.const:Tracker"],
    ),
    served(
        "served_as_it_is",
        "who reads a name that a module's __getattr__ takes from elsewhere uses what good code uses by another name",
        """
        from proj import const

        def test_it():
            from proj.core import New
            New()
            const.New()  # site: used
        """,
        Site("used", USE, "proj.const:New", "test_it"),
        const="""
        def __getattr__(name):
            if name == "New":
                from proj.core import New
                return New
            raise AttributeError(name)
        """,
        files={"core.py": "class New:\n    def __init__(self):\n        pass\n"},
        deprecated=["proj.const:New"],
    ),
    served(
        "served_never",
        "a name that nobody asks for is watched for, and is not called gone",
        """
        from proj import const

        def test_it():
            assert not hasattr(const, "anything")
        """,
        rule=USE,
    ),
    made(
        "stands_in_for",
        "an import of a name under which another module stands is seen, and uses of the thing by its own name are not",
        """
        import sys
        import proj.impl

        sys.modules["proj.compat"] = proj.impl
        """,
        """
        def test_it():
            from proj.compat import Tracker  # site: here
            from proj.impl import make
            make()
            assert Tracker().run() == "t"
        """,
        Site("here", IMPORT, "proj.compat:Tracker", "test_it"),
        deprecated=["proj.compat:Tracker"],
    ),
    made(
        "stands_in_for_a_module",
        "a whole module that stands under another's name is met, and no more than its name is deprecated",
        """
        import sys
        import proj.impl

        sys.modules["proj.compat"] = proj.impl
        """,
        """
        import proj.compat  # site: here

        def test_it():
            from proj.impl import make
            make()
        """,
        Site("here", IMPORT, "proj.compat", seen=(collected(),)),
        deprecated=["proj.compat"],
    ),
    made(
        "made_by_exec",
        "a module that is made by hand and filled by exec is watched",
        """
        import sys
        import types

        module = types.ModuleType("proj.compat")
        sys.modules["proj.compat"] = module
        exec("class Tracker:\\n    def __init__(self): pass\\n\\ndef make(): pass\\n", module.__dict__)
        """,
        """
        import sys

        def test_it():
            sys.modules["proj.compat"].make()  # site: made
            sys.modules["proj.compat"].Tracker()  # site: used
        """,
        Site("made", USE, "proj.compat:make", "test_it"),
        Site("used", USE, "proj.compat:Tracker", "test_it"),
    ),
    made(
        "made_during_a_test",
        "a module that a test makes is watched from the next test on, or from its first import",
        "",
        """
        import sys
        import types

        def test_first():
            module = types.ModuleType("proj.compat")
            sys.modules["proj.compat"] = module
            exec("def make(): pass\\n", module.__dict__)

        def test_it():
            sys.modules["proj.compat"].make()  # site: here
        """,
        Site("here", USE, "proj.compat:make", "test_it"),
        deprecated=["proj.compat:make"],
        spread=False,
    ),
    made(
        "object_for_a_module",
        "an object that stands for a module is watched by what it and its class hold, and by what it answers",
        """
        import sys

        class Facade:
            class Tracker:
                pass

            def make(self):
                return 1

            def __getattr__(self, name):
                if name == "late":
                    return lambda: 2
                raise AttributeError(name)

        sys.modules["proj.compat"] = Facade()
        """,
        """
        def test_it():
            from proj.compat import make  # site: here
            import proj.compat as compat
            assert make() == 1  # site: made
            compat.Tracker()  # site: used
            assert compat.late() == 2  # site: late
        """,
        Site("here", IMPORT, "proj.compat:make", "test_it"),
        Site("made", USE, "proj.compat:make", "test_it"),
        Site("used", USE, "proj.compat:Tracker", "test_it"),
        Site("late", USE, "proj.compat:late", "test_it"),
        deprecated=["proj.compat:Tracker", "proj.compat:make", "proj.compat:late"],
    ),
    made(
        "object_with_a_property",
        "what an object that stands for a module makes by a property is a blind spot",
        """
        import sys

        class Facade:
            @property
            def LIMIT(self):
                return 1

            @LIMIT.setter
            def LIMIT(self, value):
                pass

        sys.modules["proj.compat"] = Facade()
        """,
        """
        def test_it():
            import proj.compat as compat
            assert compat.LIMIT == 1
        """,
        rule=ACCESS,
        deprecated=["proj.compat:LIMIT"],
        blind_spots={"proj.compat:LIMIT": "is no module but a Facade"},
    ),
    Case(
        slug="os_path",
        says="a module of Python that goes by another name is known by the one that is imported",
        about=ABOUT,
        files={
            "test_it.py": """
            import os.path
            from os.path import join  # site: import

            def test_it():
                os.path.join("a", "b")  # site: one
                join("a", "b")  # site: two
            """
        },
        config={"ssot.proj": {"deprecated": ["os.path:join"]}},
        sites=(
            Site("import", IMPORT, "os.path:join", seen=(collected(),)),
            Site("one", USE, "os.path:join", "test_it"),
            Site("two", USE, "os.path:join", "test_it"),
        ),
        alone=True,
    ),
]
