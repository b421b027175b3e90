"""A service under watch books what it uses on the test whose request it answers, whatever runs beside that."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.request import urlopen

import pytest

for _name in (
    "httpx",
    "starlette",
    "uvicorn",
    "opentelemetry.instrumentation.httpx",
    "opentelemetry.instrumentation.asgi",
):
    pytest.importorskip(_name)

pytestmark = pytest.mark.slow

SERVICE = """
import asyncio, os, queue, threading, time
from concurrent.futures import ThreadPoolExecutor
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from shop.old import Log

pool = ThreadPoolExecutor(2)


def use():
    Log()


def done(task=None):
    return PlainTextResponse(str(os.getpid()), background=task)


async def plain(request):
    Log()
    return done()


def sync(request):
    Log()
    return done()


async def task(request):
    async def work():
        await asyncio.sleep(0.01)
        Log()
    await asyncio.create_task(work())
    return done()


async def thread(request):
    worker = threading.Thread(target=use)
    worker.start()
    worker.join()
    return done()


async def pooled(request):
    await asyncio.wrap_future(pool.submit(use))
    return done()


async def background(request):
    return done(BackgroundTask(use))


items = asyncio.Queue()
consumers = []


async def consume():
    while True:
        done = await items.get()
        Log()
        done.set()


async def queued(request):
    if not consumers:
        consumers.append(asyncio.create_task(consume()))
    consumed = asyncio.Event()
    await items.put(consumed)
    await consumed.wait()
    return done()


work = queue.Queue()
workers = []


def serve_all():
    while True:
        done = work.get()
        Log()
        done.set()


def handed(request):
    if not workers:
        workers.append(threading.Thread(target=serve_all, daemon=True))
        workers[0].start()
    done = threading.Event()
    work.put(done)
    done.wait()
    return PlainTextResponse("done")


async def slow(request):
    Log()
    open("begun", "w").close()
    await asyncio.sleep(60)
    return done()


async def die(request):
    Log()
    os.kill(os.getpid(), 9)


async def ready(request):
    return done()


ways = (plain, sync, task, thread, pooled, background, queued, handed, slow, die, ready)
app = OpenTelemetryMiddleware(Starlette(routes=[Route(f"/{way.__name__}", way) for way in ways]))
"""

WSGI = """
import os
from concurrent.futures import ThreadPoolExecutor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from shop.old import Log

pool = ThreadPoolExecutor(2)


def answer(way):
    if way == "/stream":
        Log()
    elif way == "/die":
        Log()
        os.kill(os.getpid(), 9)
    yield str(os.getpid()).encode()


def serve(environ, start):
    way = environ["PATH_INFO"]
    if way == "/plain":
        Log()
    elif way == "/pooled":
        pool.submit(Log).result()
    start("200 OK", [("Content-Type", "text/plain")])
    return answer(way)


application = OpenTelemetryMiddleware(serve)
"""

CONFTEST = """
import os
import httpx, pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor

HTTPXClientInstrumentor().instrument()


@pytest.fixture
def ask():
    with httpx.Client(base_url=os.environ["SHOP"], timeout=30) as client:
        yield lambda way: client.get(f"/{way}").raise_for_status()


@pytest.fixture
def ask_at_once():
    async def call(way, times):
        import asyncio
        async with httpx.AsyncClient(base_url=os.environ["SHOP"], timeout=30) as client:
            limit = asyncio.Semaphore(50)
            async def one():
                async with limit:
                    (await client.get(f"/{way}")).raise_for_status()
            await asyncio.gather(*(one() for _ in range(times)))
    return call
