"""Names are resolved, not matched."""

from __future__ import annotations

import textwrap

import pytest

from .conftest import SHOP, Scan, found

USE = "deprecated-use shop.old:Tracker"
IMPORT = "deprecated-import shop.old:Tracker"


@pytest.mark.parametrize(
    ("says", "code", "expected"),
    [
        ("a module attribute", "from shop import old\nold.Tracker()", [f"{USE} 2"]),
        ("an alias", "from shop.old import Tracker as T\nT()", [f"{IMPORT} 1", f"{USE} 2"]),
        ("import a.b as c", "import shop.old as o\no.Tracker()", [f"{USE} 2"]),
        ("a chain from the top package", "import shop.old\nshop.old.Tracker()", [f"{USE} 2"]),
        ("a name bound anew", "from shop import old\nmake = old.Tracker\nmake()", [f"{USE} 3"]),
        (
            "an attribute of self",
            "from shop import old\nclass A:\n def f(self): self.m = old.Tracker\n def g(self): self.m()",
            [f"{USE} 4"],
        ),
        ("a class attribute", "from shop import old\nclass A:\n m = old.Tracker\n def g(self): self.m()", [f"{USE} 4"]),
        ("a default argument", "from shop import old\ndef f(m=old.Tracker):\n return m()", [f"{USE} 3"]),
        ("getattr with a literal", "from shop import old\ngetattr(old, 'Tracker')()", [f"{USE} 2"]),
        ("import_module", "import importlib\nimportlib.import_module('shop.old').Tracker()", [f"{USE} 2"]),
        ("a star import", "from shop.old import *\nTracker()", [f"{IMPORT} 1", f"{USE} 2"]),
        ("a relative import", "from .shop.old import Tracker", []),
        (
            "a parameter of that name",
            "from shop.old import Tracker\ndef f(Tracker):\n return Tracker()",
            [f"{IMPORT} 1"],
        ),
        ("a local of that name", "from shop import old\ndef f():\n old = object()\n old.Tracker()", []),
        ("a comprehension's own name", "from shop import old\n[old.Tracker() for old in []]", []),
        ("a lambda's own name", "from shop import old\nf = lambda old: old.Tracker()", []),
        ("a loop variable", "from shop import old\nfor old in []:\n pass\nelse:\n pass\nold.Tracker()", [f"{USE} 6"]),
        (
            "an except name",
            "from shop import old\ndef f():\n try: pass\n except ValueError as old:\n  old.Tracker()",
            [],
        ),
        ("a with name", "from shop import old\ndef f(x):\n with x as old:\n  old.Tracker()", []),
        ("rebound before use", "from shop import old\nold = object()\nold.Tracker()", []),
        ("deleted before use", "from shop import old\ndel old\nold.Tracker()", []),
        ("rebound in one branch", "from shop import old\nif x:\n old = None\nold.Tracker()", [f"{USE} 4"]),
        (
            "a guard's fallback",
            "try:\n from shop import old\nexcept ImportError:\n old = None\ndef f():\n old.Tracker()",
            [f"{USE} 6"],
        ),
        (
            "global",
            "from shop import old\nmaker = None\ndef a():\n global maker\n maker = old.Tracker\ndef b():\n maker()",
            [f"{USE} 7"],
        ),
        (
            "nonlocal",
            "from shop import old\ndef f():\n m = None\n def g():\n  nonlocal m\n  m = old.Tracker\n def h():\n  m()",
            [f"{USE} 8"],
        ),
        ("a closure", "from shop import old\ndef f():\n m = old.Tracker\n def g():\n  return m()", [f"{USE} 5"]),
        (
            "class names are not seen in methods",
            "from shop import old\nclass A:\n m = old.Tracker\n def g(self): m()",
            [],
        ),
        ("a walrus", "from shop import old\nif (m := old.Tracker):\n m()", [f"{USE} 3"]),
        ("a conditional", "from shop import old\n(old.Tracker if x else None)()", [f"{USE} 2"]),
        ("a tuple assignment", "from shop import old\na, b = 1, old.Tracker\nb()", [f"{USE} 3"]),
        ("raise", "from shop import old\nraise old.Tracker", [f"{USE} 2"]),
        ("partial", "import functools\nfrom shop import old\nf = functools.partial(old.Tracker)\nf()", [f"{USE} 4"]),
        ("a comment and a docstring", "'''shop.old.Tracker()'''\n# shop.old.Tracker()", []),
        ("a string", "x = 'shop.old.Tracker()'", []),
        ("a namesake", "class Tracker: pass\nTracker()", []),
        ("a namesake of another module", "from other.old import Tracker\nTracker()", []),
        ("naming it", "from shop import old\nx = [old.Tracker]\nisinstance(1, old.Tracker)", []),
        ("an annotation", "from shop import old\ndef f(x: old.Tracker) -> old.Tracker: ...", []),
    ],
)
def test_a_name_means_what_it_means_at_its_place(scanned: Scan, says: str, code: str, expected: list[str]) -> None:
    result = scanned(
        {**SHOP, "other/old.py": "class Tracker: pass\n", "app.py": code + "\n"}, deprecated=["shop.old:Tracker"]
    )
    assert found(result, "app.py") == expected, says


