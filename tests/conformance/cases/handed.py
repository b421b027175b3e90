"""Cases of what is handed to a library, which calls it: that is a use of ours, or of who started the thread."""

from __future__ import annotations

from collections.abc import Mapping

from ..case import Case, Site, call, setup, teardown
from .legacy import OLD

RULE = "deprecated-use"
TRACKER = "proj.old:Tracker"
MAKE = "proj.old:make"
LINE = "whose site it is: a library that calls what it was given does so for the nearest code of ours"
CONFIG = {"ssot.proj": {"deprecated": ["proj.old:Tracker", "proj.old:make", "proj.old:fetch", "proj.old:key"]}}
NO_FILES: Mapping[str, str] = {}
LEGACY = f"""{OLD}

def key(value):
    return value

async def fetch():
    return 1
"""


def one(slug: str, says: str, test: str, *targets: str, files: Mapping[str, str] = NO_FILES, **more: object) -> Case:
    """Return a case whose one site, labelled `here`, stands in the body of `test_it`."""
    given: dict[str, object] = {
        "slug": f"handed_{slug}",
        "says": says,
        "about": LINE,
        "files": {"old.py": LEGACY, "test_it.py": test, **files},
        "config": CONFIG,
        "sites": tuple(Site("here", RULE, target, "test_it") for target in targets or (TRACKER,)),
    }
    return Case(**{**given, **more})  # type: ignore[arg-type]


