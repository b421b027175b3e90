"""What a failing test shows: the way from the test to the site, as a traceback of pytest does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

DEEP = """
def start():
    return step_two()


def step_two():
    return step_three()


def step_three():
    return step_four()


def step_four():
    return step_five()


def step_five():
    from shop.service import second_tracker

    return second_tracker()
"""


def chain(project, test: str = "test_it") -> list[str]:
    """Return what is shown of the failing test."""
    text = re.sub("\033\\[[0-9;]*m", "", "\n".join(project.result.outlines))
    shown = text.partition(f" {test} _")[2].partition("\n")[2].partition("\n___")[0].partition("\n===")[0]
    return [line for line in shown.splitlines() if not line.startswith("[gw")]


BYPASS = "constructs shop.core:Tracker past its accessors at"
SENTENCE = f"{BYPASS} shop/service.py:15; use shop.core:get_tracker (platform, #220)"


@pytest.mark.parametrize("more", [(), ("-n1",)], ids=["alone", "with a worker"])
def test_a_failing_test_shows_how_it_got_to_the_site(project, more):
    suite = "from shop.service import second_tracker\n\n\ndef test_it():\n    assert second_tracker() is not None\n"
    project.run("--ssot-phase=ratchet", *more, test_shop=suite)
    assert chain(project) == [
        "test_shop.py:5: in test_it",
        "    assert second_tracker() is not None",
        "shop/service.py:15: in second_tracker",
        "    return Tracker()",
        f"E   test_shop.py::test_it {SENTENCE}",
    ]


def test_of_a_long_way_the_test_and_the_last_frames_are_shown(project):
    suite = "from shop.deep import start\n\n\ndef test_it():\n    start()\n"
    project.run("--ssot-phase=ratchet", **{"shop/deep": DEEP, "test_shop": suite})
    shown = chain(project)
    assert [line for line in shown if not line.startswith("    return")] == [
        "test_shop.py:5: in test_it",
        "    start()",
        "    (2 more of ours)",
        "shop/deep.py:10: in step_three",
        "shop/deep.py:14: in step_four",
        "shop/deep.py:20: in step_five",
        "shop/service.py:15: in second_tracker",
        f"E   test_shop.py::test_it {SENTENCE}",
    ]


def test_each_site_has_its_own_way_and_the_fourth_its_sentence_only(project):
    suite = """
        from shop.core import Tracker

        def one(): return Tracker()
        def two(): return Tracker()
        def three(): return Tracker()
        def four(): return Tracker()

        def test_it():
            one(), two(), three(), four()
    """
    project.run("--ssot-phase=ratchet", test_shop=suite)
    shown = chain(project)
    assert [line for line in shown if ": in " in line] == [
        "test_shop.py:9: in test_it",
        "test_shop.py:3: in one",
        "test_shop.py:9: in test_it",
        "test_shop.py:4: in two",
        "test_shop.py:9: in test_it",
        "test_shop.py:5: in three",
    ]
    assert shown[-1].startswith(f"E   test_shop.py::test_it {BYPASS} test_shop.py:6; ")


def test_what_a_fixture_does_is_shown_from_the_fixture_on(project):
    suite = """
        import pytest
        from shop.service import second_tracker

        @pytest.fixture
        def tracker():
            return second_tracker()

        def test_it(tracker):
            pass
    """
    project.run("--ssot-phase=ratchet", test_shop=suite)
    assert chain(project)[0] == "test_shop.py:6: in tracker"


@pytest.mark.parametrize(
    "body",
    [
        "import threading; one = threading.Thread(target=second_tracker); one.start(); one.join()",
        "import asyncio; asyncio.run(asyncio.to_thread(second_tracker))",
        "list(map(lambda _: second_tracker(), range(1)))",
        "__import__('unittest.mock').mock.patch('os.path.abspath').start(); second_tracker()",
    ],
)
def test_a_site_that_the_test_reached_another_way_is_shown_as_far_as_it_is_known(project, body):
    suite = f"from shop.service import second_tracker\n\n\ndef test_it():\n    {body}\n"
    if "mock.patch" in body:
        suite += "\n\ndef teardown_function():\n    __import__('unittest.mock').mock.patch.stopall()\n"
    project.run("--ssot-phase=ratchet", test_shop=suite)
    shown = chain(project)
    assert shown[-3:] == [
        "shop/service.py:15: in second_tracker",
        "    return Tracker()",
        f"E   test_shop.py::test_it {SENTENCE}",
    ]


PATCHED = """
    import unittest.mock

    @unittest.mock.patch("shop.old.OrderLog")
    def test_it(log):
        pass
