"""A program that watches itself counts what it uses by OpenTelemetry's meter, and comes to no harm by that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COUNTING = """
import json, sys
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

reader = InMemoryMetricReader()
metrics.set_meter_provider(MeterProvider([reader]))


def counted():
    found = {}
    data = reader.get_metrics_data()
    for resource in data.resource_metrics if data is not None else ():
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    place = map(point.attributes.get, ("rule", "target", "scope"))
                    found[" ".join([metric.name, *map(str, place)])] = point.value
    return found
"""

USE = "ssot.observations deprecated-use shop.old:Log"
IMPORT = "ssot.observations deprecated-import shop.old:Log"
WATCHED = "ssot.watched None shop.old:Log None"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    """Return what runs a program in a project, and gives back the JSON that it prints."""
    texts = {
        "ssot_tracker.toml": 'source = ["shop"]\n[ssot.logs]\ndeprecated = ["shop.old:Log"]\n',
        "shop/__init__.py": "",
        "shop/old.py": "class Log:\n    pass\n",
        "counting.py": COUNTING,
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def call(text: str, *before: str, **environment: str) -> Any:
        (tmp_path / "shop" / "serve.py").write_text(text)
        command = [*before, sys.executable, "-m", "shop.serve"]
        env = {**os.environ, "PYTHONPATH": str(tmp_path), **environment}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout)

    return call


@pytest.fixture
def sdk() -> None:
    """Skip where OpenTelemetry's SDK is not installed."""
    pytest.importorskip("opentelemetry.sdk.metrics")


def test_a_program_that_watches_itself_counts_every_use(run: Callable[..., Any], sdk: None) -> None:
    found = run("""
import pytest_ssot_tracker
with pytest_ssot_tracker.watch() as watching:
    from counting import *
    import asyncio
    from threading import Thread
    from shop.old import Log

    def use(times):
        for _ in range(times):
            Log()

    async def task():
        Log()

    async def tasks():
        await asyncio.gather(*(asyncio.create_task(task(), name=f"task {number}") for number in range(5)))

    use(3)
    first = counted()
    threads = [Thread(target=use, args=[1000]) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    asyncio.run(tasks())
    second = counted()
Log()
print(json.dumps([first, second, counted(), watching.problem, list(watching.counts.values())]))
""")
    import_and_uses = {f"{IMPORT} <module>": 1, f"{USE} use": 3}
    assert found[0] == {**import_and_uses, WATCHED: 1}
    after = {**import_and_uses, f"{USE} use": 4003, f"{USE} task": 5}
    assert found[1] == {**after, WATCHED: 1}
    assert found[2:4] == [after, None]
    assert sorted(found[4]) == [1, 5, 4003]


def test_threads_that_come_and_go_need_no_more_memory(
    run: Callable[..., Any], sdk: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("COVERAGE_PROCESS_")]:
        monkeypatch.delenv(name)  # coverage keeps something of each thread
    before, after, count = run("""
import pytest_ssot_tracker
watching = pytest_ssot_tracker.watch()
import json, tracemalloc
from threading import Thread
from shop.old import Log

def use():
    Log()

def threads(times):
    for number in range(times):
        thread = Thread(target=use, name=f"thread {number}")
        thread.start()
        thread.join()

threads(200)
tracemalloc.start()
threads(100)
before = tracemalloc.get_traced_memory()[0]
threads(2000)
print(json.dumps([before, tracemalloc.get_traced_memory()[0], sum(watching.counts.values()) - 1]))
""")
    assert count == 2300
    assert after - before < 100_000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_counts_its_own(run: Callable[..., Any], sdk: None) -> None:
    assert run("""
import os, pytest_ssot_tracker
watching = pytest_ssot_tracker.watch()
import json
from shop.old import Log

def use(times):
    for _ in range(times):
        Log()
    return max(watching.counts.values())

use(3)
reading, writing = os.pipe()
if not os.fork():
    os.write(writing, b"%d" % use(2))
    os._exit(0)
os.wait()
print(json.dumps([use(1), int(os.read(reading, 9))]))
""") == [4, 2]


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ("watch('nowhere')", "nothing is configured in"),
        ("watch(config='no.toml')", "ConfigurationError: "),
        ("watch(3)", "TypeError: "),
        ("watch(), watch()", "this program is watched already"),
    ],
)
def test_where_it_cannot_watch_it_says_why_and_raises_nothing(run: Callable[..., Any], how: str, problem: str) -> None:
    said, stopped = run(f"""
import json
from pytest_ssot_tracker import watch
watching = {how}
last = watching[-1] if isinstance(watching, tuple) else watching
from shop.old import Log
Log()
print(json.dumps([last.problem, last.stop()]))
""")
    assert problem in said
    assert stopped is None


