"""What changed since a commit is told line by line, whatever became of the files meanwhile."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pytest_ssot_tracker.changes import Changes, ChangesError
from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.settings import Tree

TEXT = """\
import old


def first():
    return old.Thing()


def second():
    return old.Thing(
        1,
        2,
    )
"""


class Repository:
    """A checkout with one commit on main."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-q", "-b", "main")
        self.write("app/a.py", TEXT)
        self.write("app/plain.txt", "text\n")
        self.commit()

    def git(self, *words: str) -> str:
        names = {f"GIT_{role}_{part}": "x@y.z" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
        environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a commit", "--allow-empty")

    def changes(self, revision: str = "main", root: Path | None = None) -> Changes:
        root = root or self.root
        return Changes.since(revision, root, Tree.of(root, libraries=()).relative)

    def changed(self, path: str = "app/a.py", revision: str = "main") -> list[int] | None:
        lines = self.changes(revision).lines.get(path, frozenset())
        return None if lines is None else sorted(lines)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a checkout with one commit."""
    return Repository(tmp_path)


def site(path: str, line: int, rule: Rule = Rule.DEPRECATED_USE) -> Site:
    return Site(rule, "t", "old:Thing", path, line, "f", "old.Thing()")


def test_without_a_change_nothing_is_new(repository: Repository) -> None:
    assert repository.changes().lines == {}


def test_a_changed_line_is_new_with_its_whole_statement(repository: Repository) -> None:
    repository.write("app/a.py", TEXT.replace("        2,", "        3,"))
    assert repository.changed() == [9, 10, 11, 12]


def test_lines_above_move_nothing(repository: Repository) -> None:
    repository.write("app/a.py", "x = 1\n" + TEXT)
    assert repository.changed() == [1]


def test_indentation_alone_is_no_change(repository: Repository) -> None:
    repository.write("app/a.py", TEXT.replace("    return old.Thing()", "        return old.Thing()"))
    assert repository.changed() == []


def test_a_file_that_git_does_not_know_is_new_as_a_whole(repository: Repository) -> None:
    repository.write("app/b.py", TEXT)
    assert repository.changed("app/b.py") is None
    assert repository.changes().hold(site("app/b.py", 5))


def test_what_is_ignored_is_not_asked_about(repository: Repository) -> None:
    repository.write(".gitignore", "build/\n")
    repository.write("build/b.py", TEXT)
    assert "build/b.py" not in repository.changes().lines


@pytest.mark.parametrize("name", ["app/c.py", "app/ö name.py", 'app/qu"ote.py', "app/tab\tname.py"])
def test_a_renamed_file_is_new_only_where_it_changed(repository: Repository, name: str) -> None:
    repository.git("mv", "app/a.py", name)
    repository.write(name, TEXT + "x = 1\n")
    assert repository.changed(name) == [13]


def test_what_the_other_branch_did_meanwhile_is_not_ours(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "feature")
    repository.write("app/b.py", "y = 2\n")
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("app/a.py", TEXT.replace("import old", "import old as older"))
    repository.commit()
    repository.git("checkout", "-q", "feature")
    assert repository.changes("main").lines == {"app/b.py": {1}}


def test_a_folder_of_the_repository_can_be_the_root(repository: Repository) -> None:
    repository.write("app/a.py", "x = 1\n" + TEXT)
    repository.write("elsewhere.py", "x = 1\n")
    assert repository.changes(root=repository.root / "app").lines == {"a.py": {1}}


def test_a_work_tree_of_its_own_is_asked_as_any_other(repository: Repository, tmp_path: Path) -> None:
    other = tmp_path.parent / f"{tmp_path.name}-tree"
    repository.git("worktree", "add", "-q", str(other), "-b", "feature")
    (other / "app/a.py").write_text("x = 1\n" + TEXT)
    assert repository.changes(root=other).lines == {"app/a.py": {1}}


def test_what_somebody_has_configured_for_diffs_changes_nothing(repository: Repository) -> None:
    for key, value in (("diff.noprefix", "true"), ("color.ui", "always"), ("diff.mnemonicPrefix", "true")):
        repository.git("config", key, value)
    repository.write("app/a.py", "x = 1\n" + TEXT)
    assert repository.changed() == [1]


def test_a_site_of_a_whole_file_is_new_where_any_line_is(repository: Repository) -> None:
    repository.write("app/a.py", TEXT + "x = 1\n")
    changes = repository.changes()
    assert changes.hold(site("app/a.py", 1, Rule.UNREADABLE_SOURCE))
    assert not changes.hold(site("app/a.py", 1))
    assert not changes.hold(site("app/other.py", 1))


def test_a_file_that_cannot_be_parsed_is_new_as_a_whole(repository: Repository) -> None:
    repository.write("app/a.py", TEXT + "def (\n")
    assert repository.changed() is None


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD~7"])
def test_a_commit_that_is_none_is_refused(repository: Repository, revision: str) -> None:
    with pytest.raises(ChangesError, match=r"no commit\b.*write a branch, a tag or a hash"):
        repository.changes(revision)
    assert not (repository.root / "x").exists()


def test_a_commit_that_a_shallow_clone_lacks_says_how_to_fetch_it(repository: Repository, tmp_path: Path) -> None:
    repository.commit()
    clone = tmp_path.parent / f"{tmp_path.name}-clone"
    repository.git("clone", "-q", "--depth", "1", f"file://{repository.root}", str(clone))
    with pytest.raises(ChangesError, match=r"the clone is shallow: fetch more history"):
        repository.changes("HEAD~1", root=clone)


def test_histories_without_a_common_commit_are_refused(repository: Repository) -> None:
    repository.git("checkout", "-q", "--orphan", "alone")
    repository.write("app/b.py", "")
    repository.commit()
    with pytest.raises(ChangesError, match=r"'main' and the work tree have no commit in common; name one"):
        repository.changes("main")


def test_outside_of_a_repository_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ChangesError, match=r"is in no git repository; run it in a checkout, or use a baseline file"):
        Changes.since("main", tmp_path, lambda name: name)


def test_without_git_it_says_what_to_install(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository.root))
    with pytest.raises(ChangesError, match=r"git is not installed here.*install git"):
        repository.changes()
