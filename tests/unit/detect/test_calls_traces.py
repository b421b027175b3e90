"""What watching leaves behind, during the run and after it: nothing that the program could notice."""

from __future__ import annotations

import contextlib
import inspect
import pickle
import subprocess
import sys
import textwrap
import traceback
import warnings

import pytest

from pytest_ssot_tracker.detect.plant.bytecodes import with_prologue
from pytest_ssot_tracker.detect.plant.inplace import InPlace
from pytest_ssot_tracker.detect.plant.monitoring import Monitoring

OLD = """
import warnings

def plain(a, b=2, *c, d, e=5, **f):
    "The text."
    x = (a,
         b)
    for y in x:
        if y:
            z = [q for q in x]
    return x

def warns():
    warnings.warn("gone", DeprecationWarning, stacklevel=2)

def fails():
    raise ValueError("no")

def generates(n):
    for i in range(n):
        try:
            got = yield i
        finally:
            pass

async def waits():
    return 3

async def streams():
    yield 1

def encloses():
    here = 1
    def inner():
        return here
    return inner

class Old:
    "A class."
    def __init__(self, x=1):
        self.x = x
    def __eq__(self, other):
        return self.x == other.x
"""


@pytest.fixture
def settings(project):
    project.write(old=OLD)
    return project.settings(ssot={"deprecated": ["old"]})


def seen_from_outside(old):
    """Return everything a program can ask about the functions and the class."""
    kinds = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    facts = {}
    for name, one in vars(old).items():
        if inspect.isfunction(one) or inspect.isclass(one):
            facts[name] = str(inspect.signature(one)), inspect.getdoc(one), [is_(one) for is_ in kinds]
            facts[name] += (inspect.getsource(one), one.__qualname__, one.__module__, pickle.dumps(one))
        if inspect.isfunction(one):
            code = one.__code__
            facts[name] += (one.__defaults__, one.__kwdefaults__, code.co_flags, code.co_varnames, code.co_firstlineno)
            facts[name] += (code.co_names, code.co_freevars, [line for *_, line in code.co_lines() if line][:1])
    return facts


def traced(call):
    """Return the events a tracer sees in the old module."""
    events = []

    def trace(frame, event, arg):
        if frame.f_code.co_filename.endswith("old.py"):
            events.append((frame.f_code.co_name, event, frame.f_lineno))
            return trace
        return None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return events


def test_signatures_flags_source_and_pickles_are_as_before(project, settings):
    old = project.load("old")
    before = seen_from_outside(old)
    with project.watched(settings):
        assert seen_from_outside(old) == before
        assert pickle.loads(pickle.dumps(old.Old(4))) == old.Old(4)
    assert seen_from_outside(old) == before


def test_a_tracer_sees_the_same_lines(project, settings):
    old = project.load("old")

    def exercise():
        old.plain(1, d=4)
        list(old.generates(2))
        old.encloses()()
        old.Old()
        with contextlib.suppress(StopIteration):
            old.waits().send(None)

    before = traced(exercise)
    with project.watched(settings):
        assert traced(exercise) == before
    assert traced(exercise) == before


def test_warnings_name_the_caller_and_tracebacks_name_nothing_of_ours(project, settings):
    old = project.load("old")
    with project.watched(settings):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            old.warns()
        assert caught[0].filename == __file__
        with pytest.raises(ValueError, match="no") as raised:
            old.fails()
        frames = traceback.extract_tb(raised.value.__traceback__)
        assert [(frame.name, frame.lineno) for frame in frames][1:] == [("fails", 17)]


def test_generators_and_coroutines_work_as_before(project, settings):
    import asyncio

    old = project.load("old")
    with project.watched(settings):
        generator = old.generates(5)
        assert (next(generator), generator.send("x")) == (0, 1)
        with pytest.raises(KeyError):
            generator.throw(KeyError())
        assert asyncio.run(old.waits()) == 3

        async def stream():
            return [one async for one in old.streams()]

        assert asyncio.run(stream()) == [1]
        assert old.encloses()() == 1


