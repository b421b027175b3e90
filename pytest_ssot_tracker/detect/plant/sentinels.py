"""Decide, when a watched function starts, whether and where its call is booked.

The common case, a direct caller in an ordinary file, is one lookup by file name and one count. Everything else goes
through `_look`, which may read the stack: a construction's own frames, copying and unpickling, accessors.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from enum import Enum, auto
from importlib.util import find_spec
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_ITERABLE_COROUTINE, CO_NESTED
from itertools import takewhile
from types import CodeType, FrameType, FunctionType
from typing import TypeAlias
from weakref import ref

from pytest_ssot_tracker.detect.live.objects import NOTHING, Part, first_argument, is_meant
from pytest_ssot_tracker.detect.live.resolve import function_of
from pytest_ssot_tracker.detect.plant.handed import WatchedNames, Way
from pytest_ssot_tracker.detect.record.callers import Caller, Callers, writer_of
from pytest_ssot_tracker.detect.record.recorder import Recorder, SlotGate, Slots, Watch
from pytest_ssot_tracker.detect.record.scope import Scope
from pytest_ssot_tracker.detect.record.sites import Written
from pytest_ssot_tracker.imported import Named, at_home
from pytest_ssot_tracker.loaded import file_of, is_below
from pytest_ssot_tracker.model import Exempt, Rule, Target
from pytest_ssot_tracker.records import NamedTuple, dataclass, field
from pytest_ssot_tracker.settings import Ssot, Table

__all__ = ["COPYING", "SUSPENDS", "Claim", "Inside", "Learned", "Sentinel", "Sentinels", "StartKind", "belongs"]

SUSPENDS = CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE
COPYING = frozenset({"__copy__", "__deepcopy__"})
"""The methods that copy what they are called on."""

_HOME = "no site: the target's own module uses it"

Learned: TypeAlias = "dict[str, Slots | None]"
"""Where calls from a file are counted, by its name; `None` for nowhere."""


class StartKind(Enum):
    """What the start of a function means: a call, the making of its first argument, or the filling of it."""

    CALL = auto()
    MAKING = auto()
    FILLING = auto()


class Inside:
    """The functions that make what happens inside their calls legitimate: accessors or generators.

    Of each thread that one of them may be running in, it is kept from which frame they were called, by its id: as
    long as that frame alone has called them, none of them runs once it goes on (docs/decisions/0020-inside.md).
    Where nothing is kept of a thread, none runs in it, provided that every one of them announces itself.

    `outside` is the gate of calls that are counted while none runs, `entrance` that of calls of the functions
    themselves, `between` that of their calls of each other. `deaf` is what was learned of those to which nobody
    listens, as one may run in any thread: it is to be forgotten when that is over. `making` are called when the
    canonical may be in the making.
    """

    def __init__(self, expected: Iterable[Target]) -> None:
        self.outside = SlotGate(self._is_outside)
        self.entrance = SlotGate(self.called_by)
        self.between = SlotGate(lambda _: True)
        self.making: list[Callable[[], None]] = []
        self.deaf: list[Learned] = []
        self._home = 0
        self._at: int | None = None  # of the thread `_home`, by far the most often asked for
        self._from: dict[int, int] = {}  # of the others
        self._again = 0
        self._anywhere = False
        self._announced = True
        self._codes: dict[int, tuple[CodeType, tuple[Part, ...]]] = {}
        self._nested: dict[int, CodeType] = {}
        self._files: set[str] = set()
        self._calling: dict[tuple[int, int], CodeType] = {}
        # Until its module is loaded a function is known by name: the module may call it while it is being executed.
        self._expected = {(target.module, str(target.attribute).rpartition(".")[2]): target for target in expected}
        self._modules = {module for module, _ in self._expected}
        self._is_plain = not self._modules

    def follow(self, home: int) -> None:
        """Know the thread that counts in slots, 0 for none."""
        if self._home and self._at is not None:
            self._from[self._home] = self._at
        self._home = self.between.home = self.outside.thread = self.entrance.thread = home
        self._at = self._from.pop(home, None)
        self._set_gates()

    def _set_gates(self) -> None:
        shut = self._at is not None or self._anywhere or not self._announced
        self.outside.home = 0 if shut else self._home
        self.outside.base = self.entrance.base = 0

    def _where(self, thread: int) -> int | None:
        """Return from which frame the functions were called in `thread`, `None` where none of them runs."""
        at = self._at if thread == self._home else self._from.get(thread)
        return _ANYWHERE if at is None and self._anywhere else at

    def _put(self, thread: int, at: int | None) -> None:
        if thread == self._home:
            self._at = at
            self._set_gates()
        elif at is None:
            self._from.pop(thread, None)
        else:
            self._from[thread] = at

    def enter(self, frame: FrameType) -> None:
        """Note that one of the functions starts in `frame`."""
        self.called_by(frame.f_back)

    def called_by(self, caller: FrameType | None) -> bool:
        """Note that `caller` calls one of the functions; whether that need not be looked at any further."""
        outside = self.outside
        if get_ident() != outside.home:
            return self._called_again(get_ident(), caller)
        outside.home = 0
        self._at = id(caller)
        return True

    def _called_again(self, thread: int, caller: FrameType | None) -> bool:
        at, known = id(caller), self._where(thread)
        if known is None:
            self._put(thread, at)
        elif known == _ANYWHERE:
            self._again += 1
            self._anywhere = self._anywhere or self._again > _OFTEN
        elif known == at:
            self._again += 1
            if self._again > _OFTEN:
                self._put(thread, _ANYWHERE)
        elif caller is None or not self.runs(caller):
            self._put(thread, _ANYWHERE)
        return not self._anywhere

    @property
    def may_run_anywhere(self) -> bool:
        """Whether one of the functions may run in any thread: then a further call of them changes nothing."""
        return self._anywhere

    def doubt(self) -> None:
        """Know that one of the functions may be running in any thread, unannounced."""
        self._from.update(dict.fromkeys(sys._current_frames(), _ANYWHERE))
        self._at = self._from.pop(self._home, None)
        self._set_gates()

    def _leave(self, thread: int) -> None:
        """Note that none of the functions runs in `thread`, which is this one."""
        self._again = 0
        if self._anywhere:
            # In this order: from here on they announce themselves again, and who has not may be in one.
            while self.deaf:
                self.deaf.pop().clear()
            self.doubt()
            self._anywhere = False
        self._put(thread, None)

    def _is_outside(self, caller: FrameType) -> bool:
        """Whether none of the functions runs in this thread, if it is the one that counts in slots."""
        return get_ident() == self._home and not self.holds(caller)

    def moved(self, codes: Iterable[CodeType]) -> None:
        """Know that `codes` are all the same function."""
        codes = tuple(codes)
        parts = next((self._codes[id(code)][1] for code in codes if id(code) in self._codes), None)
        if parts is not None:
            self._codes.update((id(code), (code, parts)) for code in codes)

    def awaits(self, module: str) -> bool:
        """Whether functions of `module` are still known by name only."""
        return module in self._modules

    def add(self, target: Target, codes: Iterable[tuple[CodeType, Part]]) -> None:
        """Know one more function, by all the code objects of its parts; it is then no longer known by name."""
        for code, part in codes:
            _, known = self._codes.get(id(code), (code, ()))
            self._codes[id(code)] = code, (*known, part)
            self._files.add(code.co_filename)
            if not part.cells and part.subject is None:
                self._nested.update((id(inner), inner) for inner in _within(code))
            # What is suspended is not called from where it runs on, and its end is not where it returns to.
            self._announced = self._announced and not code.co_flags & SUSPENDS
        self._expected = {name: expected for name, expected in self._expected.items() if expected != target}
        self._modules = {module for module, _ in self._expected}
        self._is_plain = self._announced and not self._modules
        self.doubt()

    def called(self, frame: FrameType) -> None:
        """Know that `frame` is about to call one that has no frame of its own: it is inside while it stays there."""
        self._calling[id(frame.f_code), frame.f_lasti] = frame.f_code
        self._put(get_ident(), _ANYWHERE)

    def is_written_in(self, filename: str) -> bool:
        """Whether the code of one of the functions stands in `filename`."""
        return filename in self._files

    def is_called_at(self, code: object, lasti: int) -> bool:
        """Whether the instruction calls one that has no frame of its own."""
        return (id(code), lasti) in self._calling

    def is_left_at(self, frame: FrameType) -> bool:
        """Whether it is plain that none of the functions runs in this thread, where `frame` has called something.

        Greenlets have stacks of their own in one thread.
        """
        thread = get_ident()
        at = self._where(thread)
        if not self._announced or (self._modules and not sys.modules.keys().isdisjoint(self._modules)):
            return False
        if at is None:
            return True
        if at != id(frame) or "greenlet" in sys.modules:
            return False
        self._again = 0
        if thread == self._home and self._is_plain:  # it takes turns: from now on neither needs to be looked at
            self.outside.base = self.entrance.base = at
        return True

    def is_made_in(self, frame: FrameType | None) -> None:
        """Know that something is being made below `frame`, perhaps by one of the functions."""
        if self.making and (frame is None or not self.is_left_at(frame)):
            for call in self.making:
                call()

    def holds(self, frame: FrameType | None) -> bool:
        """Whether `frame`, which runs here and has called something, is or was called from one of the functions."""
        if frame is not None and self.is_left_at(frame):
            return False
        thread = get_ident()
        # What has called them all is itself not called from any, as nothing else has called them since none ran.
        outside = self._where(thread) if self._is_plain and "greenlet" not in sys.modules else None
        while frame is not None and id(frame) != outside:
            code = frame.f_code
            if id(code) in self._codes and self.runs(frame):
                return True
            if self.is_called_at(code, frame.f_lasti):
                return True
            if self._expected and (frame.f_globals.get("__name__"), code.co_name) in self._expected:
                return True
            frame = frame.f_back
        if "greenlet" not in sys.modules:
            self._leave(thread)
        return False

    def runs(self, frame: FrameType) -> bool:
        """Whether one of the functions runs in `frame`, and no other that shares its code."""
        _, parts = self._codes.get(id(frame.f_code), (None, ()))
        return any(part.runs_in(frame) for part in parts)

    def is_one(self, code: CodeType) -> bool:
        """Whether `code` is that of one of the functions, which shares it with no other."""
        _, parts = self._codes.get(id(code), (None, ()))
        return any(not part.cells and part.subject is None for part in parts)

    def wrote(self, code: object, *, runs: bool = False) -> bool:
        """Whether `code` is written in the body of one of the functions, however deep.

        Where others share that body, it is asked again when it is known that one of the functions `runs`.
        """
        _, parts = self._codes.get(id(code), (None, ()))
        return id(code) in self._nested or any(runs or not (part.cells or part.subject) for part in parts)


_ANYWHERE = -1
_OFTEN = 8
"""How often the same frame calls the functions before it is left open which frame does."""


def _within(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of every function, class and comprehension that is written in `code`."""
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield constant
            yield from _within(constant)


