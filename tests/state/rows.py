"""The kinds of state that a singleton can have, each as a small program: what makes, what changes and what shows it."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import NamedTuple

__all__ = ["EITHER", "FRESH", "GROUPS", "NAMED", "ROWS", "TOOLS", "Row", "source"]

FRESH = "fresh"
NAMED = "named"
EITHER = "fresh or named"


class Row(NamedTuple):
    """One kind of state.

    `made` is what the tracker's `__init__` does, `body` stands in its class and `module` before it; `change` is what an
    earlier test did to the tracker `t` of the module `m`, and `shown` is an expression that tells. `state`, `instance`
    and `function` say what a test is handed under each `reset`: it is fresh, or named as a blind spot. What is `freed`
    stays so afterwards, instead of being held again by whoever is gone.
    """

    name: str
    made: str = "pass"
    change: str = "pass"
    shown: str = "None"
    body: str = ""
    module: str = ""
    state: str = FRESH
    instance: str = FRESH
    function: str = FRESH
    freed: bool = False
    needs: str | None = None
    python: tuple[int, int] = (3, 10)

    @property
    def can_run(self) -> bool:
        """Whether this Python has what the row is about."""
        return sys.version_info >= self.python and (self.needs is None or find_spec(self.needs) is not None)


def attribute(name: str, value: str, change: str, shown: str | None = None, **more: str) -> Row:
    """Return a row about something the tracker makes for itself and calls `x`."""
    return Row(name, f"self.x = {value}", change, shown or "list(t.x)", **more)  # type: ignore[arg-type]


def of_class(name: str, value: str, change: str, shown: str, **more: str) -> Row:
    """Return a row about something that stands in the tracker's class and is called `x`."""
    more.setdefault("function", NAMED)
    return Row(name, "pass", change, shown, body=f"x = {value}\n{more.pop('body', '')}", **more)  # type: ignore[arg-type]


def of_module(name: str, value: str, change: str, shown: str, **more: str) -> Row:
    """Return a row about something that stands in the tracker's module, is called `X`, and that its code uses."""
    more.setdefault("function", NAMED)
    body = f"def used(self): return X\n{more.pop('body', '')}"
    return Row(name, "pass", change, shown, body=body, module=f"{more.pop('module', '')}\nX = {value}", **more)  # type: ignore[arg-type]


