"""Test `ssot-tracker scan`: it fails where a run would, and prints what it found."""

from __future__ import annotations

import io
import os

import pytest

from pytest_ssot_tracker.cli.console import Ticker
from pytest_ssot_tracker.report.result import from_plain, to_plain

BOTH = {"shop/use.py:2 deprecated-import", "shop/use.py:4 deprecated-use"}


def test_a_new_site_fails(project):
    assert project.call("scan") == 1
    assert "shop/use.py:4  shop.old:OrderLog  unexercised; use shop.core:Tracker (platform)" in project.out


def test_a_clean_tree_passes_with_one_line(project):
    project.write("shop/use.py", "")
    assert project.call("scan") == 0
    assert project.out == "ssot: clean (phase enforce, 0 known, 0 allowed, 0 expected, 0 fixed, 0 stale)\n"


@pytest.mark.parametrize(("phase", "status"), [("baseline", 0), ("ratchet", 1), ("enforce", 1)])
def test_what_is_new_fails_in_the_phases_in_which_it_fails_a_run(project, phase, status):
    assert project.call("scan", "--phase", phase) == status


@pytest.mark.parametrize(("phase", "status"), [("baseline", 0), ("ratchet", 0), ("enforce", 1)])
def test_what_is_known_fails_in_enforce_alone(project, phase, status):
    project.call("baseline")
    assert project.call("scan", "--phase", phase) == status


@pytest.mark.parametrize(
    "ini", ['ssot_phase = "baseline"', 'addopts = "-q --ssot-phase baseline"', 'addopts = ["--ssot-phase=baseline"]']
)
def test_the_phase_in_pytests_own_configuration_holds(project, ini):
    project.configure(ini=ini)
    assert project.call("scan") == 0


def test_the_command_line_beats_pytests_configuration(project):
    project.configure(ini='ssot_phase = "baseline"')
    assert project.call("scan", "--phase", "enforce") == 1


def test_known_sites_are_listed_with_all(project):
    project.call("baseline")
    project.call("scan", "--phase", "ratchet")
    assert "shop/use.py" not in project.out
    project.call("scan", "--phase", "ratchet", "--all")
    assert "known (2)" in project.out


def test_the_json_format_is_a_result_with_all_sites(project):
    project.call("baseline")
    result = project.scanned("--phase", "ratchet")
    assert to_plain(from_plain(result)) == result
    assert result["format"] == 2
    assert result["run"]["pytest"] is None
    assert {one["status"] for one in result["sites"]} == {"known"}
    assert {one["exercise"] for one in result["sites"]} == {"unexercised"}


def test_paths_narrow_what_is_looked_at(project):
    project.write("shop/more.py", "from shop import old\n")
    assert project.call("scan", "shop/more.py") == 1
    assert "shop/use.py" not in project.out
    assert project.call("scan", "tests") == 0


def test_a_path_is_relative_to_where_the_user_stands(project, monkeypatch):
    monkeypatch.chdir(project.root / "shop")
    assert set(project.statuses("use.py")) == BOTH


def test_a_path_that_is_not_there_is_refused(refused):
    assert refused("scan", "shop/gone.py") == (
        f"ssot-tracker: there is no {os.path.join('shop', 'gone.py')!r}; name files or folders that exist\n"
    )


def test_files_that_are_no_python_are_passed_over(project):
    assert project.call("scan", "pyproject.toml") == 0


def test_the_root_is_found_from_below_and_can_be_named(project, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(project.root / "shop")
    assert set(project.statuses()) == BOTH
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert set(project.statuses("--root", str(project.root))) == BOTH


def test_an_inline_allow_exempts_its_site(project):
    text = "from shop import old  # ssot: allow[deprecated-import] until the importer moves\n"
    project.write("shop/use.py", text)
    assert project.call("scan") == 0
    assert project.statuses() == {"shop/use.py:1 deprecated-import": "allowed"}


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("# ssot: allow[deprecated-import]", "it gives no reason; write one behind the bracket"),
        ("# ssot: allow[deprecated-imports] soon", "there is no rule 'deprecated-imports'"),
        ("# ssot: allow soon", "it names no rule; write # ssot: allow[rule] reason"),
    ],
)
def test_an_allow_without_effect_is_reported_and_exempts_nothing(project, comment, problem):
    project.write("shop/use.py", f"from shop import old  {comment}\n")
    assert project.call("scan") == 1
    assert f"  shop/use.py:1: {problem}" in project.out


def test_an_unused_allow_is_reported_and_fails_nothing(project):
    project.write("shop/use.py", "x = 1  # ssot: allow[deprecated-import] it was needed once\n")
    assert project.call("scan") == 0
    assert "  shop/use.py:1: it exempts nothing; remove it" in project.out


def test_a_budget_is_met_or_exceeded(project):
    project.configure(table='max = { "deprecated-import" = 1, "deprecated-use" = 1 }')
    assert project.call("scan") == 0
    project.write("shop/more.py", "from shop import old\n")
    assert project.call("scan") == 1
    assert "budget: 2 sites of deprecated-import in orders, max is 1; remove 1 of them" in project.out


def test_after_until_nothing_is_lenient(project):
    project.call("baseline")
    project.configure(top='phase = "ratchet"', table="until = 2020-01-01")
    assert project.call("scan") == 1


def test_an_import_of_a_retired_target_is_still_a_site(project):
    (project.root / "shop/old.py").unlink()
    project.configure(table='retired = ["shop.old"]')
    result = project.scanned()
    assert result["ssots"][0]["retired"] == ["shop.old"]
    assert result["ssots"][0]["blind_spots"] == []
    assert "deprecated-import" in {one["rule"] for one in result["sites"]}