"""
REQUESTED = """
    import pytest

    def test_it(old_log):
        pass
"""
CONFTEST = "import pytest\n\n\n@pytest.fixture\ndef old_log():\n    return 1\n"


def deprecate_the_fixture(project) -> None:
    file = Path(project.pytester.path, "pyproject.toml")
    file.write_text(file.read_text().replace('["shop.old"]', '["shop.old", "conftest:old_log"]'))


@pytest.mark.parametrize("suite", [PATCHED, REQUESTED], ids=["decorated", "requested"])
def test_a_site_at_which_no_code_of_ours_runs_is_shown_where_it_stands(project, suite):
    """The decorator and the parameter have been executed long before: no frame leads there."""
    deprecate_the_fixture(project)
    result = project.run("--ssot-phase=ratchet", conftest=CONFTEST, test_shop=suite)
    assert chain(project)[0] == "test_shop.py:3: in test_it"
    assert chain(project)[-1].startswith("E   test_shop.py::test_it ")
    assert "could not be placed" not in json.dumps(result)


@pytest.mark.parametrize("suite", [PATCHED, REQUESTED], ids=["decorated", "requested"])
def test_a_known_site_at_which_no_code_of_ours_runs_fails_no_test(project, suite):
    deprecate_the_fixture(project)
    enforced = "import pytest\n\n\n@pytest.mark.ssot_enforce\ndef test_other():\n    pass\n"
    files = {"conftest": CONFTEST, "test_shop": suite, "test_that_may_fail": enforced}
    assert project.outcomes("--ssot-phase=baseline", **files) == {"test_it": "passed", "test_other": "passed"}


def test_what_the_teardown_does_has_its_way_too(project):
    suite = """
        import pytest
        from shop.service import second_tracker

        @pytest.fixture
        def late():
            yield
            second_tracker()

        def test_it(late):
            pass
    """
    project.run("--ssot-phase=ratchet", test_shop=suite)
    assert [line for line in chain(project, "ERROR at teardown of test_it") if ": in " in line] == [
        "test_shop.py:7: in late",
        "shop/service.py:15: in second_tracker",
    ]


def test_an_expectation_that_is_not_met_has_no_way_and_no_marker_of_a_traceback(project):
    suite = """
        import pytest

        @pytest.mark.ssot_expect_violation
        def test_it():
            pass
    """
    project.run("--ssot-phase=baseline", test_shop=suite)
    assert project.result.ret == pytest.ExitCode.TESTS_FAILED
    assert not any(line.startswith("E ") for line in chain(project))


def test_one_line_of_traceback_names_the_site(project):
    suite = "from shop.service import second_tracker\n\n\ndef test_it():\n    second_tracker()\n"
    project.run("--ssot-phase=ratchet", "--tb=line", test_shop=suite)
    project.result.stdout.fnmatch_lines([f"shop/service.py:15: Failed: test_shop.py::test_it {SENTENCE}"])


def test_where_no_test_can_fail_no_way_is_kept(project):
    """Keeping ways costs a walk of the stack for each place and step."""
    suite = """
        from shop.service import second_tracker

        def test_it(request):
            second_tracker()
            running = request.config.pluginmanager.get_plugin("ssot_tracker_running")
            assert not any(moment.ways for moment in running._attempt.moments.values())
    """
    project.run("--ssot-phase=baseline", test_shop=suite)
    project.result.assert_outcomes(passed=1)


@pytest.mark.parametrize("more", [(), ("-n1",)], ids=["alone", "with a worker"])
def test_the_sentence_is_folded_for_the_terminal_that_shows_it(project, monkeypatch, more):
    monkeypatch.setenv("COLUMNS", "80")
    suite = "from shop.service import second_tracker\n\n\ndef test_it():\n    second_tracker()\n"
    project.run("--ssot-phase=ratchet", *more, test_shop=suite)
    assert chain(project)[-2:] == [
        "E   test_shop.py::test_it constructs shop.core:Tracker past its accessors at",
        "E     shop/service.py:15; use shop.core:get_tracker (platform, #220)",
    ]