@dataclass(slots=True, eq=False, kw_only=True)
class Claim:
    """Say under which conditions the start of a function is booked, and as what.

    `target` is as configured. `cls`: only for instances of this class (or its subclasses). `cells`: only for the
    closure with these contents, where functions share one code object. `subject`: only where the first argument is
    this very object. `unless`: not where this says so of the frame that starts: that it has been booked at the
    statement, or is no use. `around` runs between the call and what starts, and is no caller. `inside`: calls from
    within are exempt for the reason `exempt`, or not booked at all when that is `None`. `files` define the target; with
    `foreign` they are none of the project's, and what libraries do with it on their own account is no use. `home` are
    those of `files` that are no sites for it.
    """

    watch: Watch
    table: Table
    target: Target
    source_only: bool
    foreign: bool = False
    files: frozenset[str] = frozenset()
    home: frozenset[str] = frozenset()
    cls: type | None = None
    cells: tuple[tuple[str, object], ...] = ()
    subject: object = None
    unless: Callable[[FrameType], bool] | None = None
    around: tuple[CodeType, ...] = ()
    inside: Inside | None = None
    exempt: Exempt | None = None
    numbers: dict[tuple[str, str | None], int] = field(default_factory=dict)

    @property
    def group(self) -> tuple[object, ...]:
        """Return what is booked once per construction, however many of its functions are watched.

        Of parameters, each is booked that is passed.
        """
        rule = self.watch.rule
        what = self.watch.target if rule is Rule.DEPRECATED_ARGUMENT else self.watch.spelled
        return rule, self.watch.ssot, what

    def spares(self, kind: type) -> bool:
        """Whether an instance of `kind`, or the class statement that makes it, is no use of the deprecated `cls`.

        So it is where the canonical, or a class that may use what is deprecated, stands between the two.
        """
        rule, table = self.watch.rule, self.table
        if self.cls is None or not isinstance(table, Ssot):
            return False
        if rule not in (Rule.DEPRECATED_USE, Rule.DEPRECATED_BASE):
            return False
        if not is_below(kind, self.cls):  # it is a metaclass
            return False
        between = takewhile(lambda cls: cls is not self.cls, kind.__mro__[rule is Rule.DEPRECATED_BASE :])
        return any(table.vouches_for(cls.__module__, cls.__qualname__) for cls in between)


