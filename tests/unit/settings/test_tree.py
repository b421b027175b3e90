"""A file is ours by the parts of its real path, never by how its name begins."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.settings.tree import glob_matches

NAMES = st.sampled_from(["app", "app_vendor", "vendor", "a.py", "migrations", "x"])
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)


@pytest.mark.parametrize(
    ("pattern", "matched", "not_matched"),
    [
        (".", ["a.py", "app/a.py"], []),
        ("app", ["app", "app/a.py", "app/b/c.py"], ["app_vendor/a.py", "app.py", "vendor/app/a.py", "ap"]),
        ("./app/", ["app/a.py"], ["app_vendor/a.py"]),
        ("app/core", ["app/core/a.py"], ["app/core_old/a.py", "app/a.py"]),
        ("app\\core", ["app/core/a.py"], ["app/a.py"]),
        ("app/*.py", ["app/a.py"], ["app/b/a.py", "app/a.pyi"]),
        ("app/*", ["app/a.py", "app/b/c.py"], ["app", "app_vendor/a.py"]),
        ("app/**", ["app/a.py", "app/b/c.py"], ["app_vendor/a.py"]),
        (
            "**/migrations/**",
            ["migrations/a.py", "app/migrations/a.py", "app/b/migrations/c/d.py"],
            ["app/migrations.py", "app/old_migrations/a.py", "migrations"],
        ),
        ("**/conftest.py", ["conftest.py", "tests/unit/conftest.py"], ["tests/my_conftest.py"]),
        ("app/**/old", ["app/old/a.py", "app/b/c/old"], ["app/older/a.py", "old/a.py"]),
        ("a?c", ["abc/x.py"], ["ac/x.py", "a/c/x.py"]),
        ("app/a+b(1).py", ["app/a+b(1).py"], ["app/aab1.py"]),
    ],
)
def test_a_pattern_matches_part_by_part(pattern: str, matched: list[str], not_matched: list[str]) -> None:
    assert [path for path in matched if not glob_matches(pattern, path)] == []
    assert [path for path in not_matched if glob_matches(pattern, path)] == []


@given(PATHS, PATHS)
def test_a_plain_path_matches_itself_and_what_is_below_and_nothing_else(pattern: str, path: str) -> None:
    parts, below = pattern.split("/"), path.split("/")
    assert glob_matches(pattern, path) is (below[: len(parts)] == parts)


@given(PATHS, NAMES)
def test_two_stars_around_a_folder_match_it_at_every_depth(path: str, name: str) -> None:
    assert glob_matches(f"**/{name}/**", path) is (name in path.split("/")[:-1])


def touch(root: Path, name: str) -> str:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("", encoding="utf-8")
    return str(file)


def test_a_file_is_told_by_its_path_from_the_root(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path, source=("app",), exclude=("**/migrations/**",))
    place = tree.place(touch(tmp_path, "app/core/tracker.py"))
    assert place is not None
    assert (place.path, place.module, place.in_source, place.excluded) == (
        "app/core/tracker.py",
        "app.core.tracker",
        True,
        False,
    )
    vendored = tree.place(touch(tmp_path, "app_vendor/a.py"))
    assert vendored is not None
    assert not vendored.in_source
    migration = tree.place(touch(tmp_path, "app/migrations/m1.py"))
    assert migration is not None
    assert migration.excluded


def test_a_relative_filename_is_taken_from_the_root(tmp_path: Path) -> None:
    assert Tree.of(tmp_path).relative("app/a.py") == "app/a.py"
    assert Tree.of(tmp_path).relative("./app/../b.py") == "b.py"


@pytest.mark.parametrize("filename", ["<string>", "<frozen importlib._bootstrap>", "<doctest a.b[0]>", "<stdin>", ""])
def test_code_without_a_file_is_not_ours(tmp_path: Path, filename: str) -> None:
    assert Tree.of(tmp_path).place(filename) is None


def test_a_file_outside_of_the_root_is_not_ours(tmp_path: Path) -> None:
    root = tmp_path / "app"
    root.mkdir()
    tree = Tree.of(root)
    assert tree.place(touch(tmp_path, "app_vendor/a.py")) is None
    assert tree.place(touch(tmp_path, "b.py")) is None
    assert tree.place("../b.py") is None
    assert tree.place(str(root)) is None


def test_a_folder_that_links_into_the_root_is_told_by_where_it_leads(tmp_path: Path) -> None:
    root = tmp_path / "root"
    touch(root, "app/a.py")
    (root / "alias").symlink_to(root / "app", target_is_directory=True)
    (root / "relative").symlink_to("app", target_is_directory=True)
    (tmp_path / "root_alias").symlink_to(root, target_is_directory=True)
    tree = Tree.of(tmp_path / "root_alias")
    for folder in (root / "app", root / "alias", root / "relative", tmp_path / "root_alias" / "alias"):
        assert tree.relative(str(folder / "a.py")) == "app/a.py"


def test_a_link_that_leads_to_what_nobody_names_is_ours_where_it_stands(tmp_path: Path) -> None:
    root = tmp_path / "root"
    touch(root, "shared/c.py")
    (root / "app").mkdir()
    outside = touch(tmp_path, "elsewhere/a.py")
    (root / "app" / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (root / "app" / "b.py").symlink_to(outside)
    (root / "app" / "c.py").symlink_to("../shared/c.py")
    (root / "stray.py").symlink_to(outside)
    (tmp_path / "alias").symlink_to(root, target_is_directory=True)
    tree = Tree.of(root, source=("app",), scan=("app",))
    for above in (root, tmp_path / "alias"):
        names = ("app/linked/a.py", "app/b.py", "app/c.py")
        assert [tree.relative(str(above / name)) for name in names] == list(names)
        assert tree.relative(str(above / "stray.py")) is None
    assert Tree.of(root, source=("app", "shared")).relative(str(root / "app" / "c.py")) == "shared/c.py"


def test_what_a_folder_says_of_its_files_says_nothing_of_links_among_them(tmp_path: Path) -> None:
    root, library = tmp_path / "project", tmp_path / "elsewhere" / "site-packages"
    (root / "app").mkdir(parents=True)
    library.mkdir(parents=True)
    for file in (root / "app" / "a.py", root / "lib.py", library / "b.py"):
        file.write_text("")
    (root / "app" / "link.py").symlink_to("../lib.py")
    (library / "link.py").symlink_to(root / "lib.py")
    tree = Tree.of(root)
    asked = (root / "app" / "a.py", root / "app" / "link.py", library / "b.py", library / "link.py")
    assert [tree.relative(str(file)) for file in asked] == ["app/a.py", "lib.py", None, "lib.py"]
    assert [Tree.of(root).relative(str(file)) for file in asked] == ["app/a.py", "lib.py", None, "lib.py"]


def test_a_link_to_an_environment_or_to_what_is_excluded_is_no_way_around(tmp_path: Path) -> None:
    root = tmp_path / "root"
    touch(tmp_path, "envs/x/pyvenv.cfg")
    touch(tmp_path, "envs/x/bin/tool.py")
    touch(tmp_path, "envs/x/lib/site-packages/lib.py")
    touch(root, "vendor/a.py")
    (root / ".venv").symlink_to(tmp_path / "envs" / "x", target_is_directory=True)
    (root / "app").symlink_to("vendor", target_is_directory=True)
    tree = Tree.of(root, exclude=("vendor",))
    assert tree.relative(str(root / ".venv/bin/tool.py")) is None
    assert tree.relative(str(root / ".venv/lib/site-packages/lib.py")) is None
    place = tree.place(str(root / "app" / "a.py"))
    assert place is not None
    assert place.excluded


def text(root: Path, name: str, content: str) -> str:
    file = touch(root, name)
    Path(file).write_bytes(content.encode())
    return file


@pytest.mark.parametrize("place", ["env/lib/python3.13/site-packages", "root/.tox/py/site-packages", "root/build/lib"])
@pytest.mark.parametrize("on_path", [True, False])
def test_a_copy_that_says_the_same_is_the_file_in_the_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, on_path: bool
) -> None:
    root, copies = tmp_path / "root", tmp_path / place
    for name, content in (("pkg/__init__.py", ""), ("pkg/a.py", "x = 1\n"), ("pkg/b.py", "y = 1\n"), ("top.py", "z\n")):
        text(root, f"src/{name}", content)
        text(copies, name, content.replace("\n", "\r\n"))
    text(copies, "pkg/b.py", "y = 2\n")
    text(copies, "pkg/made.py", "")
    if on_path:
        monkeypatch.syspath_prepend(copies)
    tree = Tree.of(root, source=("src",), scan=("src",))
    assert tree.relative(str(copies / "pkg" / "a.py")) == "src/pkg/a.py"
    own = None if place != "root/build/lib" else "build/lib/pkg/"
    assert tree.relative(str(copies / "pkg" / "b.py")) == (own and f"{own}b.py")
    assert tree.relative(str(copies / "pkg" / "made.py")) == (own and f"{own}made.py")
    assert list(tree.originals(str(copies / "pkg" / "b.py"))) == ["src/pkg/b.py"]
    if on_path or place == "root/build/lib":
        assert tree.relative(str(copies / "top.py")) == "src/top.py"


def test_an_installed_package_of_the_same_name_as_a_folder_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, installed = tmp_path / "root", tmp_path / "site-packages"
    text(root, "redis/redis.conf", "")
    name = text(installed, "redis/client.py", "x = 1\n")
    monkeypatch.syspath_prepend(installed)
    tree = Tree.of(root)
    assert tree.relative(name) is None
    assert list(tree.originals(name)) == []


def test_a_folder_beside_the_root_is_ours_where_it_is_declared(tmp_path: Path) -> None:
    root = tmp_path / "root"
    inside, other = touch(tmp_path, "libs/util/x.py"), touch(tmp_path, "libs_old/x.py")
    touch(tmp_path, "libs/.venv/pyvenv.cfg")
    (tmp_path / "alias").symlink_to("libs", target_is_directory=True)
    (root / "app").mkdir(parents=True)
    tree = Tree.of(root, source=(".", "../libs"), exclude=("../libs/skip",))
    assert tree.relative(inside) == tree.relative(str(tmp_path / "alias/util/x.py")) == "../libs/util/x.py"
    assert tree.relative(other) is None
    assert tree.relative(touch(tmp_path, "libs/.venv/bin/a.py")) is None
    place = tree.place(touch(tmp_path, "libs/skip/a.py"))
    assert place is not None
    assert place.excluded
    assert not Tree.of(root, source=(".",), scan=(".", "../libs")).in_source("../libs/util/x.py")


def test_links_in_a_circle_do_not_hang(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    (tmp_path / "self").symlink_to("self/below")
    tree = Tree.of(tmp_path)
    assert tree.relative(str(tmp_path / "one" / "a.py")) in ("one/a.py", "two/a.py")
    assert (tree.relative(str(tmp_path / "self" / "a.py")) or "").endswith("/a.py")


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["a", "b", "c", "a/b", "../a", "b/../c"])), max_size=3),
    st.lists(st.sampled_from("abcx"), min_size=1, max_size=4).map("/".join),
)
def test_links_are_followed_as_the_system_follows_them(
    tmp_path_factory: pytest.TempPathFactory, links: list[tuple[str, str]], path: str
) -> None:
    root = Path(os.path.realpath(tmp_path_factory.mktemp("root")))
    for name in ("a", "b", "c"):
        (root / name / "x").mkdir(parents=True)
    for name, to in links:
        link = root / name / "a"
        if not link.is_symlink():
            link.symlink_to(to)
    try:
        real = (root / path).resolve(strict=True)
    except (OSError, RuntimeError):
        return
    expected = str(real.relative_to(root)).replace(os.sep, "/") if real != root and root in real.parents else None
    assert Tree.of(root).relative(str(root / path)) == expected


@pytest.mark.parametrize("folder", [".venv", "env", "deep/inside/my-env"])
def test_a_virtual_environment_in_the_tree_is_a_library(tmp_path: Path, folder: str) -> None:
    touch(tmp_path, f"{folder}/pyvenv.cfg")
    tree = Tree.of(tmp_path)
    assert tree.place(touch(tmp_path, f"{folder}/bin/activate_this.py")) is None
    assert tree.place(touch(tmp_path, f"{folder}/lib/python3.11/site-packages/x.py")) is None
    assert tree.place(touch(tmp_path, "app/a.py")) is not None


def test_a_virtual_environment_at_the_root_itself_makes_nothing_else_a_library(tmp_path: Path) -> None:
    touch(tmp_path, "pyvenv.cfg")
    tree = Tree.of(tmp_path)
    assert tree.relative(touch(tmp_path, "app/a.py")) == "app/a.py"
    assert tree.relative(touch(tmp_path, "lib/python3.11/site-packages/x.py")) is None


@pytest.mark.parametrize("part", ["site-packages", "dist-packages", ".tox", ".nox", "__pypackages__"])
def test_installed_packages_in_the_tree_are_libraries(tmp_path: Path, part: str) -> None:
    assert Tree.of(tmp_path).relative(touch(tmp_path, f"x/{part}/lib.py")) is None
    assert Tree.of(tmp_path).relative(touch(tmp_path, f"x/my_{part}.py")) is not None


def test_the_standard_library_is_none_of_ours_even_below_the_root() -> None:
    tree = Tree.of(Path(os.path.realpath(os.sep)))
    assert tree.relative(os.__file__) is None
    assert tree.relative(pytest.__file__) is None


def test_a_root_among_the_libraries_still_has_files_of_its_own(tmp_path: Path) -> None:
    site = tmp_path / "site"
    tree = Tree(os.path.realpath(site / "pkg"), libraries=(os.path.join(os.path.realpath(site), ""),))
    assert tree.relative(touch(site, "pkg/a.py")) == "a.py"


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("app/core/tracker.py", "app.core.tracker"),
        ("app/__init__.py", "app"),
        ("src/app/a.py", "app.a"),
        ("libs/core/app/a.py", "app.a"),
        ("libs/b.py", "libs.b"),
        ("a.py", "a"),
        ("a.pyi", "a"),
        ("srcs/a.py", "srcs.a"),
    ],
)
def test_a_module_is_named_from_its_import_root(path: str, module: str) -> None:
    tree = Tree.of(Path("/root"), import_roots=("libs/core", "src", ""))
    assert tree.module(path) == module
