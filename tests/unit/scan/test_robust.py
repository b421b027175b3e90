"""No tree and no file can make a scan raise, and a site keeps its identity while code moves around it."""

from __future__ import annotations

import ast
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.scan.learning import TextParser, learn
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


class Counting(TextParser):
    """A parser that counts of which files a tree was made."""

    def __init__(self) -> None:
        super().__init__()
        self.trees: Counter[str] = Counter()

    def tree(self, text: str, path: str) -> ast.Module:
        """Return the syntax tree of a file's text."""
        self.trees[path] += 1
        return super().tree(text, path)


def test_a_tree_is_made_once_of_what_holds_a_word_and_the_rest_is_made_sure_of(scanned: Scan) -> None:
    parser = Counting()
    files = {**SHOP, "bad.py": "def broken(:\n", "free.py": "x = 1\n", "app.py": CODE}
    result = scanned(files, deprecated=["shop.old:Tracker"], options={"whole": False, "parser": parser})
    assert found(result, "app.py") == [f"{USE} 2"]
    assert found(result, "bad.py") == [f"{BAD} syntax 1"]
    assert (parser.trees["app.py"], parser.trees["free.py"]) == (1, 0)


def test_what_was_parsed_is_not_parsed_to_see_whether_it_can_be() -> None:
    parser = Counting()
    scopeless = "nonlocal a\n"  # of the grammar, and no program: to see that, a tree must be made
    for _ in range(2):
        parser.check(scopeless, "a.py")
        with pytest.raises(SyntaxError):
            parser.check("def broken(:\n", "b.py")
    assert parser.trees == {"a.py": 1, "b.py": 2}


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
    files = {**SHOP, "app.py": CODE, "env/a.py": CODE, "skip/me.py": CODE, "deep/space/a.py": CODE, "b.txt": CODE}
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
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    aged(monkeypatch)
    folder = tmp_path / ".ssot_cache"
    cold = scan(configured, cache_dir=folder)
    assert (folder / ".gitignore").read_text() == "*\n"
    monkeypatch.setattr("pytest_ssot_tracker.scan.scanning.learn", None)
    warm = scan(configured, cache_dir=folder)
    assert (list(warm.sites), warm.exempt, warm.allows) == (list(cold.sites), cold.exempt, cold.allows)
    assert found(warm, "app.py") == ["deprecated-import shop.old:Tracker 1", f"{USE} 2"]


def overwritten(file: Path, text: str) -> None:
    """Write into the file that is there, and put its times back."""
    before = os.stat(file)
    with file.open("r+") as stream:
        stream.write(text)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (os.stat(file).st_size, os.stat(file).st_ino) == (before.st_size, before.st_ino)


def renamed_over(file: Path, text: str) -> None:
    """Put another file with the same times in its place."""
    before = os.stat(file)
    other = file.with_name("other")
    other.write_text(text)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(file)


def copied_with_its_times(file: Path, text: str) -> None:
    """Take the file out of a copy of the tree that has kept its times."""
    overwritten(file, text)
    shutil.copytree(file.parent, file.parent / "copy", copy_function=shutil.copy2)
    shutil.copy2(file.parent / "copy" / file.name, file)
    shutil.rmtree(file.parent / "copy")


@pytest.mark.parametrize("change", [overwritten, renamed_over, copied_with_its_times])
@pytest.mark.parametrize("old", [False, True], ids=["at once", "later"])
def test_a_changed_file_is_read_again_even_with_its_old_size_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path, str], None], old: bool
) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE.replace("Tracker", "Trucker")})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    folder = tmp_path / ".ssot_cache"
    if old:
        aged(monkeypatch)
    assert found(scan(configured, cache_dir=folder), "app.py") == []
    change(tmp_path / "app.py", CODE)
    assert found(scan(configured, cache_dir=folder), "app.py") == [f"{USE} 2"]