"""

UVICORN = ("uvicorn", "shop.serve:app", "--port", "{port}", "--workers", "{workers}")
GUNICORN = ("gunicorn", "shop.wsgi", "-b", "127.0.0.1:{port}", "-w", "{workers}")
WAYS = ("plain", "sync", "task", "thread", "pooled", "background")
Result = dict[str, Any]


class Service:
    """A service with two workers that runs under watch in `folder`, and the tests that talk to it.

    `server` is the module to run and its options, in which `{port}` stands for the port.
    """

    def __init__(self, folder: Path, workers: int = 2, server: Sequence[str] = UVICORN) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.environment = {**os.environ, "SHOP": f"http://127.0.0.1:{self.port}", "PYTHONPATH": str(folder)}
        command = [*self._python(), "pytest_ssot_tracker", "run", "--name", "the shop", "--", *self._python()]
        command += [word.format(port=self.port, workers=workers) for word in server]
        self._log = open(folder / "service.log", "w")  # noqa: SIM115 - as long as the service
        self._process = subprocess.Popen(
            command, cwd=folder, env=self.environment, stdout=self._log, stderr=self._log, start_new_session=True
        )
        self._wait()

    @staticmethod
    def _python() -> list[str]:
        return [sys.executable, "-m"]

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                urlopen(f"http://127.0.0.1:{self.port}/ready").read()
                return
            except OSError:
                assert time.monotonic() < deadline, self.said
                assert self._process.poll() is None, self.said
                time.sleep(0.1)

    @property
    def said(self) -> str:
        """Return what the service has written."""
        return (self.folder / "service.log").read_text()

    def start_tests(self, text: str, *options: str, name: str = "test_shop") -> subprocess.Popen[str]:
        """Start to run the tests in `text`."""
        (self.folder / f"{name}.py").write_text(f"import os\nimport httpx, pytest\n{text}")
        words = [*self._python(), "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
        words += [f"--ssot-report=json:{name}.json", f"{name}.py", *options]
        return subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True)

    def run_tests(self, text: str, *options: str, name: str = "test_shop", patience: int = 120) -> str:
        """Run the tests in `text` to their end, and return what pytest prints."""
        return self.start_tests(text, *options, name=name).communicate(timeout=patience)[0]

    def kill(self) -> None:
        """Kill the service itself, not what watches it."""
        pids = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in map(int, pids):
            os.kill(pid, signal.SIGKILL)

    def end(self) -> Result:
        """End the service and return its result."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)
        self._log.close()
        assert "Traceback" not in self.said, self.said
        return read(self.folder / "ssot-result-run.json")

    def combined(self, *names: str) -> Result:
        """Return the results of the service and of the tests as one."""
        words = ["pytest_ssot_tracker", "combine", "ssot-result-run.json", *(f"{name}.json" for name in names)]
        subprocess.run([*self._python(), *words, "-o", "all.json"], cwd=self.folder, check=True)
        return read(self.folder / "all.json")


def read(path: Path) -> Result:
    """Return a result file."""
    found: Result = json.loads(path.read_text())
    return found


def uses(result: Result, bucket: str | None = None) -> dict[str | None, int]:
    """Return how often each test, or what is in `bucket`, used what is deprecated in the service."""
    found: dict[str | None, int] = {}
    for site in result["sites"]:
        for row in site["tests"]:
            if site["rule"] == "deprecated-use" and row.get("bucket") == bucket:
                name = row["origin"] if bucket else row["id"].rpartition("::")[2]
                found[name] = found.get(name, 0) + row["count"]
    return found


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Return what starts the service."""
    texts = {
        "pyproject.toml": '[tool.ssot_tracker]\nphase = "baseline"\nsource = ["shop"]\n'
        '[tool.ssot_tracker.ssot.logs]\ndeprecated = ["shop.old:Log"]\n',
        "shop/__init__.py": "",
        "shop/old.py": "class Log:\n    pass\n",
        "shop/serve.py": SERVICE,
        "shop/wsgi.py": WSGI,
        "conftest.py": CONFTEST,
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    started: list[Service] = []

    def call(*, also: Mapping[str, str] = MappingProxyType({}), **more: Any) -> Service:
        for name, text in also.items():
            (tmp_path / name).write_text(text)
        started.append(Service(tmp_path, **more))
        return started[-1]

    yield call
    for service in started:
        service.end()


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """Return the service with two workers."""
    return start()


def one_to_three_times(ways: Iterable[str]) -> str:
    """Return tests that ask the service in each way, once, twice and three times."""
    return "\n".join(
        f"@pytest.mark.parametrize('times', [1, 2, 3])\ndef test_{way}(ask, times):\n"
        f"    for _ in range(times):\n        ask('{way}')\n"
        for way in ways
    )


def test_each_use_in_the_service_is_on_the_test_that_caused_it(service: Service) -> None:
    said = service.run_tests(one_to_three_times(WAYS), "-n2")
    assert "18 passed" in said, said
    result = service.end()
    assert uses(result) == {f"test_{way}[{times}]": times for way in WAYS for times in (1, 2, 3)}
    assert uses(result, "service") == {}
    assert {row["origin"] for site in result["sites"] for row in site["tests"]} == {"the shop"}


@pytest.mark.parametrize("more", ["--workers=2", "--preload", "--threads=4", "--worker-class=gevent"])
def test_each_use_in_a_worker_of_gunicorn_is_on_the_test_that_caused_it(
    start: Callable[..., Service], more: str
) -> None:
    for name in ("gunicorn", "opentelemetry.instrumentation.wsgi", *(["gevent"] if "gevent" in more else ())):
        pytest.importorskip(name)
    service = start(server=(*GUNICORN, more))
    ways = ("plain", "pooled", "stream")
    said = service.run_tests(one_to_three_times(ways), "-n2")
    assert "9 passed" in said, said
    result = service.end()
    assert uses(result) == {f"test_{way}[{times}]": times for way in ways for times in (1, 2, 3)}
    assert (uses(result, "service"), uses(result, "unattributed"), result["run"]["complete"]) == ({}, {}, True)


@pytest.mark.parametrize("more", ["--workers=2", "--preload"])
def test_a_worker_of_gunicorn_that_is_killed_leaves_what_it_saw(start: Callable[..., Service], more: str) -> None:
    for name in ("gunicorn", "opentelemetry.instrumentation.wsgi"):
        pytest.importorskip(name)
    service = start(server=(*GUNICORN, more))
    said = service.run_tests("""