class Placed(NamedTuple):
    """What a direct call from `code` means where something of the class `kind` is made: the facts to book.

    Each has what may make it legitimate, `None` for nothing.
    """

    code: CodeType
    kind: Callable[[], object]
    facts: tuple[tuple[int, Inside | None], ...]


class Sentinel:
    """What is known about one watched code object.

    `numbers` maps the file of a direct caller to the fact to book, 0 for none, and to what may make it legitimate, for
    files where nothing else matters; `learned` maps the same files to where the fact is counted, `None` for nowhere.
    `placed` says it of code and of the class of what is made, where the file alone does not decide. `quiet` are the
    instructions of libraries that are no uses of ours, `deaf` the files to whose calls nobody who is announced listens.
    `opens` is what it only announces, where it is one of the functions that make something legitimate. `own` are the
    bodies of the accessors or generators of all its claims, whose calls are what these are for.
    `pending` counts the generators and coroutines that were seen being made, as `ahead` says they are, and have not
    started. `inner` are the files with functions that may be part of a making, where every caller must be looked at.
    What `matters` is looked after at the end of each test.
    """

    def __init__(
        self, kind: StartKind, codes: tuple[CodeType, ...], undo: Callable[[], None], *, learned: Learned
    ) -> None:
        self.codes = codes
        self.undo = undo
        self.kind = kind
        self.matters = False
        self.shared = False
        self.inner: set[str] = set()
        self.numbers: dict[str, tuple[int, Inside | None]] = {}
        self.placed: dict[tuple[int, int, bool], Placed] = {}
        self.ahead = False
        self.pending = 0
        self.quiet: dict[tuple[int, int], CodeType] = {}
        self.own: dict[int, CodeType] = {}
        self.learned = learned
        self.opens: Inside | None = None
        self.announce = ()
        self.deaf: frozenset[str] = frozenset()
        self.claims = ()

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Return the claims, in the order they were made."""
        return self._claims

    @claims.setter
    def claims(self, claims: tuple[Claim, ...]) -> None:
        self._claims = claims
        self._plain = [claim for claim in claims if claim.cls is None]
        self._near: dict[int, list[Claim]] = {}
        for claim in claims:
            if claim.cls is not None:
                self._near.setdefault(id(claim.cls), []).append(claim)
        self.own = {}
        self.forget()

    @property
    def announce(self) -> tuple[Callable[[FrameType], None], ...]:
        """Return what is called with the frame of each start."""
        return self._announce

    @announce.setter
    def announce(self, calls: tuple[Callable[[FrameType], None], ...]) -> None:
        self._announce = calls
        owners = [getattr(call, "__self__", None) for call in calls]
        self.opens = owners[0] if len(owners) == 1 and isinstance(owners[0], Inside) else None

    def look_inside(self, files: Set[str]) -> None:
        """Look at every caller in `files`, which hold methods that may be part of a making."""
        if not files <= self.inner:
            self.inner |= files
            self.forget()

    def forget(self) -> None:
        """Forget what was learned about callers."""
        self.learned.clear()
        self.numbers.clear()
        self.placed.clear()
        if not self._claims:
            self.learned.update(dict.fromkeys(self.deaf))
            self.numbers.update(dict.fromkeys(self.deaf, (0, None)))

    def share(self) -> None:
        """Know that not every start concerns the claims."""
        self.shared = True
        self.forget()

    def learn(self, filename: str, number: int, inside: Inside | None, slots: Slots | None) -> None:
        """Let callers in `filename` be booked as `number` without another look, unless they are `inside`."""
        self.numbers[filename] = number, inside
        self.learned[filename] = slots

    def hush(self, frame: FrameType, gate: SlotGate) -> None:
        """Know that what starts at the instruction of `frame`, in a library, never is a use of ours."""
        code, lasti = frame.f_code, frame.f_lasti
        self.quiet[id(code), lasti] = code  # the id must not go to another
        self.pass_over(code, lasti, gate)

    def enters(self, caller: FrameType, inside: Inside) -> None:
        """Know that all there is to a call of this function by the code in `caller` is that it enters `inside`."""
        code = caller.f_code
        if inside.is_one(code):
            self.pass_over(code, caller.f_lasti, inside.between)
        elif not inside.may_run_anywhere:
            self.pass_over(code, caller.f_lasti, inside.entrance, uncounted=True)
        elif self.learned.get(code.co_filename, self) is not None:
            self.learned[code.co_filename] = None
            inside.deaf.append(self.learned)

    def pass_over(self, code: CodeType, lasti: int, gate: SlotGate, *, uncounted: bool = False) -> None:
        """Let what starts at the instruction of `code` not be looked at while `gate` is open.

        With `uncounted`, for a gate that never has a home, it is not even counted.
        """
        slots = self.learned.setdefault(code.co_filename, {})
        if slots is not None:
            slots[lasti] = code, [] if uncounted else [0], gate

    def knows(self, code: CodeType) -> None:
        """Note `code` as that of a caller if it is written in an accessor or generator of every claim."""
        plain = self.kind is StartKind.CALL and not self._near and not self.ahead
        if plain and all(claim.inside is not None and claim.inside.wrote(code) for claim in self._claims):
            self.own[id(code)] = code

    def place(self, subject: object, code: CodeType, facts: tuple[tuple[int, Inside | None], ...]) -> None:
        """Let direct calls from `code` on what is of the class of `subject` be booked as `facts`, or not at all."""
        lasts = code.co_filename[:1] != "<"  # other than what is executed once, and would be kept here
        if lasts and not (self.kind is StartKind.FILLING or self.ahead or any(map(_is_particular, self._claims))):
            kind = _kind_of(subject)
            self.placed[id(kind), id(code), subject is kind] = Placed(code, ref(kind), facts)

    def placed_for(self, frame: FrameType, code: CodeType) -> Placed | None:
        """Return what is known of the direct call from `code` that starts in `frame`."""
        if not self.placed:
            return None
        subject = first_argument(frame) if self.kind is not StartKind.CALL or self._near else NOTHING
        kind = _kind_of(subject)
        placed = self.placed.get((id(kind), id(code), subject is kind))
        return placed if placed is not None and placed.kind() is kind else None

    @property
    def insides(self) -> list[Inside]:
        """Return what may make its calls legitimate."""
        return [claim.inside for claim in self._claims if claim.inside is not None]

    @property
    def direct(self) -> bool:
        """Whether the direct caller's file alone may decide now."""
        if self.announce or self.shared or self.kind is StartKind.FILLING or any(map(_is_particular, self._claims)):
            return False
        return len({claim.group for claim in self._claims}) == len(self._claims)

    def subject_of(self, frame: FrameType) -> object:
        """Return the first argument of what starts in `frame`, where anything depends on it."""
        return first_argument(frame) if self.kind is not StartKind.CALL or self._near else NOTHING

    def concerned(self, frame: FrameType, subject: object) -> list[Claim]:
        """Return the claims that hold for this start: per rule and table those of the nearest class."""
        found = [claim for claim in self._plain if _holds(claim, frame)]
        if not self._near or subject is NOTHING:
            return found
        taken: set[tuple[object, ...]] = set()
        for cls in _kinds_of(subject):
            for claim in self._near.get(id(cls), ()):
                if claim.group not in taken and _holds(claim, frame) and not claim.spares(_kind_of(subject)):
                    found.append(claim)
            taken.update(claim.group for claim in self._near.get(id(cls), ()))
        return found


