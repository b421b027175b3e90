from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_ssot_tracker.detect.record.remembered import Remembered, RememberedStatement
from pytest_ssot_tracker.model import squeeze

TEXT = "thing = make( 1)\udcff"
SPOT = RememberedStatement(3, "Thing.make", TEXT, 2, squeeze(TEXT))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file that is old enough for the clock to tell what changes later."""
    monkeypatch.setattr("pytest_ssot_tracker.kept.RACY", -(10**10))
    path = tmp_path / "use.py"
    path.write_text("pass\n")
    return path


def learned(file: Path, spot: RememberedStatement = SPOT, *, line: int = 3, column: int | None = 4) -> Remembered:
    """Return what remembers a place after a run that was asked about it, and found the spot there."""
    remembered = Remembered(file.parent / "kept")
    assert remembered.at(str(file), line, column) is None
    remembered.note(str(file), line, column, spot)
    remembered.save()
    return Remembered(file.parent / "kept")


def test_a_place_is_known_to_the_next_run(file: Path) -> None:
    remembered = learned(file)
    assert remembered.at(str(file), 3, 4) == SPOT
    assert remembered.at(str(file), 3, 5) is None
    assert remembered.at(str(file.parent / "other.py"), 3, 4) is None


def test_a_place_is_found_by_where_it_stands_in_the_text_not_by_the_line_that_is_shown(file: Path) -> None:
    assert learned(file, line=30, column=None).at(str(file), 30, None) == SPOT


def test_places_of_two_runs_are_both_kept(file: Path) -> None:
    second = learned(file)
    other = file.with_name("other.py")
    other.write_text("pass\n")
    assert second.at(str(other), 1, 0) is None
    second.note(str(other), 1, 0, SPOT)
    assert second.at(str(file), 8, 0) is None
    second.note(str(file), 8, 0, SPOT)
    second.save()
    third = Remembered(file.parent / "kept")
    assert [
        third.at(str(path), line, column) for path, line, column in ((file, 3, 4), (other, 1, 0), (file, 8, 0))
    ] == [SPOT] * 3


def test_nothing_is_known_of_a_file_that_has_changed(file: Path) -> None:
    remembered = learned(file)
    info = file.stat()
    file.write_text("1234\n")
    os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert remembered.at(str(file), 3, 4) is None


def test_what_is_noted_of_a_file_that_changes_meanwhile_is_not_kept(file: Path) -> None:
    remembered = Remembered(file.parent / "kept")
    assert remembered.at(str(file), 3, 4) is None
    file.write_text("longer than before\n")
    remembered.note(str(file), 3, 4, SPOT)
    remembered.save()
    assert Remembered(file.parent / "kept").at(str(file), 3, 4) is None


def test_nothing_is_kept_of_a_file_just_written(tmp_path: Path) -> None:
    file = tmp_path / "use.py"
    file.write_text("pass\n")
    assert learned(file).at(str(file), 3, 4) is None
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("spoilt", [b"", b"{", b"\xff", b"abc\n{}"])
def test_what_was_kept_and_is_spoilt_is_as_nothing(file: Path, spoilt: bytes) -> None:
    learned(file)
    (kept,) = (file.parent / "kept").glob("places-*")
    kept.write_bytes(spoilt)
    assert learned(file).at(str(file), 3, 4) == SPOT


def test_a_folder_that_cannot_be_written_is_left(file: Path) -> None:
    (file.parent / "kept").write_text("a file")
    assert learned(file).at(str(file), 3, 4) is None
