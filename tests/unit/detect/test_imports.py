"""Every import of what is deprecated is seen when it runs, at its own file and line."""

from __future__ import annotations

import builtins
import importlib
import importlib._bootstrap as bootstrap  # type: ignore[import-not-found]
import sys
import textwrap
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any
from unittest import mock

import pytest

from pytest_ssot_tracker.detect.imports.watch import Imports
from pytest_ssot_tracker.detect.record.recorder import Recorder
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.model import Exempt, Observation, Target
from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Tree

OLD = "class Thing: pass\nclass Other: pass\ndef make(): return Thing()\nLEGACY = {}\n"


LAZY = """
asked = []
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    asked.append(name)
    return 3
"""


class Project:
    """Be a small project in a folder, watched between `with` and its end."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.loaded: list[ModuleType] = []
        self.files: dict[str, list[str]] = {}
        self.write("pkg/__init__.py", "")
        self.write("pkg/old.py", OLD)
        self.deprecate("pkg.old")

    def write(self, path: str, text: str) -> None:
        """Write a file; the lines are remembered, so that tests name sites by their text."""
        text = textwrap.dedent(text).lstrip("\n")
        self.files[path] = text.splitlines()
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        importlib.invalidate_caches()

    def deprecate(self, *targets: str, source: tuple[str, ...] = (".",), allow_in: tuple[str, ...] = ()) -> None:
        """Configure one table `t` with these deprecated targets."""
        parsed = tuple(Target.parse(target) for target in targets)
        allowed = tuple(Target.parse(target) for target in allow_in)
        self.configure(Ssot(name="t", deprecated=parsed, allow_in=allowed), source=source)

    def configure(self, *ssots: Ssot, ids: tuple[Ids, ...] = (), source: tuple[str, ...] = (".",)) -> None:
        """Configure these tables."""
        tree = Tree.of(self.root, source=source)
        settings = Settings(root=self.root, file=self.root / "pyproject.toml", tree=tree, ssots=ssots, ids=ids)
        self.recorder = Recorder(tree)
        self.imports = Imports(settings, self.recorder, Scope(self.recorder.sites), on_loaded=self.loaded.append)

    def __enter__(self) -> Project:
        self._undo = self.imports.install()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo()

    def observations(self) -> list[Observation]:
        """Return what was seen since the last time."""
        return self.recorder.drain(self.recorder.current)

    def seen(self) -> list[str]:
        """Return `target @ statement [xN]` for what was seen since the last time."""
        return sorted(
            f"{one.site.target} @ {one.site.text}" + (f" x{one.count}" if one.count > 1 else "")
            for one in self.observations()
        )

    def run(self, text: str, name: str = "app") -> Any:
        """Write a module of ours, import it, and return it."""
        self.write(f"{name}.py", text)
        sys.modules.pop(name, None)
        return importlib.import_module(name)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    before = set(sys.modules)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path)
    yield Project(tmp_path)
    for name in set(sys.modules) - before:
        del sys.modules[name]


# Statements


@pytest.mark.parametrize(
    ("statement", "seen"),
    [
        ("import pkg.old", ["pkg.old"]),
        ("import pkg.old as o", ["pkg.old"]),
        ("import os, pkg.old, sys", ["pkg.old"]),
        ("from pkg import old", ["pkg.old"]),
        ("from pkg import old as o", ["pkg.old"]),
        ("from pkg.old import Thing", ["pkg.old:Thing"]),
        ("from pkg.old import Thing, make as m", ["pkg.old:Thing", "pkg.old:make"]),
        ("from pkg.old import LEGACY", ["pkg.old:LEGACY"]),
        ("from pkg.old import *", ["pkg.old"]),
        ("import pkg", []),
        ("import pkg.fine", []),
        ("from pkg import fine", []),
        ("import pkg.older", []),
    ],
)
def test_a_statement_is_seen_with_what_it_names(project: Project, statement: str, seen: list[str]) -> None:
    project.write("pkg/fine.py", "")
    project.write("pkg/older.py", "")
    with project:
        project.run(statement)
        assert project.seen() == [f"{target} @ {statement}" for target in seen]
        project.run(statement, "again")
        assert [line.partition(" @")[0] for line in project.seen()] == seen


@pytest.mark.parametrize(
    ("statement", "seen"),
    [
        ("from . import old", "pkg.old"),
        ("from .old import Thing", "pkg.old:Thing"),
        ("from ..pkg.old import Thing", None),
        ("from .old import *", "pkg.old"),
    ],
)
def test_a_relative_statement_is_seen(project: Project, statement: str, seen: str | None) -> None:
    project.write("pkg/app.py", statement)
    with project:
        if seen is None:
            with pytest.raises(ImportError):
                importlib.import_module("pkg.app")
        else:
            importlib.import_module("pkg.app")
        assert project.seen() == ([f"{seen} @ {statement}"] if seen else [])


def test_a_relative_statement_of_a_package_starts_at_the_package(project: Project) -> None:
    project.write("pkg/sub/__init__.py", "from ..old import Thing\nfrom . import part\n")
    project.write("pkg/sub/part.py", "from .. import old\n")
    with project:
        import pkg.sub  # noqa: F401

        assert project.seen() == ["pkg.old @ from .. import old", "pkg.old:Thing @ from ..old import Thing"]


def test_a_site_says_file_line_and_scope(project: Project) -> None:
    with project:
        app = project.run(
            """
            class Shop:
                def open(self):
                    from pkg.old import (
                        Thing,
                        Other as Alias,
                    )
            """
        )
        app.Shop().open()
        site, other = (one.site for one in project.observations())
    assert (site.path, site.line, site.scope) == ("app.py", 3, "Shop.open")
    assert (site.target, other.target) == ("pkg.old:Thing", "pkg.old:Other")
    assert (site.rule.value, site.ssot, site.declared) == ("deprecated-import", "t", "pkg.old")
    assert site.text == "from pkg.old import ( Thing, Other as Alias, )"


def test_later_importers_are_seen_each_time_they_run(project: Project) -> None:
    with project:
        project.run("import pkg.old", "first")
        project.seen()
        app = project.run(
            """
            def use():
                import pkg.old
                from pkg import old
                return old
            """
        )
        for _ in range(3):
            app.use()
        assert project.seen() == ["pkg.old @ from pkg import old x3", "pkg.old @ import pkg.old x3"]


def test_reading_an_attribute_of_the_package_is_no_import(project: Project) -> None:
    with project:
        project.run("import pkg.old", "first")
        project.seen()
        project.run("import pkg\nthing = pkg.old.Thing()")
        assert project.seen() == []


def test_with_a_name_deprecated_its_module_and_neighbours_are_not(project: Project) -> None:
    project.deprecate("pkg.old:Thing")
    with project:
        project.run(
            """
            import pkg.old
            from pkg import old
            from pkg.old import Other, make
            from pkg.old import Other as Thing
            from pkg.old import Thing as Legacy
            """
        )
        assert project.seen() == ["pkg.old:Thing @ from pkg.old import Thing as Legacy"]


def test_a_star_import_brings_the_deprecated_names_it_brings(project: Project) -> None:
    project.write("pkg/part.py", "class Thing: pass\nclass _Hidden: pass\n")
    project.write("pkg/shut.py", "__all__ = ['Fine']\nclass Thing: pass\nclass Fine: pass\n")
    project.write("pkg/open.py", "__all__ = ['_Hidden']\nclass _Hidden: pass\n")
    project.deprecate("pkg.part:Thing", "pkg.part:_Hidden", "pkg.shut:Thing", "pkg.open:_Hidden")
    with project:
        project.run("from pkg.part import *\nfrom pkg.shut import *\nfrom pkg.open import *\n")
        assert project.seen() == [
            "pkg.open:_Hidden @ from pkg.open import *",
            "pkg.part:Thing @ from pkg.part import *",
        ]


def test_a_submodule_of_a_deprecated_package_is_deprecated(project: Project) -> None:
    project.write("pkg/gone/__init__.py", "from . import part\n")
    project.write("pkg/gone/part.py", "from .rest import thing\n")
    project.write("pkg/gone/rest.py", "import pkg.gone\nthing = 1\n")
    project.deprecate("pkg.gone")
    with project:
        project.run("import pkg.gone.part as p\nfrom pkg.gone import rest\nfrom pkg.gone.rest import thing\n")
        assert project.seen() == [
            "pkg.gone.part @ import pkg.gone.part as p",
            "pkg.gone.rest @ from pkg.gone import rest",
            "pkg.gone.rest:thing @ from pkg.gone.rest import thing",
        ]


def test_patterns_cover_what_they_match(project: Project) -> None:
    project.write("pkg/old_a.py", "x = 1")
    project.write("pkg/new.py", "class OldThing: pass\nclass Fine: pass\n")
    project.deprecate("**.old_*", "pkg.*:Old*")
    with project:
        project.run("import pkg.old\nfrom pkg.old_a import x\nfrom pkg.new import OldThing, Fine\n")
        observations = project.observations()
    assert {one.site.target: one.site.declared for one in observations} == {
        "pkg.old_a:x": "**.old_*",
        "pkg.new:OldThing": "pkg.*:Old*",
    }


@pytest.mark.parametrize(
    ("facade", "statement", "target"),
    [
        ("from pkg.old import Thing", "from pkg.facade import Thing", "pkg.old:Thing"),
        ("from pkg.old import make as create", "from pkg.facade import create", "pkg.old:make"),
        ("from pkg import old", "from pkg.facade import old", "pkg.old"),
        ("import pkg.old as legacy", "from pkg.facade import legacy as l", "pkg.old"),
        ("from pkg.old import *", "from pkg.facade import Other", "pkg.old:Other"),
        ("import functools, pkg.old\nmake = functools.lru_cache(pkg.old.make)", "from pkg.facade import make", None),
        ("from pkg.old import Thing\nthing = Thing()", "from pkg.facade import thing", None),
        ("from pkg.old import Thing\nclass Sub(Thing): pass", "from pkg.facade import Sub", None),
    ],
)
def test_a_reexported_object_is_known_for_what_it_is(
    project: Project, facade: str, statement: str, target: str | None
) -> None:
    project.write("pkg/facade.py", facade)
    with project:
        project.run("import pkg.facade", "first")
        project.seen()
        project.run(statement)
        assert project.seen() == ([] if target is None else [f"{target} @ {statement}"])


def test_a_star_import_of_a_facade_brings_what_it_reexports(project: Project) -> None:
    project.write("pkg/facade.py", "from pkg.old import Thing, make as create\nfine = 1\n")
    with project:
        project.run("import pkg.facade", "first")
        project.seen()
        project.run("from pkg.facade import *")
        assert project.seen() == ["pkg.old:Thing @ from pkg.facade import *", "pkg.old:make @ from pkg.facade import *"]


def test_a_deprecated_constant_is_known_when_reexported_and_an_equal_number_is_not(project: Project) -> None:
    project.write("pkg/consts.py", "LEGACY = {}\nNUMBER = 7\n")
    project.write("pkg/facade.py", "from pkg.consts import LEGACY, NUMBER\nSEVEN = 7\n")
    project.deprecate("pkg.consts:LEGACY", "pkg.consts:NUMBER")
    with project:
        project.run("import pkg.facade", "first")
        project.seen()
        project.run("from pkg.facade import LEGACY\nfrom pkg.facade import SEVEN\n")
        assert project.seen() == ["pkg.consts:LEGACY @ from pkg.facade import LEGACY"]


def test_a_name_that_a_module_hands_on_is_seen_where_it_is_taken_from_there_alone(project: Project) -> None:
    project.write("pkg/api.py", "from pkg.impl import Thing\nfrom pkg.impl import Thing as Other\n")
    project.write("pkg/impl.py", "class Thing: pass\n")
    project.write("pkg/hub.py", "from pkg.api import Other\nfrom pkg.impl import Thing\n")
    project.deprecate("pkg.api:Thing", "pkg.api:Other")
    with project:
        project.run("import pkg.api\nfrom pkg.impl import Thing\nfrom pkg.hub import Thing\n")
        project.run("from pkg.api import Thing\nfrom pkg.api import Other\nfrom pkg.hub import Other\n")
        assert project.seen() == [
            "pkg.api:Other @ from pkg.api import Other",
            "pkg.api:Other @ from pkg.api import Other",
            "pkg.api:Other @ from pkg.hub import Other",
            "pkg.api:Thing @ from pkg.api import Thing",
        ]


def test_an_object_that_refuses_to_be_looked_at_is_not_asked_what_it_is(project: Project) -> None:
    code = "class Proxy:\n    def __getattribute__(self, name): raise RuntimeError(name)\ncurrent = Proxy()\n"
    project.write("pkg/ctx.py", code)
    project.deprecate("pkg.ctx:current")
    with project:
        project.run("from pkg.ctx import current")
        assert project.seen() == ["pkg.ctx:current @ from pkg.ctx import current"]


def test_each_table_has_its_own_site(project: Project) -> None:
    project.configure(
        Ssot(name="a", deprecated=(Target.parse("pkg.old"),)),
        Ssot(name="b", deprecated=(Target.parse("pkg.old"), Target.parse("pkg.old:Thing"))),
    )
    with project:
        project.run("from pkg.old import Thing")
        found = {(one.site.ssot, one.site.target, one.site.declared) for one in project.observations()}
    assert found == {("a", "pkg.old:Thing", "pkg.old"), ("b", "pkg.old:Thing", "pkg.old:Thing")}


def test_allowed_callers_are_recorded_as_exempt(project: Project) -> None:
    project.deprecate("pkg.old", allow_in=("core.**",))
    project.write("core/bridge.py", "import pkg.old")
    with project:
        importlib.import_module("core.bridge")
        project.run("import pkg.old")
        assert {one.site.path: one.exempt for one in project.observations()} == {
            "core/bridge.py": Exempt.ALLOW_IN,
            "app.py": None,
        }


def test_an_import_in_a_doctest_is_seen_where_it_is_written(project: Project) -> None:
    import doctest

    with project:
        app = project.run(
            """
            def use():
                '''Use it.

                >>> from pkg.old import Thing
                >>> x = __import__("pkg.old")
                >>> from pkg.old import make
                '''
            """
        )
        runner = doctest.DocTestRunner(verbose=False)
        for test in doctest.DocTestFinder().find(app):
            assert runner.run(test).failed == 0
        found = [(one.site.path, one.site.line, one.site.target) for one in project.observations()]
    assert found == [("app.py", 4, "pkg.old:Thing"), ("app.py", 5, "pkg.old"), ("app.py", 6, "pkg.old:make")]


# What is not ours, and what is not there


def test_a_library_that_imports_on_its_own_account_is_no_site(project: Project) -> None:
    project.write("site-packages/vendor.py", "import pkg.old\nimport importlib\nfrom pkg.old import Thing\n")
    sys.path.insert(0, str(project.root / "site-packages"))
    try:
        with project:
            project.run("import vendor")
            assert project.seen() == []
    finally:
        sys.path.remove(str(project.root / "site-packages"))


def test_a_module_outside_the_project_is_judged_for_source_only(project: Project) -> None:
    project.deprecate("logging:getLogger", "colorsys", source=("app",))
    project.write("app/__init__.py", "")
    project.write("app/work.py", "from logging import getLogger\nimport colorsys\n")
    project.write("test_it.py", "from logging import getLogger\nimport colorsys\n")
    with project:
        importlib.import_module("app.work")
        importlib.import_module("test_it")
        assert {(one.site.path, one.site.target) for one in project.observations()} == {
            ("app/work.py", "logging:getLogger"),
            ("app/work.py", "colorsys"),
        }


def test_an_import_of_a_retired_target_is_no_violation(project: Project) -> None:
    project.deprecate("pkg.gone", "pkg.old:Gone", "nowhere.at_all")
    with project:
        for text in (
            "import pkg.gone",
            "from pkg import gone",
            "from pkg.gone import Thing",
            "import pkg.gone.sub",
            "import nowhere.at_all",
            "from pkg.old import Gone",
            "__import__('pkg.gone')",
            "import importlib; importlib.import_module('pkg.gone')",
            "from unittest import mock; mock.patch('pkg.gone.Thing').start()",
            "from unittest import mock; mock.patch('pkg.old.Gone').start()",
        ):
            with pytest.raises((ImportError, AttributeError)):
                project.run(text)
            assert (text, project.seen()) == (text, [])


def test_a_name_that_comes_back_is_seen_again(project: Project) -> None:
    project.deprecate("pkg.old:Gone")
    with project:
        app = project.run("def use():\n    from pkg.old import Gone\n    return Gone\n")
        with pytest.raises(ImportError):
            app.use()
        assert project.seen() == []
        sys.modules["pkg.old"].Gone = type("Gone", (), {})  # type: ignore[attr-defined]
        app.use()
        assert project.seen() == ["pkg.old:Gone @ from pkg.old import Gone"]


@pytest.mark.parametrize(
    "statement", ["import pkg.bad", "from pkg.bad import x", "from pkg import bad", "__import__('pkg.bad')"]
)
@pytest.mark.parametrize(
    "error", ["RuntimeError('no')", "ImportError('something else')", "ModuleNotFoundError(name='x')"]
)
def test_an_import_that_fails_of_its_own_is_seen(project: Project, statement: str, error: str) -> None:
    project.write("pkg/bad.py", f"raise {error}")
    project.deprecate("pkg.bad")
    with project:
        with pytest.raises((RuntimeError, ImportError)):
            project.run(statement)
        assert [line.partition(" @ ")[2] for line in project.seen()] == [statement]


def test_a_lazy_name_is_believed_and_not_woken(project: Project) -> None:
    project.write("pkg/lazy.py", LAZY)
    project.deprecate("pkg.lazy:Thing")
    with project:
        app = project.run("from pkg.lazy import Thing\nfrom pkg.lazy import Other\n")
        assert project.seen() == ["pkg.lazy:Thing @ from pkg.lazy import Thing"]
    assert app.Thing == 3
    assert sys.modules["pkg.lazy"].asked == ["Thing", "Other"]


def test_circular_imports_are_seen_once_each(project: Project) -> None:
    project.write("one.py", "from pkg.old import Thing\nimport two\n")
    project.write("two.py", "import one\nfrom one import Thing\n")
    with project:
        importlib.import_module("one")
        assert project.seen() == [
            "pkg.old:Thing @ from one import Thing",
            "pkg.old:Thing @ from pkg.old import Thing",
        ]


def test_an_import_in_a_thread_is_booked_on_it(project: Project) -> None:
    with project:
        app = project.run("def use():\n    import pkg.old\n")
        thread = threading.Thread(target=app.use, name="worker-7")
        thread.start()
        thread.join()
        (observation,) = project.observations()
    assert (observation.site.text, observation.thread) == ("import pkg.old", "worker-7")


# By string


@pytest.mark.parametrize("first", [False, True], ids=["loaded", "not_loaded"])
@pytest.mark.parametrize(
    "call",
    [
        "importlib.import_module('pkg.old')",
        "importlib.import_module('.old', 'pkg')",
        "importlib.__import__('pkg.old')",
        "__import__('pkg.old')",
        "__import__('pkg.old', fromlist=['_'])",
        "__import__('pkg.old', fromlist=['Thing'])",
        "__import__('pkg', globals(), locals(), ['old'], 0)",
        "pkgutil.resolve_name('pkg.old:Thing')",
        "pkgutil.resolve_name('pkg.old.Thing')",
        "mock.patch('pkg.old.Thing').start()",
        "mock.patch('pkg.old.Thing.__doc__', 'x').start()",
        "mock.patch.multiple('pkg.old', Thing=1, Other=2).__enter__()",
        "mock.patch.dict('pkg.old.LEGACY', a=1).start()",
        "pytest.MonkeyPatch().setattr('pkg.old.Thing', 3)",
        "pytest.MonkeyPatch().delattr('pkg.old.Thing')",
        "pytest.importorskip('pkg.old')",
        "runpy.run_module('pkg.old')",
        "pickle.loads(b'cpkg.old\\nThing\\n.')",
    ],
)
def test_an_import_by_string_is_seen_at_the_call(project: Project, call: str, first: bool) -> None:
    statement = f"x = {call}"
    head = "import importlib, pickle, pkgutil, runpy, pytest\nfrom unittest import mock\n"
    with project, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not first:
            project.run("import pkg.old", "first")
            project.seen()
        project.run(head + statement)
        seen = project.seen()
    mock.patch.stopall()
    target = "pkg.old:Thing" if "fromlist=['Thing']" in call else "pkg.old"
    times = " x2" if "multiple" in call else ""
    assert seen == [f"{target} @ {statement}{times}"]


@pytest.mark.parametrize(
    ("call", "target"),
    [
        ("mock.patch('pkg.old.Thing').start()", "pkg.old:Thing"),
        ("mock.patch('pkg.old.Thing.__doc__', 'x').start()", "pkg.old:Thing"),
        ("mock.patch('pkg.old.Other').start()", None),
        ("pkgutil.resolve_name('pkg.old:Thing')", "pkg.old:Thing"),
        ("importlib.import_module('pkg.old')", None),
        ("__import__('pkg.old', fromlist=['Thing'])", "pkg.old:Thing"),
        ("pytest.MonkeyPatch().setattr('pkg.old.Thing', 3)", "pkg.old:Thing"),
    ],
)
def test_a_string_that_names_a_deprecated_name_is_seen(project: Project, call: str, target: str | None) -> None:
    project.deprecate("pkg.old:Thing")
    with project:
        for name in ("app", "again"):
            project.run(f"import importlib, pkgutil, pytest\nfrom unittest import mock\n{call}\n", name)
            assert project.seen() == ([] if target is None else [f"{target} @ {call}"])
            mock.patch.stopall()


def test_an_alias_of_import_module_bound_before_is_seen(project: Project) -> None:
    app = project.run("from importlib import import_module as load\ndef use():\n    load('pkg.old')\n")
    with project:
        app.use()
        assert project.seen() == ["pkg.old @ load('pkg.old')"]


def test_an_import_by_an_import_function_taken_before_is_seen_where_it_loads_the_module(project: Project) -> None:
    early = project.run("LOAD = __import__\n", "early")
    with project:
        app = project.run(
            "import early\ndef use():\n    early.LOAD('pkg.old')\ndef again():\n    early.LOAD('pkg.old')\n"
        )
        assert early.LOAD is not __import__
        app.use()
        assert project.seen() == ["pkg.old @ early.LOAD('pkg.old')"]
        app.again()
        assert project.seen() == []
        (spot,) = project.imports.blind_spots
        assert spot.target == "pkg.old"
        assert spot.why.startswith("imported by an __import__ that was taken before the plugin was active")


def test_who_only_looks_for_a_module_does_not_import_it(project: Project) -> None:
    with project:
        project.run("import importlib.util\nimportlib.util.find_spec('pkg.old')\n")
        assert project.seen() == []
        assert project.imports.blind_spots == []


def test_a_library_that_resolves_our_string_is_seen_at_our_call(project: Project) -> None:
    project.write(
        "site-packages/vendor.py",
        "import importlib\n"
        "def load(name):\n    return importlib.import_module(name)\n"
        "def old_way(name):\n    return __import__(name)\n"
        "def own():\n    import pkg.old\n"
        "def colours():\n    return importlib.import_module('colorsys')\n",
    )
    project.deprecate("pkg.old", "colorsys")
    sys.path.insert(0, str(project.root / "site-packages"))
    try:
        with project:
            project.run(
                """
                import vendor
                vendor.load("pkg.old")
                vendor.old_way("pkg.old")
                vendor.own()
                vendor.colours()
                """
            )
            assert project.seen() == ['pkg.old @ vendor.load("pkg.old")', 'pkg.old @ vendor.old_way("pkg.old")']
    finally:
        sys.path.remove(str(project.root / "site-packages"))


@pytest.mark.parametrize("spelled", ["pkg.old.Thing", "pkg.old:Thing"])
def test_what_a_library_was_given_says_which_name_of_the_module_is_meant(project: Project, spelled: str) -> None:
    project.write(
        "site-packages/vendor.py",
        "import importlib\n"
        "def load(path, default='pkg.old is here'):\n"
        "    module, _, name = path.replace(':', '.').rpartition('.')\n"
        "    return getattr(importlib.import_module(module), name)\n"
        "def load_class(path):\n    return load(path)\n",
    )
    project.deprecate("pkg.old:Thing")
    sys.path.insert(0, str(project.root / "site-packages"))
    try:
        with project:
            project.run(f"import vendor\nvendor.load_class('{spelled}')\nvendor.load('pkg.old.Other')\n")
            assert project.seen() == [f"pkg.old:Thing @ vendor.load_class('{spelled}')"]
    finally:
        sys.path.remove(str(project.root / "site-packages"))


def test_what_a_logging_configuration_names_is_imported_where_it_is_resolved(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "logging.config", raising=False)  # it keeps the `__import__` of when it was loaded
    project.deprecate("pkg.old:make")
    with project:
        project.run(
            """
            import pkg.old
            from logging.config import BaseConfigurator
            BaseConfigurator({}).resolve("pkg.old.make")
            """
        )
        assert project.seen() == ['pkg.old:make @ BaseConfigurator({}).resolve("pkg.old.make")']


def test_a_patch_as_a_decorator_is_seen_at_its_own_decorator(project: Project) -> None:
    project.write("pkg/fine.py", "x = 1\n")
    with project:
        app = project.run(
            """
            from unittest import mock

            NAME = "pkg.old.Thing"

            @mock.patch("pkg.fine.x")
            @mock.patch("pkg.old.Thing")
            def test_one(thing, x): pass

            @mock.patch("pkg.old.make")
            class TestTwo:
                @mock.patch("pkg.fine.x")
                def test_two(self, x, make): pass

            @mock.patch.dict("pkg.old.LEGACY", a=1)
            def test_three(): pass

            @mock.patch(NAME)
            def test_four(thing): pass

            @mock.patch("pkg.old.Other", new=1)
            async def test_five(): pass
            """
        )
        project.seen()
        app.test_one()
        assert project.seen() == ['pkg.old @ @mock.patch("pkg.old.Thing")']
        app.TestTwo().test_two()
        (observation,) = project.observations()
        assert (observation.site.text, observation.site.line) == ('@mock.patch("pkg.old.make")', 9)
        app.test_three()
        assert project.seen() == ['pkg.old @ @mock.patch.dict("pkg.old.LEGACY", a=1)']
        app.test_four()
        assert project.seen() == ["pkg.old @ @mock.patch(NAME)"]
        with pytest.raises(StopIteration):
            app.test_five().send(None)
        assert project.seen() == ['pkg.old @ @mock.patch("pkg.old.Other", new=1)']


def test_a_faked_import_that_passes_on_is_seen_at_the_statement(project: Project) -> None:
    with project:
        project.write(
            "faking.py",
            """
            import builtins
            real = builtins.__import__

            def fake(name, *args, **kwargs):
                return real(name, *args, **kwargs)
            """,
        )
        app = project.run(
            """
            from unittest import mock
            from faking import fake

            def use():
                with mock.patch("builtins.__import__", side_effect=fake):
                    from pkg.old import Thing
            """
        )
        app.use()
        assert project.seen() == ["pkg.old:Thing @ from pkg.old import Thing"]


# Loading


def test_modules_with_targets_of_every_kind_are_reported_when_loaded(project: Project) -> None:
    for name in ("canonical", "accessor", "generator", "consumer", "keyed", "other"):
        project.write(f"pkg/{name}.py", "")
    parse = Target.parse
    project.configure(
        Ssot(
            name="t",
            canonical=parse("pkg.canonical:Thing"),
            accessors=(parse("pkg.accessor:get"),),
            deprecated=(parse("pkg.old"),),
            keys={parse("pkg.keyed:Thing.method"): "key"},
        ),
        ids=(Ids(name="i", generators=(parse("pkg.generator:make"),), consumers={parse("pkg.consumer:f"): "id"}),),
    )
    names = ["pkg.canonical", "pkg.accessor", "pkg.old", "pkg.keyed", "pkg.generator", "pkg.consumer"]
    with project:
        for name in [*names, "pkg.other"]:
            importlib.import_module(name)
    assert [module.__name__ for module in project.loaded] == names


def test_a_target_loaded_before_is_reported_and_named_as_a_blind_spot(project: Project) -> None:
    project.deprecate("pkg.old", "pkg.gone")
    import pkg.old

    with project:
        assert project.loaded == [pkg.old]
        (spot,) = project.imports.blind_spots
        project.run("import pkg.old")
        assert project.seen() == ["pkg.old @ import pkg.old"]
    assert (spot.target, spot.ssot) == ("pkg.old", "t")
    assert spot.why == "imported before the plugin was active: who imported it until then was not seen"


def test_a_library_loaded_before_is_a_blind_spot_only_if_source_was_loaded_too(project: Project) -> None:
    project.deprecate("logging:getLogger", "os:environ", source=("app.py",))
    with project:
        assert project.imports.blind_spots == []
        assert {module.__name__ for module in project.loaded} == {"logging", "os"}
    project.run("x = 1")
    project.deprecate("logging:getLogger", source=("app.py",))
    with project:
        assert [spot.target for spot in project.imports.blind_spots] == ["logging:getLogger"]


def test_what_another_hook_loads_past_us_is_noticed(project: Project) -> None:
    from importlib.machinery import ModuleSpec, PathFinder

    class Hook:
        def find_spec(self, name: str, path: Any = None, target: object = None) -> ModuleSpec | None:
            return PathFinder.find_spec(name, path)

    with project:
        hook = Hook()
        sys.meta_path.insert(0, hook)  # type: ignore[arg-type]
        try:
            app = project.run("import pkg.old\n")
        finally:
            sys.meta_path.remove(hook)  # type: ignore[arg-type]
        assert project.loaded == [app.pkg.old]
        assert project.seen() == ["pkg.old @ import pkg.old"]
        assert [spot.target for spot in project.imports.blind_spots] == ["pkg.old"]


def test_a_namespace_package_has_no_code_that_could_have_been_missed(project: Project) -> None:
    project.deprecate("space.old")
    project.write("space/old/mod.py", OLD)
    with project:
        project.run("import space.old.mod\n")
        project.imports.sweep()
        assert project.seen() == ["space.old.mod @ import space.old.mod"]
        assert project.imports.blind_spots == []


@pytest.mark.skipif(sys.version_info < (3, 13), reason="typing puts modules without a file there until 3.12")
def test_a_module_under_a_second_name_is_met_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("celery", "kombu")]:
        monkeypatch.delitem(sys.modules, name)  # where another test has loaded them, they load more when looked at
    project.deprecate("**:join")
    with project:
        before = len(project.loaded)
        project.imports.sweep()
        # `typing` puts these two there when somebody first asks for them, until 3.13.
        again = {module.__name__ for module in project.loaded[before:]} - {"typing.io", "typing.re"}
        assert again == set()
        assert {spot.target for spot in project.imports.blind_spots} <= {"**:join"}
        assert not [spot for spot in project.imports.blind_spots if "past our" in spot.why]


def test_a_module_imported_again_after_deletion_is_reported_and_seen_again(project: Project) -> None:
    project.deprecate("pkg.old:Thing")
    with project:
        app = project.run("def use():\n    from pkg.old import Thing\n    return Thing\n")
        first = app.use()
        del sys.modules["pkg.old"]
        assert app.use() is not first
        importlib.reload(sys.modules["pkg.old"])
        app.use()
        assert len(project.loaded) == 3
        assert project.seen() == ["pkg.old:Thing @ from pkg.old import Thing x3"]


# Leaving no trace


def test_undo_puts_everything_back(project: Project) -> None:
    before = (builtins.__import__, bootstrap._gcd_import, list(sys.meta_path))
    with project:
        assert builtins.__import__ is not before[0]
    assert (builtins.__import__, bootstrap._gcd_import, list(sys.meta_path)) == before


def test_undo_leaves_what_somebody_else_put_there(project: Project) -> None:
    plain = builtins.__import__
    try:
        with project:
            ours = builtins.__import__

            def theirs(*args: Any, **kwargs: Any) -> ModuleType:
                return ours(*args, **kwargs)

            builtins.__import__ = theirs
        assert builtins.__import__ is theirs
        project.run("import pkg.old")
        assert project.seen() == []
    finally:
        builtins.__import__ = plain


def test_a_warning_names_the_line_it_names_without_us(project: Project) -> None:
    text = "import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=2)\n"
    for name in ("warn_a", "warn_b", "warn_c", "warn_d"):
        project.write(f"{name}.py", text)
    project.deprecate("warn_b", "warn_d")

    def caught(module: str, how: str) -> list[tuple[str, int]]:
        with warnings.catch_warnings(record=True) as log:
            warnings.simplefilter("always")
            project.run(f"import importlib\n\n\n{how.format(module)}\n", f"by_{module}")
        return [(Path(one.filename).name, one.lineno) for one in log]

    assert caught("warn_a", "import {}") == [("by_warn_a.py", 4)]
    with project:
        assert caught("warn_b", "import {}") == [("by_warn_b.py", 4)]
        before = caught("warn_c", "importlib.import_module('{}')")
        assert caught("warn_d", "importlib.import_module('{}')") == before


def test_a_warning_from_the_python_implementation_names_the_same_line(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = pytest.importorskip("test.support.import_helper")
    plain = helper.import_fresh_module("warnings", blocked=["_warnings"])
    assert plain.warn.__module__ == "warnings"
    monkeypatch.setitem(sys.modules, "warnings", plain)
    project.write("warn_a.py", "import warnings\nwarnings.warn('old', DeprecationWarning, stacklevel=2)\n")
    with project, plain.catch_warnings(record=True) as log:
        plain.simplefilter("always")
        project.run("\n\nimport warn_a\n")
    assert [(Path(one.filename).name, one.lineno) for one in log] == [("app.py", 1)]


def test_arguments_and_errors_of_the_import_functions_are_as_without_us(project: Project) -> None:
    def answers() -> list[str]:
        given: list[str] = []
        for function, arguments in (
            (builtins.__import__, ("os.path",)),
            (builtins.__import__, ("os.path", None, None, ("join",), 0)),
            (builtins.__import__, (3,)),
            (builtins.__import__, (["os"],)),
            (builtins.__import__, ("",)),
            (builtins.__import__, ("x", None, None, (), 1)),
            (importlib.import_module, ("os.path",)),
            (importlib.import_module, ("pkg.gone",)),
            (importlib.import_module, (".gone", "nowhere")),
            (importlib.import_module, ("..gone", "pkg")),
            (importlib.import_module, ("",)),
            (bootstrap._gcd_import, (["os"],)),
        ):
            try:
                given.append(function(*arguments).__name__)
            except Exception as error:
                given.append(repr(error))
        return given

    plain = answers()
    with project:
        assert answers() == plain
        assert __import__(name="json", globals=None, locals=None, fromlist=(), level=0).__name__ == "json"
        assert builtins.__import__.__name__ == "__import__"


def test_our_frames_are_hidden_from_tracebacks(project: Project) -> None:
    project.write("pkg/bad.py", "1 / 0")
    project.deprecate("pkg.bad")
    with project, pytest.raises(ZeroDivisionError) as info:
        project.run("import pkg.bad")
    shown = [entry for entry in info.traceback if not entry.ishidden(info)]
    assert [entry for entry in shown if "_ssot" in str(entry.path)] == []
