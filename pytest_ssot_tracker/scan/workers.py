"""Let other processes read a part of many files, where that takes less time; what they do not answer is read here.

A worker also reads what is nested too deeply for a process that must leave the limit of recursion as it is. It
is a bare interpreter: it loads no site, no configuration and nothing of the project. Orders and answers are
lines of JSON in files without a name, so that neither side waits for the other.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

from pytest_ssot_tracker.codec import made, plain
from pytest_ssot_tracker.garbage import uncollected
from pytest_ssot_tracker.kept import digest
from pytest_ssot_tracker.records import NamedTuple
from pytest_ssot_tracker.scan.facts import Facts
from pytest_ssot_tracker.scan.learning import TextParser, said
from pytest_ssot_tracker.scan.needles import Words
from pytest_ssot_tracker.scan.walk import read

if TYPE_CHECKING:
    import subprocess

__all__ = ["PROGRAM", "Criteria", "LearnedFile", "Order", "Workers", "main", "processes"]

FEW = 400
"""Files: fewer are read sooner by one process than others are started."""

_MOST = 4
# `detect.children.commands` knows this line: a worker is no child that a test started. It reads ten times as deep as
# others.
PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from pytest_ssot_tracker.scan.workers import main; "
    "sys.setrecursionlimit(10_000); main()"
)


class Order(NamedTuple):
    """A file to be read: `path` from the root, `absolute`, its module, and whether identifiers matter in it."""

    path: str
    absolute: str
    module: str
    in_source: bool


class LearnedFile(NamedTuple):
    """What a worker learned of a file: the digest of its content, and what it says if that could matter."""

    content: str
    facts: Facts | None


class Criteria(NamedTuple):
    """How files are read: with which words in `source` and elsewhere, and whether to their ends."""

    words: Words
    elsewhere: Words
    whole: bool

    def read(self, order: Order, data: bytes, parser: TextParser | None = None) -> Facts | None:
        """Return what the content of a file says, `None` where nothing could matter."""
        words = self.words if order.in_source else self.elsewhere
        return said(order.path, order.module, data, words, clock=order.in_source, whole=self.whole, parser=parser)


def processes(files: int) -> int:
    """Return in how many processes that many files are best read, this one included: no more than there are idle."""
    if files < FEW or not sys.executable or "PYTEST_XDIST_WORKER" in os.environ:
        return 1
    ours = getattr(os, "sched_getaffinity", None)
    busy = getattr(os, "getloadavg", None)
    idle = ((len(ours(0)) if ours else os.cpu_count()) or 1) - int(busy()[0] if busy else 0)
    return max(1, min(_MOST, idle, files // (FEW // 2)))


class Workers:
    """The processes that read `parts`, one each; to be used in a `with`, which ends them."""

    def __init__(self, criteria: Criteria, parts: Sequence[Sequence[Order]]) -> None:
        self._criteria = criteria
        self._parts = parts
        self._running: list[tuple[subprocess.Popen[bytes], IO[bytes]]] = []
        self._open = ExitStack()

    def __enter__(self) -> Workers:
        for part in self._parts:
            try:
                self._start(part)
            except OSError:  # no more processes, no room: the files are read here
                break
        return self

    def __exit__(self, *_: object) -> None:
        for process, _answers in self._running:
            if process.poll() is None:
                process.kill()
                process.wait()
        self._open.close()

    def _start(self, part: Sequence[Order]) -> None:
        import subprocess
        import tempfile

        criteria = self._criteria
        above = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        options = ["-I", "-S", *(["-B"] if sys.dont_write_bytecode else []), *(["-X", "utf8"] * sys.flags.utf8_mode)]
        answers = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the stack
        with tempfile.TemporaryFile() as orders:
            lines = [plain(criteria), *part]
            orders.write("".join(f"{json.dumps(line)}\n" for line in lines).encode())
            orders.seek(0)
            process = subprocess.Popen(
                [sys.executable, *options, "-c", PROGRAM, above],
                stdin=orders,
                stdout=answers,
                stderr=subprocess.DEVNULL,
            )
        self._running.append((process, answers))

    def answers(self) -> dict[str, LearnedFile]:
        """Wait for the workers; return what they learned, by path: nothing of a file that one of them did not read."""
        found: dict[str, LearnedFile] = {}
        for process, answers in self._running:
            process.wait()
            answers.seek(0)
            found.update(_understood(answers))
        return found


def _understood(lines: IO[bytes]) -> Iterator[tuple[str, LearnedFile]]:
    """Yield the answers that are there; the last one of a worker that was ended may be cut off."""
    for line in lines:
        try:
            path, content, facts = json.loads(line)
            yield path, LearnedFile(content, None if facts is None else made(Facts, facts))
        except (ValueError, TypeError, IndexError):
            return


@uncollected()
def main() -> None:
    """Read the files that the orders on standard input name; write what each says to standard output."""
    criteria = made(Criteria, json.loads(sys.stdin.buffer.readline()))
    parser = TextParser()
    for line in sys.stdin.buffer:
        order = Order(*json.loads(line))
        try:
            data = read(order.absolute)
        except OSError:
            continue  # whoever asked sees it too, and says so
        facts = criteria.read(order, data, parser)
        answer = [order.path, digest(data), plain(facts)]
        sys.stdout.buffer.write(f"{json.dumps(answer)}\n".encode())
