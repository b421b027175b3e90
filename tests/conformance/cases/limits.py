"""Cases of blind spots and of what a single process cannot see."""

from __future__ import annotations

from ..case import Case, Site, call, collected, never
from .legacy import MODULE, NAME, OLD

USE = "deprecated-use"
IMPORT = "deprecated-import"
TRACKER = "proj.old:Tracker"
LINE = "issue 2: what could not be watched is a blind spot"
CHILD = "a child process has no hooks unless --ssot-subprocess is given (contract 10)"
C_CLASS = {"in-place": "a class written in C has no code of its own; what a statement calls is told from 3.12"}

EARLY = {
    "old.py": OLD,
    "early.py": "from proj.old import Tracker, make\n",
    "test_it.py": """
    from proj.early import Tracker  # site: import

    def test_it():
        assert Tracker().name == "t"  # site: here
    """,
}

CASES = [
    Case(
        slug="loaded_before",
        says="a class loaded by an earlier plugin is watched in place; the module is named as a blind spot",
        about="trap 1",
        files=EARLY,
        config=NAME,
        early=("proj.early",),
        exit=1,
        sites=(
            Site("import", IMPORT, TRACKER, seen=(collected(),)),
            Site("here", USE, TRACKER, "test_it"),
        ),
        blind_spots={TRACKER: "import"},
    ),
    Case(
        slug="module_loaded_before",
        says="a whole module loaded by an earlier plugin is watched in place, functions and classes, and named",
        about="trap 1",
        files={
            **EARLY,
            "test_it.py": """
            from proj.early import Tracker, make  # site: import

            def test_it():
                assert Tracker()  # site: class
                assert make()  # site: function
            """,
        },
        config=MODULE,
        early=("proj.early",),
        exit=1,
        sites=(
            Site("import", IMPORT, TRACKER, seen=(collected(),)),
            Site("import", IMPORT, "proj.old:make", seen=(collected(),)),
            Site("class", USE, TRACKER, "test_it"),
            Site("function", USE, "proj.old:make", "test_it"),
        ),
        blind_spots={"proj.old": "import"},
    ),
    Case(
        slug="import_before_hooks",
        says="the import statement of a plugin that was named before ours",
        about="trap 1",
        files={
            **EARLY,
            "early.py": "from proj.old import Tracker, make  # site: here\n",
            "test_it.py": "def test_it(): pass\n",
        },
        config=MODULE,
        early=("proj.early",),
        alone=True,
        exit=0,
        sites=(Site("here", IMPORT, "proj.old"),),
        limits=never("the statement ran before the plugin was loaded; name -p ssot_tracker first"),
        blind_spots={"proj.old": "import"},
    ),
    Case(
        slug="strict_blind_spots",
        says="--ssot-strict-blind-spots makes a blind spot fail the session",
        about=LINE,
        rule=USE,
        files={**EARLY, "test_it.py": "def test_it(): pass\n"},
        config=MODULE,
        early=("proj.early",),
        args=("--ssot-strict-blind-spots",),
        alone=True,
        exit=1,
        blind_spots={"proj.old": "import"},
    ),
    Case(
        slug="c_type",
        says="a deprecated class written in C that is constructed",
        about="trap 5",
        files={
            "test_it.py": """
            import collections

            def test_it():
                assert not collections.deque()  # site: here
            """,
        },
        config={"ssot.proj": {"deprecated": ["collections:deque"]}},
        sites=(Site("here", USE, "collections:deque", "test_it"),),
        limits=C_CLASS,
        blind_spots={"collections:deque": "a class written in C"},
    ),
    Case(
        slug="subclass_of_c_type",
        says="a Python subclass, made later, of a deprecated class written in C that is constructed",
        about="trap 5",
        files={
            "test_it.py": """
            import collections

            def test_it():
                class Sub(collections.OrderedDict):
                    def __init__(self):
                        super().__init__()
                Sub()  # site: here
            """,
        },
        config={"ssot.proj": {"deprecated": ["collections:OrderedDict"]}},
        sites=(Site("here", USE, "collections:OrderedDict", "test_it"),),
        limits=C_CLASS,
        blind_spots={"collections:OrderedDict": "a class written in C"},
    ),
    Case(
        slug="child_process",
        says="what a child interpreter does, without --ssot-subprocess",
        about="trap 8",
        files={
            "old.py": OLD,
            "test_it.py": """
            import subprocess
            import sys

            def test_it():
                subprocess.run([sys.executable, "-c", "import proj.old"], check=True)  # site: here
            """,
        },
        config=MODULE,
        sites=(Site("here", IMPORT, "proj.old", "test_it", (call(),)),),
        limits=never(CHILD),
    ),
    Case(
        slug="spawned_pool",
        says="what the processes of a spawned pool do, without --ssot-subprocess",
        about="trap 8",
        files={
            "old.py": OLD,
            "work.py": """
            def work(name):
                from proj import old
                return old.Tracker(name).name  # site: here
            """,
            "test_it.py": """
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor
            from proj.work import work

            def test_it():
                with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                    assert pool.submit(work, "x").result(60) == "x"
            """,
        },
        config=NAME,
        sites=(Site("here", USE, TRACKER, "work"),),
        limits=never(CHILD),
    ),
]
