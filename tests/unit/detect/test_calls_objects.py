"""What is no plain Python function or class stays the object that it is, and is watched by what it is."""

from __future__ import annotations

import pickle
import sys

import pytest

TOLD_CALLS = "what a statement calls is told from Python 3.12 on only"


@pytest.fixture
def clock(project):
    project.write(
        app="""
        import time
        from time import monotonic as clock
        held = [clock]

        class Service:
            now = time.monotonic

            def __init__(self, clock=time.monotonic):
                self.clock = clock

            def run(self):
                return self.clock()

        def go():
            time.monotonic()
            clock()
            held[0]()
            Service.now()
            Service().run()
            return [clock(*()) for _ in range(2)]
        """
    )
    return project.load("app")


def test_a_c_function_is_seen_under_every_name_where_the_project_calls_it(project, clock):
    before = vars(clock).copy()
    with project.watched(project.settings(ssot={"deprecated": ["time:monotonic"]})) as seen:
        assert vars(clock) == before
        assert all(vars(clock)[name] is before[name] for name in ("clock", "held"))
        clock.go()
        if project.back_end == "monitoring":
            assert seen.lines() == [
                ("app.py", 13, 1),
                ("app.py", 16, 1),
                ("app.py", 17, 1),
                ("app.py", 18, 1),
                ("app.py", 19, 1),
                ("app.py", 21, 2),
            ]
            assert "not where a library or C code does" in seen.spots()["time:monotonic"]
            assert [(guard.target, guard.backend) for guard in seen.calls.guards] == [("time:monotonic", "monitoring")]
        else:
            assert seen.lines() == []
            [spot] = seen.calls.blind_spots
            assert TOLD_CALLS in spot.why
    clock.go()
    assert seen.lines() == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="what a statement calls is told from 3.12")
