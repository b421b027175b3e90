from __future__ import annotations

from pytest_ssot_tracker.model import Exempt, Observation, Rule, Site, Step
from pytest_ssot_tracker.report.observed import Observed

SITES = [Site(Rule.DEPRECATED_USE, "old", "pkg.old:Thing", "app.py", line, "make", f"x{line}") for line in range(3)]
TEST = "test_a.py::test_x"
FULL = Observation(
    SITES[0], TEST, Step.SETUP, 3, "db", "module", "Thread-1", None, "somewhere", Exempt.ACCESSOR, ("a",), "library"
)
SEEN = (FULL, *(Observation(site, TEST, Step.CALL) for site in SITES))


def test_observations_come_back_as_they_were() -> None:
    observed = Observed.of(SEEN)
    assert tuple(observed) == SEEN
    assert (len(observed), observed[0], observed[-1]) == (4, FULL, SEEN[-1])
    assert tuple(observed[1:3]) == SEEN[1:3]
    assert Observed.of(observed) is observed


def test_what_is_said_alike_of_several_sites_is_held_once() -> None:
    occasions = Observed.of(SEEN).occasions
    assert len({id(occasion) for occasion in occasions}) == 2


def test_they_equal_the_same_observations_however_these_are_held() -> None:
    assert Observed.of(SEEN) == SEEN
    assert Observed.of(SEEN) == Observed.of(list(SEEN))
    assert Observed.of(SEEN) != SEEN[:3]
    assert hash(Observed.of(SEEN)) == hash(Observed.of(SEEN))