CONTAINERS = (
    attribute("`dict`", "{}", "t.x['a'] = 1", "t.x"),
    attribute("`list`", "[1]", "t.x.append(2)"),
    attribute("`set`", "{1}", "t.x.add(2)", "sorted(t.x)"),
    attribute("`collections.deque`", "collections.deque([1], maxlen=2)", "t.x.extend([2, 3])"),
    attribute("`collections.defaultdict`", "collections.defaultdict(list)", "t.x['a'].append(1)", "dict(t.x)"),
    attribute("`collections.OrderedDict`", "collections.OrderedDict(a=1, b=2)", "t.x.move_to_end('a')", "list(t.x)"),
    attribute("`collections.Counter`", "collections.Counter()", "t.x.update('aab')", "dict(t.x)"),
    attribute(
        "`collections.ChainMap`", "collections.ChainMap({}, {})", "t.x['a'] = 1; t.x.maps.append({})", "t.x.maps"
    ),
    attribute("`collections.UserDict`, `UserList`", "collections.UserDict()", "t.x['a'] = 1", "dict(t.x)"),
    attribute("containers in containers", "{'a': [{1}]}", "t.x['a'][0].add(2); t.x['a'].append(3)", "repr(t.x)"),
    attribute("a list in a tuple", "([1], ())", "t.x[0].append(2)", "repr(t.x)"),
    attribute("`types.SimpleNamespace`", "types.SimpleNamespace(a=1)", "t.x.a = 2; t.x.b = 3", "vars(t.x)"),
    attribute(
        "`types.MappingProxyType` of a dict", "types.MappingProxyType({'a': [1]})", "t.x['a'].append(2)", "repr(t.x)"
    ),
    Row(
        "`weakref.WeakSet` and other weak containers",
        "self.kept = Record('a'); self.x = weakref.WeakSet([self.kept])",
        "m.KEPT.append(m.Record('b')); t.x.add(m.KEPT[-1])",
        "sorted(each.id for each in t.x)",
    ),
    Row(
        "`weakref.WeakValueDictionary`",
        "self.kept = Record('a'); self.x = weakref.WeakValueDictionary(a=self.kept)",
        "m.KEPT.append(m.Record('b')); t.x['b'] = m.KEPT[-1]",
        "sorted(t.x)",
    ),
    attribute(
        "`queue.Queue`, `LifoQueue`, `PriorityQueue`", "queue.PriorityQueue()", "t.x.put(2); t.x.put(1)", "t.x.qsize()"
    ),
    attribute("`queue.SimpleQueue`", "queue.SimpleQueue()", "t.x.put(2)", "t.x.qsize()"),
    attribute("`queue.Queue`, shut down", "queue.Queue()", "t.x.shutdown()", "t.x.is_shutdown", python=(3, 13)),  # type: ignore[arg-type]
    attribute("`asyncio.Queue`: its items", "asyncio.Queue()", "t.x.put_nowait(1)", "t.x.qsize()"),
    attribute(
        "`multiprocessing.Queue`",
        "multiprocessing.get_context('spawn').Queue()",
        "t.x.put(1); time.sleep(0.05)",
        "t.x.empty()",
        state=NAMED,
        instance=FRESH,
    ),
)

BUFFERS = (
    attribute("`bytearray`", "bytearray(b'a')", "t.x.extend(b'b')", "bytes(t.x)"),
    attribute("`array.array`", "array.array('i', [1])", "t.x.append(2)"),
    attribute("`io.StringIO`", "io.StringIO('a')", "t.x.seek(0, 2); t.x.write('b')", "(t.x.getvalue(), t.x.tell())"),
    attribute("`io.BytesIO`", "io.BytesIO(b'a')", "t.x.seek(0, 2); t.x.write(b'b')", "(t.x.getvalue(), t.x.tell())"),
    attribute("`io.StringIO`, closed", "io.StringIO('a')", "t.x.close()", "t.x.closed", state=NAMED),
    attribute("numpy array: its elements", "numpy.zeros(3)", "t.x[0] = 1", "t.x.tolist()", needs="numpy"),
    attribute(
        "numpy array, resized in place",
        "numpy.zeros(2)",
        "t.x.resize((3, 3), refcheck=False)",
        "t.x.shape",
        needs="numpy",
    ),
    attribute("numpy array of objects", "numpy.array([None, {}])", "t.x[0] = 1", "t.x.tolist()", needs="numpy"),
    attribute(
        "numpy masked array",
        "numpy.ma.array([1, 2])",
        "t.x[0] = numpy.ma.masked",
        "t.x.tolist()",
        needs="numpy",
        state=NAMED,
    ),
    attribute(
        "numpy generator of random numbers",
        "numpy.random.default_rng(1)",
        "t.x.random()",
        "str(t.x.bit_generator.state)",
        needs="numpy",
        state=NAMED,
    ),
    attribute("`ctypes` numbers, arrays and structures", "ctypes.c_int(1)", "t.x.value = 2", "t.x.value"),
    attribute("`mmap.mmap`", "mmap.mmap(-1, 8)", "t.x[:2] = b'ab'", "bytes(t.x[:])"),
    attribute("`random.Random`", "random.Random(1)", "t.x.random()", "t.x.getstate()[1][-1]"),
    attribute(
        "`sqlite3`, a database in memory",
        "database(':memory:')",
        "t.x.execute('insert into t values (2)'); t.x.commit()",
        "t.x.execute('select a from t').fetchall()",
        python=(3, 11),  # type: ignore[arg-type]
    ),
    attribute(
        "`sqlite3`, a database in memory, with a transaction left open",
        "database(':memory:')",
        "t.x.execute('insert into t values (2)')",
        "t.x.execute('select a from t').fetchall()",
        python=(3, 11),  # type: ignore[arg-type]
    ),
    attribute(
        "`sqlite3`, a database in a file",
        "database(FILE)",
        "t.x.execute('insert into t values (2)'); t.x.commit()",
        "t.x.execute('select a from t').fetchall()",
        state=NAMED,
        instance=NAMED,
        function=NAMED,
    ),
    attribute("`sqlite3`, closed", "database(':memory:')", "t.x.close()", "is_closed(t.x)", state=NAMED),
)

