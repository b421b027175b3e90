"""Whatever is done to a baseline, it knows what it should, shrinks only when it should, and survives its file."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pytest_ssot_tracker.judge.baseline import Baseline, Looked
from pytest_ssot_tracker.model import Rule, Site

TEXTS = st.one_of(st.sampled_from(["x = Old()", "import old", 'print("<<<<<<< ")', ""]), st.text(max_size=12))
SITES = st.builds(
    Site,
    rule=st.sampled_from(Rule),
    ssot=st.sampled_from(["it", "other", "ünï"]),
    target=st.sampled_from(["pkg.old", "pkg.old:Thing"]),
    path=st.one_of(st.sampled_from(["a.py", "b/c.py", "b/d.py"]), st.text(min_size=1, max_size=6)),
    line=st.integers(0, 9),
    scope=st.sampled_from(["<module>", "C.m"]),
    text=TEXTS,
    ordinal=st.integers(0, 3),
)


class Keeping(RuleBasedStateMachine):
    """Hold the baseline against a plain dictionary."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name, "ssot-baseline.json")
        self.baseline = Baseline()
        self.model: dict[str, Site] = {}

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(sites=st.lists(SITES, max_size=6))
    def grow(self, sites: list[Site]) -> None:
        self.baseline = self.baseline.grow(sites)
        for site in sites:
            self.model.setdefault(site.id, site)

    @rule(data=st.data(), complete=st.booleans(), ended=st.booleans(), scanned=st.sampled_from(["", "a.py", "*"]))
    def shrink(self, data: st.DataObject, complete: bool, ended: bool, scanned: str) -> None:
        seen = data.draw(
            st.lists(st.sampled_from(list(self.model.values())), unique=True) if self.model else st.just([])
        )
        looked = Looked(scanned=lambda path: scanned in (path, "*"), all_tests_ended=ended, complete=complete)
        before = self.baseline
        self.baseline = before.without(before.fixed(seen, looked))
        assert self.baseline.sites.keys() <= before.sites.keys()
        assert {site.id for site in seen} <= self.baseline.sites.keys(), "what is seen is never taken out"
        gone = before.sites.keys() - self.baseline.sites.keys()
        assert not gone or (complete and (scanned or ended)), "only what was looked for is taken out"
        if complete and ended and scanned == "*":
            assert self.baseline.sites.keys() == {site.id for site in seen}
        self.model = {key: self.model[key] for key in self.baseline.sites}

    @rule()
    def save_and_load(self) -> None:
        self.baseline.save(self.file)
        first = self.file.read_bytes()
        self.baseline = Baseline.load(self.file)
        self.baseline.save(self.file)
        assert self.file.read_bytes() == first

    @rule(data=st.data())
    def lines_taken_out_by_hand_are_forgotten_and_nothing_else(self, data: st.DataObject) -> None:
        if not self.model:
            return
        key = data.draw(st.sampled_from(sorted(self.model)))
        self.baseline = self.baseline.without([self.model.pop(key)])

    @rule(data=st.data())
    def the_order_in_which_sites_came_does_not_matter(self, data: st.DataObject) -> None:
        shuffled = data.draw(st.permutations(list(self.model.values())))
        assert Baseline.of(shuffled).dumps() == Baseline.of(self.baseline.sites.values()).dumps()

    @invariant()
    def it_knows_what_it_should(self) -> None:
        if hasattr(self, "model"):
            assert self.baseline.sites.keys() == self.model.keys()
            assert all(self.baseline.known(site) for site in self.model.values())


Keeping.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestKeeping = Keeping.TestCase
