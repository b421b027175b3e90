"""Test `ssot-tracker baseline`: it is written once, shrinks, grows on request only, and merges."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

FIXED = "def log():\n    pass\n"
IMPORTS = "from shop import old\n"
THIRD = "import shop.old\n"


def result(project, *, sites=(), fixed=(), complete=True, selected=False):
    """Write a result file as a run would, with what the scan says and these changes."""
    plain = project.scanned()
    plain["run"] |= {"pytest": "9.2.0", "complete": complete, "selected": selected}
    plain["run"]["incomplete"] = [] if complete else ["the session was interrupted"]
    plain["sites"], plain["fixed"] = list(sites), list(fixed)
    return project.write("ssot-result.json", json.dumps(plain))


def dynamic(project):
    """Return a site that only a run can see, in a statement that stands in the file."""
    project.write("shop/dynamic.py", "def make(kind):\n    return kind()\n")
    one = dict(project.scanned()["sites"][0])
    one |= {"path": "shop/dynamic.py", "line": 2, "scope": "make", "text": "return kind()", "rule": "deprecated-use"}
    return one | {"found_by": ["run"], "exercise": "dynamic", "status": "new"}


def test_the_first_time_everything_is_written(project):
    assert project.call("baseline") == 0
    assert project.out == "ssot-baseline.json: 2 known sites (2 added)\n"
    assert len(project.baseline) == 2


def test_an_empty_baseline_is_a_file_too(project):
    project.write("shop/use.py", FIXED)
    assert project.call("baseline") == 0
    assert project.out == "ssot-baseline.json: 0 known sites (unchanged)\n"
    assert project.baseline == []


def test_what_is_allowed_is_not_in_it(project):
    project.write("shop/use.py", "from shop import old  # ssot: allow[deprecated-import] soon\n")
    project.call("baseline")
    assert project.baseline == []


def test_later_it_only_shrinks(project):
    project.call("baseline")
    project.write("shop/use.py", FIXED)
    project.write("shop/more.py", IMPORTS)
    assert project.call("baseline") == 0
    assert project.out == "ssot-baseline.json: 0 known sites (2 fixed)\n"
    assert project.err == "1 new site is not in it; --grow adds what is new\n"


def test_with_grow_it_takes_what_is_new(project):
    project.call("baseline")
    project.write("shop/use.py", FIXED)
    project.write("shop/more.py", IMPORTS)
    assert project.call("baseline", "--grow") == 0
    assert project.out == "ssot-baseline.json: 1 known site (1 added, 2 fixed)\n"
    assert project.call("scan", "--phase", "ratchet") == 0


def test_nothing_new_leaves_the_file_untouched(project):
    project.call("baseline")
    file = project.root / "ssot-baseline.json"
    before = file.stat()
    assert project.call("baseline") == 0
    assert project.out == "ssot-baseline.json: 2 known sites (unchanged)\n"
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_moved_lines_reformatting_and_comments_change_nothing(project):
    project.call("baseline")
    wrapped = "    from shop.old import (\n        OrderLog,\n    )\n\n    # why\n    return OrderLog(  )\n"
    text = f'"""Say more."""\n\n\ndef log():\n{wrapped}'
    project.write("shop/use.py", text)
    assert project.call("scan", "--phase", "ratchet") == 0
    project.call("baseline")
    assert project.out == "ssot-baseline.json: 2 known sites (unchanged)\n"


def test_a_renamed_file_keeps_its_sites(project):
    project.call("baseline")
    (project.root / "shop/use.py").rename(project.root / "shop/using.py")
    assert project.call("scan", "--phase", "ratchet") == 0
    project.call("baseline")
    assert project.out == "ssot-baseline.json: 2 known sites (2 moved)\n"
    assert '["shop/using.py",' in (project.root / "ssot-baseline.json").read_text()


def test_a_copied_file_is_new_and_a_moved_one_without_proof_too(project):
    project.call("baseline")
    text = (project.root / "shop/use.py").read_text()
    project.write("shop/copy.py", text)
    assert project.call("scan", "--phase", "ratchet") == 1
    (project.root / "shop/use.py").unlink()
    project.write("shop/other.py", text)
    assert project.call("scan", "--phase", "ratchet") == 1, "two files hold it: neither is known to be the old one"


def test_one_fixed_and_one_added_is_no_zero(project):
    project.call("baseline")
    project.write("shop/use.py", "def other():\n    from shop.old import OrderLog\n\n    return OrderLog()\n")
    assert project.call("scan", "--phase", "ratchet") == 1
    assert project.scanned("--phase", "ratchet")["totals"] | {"stale": 0} == {
        "new": 2,
        "known": 0,
        "expected": 0,
        "allowed": 0,
        "fixed": 2,
        "stale": 0,
    }


def test_one_of_two_equal_statements_fixed_is_seen(project):
    twice = "def log():\n    from shop.old import OrderLog\n\n    OrderLog()\n{}"
    project.write("shop/use.py", twice.format("    OrderLog()\n"))
    project.call("baseline")
    project.write("shop/use.py", twice.format(""))
    project.call("baseline")
    assert project.out == "ssot-baseline.json: 2 known sites (1 fixed)\n"


def test_what_a_run_alone_saw_is_taken_from_its_result(project):
    result(project, sites=[dynamic(project)])
    project.call("baseline")
    assert project.out == "ssot-baseline.json: 3 known sites (3 added)\n"


def test_without_a_run_what_only_runs_see_is_not_called_fixed(project):
    result(project, sites=[dynamic(project)])
    project.call("baseline")
    (project.root / "ssot-result.json").unlink()
    project.call("baseline")
    assert project.out == "ssot-baseline.json: 3 known sites (unchanged)\n"


def test_what_a_run_calls_fixed_is_taken_out(project):
    site = dynamic(project)
    result(project, sites=[site])
    project.call("baseline")
    keys = ("rule", "ssot", "target", "path", "line", "scope", "text", "ordinal")
    result(project, fixed=[{key: site[key] for key in keys}])
    project.call("baseline")
    assert project.out == "ssot-baseline.json: 2 known sites (1 fixed)\n"


def test_an_old_result_does_not_bring_back_what_is_gone(project):
    result(project, sites=[dynamic(project)])
    project.write("shop/dynamic.py", "")
    project.call("baseline")
    assert project.out == "ssot-baseline.json: 2 known sites (2 added)\n"


def test_an_incomplete_run_cannot_shrink_it(project):
    project.call("baseline")
    project.write("shop/use.py", FIXED)
    result(project, complete=False)
    assert project.call("baseline") == 1
    assert project.err == ("read ssot-result.json\nthe session was interrupted; nothing is taken out of the baseline\n")
    assert len(project.baseline) == 2


def test_a_result_that_is_missing_or_none_is_refused(project, refused):
    assert "gone.json: there is no such result file" in refused("baseline", "gone.json")
    project.write("some.json", "[]")
    assert "some.json: this is no result file" in refused("baseline", "some.json")


def test_a_file_that_cannot_be_written_is_refused(project, refused):
    project.write("folder", "")
    assert "folder/baseline.json: the baseline cannot be" in refused("baseline", "--baseline", "folder/baseline.json")


CLASS = """\
from shop.old import OrderLog


