"""Say whose moment it is in threads, executors and tasks: the test's that started them while it runs, nobody's later.

A thread belongs to the test in which `Thread.start` was called, a piece of work to the one in which an executor took
it; a task that is left pending when its test ends belongs to nobody from then on. What such leftovers do is booked as
unattributed, with the test that started them as its origin, and never on the test that happens to run.
"""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import CodeType, CoroutineType, FrameType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pytest_ssot_tracker.detect.live.objects import first_argument, outwards
from pytest_ssot_tracker.detect.live.resolve import found_at, function_of, innermost
from pytest_ssot_tracker.detect.record.callers import Caller, Callers, name_of
from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder
from pytest_ssot_tracker.detect.record.sites import Written, written_scope
from pytest_ssot_tracker.detect.threads.baggage import MODULE, QUEUES, Brought, Received, Sent, attach, brought_here
from pytest_ssot_tracker.detect.threads.greenlets import Greenlets
from pytest_ssot_tracker.detect.threads.lingering import Lingering, task_left, thread_left
from pytest_ssot_tracker.detect.threads.takers import TAKERS, arguments_of, deaf_of
from pytest_ssot_tracker.loaded import current_task, namespace_of
from pytest_ssot_tracker.model import Step
from pytest_ssot_tracker.records import NamedTuple, regex

if TYPE_CHECKING:
    from contextvars import ContextVar

    from pytest_ssot_tracker.detect.plant.planting import Planting

__all__ = ["Lingering", "Origins", "running_here", "started_by"]


_EXECUTORS = "concurrent.futures.thread"
_AUTOMATIC = regex(r"Task-\d+\Z")


class _Starter(NamedTuple):
    """Whoever started something: which test of the session it was, by number, in what words, and from where.

    `baggage` is what its own names, which a thread does not get by itself.
    """

    era: int
    words: str
    caller: Caller | None
    baggage: Brought | None