def test_afterwards_everything_is_the_very_object_it_was(project, settings):
    old = project.load("old")
    codes = {name: one.__code__ for name, one in vars(old).items() if inspect.isfunction(one)}
    members = dict(vars(old.Old))
    init = old.Old.__init__.__code__
    for _ in range(2):
        with project.watched(settings):
            old.Old()
        assert {name: one.__code__ for name, one in vars(old).items() if name in codes} == codes
        assert all(vars(old)[name].__code__ is code for name, code in codes.items())
        assert old.Old.__init__.__code__ is init
        assert dict(vars(old.Old)) == members


def test_what_the_program_changed_meanwhile_is_left_as_it_is(project):
    project.write(old="class Old:\n    pass\ndef work():\n    return 1\n")
    old = project.load("old")
    with project.watched(project.settings(ssot={"deprecated": ["old"]})):
        theirs = lambda self: None  # noqa: E731
        old.Old.__init__ = theirs
        old.work.__code__ = (lambda: 2).__code__
    assert vars(old.Old)["__init__"] is theirs
    assert old.work() == 2
    del old.Old.__init__
    with pytest.raises(TypeError):
        old.Old(1)


def test_a_copy_of_a_watched_function_is_harmless_afterwards(project, settings):
    from types import FunctionType

    old = project.load("old")
    with project.watched(settings) as seen:
        copied = FunctionType(old.encloses.__code__, vars(old))
    assert copied()() == 1
    assert seen.sites() == []


def test_a_target_that_cannot_be_planted_leaves_nothing_half_done(project, monkeypatch):
    project.write(old="class Old:\n    pass\n")
    old = project.load("old")
    before = dict(vars(old.Old))
    from pytest_ssot_tracker.detect.calls.classes import Classes

    def fail(*args):
        raise RuntimeError("in the middle")

    monkeypatch.setattr(Classes, "_births", fail)
    with project.watched(project.settings(ssot={"deprecated": ["old:Old"]})) as seen:
        assert dict(vars(old.Old)) == before
        assert seen.spots() == {"old:Old": "RuntimeError: in the middle"}
        assert seen.calls.guards == []


