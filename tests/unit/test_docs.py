"""Hold the documentation to the code: every key, rule and option is described, every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Phase, Rule
from pytest_ssot_tracker.settings import checks, load
from pytest_ssot_tracker.settings.options import OPTIONS

ROOT = Path(__file__).parents[2]
CODE = re.DOTALL | re.MULTILINE
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def headings(name: str) -> list[str]:
    without_code = re.sub(r"^```.*?^```$", "", page(name), flags=CODE)
    return re.findall(r"^#+ (.+)$", without_code, re.MULTILINE)


def anchor(heading: str) -> str:
    """Return the fragment that the usual Markdown sites make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_each_rule_has_its_section_in_the_order_of_the_code() -> None:
    assert headings("docs/rules.md")[1:] == [rule.value for rule in Rule]


@pytest.mark.parametrize("fields", ["TOP", "SSOT", "IDS", "WARNINGS", "CONTEXT", "GATE", "STATES"])
def test_each_key_of_the_configuration_is_described(fields: str) -> None:
    described = set(re.findall(r"`([a-z_]+)`", page("docs/configuration.md")))
    assert set(getattr(checks, fields)) - {"ssot", "ids", "warnings", "context", "gate"} <= described


def test_each_option_is_in_the_readme() -> None:
    readme = page("README.md")
    assert [option.flag for option in OPTIONS if option.flag not in readme] == []


def test_each_phase_is_in_the_readme() -> None:
    assert [phase for phase in Phase if f"`{phase}`" not in page("README.md")] == []


@pytest.mark.parametrize("name", [name for name in PAGES if "[tool.ssot_tracker" in page(name)])
def test_each_configuration_shown_is_valid(name: str, tmp_path: Path) -> None:
    shown = [text for text in re.findall(r"^```toml\n(.*?)^```", page(name), CODE) if "[tool.ssot_tracker" in text]
    assert shown
    for text in shown:
        (tmp_path / "pyproject.toml").write_text(text.replace('policies = ["our-company"]', ""), encoding="utf-8")
        assert load(tmp_path, verify=False).file


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page(name)):
        path, _, fragment = target.partition("#")
        file = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        anchors = map(anchor, headings(file.relative_to(ROOT).as_posix())) if file.exists() and fragment else ()
        if not file.exists() or (fragment and fragment not in anchors):
            broken.append(target)
    assert broken == []
