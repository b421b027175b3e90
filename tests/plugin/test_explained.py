"""A run tells of one site at its end when asked to."""

from __future__ import annotations

SUITE = """
from shop.service import second_tracker

def test_it():
    second_tracker()
"""


def test_a_site_is_explained_at_the_end_of_the_run(project):
    project.run("--ssot-phase=baseline", "--ssot-explain=shop/service.py:15", test_shop=SUITE)
    project.result.stdout.fnmatch_lines(
        [
            "*= ssot: explained =*",
            "second_tracker constructs shop.core:Tracker past its accessors at shop/service.py:15*",
            "  is     new: *",
            "  tests  1 time by 1 test",
            "         test_shop.py::test_it",
            "  fix    Ask one of the `accessors`*",
            "  read   docs/rules.md#singleton-bypass",
        ]
    )


def test_a_site_that_is_none_changes_no_verdict(project):
    project.run("--ssot-phase=baseline", "--ssot-explain=shop/service.py:1", test_shop="def test_it(): pass")
    assert project.result.ret == 0
    project.result.stdout.fnmatch_lines(["no site has the id, or stands at, shop/service.py:1; *"])
