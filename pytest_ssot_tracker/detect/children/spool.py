"""Carry what child processes see to the process that runs the tests, in files of a private folder.

A child appends a line of JSON for each thing it sees for the first time, and counts it from then on in a page of
numbers that is mapped into its memory. So nothing has to be written when the child ends: whatever it saw before it
was killed is in the files. It counts apart what it sees in different eras (see `Origins`), whose number the process
that runs the tests keeps in a page all of them can read, and for the different tests that baggage names.
"""

from __future__ import annotations

import json
import mmap
import sys
from _io import FileIO
from _thread import RLock
from collections.abc import Iterator
from itertools import count

# Bound here, where nothing that a test replaces reaches them.
from os import O_APPEND, O_CREAT, O_RDWR, O_WRONLY, close, getpid, kill, listdir, path, truncate, unlink, write
from os import open as open_file
from time import monotonic_ns
from typing import TYPE_CHECKING, Any

from pytest_ssot_tracker.detect.record.recorder import Key, Moment, Recorder
from pytest_ssot_tracker.detect.record.sites import scope_of
from pytest_ssot_tracker.detect.threads.baggage import Received
from pytest_ssot_tracker.records import dataclass, field

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.record.metering import Metered
    from pytest_ssot_tracker.model import Observation

__all__ = ["Era", "Seen", "Spool", "Spools", "lives"]

_dumps, _loads = json.dumps, json.loads
_SIZE = 8
_PER_PAGE = mmap.ALLOCATIONGRANULARITY // _SIZE


class Era:
    """The number of the present era, in a file; `writes` is for the process that runs the tests.

    Beside it stands a number that grows where a child cannot write what it sees. What is mapped already it can write,
    whichever user it has become and whatever limits it has.
    """

    def __init__(self, folder: str, *, writes: bool = False) -> None:
        name = path.join(folder, "era")
        if writes:
            _append(name, bytes(2 * _SIZE))
        descriptor = open_file(name, O_RDWR)
        try:
            self._page = memoryview(mmap.mmap(descriptor, 2 * _SIZE)).cast("Q")
        finally:
            close(descriptor)

    @property
    def now(self) -> int:
        """Return the number."""
        return self._page[0]

    def end(self) -> None:
        """Begin the next era."""
        self._page[0] += 1

    @property
    def lost(self) -> int:
        """Return a number that is another one where something could not be written since it was last asked for."""
        return self._page[1]

    def lose(self) -> None:
        """Note that something could not be written."""
        self._page[1] += 1


class _Tally(dict[Key, int]):
    """The tally of one moment of a child, whose numbers are kept in the spool as well.

    `test` is the text of the baggage with which it was reached, "" for none.
    """

    def __init__(self, spool: Spool, era: int, test: str) -> None:
        super().__init__()
        self._spool = spool
        self._era = era
        self._test = test
        self._places: dict[Key, tuple[memoryview, int]] = {}

    def __setitem__(self, key: Key, total: int) -> None:
        super().__setitem__(key, total)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self._spool.enter(key, self._era, self._test)
        page, index = place
        page[index] = total


