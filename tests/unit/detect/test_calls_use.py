from __future__ import annotations

import sys

import pytest

OLD = """
class Tracker:
    def __init__(self, name="x"):
        self.name = name

    @classmethod
    def named(cls, name):
        return cls(name)

    def method(self):
        return Tracker(self.name)


def get_tracker():
    return Tracker()


async def fetch():
    return 1


def _private():
    return helper()


def helper():
    return 2
"""


@pytest.fixture
def old(project):
    project.write(old=OLD)
    return project.settings(ssot={"deprecated": ["old"]})


def test_every_way_to_a_deprecated_class_or_function_is_seen_at_its_statement(project, old):
    project.write(
        app="""
        from old import Tracker, get_tracker as accessor
        import old
        factories = [Tracker, accessor]

        def direct():
            Tracker("a")
            old.Tracker()
            accessor()
            for make in factories:
                make()
            Tracker.named("b")
            list(map(Tracker, "xy"))
        """
    )
    app = project.load("app")
    with project.watched(old) as seen:
        app.direct()
        assert seen.sites() == [
            "deprecated-use old:Tracker app.py:11 direct | make()",
            'deprecated-use old:Tracker app.py:12 direct | Tracker.named("b")',
            'deprecated-use old:Tracker app.py:13 direct | list(map(Tracker, "xy")) × 2',
            'deprecated-use old:Tracker app.py:7 direct | Tracker("a")',
            "deprecated-use old:Tracker app.py:8 direct | old.Tracker()",
            "deprecated-use old:get_tracker app.py:11 direct | make()",
            "deprecated-use old:get_tracker app.py:9 direct | accessor()",
        ]
    app.direct()
    assert seen.sites() == []


def test_the_defining_module_is_no_site_for_itself(project, old):
    module = project.load("old")
    with project.watched(old) as seen:
        tracker = module.Tracker.__new__(module.Tracker)
        tracker.name = "x"
        tracker.method()
        assert seen.sites() == []


def test_a_library_that_calls_what_it_was_given_does_so_for_the_nearest_code_of_ours(project, old):
    project.write(
        app="""
        import re
        from dataclasses import dataclass, field
        from old import Tracker, get_tracker

        @dataclass
        class Order:
            tracker: Tracker = field(default_factory=Tracker)

        def make():
            return Order()

        def replace():
            re.sub("a", lambda match: get_tracker().name, "a")
            re.sub("a", get_tracker, "b")
            return re.sub("a", Tracker, "b")
        """
    )
    app = project.load("app")
    with project.watched(old) as seen:
        assert app.make().tracker.name == "x"
        app.replace()
        assert [(one.site.line, one.site.target, one.via) for one in seen.observations()] == [
            (11, "old:Tracker", "dataclasses"),
            (14, "old:get_tracker", None),
        ]


def test_code_run_from_text_stands_where_it_is_run(project, old):
    project.write(
        app="""
        from old import Tracker
        def run():
            exec("Tracker()")
            return eval("Tracker('e')").name
        """
    )
    app = project.load("app")
    with project.watched(old) as seen:
        assert app.run() == "e"
        assert [site.split(" ", 2)[2] for site in seen.sites()] == [
            'app.py:4 run | exec("Tracker()")',
            "app.py:5 run | return eval(\"Tracker('e')\").name",
        ]


def test_a_class_named_alone_leaves_its_neighbours_alone(project):
    project.write(old=OLD, app="import old\ndef go():\n    old.helper()\n    old.Tracker()\n")
    with project.watched(project.settings(ssot={"deprecated": ["old:Tracker"]})) as seen:
        project.load("app", seen.calls).go()
        assert seen.sites() == ["deprecated-use old:Tracker app.py:4 go | old.Tracker()"]


def test_callers_under_allow_in_are_recorded_as_allowed(project):
    project.write(
        old=OLD, app="import old\ndef go():\n    old.helper()\n", core__x="import old\ndef go():\n    old.helper()\n"
    )
    with project.watched(project.settings(ssot={"deprecated": ["old"], "allow_in": ["core.**"]})) as seen:
        project.load("app", seen.calls).go()
        project.load("core.x", seen.calls).go()
        assert seen.sites() == [
            "deprecated-use old:helper app.py:3 go | old.helper()",
            "deprecated-use old:helper core/x.py:3 go | old.helper() (allow_in)",
        ]