def test_an_environment_variable_switches_it_off(run: Callable[..., Any]) -> None:
    assert run(
        """
import json, sys
from pytest_ssot_tracker import watch
with watch() as watching:
    from shop.old import Log
    Log()
    print(json.dumps([watching.problem, dict(watching.counts), "pytest_ssot_tracker.detect.install" in sys.modules]))
""",
        SSOT_TRACKER="off",
    ) == [None, {}, False]


def test_a_program_under_watch_counts_by_its_own_meter_when_asked(
    run: Callable[..., Any], sdk: None, tmp_path: Path
) -> None:
    text = """
from counting import *
from shop.old import Log

def use():
    Log()

use()
use()
print(json.dumps(counted()))
"""
    ours = [sys.executable, "-m", "pytest_ssot_tracker", "run"]
    assert run(text, *ours, "--") == {}
    assert run(text, *ours, "--ssot-otel", "--") == {f"{IMPORT} <module>": 1, f"{USE} use": 2, WATCHED: 1}
    result = json.loads((tmp_path / "ssot-result-run.json").read_text())
    assert sorted(site["count"] for site in result["sites"]) == [1, 2]
    assert result["run"]["blind_spots"] == []


def test_threads_and_baggage_without_end_need_no_more_room_under_a_meter(
    run: Callable[..., Any], sdk: None, tmp_path: Path
) -> None:
    ours = [sys.executable, "-m", "pytest_ssot_tracker", "run", "--ssot-otel", "--"]
    found = run(
        """
from counting import *
from opentelemetry import baggage, context
from threading import Thread
from shop.old import Log

def use(number):
    context.attach(baggage.set_baggage("ssot.test", f"test {number}"))
    Log()

for number in range(3000):
    thread = Thread(target=use, args=[number], name=f"thread {number}")
    thread.start()
    thread.join()
print(json.dumps(counted()))
""",
        *ours,
    )
    assert found[f"{USE} use"] == 3000
    result = json.loads((tmp_path / "ssot-result-run.json").read_text())
    (rows,) = (site["tests"] for site in result["sites"] if site["rule"] == "deprecated-use")
    assert len(rows) == 1000
    assert sum(row["count"] for row in rows) == 3000
    assert {row["thread"] for row in rows} == {None}


def test_a_run_of_tests_counts_by_a_meter_when_asked(run: Callable[..., Any], sdk: None, tmp_path: Path) -> None:
    (tmp_path / "test_shop.py").write_text(
        "from shop.use import use\n\ndef test_it():\n    use()\n\ndef test_other():\n    use()\n    use()\n"
    )
    (tmp_path / "shop" / "use.py").write_text("from shop.old import Log\n\n\ndef use():\n    Log()\n")
    found = run("""
from counting import *
import contextlib, io, pytest
with contextlib.redirect_stdout(io.StringIO()):
    pytest.main("-q -p no:randomly -p no:cacheprovider --ssot-otel --ssot-phase=baseline test_shop.py".split())
print(json.dumps(counted()))
""")
    assert found[f"{USE} use"] == 3