class Spool:
    """Where one child process writes what it sees: a moment for each era and each test that baggage names.

    `starter` is the number of whoever started the child, `tests` how many tests are told apart at most, as anybody may
    send baggage to a service. Where the folder is gone, as it is after the session, nothing is written and nothing
    fails.
    """

    watches = True
    metered: Metered | None = None

    def __init__(self, folder: str, starter: int, recorder: Recorder, *, tests: int = 100_000) -> None:
        self.folder = folder
        self.starter = starter
        self._recorder = recorder
        self.received = Received()
        self._tests = tests
        self._era = Era(folder)
        self._begin()

    def forked(self, starter: int) -> Spool:
        """Begin anew in a process that was just forked."""
        self._begin()
        if self.metered is not None:
            self.metered.begin_anew()
        return self

    def _begin(self) -> None:
        self._lock = RLock()
        self._file = path.join(self.folder, f"{getpid()}-{monotonic_ns()}")
        self._begun = False
        self._next = count()
        self._pages: list[memoryview] = []
        self._moments: dict[tuple[int, str], Moment] = {}

    def here(self) -> Moment:
        """Return the moment to book on."""
        where = self._era.now, self.received.text_here()
        moment = self._moments.get(where)
        if moment is None:
            if len(self._moments) >= self._tests:
                where = where[0], ""
            moment = self._moments.setdefault(where, Moment(tally=_Tally(self, *where)))
        return moment

    def take(self) -> Iterator[Observation]:
        """Yield what was seen here since the last call, for a meter."""
        for moment in list(self._moments.values()):
            yield from self._recorder.drain(moment)

    def enter(self, key: Key, era: int, test: str) -> tuple[memoryview, int]:
        """Write what `key` stands for; return where to count it."""
        fact, code, lasti, thread = self._recorder.meaning(key)
        line, column = self._recorder.sites.position(code, lasti)
        watch = fact.watch
        if watch.spelled and not self._recorder.sites.spells(code, lasti, watch.spelled):
            return memoryview(bytearray(_SIZE)).cast("Q"), 0
        with self._lock:
            number = next(self._next)
            try:
                place = self._place(number)
                self._write(
                    n=number,
                    era=era,
                    watch=[watch.rule.value, watch.ssot, watch.target, watch.declared],
                    exempt=None if fact.exempt is None else fact.exempt.value,
                    detail=fact.detail,
                    via=fact.via,
                    at=[code.co_filename, line, column, scope_of(code)],
                    thread=thread,
                    **({"test": test} if test else {}),
                )
            except OSError:
                self._era.lose()
                return memoryview(bytearray(_SIZE)).cast("Q"), 0
        return place

    def unwatched(self, target: str, why: str, *, ssot: str | None = None) -> None:
        """Write that the process `target` could not be watched; with `ssot`, a target of that table in this process."""
        self._tell(target=target, why=why, **({} if ssot is None else {"ssot": ssot}))

    def killed(self, words: str) -> None:
        """Write that a process which this one has started was killed."""
        self._tell(killed=words)

    def begun(self) -> None:
        """Write that this process watches itself, which one that sees nothing would never tell."""
        self._tell(begun=True)

    def _tell(self, **words: Any) -> None:
        with self._lock:
            try:
                self._write(**words)
            except OSError:
                self._era.lose()

    def starting(self) -> int:
        """Return the number of whoever starts a process here: that of this one, however far down it is."""
        return self.starter

    def started(self, pid: int) -> None:
        """Do nothing: the process `pid` knows its number."""

    def expects(self, pid: int, target: str) -> None:
        """Write that the process `pid` is to say that it watches."""
        self._tell(expected=pid, target=target)

    def _place(self, number: int) -> tuple[memoryview, int]:
        page, index = divmod(number, _PER_PAGE)
        if page == len(self._pages):
            start, size = page * mmap.ALLOCATIONGRANULARITY, mmap.ALLOCATIONGRANULARITY
            descriptor = open_file(f"{self._file}.counts", O_RDWR | O_CREAT, 0o600)
            try:
                truncate(descriptor, start + size)
                self._pages.append(memoryview(mmap.mmap(descriptor, size, offset=start)).cast("Q"))
            finally:
                close(descriptor)
        return self._pages[page], index

    def _write(self, **words: Any) -> None:
        if not self._begun:
            words = {"pid": getpid(), "starter": self.starter, **words}
        _append(f"{self._file}.jsonl", f"{_dumps(words)}\n".encode())
        self._begun = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is new in a child: `new` more of what `words` say; `starter` is the number, `pid` the process."""

    pid: int
    starter: int
    words: dict[str, Any]
    new: int = 0


@dataclass(slots=True)
class _ChildFiles:
    """One child's files, as far as they were read."""

    pid: int
    starter: int = 0
    read: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)
    counted: dict[int, int] = field(default_factory=dict)


class Spools:
    """Read what children write, each thing once; of children that are gone nothing stays behind."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._files: dict[str, _ChildFiles] = {}

    def read(self) -> Iterator[Seen]:
        """Yield what is new."""
        for name in sorted(listdir(self._folder)):
            stem, _, kind = name.rpartition(".")
            if kind == "jsonl":
                file = self._files.setdefault(stem, _ChildFiles(int(stem.partition("-")[0])))
                gone = not lives(file.pid)  # asked first: what it wrote until then is read
                yield from self._new(path.join(self._folder, stem), file)
                if gone:
                    self._remove(stem)

    def _new(self, stem: str, file: _ChildFiles) -> Iterator[Seen]:
        text = _content(f"{stem}.jsonl", file.read)
        whole = text.rpartition(b"\n")[0]  # a line that its writer did not live to end is none
        file.read += len(whole) + bool(whole)
        for line in whole.splitlines():
            words = _words(line)
            file.starter = words.pop("starter", file.starter)
            if "why" in words or "killed" in words or "begun" in words:
                yield Seen(pid=file.pid, starter=file.starter, words=words)
            elif "n" in words:
                file.lines.append(words)
        content = _content(f"{stem}.counts", 0) if file.lines else b""
        counts = memoryview(content).cast("Q") if content else ()
        for words in file.lines:
            number = words["n"]
            total = counts[number] if number < len(counts) else 0
            new = total - file.counted.get(number, 0)
            if new > 0:
                file.counted[number] = total
                yield Seen(pid=file.pid, starter=file.starter, words=words, new=new)

    def _remove(self, stem: str) -> None:
        del self._files[stem]
        for kind in ("jsonl", "counts"):
            try:
                unlink(path.join(self._folder, f"{stem}.{kind}"))
            except OSError:
                continue


def _append(name: str, data: bytes) -> None:
    # Not kept open: a child may close every descriptor it has, and open its own under the same number.
    descriptor = open_file(name, O_WRONLY | O_APPEND | O_CREAT, 0o600)
    try:
        write(descriptor, data)
    finally:
        close(descriptor)


def _content(name: str, start: int) -> bytes:
    try:
        with FileIO(name) as stream:
            stream.seek(start)
            return stream.readall() or b""
    except OSError:
        return b""


def _words(line: bytes) -> dict[str, Any]:
    try:
        words = _loads(line)
    except ValueError:
        return {}
    return words if isinstance(words, dict) else {}


def lives(pid: int) -> bool:
    """Whether there is a process of this number."""
    if sys.platform == "win32":
        return True  # where `kill` would kill
    try:
        kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