CASES = [
    one(
        "to_thread",
        "asyncio.to_thread(old.make): at the call that hands it over",
        """
        import asyncio
        from proj import old

        async def work():
            return await asyncio.to_thread(old.make)  # site: here

        def test_it():
            assert asyncio.run(work()).name == "t"
        """,
        sites=(Site("here", RULE, MAKE, "work"),),
    ),
    one(
        "run_in_executor",
        "loop.run_in_executor(None, old.make): at the call that hands it over",
        """
        import asyncio
        from proj import old

        async def work():
            return await asyncio.get_running_loop().run_in_executor(None, old.make)  # site: here

        def test_it():
            assert asyncio.run(work()).name == "t"
        """,
        sites=(Site("here", RULE, MAKE, "work"),),
    ),
    one(
        "submit",
        "pool.submit(old.Tracker) and pool.map: at the call that hands it over",
        """
        from concurrent.futures import ThreadPoolExecutor
        from proj import old

        def test_it():
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(old.Tracker).result().name == "t"  # site: here
                assert [each.name for each in pool.map(old.Tracker, "ab")] == ["a", "b"]  # site: map
        """,
        sites=(Site("here", RULE, TRACKER, "test_it"), Site("map", RULE, TRACKER, "test_it", (call(2),))),
    ),
    one(
        "thread",
        "Thread(target=old.Tracker) and Timer: where it is started",
        """
        import threading
        from proj import old

        def test_it():
            thread = threading.Thread(target=old.Tracker)
            thread.start()  # site: here
            thread.join()
            timer = threading.Timer(0.001, old.make)
            timer.start()  # site: timer
            timer.join()
        """,
        sites=(Site("here", RULE, TRACKER, "test_it"), Site("timer", RULE, MAKE, "test_it")),
    ),
    one(
        "default_factory",
        "field(default_factory=old.Tracker): where the dataclass is made",
        """
        from dataclasses import dataclass, field
        from proj import old

        @dataclass
        class Job:
            tracker: object = field(default_factory=old.Tracker)

        def test_it():
            assert Job().tracker.name == "t"  # site: here
        """,
    ),
    one(
        "defaultdict",
        "defaultdict(old.Tracker): where a missing key is asked for",
        """
        from collections import defaultdict
        from proj import old

        trackers = defaultdict(old.Tracker)

        def test_it():
            assert trackers["a"].name == "t"  # site: here
        """,
    ),
    one(
        "call_soon",
        "call_soon, call_later and call_soon_threadsafe: at the call that hands it over",
        """
        import asyncio
        from proj import old

        async def work():
            loop = asyncio.get_running_loop()
            loop.call_soon(old.make)  # site: soon
            loop.call_later(0.001, old.Tracker)  # site: later
            loop.call_soon_threadsafe(old.key, 1)  # site: safe
            await asyncio.sleep(0.01)

        def test_it():
            asyncio.run(work())
        """,
        sites=(
            Site("soon", RULE, MAKE, "work"),
            Site("later", RULE, TRACKER, "work"),
            Site("safe", RULE, "proj.old:key", "work"),
        ),
    ),
    one(
        "create_task",
        "create_task(old.fetch()): where the task is made",
        """
        import asyncio
        from proj import old

        async def work():
            task = asyncio.create_task(old.fetch())  # site: here
            await asyncio.sleep(0)
            return await task

        def test_it():
            assert asyncio.run(work()) == 1
            assert asyncio.run(old.fetch()) == 1  # site: run
        """,
        sites=(Site("here", RULE, "proj.old:fetch", "work"), Site("run", RULE, "proj.old:fetch", "test_it")),
    ),
    one(
        "exit_stack",
        "ExitStack.callback(old.make): where the stack is left, or where it was handed over if that is not ours",
        """
        import contextlib
        import pytest
        from proj import old

        def test_it():
            with contextlib.ExitStack() as stack:  # site: here
                stack.callback(old.make)

        @pytest.fixture
        def stack(request):
            stack = contextlib.ExitStack()
            request.addfinalizer(stack.close)
            return stack

        def test_later(stack):
            stack.callback(old.make)  # site: later
        """,
        sites=(
            Site("here", RULE, MAKE, "test_it"),
            Site("later", RULE, MAKE, "test_later", (teardown("stack", "test_later"),)),
        ),
    ),
    one(
        "cleanups",
        "addCleanup, addfinalizer and weakref.finalize: where they are handed over, if nothing of ours runs then",
        """
        import unittest
        import pytest
        from proj import old

        class ItTest(unittest.TestCase):
            def test_it(self):
                self.addCleanup(old.Tracker)  # site: cleanup

        @pytest.fixture
        def tracker(request):
            request.addfinalizer(old.make)  # site: finalizer

        def test_fixture(tracker):
            pass
        """,
        sites=(
            Site("cleanup", RULE, TRACKER, "ItTest.test_it", (call(test="proj/test_it.py::ItTest::test_it"),)),
            Site("finalizer", RULE, MAKE, "tracker", (teardown("tracker", "test_fixture"),)),
        ),
    ),
    one(
        "finalize",
        "weakref.finalize(object, old.make): the statement below which the object goes",
        """
        import weakref
        from proj import old

        class Thing:
            pass

        def test_it():
            thing = Thing()
            weakref.finalize(thing, old.make)
            del thing  # site: here
        """,
        MAKE,
    ),
    one(
        "signal",
        "signal.signal(SIGALRM, handler): the statement of ours that is interrupted",
        """
        import os
        import signal
        from proj import old

        def test_it():
            before = signal.signal(signal.SIGUSR1, old.handler)
            try:
                os.kill(os.getpid(), signal.SIGUSR1)  # site: here
            finally:
                signal.signal(signal.SIGUSR1, before)
        """,
        "proj.old:handler",
        files={"old.py": "def handler(number, frame):\n    pass\n"},
        config={"ssot.proj": {"deprecated": ["proj.old:handler"]}},
    ),
    one(
        "map_and_filter",
        "map, filter, sorted(key=), reduce and partial of old.key: where they call it",
        """
        import functools
        from proj import old

        def test_it():
            list(map(old.key, [1]))  # site: map
            list(filter(old.key, [1]))  # site: filter
            sorted([1], key=old.key)  # site: sorted
            functools.partial(old.key, 1)()  # site: partial
        """,
        sites=tuple(Site(label, RULE, "proj.old:key", "test_it") for label in ("map", "filter", "sorted", "partial")),
    ),
    one(
        "re_sub",
        "re.sub(pattern, old.Tracker, text) and json.loads(object_hook=): at that call",
        """
        import json
        import re
        from proj import old

        def test_it():
            re.sub("a", lambda found: "b", "a")
            re.sub("a", old.text, "a")  # site: re
            json.loads('{"a": {"b": 1}}', object_hook=old.key)  # site: json
        """,
        files={
            "old.py": f"{LEGACY}\n\ndef text(found):\n    return 'b'\n",
        },
        config={"ssot.proj": {"deprecated": ["proj.old:text", "proj.old:key"]}},
        sites=(
            Site("re", RULE, "proj.old:text", "test_it"),
            Site("json", RULE, "proj.old:key", "test_it", (call(2),)),
        ),
    ),
    one(
        "raises",
        "pytest.raises(E, old.fails) and pytest.warns: at that call",
        """
        import pytest
        from proj import old

        def test_it():
            pytest.raises(ValueError, old.fails)  # site: here
            pytest.warns(UserWarning, old.warns)  # site: warns
        """,
        files={
            "old.py": """
            import warnings

            def fails():
                raise ValueError

            def warns():
                warnings.warn("now", UserWarning)
            """
        },
        config={"ssot.proj": {"deprecated": ["proj.old:fails", "proj.old:warns"]}},
        sites=(Site("here", RULE, "proj.old:fails", "test_it"), Site("warns", RULE, "proj.old:warns", "test_it")),
    ),
    one(
        "wraps",
        "mock.patch(…, wraps=old.make): where the mock is called",
        """
        from unittest import mock
        from proj import old

        made = None

        def test_it():
            with mock.patch(f"{__name__}.made", wraps=old.make):
                assert made().name == "t"  # site: here
        """,
        MAKE,
    ),
    one(
        "context_run",
        "contextvars.Context.run(old.make): at that call",
        """
        import contextvars
        from proj import old

        def test_it():
            contextvars.copy_context().run(old.make)  # site: here
        """,
        MAKE,
    ),
    one(
        "done_callback",
        "add_done_callback(old.key): where it is handed over",
        """
        from concurrent.futures import Future, ThreadPoolExecutor
        from proj import old

        def test_it():
            future = Future()
            future.add_done_callback(old.key)
            future.set_result(1)  # site: here
        """,
        "proj.old:key",
    ),
    one(
        "library",
        "a library calls what it was given for the code of ours that calls it",
        """
        import vendor_proj
        from proj import old

        def test_it():
            assert vendor_proj.build(old.Tracker)  # site: here
            assert vendor_proj.nothing(old.Tracker)
        """,
        files={
            "/site-packages/vendor_proj/__init__.py": """
            def build(factory):
                return inner(factory)

            def inner(factory):
                return factory()

            def nothing(factory):
                return isinstance(1, int) and factory.__name__
            """,
        },
    ),
    one(
        "naming_alone",
        "isinstance, annotations, Mock(spec=) and naming are no uses",
        """
        from unittest import mock
        from proj import old

        def takes(tracker: old.Tracker) -> old.Tracker:
            return tracker

        def test_it():
            assert not isinstance(1, old.Tracker)
            assert mock.Mock(spec=old.Tracker) and mock.create_autospec(old.Tracker)
            assert [old.Tracker, old.make] and takes(1)
        """,
        rule=RULE,
        sites=(),
    ),
    one(
        "attrs_field",
        "attrs.field(factory=old.Tracker), and a converter and a validator of one: where the class is made",
        """
        import attrs
        from proj import old

        @attrs.define
        class Job:
            tracker: object = attrs.field(factory=old.Tracker)

        @attrs.frozen
        class Task:
            key: str = attrs.field(converter=old.key)
            name: str = attrs.field(default="t", validator=lambda task, field, value: old.make())  # site: validator

        def test_it():
            assert Job().tracker.name == "t"  # site: here
            assert Task("a").key == "a"  # site: converter
        """,
        sites=(
            Site("here", RULE, TRACKER, "test_it"),
            Site("converter", RULE, "proj.old:key", "test_it"),
            Site("validator", RULE, MAKE, "Task"),
        ),
    ),
    one(
        "timeit",
        "timeit.timeit of a function and of a text that calls one: at that call",
        """
        import timeit
        from proj import old

        def test_it():
            timeit.timeit(old.make, number=2)  # site: here
            timeit.timeit("old.make()", globals=globals(), number=2)  # site: text
        """,
        sites=(Site("here", RULE, MAKE, "test_it", (call(2),)), Site("text", RULE, MAKE, "test_it", (call(2),))),
    ),
    one(
        "condition",
        "skipif with a condition in a string: at the mark, in the set-up of its test",
        """
        import pytest
        from proj import old

        @pytest.mark.skipif("old.make() is None", reason="")  # site: here
        def test_it():
            pass

        class TestIt:
            @pytest.mark.skipif("old.key(0) == 1", reason="")  # site: method
            def test_in_a_class(self):
                pass
        """,
        sites=(
            Site("here", RULE, MAKE, seen=(setup(None),)),
            Site("method", RULE, "proj.old:key", "TestIt", (setup(None, "proj/test_it.py::TestIt::test_in_a_class"),)),
        ),
    ),
    one(
        "by_home",
        "what the home of a deprecated thing hands over itself is no use",
        """
        from proj import old

        def test_it():
            old.refresh()  # site: here
        """,
        "proj.old:refresh",
        files={
            "old.py": """
            import threading
            from concurrent.futures import ThreadPoolExecutor

            def reload():
                return 1

            def refresh():
                thread = threading.Thread(target=reload)
                thread.start()
                thread.join()
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(reload).result()
                return sorted([1], key=lambda value: reload())
            """,
        },
        config={"ssot.proj": {"deprecated": ["proj.old:refresh", "proj.old:reload"]}},
    ),
]
