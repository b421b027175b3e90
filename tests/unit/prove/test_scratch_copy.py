"""A copy of a project has what its tests need, and none of what nobody tracks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pytest_ssot_tracker.prove.scratch_copy import Scratch
from pytest_ssot_tracker.settings import Tree

GIT = shutil.which("git")


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x = 1\n")


def copied(tree: Tree, folder: Path) -> list[str]:
    root = Scratch.of(tree, folder).root
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if path.parts[0] != ".git")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    done = subprocess.run([GIT, *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def test_without_git_hidden_folders_environments_and_builds_are_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        "p/app/a.py",
        "p/app/data.json",
        "p/.cache/b.py",
        "p/build/lib/app/a.py",
        "p/env/pyvenv.cfg",
        "p/env/c.py",
    )
    assert copied(Tree.of(tmp_path / "p"), tmp_path / "copy") == ["app/a.py", "app/data.json"]


def test_a_folder_beside_the_root_is_copied_beside_the_copy(tmp_path: Path) -> None:
    write(tmp_path, "p/app/a.py", "libs/tools/b.py")
    scratch = Scratch.of(Tree.of(tmp_path / "p", source=("app", "../libs")), tmp_path / "copy")
    assert (scratch.root / "../libs/tools/b.py").is_file()
    assert (scratch.root / "../libs/tools/b.py").resolve().is_relative_to(tmp_path / "copy")


def test_a_large_file_is_left_out_and_named(tmp_path: Path) -> None:
    write(tmp_path, "p/app/a.py")
    with (tmp_path / "p/app/dump.bin").open("wb") as stream:
        stream.truncate(30_000_000)
    scratch = Scratch.of(Tree.of(tmp_path / "p"), tmp_path / "copy")
    assert scratch.left_out == ("app/dump.bin",)
    assert not (scratch.root / "app/dump.bin").exists()


@pytest.mark.skipif(GIT is None, reason="there is no git here")
def test_with_git_what_it_ignores_is_left_out_but_for_modules_beside_tracked_files(tmp_path: Path) -> None:
    project = tmp_path / "p"
    write(project, "app/a.py", "app/gone.py", "sub/b.py")
    (project / ".gitignore").write_text("_version.py\n*.log\nlocal/\n")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    (project / "app/gone.py").unlink()
    write(project, "app/_version.py", "app/a.log", "local/c.py", "app/untracked.py")

    assert copied(Tree.of(project), tmp_path / "copy") == [
        ".gitignore",
        "app/_version.py",
        "app/a.py",
        "app/untracked.py",
        "sub/b.py",
    ]
    assert "app/gone.py" in git(tmp_path / "copy/tree", "log", "--name-only", "--format=")


@pytest.mark.skipif(GIT is None, reason="there is no git here")
def test_a_project_within_a_repository_stands_in_its_copy_where_it_stood(tmp_path: Path) -> None:
    write(tmp_path, "repo/part/app/a.py", "repo/other/b.py")
    git(tmp_path / "repo", "init", "-q")
    scratch = Scratch.of(Tree.of(tmp_path / "repo/part"), tmp_path / "copy")
    assert scratch.root == tmp_path / "copy/tree/part"
    assert not (tmp_path / "copy/tree/other").exists()