def test_excluded_files_are_never_reported(project):
    project.write(
        old=OLD, app="import old\ndef go():\n    old.helper()\n", gen__x="import old\ndef go():\n    old.helper()\n"
    )
    settings = project.settings(ssot={"deprecated": ["old"]}, exclude=("gen/**",))
    with project.watched(settings) as seen:
        project.load("app", seen.calls).go()
        project.load("gen.x", seen.calls).go()
        assert seen.lines() == [("app.py", 3, 1)]


def test_what_is_outside_the_project_is_judged_for_callers_in_source_only(project):
    project.write(
        src__app="import textwrap\ndef go():\n    textwrap.dedent('')\n",
        tests__x="import textwrap\ndef go():\n    textwrap.dedent('')\n",
    )
    settings = project.settings(source=("src",), ssot={"deprecated": ["textwrap:dedent"]})
    with project.watched(settings) as seen:
        project.load("src.app").go()
        project.load("tests.x").go()
        assert seen.sites() == ["deprecated-use textwrap:dedent src/app.py:3 go | textwrap.dedent('')"]


def test_methods_of_every_kind_can_be_deprecated(project):
    project.write(
        old="""
        import functools
        class Base:
            def inherited(self): return 1
        class Thing(Base):
            def plain(self): return 1
            @classmethod
            def of_class(cls): return 1
            @staticmethod
            def static(): return 1
            @property
            def value(self): return 1
            @functools.cached_property
            def once(self): return 1
        class Other(Base):
            pass
        """,
        app="""
        from old import Thing, Other
        def go():
            thing = Thing()
            thing.plain()
            Thing.of_class()
            thing.static()
            thing.value
            thing.once
            thing.once
            thing.inherited()
            Other().inherited()
        """,
    )
    names = ["plain", "of_class", "static", "value", "inherited"]
    settings = project.settings(ssot={"deprecated": [f"old:Thing.{name}" for name in names]})
    with project.watched(settings) as seen:
        project.load("app", seen.calls).go()
        assert [site.split(" ", 1)[1] for site in seen.sites()] == [
            "old:Thing.inherited app.py:11 go | thing.inherited()",
            "old:Thing.of_class app.py:6 go | Thing.of_class()",
            "old:Thing.plain app.py:5 go | thing.plain()",
            "old:Thing.static app.py:7 go | thing.static()",
            "old:Thing.value app.py:8 go | thing.value",
        ]


def test_decorated_functions_are_seen_where_they_are_called_and_not_confused_with_their_siblings(project):
    project.write(
        deco="""
        import functools
        def traced(f):
            @functools.wraps(f)
            def wrapper(*args):
                return f(*args)
            return wrapper
        """,
        old="""
        import contextlib, functools, warnings
        from deco import traced
        import new
        @traced
        def decorated(): return 1
        @contextlib.contextmanager
        def managed(): yield 1
        @functools.wraps(new.fresh)
        def shim(): return new.fresh()
        @functools.singledispatch
        def dispatched(x): return 1
        """,
        new="""
        from deco import traced
        def fresh(): return 1
        @traced
        def sibling(): return 1
        """,
        app="""
        import old, new
        def go():
            old.decorated()
            with old.managed():
                pass
            old.shim()
            old.dispatched(1)
            new.fresh()
            new.sibling()
        """,
    )
    names = ["decorated", "managed", "shim", "dispatched"]
    with project.watched(project.settings(ssot={"deprecated": [f"old:{name}" for name in names]})) as seen:
        project.load("app", seen.calls).go()
        assert [site.split(" ", 1)[1] for site in seen.sites()] == [
            "old:decorated app.py:4 go | old.decorated()",
            "old:dispatched app.py:8 go | old.dispatched(1)",
            "old:managed app.py:5 go | with old.managed():",
            "old:shim app.py:7 go | old.shim()",
        ]