class Origins:
    """Know the moment of every thread and task, for a recorder.

    An era is the time of one attempt at one test, or the time before and between; `era_ended` begins the next.
    `late` collects the moments on which leftovers are booked. `awaited` says what to call when a module was loaded.
    """

    def __init__(self, recorder: Recorder, callers: Callers) -> None:
        self.late: list[Moment] = []
        # A run that needs no executor does not load what they are made of.
        follow = dict.fromkeys((MODULE, *QUEUES), self._follow_baggage)
        self.awaited: dict[str, Callable[[], None]] = {_EXECUTORS: self._follow_executors, **follow}
        self._recorder = recorder
        self._callers = callers
        self._planting: Planting | None = None
        self._waiting: dict[str, list[Callable[[Planting], None]]] = {
            name: [partial(self._follow_takers, name)] for name in TAKERS
        }
        for name, follower in (
            ("asyncio.base_events", self._follow_loops),
            ("multiprocessing.pool", self._follow_pools),
            ("gevent.greenlet", self._follow_greenlets),
            ("anyio", self._follow_contexts),
            ("_pytest.skipping", self._follow_conditions),
        ):
            self._waiting.setdefault(name, []).append(follower)
        self._has_executors = False
        self._coroutines: WeakKeyDictionary[Any, Caller] = WeakKeyDictionary()
        self._era = 0
        self._started: WeakKeyDictionary[threading.Thread, _Starter] = WeakKeyDictionary()
        self._work: WeakKeyDictionary[Any, _Starter] = WeakKeyDictionary()
        # By thread, not by ident: that of a thread which has ended goes to another.
        self._working: WeakKeyDictionary[threading.Thread, _Starter] = WeakKeyDictionary()
        self._tasks: WeakKeyDictionary[Any, Moment] = WeakKeyDictionary()
        self._late: dict[tuple[str, str], Moment] = {}
        self._jobs: WeakKeyDictionary[Any, _Starter] = WeakKeyDictionary()
        self._worker: CodeType | None = None
        self._greenlets: Greenlets | None = None
        self._context: ContextVar[int] | None = None
        self._sent: Sent | None = None
        self._received: Received | None = None

    def install(self, planting: Planting) -> Callable[[], None]:
        """Follow threads, executors and whatever else runs later; return the undo of what `planting` leaves."""
        self._planting = planting
        planting.announce(threading.Thread.start, self._thread_starts)
        planting.announce(threading.Thread._bootstrap_inner, self._thread_begins)  # type: ignore[attr-defined]
        self._follow_executors()
        self._callers.root = self._who_started_thread
        self._recorder.elsewhere = self.here
        self._follow()

        def undo() -> None:
            self._recorder.elsewhere = None
            self._recorder.moment_here = None
            self._recorder.task_here = None
            if self._greenlets is not None:
                self._greenlets.forget()

        return undo

    def send_baggage(self) -> None:
        """Let what a test sends carry its id from now on, wherever the program sends baggage at all."""
        self._sent = Sent(self._recorder)
        self._sent.begin()

    def receive_baggage(self, received: Received) -> None:
        """Let `received` know what requests bring, from now on, wherever the program reads baggage at all."""
        self._received = received
        received.started_with = self._started_with
        self._follow_baggage()

    def _follow_baggage(self) -> None:
        """Follow baggage, once its module is loaded, and queues."""
        if self._sent is not None:
            self._sent.begin()
        if self._received is not None and self._planting is not None:
            self._received.follow(self._planting.announce)

    def _follow_executors(self) -> None:
        """Follow executors, once their module is loaded."""
        package = namespace_of(sys.modules.get("concurrent.futures")) or {}
        # The package goes on handing out executors where a test has taken their module out of `sys.modules`.
        pool: Any = sys.modules.get(_EXECUTORS) or package.get("thread")
        if pool is None or self._planting is None or self._has_executors:
            return
        self._has_executors = True
        self._planting.announce(pool._WorkItem.__init__, self._work_is_taken)
        self._planting.announce(pool._WorkItem.run, self._work_runs)
        self._callers.on_behalf(pool._WorkItem.run.__code__, self._who_gave_work)

    def _follow(self) -> None:
        """Follow what else takes callables to call later, as far as it is loaded by now."""
        # Asked after each test: a view looks for the few names in the modules, and not the other way round.
        if self._planting is None or sys.modules.keys().isdisjoint(self._waiting):
            return
        for name in [name for name in self._waiting if sys.modules.get(name) is not None]:
            for follow in self._waiting.pop(name):
                follow(self._planting)

    def _follow_takers(self, name: str, planting: Planting) -> None:
        deaf = deaf_of(name)
        for function in filter(None, (function_of(found_at(name, path)) for path in TAKERS[name])):
            planting.announce(function, self._taken, deaf=deaf)

    def _follow_loops(self, planting: Planting) -> None:
        loops: Any = sys.modules["asyncio.base_events"]
        planting.announce(loops.BaseEventLoop.create_task, self._task_is_made)
        planting.announce(loops.BaseEventLoop.run_forever, self._loop_runs)
        self._callers.on_behalf(loops.events.Handle._run.__code__, self._who_called_soon)
        self._recorder.task_here = _named_task

    def _follow_pools(self, planting: Planting) -> None:
        pools: Any = sys.modules["multiprocessing.pool"]
        for result in (pools.ApplyResult, pools.IMapIterator):
            planting.announce(result.__init__, self._job_is_given)
        self._worker = pools.worker.__code__
        self._callers.on_behalf(pools.worker.__code__, self._who_gave_job)

    def _follow_conditions(self, planting: Planting) -> None:
        skipping: Any = sys.modules["_pytest.skipping"]
        self._callers.on_behalf(skipping.evaluate_condition.__code__, self._who_gave_condition)

    def _follow_greenlets(self, planting: Planting) -> None:
        self._greenlets = Greenlets(self._callers)

    def _follow_contexts(self, planting: Planting) -> None:
        # Its threads outlive what they do, but run that in the context of whoever asked for it.
        from contextvars import ContextVar

        self._context = ContextVar("pytest_ssot_tracker_era", default=-1)

    def era_ended(self, last: Callable[[], Moment]) -> None:
        """Note that a test is over, its `last` moment at hand: from now on nothing it has started is its own."""
        if self._sent is not None:
            self._sent.era_ended()
        self._follow()
        loops = "asyncio.tasks" in sys.modules
        if loops or self._greenlets is not None or self._context is not None:
            self._leave_behind(last, loops=loops)
        else:
            self._era += 1

    def _leave_behind(self, last: Callable[[], Moment], *, loops: bool) -> None:
        """Begin the next era, in which tasks, greenlets and contexts of this one may go on."""
        for task in _pending_tasks() if loops else ():
            if task not in self._tasks:
                self._tasks[task] = self._late_moment(started_by("task", last()), _task_name(task))
        if self._greenlets is not None:
            self._greenlets.era_ended(self._era, started_by("greenlet", last()))
        self._era += 1
        if self._greenlets is not None:
            self._greenlets.era_begins(self._era)
        if self._context is not None:
            self._context.set(self._era)
        # Asking costs more than not asking, so it is done only while there are such tasks, or greenlets at all.
        here = self._here_or_late if self._greenlets is not None or (loops and self._tasks) else None
        if self._recorder.moment_here is not here:
            self._recorder.moment_here = here

    def lingering(self) -> list[Lingering]:
        """Return what was started before the present test and still runs, as it stands now."""
        found = []
        if len(threading._active) > 1:  # type: ignore[attr-defined]
            for thread, starter in {**self._started, **self._working}.items():
                left = None if starter.era == self._era else thread_left(thread, starter.words)
                found += [] if left is None else [left]
        for task, moment in list(self._tasks.items()) if len(self._tasks) else ():
            if not task.done():
                found.append(task_left(task, moment.origin or "", moment.thread or ""))
        return found

    def here(self) -> Moment:
        """Return the moment of a thread that is not the tests' own."""
        thread = _thread_here()
        starter = None if thread is None else self._starter_of(thread)
        if starter is not None and starter.era == self._era:
            return self._recorder.current
        if self._context is not None and self._context.get() == self._era:
            return self._recorder.current
        words = "a thread that no test is known to have started" if starter is None else starter.words
        return self._late_moment(words, "?" if thread is None else thread.name)

    def _started_with(self) -> Brought | None:
        """Return the baggage with which the thread of the caller was started; `None` for one that an executor has."""
        thread = _thread_here()
        starter = None if thread is None or thread in self._working else self._started.get(thread)
        return None if starter is None else starter.baggage

    def _starter_of(self, thread: threading.Thread) -> _Starter | None:
        """Return who gave the thread the work that it does now, else who has started it."""
        if self._jobs:
            worker = next((frame for frame in outwards(sys._getframe(1)) if frame.f_code is self._worker), None)
            if worker is not None:
                return self._job_in(worker) or self._started.get(thread)
        return self._working.get(thread) or self._started.get(thread)

    def _here_or_late(self) -> Moment:
        """Return the moment of what runs here, which may be a task or a greenlet that another test has left behind."""
        if get_ident() != self._recorder.runner:
            return self.here()
        task = current_task() if self._tasks else None
        if task is not None:
            return self._tasks.get(task) or self._recorder.current
        if self._greenlets is not None:
            words = self._greenlets.origin_here(self._era)
            if words is not None:
                return self._late_moment(words, "greenlet")
        return self._recorder.current

    # Whose place it is

    def _who_started_thread(self) -> Caller | None:
        if self._greenlets is not None and self._greenlets.is_in_one():
            return self._greenlets.caller_here()
        thread = _thread_here()
        return None if thread is None else _caller_of(self._started.get(thread))

    def _who_gave_work(self, frame: FrameType) -> Caller | None:
        return _caller_of(self._work.get(first_argument(frame)))

    def _who_gave_condition(self, frame: FrameType) -> Caller | None:
        """Return the mark that has a condition in a string, `skipif` or `xfail`, of a function or what is around it."""
        function = innermost(getattr(frame.f_locals["item"], "function", None))
        if function is None:
            return None
        given = frame.f_locals["mark"]
        is_own = any(mark is given for mark in function.__dict__.get("pytestmark", ()))
        around = written_scope(function.__qualname__).rpartition(".")[0] if is_own else ""
        text = str(frame.f_locals["condition"])
        written = Written(function.__code__.co_filename, around or "<module>", (given.name,), text)
        return self._callers.in_code(written, 0)

    def _who_gave_job(self, frame: FrameType) -> Caller | None:
        return _caller_of(self._job_in(frame))

    def _job_in(self, worker: FrameType) -> _Starter | None:
        job = worker.f_locals.get("job")
        return next((starter for result, starter in list(self._jobs.items()) if vars(result).get("_job") == job), None)

    def _who_called_soon(self, frame: FrameType) -> Caller | None:
        """Return who made the task that an event loop runs, or handed it the callback."""
        task = current_task()
        if task is None:
            return self._callers.registered(getattr(first_argument(frame), "_callback", None))
        coroutine = getattr(task, "get_coro", lambda: None)()
        return None if coroutine is None else self._coroutines.get(coroutine)

    # What is started

    def _thread_starts(self, frame: FrameType) -> None:
        thread = first_argument(frame)
        if isinstance(thread, threading.Thread):
            self._started[thread] = self._starter("thread", frame)

    def _thread_begins(self, frame: FrameType) -> None:
        thread = first_argument(frame)
        starter = self._started.get(thread) if isinstance(thread, threading.Thread) else None
        if starter is not None:
            attach(starter.baggage)

    def _work_is_taken(self, frame: FrameType) -> None:
        self._work[first_argument(frame)] = self._starter("work of an executor", frame)

    def _work_runs(self, frame: FrameType) -> None:
        starter = self._work.get(first_argument(frame))
        thread = _thread_here()
        if starter is None:
            return
        if thread is not None:  # greenlets that pass for threads are known by no number
            self._working[thread] = starter
        attach(starter.baggage)  # a thread that did other work before has the baggage of that

    def _job_is_given(self, frame: FrameType) -> None:
        self._jobs[first_argument(frame)] = self._starter("job of a pool", frame)

    def _loop_runs(self, frame: FrameType) -> None:
        self._recorder.count_on(0)  # what is counted in slots is not told apart by task

    def _task_is_made(self, frame: FrameType) -> None:
        context = frame.f_locals.get("context")
        if context is not None and self._sent is not None and current_task() is None:
            # The runner of a loop that is wider than a test has every task run in the context that it was made in.
            with suppress(Exception):
                context.run(self._sent.put)
        coroutine = frame.f_locals.get("coro")
        if type(coroutine) is CoroutineType and not self._callers.speaks_for_itself(coroutine.cr_code):
            caller = self._callers.of(frame.f_back)
            if caller is not None:
                self._coroutines[coroutine] = caller

    def _taken(self, frame: FrameType) -> None:
        """Note who hands over the callables among the arguments of the function that starts."""
        caller: Caller | None = None
        for value in arguments_of(frame):
            if name_of(value) is not None:
                caller = caller or self._callers.of(frame.f_back)
                if caller is not None:
                    self._callers.register(value, caller)

    def _starter(self, kind: str, frame: FrameType) -> _Starter:
        """Return whoever runs here: the present test, or whoever started the thread that starts another."""
        caller = self._callers.of(frame.f_back)
        if get_ident() != self._recorder.runner:
            thread = _thread_here()
            known = None if thread is None else self._starter_of(thread)
            if known is not None:
                return known._replace(caller=caller or known.caller, baggage=brought_here())
        return _Starter(self._era, started_by(kind, self._recorder.current), caller, brought_here())

    def _late_moment(self, words: str, name: str) -> Moment:
        key = (words, name)
        moment = self._late.get(key)
        if moment is None:
            moment = self._late.setdefault(
                key, Moment(step=Step.CALL, bucket="unattributed", origin=words, thread=name)
            )
            self.late.append(moment)
        return moment


