"""What a celery worker does for a task is on the test that has sent the task."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

for _name in ("celery", "opentelemetry.instrumentation.celery"):
    pytest.importorskip(_name)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="celery forks its workers")]

TASKS = """
from pathlib import Path
from celery import Celery
from celery.signals import worker_process_init
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from shop.old import Log

here = Path(__file__).parent.parent
queue = str(here / "queue")
app = Celery("shop", broker="filesystem://", backend=f"file://{here}/results")
app.conf.broker_transport_options = dict(
    data_folder_in=queue, data_folder_out=queue, control_folder=str(here / "control")
)


@worker_process_init.connect(weak=False)
def instrument(**more):
    CeleryInstrumentor().instrument()


@app.task
def work(times):
    for _ in range(times):
        Log()
    return times


@app.task
def hand_on(times):
    return work.delay(times).id
"""

TESTS = """
import pytest
from celery.result import AsyncResult
from opentelemetry.instrumentation.celery import CeleryInstrumentor
CeleryInstrumentor().instrument()
from shop.tasks import app, hand_on, work

@pytest.mark.parametrize("times", [1, 2, 3])
def test_work(times):
    assert work.delay(times).get(timeout=60) == times

def test_what_a_task_asks_for():
    assert AsyncResult(hand_on.delay(5).get(timeout=60), app=app).get(timeout=60) == 5
"""


def test_each_use_in_a_worker_is_on_the_test_that_sent_the_task(tmp_path: Path) -> None:
    texts = {
        "ssot_tracker.toml": 'phase = "baseline"\nsource = ["shop"]\n[ssot.logs]\ndeprecated = ["shop.old:Log"]\n',
        "shop/__init__.py": "",
        "shop/old.py": "class Log:\n    pass\n",
        "shop/tasks.py": TASKS,
        "test_tasks.py": TESTS,
    }
    for folder in ("shop", "queue", "results", "control"):
        (tmp_path / folder).mkdir()
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "shop.tasks", "worker", "--pool", "prefork", "-c", "2"]
    with open(tmp_path / "log", "w") as log:
        worker = subprocess.Popen(
            [*python, "pytest_ssot_tracker", "run", "--name", "the worker", "--", *celery],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            words = [*python, "pytest", "-q", "-n2", "-p", "no:randomly", "-p", "no:cacheprovider", "test_tasks.py"]
            done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
            assert "4 passed" in done.stdout, done.stdout + (tmp_path / "log").read_text()
            time.sleep(0.5)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(60)
    result = json.loads((tmp_path / "ssot-result-run.json").read_text())
    (site,) = (site for site in result["sites"] if site["rule"] == "deprecated-use")
    assert {(row["id"], row["origin"]): row["count"] for row in site["tests"]} == {
        **{(f"test_tasks.py::test_work[{times}]", "the worker"): times for times in (1, 2, 3)},
        ("test_tasks.py::test_what_a_task_asks_for", "the worker"): 5,
    }