def test_it(ask):
    with pytest.raises(httpx.TransportError):
        ask("die")
    ask("plain")
""")
    assert "1 passed" in said, said
    result = service.end()
    assert uses(result) == {"test_it": 2}
    assert "was killed by SIGKILL" in str(result["run"]["incomplete"])


def test_what_a_server_loads_anew_is_watched_as_well(start: Callable[..., Service]) -> None:
    service = start(server=("uvicorn", "shop.serve:app", "--port", "{port}", "--reload"))
    assert "1 passed" in service.run_tests("def test_a(ask):\n    ask('plain')\n")
    before = urlopen(f"http://127.0.0.1:{service.port}/ready").read()
    (service.folder / "shop" / "old.py").write_text("class Log:\n    anew = True\n")
    deadline = time.monotonic() + 60
    while True:
        try:
            if urlopen(f"http://127.0.0.1:{service.port}/ready").read() != before:
                break
        except OSError:
            assert time.monotonic() < deadline, service.said
        time.sleep(0.1)
    assert "1 passed" in service.run_tests("def test_b(ask):\n    ask('plain')\n    ask('plain')\n")
    result = service.end()
    assert uses(result) == {"test_a": 1, "test_b": 2}
    assert (uses(result, "unattributed"), result["run"]["complete"]) == ({}, True)


def test_in_a_combined_result_the_tests_entry_names_the_site_in_the_service(service: Service) -> None:
    service.run_tests("def test_it(ask):\n    ask('plain')\n\ndef test_other():\n    pass\n")
    service.end()
    result = service.combined("test_shop")
    (site,) = (site for site in result["sites"] if site["scope"] == "plain" and site["rule"] == "deprecated-use")
    assert {row["id"]: row["sites"] for row in result["tests"]} == {
        "test_shop.py::test_it": [site["id"]],
        "test_shop.py::test_other": [],
    }
    (seen,) = site["tests"]
    assert (seen["id"], seen["origin"], seen["count"]) == ("test_shop.py::test_it", "the shop", 1)


def test_what_runs_outside_of_any_test_is_in_the_bucket_of_the_service(service: Service) -> None:
    urlopen(f"http://127.0.0.1:{service.port}/plain").read()
    result = service.end()
    assert (uses(result), uses(result, "service")) == ({}, {"the shop": 1})


def test_what_a_test_left_running_is_on_no_test(service: Service) -> None:
    said = service.run_tests("""
import threading

go, gone = threading.Event(), threading.Event()

def test_a(ask):
    def left():
        go.wait()
        httpx.get(f"{os.environ['SHOP']}/plain")
        gone.set()
    threading.Thread(target=left).start()

def test_b(ask):
    go.set()
    gone.wait()
    ask("plain")
""")
    assert "2 passed" in said, said
    result = service.end()
    assert uses(result) == {"test_b": 1}
    assert uses(result, "unattributed") == {"the shop, asked by what test_shop.py::test_a left running": 1}


def test_what_a_request_has_started_for_all_is_on_its_test_until_another_runs(start: Callable[..., Service]) -> None:
    service = start(workers=1)
    text = "def test_{0}(ask):\n    ask('queued')\n    ask('queued')\n"
    assert "2 passed" in service.run_tests("\n".join(map(text.format, "ab")))
    result = service.end()
    assert uses(result) == {"test_a": 2}
    assert uses(result, "unattributed") == {"the shop, asked by what test_shop.py::test_a left running": 2}


@pytest.mark.parametrize("way", ["queued", "handed"])
def test_what_a_request_has_started_for_all_is_on_no_test_when_another_run_uses_it(
    start: Callable[..., Service], way: str
) -> None:
    service = start(workers=1)
    first = service.start_tests(
        f"""
import time

def test_a(ask):
    ask("{way}")
    open("begun", "w").close()
    while not os.path.exists("ended"):
        time.sleep(0.05)
""",
        name="test_one",
    )
    said = service.run_tests(
        f"""
import time

def test_b(ask):
    while not os.path.exists("begun"):
        time.sleep(0.05)
    for _ in range(5):
        ask("{way}")
    ask("plain")
    open("ended", "w").close()