def test_coroutines_stand_where_they_are_awaited_or_where_their_loop_was_started(project, old):
    project.write(
        app="""
        import asyncio
        from old import fetch

        async def awaits():
            return await fetch()

        async def gathers():
            await asyncio.gather(fetch(), fetch())
            return await asyncio.wait_for(fetch(), 5)

        def run(job):
            return asyncio.run(job())
        """
    )
    app = project.load("app")
    with project.watched(old) as seen:
        assert app.run(app.awaits) == 1
        assert seen.sites() == ["deprecated-use old:fetch app.py:6 awaits | return await fetch()"]
        assert app.run(app.gathers) == 1
        assert sum(one.count for one in seen.observations()) == 3


@pytest.mark.skipif(sys.version_info < (3, 11), reason="before 3.11 a coroutine is put down to where it starts")
def test_a_coroutine_that_an_event_loop_starts_stands_where_it_was_made(project, old):
    import asyncio

    project.write(app="import asyncio\nfrom old import fetch\nasync def go():\n    await asyncio.gather(fetch())\n")
    app = project.load("app")
    with project.watched(old) as seen:
        asyncio.run(app.go())
        assert seen.sites() == ["deprecated-use old:fetch app.py:4 go | await asyncio.gather(fetch())"]


def test_what_nobody_of_ours_is_known_to_have_handed_over_stands_where_it_is_defined(project, old):
    from concurrent.futures import ThreadPoolExecutor

    project.write(app="from old import get_tracker, Tracker\n")
    app = project.load("app")
    with project.watched(old) as seen, ThreadPoolExecutor(1) as pool:
        pool.submit(app.get_tracker).result()
        pool.submit(app.Tracker).result()
        found = [(one.site.target, one.site.path, one.site.text, one.detail) for one in seen.observations()]
        why = ("a library called it, and what had handed it over was no longer running",)
        assert found == [
            ("old:get_tracker", "old.py", "def get_tracker():", why),
            ("old:Tracker", "old.py", "class Tracker:", why),
        ]


def test_targets_are_met_or_gone(project):
    project.write(old=OLD, served="def __getattr__(name):\n    raise AttributeError(name)\n")
    settings = project.settings(
        ssot={
            "deprecated": [
                "old:Gone",
                "gone.module",
                "gone:Thing",
                "old:Tracker",
                "old",
                "served:Asked",
                "later:Thing",
            ],
            "canonical": "core:Tracker",
            "accessors": ["old:no_such_accessor"],
        }
    )
    project.write(later="")
    with project.watched(settings) as seen:
        project.load("old", seen.calls)
        project.load("served", seen.calls)
        gone = ["core:Tracker", "gone.module", "gone:Thing", "old:Gone", "old:no_such_accessor"]
        assert sorted(target for _, target in seen.calls.gone) == gone
        assert sorted(target for _, target in seen.calls.met) == ["old", "old:Tracker"]


def test_patterns_match_names_and_modules(project):
    project.write(
        pkg__a="class OldThing:\n    pass\ndef other():\n    pass\n",
        pkg__sub__b="class OldOther:\n    pass\n",
        app="from pkg.a import OldThing, other\nfrom pkg.sub.b import OldOther\ndef go():\n    OldThing()\n    OldOther()\n    other()\n",
    )
    with project.watched(project.settings(ssot={"deprecated": ["pkg.**:Old*"]})) as seen:
        project.load("app", seen.calls).go()
        assert [one.split()[1] for one in seen.sites()] == ["pkg.a:OldThing", "pkg.sub.b:OldOther"]