def _exactness(claim: Claim) -> int:
    """Return how far within its module the target of `claim` lies: of a class and its method, the method is meant."""
    return claim.watch.target.count(".", claim.watch.target.find(":"))


def _is_particular(claim: Claim) -> bool:
    """Whether more than the code that starts decides what `claim` holds for."""
    return bool(claim.cells) or claim.subject is not None or claim.unless is not None


def _holds(claim: Claim, frame: FrameType) -> bool:
    """Whether `claim` is meant by the start of the function in `frame`, and has not been booked for it."""
    return is_meant(frame, claim.cells, claim.subject) and (claim.unless is None or not claim.unless(frame))


def _kinds_of(subject: object) -> tuple[type, ...]:
    """Return the classes that `subject` is made as, the nearest first; a class is made as one of its metaclass too."""
    kind = _kind_of(subject)
    if kind is not subject:
        return kind.__mro__
    meta: type = type(kind)
    return (*kind.__mro__, *meta.__mro__)


def _kind_of(subject: object) -> type:
    return subject if issubclass(type(subject), type) else type(subject)  # type: ignore[return-value]


def belongs(frame: FrameType, subject: object) -> bool:
    """Whether `frame` is part of making `subject`: a method of its class or metaclass, called for it."""
    kind = _kind_of(subject)
    of_metaclass = _defines(type(kind), frame.f_code)
    if not of_metaclass and not _defines(kind, frame.f_code):
        return False
    # Asked last: before 3.13 the locals of a frame, once read, stay alive as long as it.
    first = first_argument(frame)
    if of_metaclass and any(first is base for base in kind.__mro__):
        return True  # an enum that is called with names makes a class below it
    if frame.f_code.co_name in COPYING and type(first) is kind:
        return True
    return first is subject or first is kind or first is type(kind)


