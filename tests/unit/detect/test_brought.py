"""A service knows of each request whose it is, and when the test that sent it is over."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace

import pytest

from pytest_ssot_tracker.detect.threads.baggage import Received, Stamp


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Received:
    """Return what hears of the baggage that `bring` sets."""
    received = Received()
    held: dict[str, object] = {}

    def set_baggage(name: str, value: object) -> None:
        received.arrives(sys._getframe())
        held[name] = value

    module = SimpleNamespace(get_baggage=held.get, set_baggage=set_baggage)
    monkeypatch.setitem(sys.modules, "opentelemetry.baggage", module)
    return received


def bring(test: str, attempt: object = None) -> tuple[object, object]:
    """Set baggage as a request brings it, and return it."""
    module = sys.modules["opentelemetry.baggage"]
    for name, value in (("ssot.test", test), ("ssot.attempt", attempt)):
        module.set_baggage(name, value)
    return test, attempt


def text_of(received: Received, brought: tuple[object, object], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what `received` says where the baggage is `brought`."""
    entries = dict(zip(("ssot.test", "ssot.attempt"), brought, strict=True))
    with monkeypatch.context() as patched:
        patched.setattr(sys.modules["opentelemetry.baggage"], "get_baggage", entries.get)
        return received.text_here()


def test_a_test_is_over_when_its_sender_runs_another(received: Received, monkeypatch: pytest.MonkeyPatch):
    first = bring("t.py::a", "aa.1")
    assert text_of(received, first, monkeypatch) == "t.py::a"
    other = bring("t.py::c", "bb.7")
    assert text_of(received, first, monkeypatch) == "t.py::a"
    bring("t.py::b", "aa.2")
    assert text_of(received, first, monkeypatch) == "::t.py::a"
    assert text_of(received, other, monkeypatch) == "t.py::c"
    late = bring("t.py::a", "aa.1")
    assert text_of(received, late, monkeypatch) == "::t.py::a"


def test_a_request_goes_on_for_its_test_until_it_is_answered(received: Received, monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []

    async def request() -> tuple[object, object]:
        brought = bring("t.py::a", f"aa.{1}")
        await asyncio.sleep(0)
        said.append(text_of(received, brought, monkeypatch))
        return brought

    async def both() -> None:
        task = asyncio.create_task(request())
        await asyncio.sleep(0)
        bring("t.py::b", "aa.2")
        said.append(text_of(received, await task, monkeypatch))

    asyncio.run(both())
    assert said == ["t.py::a", "::t.py::a"]


@pytest.mark.parametrize(
    ("puts", "takes", "text"),
    [
        (["a"], "job", "t.py::a"),
        (["a", "b"], "job", "::t.py::a"),
        (["a", None], "job", "::t.py::a"),
        (["a", "b"], "request", "t.py::a"),  # a pool of connections, which others have given back
    ],
)
def test_what_goes_on_after_a_request_is_its_tests_until_others_put_into_its_queue(
    puts: list[str | None], takes: str, text: str
):
    baggage = pytest.importorskip("opentelemetry.baggage")
    context = pytest.importorskip("opentelemetry.context")
    received = Received()
    said: list[str] = []

    class Queue(asyncio.Queue[int]):
        def _put(self, item: int) -> None:
            received.puts(sys._getframe())
            super()._put(item)

        def _get(self) -> int:
            received.takes(sys._getframe())
            return super()._get()

    def set_baggage(name: str, value: str) -> None:
        received.arrives(sys._getframe())
        context.attach(baggage.set_baggage(name, value))

    async def take(queue: Queue) -> None:
        for _ in puts:
            await queue.get()
        await asyncio.sleep(0.02 if takes == "job" else 0)
        said.append(received.text_here())

    async def request(queue: Queue) -> asyncio.Task[None] | None:
        set_baggage("ssot.test", "t.py::a")
        set_baggage("ssot.attempt", "aa.1")
        return await take(queue) if takes == "request" else asyncio.create_task(take(queue))

    async def put(queue: Queue, name: str | None) -> None:
        if name is not None:
            set_baggage("ssot.test", f"t.py::{name}")
            set_baggage("ssot.attempt", f"{name}a.1")
        await queue.put(1)

    async def all_of_it() -> None:
        queue = Queue()
        asked = asyncio.create_task(request(queue))
        for name in puts:
            await asyncio.create_task(put(queue, name))
        job = await asked
        if job is not None:
            await job

    asyncio.run(all_of_it())
    assert said == [text]


@pytest.mark.parametrize("attempt", [None, 3, "", "aa", "aa.x", ".1", "aa.-1", "aa." + "9" * 5000])
def test_what_others_send_as_the_attempt_does_no_harm(
    received: Received, monkeypatch: pytest.MonkeyPatch, attempt: object
):
    assert text_of(received, bring("t.py::a", attempt), monkeypatch) == "t.py::a"


def test_the_text_of_a_stamp_says_when_its_test_is_over():
    stamp = Stamp("t.py::a")
    assert (stamp, str(stamp)) == ("t.py::a", "t.py::a")
    stamp.over = True
    assert (stamp, str(stamp)) == ("t.py::a", "::t.py::a")