""",
        name="test_two",
    )
    assert "1 passed" in said, said
    assert "1 passed" in first.communicate(timeout=120)[0]
    result = service.end()
    assert uses(result) == {"test_a": 1, "test_b": 1}
    assert uses(result, "unattributed") == {"the shop, asked by what test_one.py::test_a left running": 5}


def test_ten_thousand_requests_at_fifty_at_a_time_are_counted_to_the_last(service: Service) -> None:
    said = service.run_tests(
        """
import asyncio

@pytest.mark.parametrize("way", ["plain", "sync"])
def test_it(ask_at_once, way):
    asyncio.run(ask_at_once(way, 5_000))
""",
        "-n2",
        patience=600,
    )
    assert "2 passed" in said, said
    assert uses(service.end()) == {"test_it[plain]": 5_000, "test_it[sync]": 5_000}


def test_a_service_whose_clock_is_behind_and_goes_back_is_heard_all_the_same(start: Callable[..., Service]) -> None:
    service = start(
        also={
            "sitecustomize.py": """
import itertools, sys, time

def behind(real, day):
    calls = itertools.count()
    return lambda: real() - day * (1 + next(calls) % 2)

if "pytest" not in sys.orig_argv:
    time.time = behind(time.time, 86_400)
    time.time_ns = behind(time.time_ns, 86_400 * 10**9)
"""
        }
    )
    text = "def test_{0}(ask):\n    for _ in range(20):\n        ask('plain')\n"
    assert "2 passed" in service.run_tests("\n".join(map(text.format, "ab")))
    result = service.end()
    assert (uses(result), uses(result, "unattributed")) == ({"test_a": 20, "test_b": 20}, {})
    assert result["run"]["complete"]


def test_a_request_that_is_sent_again_when_its_test_is_over_is_on_no_test(start: Callable[..., Service]) -> None:
    service = start(workers=1)
    said = service.run_tests("""
from urllib.request import Request, urlopen
from opentelemetry import propagate

kept = {}

def test_a(ask):
    propagate.inject(kept)
    ask("plain")

def test_b(ask):
    ask("plain")
    urlopen(Request(f"{os.environ['SHOP']}/plain", headers=kept)).read()
    ask("plain")
""")
    assert "2 passed" in said, said
    result = service.end()
    assert uses(result) == {"test_a": 1, "test_b": 2}
    assert uses(result, "unattributed") == {"the shop, asked by what test_shop.py::test_a left running": 1}


def test_two_runs_against_one_service_are_told_apart_by_their_tests(service: Service) -> None:
    text = "def test_{0}(ask):\n    for _ in range(20):\n        ask('plain')\n"
    runs = [service.start_tests(text.format(name), name=f"test_{name}") for name in ("one", "two")]
    for run in runs:
        said = run.communicate(timeout=120)[0]
        assert "1 passed" in said, said
    assert uses(service.end()) == {"test_one": 20, "test_two": 20}


def test_a_worker_that_is_killed_in_mid_request_leaves_what_it_saw_and_an_incomplete_result(service: Service) -> None:
    said = service.run_tests("""
def test_it(ask):
    with pytest.raises(httpx.TransportError):
        ask("die")
""")
    assert "1 passed" in said, said
    result = service.end()
    assert uses(result) == {"test_it": 1}
    assert not result["run"]["complete"]
    assert "was killed by SIGKILL" in str(result["run"]["incomplete"])


def test_a_service_that_is_killed_in_mid_request_leaves_what_it_saw(start: Callable[..., Service]) -> None:
    service = start(workers=1)
    tests = service.start_tests("""
def test_it(ask):
    with pytest.raises(httpx.TransportError):
        ask("slow")
""")
    while not (service.folder / "begun").exists():
        time.sleep(0.05)
    service.kill()
    assert "1 passed" in tests.communicate(timeout=60)[0]
    result = service.end()
    assert uses(result) == {"test_it": 1}
    assert result["run"]["incomplete"] == ["the program was killed by SIGKILL"]


def test_a_service_that_a_fixture_starts_is_on_the_tests_that_ask_it(start: Callable[..., Service]) -> None:
    service = start(workers=1)
    said = service.run_tests(
        """
import socket, subprocess, sys, time

@pytest.fixture(scope="session")
def own():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    words = [sys.executable, "-m", "uvicorn", "shop.serve:app", "--port", url.rpartition(":")[2]]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        while True:
            try:
                httpx.get(f"{url}/ready")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
        process.terminate()

def test_first(own):
    httpx.get(f"{own}/plain")

def test_next(own):
    for _ in range(3):
        httpx.get(f"{own}/plain")
""",
        "--ssot-subprocess",
    )
    assert "2 passed" in said, said
    result = read(service.folder / "test_shop.json")
    assert uses(result) == {"test_first": 1, "test_next": 3}
    assert uses(result, "unattributed") == {}
