"""No tree and no file can make a scan raise, and a site keeps its identity while code moves around it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.scan.learning import learn
from pytest_ssot_tracker.scan.needles import Words
from pytest_ssot_tracker.scan.walk import Walk
from pytest_ssot_tracker.settings import Settings

from .conftest import SHOP, Scan, found, settings_of, write

USE = "deprecated-use shop.old:Tracker"
CODE = "from shop import old\nold.Tracker()\n"
BAD = "unreadable-source"


@pytest.mark.parametrize(
    ("content", "target"),
    [
        (b"def broken(:\n", "syntax"),
        (b"x = '\xff'\n", "encoding"),
        (b"# coding: nowhere\nx = 1\n", "encoding"),
        (b"x = 1\0\n", "syntax"),
        (b"print 'hello'\n", "python<3"),
        (b"(" * 5000, "syntax"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_site_and_the_rest_goes_on(scanned: Scan, content: bytes, target: str) -> None:
    result = scanned({**SHOP, "bad.py": content, "app.py": CODE}, deprecated=["shop.old:Tracker"])
    assert found(result, "app.py") == [f"{USE} 2"]
    (site,) = (one for one in result.sites if one.path == "bad.py")
    assert (site.rule, site.ssot) == (Rule.UNREADABLE_SOURCE, "")
    assert site.target == target or content.startswith(b"(")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
def test_a_file_that_needs_a_newer_python_says_which(scanned: Scan) -> None:
    files = {**SHOP, "new.py": "x = f'{d['a']}'\n", "newer.py": "type X = int\n"}
    result = scanned(files, deprecated=["shop.old:Tracker"])
    assert found(result) == [f"{BAD} python>=3.12 1", f"{BAD} python>=3.12 1"]
    assert {one.text for one in result.sites} == {"the file needs Python 3.12 or newer"}


@pytest.mark.parametrize(
    "deep",
    [
        "x = " + " + ".join("1" * 2000),
        "x = a" + ".b()" * 800,
        "if a == 0: pass\n" + "".join(f"elif a == {number}: pass\n" for number in range(1200)),
    ],
    ids=["sum", "calls", "elif"],
)
@pytest.mark.parametrize("whole", [True, False])
def test_what_python_reads_is_read_however_deep_it_is(scanned: Scan, deep: str, whole: bool) -> None:
    limit = sys.getrecursionlimit()
    code = f"from shop import old\n{deep}\nold.Tracker()\n"
    result = scanned({**SHOP, "app.py": code}, deprecated=["shop.old:Tracker"], options={"whole": whole})
    assert found(result) == [f"{USE} {code.count(chr(10))}"]
    assert sys.getrecursionlimit() == limit


def test_a_large_tree_still_names_files_that_matter_and_cannot_be_read(scanned: Scan) -> None:
    files = {**SHOP, "bad.py": "from shop import old\nold.Tracker(\n", "bytes.py": b"x = '\xff'\n"}
    result = scanned(files, deprecated=["shop.old:Tracker"], options={"whole": False})
    assert found(result) == [f"{BAD} syntax 2", f"{BAD} encoding 1"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"\xef\xbb\xbf" + CODE.encode(), b"# -*- coding: latin-1 -*-\n# \xe9\n" + CODE.encode()],
)
def test_empty_marked_and_encoded_files_are_read(scanned: Scan, content: bytes) -> None:
    result = scanned({**SHOP, "app.py": content}, deprecated=["shop.old:Tracker"])
    assert [one.split()[0] for one in found(result, "app.py")] == (["deprecated-use"] if b"old" in content else [])


def test_a_file_without_permission_is_a_site(scanned: Scan, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": CODE, "closed/x.py": CODE})
    (tmp_path / "app.py").chmod(0)
    if os.access(tmp_path / "app.py", os.R_OK):
        pytest.skip("this user may read everything")
    assert found(scanned(SHOP, deprecated=["shop.old:Tracker"]), "app.py") == [f"{BAD} permission 1"]


def test_a_folder_that_is_gone_holds_no_sites_and_leaves_the_scan_complete(tmp_path: Path) -> None:
    write(tmp_path, {"app/a.py": "import old\n"})
    settings = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["old"]}}, scan=["app", "scripts"])
    result = scan(settings)
    assert result.notes == ()
    assert found(result) == ["deprecated-import old 1"]
    assert result.covers("scripts/run.py")


def test_a_folder_that_may_not_be_read_leaves_the_scan_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"app/a.py": ""})
    settings = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["old"]}}, scan=["app"])

    def refused(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("os.scandir", refused)
    assert scan(settings).notes == ("app/: the folder cannot be read (Permission denied); it was not scanned",)


def test_a_file_that_goes_while_the_tree_is_read_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE, "gone.py": CODE})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    seen = Walk(configured.tree).entries()
    monkeypatch.setattr(Walk, "entries", lambda self: seen)
    (tmp_path / "gone.py").unlink()
    assert found(scan(configured), "app.py") == [f"{USE} 2"]


def test_links_virtual_environments_and_excluded_paths_are_left_out(scanned: Scan, tmp_path: Path) -> None:
    write(tmp_path, {"env/pyvenv.cfg": "", "node_modules/a.py": CODE, "lib/site-packages/a.py": CODE})
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "link.py").symlink_to(tmp_path / "app.py")
    files = {**SHOP, "app.py": CODE, "env/a.py": CODE, "skip/me.py": CODE, "deep/space/a.py": CODE, "b.ipynb": CODE}
    result = scanned(files, deprecated=["shop.old:Tracker"], top={"exclude": ["**/me.py"]})
    assert {one.path for one in result.sites} == {"app.py", "deep/space/a.py"}
    assert not result.covers("skip/me.py")
    assert not result.covers("env/a.py")
    assert result.covers("app.py")
    assert result.covers("gone.py")


def test_paths_narrow_what_is_looked_at_not_what_names_mean(scanned: Scan, tmp_path: Path) -> None:
    files = {
        **SHOP,
        "face.py": "from shop.old import Tracker\n",
        "a/app.py": "import face\nface.Tracker()\n",
        "b/c.py": CODE,
    }
    result = scanned(files, deprecated=["shop.old:Tracker"], options={"paths": ["a"]})
    assert [one.where for one in result.sites] == ["a/app.py:2"]
    assert result.covers("a/x.py")
    assert not result.covers("b/c.py")


def test_whether_a_statement_still_stands_is_known(scanned: Scan, tmp_path: Path) -> None:
    result = scanned({**SHOP, "app.py": CODE + "old.Tracker()\n"}, deprecated=["shop.old:Tracker"])
    first, second = result.sites
    (tmp_path / "app.py").write_text(CODE)
    assert result.stands(first)
    assert not result.stands(second)
    (tmp_path / "app.py").unlink()
    assert not result.stands(first)


WORDS = Words(frozenset({"uuid4", "old", "time"}), clock=True, instances=True)


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_reading_raise(data: bytes) -> None:
    for whole in (False, True):
        learn("a.py", "a", data, WORDS, clock=True, whole=whole)


KEYWORDS = (
    *("if", "else", "for", "in", "def", "class", "return", "lambda", "import", "from", "as", "try", "except", "with"),
    *("global", "del", "await", "async", "match", "case", "pass", "yield"),
)
MARKS = ("=", "(", ")", "[", "]", "{", "}", ":", ",", ".", "*", "**", "+", "%", "@", "->", ":=", "\n", "\n\n", "    ")
TOKENS = st.sampled_from(
    (*KEYWORDS, *MARKS, "uuid4", "old", "time", "f", "x", "1", "'a'", "f'{x}_{time.time()}'", "super().f")
)


@given(st.lists(TOKENS, max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_heap_of_tokens_makes_reading_raise(tokens: list[str]) -> None:
    for whole in (False, True):
        learn("a.py", "a", " ".join(tokens).encode(), WORDS, clock=True, whole=whole)


FILLING = st.lists(st.sampled_from(["", "# a comment", "   ", "    # old.Tracker()"]), max_size=4)


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_site_keeps_its_identity_among_blank_lines_comments_and_moved_functions(
    data: st.DataObject, tmp_path: Path
) -> None:
    functions = [f"def f{number}():\n    x = 1\n    old.Tracker({number})\n    old.Tracker(0)\n" for number in range(3)]
    moved = data.draw(st.permutations(functions))
    lines = ["from shop import old"]
    for function in moved:
        for line in function.splitlines():
            lines += [*data.draw(FILLING), line]
    write(tmp_path, {**SHOP, "app.py": "from shop import old\n" + "".join(functions)})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    before = {one.id for one in scan(configured).sites}
    (tmp_path / "app.py").write_text("\n".join(lines) + "\n")
    assert {one.id for one in scan(configured, whole=data.draw(st.booleans())).sites} == before
    assert len(before) == 6


def test_progress_is_told(scanned: Scan) -> None:
    told: list[tuple[int, int]] = []
    scanned({**SHOP}, deprecated=["shop.old"], options={"progress": lambda done, files: told.append((done, files))})
    assert told[-1] == (2, 2)


# --- The cache


def test_a_warm_scan_finds_the_same_without_reading(
    scanned: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {**SHOP, "face.py": "from shop.old import Tracker as T\n", "app.py": "from face import T\nT()\n"}
    write(tmp_path, files)
    for path in tmp_path.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    folder = tmp_path / ".ssot_cache"
    cold = scan(configured, cache_dir=folder)
    assert (folder / ".gitignore").read_text() == "*\n"
    monkeypatch.setattr("pytest_ssot_tracker.scan.scanning.learn", None)
    warm = scan(configured, cache_dir=folder)
    assert (warm.sites, warm.exempt, warm.allows) == (cold.sites, cold.exempt, cold.allows)
    assert found(warm, "app.py") == ["deprecated-import shop.old:Tracker 1", f"{USE} 2"]


def test_a_changed_file_is_read_again_even_with_its_old_size_and_time(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    folder = tmp_path / ".ssot_cache"
    scan(configured, cache_dir=folder)
    before = os.stat(tmp_path / "app.py")
    (tmp_path / "app.py").write_text(CODE.replace("Tracker", "Trucker"))
    os.utime(tmp_path / "app.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert found(scan(configured, cache_dir=folder), "app.py") == []


def aged(tmp_path: Path) -> None:
    """Let every file be old enough for the clock to tell what changed since."""
    for path in [*tmp_path.rglob("*.py"), *tmp_path.glob("*.toml")]:
        os.utime(path, (1_000_000_000, 1_000_000_000))


def answered(configured: Settings, monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> bool:
    """Scan, write files anew (`None`: remove), and tell whether a second scan was answered from what was kept."""
    tmp_path = configured.root
    aged(tmp_path)
    folder = tmp_path / ".ssot_cache"
    scan(configured, cache_dir=folder)
    for name, content in changes.items():
        path = tmp_path / name
        path.unlink() if content is None else write(tmp_path, {name: content})
        if content is not None:
            os.utime(path, (1_000_000_001, 1_000_000_001))
    expected = scan(configured).sites
    asked: list[object] = []
    monkeypatch.setattr("pytest_ssot_tracker.scan.scanning.Finder.find", lambda *more: asked.append(more))
    again = scan(configured, cache_dir=folder)
    assert asked or again.sites == expected
    return not asked


def test_an_unchanged_tree_is_answered_from_what_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE + "import logging\nprint(logging.CRITICAL)\n"})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker", "logging:CRITICAL"]}})
    assert answered(configured, monkeypatch)


@pytest.mark.parametrize(
    "changes",
    [
        {"app.py": "pass\n"},
        {"app.py": None},
        {"new.py": "from shop import old\n"},
        {"lib/face.py": "Tracker = 1\n"},
        {"lib/face.py": None},
        {"shop/old/__init__.py": "class Tracker: pass\n"},
        {"pyproject.toml": '[project.scripts]\nx = "shop.old:Tracker"\n'},
    ],
    ids=["changed", "removed", "added", "read beyond", "gone beyond", "found elsewhere", "entry points"],
)
def test_a_kept_answer_is_void_once_anything_it_rests_on_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None]
) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE + "from lib.face import Tracker as T\nT()\n"})
    write(tmp_path, {"lib/face.py": "from shop.old import Tracker\n", "lib/__init__.py": ""})
    tables = {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}}
    configured = settings_of(tmp_path, tables, scan=["app.py", "new.py", "shop"])
    assert not answered(configured, monkeypatch, **changes)


def test_an_answer_about_files_just_written_is_not_kept(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    scan(configured, cache_dir=tmp_path / ".ssot_cache")
    assert not list((tmp_path / ".ssot_cache").glob("answer-*"))


@pytest.mark.parametrize("spoilt", [b"", b"{", b"[]", b"\xff", b'{"seen": 1}'])
def test_a_spoilt_answer_is_made_anew(tmp_path: Path, spoilt: bytes) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    aged(tmp_path)
    scan(configured, cache_dir=tmp_path / ".ssot_cache")
    (file,) = (tmp_path / ".ssot_cache").glob("answer-*")
    kept = file.read_bytes()
    file.write_bytes(spoilt)
    assert found(scan(configured, cache_dir=tmp_path / ".ssot_cache"), "app.py") == [f"{USE} 2"]
    assert json.loads(file.read_bytes())["found"] == json.loads(kept)["found"]


def test_another_configuration_is_another_cache(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE + "old.get_tracker()\n"})
    folder = tmp_path / ".ssot_cache"
    for name, line in (("Tracker", 2), ("get_tracker", 3)):
        configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": [f"shop.old:{name}"]}})
        assert found(scan(configured, cache_dir=folder), "app.py") == [f"deprecated-use shop.old:{name} {line}"]


@pytest.mark.parametrize(
    "spoilt", [b"", b"{", b"[]", b"\xff", b'{"format": 2, "files": 3, "layers": {}, "written": 1}']
)
def test_a_spoilt_cache_is_made_anew(tmp_path: Path, spoilt: bytes) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    folder = tmp_path / ".ssot_cache"
    scan(configured, cache_dir=folder)
    (file,) = folder.glob("scan-*.json")
    file.write_bytes(spoilt)
    assert found(scan(configured, cache_dir=folder), "app.py") == [f"{USE} 2"]
    assert json.loads(file.read_bytes())["files"]


def test_facts_of_another_shape_are_learned_anew(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    folder = tmp_path / ".ssot_cache"
    scan(configured, cache_dir=folder)
    (file,) = folder.glob("scan-*.json")
    kept = json.loads(file.read_bytes())
    for layer in kept["layers"].values():
        for one in layer.values():
            one[1] = one[1] and [1, 2]
    file.write_text(json.dumps(kept))
    assert found(scan(configured, cache_dir=folder), "app.py") == [f"{USE} 2"]


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE, "file": "no folder"})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    assert found(scan(configured, cache_dir=tmp_path / "file"), "app.py") == [f"{USE} 2"]


def test_the_cache_does_not_grow_with_configurations(tmp_path: Path) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE})
    folder = tmp_path / ".ssot_cache"
    for number in range(8):
        configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": [f"shop.old:T{number}"]}})
        scan(configured, cache_dir=folder)
    assert len(list(folder.glob("scan-*"))) <= 4
