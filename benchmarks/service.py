"""Print what a request to a service costs in CPU time: with OpenTelemetry alone, and watched in both ways.

    python benchmarks/service.py            seven rounds of 2,000 requests each
    python benchmarks/service.py 3          as many rounds as given

The service is a Starlette application behind OpenTelemetry's ASGI middleware, called without a socket; each request
brings the baggage of a test, and uses what is deprecated not at all, once or ten times. The rounds take turns, and the
best of each counts. Needs starlette, opentelemetry-sdk and opentelemetry-instrumentation-asgi.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

USES = (0, 1, 10)
REQUESTS = 2_000
FILES = {
    "pyproject.toml": '[tool.ssot_tracker]\nphase = "baseline"\nsource = ["shop"]\n'
    '[tool.ssot_tracker.ssot.logs]\ndeprecated = ["shop.old:Log"]\n',
    "shop/__init__.py": "",
    "shop/old.py": "class Log:\n    def __init__(self):\n        self.lines = []\n",
    "shop/serve.py": """
import asyncio, sys, time
if sys.argv[1] == "watch":
    import pytest_ssot_tracker
    watching = pytest_ssot_tracker.watch()
    assert watching.problem is None, watching.problem
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from shop.old import Log


async def use(request):
    for _ in range(request.path_params["times"]):
        Log()
    return PlainTextResponse("done")


app = OpenTelemetryMiddleware(Starlette(routes=[Route("/{times:int}", use)]))
HEADERS = [(b"host", b"shop"), (b"baggage", b"ssot.test=test_it.py%3A%3Atest_a,ssot.attempt=0a1b2c.7")]


async def receive():
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message):
    pass


async def ask(times, requests):
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http"}
    scope |= {"path": f"/{times}", "raw_path": b"", "query_string": b"", "root_path": "", "headers": HEADERS}
    scope |= {"client": ("127.0.0.1", 1), "server": ("shop", 80)}
    for _ in range(requests):
        await app(dict(scope), receive, send)


times, requests = map(int, sys.argv[2:])
asyncio.run(ask(times, 200))
began = time.process_time()
asyncio.run(ask(times, requests))
print((time.process_time() - began) / requests * 1e6)
""",
}
WAYS = {"OpenTelemetry alone": "plain", "ssot-tracker run": "run", "watch()": "watch"}


def main(argv: list[str]) -> None:
    """Print the best of each way and number of uses."""
    print(f"Python {sys.version.split()[0]}, µs of CPU time a request that uses what is deprecated n times")
    best: dict[tuple[str, int], float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            (Path(folder) / name).parent.mkdir(exist_ok=True)
            (Path(folder) / name).write_text(text)
        for _ in range(int(argv[0]) if argv else 7):
            for way in WAYS.values():
                for uses in USES:
                    best[way, uses] = min(best.get((way, uses), float("inf")), measured(folder, way, uses))
    print(f"{'':24}{''.join(f'    n = {uses:2}' for uses in USES)}")
    for words, way in WAYS.items():
        print(f"{words:24}{''.join(f'{best[way, uses]:10.1f}' for uses in USES)}")


def measured(folder: str, way: str, uses: int) -> float:
    """Return the time of a request in microseconds, by a process of its own."""
    watched = [sys.executable, "-m", "pytest_ssot_tracker", "run", "--"] if way == "run" else []
    command = [*watched, sys.executable, "-m", "shop.serve", way, str(uses), str(REQUESTS)]
    environment = {**os.environ, "PYTHONPATH": folder}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])


if __name__ == "__main__":
    main(sys.argv[1:])