def test_a_re_export_is_followed_through_packages_and_new_names(scanned: Scan) -> None:
    files = {
        **SHOP,
        "shop/api/__init__.py": "from ..old import Tracker as Recorder\n",
        "shop/face.py": "from .api import Recorder as Log\nfrom . import old as past\n",
        "app.py": "from shop.face import Log, past\nimport shop.face\nLog()\nshop.face.Log()\npast.Tracker()\n",
    }
    result = scanned(files, deprecated=["shop.old:Tracker"])
    assert found(result, "shop/api/__init__.py") == [f"{IMPORT} 1"]
    assert found(result, "shop/face.py") == [f"{IMPORT} 1"]
    assert found(result, "app.py") == [f"{IMPORT} 1", f"{USE} 3", f"{USE} 4", f"{USE} 5"]


@pytest.mark.parametrize(
    "code",
    [
        "del made[old.get_tracker()]",
        "del made, (made, made[old.get_tracker()])",
        "made[old.get_tracker()] += 1",
        "made[1:old.get_tracker()] = 1",
        "old.get_tracker().name += 'x'",
        "for made[old.get_tracker()] in (): pass",
        "made.name: old.Tracker = old.get_tracker()",
    ],
)
def test_what_stands_in_a_target_is_read(code: str, scanned: Scan) -> None:
    files = {**SHOP, "app.py": f"from shop import old\nmade = {{}}\n{code}\n"}
    result = scanned(files, deprecated=["shop.old:get_tracker"])
    assert found(result) == ["deprecated-use shop.old:get_tracker 3"]


@pytest.mark.parametrize(
    "code",
    ["from shop import old\n\nold.LEGACY += 1", "from shop.old import LEGACY\n\nLEGACY += 1"],
)
def test_a_constant_that_is_added_to_is_read(code: str, scanned: Scan) -> None:
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.old:LEGACY"])
    assert found(result)[-1] == "deprecated-access shop.old:LEGACY 3"


@pytest.mark.parametrize(
    ("listed", "brings"),
    [
        ("__all__ = ['Tracker']", True),
        ("__all__ = ['other']", False),
        ("__all__ = ['other']\n__all__ += ['Tracker']", True),
        ("__all__ = ['other']\n__all__ += ['more']", False),
        ("__all__ = ['other']\n__all__.append('Tracker')", True),
        ("__all__ = ['other']\n__all__.extend(['Tracker'])", True),
        ("__all__ = ['other'] + ['Tracker']", True),
        ("__all__ = ['other', *('Tracker',)]", True),
        ("__all__ = ['other', *('more',)]", False),
        ("__all__ = ('other',)\nif True:\n    __all__ += ('Tracker',)", True),
        ("from shop import fine\n__all__ = ['other', *fine.__all__]", True),
        ("from shop import fine\n__all__ = ['other'] + fine.__all__", True),
        ("from shop import fine\n__all__ = ['other']\n__all__ += fine.__all__", True),
        ("__all__ = [name for name in dir() if name[0] != '_']", True),
        ("from shop.fine import __all__", True),
        ("__all__ = []\n__all__.remove('other')", True),
    ],
)
def test_a_star_import_brings_what_all_lists_however_that_is_put_together(
    listed: str, brings: bool, scanned: Scan
) -> None:
    files = {
        **SHOP,
        "shop/fine.py": "",
        "shop/hub.py": f"from shop.old import Tracker\n{listed}\n",
        "shop/top.py": "from shop.hub import *\n",
        "app.py": "from shop import top\ntop.Tracker()\n",
        "star.py": "from shop.top import *\nTracker()\n",
    }
    result = scanned(files, deprecated=["shop.old:Tracker"])
    assert found(result, "app.py") == [f"{USE} 2"] * brings
    assert found(result, "star.py") == [f"{IMPORT} 1", f"{USE} 2"] * brings


