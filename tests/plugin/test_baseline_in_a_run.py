"""A run compares with the baseline and, when asked, takes out what it has proved fixed; it never adds."""

from __future__ import annotations

import pytest
from test_scan_in_a_run import NEVER, Project

PASSING = "def test_nothing():\n    pass\n"


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    """Return a project with two known sites."""
    project = Project(pytester)
    project.write("shop/use.py", NEVER)
    project.write("tests/test_shop.py", PASSING)
    project.baseline()
    return project


def known(project: Project) -> int:
    return (project.root / "ssot-baseline.json").read_text().count('"rule"')


def test_what_is_fixed_is_taken_out(project):
    project.write("shop/use.py", "")
    project.run("--ssot-update-baseline")
    project.output.stdout.fnmatch_lines(["ssot: ssot-baseline.json: 2 sites fixed and taken out"])
    assert (project.output.ret, known(project)) == (0, 0)


def test_without_being_asked_a_run_only_counts_what_is_fixed(project):
    project.write("shop/use.py", "")
    result = project.run()
    assert result["totals"]["fixed"] == 2
    assert known(project) == 2


def test_what_is_new_is_never_added(project):
    project.write("shop/more.py", NEVER)
    project.run("--ssot-update-baseline")
    assert (project.output.ret, known(project)) == (1, 2)


@pytest.mark.parametrize(
    "args", [("-k", "nothing"), ("tests/test_shop.py::test_nothing",), ("--deselect", "x"), ("--maxfail=1",), ("--lf",)]
)
def test_a_run_of_some_tests_leaves_the_file_alone_and_says_so(project, args):
    project.write("shop/use.py", "")
    test = PASSING + "\n\ndef test_other():\n    pass\n"
    if args == ("--maxfail=1",):
        test = PASSING + "\n\ndef test_fails():\n    assert 0\n"
    if args == ("--lf",):
        args = ("--lf", "-p", "cacheprovider")
    result = project.run("--ssot-update-baseline", *args, test=test)
    assert known(project) == 2
    assert project.output.ret == 1
    assert result["totals"]["fixed"] == 0
    project.output.stdout.fnmatch_lines(["*baseline: ssot-baseline.json is not updated: not every test was asked for*"])


def test_a_run_that_names_all_paths_is_a_whole_one(project):
    project.write("shop/use.py", "")
    project.run("--ssot-update-baseline", "tests")
    assert (project.output.ret, known(project)) == (0, 0)


def test_an_incomplete_run_leaves_the_file_alone_and_says_so(project):
    project.write("shop/use.py", "")
    project.write("tests/test_broken.py", "import nowhere_to_be_found\n")
    result = project.run("--ssot-update-baseline", "--continue-on-collection-errors")
    assert known(project) == 2
    assert project.output.ret == 1
    assert result["run"]["complete"] is False
    project.output.stdout.fnmatch_lines(
        [
            "*tests/test_broken.py could not be collected*",
            "*baseline: ssot-baseline.json is not updated: the run is incomplete*",
        ]
    )


def test_a_lost_worker_leaves_the_file_alone(project):
    project.write("shop/use.py", "")
    project.write("tests/test_shop.py", PASSING + "\n\ndef test_dies():\n    import os\n\n    os._exit(1)\n")
    result = project.pytester.runpytest_subprocess(
        "-n1", "--max-worker-restart=0", "-p", "no:cacheprovider", "-p", "no:asyncio", "--ssot-update-baseline"
    )
    assert known(project) == 2
    assert result.ret == 1


def test_without_a_file_there_is_nothing_to_update(project):
    (project.root / "ssot-baseline.json").unlink()
    project.run("--ssot-update-baseline")
    project.output.stdout.fnmatch_lines(
        ["*baseline: ssot-baseline.json is not updated: there is none; ssot-tracker baseline writes one*"]
    )
    assert not (project.root / "ssot-baseline.json").exists()


def test_a_renamed_file_keeps_its_sites_and_the_tests_that_reach_them_pass(project):
    (project.root / "shop/use.py").rename(project.root / "shop/using.py")
    project.run("--ssot-update-baseline", test="from shop.using import never\n\ndef test_nothing():\n    never()\n")
    project.output.assert_outcomes(passed=1)
    assert (project.output.ret, known(project)) == (0, 2)
    assert '["shop/using.py",' in (project.root / "ssot-baseline.json").read_text()


@pytest.mark.parametrize("more", [(), ("-n1",)], ids=["alone", "with a worker"])
def test_a_renamed_folder_and_class_keep_their_sites(project, more):
    text = "class {}:\n    def never(self):\n        from shop.old import OrderLog\n\n        return OrderLog()\n"
    test = "from shop.{} import {}\n\ndef test_it():\n    {}().never()\n"
    project.write("shop/a/__init__.py", "")
    project.write("shop/a/uses.py", text.format("Uses"))
    (project.root / "ssot-baseline.json").unlink()
    project.baseline()
    (project.root / "shop/a").rename(project.root / "shop/b")
    project.write("shop/b/uses.py", text.format("Using"))
    result = project.run("--ssot-phase=ratchet", *more, test=test.format("b.uses", "Using", "Using"))
    project.output.assert_outcomes(passed=1)
    assert (project.output.ret, result["totals"]["new"], result["totals"]["fixed"]) == (0, 0, 0)


def test_a_site_that_only_a_skipped_test_could_show_is_not_called_fixed(project):
    dynamic = "def make(module):\n    return __import__('shop.' + module, fromlist=['x'])\n"
    project.write("shop/dynamic.py", dynamic)
    test = "import pytest\nfrom shop.dynamic import make\n\n{}def test_nothing():\n    make('old')\n"
    project.run("--ssot-phase=baseline", test=test.format(""))
    (project.root / "ssot-baseline.json").unlink()
    project.baseline()
    assert known(project) == 3
    project.run("--ssot-update-baseline", test=test.format("@pytest.mark.skip\n"))
    assert known(project) == 3
    project.run("--ssot-update-baseline", test=PASSING)
    assert known(project) == 2


def test_another_file_can_be_named(project):
    (project.root / "ssot-baseline.json").rename(project.root / "known.json")
    project.run("--ssot-baseline=known.json")
    assert project.output.ret == 0
