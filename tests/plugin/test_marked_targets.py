"""A target that a marker names must name something, or the marker covers nothing."""

from __future__ import annotations

import pytest

MARKED = """
import pytest

@pytest.mark.{marker}
def test_it():
    from shop.old import OrderLog

    OrderLog()
"""


def marked(marker: str) -> str:
    return MARKED.format(marker=marker)


@pytest.mark.parametrize(
    "target",
    ["shop.old:OrderLog", "shop.old.OrderLog", "shop.old", "shop.*.Order*", "shop.old:Order*"],
)
def test_a_marker_covers_its_target_however_it_is_spelled(project, target):
    marker = f'ssot_expect_violation(target="{target}")'
    assert project.outcomes("--ssot-phase=ratchet", test_shop=marked(marker)) == {"test_it": "xfailed"}


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("shop.odl:OrderLog", "there is no module 'shop.odl'; did you mean 'shop.old:OrderLog'?"),
        ("shop.old:OrdrLog", "shop.old has no 'OrdrLog'; did you mean 'shop.old:OrderLog'?"),
        ("shop.old.OrdrLog", "shop.old has no 'OrdrLog'; did you mean 'shop.old:OrderLog'?"),
        ("uuid:uid4", "uuid has no 'uid4'; did you mean 'uuid:uuid4'?"),
    ],
)
@pytest.mark.parametrize("marker", ['ssot_allow(reason="r", target="{}")', 'ssot_expect_violation(target="{}")'])
@pytest.mark.parametrize("more", [(), ("-n1",)], ids=["alone", "with a worker"])
def test_a_slip_is_refused_with_the_test_and_the_nearest_name(project, marker, target, problem, more):
    project.run(*more, test_shop=marked(marker.format(target)))
    assert project.result.ret == 4
    name = marker.partition("(")[0]
    line = f"ERROR: test_shop.py::test_it: @pytest.mark.{name}: target='{target}': {problem}"
    assert line in [*project.result.errlines, *project.result.outlines]


def test_a_target_of_which_nothing_is_known_is_a_blind_spot_of_the_test(project):
    result = project.run("--ssot-phase=baseline", test_shop=marked('ssot_allow(reason="r", target="shop.gone:Thing")'))
    (test,) = result["tests"]
    (spot,) = test["blind_spots"]
    assert spot["target"] == "shop.gone:Thing"
    assert spot["why"] == (
        "a marker of this test names it, and there is no module 'shop.gone'; correct the name, or take the marker away"
    )


def test_what_is_known_to_be_gone_may_be_named_by_a_marker(project):
    project.configure(table='retired = ["shop.gone"]')
    marker = 'ssot_allow(reason="r", target="shop.gone")'
    result = project.run("--ssot-phase=baseline", test_shop=marked(marker))
    assert "blind_spots" not in result["tests"][0]


def test_the_clock_needs_no_module(project):
    marker = 'ssot_allow("out-of-band-id", reason="r", target="time-format")'
    assert "blind_spots" not in project.run("--ssot-phase=baseline", test_shop=marked(marker))["tests"][0]