class TestWhereCallsAreTold:
    @pytest.fixture
    def project(self, project):
        if project.back_end == "in-place":
            pytest.skip("what a statement calls is not told")
        return project

    def test_a_call_that_first_went_elsewhere_is_seen_when_it_comes_to_the_target(self, project, clock):
        with project.watched(project.settings(ssot={"deprecated": ["time:monotonic"]})) as seen:
            service = clock.Service(lambda: 0)
            service.run()
            service.clock = clock.clock
            service.run()
            assert seen.lines() == [("app.py", 13, 1)]

    def test_a_name_that_was_replaced_for_a_while_is_seen_afterwards(self, project, clock, monkeypatch):
        def go():
            return 0

        with project.watched(project.settings(ssot={"deprecated": ["time:monotonic"]})) as seen:
            with monkeypatch.context() as patch:
                patch.setattr("time.monotonic", go)
                patch.setattr(clock, "clock", go)
                clock.go()
                seen.observations()
            clock.go()
            assert ("app.py", 16, 1) in (lines := seen.lines())
            assert ("app.py", 17, 1) in lines

    def test_an_object_that_two_targets_of_a_table_mean_is_seen_once(self, project):
        project.write(app="import time\ndef go():\n    time.monotonic()\n")
        app = project.load("app")
        with project.watched(project.settings(ssot={"deprecated": ["time:monotonic", "time:*tonic"]})) as seen:
            for module in list(sys.modules.values()):
                seen.calls.plant(module)
            app.go()
            assert seen.lines() == [("app.py", 3, 1)]

    def test_a_module_that_is_running_while_the_target_appears_is_watched_too(self, project):
        project.write(
            old="from functools import partial\nbuild = dict\nmake = partial(build)\n",
            app="from old import make\nmake()\n",
        )
        settings = project.settings(ssot={"deprecated": ["old:make"]})
        project.write(run="import sys\nimport old\nsys.plant(sys.modules['old'])\nold.make()\n")
        with project.watched(settings) as seen:
            sys.plant = seen.calls.plant
            try:
                project.load("run", seen.calls)
            finally:
                del sys.plant
            assert seen.lines() == [("run.py", 4, 1)]

    @pytest.mark.parametrize(
        ("target", "call"),
        [
            ("datetime:datetime.utcnow", "datetime.datetime.utcnow()"),
            ("datetime:datetime.utcnow", "now = datetime.datetime.utcnow; now()"),
            ("datetime:datetime.isoformat", "datetime.datetime(2024, 1, 1).isoformat()"),
            ("datetime:datetime.isoformat", "text = datetime.datetime(2024, 1, 1).isoformat; text()"),
            ("collections:deque", "collections.deque()"),
            ("collections:OrderedDict", "class Sub(collections.OrderedDict): pass\n    Sub(a=1)"),
            ("builtins:eval", "eval('1')"),
            ("itertools:count", "itertools.count(**{})"),
        ],
    )
    @pytest.mark.filterwarnings("ignore:datetime:DeprecationWarning")
    def test_methods_and_classes_of_c_are_seen_too(self, project, target, call):
        project.write(
            app=f"import collections, datetime, itertools\ndef go():\n    {call}\n    datetime.datetime.now()\n"
        )
        app = project.load("app")
        with project.watched(project.settings(ssot={"deprecated": [target]})) as seen:
            app.go()
            assert [count for *_, count in seen.lines()] == [1]
            assert "C" in seen.spots()[target]

    def test_calls_in_libraries_and_tests_of_a_foreign_source_are_none_of_ours(self, project):
        project.write(
            ours__app="from os import urandom\nimport os\ndef go():\n    return urandom(1), os.urandom(1)\n",
            test_it="import os\ndef go():\n    os.urandom(1)\n",
        )
        settings = project.settings(source=("ours",), ids={"forbidden": ["os:urandom"], "generators": ["ours.gone:x"]})
        with project.watched(settings) as seen:
            project.load("ours.app").go()
            project.load("test_it").go()
            assert seen.sites() == ["out-of-band-id os:urandom ours/app.py:4 go | return urandom(1), os.urandom(1) × 2"]

    def test_a_source_called_inside_a_generator_is_none(self, project):
        project.write(ids="import os\ndef new():\n    return os.urandom(1)\ndef other():\n    return os.urandom(1)\n")
        with project.watched(project.settings(ids={"forbidden": ["os:urandom"], "generators": ["ids:new"]})) as seen:
            ids = project.load("ids", seen.calls)
            ids.new()
            ids.other()
            assert seen.lines() == [("ids.py", 5, 1)]

    def test_most_calls_are_looked_at_once(self, project):
        project.write(app="import time\ndef go():\n    for _ in range(100):\n        len('x')\n        abs(1)\n")
        app = project.load("app")
        with project.watched(project.settings(ssot={"deprecated": ["time:monotonic"]})):
            looked, monitoring = [], sys.monitoring
            tool = next(tool for tool in range(6) if monitoring.get_tool(tool) == "pytest-ssot-tracker calls")
            plain = monitoring.register_callback(tool, monitoring.events.CALL, None)
            told = lambda *args: looked.append(args) or plain(*args)  # noqa: E731
            monitoring.register_callback(tool, monitoring.events.CALL, told)
            app.go()
            assert [args[2] for args in looked if args[0].co_name == "go"] == [range, len, abs]

    def test_the_tool_id_is_given_back(self, project):
        tools = [sys.monitoring.get_tool(tool) for tool in range(6)]
        with project.watched(project.settings(ssot={"deprecated": ["time:monotonic"]})):
            assert [sys.monitoring.get_tool(tool) for tool in range(6)] != tools
        assert [sys.monitoring.get_tool(tool) for tool in range(6)] == tools


def test_what_c_code_looks_for_is_still_there(project):
    project.write(app="import os\nfrom os import getcwd\n")
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["os:getcwd"]})):
        assert pickle.loads(pickle.dumps(app.getcwd)) is app.getcwd
        assert type(app.os.getcwd) is type(len)


def test_a_call_answered_from_a_cache_is_seen_where_calls_are_told(project):
    project.write(
        old="""
        import functools
        class Tracker: pass
        @functools.lru_cache
        def get_tracker(): return Tracker()
        """,
        app="""
        from old import get_tracker
        def go():
            return [get_tracker() for _ in range(3)]
        """,
    )
    app = project.load("app")
    original = app.get_tracker
    with project.watched(project.settings(ssot={"deprecated": ["old"]})) as seen:
        assert app.get_tracker is original
        assert len({id(one) for one in app.go()}) == 1
        times = " × 3" if project.back_end == "monitoring" else ""
        assert seen.sites() == [
            f"deprecated-use old:get_tracker app.py:4 go | return [get_tracker() for _ in range(3)]{times}"
        ]
        assert app.get_tracker.cache_info().hits == 2
        assert "what it has kept" in seen.spots()["old:get_tracker"]