def test_a_clock_that_was_ahead_hides_no_later_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE.replace("Tracker", "Trucker")})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    folder = tmp_path / ".ssot_cache"
    year = 365 * 24 * 3600 * 10**9
    monkeypatch.setattr("pytest_ssot_tracker.scan.cache.time.time_ns", lambda now=time.time_ns: now() + year)
    assert found(scan(configured, cache_dir=folder), "app.py") == []
    monkeypatch.undo()
    (state,) = folder.glob("scan-*.json")
    data = json.loads(state.read_bytes())
    overwritten(tmp_path / "app.py", CODE)
    info = os.stat(tmp_path / "app.py")
    # What a change within the same tick of the clock leaves behind: everything but the content as it was.
    data["files"]["app.py"][:4] = [info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino]
    state.write_text(json.dumps(data))
    assert data["began"] > time.time_ns() + year // 2
    for answer in folder.glob("answer-*"):
        answer.unlink()
    assert found(scan(configured, cache_dir=folder), "app.py") == [f"{USE} 2"]


def aged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file be old enough for the clock to tell what changed since."""
    monkeypatch.setattr("pytest_ssot_tracker.kept.RACY", 0)
    time.sleep(0.05)  # a few ticks of the clock of any file system


def answered(configured: Settings, monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> bool:
    """Scan, write files anew (`None`: remove), and tell whether a second scan was answered from what was kept."""
    tmp_path = configured.root
    aged(monkeypatch)
    folder = tmp_path / ".ssot_cache"
    scan(configured, cache_dir=folder)
    for name, content in changes.items():
        path = tmp_path / name
        path.unlink() if content is None else write(tmp_path, {name: content})
    expected = scan(configured).sites
    asked: list[object] = []
    monkeypatch.setattr("pytest_ssot_tracker.scan.scanning.SiteFinder.find", lambda *more: asked.append(more))
    again = scan(configured, cache_dir=folder)
    assert asked or list(again.sites) == list(expected)
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
def test_a_spoilt_answer_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: bytes) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    aged(monkeypatch)
    scan(configured, cache_dir=tmp_path / ".ssot_cache")
    (file,) = (tmp_path / ".ssot_cache").glob("answer-*")
    kept = file.read_bytes()
    file.write_bytes(spoilt)
    assert found(scan(configured, cache_dir=tmp_path / ".ssot_cache"), "app.py") == [f"{USE} 2"]
    assert what_was_found(file.read_bytes()) == what_was_found(kept)


def what_was_found(kept: bytes) -> object:
    return json.loads(kept.partition(b"\n")[2])["found"]


def test_an_answer_that_lost_a_letter_of_a_site_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {**SHOP, "app.py": CODE})
    configured = settings_of(tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}})
    aged(monkeypatch)
    scan(configured, cache_dir=tmp_path / ".ssot_cache")
    (file,) = (tmp_path / ".ssot_cache").glob("answer-*")
    kept = file.read_bytes()
    file.write_bytes(kept.replace(b"deprecated-use", b"deprecated-us"))
    assert found(scan(configured, cache_dir=tmp_path / ".ssot_cache"), "app.py") == [f"{USE} 2"]


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


# --- How a file is written

ODD = "from shop import old\nold.Tracker()\n"


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    "content",
    [
        b"# coding: utf-7\n" + ODD.replace("T", "+AFQ-").replace("o", "+AG8-").encode(),
        b"\n# -*- coding: utf_7 -*-\n" + ODD.replace("old", "+AG8-ld").encode(),
        b"#" + b"x" * 500 + b"\n# vim: set fileencoding=utf-7 :\n" + ODD.replace("Tr", "+AFQ-r").encode(),
        b"# coding: latin-1\n# \xe9\xff\n" + ODD.encode(),
        b"\xef\xbb\xbf" + ODD.encode(),
        b"\xef\xbb\xbf# coding: utf-8\n" + ODD.encode(),
        "# coding: cp1252\nx = '\u20ac'\n".encode("cp1252") + ODD.encode(),
        "# coding: shift_jis\nx = '\u65e5\u672c'\n".encode("shift_jis") + ODD.encode(),
        ODD.replace("old", "\uff4fld").encode(),
        ODD.replace("Tracker", "\uff34rac\uff4ber").encode(),
        ODD.replace("shop", "\u017fhop").encode(),
        ODD.replace("T", "\U0001d413").encode(),
    ],
)
def test_a_name_is_found_however_it_is_encoded_and_whatever_letters_stand_for_it(
    scanned: Scan, content: bytes, whole: bool
) -> None:
    compile(content, "app.py", "exec")
    result = scanned({**SHOP, "app.py": content}, deprecated=["shop.old:Tracker"], options={"whole": whole})
    assert [one.split()[:2] for one in found(result)] == [USE.split()]


@pytest.mark.parametrize("whole", [True, False])
def test_names_beyond_ascii_are_compared_in_their_normal_form(scanned: Scan, whole: bool) -> None:
    decomposed, composed = "Gro\u0308\u00dfe", "Gr\u00f6\u00dfe"
    files = {
        "shop/__init__.py": "",
        "shop/old.py": f"class {composed}: pass\n",
        "app.py": f"from shop import old\nold.{decomposed}()\n",
        "latin.py": f"# coding: latin-1\nfrom shop import old\nold.{composed}()\n".encode("latin-1"),
    }
    result = scanned(files, deprecated=[f"shop.old:{decomposed}"], options={"whole": whole})
    assert found(result) == [f"deprecated-use shop.old:{composed} 2", f"deprecated-use shop.old:{composed} 3"]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("content", "target"),
    [
        (b"# coding: rot13\nvzcbeg byq\n", "encoding"),
        (b"# coding: utf-8\nx = '\xff'\n", "encoding"),
        (b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "encoding"),
        ("import old\n".encode("utf-16"), "encoding"),
        ("import old\n".encode("utf-32"), "encoding"),
        (b"import old\0\n", "syntax"),
        (b"x = (" + b"(" * 300 + b")" * 300 + b")\n", "syntax"),
    ],
)
def test_what_python_cannot_decode_or_parse_is_named_in_trees_of_any_size(
    scanned: Scan, content: bytes, target: str, whole: bool
) -> None:
    files = {**SHOP, "bad.py": content, "harmless.py": content.replace(b"old", b"new"), "app.py": CODE}
    result = scanned(files, deprecated=["shop.old:Tracker"], options={"whole": whole})
    assert found(result) == [f"{USE} 2", *(f"{BAD} {target} {one.line}" for one in result.sites[1:])]
    assert [one.path for one in result.sites] == ["app.py", "bad.py", "harmless.py"]


@pytest.mark.parametrize("whole", [True, False])
def test_a_file_in_which_only_a_part_could_matter_is_parsed_to_its_end(scanned: Scan, whole: bool) -> None:
    files = {**SHOP, "bad.py": CODE + "\n\ndef f():\n    x = 1\n    return (x\n\n\ny = 1\n"}
    result = scanned(files, deprecated=["shop.old:Tracker"], options={"whole": whole})
    assert [one.split()[:2] for one in found(result)] == [[BAD, "syntax"]]


def test_a_large_file_elsewhere_changes_nothing_of_what_is_unreadable(scanned: Scan) -> None:
    files = {**SHOP, "bad.py": "def f(:\n", "large.py": "x = 1\n" * 300_000}
    assert found(scanned(files, deprecated=["shop.old:Tracker"])) == [f"{BAD} syntax 1"]


# --- Links and folders


def test_what_a_link_leads_to_is_read_where_nothing_else_would_read_it(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"beside/pkg/a.py": CODE, "beside/b.py": CODE, "beside/b.txt": CODE})
    write(root, {**SHOP, "app/own.py": "", "more/c.py": CODE})
    (root / "app" / "linked").symlink_to(tmp_path / "beside" / "pkg", target_is_directory=True)
    (root / "app" / "again").symlink_to(tmp_path / "beside", target_is_directory=True)
    (root / "app" / "b.py").symlink_to(tmp_path / "beside" / "b.py")
    (root / "app" / "c.py").symlink_to("../more/c.py")
    (root / "app" / "own_link.py").symlink_to("own.py")
    (root / "app" / "around").symlink_to(root, target_is_directory=True)
    (root / "app" / "up").symlink_to("..", target_is_directory=True)
    (tmp_path / "beside" / "back").symlink_to(root / "app", target_is_directory=True)
    (tmp_path / "beside" / "circle").symlink_to(tmp_path / "beside", target_is_directory=True)
    configured = settings_of(root, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}}, source=["app", "shop"])
    paths = sorted({one.path for one in scan(configured).sites})
    assert paths[-1] == "app/c.py" or "app/c.py" in paths
    assert {"app/b.py", "app/c.py"} <= set(paths)
    assert "app/linked/a.py" in paths or "app/again/pkg/a.py" in paths
    assert not [path for path in paths if path.count("/") > 3]


def test_a_link_that_leads_nowhere_or_in_a_circle_is_named(scanned: Scan, tmp_path: Path) -> None:
    for name, target in (("nowhere.py", "gone.py"), ("circle.py", "circle.py"), (".#lock.py", "me@here.123")):
        (tmp_path / name).symlink_to(target)
    (tmp_path / "data").symlink_to("gone")
    result = scanned(SHOP, deprecated=["shop.old:Tracker"])
    assert {one.path: (one.target, one.text) for one in result.sites} == {
        "nowhere.py": ("link", "the file is a link that leads nowhere"),
        "circle.py": ("link", "the file is a link that leads in a circle"),
    }


def test_a_build_of_the_project_is_no_second_project(scanned: Scan) -> None:
    files = {**SHOP, "app.py": CODE, "build/lib/app.py": CODE, "build/lib/stale.py": CODE, "build/tool.py": CODE}
    result = scanned(files, deprecated=["shop.old:Tracker"])
    assert [one.path for one in result.sites] == ["app.py", "build/lib/stale.py", "build/tool.py"]


def test_code_beside_the_root_is_scanned_where_it_is_declared(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(
        tmp_path, {"libs/util/a.py": CODE, "libs/util/b.py": "from util.a import old\nold.Tracker()\n", "x/a.py": CODE}
    )
    write(root, SHOP)
    configured = settings_of(
        root, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}}, source=[".", "../libs", "../*/none"]
    )
    result = scan(configured)
    assert [one.where for one in result.sites] == ["../libs/util/a.py:2", "../libs/util/b.py:2"]
    assert result.covers("../libs/util/gone.py")
    assert not result.covers("../x/a.py")
    assert [one.where for one in scan(configured, paths=["../libs/util/b.py"]).sites] == ["../libs/util/b.py:2"]
    assert scan(configured, paths=["../x"]).sites == ()


def test_scripts_are_read_that_say_so_or_are_declared(tmp_path: Path) -> None:
    first = {"env": "#!/usr/bin/env python3", "abs": "#!/usr/bin/python", "opt": "#!/usr/bin/env -S python3.12 -u"}
    write(tmp_path, {**SHOP, **{f"bin/{name}": f"{line}\n{CODE}" for name, line in first.items()}})
    write(tmp_path, {"bin/sh": f"#!/bin/sh\n{CODE}", "bin/plain": CODE, "tools/run.cgi": CODE, "gui.pyw": CODE})
    configured = settings_of(
        tmp_path, {"ssot.shop": {"deprecated": ["shop.old:Tracker"]}}, source=["."], scan=[".", "tools/run.cgi"]
    )
    result = scan(configured)
    assert sorted(one.path for one in result.sites) == ["bin/abs", "bin/env", "bin/opt", "gui.pyw", "tools/run.cgi"]
    assert result.covers("bin/env")
    assert result.covers("bin/gone")
    assert not result.covers("bin/sh")


@pytest.mark.parametrize(
    "text",
    [
        "    x = Tracker()\n",
        "    x_{} = Tracker()\n",
        "    Tracker()  # ssot: allow[deprecated-use] it is to go\n",
    ],
    ids=["equal", "distinct", "allowed"],
)
def test_many_uses_in_one_function_take_no_longer_than_in_many(scanned: Scan, text: str) -> None:
    """Told by orders of magnitude: looking through all that stand before took a hundred times as long."""
    count = 3000
    uses = [text.format(number) for number in range(count)]
    apart = "".join(f"def f{number}():\n{use}" for number, use in enumerate(uses))
    spent = []
    for body in (f"def f():\n{''.join(uses)}", apart):
        began = time.thread_time()
        result = scanned({**SHOP, "app.py": f"from shop.old import Tracker\n{body}"}, deprecated=["shop.old:Tracker"])
        spent.append(time.thread_time() - began)
        assert len(found(result, "app.py")) == count + 1
    assert spent[0] < 3 * spent[1]
