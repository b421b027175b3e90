"""Snapshot objects of every make, change them, and find them as they were."""

from __future__ import annotations

import array
import collections
import contextvars
import functools
import io
import itertools
import queue
import random
import socket
import threading
import types
import weakref
from collections import OrderedDict, UserDict, UserList, defaultdict, deque
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

import pytest

from pytest_ssot_tracker.isolate.anatomy import Anatomy
from pytest_ssot_tracker.isolate.caches import entries
from pytest_ssot_tracker.isolate.graft import graft
from pytest_ssot_tracker.isolate.snapshot import Snapshot

ANATOMY = Anatomy()


class Box:
    """Hold anything under any name."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def snapshot(*roots: object) -> Snapshot:
    return Snapshot(roots, anatomy=ANATOMY)


def change_and_restore(thing: Any, change: Callable[[Any], object]) -> tuple[str, ...]:
    taken = snapshot(Box(thing=thing))
    change(thing)
    return taken.restore()


class Loud(dict[Any, Any]):
    """Be a dict that does not want to be touched."""

    def __setitem__(self, key: Any, value: Any) -> None:
        raise AssertionError("set")

    def __iter__(self) -> Iterator[Any]:
        raise AssertionError("iterated")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared")

    __hash__ = None  # type: ignore[assignment]

    def clear(self) -> None:
        raise AssertionError("cleared")


CONTAINERS: list[tuple[Any, Callable[[Any], object]]] = [
    ({"a": 1, "b": 2}, lambda d: (d.pop("a"), d.update(c=3))),
    ({"a": 1, "b": 2}, lambda d: d.__setitem__("a", d.pop("a"))),
    ([1, 2, 3], lambda each: (each.reverse(), each.append(4))),
    ({1, 2, 3}, lambda s: (s.discard(1), s.add(4))),
    (deque([1, 2], maxlen=3), lambda d: d.extend([3, 4, 5])),
    (defaultdict(list, a=[1]), lambda d: (d["b"], d["a"].append(2), setattr(d, "default_factory", None))),
    (OrderedDict(a=1, b=2), lambda d: (d.move_to_end("a"), d.update(c=1))),
    (collections.Counter("aab"), lambda c: c.update("abc")),
    (UserDict(a=1), lambda d: d.update(b=2)),
    (UserList([1]), lambda each: each.append(2)),
    (collections.ChainMap({"a": 1}, {"b": 2}), lambda c: (c.update(z=1), c.maps.append({}))),
    (bytearray(b"abc"), lambda b: b.extend(b"def")),
    (array.array("i", [1, 2]), lambda a: a.append(3)),
    (types.SimpleNamespace(a=1), lambda n: setattr(n, "b", 2)),
]


@pytest.mark.parametrize(("thing", "change"), CONTAINERS, ids=lambda each: type(each).__name__)
def test_a_container_is_restored_in_place(thing: Any, change: Callable[[Any], object]) -> None:
    before = repr(thing)
    assert change_and_restore(thing, change) == ()
    assert repr(thing) == before


def test_what_is_nested_keeps_its_identity() -> None:
    inner = [1]
    outer = {"list": inner, "pair": (inner, {"deep": inner})}

    def change(thing: Any) -> None:
        inner.append(2)
        thing["list"] = []
        thing["pair"][1].clear()

    change_and_restore(outer, change)
    assert outer == {"list": [1], "pair": ([1], {"deep": [1]})}
    assert outer["list"] is inner
    assert outer["pair"][1]["deep"] is inner  # type: ignore[index]


def test_a_cycle_is_no_trouble() -> None:
    box = Box(me=None, items=[])
    box.me = box
    box.items.append(box.items)
    taken = snapshot(box)
    box.items.clear()
    del box.me
    taken.restore()
    assert box.me is box
    assert box.items[0] is box.items


def test_ten_thousand_levels_are_no_trouble() -> None:
    top: list[Any] = []
    bottom = top
    for _ in range(10_000):
        bottom.append([])
        bottom = bottom[0]
    taken = snapshot(Box(top=top))
    bottom.append(1)
    taken.restore()
    assert bottom == []


def test_containers_that_override_everything_are_read_and_written_underneath() -> None:
    loud = Loud(a=1)
    taken = snapshot(Box(loud=loud))
    dict.update(loud, b=2)
    loud.extra = 1
    assert taken.restore() == ()
    assert list(dict.items(loud)) == [("a", 1)]
    assert vars(loud) == {}


class Slotted:
    __slots__ = ("__weakref__", "a", "b")

    def __init__(self) -> None:
        self.a = [1]


class SlottedMore(Slotted):
    __slots__ = ("c",)


class SlottedWithDict(Slotted):
    pass


@pytest.mark.parametrize("cls", [Slotted, SlottedMore, SlottedWithDict])
def test_slots_are_restored_set_or_not(cls: type[Any]) -> None:
    thing = cls()
    values = thing.a
    taken = snapshot(thing)
    thing.a.append(2)
    thing.a = None
    thing.b = 1
    if cls is not Slotted:
        thing.c = 1
    taken.restore()
    assert thing.a is values
    assert values == [1]
    assert not hasattr(thing, "b")
    assert not hasattr(thing, "c")


@dataclass(frozen=True)
class Frozen:
    values: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FrozenSlots:
    values: list[int] = field(default_factory=list)


@pytest.mark.parametrize("cls", [Frozen, FrozenSlots])
def test_frozen_dataclasses_are_restored_all_the_same(cls: type[Any]) -> None:
    thing = cls([1])
    values = thing.values
    taken = snapshot(thing)
    object.__setattr__(thing, "values", ())
    values.append(2)
    assert taken.restore() == ()
    assert thing.values is values
    assert values == [1]


class Guarded:
    """Raise wherever user code could be called."""

    def __init__(self) -> None:
        self.__dict__["a"] = 1

    def __setattr__(self, name: str, value: Any) -> None:
        raise AssertionError("set")

    def __delattr__(self, name: str) -> None:
        raise AssertionError("deleted")

    def __getattribute__(self, name: str) -> Any:
        if name in ("__dict__", "__class__"):
            return object.__getattribute__(self, name)
        raise AssertionError("got")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared")

    def __hash__(self) -> int:
        raise AssertionError("hashed")

    def __bool__(self) -> bool:
        raise AssertionError("asked")

    def __getstate__(self) -> Any:
        raise AssertionError("pickled")

    def __reduce__(self) -> Any:
        raise AssertionError("pickled")

    def __copy__(self) -> Any:
        raise AssertionError("copied")

    def __deepcopy__(self, memo: Any) -> Any:
        raise AssertionError("copied")

    def __repr__(self) -> str:
        raise AssertionError("shown")

    @property
    def prop(self) -> Any:
        raise AssertionError("got")


def test_no_line_of_the_objects_own_class_is_run() -> None:
    guarded = Guarded()
    guarded.__dict__["inner"] = other = Guarded()
    taken = snapshot(guarded)
    guarded.__dict__.update(a=2, b=3)
    other.__dict__.clear()
    assert taken.restore() == ()
    assert guarded.__dict__ == {"a": 1, "inner": guarded.__dict__["inner"]}
    assert other.__dict__ == {"a": 1}


class HidesDict:
    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        raise AssertionError("asked")

    def __init__(self) -> None:
        self.a = 1


def test_a_property_called_dict_is_not_asked() -> None:
    thing = HidesDict()
    assert snapshot(thing).restore() == ()


def test_a_changed_class_is_put_back() -> None:
    class Other(Box):
        pass

    box = Box(a=1)
    taken = snapshot(box)
    box.__class__ = Other
    box.a = 2
    taken.restore()
    assert type(box) is Box
    assert box.a == 1


def generator() -> Iterator[int]:
    yield 1


async def coroutine() -> None:
    pass


def test_what_cannot_be_copied_is_kept_by_reference() -> None:
    waiting = coroutine()
    with socket.socket() as plug, io.StringIO() as stream:
        things: dict[str, Any] = {
            "socket": plug,
            "stream": stream,
            "generator": generator(),
            "coroutine": waiting,
            "module": threading,
            "function": generator,
            "method": Box(a=1).__init__,
            "reference": weakref.ref(threading.current_thread()),
            "lock": threading.Lock(),
            "thread": threading.current_thread(),
            "context": contextvars.ContextVar("x"),
            "partial": functools.partial(print),
            "class": Box,
            "error": ValueError("x"),
            "memory": memoryview(b"x"),
            "view": {}.items(),
        }
        box = Box(**things)
        taken = snapshot(box)
        box.__dict__.clear()
        assert taken.restore() == ()
        assert vars(box) == things
        assert all(vars(box)[name] is value for name, value in things.items())
    waiting.close()


class Color(Enum):
    RED = 1


class Pair(NamedTuple):
    left: list[int]
    right: Any


def test_tuples_are_looked_through_and_members_of_enums_are_not() -> None:
    pair = Pair([1], frozenset({Color.RED}))
    box = Box(pair=pair, color=Color.RED, proxy=types.MappingProxyType({"a": pair.left}))
    taken = snapshot(box)
    pair.left.append(2)
    taken.restore()
    assert pair.left == [1]
    assert Color.RED not in taken


def test_a_dict_seen_through_a_proxy_is_restored() -> None:
    hidden = {"a": 1}
    taken = snapshot(Box(proxy=types.MappingProxyType(hidden)))
    hidden["b"] = 2
    taken.restore()
    assert hidden == {"a": 1}


def test_a_counter_goes_on_where_it_stood() -> None:
    box = Box(ids=itertools.count(5), steps=itertools.count(0, 2), untouched=itertools.count())
    next(box.ids)
    untouched = box.untouched
    taken = snapshot(box)
    assert [next(box.ids), next(box.ids), next(box.steps)] == [6, 7, 0]
    taken.restore()
    assert [next(box.ids), next(box.steps), next(box.steps)] == [6, 0, 2]
    assert box.untouched is untouched
    taken.restore()
    assert next(box.ids) == 6


def test_a_generator_of_random_numbers_goes_on_where_it_stood() -> None:
    box = Box(random=random.Random(1), system=random.SystemRandom())
    taken = snapshot(box)
    first = box.random.random()
    taken.restore()
    assert box.random.random() == first


def test_a_queue_gets_its_items_back_and_keeps_its_locks() -> None:
    for kind in (queue.Queue, queue.LifoQueue, queue.PriorityQueue):
        box = Box(queue=kind())
        box.queue.put(1)
        mutex = box.queue.mutex
        taken = snapshot(box)
        box.queue.put(2)
        box.queue.get()
        box.queue.task_done()
        taken.restore()
        assert (list(box.queue.queue), box.queue.unfinished_tasks) == ([1], 1)
        assert box.queue.mutex is mutex


def test_weak_containers_forget_what_was_added_and_what_has_died() -> None:
    kept, gone, late = Box(), Box(), Box()
    box = Box(
        set=weakref.WeakSet([kept, gone]),
        values=weakref.WeakValueDictionary(kept=kept, gone=gone),
        keys=weakref.WeakKeyDictionary({kept: [1], gone: [2]}),
    )
    taken = snapshot(box)
    box.set.add(late)
    box.set.discard(kept)
    box.values["late"] = late
    box.keys[late] = [3]
    box.keys[kept].append(4)
    del gone
    assert taken.restore() == ()
    assert set(box.set) == {kept}
    assert dict(box.values) == {"kept": kept}
    assert dict(box.keys) == {kept: [1]}


def test_the_threads_own_part_of_a_local_is_restored() -> None:
    local = threading.local()
    local.a = 1
    taken = snapshot(Box(local=local))
    local.a, local.b = 2, 3
    taken.restore()
    assert vars(local) == {"a": 1}


class Local(threading.local):
    pass


def test_a_local_of_ones_own_class_is_restored() -> None:
    local = Local()
    local.a = [1]
    taken = snapshot(Box(local=local))
    local.a.append(2)
    local.b = 3
    taken.restore()
    assert vars(local) == {"a": [1]}


class LibraryThread(threading.Thread):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []


def test_a_thread_that_is_held_is_left_alone() -> None:
    thread = LibraryThread()
    taken = snapshot(Box(thread=thread))
    assert thread not in taken


class LRU(MutableMapping[Any, Any]):
    """Be a container of one's own."""

    def __init__(self) -> None:
        self._data: dict[Any, Any] = {}
        self._order: list[Any] = []

    def __getitem__(self, key: Any) -> Any:
        return self._data[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._data[key] = value
        self._order.append(key)

    def __delitem__(self, key: Any) -> None:
        del self._data[key]
        self._order.remove(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._data)


@pytest.mark.parametrize("module", [__name__, "sortedlike"])
def test_a_container_class_is_restored_wherever_it_comes_from(
    module: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    library = types.ModuleType("sortedlike")
    library.__file__ = str(tmp_path / "site-packages" / "sortedlike.py")
    monkeypatch.setitem(__import__("sys").modules, "sortedlike", library)
    monkeypatch.setattr(LRU, "__module__", module)
    box = Box(lru=LRU())
    box.lru["a"] = [1]
    taken = Snapshot([box], anatomy=Anatomy())
    box.lru["b"] = 2
    box.lru["a"].append(2)
    taken.restore()
    assert dict(box.lru) == {"a": [1]}
    assert box.lru._order == ["a"]


def test_instances_of_third_party_classes_are_kept_by_reference(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    library = types.ModuleType("client")
    library.__file__ = str(tmp_path / "site-packages" / "client.py")
    monkeypatch.setitem(__import__("sys").modules, "client", library)
    cls = type("Client", (), {"__module__": "client"})
    box = Box(client=cls())
    client = box.client
    taken = Snapshot([box], anatomy=Anatomy())
    client.calls = 1
    box.client = None
    taken.restore()
    assert box.client is client
    assert client.calls == 1
    assert client in Snapshot([box], anatomy=Anatomy(own={"client"}))


def test_what_cannot_be_written_is_told_and_the_rest_is_restored() -> None:
    data = bytearray(b"abc")
    box = Box(data=data, other=[1])
    taken = snapshot(box)
    data.extend(b"d")
    box.other.clear()
    with memoryview(data):
        problems = taken.restore()
    assert tuple(map(str, problems)) == (
        "a builtins.bytearray could not be put back: BufferError: Existing exports of data: object cannot be re-sized",
    )
    assert box.other == [1]


@pytest.mark.parametrize("maxsize", [None, 1, 3, 128])
@pytest.mark.parametrize("typed", [False, True])
def test_a_function_cache_is_filled_again_with_the_same_objects_in_the_same_order(
    maxsize: int | None, *, typed: bool
) -> None:
    free = "closed over"

    @functools.lru_cache(maxsize=maxsize, typed=typed)
    def make(*args: Any, **kwargs: Any) -> Any:
        return [free, args, kwargs]

    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((), {}),
        ((1,), {}),
        (("a", 2), {"key": 3}),
        ((), {"x": 1, "y": "z"}),
        (((1, 2),), {}),
    ]
    made = [make(*args, **kwargs) for args, kwargs in calls]
    held = entries(make)
    box = Box(cache=make)
    taken = snapshot(box)
    code = make.__wrapped__.__code__
    make.cache_clear()
    make("late")
    assert taken.restore() == ()
    assert [*map(id, entries(make).values())] == [*map(id, held.values())]
    assert make.__wrapped__.__code__ is code
    kept = len(calls) if maxsize is None else min(maxsize, len(calls))
    again = [make(*args, **kwargs) for args, kwargs in calls[len(calls) - kept :]]
    assert [*map(id, again)] == [*map(id, made[len(made) - kept :])]


def test_reading_a_function_cache_is_no_hit_and_no_miss() -> None:
    @functools.lru_cache
    def make() -> object:
        return object()

    made = make()
    assert list(entries(make).values()) == [made]
    assert make.cache_info()[:2] == (0, 1)


def test_a_cache_of_a_class_says_that_it_cannot_be_filled_again() -> None:
    cache = functools.lru_cache(Box)
    cache()
    taken = snapshot(Box(cache=cache))
    cache.cache_clear()
    assert tuple(map(str, taken.restore())) == (
        "a functools._lru_cache_wrapper could not be put back: "
        "TypeError: what it caches is a type, not a Python function",
    )


# Grafting: the fresh state laid over the live one


def test_a_live_container_is_filled_anew_instead_of_being_replaced() -> None:
    box = Box(items={}, values=[1])
    pristine = snapshot(box)
    box.items = alias = {"a": 1}
    box.values = [2, 3]
    assert graft(pristine, snapshot(box), [(box, box)]).problems == ()
    assert box.items is alias
    assert alias == {}
    assert box.values == [1]


def test_two_containers_that_changed_places_go_back_each_to_its_own() -> None:
    one, two = [1], [2]
    box = Box(one=one, two=two)
    pristine = snapshot(box)
    box.one, box.two = two, one
    graft(pristine, snapshot(box), [(box, box)])
    assert box.one is one
    assert box.two is two
    assert (one, two) == ([1], [2])


def test_one_object_shared_by_two_names_stays_shared() -> None:
    twin = Box()
    twin.one = twin.two = []
    live = Box(one=[1], two=[2])
    graft(snapshot(twin), snapshot(live), [(twin, live)])
    assert live.one is live.two
    assert live.one == []


def test_records_are_matched_by_key_and_by_type() -> None:
    twin = Box(records={"a": Box(n=0), "b": Slotted()})
    live = Box(records={"a": Box(n=1), "b": Box(n=2), "c": Box(n=3)})
    first = live.records["a"]
    graft(snapshot(twin), snapshot(live), [(twin, live)])
    assert list(live.records) == ["a", "b"]
    assert live.records["a"] is first
    assert first.n == 0
    assert live.records["b"] is twin.records["b"]


def test_the_same_pristine_state_serves_again_and_again() -> None:
    twin = Box(records={"a": Box(n=0)}, ids=itertools.count(1))
    pristine = snapshot(twin)
    live = Box(records=None, ids=itertools.count(7))
    for _ in range(3):
        graft(pristine, snapshot(live), [(twin, live)])
        assert (live.records["a"].n, next(live.ids)) == (0, 1)
        live.records["a"].n = 5
        live.records["b"] = 1


def test_a_lock_made_when_first_needed_stays() -> None:
    box = Box(lock=None, event=None, task=None)
    pristine = snapshot(box)
    lock, event = threading.Lock(), threading.Event()
    box.lock, box.event, box.task = lock, event, threading.Thread()
    graft(pristine, snapshot(box), [(box, box)])
    assert box.lock is lock
    assert box.event is event
    assert box.task is None
