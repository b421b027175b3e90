"""A session puts together what a project is judged by, for pytest and for the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_ssot_tracker.detect.record.sites import Sites
from pytest_ssot_tracker.judge.baseline import Baseline
from pytest_ssot_tracker.model import Status
from pytest_ssot_tracker.report import Gathered
from pytest_ssot_tracker.session import Session, SessionError, loading
from pytest_ssot_tracker.settings import Settings, load

CONFIGURATION = """
[tool.ssot_tracker]
phase  = "ratchet"
source = ["shop"]

[tool.ssot_tracker.ssot.orders]
deprecated = ["shop.old"]
"""
USER = "def total():\n    import shop.old\n    return shop.old\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "shop").mkdir()
    (tmp_path / "pyproject.toml").write_text(CONFIGURATION)
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "old.py").touch()
    (tmp_path / "shop" / "user.py").write_text(USER)
    return load(tmp_path)


def session(settings: Settings, since: str | None = None) -> Session:
    return Session.of(settings, Sites(settings.tree), since=since)


def statuses(asked: Session) -> list[tuple[str, int, Status]]:
    report = asked.report(Gathered(), run=asked.run(selected=False))
    return [(row.site.path, row.site.line, row.status) for row in report.sites]


def test_what_the_scan_finds_is_in_the_report(settings: Settings) -> None:
    asked = session(settings)
    asked.scan(cached=False)
    assert statuses(asked) == [("shop/user.py", 2, Status.NEW)]


def test_nothing_is_reported_before_there_was_a_scan(settings: Settings) -> None:
    asked = session(settings)
    assert (asked.scanned, statuses(asked)) == (None, [])


def test_a_site_of_the_baseline_is_known_also_where_its_file_has_moved(settings: Settings) -> None:
    first = session(settings)
    baseline = Baseline.of(first.scan(cached=False).sites)
    assert settings.baseline is not None
    baseline.save(settings.baseline)
    (settings.root / "shop" / "user.py").rename(settings.root / "shop" / "customer.py")
    asked = session(settings)
    asked.scan(cached=False)
    assert statuses(asked) == [("shop/customer.py", 2, Status.KNOWN)]
    assert len(asked.moves.sites) == 1


def test_the_scan_keeps_what_it_has_read_in_the_project_unless_told_not_to(settings: Settings) -> None:
    session(settings).scan(cached=False)
    assert not (settings.root / ".ssot_cache").exists()
    session(settings).scan()
    assert (settings.root / ".ssot_cache").is_dir()


def test_a_baseline_that_cannot_be_read_is_refused(settings: Settings) -> None:
    assert settings.baseline is not None
    settings.baseline.write_text("<<<<<<< ours\n")
    with pytest.raises(SessionError, match="merge-conflict markers"):
        session(settings)


def test_a_commit_that_nobody_knows_is_refused_with_the_option_that_named_it(settings: Settings) -> None:
    with pytest.raises(SessionError, match=r"^--since: "):
        session(settings, since="no-such-commit")


def test_the_run_says_what_ran_it_where_and_how_strictly(settings: Settings) -> None:
    run = session(settings).run(selected=True, pytest="9.0")
    assert (run.pytest, run.selected, run.phase, run.root) == ("9.0", True, "ratchet", str(settings.root))
    assert run.python.startswith(".".join(map(str, sys.version_info[:3])))
    assert run.started.endswith("+00:00")


def test_a_child_loads_the_same_settings(settings: Settings) -> None:
    words = loading(settings, testpaths=["tests"], pythonpath=[Path("lib")], otel=False)
    assert words["pythonpath"] == ["lib"]
    again = load(Path(words["root"]), config_file=Path(words["config_file"]), testpaths=words["testpaths"])
    assert [table.name for table in again.tables] == ["orders"]