def test_a_star_import_of_a_package_brings_the_modules_that_it_has_imported(scanned: Scan) -> None:
    files = {
        "shop/__init__.py": "from shop.parts import *\n",
        "shop/parts/__init__.py": "from shop.parts.old import get_tracker\n",
        "shop/parts/old.py": SHOP["shop/old.py"],
        "app.py": "import shop\nshop.old.Tracker()\n",
    }
    result = scanned(files, deprecated=["shop.parts.old:Tracker"])
    assert found(result, "app.py") == ["deprecated-use shop.parts.old:Tracker 2"]


def test_a_star_import_brings_what_its_module_holds_and_no_built_in_name(scanned: Scan) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/parts.py": "def part(): pass\ndef hidden(): pass\n__all__ = ['part']\n",
        "shop/more.py": "from .parts import *\n",
        "shop/old.py": "from .more import *\nclass Tracker: pass\nclass _Own: pass\n",
        "shop/errors.py": "from shop.old import *\nclass Wrong(Exception): pass\nshow = print\n",
        "app.py": "from shop.old import *\nprint(len('x'))\nTracker()\npart()\nhidden()\n_Own()\nnowhere()\n",
        "far.py": "from shop.errors import Wrong, show\nWrong()\nshow()\n",
    }
    result = scanned(files, deprecated=["shop.old", "shop.parts"])
    assert found(result, "app.py") == ["deprecated-import shop.old 1", f"{USE} 3", "deprecated-use shop.parts:part 4"]
    assert found(result, "far.py") == []


def test_a_star_import_of_a_library_brings_no_built_in_name(scanned: Scan) -> None:
    code = "from lib.old import *\nprint(len('x'))\nwork()\n"
    result = scanned({**SHOP, "shop/app.py": code}, deprecated=["lib.old"])
    assert found(result) == ["deprecated-import lib.old 1", "deprecated-use lib.old:work 3"]


def test_what_a_subscript_gives_is_its_class_and_never_its_constant(scanned: Scan) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/old.py": "class Box: pass\nclass Fine: pass\nTABLE = {'a': Fine}\n",
        "shop/face.py": "import os\nfrom shop.old import Box\nOf = Box[int]\nHOME = os.environ['HOME']\n",
        "app.py": """
            import os
            from shop import face, old
            def f():
                home = os.environ["HOME"]
                print(home, home.lower(), face.HOME)
                kind = old.TABLE["a"]
                kind()
                old.Box[int]()
                Ints = old.Box[int]
                Ints()
                face.Of()
            class Wide(face.Of): pass
            """,
    }
    result = scanned(files, deprecated=["shop.old:Box", "shop.old:TABLE", "os:environ"])
    assert found(result, "app.py") == [
        "deprecated-access os:environ 4",
        "deprecated-access shop.old:TABLE 6",
        *(f"deprecated-use shop.old:Box {line}" for line in (8, 10, 11)),
        "deprecated-base shop.old:Box 12",
    ]


def test_a_subscript_of_a_library_s_class_is_called_as_that_class(scanned: Scan) -> None:
    code = "from lib import Box\nInts = Box[int]\nInts()\nBox[str]()\n"
    assert found(scanned({**SHOP, "shop/app.py": code}, deprecated=["lib:Box"])) == [
        "deprecated-import lib:Box 1",
        "deprecated-use lib:Box 3",
        "deprecated-use lib:Box 4",
    ]