ITERATORS = (
    attribute("`itertools.count`", "itertools.count(1)", "next(t.x)", "repr(t.x)"),
    attribute(
        "iterator over a list, tuple, text, bytes or range", "iter([1, 2, 3])", "next(t.x)", "t.x.__length_hint__()"
    ),
    attribute(
        "iterator over a dict, its values or items, or a set",
        "iter(dict.fromkeys(range(9)))",
        "next(t.x)",
        "t.x.__length_hint__()",
    ),
    attribute(
        "`enumerate`, `zip`, `map`, `filter`, `reversed`", "enumerate('abc')", "next(t.x)", "t.x.__reduce__()[1][1]"
    ),
    attribute("generator, begun", "numbers()", "next(t.x)", "t.x.gi_frame and t.x.gi_frame.f_lasti", state=NAMED),
    attribute(
        "`itertools.cycle` and the rest of `itertools`",
        "itertools.cycle('ab')",
        "t.turns = next(t.x)",
        "vars(t).get('turns')",
        state=NAMED,
    ),
    of_class("a count in the class", "itertools.count(1)", "next(t.x)", "repr(t.x)"),
    of_class("an iterator in the class", "iter([1, 2, 3])", "next(t.x)", "t.x.__length_hint__()"),
    of_class("a generator in the class", "numbers()", "next(t.x)", "t.x.gi_frame.f_lasti", state=NAMED, instance=NAMED),
    of_module("a count in the module", "itertools.count(1)", "next(m.X)", "repr(m.X)"),
    Row(
        "a count in a class that the code uses, as for numbers of records",
        "self.make = lambda: Numbered()",
        "t.make(); t.make()",
        "repr(m.Numbered.ids)",
        module="class Numbered:\n    ids = itertools.count(1)\n    def __init__(self): self.id = next(self.ids)\n",
        function=NAMED,
    ),
)