def _caller_of(starter: _Starter | None) -> Caller | None:
    return None if starter is None else starter.caller


def _thread_here() -> threading.Thread | None:
    """Return the thread that runs here; `current_thread()` would leave a dummy behind for one it does not know."""
    thread: threading.Thread | None = threading._active.get(get_ident())  # type: ignore[attr-defined]
    return thread


def running_here() -> tuple[str, str]:
    """Return `task` or `thread`, and the name of the one that runs here."""
    task = current_task() if "asyncio.tasks" in sys.modules else None
    if task is not None:
        return "task", _task_name(task)
    thread = _thread_here()
    return "thread", str(get_ident()) if thread is None else thread.name


def started_by(kind: str, moment: Moment) -> str:
    """Return in words what was started in `moment`, and by whom."""
    if moment.test is None:
        return f"a {kind} started {'at collection' if moment.step is Step.COLLECT else 'between tests'}"
    fixture = "" if moment.fixture is None else f" by its fixture {moment.fixture}"
    return f"a {kind} started by {moment.test}{fixture}"


def _pending_tasks() -> list[Any]:
    """Return the tasks of every event loop that are not done; asks only where asyncio is loaded."""
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is None:
        return []
    known: Any = vars(tasks).get("_scheduled_tasks", vars(tasks).get("_all_tasks", ()))
    if not known:
        return []
    try:
        return [task for task in list(known) if not task.done()]
    except RuntimeError:  # the set changed while another thread's loop made a task
        return []


def _named_task() -> str | None:
    """Return the name that the task here was given, `""` where it was given none, `None` where no event loop runs."""
    tasks: Any = sys.modules.get("asyncio.tasks")  # a test may have emptied it
    if tasks is None or tasks.events._get_running_loop() is None:
        return None
    task = current_task()
    name = "" if task is None else _task_name(task)
    return "" if _AUTOMATIC.match(name) else name


def _task_name(task: Any) -> str:
    name = getattr(task, "get_name", None)
    return str(name()) if callable(name) else "task"