def test_a_circle_of_re_exports_ends(scanned: Scan) -> None:
    files = {
        **SHOP,
        "a.py": "from b import *\nfrom b import Tracker\n",
        "b.py": "from a import *\nfrom a import Tracker\n",
        "app.py": "from a import Tracker\nTracker()\n",
    }
    assert found(scanned(files, deprecated=["shop.old:Tracker"]), "app.py") == []


def test_a_subclass_elsewhere_is_the_deprecated_class(scanned: Scan) -> None:
    files = {
        **SHOP,
        "sub.py": "from shop import old\nclass Special(old.Tracker): pass\n",
        "app.py": "from sub import Special\nclass More(Special): pass\nMore()\nSpecial()\n",
    }
    result = scanned(files, deprecated=["shop.old:Tracker"])
    assert found(result, "sub.py") == ["deprecated-base shop.old:Tracker 2"]
    assert found(result, "app.py") == ["deprecated-base shop.old:Tracker 2", f"{USE} 3", f"{USE} 4"]


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    return old.Tracker().run()  # here",
        "def f():\n    t = old.Tracker()\n    t.run()  # here",
        "def f(t: old.Tracker):\n    t.run()  # here",
        "def f(t: 'old.Tracker | None'):\n    t.run()  # here",
        "class S(old.Tracker):\n    def go(self):\n        self.run()  # here",
        "class S(old.Tracker):\n    pass\nS().run()  # here",
        "class A:\n    def __init__(self): self.t = old.Tracker()\n    def go(self):\n        self.t.run()  # here",
        "old.Tracker.run(None)  # here",
    ],
)
def test_a_deprecated_method_is_found_where_the_class_is_evident(scanned: Scan, code: str) -> None:
    code = "from shop import old\n" + code
    line = code[: code.index("# here")].count("\n") + 1
    result = scanned({**SHOP, "app.py": code + "\n"}, deprecated=["shop.old:Tracker.run"])
    assert found(result, "app.py") == [f"deprecated-use shop.old:Tracker.run {line}"]


def test_an_overridden_method_is_another(scanned: Scan) -> None:
    code = "from shop import old\nclass S(old.Tracker):\n    def run(self): ...\nS().run()\n"
    assert found(scanned({**SHOP, "app.py": code}, deprecated=["shop.old:Tracker.run"]), "app.py") == []


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ('importlib.import_module("shop.old")', "shop.old"),
        ('importlib.import_module(".old", "shop")', "shop.old"),
        ('__import__("shop.old")', "shop.old"),
        ('mock.patch("shop.old.get_tracker")', "shop.old"),
        ('mock.patch.object(old, "get_tracker")', "shop.old:get_tracker"),
        ('mock.patch("shop.face.get_tracker")', "shop.old:get_tracker"),
        ('patch.dict("shop.old.TABLE")', "shop.old"),
    ],
)
def test_a_string_that_imports_is_an_import(scanned: Scan, code: str, target: str) -> None:
    files = {
        **SHOP,
        "shop/face.py": "from .old import get_tracker\n",
        "app.py": "import importlib\nfrom unittest import mock\nfrom unittest.mock import patch\nfrom shop import old\n"
        + f"{code}\n",
    }
    assert f"deprecated-import {target} 5" in found(scanned(files, deprecated=["shop.old"]), "app.py")


def test_monkeypatch_is_the_fixture_of_that_name(scanned: Scan) -> None:
    code = """
        from shop import old

        def test_it(monkeypatch):
            monkeypatch.setattr("shop.old.get_tracker", None)
            monkeypatch.setattr(old, "get_tracker", None)
        """
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.old:get_tracker"])
    assert found(result, "app.py") == [f"deprecated-import shop.old:get_tracker {line}" for line in (4, 5)]


