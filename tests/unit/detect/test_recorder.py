from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from pytest_ssot_tracker.detect import Moment, Recorder, Watch
from pytest_ssot_tracker.model import Exempt, Rule, Step
from pytest_ssot_tracker.settings import Tree

SOURCE = """\
import threading

class Shop:
    def open(self, hit):
        hit(); hit()  # a note
        later = lambda: hit()
        later()
        return [hit() for _ in range(2)]

def many(
    hit, times,
):
    for _ in range(times):
        hit(
        )
"""


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(Tree.of(tmp_path))


@pytest.fixture
def watch(recorder: Recorder) -> Watch:
    return Watch(Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "pkg.old")


@pytest.fixture
def hit(recorder: Recorder, watch: Watch):
    return lambda: recorder.hit(watch, sys._getframe(1))


def run(path: Path, source: str = SOURCE) -> dict[str, object]:
    path.write_text(source)
    namespace: dict[str, object] = {}
    exec(compile(source, str(path), "exec"), namespace)
    return namespace


def where(recorder: Recorder, moment: Moment) -> list[tuple[int, str, str, int, int]]:
    return [(o.site.line, o.site.scope, o.site.text, o.site.ordinal, o.count) for o in recorder.drain(moment)]


def test_a_hit_stands_at_the_statement_that_was_executing(tmp_path, recorder, hit):
    recorder.current = moment = Moment(test="t.py::test", step=Step.CALL)
    run(tmp_path / "a.py")["Shop"]().open(hit)
    twice = [(5, "Shop.open", "hit()", 0, 1), (5, "Shop.open", "hit()", 1, 1)]
    no_columns = [(5, "Shop.open", "hit()", 0, 2)]
    assert where(recorder, moment) == [
        *(twice if sys.version_info >= (3, 11) else no_columns),
        (6, "Shop.open", "later = lambda: hit()", 0, 1),
        (8, "Shop.open", "return [hit() for _ in range(2)]", 0, 2),
    ]


def test_a_drain_hands_out_only_what_is_new(tmp_path, recorder, hit):
    moment = recorder.current
    many = run(tmp_path / "a.py")["many"]
    many(hit, 3)
    assert [one.count for one in recorder.drain(moment)] == [3]
    assert recorder.drain(moment) == []
    many(hit, 2)
    assert [one.count for one in recorder.drain(moment)] == [2]


def test_an_observation_carries_what_its_moment_knows(tmp_path, recorder, watch):
    recorder.current = moment = Moment(
        test="t.py::test", step=Step.SETUP, fixture="db", fixture_scope="module", bucket=None, origin=None
    )
    many = run(tmp_path / "a.py")["many"]
    many(lambda: recorder.hit(watch, sys._getframe(1), exempt=Exempt.ALLOW_IN, detail=("also at b.py:3",)), 1)
    (seen,) = recorder.drain(moment)
    assert (seen.test, seen.step, seen.fixture, seen.fixture_scope) == ("t.py::test", Step.SETUP, "db", "module")
    assert (seen.exempt, seen.detail, seen.thread) == (Exempt.ALLOW_IN, ("also at b.py:3",), None)
    assert (seen.site.target, seen.site.declared, seen.site.path) == ("pkg.old:Thing", "pkg.old", "a.py")


def test_counts_of_threads_hammering_one_site_are_exact_while_they_are_drained(tmp_path, recorder, hit):
    many = run(tmp_path / "a.py")["many"]
    moment = recorder.current
    threads = [threading.Thread(target=many, args=(hit, 5000), name=f"w{n}") for n in range(8)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        seen = []
        while any(thread.is_alive() for thread in threads):
            seen += recorder.drain(moment)
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    seen += recorder.drain(moment)
    totals = {name: sum(one.count for one in seen if one.thread == name) for name in {one.thread for one in seen}}
    assert sum(totals.values()) == 40_000
    assert set(totals) <= {f"w{n}" for n in range(8)}


def test_whoever_follows_threads_decides_where_a_hit_is_booked(tmp_path, recorder, hit):
    theirs = Moment(test="t.py::other", thread="task-1")
    recorder.moment_here = lambda: theirs
    run(tmp_path / "a.py")["many"](hit, 1)
    assert recorder.drain(recorder.current) == []
    assert [(one.test, one.thread) for one in recorder.drain(theirs)] == [("t.py::other", "task-1")]


@pytest.mark.parametrize("content", ["this is (no python\n" * 20, ""], ids=["unparsable", "vanished"])
def test_a_file_that_cannot_be_read_still_gives_a_site(tmp_path, recorder, hit, content):
    shop = run(tmp_path / "a.py")["Shop"]()
    if not content:
        (tmp_path / "a.py").unlink()
    else:
        (tmp_path / "a.py").write_text(content)
    shop.open(hit)
    seen = recorder.drain(recorder.current)
    assert sum(one.count for one in seen) == 5
    assert {(one.site.path, one.site.text) for one in seen} == {("a.py", content and "this is (no python")}
    # Before 3.11 a lambda's code does not say where it stands.
    assert {one.site.scope for one in seen} == ({"Shop.open"} if sys.version_info >= (3, 11) else {"open", "<module>"})


def test_recording_survives_a_test_that_replaces_the_clock_files_and_threads(tmp_path, recorder, hit, monkeypatch):
    many = run(tmp_path / "a.py")["many"]
    monkeypatch.setattr("builtins.open", None)
    monkeypatch.setattr("os.path.realpath", None)
    monkeypatch.setattr("os.readlink", None)
    monkeypatch.setattr("threading.get_ident", None)
    many(hit, 1)
    assert [one.count for one in recorder.drain(recorder.current)] == [1]


def test_code_that_is_gone_is_not_confused_with_code_at_its_address(tmp_path, recorder, hit):
    code: CodeType = run(tmp_path / "a.py")["many"].__code__
    (tmp_path / "a.py").write_text("".join(f"x = {line}\n" for line in range(600)))
    for line in range(1, 500, 10):
        FunctionType(code.replace(co_firstlineno=line), {})(hit, 1)
    assert [one.site.line for one in recorder.drain(recorder.current)] == [line + 4 for line in range(1, 500, 10)]
