from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_ssot_tracker.judge import Baseline, BaselineError, Looked
from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.model import Moves, Rule, Site

EVERYTHING = Looked(scanned=lambda path: True, stands=lambda site: True, all_tests_ended=True)


def site(path: str = "app/b.py", text: str = "thing = Thing()", **more: object) -> Site:
    given = {
        "rule": Rule.DEPRECATED_USE,
        "ssot": "execution",
        "target": "pkg.old:Thing",
        "path": path,
        "line": 12,
        "scope": "make",
        "text": text,
        **more,
    }
    return Site(**given)  # type: ignore[arg-type]


def site_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if '"rule"' in line]


def test_a_missing_file_is_an_empty_baseline(tmp_path: Path) -> None:
    assert len(Baseline.load(tmp_path / "none.json")) == 0


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    sites = [site(), site(ordinal=1), site("app/ü\n.py", 'x = "\u202e"'), site("a", rule=Rule.STATE_LEAK, ssot="")]
    Baseline.of(sites).save(tmp_path / "b.json")
    again = Baseline.load(tmp_path / "b.json")
    assert all(again.known(one) for one in sites)
    assert len(again) == 4
    assert not again.known(site(ordinal=2))
    assert not again.known(site("app/c.py"))
    assert os.listdir(tmp_path) == ["b.json"]


def test_a_site_is_known_whatever_its_line_and_layout() -> None:
    baseline = Baseline.of([site()])
    assert baseline.known(replace(site(text="thing = Thing(  )"), line=99))


def test_the_file_has_one_site_a_line_and_no_lines_or_counts() -> None:
    text = Baseline.of([site(), site(ordinal=1), site("app/c.py")]).dumps()
    assert len(site_lines(text)) == 3
    entries = [json.loads(line.rstrip(","))[1] for line in site_lines(text)]
    keys = ["rule", "ssot", "target", "scope", "text"]
    assert sorted(map(list, entries)) == [keys, keys, [*keys, "ordinal"]]
    assert json.loads(text)["format"] == 1
    assert text.isascii()


def test_equal_baselines_give_equal_bytes() -> None:
    sites = [site(f"app/{name}.py", text) for name in "abcdef" for text in ("x = Thing()", "y = Thing()")]
    shuffled = random.Random(1).sample(sites, len(sites))
    assert Baseline.of(sites).dumps() == Baseline.of(shuffled).dumps()


def test_every_line_of_a_large_file_is_the_same_in_any_other() -> None:
    few = [site(f"app/{number}.py") for number in range(20)]
    many = Baseline.of([*few, site("app/c.py"), site("app/1.py", "a = Thing()")])
    assert set(Baseline.of(few).dumps().splitlines()) <= set(many.dumps().splitlines())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the baseline is no JSON (Expecting value: line 1 column 1 (char 0)); restore it or write it anew"),
        ("[" * 100_000, None),
        ("[]", "this is no baseline: 'format' or 'sites' is missing; write it with ssot-tracker baseline"),
        ('{"format": 1}', "this is no baseline: 'format' or 'sites' is missing; write it with ssot-tracker baseline"),
        ('{"format": 2, "sites": []}', "it has format 2, this version reads up to 1; update pytest-ssot-tracker"),
        (
            '{"format": 1, "sites": [\n<<<<<<< ours\n=======\n>>>>>>> theirs\n]}',
            "the baseline holds merge-conflict markers; keep the site lines of both sides that still apply",
        ),
        ('{"format": 1, "sites": [3]}', "an entry of 'sites' is not a file with its sites: 3"),
        ('{"format": 1, "sites": [["a.py", {}]]}', "a site of a.py lacks one of rule, ssot, target, scope, text: {}"),
        (
            '{"format": 1, "sites": [["a.py", {"rule":"zzz","ssot":"","target":"","scope":"","text":""}]]}',
            "a site of a.py has the unknown rule 'zzz'; update pytest-ssot-tracker",
        ),
        (
            '{"format": 1, "sites": [["a.py", {"rule":"x","ssot":"","target":"","scope":"","text":"","ordinal":-1}]]}',
            "a site of a.py has the ordinal -1; it is a number from 0",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(tmp_path: Path, text: str, problem: str | None) -> None:
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(BaselineError) as caught:
        Baseline.load(path)
    if problem is None:
        assert "the baseline is no JSON" in str(caught.value)
    else:
        assert str(caught.value) == f"{path}: {problem}"


def test_a_file_that_cannot_be_read_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"the baseline cannot be read: .*Is a directory"):
        Baseline.load(tmp_path)
    (tmp_path / "b.json").write_bytes(b"\xff\xfe")
    with pytest.raises(BaselineError, match="the baseline cannot be read: 'utf-8' codec"):
        Baseline.load(tmp_path / "b.json")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    Baseline.of([site()]).save(path)
    with pytest.raises(UnicodeEncodeError):
        replace_text(path, "no UTF-8: \udcff")
    assert os.listdir(tmp_path) == ["b.json"]
    assert Baseline.load(path).known(site())