OBJECTS = (
    attribute("attribute with a plain value", "1", "t.x = 2; t.y = 3", "vars(t).get('x'), vars(t).get('y')"),
    attribute("attribute that is deleted", "1", "vars(t).pop('x', None)", "hasattr(t, 'x')"),
    Row(
        "`functools.cached_property`",
        "self.n = 1",
        "t.x; t.n = 1",
        "'x' in vars(t)",
        body="@functools.cached_property\ndef x(self): return object()\n",
    ),
    Row(
        "slots",
        "self.x = Slotted()",
        "t.x.a = 2; t.x.b = 3",
        "(t.x.a, hasattr(t.x, 'b'))",
        module="class Slotted:\n    __slots__ = ('a', 'b')\n    def __init__(self): self.a = 1\n",
    ),
    attribute("dataclass", "Record('a')", "t.x.history.append(1); t.x.state = 'DONE'", "(t.x.history, t.x.state)"),
    attribute("frozen dataclass that holds a list", "Frozen([1])", "t.x.values.append(2)", "t.x.values"),
    attribute("member of an enum", "Color.RED", "t.x = m.Color.BLUE", "t.x.name"),
    Row(
        "member of an enum that holds a list",
        "self.x = Bins.A",
        "t.x.value.append(1)",
        "len(t.x.value)",
        module="class Bins(enum.Enum):\n    A = []\n",
        state=NAMED,
        instance=NAMED,
        function=NAMED,
    ),
    attribute("an object whose class is changed", "Record('a')", "t.x.__class__ = m.Other", "type(t.x).__name__"),
    attribute("objects in a cycle", "[self]", "t.x.append([t, 1])", "len(t.x)"),
    Row(
        "pydantic model",
        "self.x = Model(a=1)",
        "t.x.a = 2; t.x.items.append(3)",
        "t.x.model_dump(), sorted(t.x.model_fields_set)",
        module="import pydantic\nclass Model(pydantic.BaseModel):\n    a: int\n    items: list = []\n",
        needs="pydantic",
    ),
    Row(
        "attrs class",
        "self.x = Model(1)",
        "t.x.a = 2; t.x.items.append(3)",
        "(t.x.a, t.x.items)",
        module="import attrs\n@attrs.define\nclass Model:\n    a: int\n    items: list = attrs.field(factory=list)\n",
        needs="attrs",
    ),
    attribute("object of a library, as it was", "string.Formatter()", "t.y = 1", "vars(t).get('y')"),
    attribute(
        "object of a library, changed",
        "configparser.ConfigParser()",
        "t.x['a'] = {'b': 'c'}",
        "t.x.sections()",
        state=NAMED,
    ),
    attribute(
        "hash that is being made, and other objects of C",
        "hashlib.md5()",
        "t.x.update(b'a')",
        "t.x.hexdigest()",
        state=NAMED,
    ),
    attribute(
        "pattern, date, path, number, function",
        "(re.compile('a'), datetime.date(2020, 1, 1), pathlib.Path('a'), print, uuid.UUID(int=1))",
        "t.x = None",
        "t.x is None",
    ),
    attribute("method or `partial` of an object of its own", "Record('a').note", "t.x(1)", "t.x.__self__.history"),
    attribute("function that closes over a variable", "counter()", "t.x(); t.x()", "t.x.__closure__[0].cell_contents"),
    attribute("mock", "unittest.mock.Mock()", "t.y = 1", "vars(t).get('y')"),
)

VALUES = "class Values:\n    def __init__(self): self.values = []\n"

REGISTRY = """
class Single(type):
    made = {}
    def __call__(cls):
        if cls not in cls.made:
            cls.made[cls] = super().__call__()
        return cls.made[cls]
"""

