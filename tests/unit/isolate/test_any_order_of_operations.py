"""Do anything to a tracker under the fixture, in any order, and find everything as it was."""

from __future__ import annotations

import sys
import threading
import types
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import Phase, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pytest_ssot_tracker.isolate.isolation import Isolation
from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.settings import Settings, Ssot, Tree

ROOT = Path(__file__).parent
TREE = Tree.of(ROOT)
KEYS = strategies.sampled_from(["a", "b", "c", "d"])
NAMES = strategies.sampled_from(["records", "active", "by_agent", "recent", "ordered", "total", "note", "extra"])


@dataclass
class Record:
    id: str
    state: str = "PENDING"
    tags: list[str] = field(default_factory=list)
    parent: Any = None


class Slots:
    __slots__ = ("count", "last")

    def __init__(self) -> None:
        self.count = 0


class Tracker:
    seen: set[str]

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.active: set[str] = set()
        self.by_agent: defaultdict[str, list[Record]] = defaultdict(list)
        self.recent: deque[Any] = deque(maxlen=3)
        self.ordered: OrderedDict[str, tuple[Record, ...]] = OrderedDict()
        self.total = 0
        self.note: Any = None
        self.metrics = Slots()
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.me = self

    def start(self, key: str) -> Record:
        record = self.records[key] = Record(key, parent=self.records.get(key))
        self.active.add(key)
        self.by_agent[key].append(record)
        self.recent.append(record)
        self.ordered[key] = (record, *self.ordered.get(key, ()))
        self.total += 1
        type(self).seen.add(key)
        return record


def picture(thing: Any, found: dict[int, Any]) -> Any:
    """Return everything reachable from `thing` by identity and content; cycles by number."""
    if isinstance(thing, (str, int, type(None))):
        return thing
    if id(thing) in found:
        return id(thing)
    found[id(thing)] = thing  # kept, so that no number is used twice
    parts: Any = None
    if isinstance(thing, dict):
        parts = [(key, picture(value, found)) for key, value in thing.items()]
    elif isinstance(thing, set):
        parts = sorted(thing)
    elif isinstance(thing, (list, tuple, deque)):
        parts = [picture(each, found) for each in thing]
    elif isinstance(thing, threading.Event):
        parts = thing.is_set()
    elif isinstance(thing, Slots):
        parts = [picture(getattr(thing, name, "absent"), found) for name in Slots.__slots__]
    elif isinstance(thing, (Tracker, Record)):
        parts = sorted((name, picture(value, found)) for name, value in vars(thing).items())
    return id(thing), type(thing).__name__, parts


class Operations(RuleBasedStateMachine):
    """Run operations outside and inside of the fixture."""

    @initialize(reset=strategies.sampled_from(["state", "state", "instance"]), early=strategies.booleans())
    def begin(self, reset: str, *, early: bool) -> None:
        self.module: Any = types.ModuleType("anyorder")
        self.cls = self.module.Tracker = type("Tracker", (Tracker,), {"seen": set(), "__module__": "anyorder"})
        self.module._tracker = None
        exec(
            "def get_tracker():\n"
            "    global _tracker\n"
            "    if _tracker is None:\n"
            "        _tracker = Tracker()\n"
            "    return _tracker\n",
            vars(self.module),
        )
        sys.modules["anyorder"] = self.module
        self.ssot = Ssot(
            name="any",
            canonical=Target.parse("anyorder:Tracker"),
            accessors=(Target.parse("anyorder:get_tracker"),),
            reset=reset,
        )
        self.isolation = Isolation(Settings(root=ROOT, file=None, tree=TREE, ssots=(self.ssot,)))
        if early:
            self.module.get_tracker()
        self.isolation.ready()
        self.inside = 0
        self.before: Any = None
        self.kept: dict[int, Any] = {}

    def teardown(self) -> None:
        while getattr(self, "inside", 0):
            self.leave()
        sys.modules.pop("anyorder", None)

    def shot(self) -> Any:
        self.kept = {}
        shown = [picture(self.module._tracker, self.kept), picture(self.cls.__dict__["seen"], self.kept)]
        return shown, id(self.module.get_tracker)

    @property
    def tracker(self) -> Tracker:
        found: Tracker = self.module.get_tracker()
        return found

    @precondition(lambda self: self.inside < 2)
    @rule()
    def enter(self) -> None:
        if not self.inside:
            existed = self.module._tracker is not None
            self.before, self.alive = (self.shot() if existed else None), self.kept
        lent = self.isolation.enter(self.ssot)
        self.inside += 1
        if self.inside == 1:
            assert lent is self.tracker
            assert not any((lent.records, lent.active, lent.by_agent, lent.recent, lent.ordered))
            assert (lent.total, lent.note, lent.metrics.count) == (0, None, 0)
            assert set(vars(lent)) == set(vars(Tracker()))
            assert not lent.stop.is_set()
            assert not hasattr(lent.metrics, "last")
            assert lent.me is lent
            assert self.cls.seen == set()

    @precondition(lambda self: self.inside)
    @rule()
    def leave(self) -> None:
        assert self.isolation.leave(self.ssot) == ()
        self.inside -= 1
        if not self.inside and self.before is not None:
            assert self.shot() == self.before

    @rule(key=KEYS)
    def start(self, key: str) -> None:
        self.tracker.start(key)

    @rule(key=KEYS, state=KEYS)
    def advance(self, key: str, state: str) -> None:
        record = getattr(self.tracker, "records", {}).get(key)
        if record is not None:
            record.state = state
            record.tags.append(state)

    @rule(name=NAMES)
    def rebind(self, name: str) -> None:
        setattr(self.tracker, name, vars(Tracker()).get(name, {}))

    @rule(one=NAMES, other=NAMES)
    def note_something(self, one: str, other: str) -> None:
        self.tracker.note = {one: getattr(self.tracker, one, None), other: getattr(self.tracker, other, None)}

    @rule(key=KEYS)
    def forget(self, key: str) -> None:
        self.tracker.records.pop(key, None)
        self.tracker.ordered.pop(key, None)
        self.tracker.by_agent.pop(key, None)
        self.tracker.active.discard(key)
        self.cls.seen.discard(key)

    @rule(key=KEYS)
    def reorder(self, key: str) -> None:
        if key in self.tracker.ordered:
            self.tracker.ordered.move_to_end(key, last=False)
        if key in self.tracker.records:
            self.tracker.records[key] = self.tracker.records.pop(key)

    @rule()
    def count(self) -> None:
        self.tracker.metrics.count += 1
        self.tracker.metrics.last = self.tracker.recent[-1] if self.tracker.recent else None

    @rule()
    def signal(self) -> None:
        self.tracker.stop.clear() if self.tracker.stop.is_set() else self.tracker.stop.set()

    @precondition(lambda self: self.inside)
    @rule()
    def put_another_in_its_place(self) -> None:
        self.module._tracker = self.cls()

    @precondition(lambda self: self.inside)
    @rule()
    def put_another_set_on_the_class(self) -> None:
        self.cls.seen = {"z"}

    @precondition(lambda self: self.inside)
    @rule()
    def patch_the_accessor(self) -> None:
        module = self.module
        real = module.get_tracker
        module.get_tracker = lambda: real()

    @invariant()
    def there_is_a_tracker_with_its_lock(self) -> None:
        if getattr(self, "module", None) is not None and self.module._tracker is not None:
            assert isinstance(self.tracker.lock, type(threading.Lock()))


TestOperations = Operations.TestCase
TestOperations.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, phases=[Phase.reuse, Phase.generate, Phase.shrink]
)