def test_writing_keeps_the_permissions_and_a_link_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "real.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to("real.json")
    Baseline().save(tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o640


def test_one_fixed_and_one_added_are_told_apart() -> None:
    old, new = site(text="a = Thing()"), site(text="b = Thing()")
    baseline = Baseline.of([old])
    assert not baseline.known(new)
    assert baseline.fixed([new], EVERYTHING) == (old,)


def test_one_fixed_of_two_equal_statements_is_seen() -> None:
    baseline = Baseline.of([site(), site(ordinal=1)])
    assert baseline.fixed([site()], EVERYTHING) == (site(ordinal=1),)


def test_a_baseline_only_shrinks_unless_grown() -> None:
    baseline = Baseline.of([site(), site("app/c.py")])
    shrunk = baseline.without(baseline.fixed([site(), site("app/new.py")], EVERYTHING))
    assert list(shrunk.sites) == [site().id]
    grown = shrunk.grow([site("app/new.py"), site(text="thing  =  Thing()")])
    assert {one.path for one in grown.sites.values()} == {"app/b.py", "app/new.py"}
    assert grown.sites[site().id].text == "thing = Thing()"


@pytest.mark.parametrize(
    ("rule", "scanned", "stands", "ended", "fixed"),
    [
        (Rule.DEPRECATED_USE, True, True, True, True),
        (Rule.DEPRECATED_USE, True, True, False, False),
        (Rule.DEPRECATED_USE, True, False, False, True),
        (Rule.DEPRECATED_USE, False, True, True, False),
        (Rule.DEPRECATED_USE, False, False, True, True),
        (Rule.DEPRECATED_USE, False, False, False, False),
        (Rule.COMPETING_MODULES, True, True, False, True),
        (Rule.COMPETING_MODULES, False, True, True, False),
        (Rule.DEPRECATED_ACCESS, True, True, False, False),
        (Rule.SPLIT_BRAIN, False, True, True, True),
        (Rule.SPLIT_BRAIN, True, True, False, False),
        (Rule.SPLIT_BRAIN, True, False, False, True),
    ],
)
def test_only_what_was_looked_at_is_fixed(rule: Rule, scanned: bool, stands: bool, ended: bool, fixed: bool) -> None:
    looked = Looked(scanned=lambda path: scanned, stands=lambda site: stands, all_tests_ended=ended)
    baseline = Baseline.of([site(rule=rule)])
    assert bool(baseline.fixed([], looked)) is fixed
    assert len(baseline.without(baseline.fixed([], looked))) == (0 if fixed else 1)
    assert not baseline.fixed([], looked._replace(complete=False))


def test_nothing_was_looked_at_unless_said() -> None:
    assert not Baseline.of([site()]).fixed([], Looked())


def test_what_has_moved_is_known_where_it_is_now_and_what_may_have_is_not_called_fixed() -> None:
    before = Baseline.of([site("old/b.py"), site("old/c.py"), site("app/d.py")])
    after = before.moved(Moves({site("old/b.py").id: site("new/b.py")}, frozenset({site("old/c.py").id})))
    assert [after.known(site(path)) for path in ("new/b.py", "old/b.py", "old/c.py", "app/d.py")] == [1, 0, 1, 1]
    looked = Looked(scanned=lambda path: True, stands=lambda site: False)
    assert after.fixed([], looked) == (site("app/d.py"), site("new/b.py"))
    assert after.without(after.fixed([], looked)).known(site("old/c.py"))


def git(folder: Path, *arguments: str, status: int = 0) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_two_branches_that_touch_different_files_merge_without_conflict(tmp_path: Path) -> None:
    """Each branch clears whole files, fixes and adds within files, and adds files; neighbours are touched by both."""
    path = tmp_path / "baseline.json"
    texts = ["a = Thing()", "b = Thing()", "c = Thing()"]
    start = [site(f"app/{number}.py", text) for number in range(12) for text in texts]

    def branch(mine: int) -> list[Site]:
        kept = [
            one
            for one in start
            if int(one.path[4:-3]) % 2 != mine or (one.text != "b = Thing()" and int(one.path[4:-3]) > 3)
        ]
        changed = [site(f"app/{number}.py", "d = Thing()") for number in range(4 + mine, 12, 2)]
        return kept + changed + [site(f"app/new_{mine}.py")]

    git(tmp_path, "init", "-q", "-b", "main")
    Baseline.of(start).save(path)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "start")
    for mine in (0, 1):
        git(tmp_path, "checkout", "-q", "-b", f"branch-{mine}", "main")
        Baseline.of(branch(mine)).save(path)
        git(tmp_path, "commit", "-qam", f"branch {mine}")
    git(tmp_path, "merge", "-q", "--no-edit", "branch-0")
    removed = {one.id for one in start} - {one.id for mine in (0, 1) for one in branch(mine) if one in branch(1 - mine)}
    expected = {one.id for mine in (0, 1) for one in branch(mine) if one.id not in removed}
    assert set(Baseline.load(path).sites) == expected
    assert path.read_text() == Baseline.load(path).dumps()