def test_two_runs_in_one_process_leave_no_trace(tmp_path):
    (tmp_path / "old.py").write_text(OLD)
    script = f"""
    import sys, uuid, copyreg
    sys.path[:0] = [{str(tmp_path)!r}]
    import old
    from pathlib import Path
    from pytest_ssot_tracker import detect
    from pytest_ssot_tracker.model import Target
    from pytest_ssot_tracker.settings import Ids, Settings, Ssot, Tree
    from pytest_ssot_tracker.detect.calls.watch import Calls
    from pytest_ssot_tracker.detect.record.recorder import Recorder
    from pytest_ssot_tracker.detect.record.scope import Scope

    def state():
        tools = [sys.monitoring.get_tool(n) for n in range(6)] if sys.version_info >= (3, 12) else None
        functions = [one for one in vars(old).values() if hasattr(one, "__code__")]
        functions += [old.Old.__init__, uuid.uuid4, copyreg.__newobj__]
        local = [sys.monitoring.get_local_events(n, f.__code__) for f in functions for n in range(6)
                 if tools and tools[n]] if tools else None
        return tools, local, [(id(f), id(f.__code__)) for f in functions], sorted(vars(old.Old))

    tree = Tree.of(Path({str(tmp_path)!r}))
    settings = Settings(
        root=Path({str(tmp_path)!r}), file=None, tree=tree,
        ssots=(Ssot(name="a", deprecated=(Target.parse("old"),)),),
        ids=(Ids(name="b", forbidden=(Target.parse("uuid:uuid4"), Target.parse("time:time"))),),
    )
    before = state()
    for _ in range(2):
        recorder = Recorder(tree)
        calls = Calls(settings, recorder=recorder, scope=Scope(recorder.sites))
        for module in list(sys.modules.values()):
            calls.plant(module)
        assert len(calls.guards) > 5, calls.guards
        assert state() != before
        calls.undo()
        assert state() == before
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="needs sys.monitoring")
def test_a_free_tool_is_taken_and_others_are_left_alone():
    taken = {tool: sys.monitoring.get_tool(tool) for tool in range(6)}
    opened = []
    try:
        for expected in [tool for tool in (3, 4, 5, 2, 1, 0) if taken[tool] is None]:
            opened.append(Monitoring.open(lambda *_: None))
            assert sys.monitoring.get_tool(expected) == "pytest-ssot-tracker"
        assert Monitoring.open(lambda *_: None) is None
    finally:
        for one in opened:
            one.close()
    assert {tool: sys.monitoring.get_tool(tool) for tool in range(6)} == taken


@pytest.mark.skipif(sys.version_info < (3, 12), reason="needs sys.monitoring")
def test_without_any_back_end_every_target_is_a_blind_spot(project, settings, monkeypatch):
    monkeypatch.setattr(Monitoring, "open", lambda started: None)
    monkeypatch.setattr(InPlace, "open", lambda: None)
    project.load("old")
    with project.watched(settings) as seen:
        why = "no tool id of sys.monitoring is free, and the package bytecode is not installed"
        assert seen.spots()["old:plain"] == why
        assert seen.calls.planting.backend == "none"


def test_a_prologue_keeps_every_line_of_long_and_guarded_functions():
    body = "\n".join(f"    try:\n        x{n} = {n}\n    except E{n}:\n        pass" for n in range(300))
    namespace = {}
    exec(f"def long():\n{body}\n    return x299\n", namespace)
    code = namespace["long"].__code__
    started = []
    namespace["long"].__code__ = with_prologue(code, started.append)
    assert namespace["long"]() == 299
    assert started == [code]
    assert {line for *_, line in namespace["long"].__code__.co_lines() if line} == {
        line for *_, line in code.co_lines() if line
    }


SHAPES = {
    "one line": "def go(a): return a",
    "docstring": 'def go(a):\n    """doc"""',
    "nothing": "def go(a): pass",
    "several on a line": "def go(a): b = a; return b",
    "signature over lines": "def go(\n    a,\n    b=2,\n):\n    return (a,\n      b)",
    "loop": "def go(a):\n    while a:\n        a -= 1",
    "loop on the line": "def go(a):\n    while a: a -= 1",
    "for on the line": "def go(a):\n    for i in range(a): pass",
    "cell": "def go(a):\n    a = 1\n    return lambda: a",
    "free variable": "def outer():\n    a = 1\n    def go(b):\n        return a\n    return go\ngo = outer()",
    "guarded": "def go(a):\n    try:\n        return a\n    finally:\n        a = 2",
    "with": "def go(a):\n    with open(__file__) as f: pass",
    "global": "def go(a):\n    global x\n    x = 1",
    "generator": "def make(a):\n    yield a\n    yield 2\ndef go(a): return list(make(a))",
    "lambda": "go = lambda a: a",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_tracer_sees_the_same_lines_of_every_shape(tmp_path, shape):
    events = []
    for planted in (False, True):
        namespace = {"__file__": __file__}
        exec(compile(SHAPES[shape], tmp_path / "old.py", "exec"), namespace)
        function = namespace.get("make", namespace["go"])
        if planted:
            function.__code__ = with_prologue(function.__code__, lambda code: None)
        events.append(traced(lambda go=namespace["go"]: go(3)))
    assert events[1] == events[0] != []


def test_what_a_tracer_raises_comes_through_a_line_of_the_function():
    namespace = {}
    exec("def go():\n    return 1\n", namespace)
    namespace["go"].__code__ = with_prologue(namespace["go"].__code__, started := lambda code: None)

    def trace(frame, event, arg):
        if frame.f_code is started.__code__:
            raise LookupError(frame.f_code.co_name)

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with pytest.raises(LookupError) as caught:
            namespace["go"]()
    finally:
        sys.settrace(before)
    assert [entry.frame.f_code.co_name for entry in caught.traceback if entry.lineno < 0] == []
    assert 2 in [line for _, line in traceback.walk_tb(caught.tb)]
