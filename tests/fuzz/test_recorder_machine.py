"""Whatever is counted in whatever order, on whatever thread, is handed out once, on the moment it belongs to."""

from __future__ import annotations

import sys
import tempfile
import threading
from _thread import get_ident
from collections import Counter
from pathlib import Path
from types import FrameType

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pytest_ssot_tracker.detect.record.recorder import Moment, Recorder, Watch
from pytest_ssot_tracker.model import Rule, Step
from pytest_ssot_tracker.settings import Tree

SOURCE = """\
def first(hit, times):
    for _ in range(times):
        hit()

def second(hit, times):
    for _ in range(times): hit()
    return hit() if times else None
"""
PLACES = {"first": 3, "second": 6}


class Recording(RuleBasedStateMachine):
    """Book as the sentinels do, by slots on the home thread and by key elsewhere, and keep a count beside it."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name, "app.py")
        file.write_text(SOURCE)
        self.names: dict[str, object] = {}
        exec(compile(SOURCE, str(file), "exec"), self.names)
        self.recorder = Recorder(Tree.of(Path(self.folder.name)))
        watches = [Watch(Rule.DEPRECATED_USE, "it", f"old:{name}", "old") for name in "AB"]
        self.numbers = [self.recorder.number(watch) for watch in watches]
        self.slots = [self.recorder.slots(number, str(file)) for number in self.numbers]
        self.moments = [self.recorder.current]
        self.due: Counter[tuple[int, str, int]] = Counter()
        self.got: Counter[tuple[int, str, int]] = Counter()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    def occur(self, which: int, frame: FrameType) -> None:
        """Do what a sentinel does on its way: count in a slot where there is one, else book."""
        slots = self.slots[which]
        known = slots.get(frame.f_lasti)
        if known is not None and known[0] is frame.f_code and get_ident() == self.recorder.home:
            known[1][0] += 1
        else:
            self.recorder.book(self.numbers[which], frame, slots=slots)

    def call(self, place: str, which: int, times: int) -> None:
        self.names[place](lambda: self.occur(which, sys._getframe(1)), times)  # type: ignore[operator]
        moment = self.moments.index(self.recorder.current)
        if times:
            self.due[moment, f"old:{'AB'[which]}", 3 if place == "first" else 6] += times
        if times and place == "second":
            self.due[moment, f"old:{'AB'[which]}", 7] += 1

    @rule(place=st.sampled_from(sorted(PLACES)), which=st.integers(0, 1), times=st.integers(0, 5))
    def call_here(self, place: str, which: int, times: int) -> None:
        self.call(place, which, times)

    @rule(place=st.sampled_from(sorted(PLACES)), which=st.integers(0, 1), times=st.integers(0, 5))
    def call_on_a_thread(self, place: str, which: int, times: int) -> None:
        thread = threading.Thread(target=self.call, args=(place, which, times))
        thread.start()
        thread.join()

    @rule()
    def begin_another_moment(self) -> None:
        self.moments.append(Moment(test=f"t.py::test_{len(self.moments)}", step=Step.CALL))
        self.recorder.current = self.moments[-1]

    @rule(data=st.data())
    def go_back_to_a_moment(self, data: st.DataObject) -> None:
        self.recorder.current = data.draw(st.sampled_from(self.moments))

    @rule(data=st.data())
    def drain(self, data: st.DataObject) -> None:
        self.take(data.draw(st.sampled_from(range(len(self.moments)))))

    def take(self, index: int) -> None:
        for one in self.recorder.drain(self.moments[index]):
            assert one.count > 0
            assert one.test == self.moments[index].test
            self.got[index, one.site.target, one.site.line] += one.count

    @invariant()
    def nothing_is_handed_out_twice(self) -> None:
        if hasattr(self, "due"):
            assert all(self.got[key] <= self.due[key] for key in self.got)

    @rule()
    def everything_is_handed_out(self) -> None:
        for index in range(len(self.moments)):
            self.take(index)
        assert +self.got == +self.due


Recording.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestRecording = Recording.TestCase