def test_entry_points_in_pyproject_are_imports(scanned: Scan) -> None:
    text = """
        [project.scripts]
        run = "shop.old:get_tracker"
        fine = "shop.new:main"
        # gone = "shop.old:get_tracker"

        [project.entry-points."x.y"]
        it = 'shop.old'
        [tool.other]
        it = "shop.old"
        """
    result = scanned({**SHOP, "pyproject.toml": text}, deprecated=["shop.old"])
    assert found(result, "pyproject.toml") == [
        "deprecated-import shop.old:get_tracker 2",
        "deprecated-import shop.old 7",
    ]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "-q -p shop.old --strict-markers"\n', 2),
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = [\n    "-q",\n    "-p", "shop.old",\n]\n', 4),
        ("pyproject.toml", '[tool.pytest]\naddopts = ["-pshop.old"]\n', 2),
        ("pytest.ini", "[pytest]\naddopts =\n    -q\n    -p shop.old\n", 4),
        (".pytest.ini", "[pytest]\naddopts = -p shop.old\n", 2),
        ("tox.ini", "[tox]\nx = -p shop.old\n[pytest]\naddopts = -p shop.old\n", 4),
        ("setup.cfg", "[tool:pytest]\naddopts = -p shop.old\n", 2),
    ],
)
def test_plugins_that_pytest_is_told_to_load_are_imports(path: str, text: str, line: int, scanned: Scan) -> None:
    result = scanned({**SHOP, path: text}, deprecated=["shop.old"])
    assert found(result, path) == [f"deprecated-import shop.old {line}"]


@pytest.mark.parametrize(
    "text",
    [
        '[tool.other]\nx = "-p shop.old"\n',
        '[tool.pytest.ini_options]\naddopts = "-p no:shop.old"\n',
        '[tool.pytest.ini_options]\naddopts = "--foo-p shop.old"\n',
        '[tool.pytest.ini_options]\n# addopts = "-p shop.old"\n',
        '[tool.pytest.ini_options]\naddopts = "-p shop.older"\n',
    ],
)
def test_what_pytest_is_told_otherwise_is_none(text: str, scanned: Scan) -> None:
    assert found(scanned({**SHOP, "pyproject.toml": text}, deprecated=["shop.old"])) == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ('pytest_plugins = ["shop.old"]\n', [1]),
        ('pytest_plugins = "shop.old"\n', [1]),
        ('pytest_plugins: list[str] = ["a",\n    "shop.old"]\n', [1]),
        ('pytest_plugins = ()\npytest_plugins += ("shop.old",)\n', [2]),
        ('def f():\n    pytest_plugins = ["shop.old"]\n', []),
        ('other = ["shop.old"]\n', []),
    ],
)
def test_plugins_that_a_module_names_are_imports(code: str, lines: list[int], scanned: Scan) -> None:
    result = scanned({**SHOP, "conftest.py": code}, deprecated=["shop.old"])
    assert found(result) == [f"deprecated-import shop.old {line}" for line in lines]


@pytest.mark.parametrize(
    ("code", "sites"),
    [
        ('exec("from shop.old import Tracker", {})', ["shop.old:Tracker 1"]),
        ('exec("import json\\nimport shop.old as o")', ["shop.old 1"]),
        ('exec("try:\\n    import shop.old\\nexcept ImportError: pass")', ["shop.old 1"]),
        ('exec("def f():\\n    import shop.old")', []),
        ('exec("from .old import Tracker", {})', []),
        ('exec("import shop.old is wrong")', []),
        ("exec(code)", []),
        ('import pydoc\npydoc.locate("shop.old.Tracker")', ["shop.old 2"]),
    ],
)
def test_imports_in_text_that_is_executed_are_imports(code: str, sites: list[str], scanned: Scan) -> None:
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.old"])
    assert found(result) == [f"deprecated-import {site}" for site in sites]


def test_type_checking_and_guards_are_flagged(scanned: Scan) -> None:
    code = textwrap.dedent(
        """
        from typing import TYPE_CHECKING
        import pytest
        if TYPE_CHECKING:
            from shop.old import Tracker
        try:
            from shop.gone import Thing
        except (ImportError, ValueError):
            Thing = None
        with pytest.raises(ImportError):
            import shop.gone
        import shop.gone
        try:
            from shop.old import get_tracker
        except ImportError:
            pass
        pytest.importorskip("shop.gone")
        """
    ).lstrip()
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.old", "shop.gone"], verify=True)
    flags = {one.line: [str(flag) for flag in one.flags] for one in result.sites if one.path == "app.py"}
    assert flags == {4: ["type_checking"], 6: ["guarded"], 10: ["guarded"], 11: [], 13: [], 16: ["guarded"]}
