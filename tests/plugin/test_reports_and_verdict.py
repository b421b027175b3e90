"""Every report says what the verdict says: one violation in each state, in each phase, with and without a baseline."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

CONFIGURATION = """\
[tool.ssot_tracker]
source = ["shop"]

[tool.ssot_tracker.ssot.orders]
deprecated = ["shop.old:Log"]
{table}

[tool.pytest.ini_options]
pythonpath = ["."]
"""

MARKS = {
    "plain": "",
    "expected": "@pytest.mark.ssot_expect_violation('deprecated-use')",
    "allowed": "@pytest.mark.ssot_allow('deprecated-use', reason='the last one')",
    "enforced": "@pytest.mark.ssot_enforce",
}
TEST = """\
import pytest
from shop.use import log

{mark}
def test_it():
    log()
"""
USE = """\
def log():
    import shop.old

    return shop.old.Log()
"""
REPORTS = [
    "json",
    "json:scan.json",
    "html",
    "sarif",
    "sarif:all.sarif?all",
    "gitlab",
    "gitlab:all.json?all",
    "github",
    "junit",
    "term",
]


class Shop:
    """A project with one violation; `run` runs its tests with every report, `says` what each of those says."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.root = pytester.path
        self._pytester = pytester
        self.out = ""
        self.configure()
        pytester.makepyfile(
            **{"shop/__init__": "", "shop/old": "class Log:\n    def __init__(self):\n        pass\n", "shop/use": USE}
        )

    def configure(self, table: str = "") -> None:
        self._pytester.makepyprojecttoml(CONFIGURATION.format(table=table))

    def know(self) -> None:
        """Write a baseline file that knows the violation."""
        from pytest_ssot_tracker.cli import main

        assert main(["baseline", "--root", str(self.root)]) == 0

    def run(self, mark: str, phase: str, *more: str) -> int:
        self._pytester.makepyfile(test_shop=TEST.format(mark=MARKS[mark]))
        asked = [f"--ssot-report={one}" for one in REPORTS]
        plain = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "--color=yes")
        result = self._pytester.runpytest_inprocess(
            *plain, f"--ssot-phase={phase}", "--junitxml=junit.xml", *asked, *more
        )
        self.out = result.stdout.str()
        return int(result.ret)

    def _text(self, name: str) -> str:
        return Path(self.root, name).read_text(encoding="utf-8")

    def says(self) -> dict[str, bool]:
        """Return for each report whether it shows a failure."""
        result = json.loads(self._text("ssot-result.json"))
        junit = ElementTree.fromstring(self._text("junit.xml"))
        index = self._text("ssot_html/index.html")
        pages = "".join(page.read_text(encoding="utf-8") for page in Path(self.root, "ssot_html").glob("file-*.html"))
        red = re.findall(r"\x1b\[31m    shop/use\.py:\d+ ", self.out)
        return {
            "json": bool(result["failures"]) and any("fails" in site for site in result["sites"]),
            "html, verdict": "The session fails" in index,
            "html, colours": 'class="badge fails"' in index and 'class="site fails"' in pages,
            "sarif": bool(self.results("ssot-result.sarif")),
            "sarif with all": "error" in [one["level"] for one in self.results("all.sarif")],
            "gitlab": bool(json.loads(self._text("gl-code-quality-report.json"))),
            "gitlab with all": "major" in [one["severity"] for one in json.loads(self._text("all.json"))],
            "github": "::error file=shop/use.py," in self.out,
            "junit": bool(junit.findall(".//failure")),
            "junit, count": junit.find(".//property[@name='ssot.failing']").get("value") != "0",
            "term": bool(red),
            "term, reasons": "\nfailed\n" in re.sub(r"\x1b\[[0-9;]*m", "", self.out),
        }

    def results(self, name: str) -> list[dict[str, Any]]:
        return json.loads(self._text(name))["runs"][0]["results"]


@pytest.fixture
def shop(pytester: pytest.Pytester) -> Shop:
    return Shop(pytester)


@pytest.mark.parametrize("phase", ["baseline", "ratchet", "enforce"])
@pytest.mark.parametrize("known", [False, True], ids=["no baseline", "in the baseline"])
@pytest.mark.parametrize("mark", list(MARKS))
def test_a_violation_is_a_failure_in_every_report_or_in_none(shop: Shop, phase: str, known: bool, mark: str) -> None:
    if known:
        shop.know()
    status = shop.run(mark, phase)
    lenient = {"baseline": True, "ratchet": known, "enforce": False}[phase]
    # What a test is allowed is its own affair: the scan has found the statement in code that anybody may call.
    passes = {"plain": lenient, "expected": phase != "enforce", "allowed": lenient, "enforced": False}[mark]
    assert status == (0 if passes else 1)
    assert set(shop.says().values()) == {not passes}, shop.says()
    [site] = json.loads(Path(shop.root, "ssot-result.json").read_text())["sites"]
    told = mark == "expected" and phase != "enforce" and "expected"
    assert site["status"] == (told or ("known" if known else "new"))
    assert [one["properties"]["status"] for one in shop.results("all.sarif")] == [site["status"]]


@pytest.mark.parametrize("phase", ["baseline", "ratchet", "enforce"])
@pytest.mark.parametrize("known", [False, True], ids=["no baseline", "in the baseline"])
def test_what_no_test_runs_is_told_alike(shop: Shop, phase: str, known: bool) -> None:
    if known:
        shop.know()
    status = shop.run("plain", phase, "--deselect=test_shop.py::test_it")
    passes = phase == "baseline" or (phase == "ratchet" and known)
    assert status == (5 if passes else 1)
    assert set(shop.says().values()) == {not passes}, shop.says()


@pytest.mark.parametrize("limit", [0, 1])
def test_a_budget_is_told_alike(shop: Shop, limit: int) -> None:
    shop.configure(f'max = {{ "deprecated-use" = {limit} }}')
    assert shop.run("plain", "enforce") == 1 - limit
    assert set(shop.says().values()) == {not limit}, shop.says()


@pytest.mark.parametrize("phase", ["baseline", "ratchet", "enforce"])
@pytest.mark.parametrize("known", [False, True], ids=["no baseline", "in the baseline"])
def test_the_command_line_says_the_same_in_every_format(shop: Shop, phase: str, known: bool, capsys: Any) -> None:
    from pytest_ssot_tracker.cli import main

    if known:
        shop.know()
    statuses, said = set(), []
    for style in ("json", "sarif", "github", "text"):
        capsys.readouterr()
        statuses.add(main(["scan", "--root", str(shop.root), "--phase", phase, "--format", style]))
        said.append(capsys.readouterr().out)
    fails = phase == "enforce" or (phase == "ratchet" and not known)
    assert statuses == {int(fails)}
    assert bool(json.loads(said[0])["failures"]) is fails
    assert bool(json.loads(said[1])["runs"][0]["results"]) is fails
    assert ("::error" in said[2]) is fails
    assert ("\nfailed\n" in said[3]) is fails


def test_an_unmet_marker_is_told_alike(shop: Shop) -> None:
    shop.know()
    Path(shop.root, "shop/use.py").write_text("def log():\n    pass\n")
    assert shop.run("expected", "baseline") == 1
    assert [one["ruleId"] for one in shop.results("ssot-result.sarif")] == ["ssot-session"]
    assert "::error title=ssot::test_shop.py::test_it failed for what its markers say" in shop.out