def is_factory_below(frame: FrameType, subject: object, claims: Iterable[Claim]) -> bool:
    """Whether `frame` is a class method that constructs, of a class derived elsewhere from what is claimed.

    Such a one is the caller. One of the claimed class itself, in its home, is not: there its own caller is meant.
    """
    code = frame.f_code
    if code.co_name.startswith("__") or any(code.co_filename in claim.home for claim in claims):
        return False
    for cls in _kind_of(subject).__mro__:
        if any(cls is claim.cls for claim in claims):
            return False
        held = vars(cls).get(code.co_name)
        if isinstance(held, classmethod) and _runs(held, code):
            return True
    return False


def _defines(cls: type, code: CodeType) -> bool:
    if any(_runs(vars(base).get(code.co_name), code) for base in cls.__mro__):
        return True
    wrapper = code.co_flags & CO_NESTED
    return bool(wrapper) and any(_runs(value, code) for base in cls.__mro__ for value in list(vars(base).values()))


def _runs(value: object, code: CodeType) -> bool:
    function = function_of(value)
    return function is not None and function.__code__ is code


class Sentinels:
    """Every sentinel, and give the back ends what to call when a watched function starts.

    `started(code, offset)` is for all functions, `started_with(learned)` makes one for a single function. Either is
    to be called directly above the frame that starts. `heard`, where set, is told what is decided of a call, and why.
    """

    def __init__(self, recorder: Recorder, scope: Scope, *, trouble: Callable[[str], None]) -> None:
        self._recorder = recorder
        self._scope = scope
        self._trouble = trouble
        self._by_code: dict[int, Sentinel] = {}
        self._names: dict[str, list[Sentinel]] = {}
        self._learned: dict[str, Learned] = {}
        self._carriers = frozenset(_files_of("copy", "copyreg", "pickle", "typing", "types", "dataclasses"))
        self._copying = frozenset(_files_of("copy"))
        self.heard: Callable[[Claim, Caller | None, str], None] | None = None
        self._ahead: list[Sentinel] = []
        self._shut = SlotGate()
        self.callers = Callers(scope, is_watched=lambda code: id(code) in self._by_code)
        self.started = self._make_started()

    def get(self, code: CodeType) -> Sentinel | None:
        """Return the sentinel of `code`."""
        return self._by_code.get(id(code))

    def put(self, sentinel: Sentinel) -> None:
        """Let the starts of the sentinel's code objects be decided by it."""
        for code in sentinel.codes:
            self._by_code[id(code)] = sentinel
            self._named(code).append(sentinel)
        self._index(sentinel)

    def moved(self, sentinel: Sentinel, codes: Iterable[CodeType]) -> None:
        """Know the sentinel's function by `codes` too."""
        fresh = tuple(code for code in codes if id(code) not in self._by_code)
        sentinel.codes += fresh
        for code in fresh:
            self._by_code[id(code)] = sentinel
            self._named(code).append(sentinel)
        self._index(sentinel)

    def drop(self, sentinel: Sentinel) -> None:
        """Forget `sentinel`."""
        for code in sentinel.codes:
            self._by_code.pop(id(code), None)
            self._named(code).remove(sentinel)
        self._index(sentinel)

    def _named(self, code: CodeType) -> list[Sentinel]:
        return self._names.setdefault(getattr(code, "co_qualname", code.co_name), [])

    def _index(self, changed: Sentinel) -> None:
        """Let the hot path find by name what is the only one so called: a string's hash is at hand, a code's is not."""
        for code in changed.codes:
            name = getattr(code, "co_qualname", code.co_name)
            holders = self._names.get(name, [])
            self._learned[name] = holders[0].learned if len(set(map(id, holders))) == 1 else {}

    def __iter__(self) -> Iterator[Sentinel]:
        return iter(list({id(sentinel): sentinel for sentinel in self._by_code.values()}.values()))

    def _make_started(self) -> Callable[..., None]:
        # Everything the hot path touches is bound here: what a test replaces does not reach it.
        look, getframe, learned, ident = self._look, sys._getframe, self._learned, get_ident

        def started(code: CodeType, _offset: int = 0) -> None:
            try:
                frame = getframe(2)
                caller = frame.f_code
                slots = learned[code.co_qualname][caller.co_filename]  # type: ignore[attr-defined]
                if slots is None:
                    return
                counts, counted, gate = slots[frame.f_lasti]
                if counts is caller:
                    here = ident()
                    if here == gate.home:
                        counted[0] += 1
                        return
                    if (here == gate.thread and id(frame) == gate.base) or gate.opens(frame):
                        if counted:
                            counted[0] += 1
                        return
            except (KeyError, ValueError):  # nothing known about the caller, or nobody called
                pass
            look(code, getframe(1))

        return started

    def started_with(self, learned: Learned) -> Callable[[CodeType], None]:
        """Return a `started` for the one function whose sentinel has `learned`: it need not be looked up."""
        look, getframe, ident = self._look, sys._getframe, get_ident

        def started(code: CodeType) -> None:
            # The same as above, not shared: a call between them would cost a fifth of the whole.
            try:
                frame = getframe(2)
                caller = frame.f_code
                slots = learned[caller.co_filename]
                if slots is None:
                    return
                counts, counted, gate = slots[frame.f_lasti]
                if counts is caller:
                    here = ident()
                    if here == gate.home:
                        counted[0] += 1
                        return
                    if (here == gate.thread and id(frame) == gate.base) or gate.opens(frame):
                        if counted:
                            counted[0] += 1
                        return
            except (KeyError, ValueError):
                pass
            look(code, getframe(1))

        return started

    def _look(self, code: CodeType, frame: FrameType) -> None:
        sentinel = self._by_code.get(id(code))
        if sentinel is None:
            return
        try:
            caller = frame.f_back
            if caller is not None:
                known = sentinel.numbers.get(caller.f_code.co_filename)
                if known is not None and self._book_known(caller, *known):
                    return
                # What a generator calls itself is none of its caller's business, and happens at each identifier.
                if id(caller.f_code) in sentinel.own and not sentinel.announce:
                    sentinel.pass_over(caller.f_code, caller.f_lasti, self._recorder.gate)
                    return
                if sentinel.quiet and (id(caller.f_code), caller.f_lasti) in sentinel.quiet and sentinel.direct:
                    sentinel.hush(caller, self._recorder.gate)
                    return
            for announce in sentinel.announce:
                announce(frame)
            if sentinel.claims:
                if caller is None or not self._book_placed(sentinel, frame, caller):
                    self._judge(sentinel, frame)
            elif caller is not None and sentinel.opens is not None:
                sentinel.enters(caller, sentinel.opens)
        except Exception as error:  # the program under test must never see a fault of ours
            self._trouble(f"a call of {code.co_name} could not be placed: {type(error).__name__}: {error}")

    def _book_known(self, caller: FrameType, number: int, inside: Inside | None) -> bool:
        """Book what is known of the file of `caller`, a fact or none; whether that is all, as nothing is `inside`."""
        if number:
            if inside is not None and inside.holds(caller):
                return False
            slots = self._recorder.slots(number, caller.f_code.co_filename)
            self._recorder.book(number, caller, slots=slots, gate=None if inside is None else inside.outside)
        return True

    def _book_placed(self, sentinel: Sentinel, frame: FrameType, caller: FrameType) -> bool:
        """Book what is known of the code in `caller`; whether that is all."""
        code, lasti = caller.f_code, caller.f_lasti
        placed = sentinel.placed_for(frame, code)
        if placed is None:
            return False
        for _, inside in placed.facts:
            if inside is not None and inside.holds(caller):
                return False
        for number, inside in placed.facts:
            self._book_known(caller, number, inside)
        if code.co_filename not in sentinel.numbers and lasti not in (sentinel.learned.get(code.co_filename) or ()):
            # A way here that raises no `KeyError`, which would cost as much as all the rest.
            sentinel.pass_over(code, lasti, self._shut, uncounted=True)
        return True

    def called(self, claim: Claim, site: FrameType | Caller, *, lasti: int | None = None) -> None:
        """Book a use of something without Python code, by the frame that makes it, at `lasti` or where that is.

        Where no code of ours runs that makes it, `site` is the statement.
        """
        try:
            if isinstance(site, Caller):
                self._book(claim, site, within=None)
                return
            place = self._scope.place_of(site)
            if place is not None:
                caller = Caller.at(site, place)
                self._book(claim, caller if lasti is None else caller._replace(lasti=lasti), within=site)
        except Exception as error:  # the program under test must never see a fault of ours
            self._trouble(f"a call of {claim.watch.target} could not be placed: {type(error).__name__}: {error}")

    def created(self, sentinel: Sentinel, site: FrameType) -> None:
        """Book the call of a function that gives a generator or a coroutine: its start may be far from here."""
        try:
            claims = sentinel.claims
            if any(claim.cls is not None or _is_particular(claim) for claim in claims):
                return  # nothing tells yet which of them is meant
            if not sentinel.pending:
                if not self._ahead:
                    self._recorder.on_change.append(self._forget_pending)
                self._ahead.append(sentinel)
            sentinel.pending += 1
            while self._is_text(site) and site.f_back is not None:
                site = site.f_back
            caller = self._caller(sentinel, list(claims), site, site, set())
            self._book_all(claims, caller, set(), within=site)
        except Exception as error:  # the program under test must never see a fault of ours
            self._trouble(f"a call of {sentinel.codes[0].co_name} could not be placed: {type(error).__name__}: {error}")

    def _forget_pending(self) -> None:
        with suppress(ValueError):
            self._recorder.on_change.remove(self._forget_pending)
        while self._ahead:
            self._ahead.pop().pending = 0

    def made(self, claim: Claim, site: FrameType, cls: type) -> None:
        """Book the making of an instance of `cls` by the `__new__` of a C type, by the frame that calls that."""
        try:
            place = self._scope.place_of(site)
            part = (belongs(site, cls) and not is_factory_below(site, cls, [claim])) or claim.spares(cls)
            if place is not None and not part:
                self._book(claim, Caller.at(site, place), within=site)
        except Exception as error:  # the program under test must never see a fault of ours
            self._trouble(f"a call of __new__ could not be placed: {type(error).__name__}: {error}")

    def copied(self, claims: Iterable[Claim], frame: FrameType, copy: object) -> None:
        """Book what of `claims` holds for `copy`, which a method of its class has made in `frame`."""
        try:
            site, booked = frame.f_back, set[tuple[object, ...]]()
            while site is not None and belongs(site, copy):
                site = site.f_back
            caller = self.callers.of(site)
            for cls in type(copy).__mro__ if caller is not None else ():
                near = [claim for claim in claims if claim.cls is cls and not claim.spares(type(copy))]
                self._book_all(near, caller, booked, within=frame.f_back)
        except Exception as error:  # the program under test must never see a fault of ours
            self._trouble(f"a copy could not be placed: {type(error).__name__}: {error}")

    def _judge(self, sentinel: Sentinel, frame: FrameType) -> None:
        if sentinel.pending:
            sentinel.pending -= 1
            return
        subject = sentinel.subject_of(frame)
        claims = sentinel.concerned(frame, subject)
        if not claims:
            if frame.f_back is not None and self.heard is None:
                sentinel.place(subject, frame.f_back.f_code, ())
            return
        booked: set[tuple[object, ...]] = set()
        insides = [claim.inside for claim in claims if claim.inside is not None]
        for inside in insides:
            inside.is_made_in(frame.f_back)
        site = self._outwards(sentinel, frame, subject, booked, insides)
        if frame.f_back is None:
            caller = Way(_known(sentinel, claims), self.callers).of_nobody(self._scope)
        else:
            caller = None if site is None else self._caller(sentinel, claims, frame, site, booked)
        if site is not None and site is frame.f_back:
            if self.heard is None:
                sentinel.knows(site.f_code)
            if sentinel.direct:
                self._learn(sentinel, site, caller)
            if not booked:
                self._place(sentinel, claims, subject, caller)
        self._book_all(claims, caller, booked, within=frame.f_back)

    def _book_all(
        self,
        claims: Sequence[Claim],
        caller: Caller | None,
        booked: set[tuple[object, ...]],
        *,
        within: FrameType | None,
    ) -> None:
        """Book one of `claims` per rule and table, the one of the most exact target, unless it is `booked`."""
        if caller is None:
            self._tell(claims, None, "no site: nothing of the project has called, as far as that is known")
        else:
            for claim in sorted(claims, key=_exactness, reverse=True) if len(claims) > 1 else claims:
                if claim.group not in booked:
                    booked.add(claim.group)
                    self._book(claim, caller, within=within)

    def _outwards(
        self,
        sentinel: Sentinel,
        frame: FrameType,
        subject: object,
        booked: set[tuple[object, ...]],
        insides: list[Inside],
    ) -> FrameType | None:
        """Return the frame that called, past those that are part of the making; note who has booked it already."""
        making = sentinel.kind is not StartKind.CALL
        site = frame.f_back
        while site is not None:
            code = site.f_code
            if any(code is between for claim in sentinel.claims for between in claim.around):
                pass
            elif any(inside.runs(site) for inside in insides):
                return site  # an accessor that is a method of the class
            elif making and is_factory_below(site, subject, sentinel.claims):
                return site
            elif making and (code.co_filename in self._carriers or belongs(site, subject)):
                if self._is_seen(sentinel, code):
                    return None
                self._pass(site, subject, booked)
            elif not self._is_text(site):
                return site
            site = site.f_back
        return None

    def _is_seen(self, sentinel: Sentinel, code: CodeType) -> bool:
        """Whether what `code` makes was seen when it began: a copy, or a dataclass made anew for its slots."""
        if sentinel.kind is StartKind.FILLING and code.co_filename in self._copying:
            return True
        return code.co_name == "_add_slots" and code.co_filename in self._carriers

    def _pass(self, frame: FrameType, subject: object, booked: set[tuple[object, ...]]) -> None:
        """Note as `booked` what was booked when the code in `frame` started, of which this is a part."""
        other = self._by_code.get(id(frame.f_code))
        if other is not None:
            booked.update(claim.group for claim in other.concerned(frame, subject))

    def _is_text(self, frame: FrameType) -> bool:
        """Whether the code in `frame` was made from a text that is executed: it stands where that is done.

        So does what the text defines, unless it was written for a class, or in the name of a library.
        """
        code, name = frame.f_code, frame.f_code.co_filename
        if name[:1] != "<" or name.startswith(("<doctest ", "<frozen ")) or writer_of(code) is not None:
            return False
        if code.co_name == "<module>":
            return True
        file = frame.f_globals.get("__file__")
        return not isinstance(file, str) or self._scope.place(file) is not None

    def _caller(
        self,
        sentinel: Sentinel,
        claims: list[Claim],
        frame: FrameType,
        site: FrameType,
        booked: set[tuple[object, ...]],
    ) -> Caller | None:
        """Return whose use it is: of the nearest code of ours from `site` on, or of who has started that."""
        place = self._scope.place_of(site)
        if place is not None:
            return Caller.at(site, place)
        if claims[0].watch.rule is Rule.DEPRECATED_BASE:
            return self._deriving(_known(sentinel, claims), site)
        making = sentinel.kind is not StartKind.CALL
        subject = first_argument(frame) if making else NOTHING

        def passing(library: FrameType) -> bool:
            if id(library.f_code) in self._by_code:  # else its locals, once read, would stay alive as long as it
                self._pass(library, first_argument(library), booked)
            return making and _defines(_kind_of(subject), library.f_code)

        way = Way(_known(sentinel, claims), self.callers, passing)
        caller = way.caller(site, self._scope)
        if way.ended_at is frame.f_back and sentinel.direct:
            sentinel.hush(site, self._recorder.gate)
        elif way.ended_at is frame.f_back and site is frame.f_back and self.heard is None:
            sentinel.place(sentinel.subject_of(frame), site.f_code, ())
        return caller

    def _deriving(self, known: WatchedNames, site: FrameType) -> Caller | None:
        """Return who had a library derive a class: who names the base, as in `create_model("New", __base__=Old)`.

        A library derives for reasons of its own too, and attrs makes a class anew for its slots.
        """
        caller = None if site.f_code.co_name == "_create_slots_class" else self.callers.of(site)
        return caller if caller is not None and known.is_named_at(caller) else None

    def _book(self, claim: Claim, caller: Caller, *, within: FrameType | None) -> None:
        """Book `claim` at `caller`, unless `within` runs inside what makes it legitimate."""
        number = self._number(claim, caller)
        if not number:
            outside = claim.source_only and not caller.place.in_source
            self._tell([claim], caller, "no site: the file is not in `source`" if outside else _HOME)
            return
        inside = claim.inside
        if inside is not None:
            if inside.wrote(caller.code) or inside.is_called_at(caller.code, caller.lasti):
                self._tell([claim], caller, "no site: it is written in an accessor or generator")
                return
            if inside.holds(within):
                if claim.exempt is None or inside.wrote(caller.code, runs=True):
                    self._tell([claim], caller, "no site: an accessor or generator is running")
                    return
                number = self._recorder.number(claim.watch, exempt=claim.exempt, via=caller.via)
        self._recorder.book_at(number, caller.code, caller.lasti, frame=within)
        self._tell([claim], caller, "a site: it was booked")

    def _tell(self, claims: Iterable[Claim], caller: Caller | None, words: str) -> None:
        if self.heard is not None:
            for claim in claims:
                self.heard(claim, caller, words)

    def _number(self, claim: Claim, caller: Caller) -> int:
        """Return what to book for `caller`, 0 for nothing."""
        key = caller.filename, caller.via
        number = None if caller.detail else claim.numbers.get(key)
        if number is None:
            number = 0
            if caller.detail or self._is_site(claim, caller):
                exempt = self._scope.exempt(claim.table, caller.place)
                number = self._recorder.number(claim.watch, exempt=exempt, detail=caller.detail, via=caller.via)
            if not caller.detail and caller.filename[:1] != "<":
                claim.numbers[key] = number
        return number

    @staticmethod
    def _is_site(claim: Claim, caller: Caller) -> bool:
        if claim.source_only and not caller.place.in_source:
            return False
        if not claim.home:
            return True
        at_its_home = at_home(Named(claim.watch.target, claim.target), caller.place.module)
        return caller.filename not in claim.home and not at_its_home

    def _learn(self, sentinel: Sentinel, site: FrameType, caller: Caller | None) -> None:
        """Remember what callers in the file of `site` mean, where that depends on nothing else."""
        filename = site.f_code.co_filename
        if not self._decides(filename, sentinel):
            return
        facts: list[tuple[int, Inside | None]] = []
        if caller is not None and caller.code is site.f_code:
            if any(inside.awaits(caller.place.module) for inside in sentinel.insides):
                return
            facts = [(self._number(claim, caller), claim.inside) for claim in sentinel.claims]
        elif not self._scope.is_excluded(filename):  # a library, which may call on behalf of anybody
            return
        booked = [fact for fact in facts if fact[0]]
        if len(booked) < 2:
            number, inside = booked[0] if booked else (0, None)
            sentinel.learn(filename, number, inside, self._recorder.slots(number, filename) if number else None)

    def _decides(self, filename: str, sentinel: Sentinel) -> bool:
        """Whether the name of a file may tell alone what a call from there means."""
        if filename[:1] == "<" or filename in sentinel.inner:
            return False
        if any(inside.is_written_in(filename) for inside in sentinel.insides):
            return False
        if sentinel.kind is StartKind.CALL:
            return True
        return filename not in self._carriers and not any(filename in claim.home for claim in sentinel.claims)

    def _place(self, sentinel: Sentinel, claims: list[Claim], subject: object, caller: Caller | None) -> None:
        """Remember what direct calls by the code of `caller` mean for the class of `subject`, if only that matters."""
        if caller is None or caller.via or self.heard is not None or caller.filename in sentinel.numbers:
            return
        code, kind = caller.code, _kind_of(subject)
        if not isinstance(code, CodeType):
            return
        if _defines(kind, code) or _defines(type(kind), code):
            return  # it depends on whom the call is for
        facts, groups = [], set()
        for claim in sorted(claims, key=_exactness, reverse=True):
            inside = claim.inside
            if inside is not None and (inside.wrote(code) or inside.awaits(caller.place.module)):
                return
            number = 0 if claim.group in groups else self._number(claim, caller)
            groups.add(claim.group)
            facts += [(number, inside)] if number else []
        sentinel.place(subject, code, tuple(facts))