AROUND = (
    of_class("class attribute that code sets", "0", "type(t).x = 5", "t.x", body="def up(self): type(self).x += 1\n"),
    of_class("container in the class", "{}", "t.x['a'] = 1", "dict(t.x)"),
    Row(
        "container in a base class",
        "pass",
        "t.x['a'] = 1",
        "dict(t.x)",
        module="class Base:\n    x = {}\n",
        function=NAMED,
    ),
    of_class("buffer in the class", "io.StringIO()", "t.x.write('a')", "t.x.getvalue()"),
    of_module("module global that code sets", "0", "m.X = 5", "m.X", body="def up(self):\n    global X\n    X += 1\n"),
    of_module("container in the module", "[]", "m.X.append(1)", "list(m.X)"),
    of_module("buffer in the module", "io.BytesIO()", "m.X.write(b'a')", "m.X.getvalue()"),
    of_module(
        "`functools.lru_cache` of a function",
        "None",
        "m.cached(1)",
        "m.cached.cache_info().currsize",
        module="@functools.lru_cache\ndef cached(n): return [n]\n",
        body="def used2(self): return cached(1)\n",
    ),
    Row(
        "`functools.lru_cache` of a method",
        "pass",
        "t.cached(1)",
        "type(t).cached.cache_info().currsize",
        body="@functools.lru_cache\ndef cached(self, n): return [n]\n",
        function=NAMED,
    ),
    Row(
        "container in a class that the code uses",
        "self.make = lambda: Registry.seen",
        "t.make().append(1)",
        "m.Registry.seen",
        module="class Registry:\n    seen = []\n",
        function=NAMED,
    ),
    of_module(
        "`contextvars.ContextVar` in the module", "contextvars.ContextVar('X', default=1)", "m.X.set(2)", "m.X.get()"
    ),
    of_module(
        "`contextvars.ContextVar` without default",
        "contextvars.ContextVar('X')",
        "m.X.set(2)",
        "m.X.get(0)",
        state=NAMED,
        instance=NAMED,
    ),
    attribute(
        "`contextvars.ContextVar` of its own", "contextvars.ContextVar('x', default=1)", "t.x.set(2)", "t.x.get()"
    ),
    of_module(
        "logger: its handlers and filters",
        "logging.getLogger(__file__)",
        "m.X.addHandler(logging.NullHandler())",
        "len(m.X.handlers)",
    ),
    of_module(
        "logger: its level",
        "logging.getLogger(__file__)",
        "m.X.setLevel('DEBUG'); m.X.propagate = False",
        "(m.X.level, m.X.propagate)",
    ),
    Row(
        "another singleton, of the same module",
        "self.x = OTHER",
        "t.x.values.append(1)",
        "t.x.values",
        module=VALUES + "OTHER = Values()\n",
        state=NAMED,
        instance=NAMED,
        function=NAMED,
    ),
    Row(
        "another singleton, behind its accessor",
        "self.x = other()",
        "t.x.values.append(1)",
        "t.x.values",
        module=VALUES + "@functools.cache\ndef other(): return Values()\n",
        state=NAMED,
        instance=NAMED,
        function=NAMED,
    ),
    Row(
        "another singleton, in a registry of its metaclass",
        "self.x = Values()",
        "t.x.values.append(1)",
        "t.x.values",
        module=REGISTRY + VALUES.replace("Values", "Values(metaclass=Single)") + "Values()\n",
        state=EITHER,
        instance=NAMED,
        function=NAMED,
    ),
    Row(
        "another singleton that its code uses and it does not hold",
        "pass",
        "m.OTHER.values.append(1)",
        "m.OTHER.values",
        body="def used(self): return OTHER\n",
        module=VALUES + "OTHER = Values()\n",
        state=NAMED,
        instance=NAMED,
        function=NAMED,
    ),
)