THREE = {
    "three files": [site("app/a.py"), site("app/b.py"), site("lib/c.py")],
    "two files": [site("app/a.py"), site("app/a.py", "y = Thing()"), site("lib/c.py")],
    "one file": [site("app/a.py", f"{name} = Thing()") for name in "xyz"],
}


@pytest.mark.parametrize("sites", THREE.values(), ids=THREE)
def test_three_sites_take_ten_lines_at_most_and_the_first_says_what_the_file_is(sites: list[Site]) -> None:
    lines = Baseline.of(sites).dumps().splitlines()
    assert len(lines) <= 10
    assert lines[0].startswith('{"about": "Uses that may stay for now, one a line; ')
    assert [line for line in lines if "app/a.py" in line and "Thing()" in line]


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize("count", range(3, 15))
@pytest.mark.parametrize("fixed", [(0, 1), (1, 2), (2, 0)])
def test_branches_that_fix_neighbours_and_add_merge_however_small_the_file_is(
    tmp_path: Path, count: int, fixed: tuple[int, int]
) -> None:
    path = tmp_path / "baseline.json"
    start = [site(f"app/{number}.py") for number in range(count)]
    git(tmp_path, "init", "-q", "-b", "main")
    Baseline.of(start).save(path)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "start")
    added = [site("app/new.py"), site("app/new.py", "y = Thing()")]
    branches = {"one": ([start[fixed[0]]], added), "two": ([start[fixed[1]]], [])}
    for name, (gone, new) in branches.items():
        git(tmp_path, "checkout", "-q", "-b", name, "main")
        Baseline.load(path).without(gone).grow(new).save(path)
        git(tmp_path, "commit", "-qam", name)
    git(tmp_path, "merge", "-q", "--no-edit", "one")
    left = {one.id for one in (*start, *added)} - {start[number].id for number in fixed}
    assert set(Baseline.load(path).sites) == left


def test_a_small_file_keeps_its_order_and_a_file_that_grows_large_is_laid_out_anew(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    Baseline.of([site("b.py"), site("c.py")]).save(path)
    before = path.read_text().splitlines()
    Baseline.load(path).grow([site("a.py")]).save(path)
    after = path.read_text().splitlines()
    assert [line for line in after if line in before] == before
    Baseline.load(path).grow([site(f"{number}.py") for number in range(60)]).save(path)
    assert '"80",' in path.read_text().splitlines()


def test_a_large_file_stays_one_until_little_is_left(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    sites = [site(f"{number}.py") for number in range(20)]
    Baseline.of(sites).save(path)
    Baseline.load(path).without(sites[4:]).save(path)
    assert '"80",' in path.read_text().splitlines()
    Baseline.load(path).without(sites[3:]).save(path)
    assert len(path.read_text().splitlines()) <= 10


def test_a_file_of_an_earlier_version_is_read_and_laid_out_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    anchors = [f'"{number:02x}",' for number in range(256)]
    entry = '{"rule": "deprecated-use", "ssot": "it", "target": "pkg.old", "scope": "f", "text": "x()"},'
    earlier = ['{"format": 1, "sites": [', *anchors[:9], '["a.py",', entry, "null],", *anchors[9:], '"end"]}']
    path.write_text("\n".join(earlier))
    assert [one.path for one in Baseline.load(path).sites.values()] == ["a.py"]