def test_of_a_target_that_is_not_there_somebody_must_know_that_it_was(project):
    (project.root / "shop/old.py").unlink()
    project.write("shop/use.py", "")
    assert project.call("scan") == 0
    assert "orders: shop.old: there is no module 'shop.old', and nothing tells that it ever was there" in project.out
    assert "clean" not in project.out
    project.configure(table='retired = ["shop.old"]')
    assert project.call("scan") == 0
    assert project.out.startswith("ssot: clean (")
    assert project.out.endswith("; retired: shop.old)\n")


def test_a_slip_of_the_pen_is_refused(project, refused):
    project.configure(table='accessors = ["shop.core:get"]\ncompeting = ["shop.cor"]')
    start = "ssot-tracker: pyproject.toml: ssot.orders."
    assert refused("scan").splitlines() == [
        f"{start}competing[0]: there is no module 'shop.cor'; did you mean 'shop.core'?",
        f"{start}accessors[0]: shop.core has no 'get'; it has Tracker",
    ]


def test_a_guarded_import_of_a_retired_target_never_fails(project):
    (project.root / "shop/old.py").unlink()
    project.write("shop/use.py", "try:\n    from shop import old\nexcept ImportError:\n    old = None\n")
    assert project.call("scan") == 0
    assert [one["flags"] for one in project.scanned()["sites"]] == [["guarded"]]


MARKED = """\
import pytest

{above}
def test_old():
    from shop.old import OrderLog

    OrderLog()


def test_other():
    from shop.old import OrderLog
"""


@pytest.mark.parametrize(
    ("above", "status"),
    [
        ("", "new"),
        ("@pytest.mark.ssot_expect_violation", "expected"),
        ("@pytest.mark.ssot_expect_violation('deprecated-use', 'deprecated-import', until='2999-01-01')", "expected"),
        ("@pytest.mark.ssot_expect_violation(raises=ValueError)", "expected"),
        ("@pytest.mark.ssot_expect_violation(until='2020-01-01')", "new"),
        ("@pytest.mark.ssot_expect_violation('split-brain')", "new"),
        ("@pytest.mark.ssot_allow(reason='tests the old one itself')", "allowed"),
        ("@pytest.mark.ssot_allow(ssot='ids', reason='of another table')", "new"),
    ],
)
def test_a_marker_covers_the_sites_in_the_body_of_its_test(project, above, status):
    project.write("shop/use.py", "")
    project.write("tests/test_shop.py", MARKED.format(above=above))
    statuses = project.statuses("--phase", "ratchet")
    assert statuses["tests/test_shop.py:7 deprecated-use"] == status
    assert statuses["tests/test_shop.py:11 deprecated-import"] == "new"


@pytest.mark.parametrize(
    "module",
    [
        "import pytest\npytestmark = pytest.mark.ssot_allow(reason='all of it')\n\n{}",
        "import pytest\npytestmark = [pytest.mark.slow, pytest.mark.ssot_allow(reason='all of it')]\n\n{}",
        "import pytest\n\n@pytest.mark.ssot_allow(reason='the class')\nclass TestOld:\n    {}",
        "import pytest\n\nclass TestOld:\n    pytestmark = [pytest.mark.ssot_allow(reason='the class')]\n    {}",
    ],
)
def test_markers_of_module_and_class_count_too(project, module):
    project.write("shop/use.py", "")
    indent = "    " if "class" in module else ""
    test = f"def test_old(self=None):\n{indent}    from shop.old import OrderLog\n"
    project.write("tests/test_shop.py", module.format(test))
    assert set(project.statuses("--phase", "ratchet").values()) == {"allowed"}


def test_a_folder_that_cannot_be_read_is_said_aloud(project):
    folder = project.root / "shop/secret"
    folder.mkdir()
    folder.chmod(0)
    try:
        if os.access(folder, os.R_OK):
            pytest.skip("this user may read everything")
        result = project.scanned()
    finally:
        folder.chmod(0o700)
    assert result["run"]["complete"] is False


def test_progress_is_shown_from_the_second_second_on_and_taken_away():
    ticks = iter([0.0, 0.5, 1.5])
    stream = io.StringIO()
    ticker = Ticker("scanning", stream, clock=lambda: next(ticks))
    ticker(1, 10)
    assert stream.getvalue() == ""
    ticker(5, 10)
    ticker.close()
    assert "scanning" in stream.getvalue()


def test_jobs_change_nothing_that_is_found(project):
    one = project.scanned("--jobs", "1")
    several = project.scanned("--jobs", "3")
    assert several["sites"] == one["sites"] != []


@pytest.mark.parametrize("jobs", ["0", "-1", "many"])
def test_jobs_are_a_number_of_processes(project, jobs):
    assert project.call("scan", "--jobs", jobs) == 2
    assert f"{jobs!r} is no number of processes; give 1 or more" in project.err


def test_what_lies_outside_the_project_is_refused_and_everything_at_once(project, refused, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "use.py").write_text("from shop.old import OrderLog\n")
    (project.root / "link").symlink_to(outside)
    text = refused("scan", str(outside), "shop", "link", "../nowhere")
    assert text.splitlines() == [
        f"ssot-tracker: {str(outside)!r} lies outside the project in {project.root}; --root names another project",
        f"ssot-tracker: 'link' lies outside the project in {project.root}; --root names another project",
        "ssot-tracker: there is no '../nowhere'; name files or folders that exist",
    ]


def test_where_no_file_was_scanned_nothing_is_called_clean(project):
    project.write("docs/index.md", "# Shop\n")
    assert project.call("scan", "docs", "pyproject.toml") == 0
    assert "clean" not in project.out
    assert "scan: no Python file lies in docs, pyproject.toml" in project.out
    assert project.out.endswith("1 blind spot (phase enforce)\n")