AT_WORK = (
    attribute("`threading.Lock` left held by a thread that is gone", "threading.Lock()", "hold(t.x)", "is_free(t.x)"),
    attribute(
        "`threading.RLock` left held by a thread that is gone",
        "threading.RLock()",
        "hold(t.x)",
        "is_free(t.x)",
        freed=True,
    ),
    attribute("`threading.Condition` left held", "threading.Condition()", "hold(t.x)", "is_free(t.x)", freed=True),
    attribute("`threading.Semaphore` left taken", "threading.Semaphore(2)", "hold(t.x)", "t.x._value"),
    attribute("`threading.BoundedSemaphore` left taken", "threading.BoundedSemaphore(1)", "hold(t.x)", "is_free(t.x)"),
    attribute("`threading.Event`", "threading.Event()", "t.x.set()", "t.x.is_set()"),
    attribute("`threading.Barrier`, broken", "threading.Barrier(2)", "t.x.abort()", "t.x.broken"),
    of_class("a lock in the class, left held", "threading.Lock()", "hold(t.x)", "is_free(t.x)", function=FRESH),
    of_module(
        "a lock in the module, left held", "threading.RLock()", "hold(m.X)", "is_free(m.X)", function=FRESH, freed=True
    ),
    attribute(
        "a lock held by a thread that still runs",
        "threading.Lock()",
        "is_free(t.x) and hold_on(t.x)",
        "is_free(t.x)",
        state=NAMED,
    ),
    attribute("`threading.local`: what this thread has", "threading.local()", "t.x.a = 1", "hasattr(t.x, 'a')"),
    attribute(
        "`asyncio.Lock` bound to a loop that is closed",
        "asyncio.Lock()",
        "attempt(lambda: use(t.x))",
        "standing(t.x)",
        freed=True,
    ),
    attribute("`asyncio.Lock` left held", "asyncio.Lock()", "attempt(t.x.acquire)", "t.x.locked()", freed=True),
    attribute(
        "`asyncio.Condition` bound or left held",
        "asyncio.Condition()",
        "attempt(lambda: use(t.x))",
        "standing(t.x)",
        freed=True,
    ),
    attribute(
        "`asyncio.Semaphore` bound", "asyncio.Semaphore(1)", "attempt(lambda: use(t.x))", "standing(t.x)", freed=True
    ),
    attribute("`asyncio.Semaphore` left taken", "asyncio.Semaphore(1)", "attempt(t.x.acquire)", "t.x.locked()"),
    attribute(
        "`asyncio.Event` waited for on a loop that is closed",
        "asyncio.Event()",
        "wait_in_vain(t.x.wait)",
        "(t.x._loop is None, len(t.x._waiters))",
        freed=True,
    ),
    attribute("`asyncio.Event`, set", "asyncio.Event()", "t.x.set()", "t.x.is_set()"),
    attribute(
        "`asyncio.Queue` bound to a loop that is closed",
        "asyncio.Queue()",
        "wait_in_vain(t.x.get)",
        "(t.x._loop is None, len(t.x._getters))",
        freed=True,
    ),
    attribute(
        "`asyncio.Barrier`, broken or bound",
        "asyncio.Barrier(2)",
        "attempt(t.x.abort)",
        "t.x.broken",
        python=(3, 11),
    ),  # type: ignore[arg-type]
    attribute(
        "a lock made when it is first needed",
        "None",
        "t.x = asyncio.Lock(); attempt(lambda: use(t.x))",
        "standing(t.x or asyncio.Lock())",
        freed=True,
    ),
    attribute(
        "`ThreadPoolExecutor`, in use",
        "concurrent.futures.ThreadPoolExecutor(1)",
        "t.x.submit(int).result(); t.y = 1",
        "vars(t).get('y')",
    ),
    attribute(
        "`ThreadPoolExecutor`, shut down",
        "concurrent.futures.ThreadPoolExecutor(1)",
        "t.x.shutdown()",
        "t.x._shutdown",
        state=NAMED,
    ),
    attribute("a thread that has ended", "started()", "t.x.go.set(); t.x.join()", "t.x.is_alive()", state=NAMED),
    attribute(
        "`threading.Timer` that was started",
        "None",
        "t.x = threading.Timer(60, print); t.x.daemon = True; t.x.start()",
        "t.x is None",
    ),
    attribute(
        "`concurrent.futures.Future`",
        "concurrent.futures.Future()",
        "t.x.done() or t.x.set_result(1)",
        "t.x.done()",
        state=NAMED,
    ),
    attribute(
        "an event loop that is closed", "asyncio.new_event_loop()", "t.x.close()", "t.x.is_closed()", state=NAMED
    ),
    attribute("a task that is done", "None", "t.x = asyncio.run(task())", "t.x is None"),
    attribute(
        "open file",
        "open(TEXT, 'a+')",
        "t.x.write('a'); t.x.flush()",
        "pathlib.Path(m.TEXT).read_text()",
        state=NAMED,
        instance=NAMED,
        function=NAMED,
    ),
    attribute(
        "socket", "socket.socketpair()", "t.x[0].send(b'a')", "select.select([t.x[1]], [], [], 0)[0] == []", state=NAMED
    ),
    attribute(
        "process",
        "subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)",
        "t.x.poll() is None and t.x.communicate(b'1')",
        "t.x.poll()",
        state=NAMED,
    ),
)

ROWS = (*CONTAINERS, *BUFFERS, *ITERATORS, *OBJECTS, *AROUND, *AT_WORK)
"""Every kind of state, in the order of the documentation."""

