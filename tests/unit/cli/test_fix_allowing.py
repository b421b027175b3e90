"""Test `ssot-tracker fix --allow`: each site gets an allow of its own, and is exempt from then on."""

from __future__ import annotations

import pytest

USE = """\
from shop.old import OrderLog
from shop.old import (
    OrderLog as Log,  # the log
)

TEXT = '''
'''


def make(log=OrderLog(), *, other=None):
    if log: OrderLog()
    elif OrderLog():
        pass
    with OrderLog() as one:
        return one, OrderLog(
            1,
        )


@OrderLog
class Other(OrderLog):  # why
    pass


    # is indented
x = OrderLog(); y = Log()
"""


def test_what_is_left_is_allowed(project):
    project.write("shop/use.py", USE)
    before = project.scanned()["totals"]
    assert before["new"] > 8
    assert project.call("fix", "--write", "--allow", "goes with #220") == 0
    assert project.err.startswith(f"{before['new']} of {before['new']} sites in ")
    totals = project.scanned()["totals"]
    assert (totals["new"], totals["allowed"]) == (0, before["new"])
    text = (project.root / "shop/use.py").read_text(encoding="utf-8")
    assert "from shop.old import OrderLog  # ssot: allow[deprecated-import] goes with #220\n" in text
    assert "# ssot: allow[deprecated-import] goes with #220\nfrom shop.old import (\n" in text
    assert "    elif OrderLog():  # ssot: allow[deprecated-use] goes with #220\n" in text
    assert project.call("fix", "--allow", "goes with #220") == 0
    assert project.err == "there is no site to rewrite\n"


def test_a_diff_is_shown_first(project):
    before = (project.root / "shop/use.py").read_text(encoding="utf-8")
    assert project.call("fix", "--allow", "later", "--rule", "deprecated-use") == 1
    assert "+    return OrderLog()  # ssot: allow[deprecated-use] later\n" in project.out
    assert "deprecated-import" not in project.out
    assert (project.root / "shop/use.py").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--allow", " "], '--allow: an allow needs a reason; write --allow "goes with #220"'),
        (["--allow", "a\nb"], '--allow: the reason has to stand on one line; write --allow "goes with #220"'),
        (["--allow", "a # b"], "--allow: the reason must hold no '# ', which would end it"),
        (["--allow", "x", "--move", "a:b"], "--allow and --move are two things: do one after the other"),
    ],
)
def test_bad_arguments_are_refused(refused, argv, why):
    assert refused("fix", *argv).startswith(f"ssot-tracker: {why}")