def test_a_cached_function_that_is_handed_on_counts_once(project):
    project.write(
        old="import functools\n@functools.lru_cache\ndef get(n):\n    return n\n",
        app="from old import get\ndef go():\n    list(map(get, 'ab'))\n    get('c')\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:get"]})) as seen:
        app.go()
        assert seen.lines() == [("app.py", 3, 2), ("app.py", 4, 1)]


def test_a_cached_method_is_seen_by_whichever_way_it_is_bound(project):
    project.write(
        old="""
        import functools
        class Old:
            @functools.lru_cache
            def plain(self): return 1
            @staticmethod
            @functools.lru_cache
            def static(): return 1
            @classmethod
            @functools.lru_cache
            def of_class(cls): return 1
        """,
        app="from old import Old\none = Old()\ndef go():\n    one.plain()\n    Old.static()\n    Old.of_class()\n",
    )
    app = project.load("app")
    targets = ["old:Old.plain", "old:Old.static", "old:Old.of_class"]
    with project.watched(project.settings(ssot={"deprecated": targets})) as seen:
        app.go()
        app.go()
        times = 2 if project.back_end == "monitoring" else 1
        assert seen.lines() == [("app.py", line, times) for line in (4, 5, 6)]
        assert set(seen.spots()) == set(targets)


def test_a_cache_around_what_has_a_name_of_its_own_blames_nobody_who_calls_that(project):
    project.write(
        old="import functools\ndef get(): return 1\nold_get = functools.lru_cache(get)\n",
        app="import old\ndef go():\n    old.get()\n    old.old_get()\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:old_get"]})) as seen:
        app.go()
        assert seen.lines() == ([("app.py", 4, 1)] if project.back_end == "monitoring" else [])
        assert "old:old_get" in seen.spots()


def test_an_object_with_a_call_of_its_own_is_told_from_others_of_its_class(project):
    project.write(
        old="""
        class Maker:
            def __call__(self): return self
        make = Maker()
        fine = Maker()
        """,
        app="import old\ndef go():\n    old.make()\n    old.fine()\n    [old.make][0]()\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:make"]})) as seen:
        app.go()
        assert seen.lines() == [("app.py", 3, 1), ("app.py", 5, 1)]
        assert seen.spots() == {}


def test_of_an_object_that_is_more_than_called_the_rest_is_a_blind_spot(project):
    project.write(
        old="""
        class Task:
            def __call__(self): return 1
            def delay(self): return self()
            def __getitem__(self, key): return key
        send = Task()
        fine = Task()
        """,
        app="import old\ndef go():\n    old.send()\n    old.send.delay()\n    old.send[1]\n    old.fine.delay()\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:send"]})) as seen:
        app.go()
        assert seen.lines() == [("app.py", 3, 1), ("app.py", 4, 1)]
        assert seen.spots() == {"old:send": "calls of this Task are seen, and of its methods; __getitem__ are not"}


@pytest.mark.parametrize("target", ["old", "old:*"])
def test_with_a_module_deprecated_so_is_what_decorators_make_of_its_functions(project, target):
    project.write(
        deco="""
        class Command:
            def __init__(self, callback): self.callback = callback
            def __call__(self): return self.callback()
        def bare(function):
            def wrapper(): return function()
            return wrapper
        fine = Command(len)
        """,
        old="""
        from deco import Command, bare, fine
        @Command
        def command(): return 1
        @bare
        def plain(): return 2
        """,
        app="import old\ndef go():\n    old.command()\n    old.plain()\n    str(old.fine)\n    old.bare(str)\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": [target]})) as seen:
        app.go()
        assert seen.lines() == [("app.py", 3, 1), ("app.py", 4, 1)]