GROUPS = (
    ("Containers", CONTAINERS),
    ("Buffers, arrays, databases", BUFFERS),
    ("Counters and iterators", ITERATORS),
    ("Objects", OBJECTS),
    ("Around the singleton", AROUND),
    ("At work", AT_WORK),
)

PRELUDE = """
import array, asyncio, collections, concurrent.futures, configparser, contextvars, ctypes, datetime, enum
import functools, hashlib, io, itertools, logging, mmap, multiprocessing, pathlib, queue, random, re, select, socket
import sqlite3, string, subprocess, sys, threading, time, types, unittest.mock, uuid, weakref
from dataclasses import dataclass, field
try: import numpy
except ImportError: pass

FILE = str(pathlib.Path(__file__).with_name("orders.db"))
TEXT = str(pathlib.Path(__file__).with_name("orders.txt"))

KEPT = []

@dataclass(eq=False)
class Record:
    id: str
    state: str = "PENDING"
    history: list = field(default_factory=list)
    def note(self, what): self.history.append(what)

class Other(Record): pass

@dataclass(frozen=True)
class Frozen:
    values: list

class Color(enum.Enum):
    RED = 1
    BLUE = 2

def database(path):
    made = sqlite3.connect(path)
    made.execute("create table if not exists t (a)")
    made.commit()
    return made

def numbers():
    n = 0
    while True:
        n += 1
        yield n

def counter():
    n = 0
    def up():
        nonlocal n
        n += 1
        return n
    return up

def started():
    go = threading.Event()
    thread = threading.Thread(target=go.wait, daemon=True)
    thread.go = go
    thread.start()
    WAITING.append(thread)
    return thread

WAITING = []
"""

TRACKER = """
{module}

class Tracker{bases}:
{body}
    def __init__(self):
        {made}

_tracker = None

def get_tracker():
    global _tracker
    if _tracker is None:
        _tracker = Tracker()
    return _tracker

def reset(tracker):
    tracker.__dict__.clear()
    tracker.__init__()

def nothing(tracker):
    pass
"""

TOOLS = """
import asyncio, itertools, threading

def hold(lock):
    thread = threading.Thread(target=lock.acquire, kwargs={"timeout": 0.2})
    thread.start()
    thread.join()

def hold_on(lock):
    def held(ready, ):
        lock.acquire()
        ready.set()
        RELEASE.wait(20)
        lock.release()
    ready = threading.Event()
    HOLDING.append(threading.Thread(target=held, args=(ready,), daemon=True))
    HOLDING[-1].start()
    ready.wait()

RELEASE = threading.Event()
HOLDING = []

def is_free(lock):
    found = lock.acquire(blocking=False)
    if found: lock.release()
    return found

async def use(x):
    await x.acquire()
    waiter = asyncio.create_task(x.acquire())
    await asyncio.sleep(0)
    x.release()
    await waiter
    x.release()
    return 'works'

def attempt(work):
    async def within():
        await asyncio.wait_for(work(), 0.2)
    try: asyncio.run(within())
    except (RuntimeError, asyncio.TimeoutError): pass

def standing(x):
    inner = getattr(x, "_lock", x)
    return x.locked(), x._loop is None, inner._loop is None

def wait_in_vain(wait):
    loop = asyncio.new_event_loop()
    task = loop.create_task(wait())
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    KEPT.append(task)
    task._log_destroy_pending = False

KEPT = []

async def task():
    done = asyncio.create_task(asyncio.sleep(0))
    await done
    return done

def is_closed(connection):
    try: connection.total_changes
    except Exception: return True
    return False
"""


def source(row: Row) -> str:
    """Return the module `shop.tracker` of a row."""
    body = "".join(f"    {line}\n" for line in row.body.splitlines())
    bases = "(Base)" if "class Base:" in row.module else ""
    return PRELUDE + TRACKER.format(module=row.module, bases=bases, body=body, made=row.made)