class {name}(OrderLog):
    def write(self):
        return OrderLog()


def make():
    return OrderLog()
"""


def test_a_renamed_folder_keeps_its_known_sites(project):
    for name in ("__init__", "one", "two"):
        project.write(f"shop/a/{name}.py", CLASS.format(name="Writer"))
    project.call("baseline")
    before = len(project.baseline)
    (project.root / "shop/a").rename(project.root / "shop/b")
    assert project.call("scan", "--phase", "ratchet") == 0
    assert project.call("baseline") == 0
    assert project.out == f"ssot-baseline.json: {before} known sites (12 moved)\n"


def test_a_renamed_class_keeps_its_known_sites(project):
    project.write("shop/writer.py", CLASS.format(name="Writer"))
    project.call("baseline")
    before = len(project.baseline)
    project.write("shop/writer.py", CLASS.format(name="Scribe"))
    assert project.call("scan", "--phase", "ratchet") == 0
    project.call("baseline")
    assert project.out == f"ssot-baseline.json: {before} known sites (2 moved)\n"


def test_of_two_equal_files_one_moves_and_the_other_is_fixed(project):
    for name in ("one", "two"):
        project.write(f"shop/a/{name}.py", CLASS.format(name="Writer"))
    project.call("baseline")
    before = len(project.baseline)
    (project.root / "shop/b").mkdir()
    (project.root / "shop/a/one.py").rename(project.root / "shop/b/one.py")
    (project.root / "shop/a/two.py").unlink()
    assert project.call("scan", "--phase", "ratchet") == 0
    project.call("baseline")
    assert project.out == f"ssot-baseline.json: {before - 4} known sites (4 fixed, 4 moved)\n"


def test_where_two_files_may_be_the_moved_one_both_are_new_and_nothing_is_fixed(project):
    project.write("shop/a/one.py", "from shop.old import OrderLog\n")
    project.call("baseline")
    before = project.baseline
    (project.root / "shop/a/one.py").unlink()
    for folder in ("b", "c"):
        project.write(f"shop/{folder}/one.py", "from shop.old import OrderLog\n")
    assert project.scanned("--phase", "ratchet")["totals"] | {"stale": 0} == {
        "new": 2,
        "known": 2,
        "expected": 0,
        "allowed": 0,
        "fixed": 0,
        "stale": 0,
    }
    assert project.call("scan", "--phase", "ratchet") == 1
    project.call("baseline")
    assert project.baseline == before
    project.call("baseline", "--grow")
    project.call("baseline")  # now that both are known, the first one is fixed
    assert len(project.baseline) == len(before) + 1


def git(root: Path, *argv: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *argv], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("spread", ["a b c d e f g h", "aa ab ac ad ae af ag ah"])
def test_two_branches_that_fix_and_add_in_different_files_merge_without_conflict(project, spread):
    names = spread.split()
    for name in names:
        project.write(f"shop/{name}.py", IMPORTS + THIRD)
    project.write(".gitignore", ".ssot_cache\n")
    project.call("baseline")
    git(project.root, "init", "-q", "-b", "main")
    git(project.root, "add", "-A")
    git(project.root, "commit", "-qm", "start")
    for branch, mine in (("one", names[::2]), ("two", names[1::2])):
        git(project.root, "checkout", "-q", "-b", branch, "main")
        project.write(f"shop/{mine[0]}.py", "")
        project.write(f"shop/{mine[1]}.py", THIRD)
        project.write(f"shop/{mine[2]}.py", IMPORTS + THIRD + "from shop.old import OrderLog\n")
        project.write(f"shop/{branch}_new.py", IMPORTS)
        assert project.call("baseline", "--grow") == 0
        git(project.root, "add", "-A")
        git(project.root, "commit", "-qm", branch)
    git(project.root, "merge", "-q", "--no-edit", "one")
    assert project.call("scan", "--phase", "ratchet") == 0
    assert project.scanned("--phase", "ratchet")["totals"]["fixed"] == 0
    merged = (project.root / "ssot-baseline.json").read_text()
    (project.root / "ssot-baseline.json").unlink()
    project.call("baseline")
    assert (project.root / "ssot-baseline.json").read_text() == merged