def test_a_proxy_is_asked_nothing(project):
    project.write(
        old="""
        class Proxy:
            @property
            def __class__(self): raise RuntimeError("outside of a context")
            def __getattr__(self, name): raise RuntimeError("outside of a context")
            def __eq__(self, other): raise RuntimeError("outside of a context")
            __hash__ = None
            def __bool__(self): raise RuntimeError("outside of a context")
            def __getitem__(self, key): return key
        current = Proxy()
        class Holder:
            current = Proxy()
        """,
        app="import old\ndef go():\n    return old.current['a']\n",
    )
    app = project.load("app")
    settings = project.settings(ssot={"deprecated": ["old:current", "old:Holder.current", "old"]})
    with project.watched(settings) as seen:
        assert app.go() == "a"
        assert seen.lines() == []
        assert all("RuntimeError" not in why for why in seen.spots().values())


def test_a_typing_construct_stays_what_it_is(project):
    project.write(app="from typing import Optional\ndef go(x: Optional[int] = None):\n    return Optional[int]\n")
    app = project.load("app")
    before = app.Optional
    with project.watched(project.settings(ssot={"deprecated": ["typing:Optional"]})) as seen:
        assert app.Optional is before
        app.go()
        assert seen.lines() == []
        assert "__getitem__" in seen.spots()["typing:Optional"]


def test_a_partial_is_seen_by_the_private_function_behind_it_and_no_public_one_is_blamed(project):
    project.write(
        old="""
        import functools
        def _build(name): return name
        def build(name): return name
        make = functools.partial(_build, "x")
        other = functools.partial(build, "x")
        """,
        app="import old\ndef go():\n    old.make()\n    old.other()\n    old.build('x')\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:make", "old:other"]})) as seen:
        app.go()
        if project.back_end == "monitoring":
            assert seen.lines() == [("app.py", 3, 1), ("app.py", 4, 1)]
        else:
            assert seen.lines() == [("app.py", 3, 1)]
            assert TOLD_CALLS in seen.spots()["old:other"]


def test_a_bound_method_of_one_object_is_not_that_of_another(project):
    project.write(
        old="""
        class Api:
            def decode(self): return 1
        _api = Api()
        decode = _api.decode
        """,
        app="import old\ndef go():\n    old.decode()\n    old.Api().decode()\n",
    )
    app = project.load("app")
    with project.watched(project.settings(ssot={"deprecated": ["old:decode"]})) as seen:
        app.go()
        assert seen.lines() == [("app.py", 3, 1)]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="before 3.11 an instruction has no position")
def test_an_accessor_that_is_an_object_lets_in_nobody_else(project):
    project.write(
        core="""
        class Tracker: pass
        class Maker:
            def __call__(self): return Tracker()
        get = Maker()
        fine = Maker()
        """,
        app="import core\ndef go():\n    core.get()\n    core.fine()\n",
    )
    app = project.load("app")
    settings = project.settings(ssot={"canonical": "core:Tracker", "accessors": ["core:get"]})
    with project.watched(settings) as seen:
        app.go()
        assert seen.sites() == ["singleton-bypass core:Tracker core.py:4 Maker.__call__ | return Tracker()"]


def test_an_accessor_that_is_a_partial_lets_in_what_it_calls_with_what_it_gives(project):
    project.write(
        core="""
        from functools import partial
        class Tracker: pass
        def make(kind, more=None): return build()
        def build(): return Tracker()
        get = partial(make, "real")
        """,
        app="import core\ndef go():\n    core.get()\n    core.make('other')\n",
    )
    app = project.load("app")
    settings = project.settings(ssot={"canonical": "core:Tracker", "accessors": ["core:get"]})
    with project.watched(settings) as seen:
        app.go()
        assert [(str(one.exempt), one.count) for one in seen.observations()] == [("accessor", 1), ("None", 1)]
        assert seen.spots() == {}


def test_an_accessor_without_python_code_is_followed_where_calls_are_told(project):
    project.write(
        core="class Tracker: pass\nfrom functools import partial\nget = partial(Tracker)\n",
        app="import core\ndef go():\n    core.get()\n    core.Tracker()\n",
    )
    app = project.load("app")
    settings = project.settings(ssot={"canonical": "core:Tracker", "accessors": ["core:get"]})
    with project.watched(settings) as seen:
        app.go()
        found = [(str(one.exempt), one.site.line) for one in seen.observations()]
        if project.back_end == "monitoring":
            assert found == [("None", 4)]
            assert seen.spots() == {}
        else:
            assert seen.spots() == {"core:get": "partial has no Python code: what happens in it is its caller's"}
