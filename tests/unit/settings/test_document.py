"""A configuration is parsed once for what is written there, and read back as it was."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_ssot_tracker.settings.document import document

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCUMENTS = {
    "nothing": "",
    "text and lists": '[a]\nb = ["x", "ä\\u0001"]\n[[a.c]]\nd = {e = "f", "g.h" = true}\n',
    "numbers": "a = 1\nb = -1.5e300\nc = inf\nd = 9223372036854775808\n",
    "a day": "until = 2026-12-31\n[a]\nuntil = [2026-01-01]\n",
    "a moment": "until = 2026-12-31T10:00:00Z\n",
    "a time": "at = 10:00:00\n",
    "our own sign as a key": 'until = 2026-12-31\n[a]\n"\\u0000" = "2026-01-01"\n',
    "our own sign as a text": 'a = "\\u0000"\n',
}
KEPT = {"nothing", "text and lists", "numbers", "a day"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "kept"
    found.mkdir()
    return found


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("document-*.json"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_read_back_as_it_was_parsed(folder: Path, name: str) -> None:
    data = DOCUMENTS[name].encode()
    first, second = document(data, folder), document(data, folder)
    assert repr(first) == repr(second) == repr(tomllib.loads(DOCUMENTS[name]))
    assert bool(kept(folder)) == (name in KEPT)


def test_what_is_kept_is_not_parsed_again(folder: Path, tmp_path: Path) -> None:
    document(b"a = 1", folder)
    document(b"a = 2", tmp_path)
    kept(tmp_path)[0].replace(kept(folder)[0])  # as nobody would: to tell what was read from what was parsed
    assert document(b"a = 1", folder) == {"a": 2}


def test_what_was_damaged_is_parsed_again(folder: Path) -> None:
    document(b"a = 1", folder)
    (file,) = kept(folder)
    whole = file.read_text()
    for damaged in ("", whole.replace(": 1", ": 2"), whole[:-1], "[]", "\0"):
        file.write_text(damaged)
        assert document(b"a = 1", folder) == {"a": 1}
        assert file.read_text() == whole


def test_another_text_is_another_document(folder: Path) -> None:
    assert [document(data, folder) for data in (b"a = 1", b"a = 2", b"a = 1 ")] == [{"a": 1}, {"a": 2}, {"a": 1}]


def test_nothing_is_made_where_nothing_is_kept_yet(tmp_path: Path) -> None:
    assert document(b"a = 1", tmp_path / "kept") == {"a": 1}
    assert document(b"a = 1", None) == {"a": 1}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("data", [b"a = ", b"\xff = 1", b"a = 1\na = 2"])
def test_what_is_no_toml_is_refused_each_time(folder: Path, data: bytes) -> None:
    for _ in range(2):
        with pytest.raises((UnicodeDecodeError, tomllib.TOMLDecodeError)):
            document(data, folder)
    assert kept(folder) == []
