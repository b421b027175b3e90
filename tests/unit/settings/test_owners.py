"""Whose a file is, is what CODEOWNERS says, as the hosts of repositories read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.settings import ConfigurationError, load
from pytest_ssot_tracker.settings.owners import PLACES, Owners

FILE = r"""
# Everybody's
*              @all @acme/core
*.js           @web   # inline
/build/logs/   @doctor
docs/*         docs@example.com
apps/          @octocat
/scripts/      @octocat @doctor
**/logs        @octocat
/apps/github
with\ space/   @spaces
[Section] @somebody
^[Optional]
src/**/deep.py @deep
"""


@pytest.fixture
def owners(tmp_path: Path) -> Owners:
    """Return the rules of a file."""
    (tmp_path / "CODEOWNERS").write_text(FILE)
    return Owners.read(tmp_path / "CODEOWNERS")


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("a.py", "@all @acme/core"),
        ("deep/down/a.js", "@web"),
        ("build/logs/x.txt", "@octocat"),
        ("docs/a.md", "docs@example.com"),
        ("docs/below/a.md", "@all @acme/core"),
        ("deep/apps/x.py", "@octocat"),
        ("apps/x.py", "@octocat"),
        ("apps/github/x.py", None),
        ("scripts/x.py", "@octocat @doctor"),
        ("deep/scripts/x.py", "@all @acme/core"),
        ("deep/logs/x.py", "@octocat"),
        ("with space/x.py", "@spaces"),
        ("src/deep.py", "@deep"),
        ("src/a/b/deep.py", "@deep"),
    ],
)
def test_the_last_pattern_that_matches_decides(owners: Owners, path: str, owner: str | None) -> None:
    assert owners.of(path) == owner


@pytest.mark.parametrize("place", PLACES)
def test_the_file_is_found_by_itself(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("* @all")
    (tmp_path / "pyproject.toml").write_text("[tool.ssot_tracker.ssot.a]")
    found = load(tmp_path).owners
    assert found is not None
    assert found.of("a.py") == "@all"


def test_another_file_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("* @all")
    (tmp_path / "WHO").write_text("* @named")
    (tmp_path / "pyproject.toml").write_text('[tool.ssot_tracker]\nowners = "WHO"\n[tool.ssot_tracker.ssot.a]')
    found = load(tmp_path).owners
    assert found is not None
    assert found.of("a.py") == "@named"


def test_a_file_that_is_named_and_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("* @all")
    (tmp_path / "pyproject.toml").write_text('[tool.ssot_tracker]\nowners = "CODEOWNER"')
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert str(caught.value) == ("pyproject.toml: owners: there is no file 'CODEOWNER'; did you mean 'CODEOWNERS'?")
