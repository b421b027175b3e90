"""Test that the command line tool reads pytest's configuration as pytest does, without pytest."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Phase
from pytest_ssot_tracker.settings import ConfigurationError
from pytest_ssot_tracker.settings.options import read
from pytest_ssot_tracker.settings.pytest_ini import PytestIni

FILES = {
    "pytest.ini": "[pytest]\ntestpaths = tests more\nssot_phase = ratchet\n",
    ".pytest.ini": "[pytest]\ntestpaths = tests more\nssot_phase = ratchet\n",
    "tox.ini": "[pytest]\ntestpaths = tests more\nssot_phase = ratchet\n",
    "setup.cfg": "[tool:pytest]\ntestpaths = tests more\nssot_phase = ratchet\n",
    "pyproject.toml": "[tool.pytest.ini_options]\ntestpaths = ['tests', 'more']\nssot_phase = 'ratchet'\n",
    "pytest.toml": "[pytest]\ntestpaths = ['tests', 'more']\nssot_phase = 'ratchet'\n",
}


@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FILES[name])
    ini = PytestIni.find(tmp_path)
    assert ini.rootpath == tmp_path
    assert ini.words("testpaths") == ["tests", "more"]
    assert read(ini).phase is Phase.RATCHET


def test_the_nearest_file_above_makes_the_root(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(FILES["pytest.ini"])
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert PytestIni.find(below).rootpath == tmp_path
    assert PytestIni.find(below, root=below).rootpath == below


def test_a_file_that_is_not_about_pytest_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(FILES["pytest.ini"])
    below = tmp_path / "a"
    below.mkdir()
    (below / "tox.ini").write_text("[tox]\nenvlist = py\n")
    (below / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert PytestIni.find(below).rootpath == tmp_path


def test_our_own_file_makes_a_root_too(tmp_path: Path) -> None:
    below = tmp_path / "a"
    below.mkdir()
    (tmp_path / "ssot_tracker.toml").write_text("phase = 'ratchet'\n")
    assert PytestIni.find(below).rootpath == tmp_path


def test_addopts_are_heard_and_what_is_given_wins(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = -q -n 2 --ssot-phase=ratchet -k 'a or b' --no-ssot-scan\n"
    )
    options = read(PytestIni.find(tmp_path))
    assert (options.phase, options.scan) == (Phase.RATCHET, False)
    assert read(PytestIni.find(tmp_path, given={"ssot_phase": "baseline"})).phase is Phase.BASELINE


def test_paths_are_relative_to_where_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nssot_baseline = known.json\n")
    here = tmp_path / "a"
    here.mkdir()
    assert read(PytestIni.find(here)).baseline == tmp_path / "known.json"
    assert read(PytestIni.find(here, given={"ssot_baseline": "mine.json"})).baseline == here / "mine.json"


def test_a_broken_file_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("no section\n")
    with pytest.raises(ConfigurationError, match=r"pytest\.ini: the file cannot be read: .*; correct it"):
        PytestIni.find(tmp_path)
