"""Several processes find what one finds, in the same order, whatever becomes of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_ssot_tracker.detect.children.commands import Command
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.scan.needles import Words
from pytest_ssot_tracker.scan.workers import FEW, PROGRAM, Criteria, Order, Workers, processes
from pytest_ssot_tracker.settings import Settings

from .conftest import SHOP, settings_of, write
from .test_truth import TABLES, generated

SEVERAL = 3


def project(root: Path) -> Settings:
    """Lay out a tree with every kind of answer: sites, re-exports, allows, and files that cannot be read."""
    write(root, {**SHOP, **generated(3), "bad.py": "uuid4()\ndef (\n", "latin.py": b"name = '\xff'\n"})
    write(root, {"odd/n\xe4me.py": "import uuid\nuuid.uuid4()  # ssot: allow[out-of-band-id] a test\n"})
    write(root, {"lone.py": "x = 1  # ssot: allow[out-of-band-id] nothing here\n"})
    return settings_of(root, {**TABLES, "ssot.old": {"deprecated": ["shop.old"]}}, source=["."])


@pytest.mark.parametrize("whole", [True, False])
def test_several_processes_find_what_one_finds(tmp_path: Path, whole: bool) -> None:
    settings = project(tmp_path)
    one, more = (scan(settings, whole=whole, jobs=jobs) for jobs in (1, SEVERAL))
    assert [(site, site.line, site.flags) for site in more.sites] == [
        (site, site.line, site.flags) for site in one.sites
    ]
    assert len(one.sites) > 10
    assert (more.allows, more.allowed, more.exempt, more.notes) == (one.allows, one.allowed, one.exempt, one.notes)


def test_every_file_of_an_order_is_answered(tmp_path: Path) -> None:
    settings = project(tmp_path)
    words = Words.of(settings)
    paths = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.py"))
    orders = [Order(path, str(tmp_path / path), path[:-3].replace("/", "."), True) for path in paths]
    with Workers(Criteria(words, words, False), [orders[::2], orders[1::2]]) as workers:
        answers = workers.answers()
    assert sorted(answers) == paths
    assert {path: answer.facts for path, answer in answers.items()} == {
        order.path: Criteria(words, words, False).read(order, (tmp_path / order.path).read_bytes()) for order in orders
    }
    assert answers["bad.py"].facts is not None
    assert answers["shop/__init__.py"].facts is None


def test_what_other_processes_learned_is_kept_as_what_this_one_learned_is(tmp_path: Path) -> None:
    settings = project(tmp_path)
    kept = []
    for jobs in (1, SEVERAL):
        scan(settings, whole=False, jobs=jobs, cache_dir=tmp_path / f"cache{jobs}")
        (file,) = (tmp_path / f"cache{jobs}").glob("scan-*.json")
        data = json.loads(file.read_bytes())
        kept.append((data["files"], data["layers"]))
    assert kept[0] == kept[1]


@pytest.mark.skipif(sys.platform == "win32", reason="the worker is a shell script here")
@pytest.mark.parametrize(
    "worker", ["exit 1", "kill -9 $$", 'printf \'["pkg/m1.py", "x"\'', "echo '[1, 2]'", "echo null", "echo '{'"]
)
def test_what_a_worker_that_fails_did_not_answer_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker: str
) -> None:
    settings = project(tmp_path)
    expected = scan(settings, whole=False, jobs=1).sites
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\n{worker}\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))
    assert scan(settings, whole=False, jobs=2).sites == expected


def test_where_no_process_can_be_started_all_is_read_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = project(tmp_path)
    expected = scan(settings, whole=False, jobs=1).sites
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    assert scan(settings, whole=False, jobs=2).sites == expected


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the cores are asked for in another way here")
@pytest.mark.parametrize(
    ("files", "cores", "load", "number"),
    [(FEW - 1, 8, 0.0, 1), (FEW, 8, 0.9, 2), (100_000, 8, 0.0, 4), (100_000, 2, 0.3, 2), (100_000, 2, 5.0, 1)],
)
def test_as_many_processes_read_as_cores_are_idle_for(
    monkeypatch: pytest.MonkeyPatch, files: int, cores: int, load: float, number: int
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(cores))
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 9.0, 9.0))
    assert processes(files) == number


def test_a_worker_of_xdist_starts_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert processes(100_000) == 1


def test_a_worker_is_no_child_that_is_to_be_watched() -> None:
    (command,) = Command.all_of([sys.executable, "-I", "-S", "-c", PROGRAM, "/somewhere"])
    assert command.is_service


def test_a_worker_loads_nothing_of_the_project_it_reads(tmp_path: Path) -> None:
    settings = project(tmp_path)
    for name in ("json", "ast", "sitecustomize", "usercustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'loaded')!r}, 'w')\n")
    script = (
        "import sys\nfrom pathlib import Path\nfrom pytest_ssot_tracker.scan import scan\n"
        "from pytest_ssot_tracker.settings import load\n"
        "print(len(scan(load(Path(sys.argv[1])), whole=False, jobs=2).sites))\n"
    )
    started = subprocess.run(
        [sys.executable, "-P" if sys.version_info >= (3, 11) else "-I", "-c", script, str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert started.stderr == ""
    assert int(started.stdout) == len(scan(settings, whole=False, jobs=1).sites)
    assert not (tmp_path / "loaded").exists()


def test_scans_at_once_share_a_cache(tmp_path: Path) -> None:
    settings = project(tmp_path)
    script = (
        "import sys\nfrom pathlib import Path\nfrom pytest_ssot_tracker.scan import scan\n"
        "from pytest_ssot_tracker.settings import load\nroot = Path(sys.argv[1])\n"
        "for _ in range(5):\n    print([one.id for one in scan(load(root), cache_dir=root / '.ssot_cache').sites])\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    shown = [one.communicate() for one in running]
    expected = f"{[one.id for one in scan(settings).sites]}\n" * 5
    assert shown == [(expected, "")] * 2
    assert not list((tmp_path / ".ssot_cache").glob(".scan-*"))


def test_the_cache_of_another_version_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = project(tmp_path)
    folder = tmp_path / ".ssot_cache"
    expected = scan(settings, cache_dir=folder).sites
    (old,) = folder.glob("scan-*.json")
    content = old.read_bytes()
    monkeypatch.setattr("pytest_ssot_tracker.scan.scanning.__version__", "999")
    assert scan(settings, cache_dir=folder).sites == expected
    assert len(list(folder.glob("scan-*.json"))) == 2
    assert old.read_bytes() == content