@pytest.mark.parametrize("deprecated", [["pkg.old:Tracker", "pkg.old:get"], ["pkg.old:*"], ["pkg.o*:*"]])
def test_what_a_deprecated_module_only_hands_on_is_used_freely(project, deprecated):
    project.write(
        pkg__new="class Tracker:\n    def __init__(self):\n        pass\ndef get():\n    return Tracker()\n",
        pkg__old="from uuid import uuid4\nfrom pkg.new import Tracker, get\nclass Old:\n    pass\n",
        app="from pkg.new import get\nfrom pkg.old import Tracker, uuid4\ndef go():\n    return get(), Tracker(), uuid4()\n",
    )
    with project.watched(project.settings(ssot={"deprecated": deprecated})) as seen:
        project.load("app", seen.calls).go()
        assert seen.sites() == []
        assert (seen.calls.gone, seen.calls.blind_spots) == ([], [])


def test_what_a_package_takes_from_its_own_modules_is_its_own(project):
    project.write(
        pkg__made="class Tracker:\n    pass\ndef get():\n    pass\ndef deco():\n    def inner():\n        pass\n    return inner\n",
        app="import pkg\ndef go():\n    pkg.Tracker()\n    pkg.get()\n    pkg.own()\n",
    )
    (project.root / "pkg/__init__.py").write_text("from pkg.made import Tracker, get, deco\nown = deco()\n")
    with project.watched(project.settings(ssot={"deprecated": ["pkg:Tracker", "pkg:get", "pkg:own"]})) as seen:
        project.load("app", seen.calls).go()
        assert [one.split()[1] for one in seen.sites()] == ["pkg:Tracker", "pkg:get", "pkg:own"]


def test_modules_deprecated_by_one_pattern_are_strangers_to_each_other(project):
    project.write(
        pkg__old_a="from pkg.old_b import B\nclass A:\n    def __init__(self):\n        self.b = B()\n",
        pkg__old_b="class B:\n    def __init__(self):\n        pass\ndef make():\n    return B()\n",
    )
    with project.watched(project.settings(ssot={"deprecated": ["pkg.old_*"]})) as seen:
        project.load("pkg.old_b", seen.calls).make()
        project.load("pkg.old_a", seen.calls).A()
        assert seen.sites() == ["deprecated-use pkg.old_b:B pkg/old_a.py:4 A.__init__ | self.b = B()"]


def test_everything_below_a_deprecated_package_is_watched_when_it_is_loaded(project):
    project.write(
        pkg____init__="",
        pkg__sub__b="def work():\n    return 1\n",
        app="def go():\n    from pkg.sub import b\n    b.work()\n",
    )
    with project.watched(project.settings(ssot={"deprecated": ["pkg"]})) as seen:
        app = project.load("app", seen.calls)
        project.load("pkg.sub.b", seen.calls)
        app.go()
        assert seen.sites() == ["deprecated-use pkg.sub.b:work app.py:3 go | b.work()"]


def test_a_module_that_loads_itself_when_looked_at_stays_asleep(project):
    import importlib.util

    project.write(lazy="import lazily_named\nclass Old:\n    pass\n", lazily_named="")
    spec = importlib.util.find_spec("lazy")
    spec.loader = importlib.util.LazyLoader(spec.loader)
    sys.modules["lazy"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    settings = project.settings(ssot={"deprecated": ["lazy", "lazy:Old", "time:monotonic", "**:Older*"]})
    with project.watched(settings) as seen:
        assert seen.calls.gone == []
        assert "lazily_named" not in sys.modules


@pytest.mark.parametrize("compiles", [False, True])
def test_wrappers_that_are_handed_themselves_are_told_apart(project, compiles):
    anew = "\n    func.__code__, func.__kwdefaults__ = (lambda *args, **kwargs: 1).__code__, None" if compiles else ""
    project.write(
        lib=f"""
def lazily(real):
    def func(*args, __wrapper=None, **kwargs):
        return compiled(__wrapper)(*args, **kwargs)
    func.__kwdefaults__["__wrapper"] = func
    func.real = real
    return func

def compiled(func):{anew}
    return func.real
""",
        old="from lib import lazily\n\n@lazily\ndef make(): return 1\n\n@lazily\ndef good(): return 2\n",
        app="""
        import old

        def use():
            old.good()
            old.make()
        """,
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:make"]})) as seen:
        app.use()
        assert seen.sites() == ["deprecated-use old:make app.py:6 use | old.make()"]