def _known(sentinel: Sentinel, claims: list[Claim]) -> WatchedNames:
    """Return what that goes by which the sentinel watches."""
    module, _, path = claims[0].watch.target.partition(":")
    names = {path.rpartition(".")[2]}
    if sentinel.kind is not StartKind.CALL:
        names.update(code.co_name for code in sentinel.codes if not code.co_name.startswith("__"))
    filename = file_of(sys.modules.get(module))
    return WatchedNames(
        module=module,
        names=frozenset(names),
        codes=frozenset(map(id, sentinel.codes)),
        classes=tuple(claim.cls for claim in claims if claim.cls is not None),
        files=frozenset[str]().union(*(claim.files for claim in claims)),
        foreign=all(claim.foreign for claim in claims),
        defined=Written(str(filename), path),
    )


def _files_of(*modules: str) -> Iterator[str]:
    """Yield the file names that code of these modules carries, which differ from `__file__` where they are frozen."""
    for name in modules:
        if name not in sys.modules:
            spec = find_spec(name)  # such as `pickle`, which few tests need
            if spec is not None and spec.origin is not None:
                yield spec.origin
            continue
        for value in list(vars(sys.modules[name]).values()):
            if isinstance(value, FunctionType) and value.__module__ == name:
                yield value.__code__.co_filename
