"""Hold the package to SECURITY.md: data is never run, and what a result says cannot lead out of the project."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import pytest_ssot_tracker
from pytest_ssot_tracker.cli import main
from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.report.result import ResultError, read
from pytest_ssot_tracker.settings import load

PACKAGE = Path(pytest_ssot_tracker.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

UNPICKLING = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
MAKES_CODE = {
    "isolate/caches.py",
    "fix/planning.py",
    "fix/whole_files.py",
    "discover/bodies.py",
}
"""Where code is compiled: text of our own, or source that is parsed and never run."""
RUNS_CODE = {"isolate/caches.py", "records.py"}
"""Where that is run: constants of our own modules, and the names of their fields."""


def calls(module: str) -> set[str]:
    return calls_in(ast.parse((PACKAGE / module).read_bytes()))


def calls_in(syntax: ast.AST) -> set[str]:
    named = {ast.unparse(node.func) for node in ast.walk(syntax) if isinstance(node, ast.Call)}
    return {name.removeprefix("builtins.") for name in named}


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_evaluated_unpickled_or_handed_to_a_shell(module: str) -> None:
    syntax = ast.parse((PACKAGE / module).read_bytes())
    imported = {alias.name for node in ast.walk(syntax) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(syntax) if isinstance(node, ast.ImportFrom)}
    assert not {name.partition(".")[0] for name in imported} & UNPICKLING
    found = calls_in(syntax)
    assert not found & {"os.system", "os.popen", "subprocess.getoutput", "yaml.load"}
    assert not found & {"eval", "exec"} or module in RUNS_CODE
    assert "compile" not in found or module in MAKES_CODE
    shells = [
        node
        for node in ast.walk(syntax)
        if isinstance(node, ast.keyword) and node.arg == "shell" and ast.unparse(node.value) != "False"
    ]
    assert shells == []


@pytest.mark.parametrize("module", sorted(RUNS_CODE))
def test_what_is_run_is_a_text_of_our_own(module: str) -> None:
    """Nothing read from a file reaches `compile` there: those modules open none."""
    assert not {name.rpartition(".")[2] for name in calls(module)} & {"open", "read", "read_text", "read_bytes"}


def test_reading_a_configuration_and_scanning_import_nothing_of_the_project(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.ssot_tracker]\nphase = "baseline"\n[tool.ssot_tracker.ssot.it]\ncanonical = "trap:Thing"\n'
        'accessors = ["trap:get"]\ndeprecated = ["trap.old"]\nreset = "trap:reset"\n'
    )
    (tmp_path / "trap.py").write_text(
        "raise SystemExit('imported')\nclass Thing: pass\ndef get(): pass\ndef reset(it): pass\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert load(tmp_path).active
    assert main(["scan", "--root", str(tmp_path)]) == 0


CLIMBING = ("app/../../secret.py", "../app/../secret.py", "..\\..\\secret.py")
OUTSIDE = ("../secret.py", "../../etc/passwd", "/etc/passwd", "C:\\secret.py")


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return what writes a result whose only site stands at the given path, below a folder with a secret beside it."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[tool.ssot_tracker.ssot.it]\ndeprecated = ["pkg.old"]\n')
    (tmp_path / "secret.py").write_text("THE_SECRET = 1\n")
    monkeypatch.chdir(project)
    assert main(["scan", "--format", "json", "--phase", "baseline"]) == 0

    scanned = capsys.readouterr().out

    def write(path: str, root: Path = project) -> Path:
        plain = json.loads(scanned)
        site = Site(Rule.DEPRECATED_USE, "it", "pkg.old", path, 1, "<module>", "THE_SECRET = 1")
        plain["run"]["root"] = str(root)
        plain["sites"] = [
            {"id": site.id, "rule": "deprecated-use", "ssot": "it", "target": "pkg.old", "path": path, "line": 1}
            | {"scope": "<module>", "text": "harmless", "ordinal": 0, "declared": "", "flags": [], "status": "new"}
            | {"found_by": ["scan"], "exercise": "unexercised", "count": 0, "owner": None, "issue": None}
            | {"replacement": None, "tests": []}
        ]
        file = project / "evil.json"
        file.write_text(json.dumps(plain))
        return file

    return write


@pytest.mark.parametrize("path", CLIMBING)
def test_a_result_whose_path_climbs_out_of_the_project_is_refused(result, path) -> None:
    file = result(path)
    with pytest.raises(ResultError, match=r"of a site leads out of the project; is it yours\?"):
        read(file)
    for kind in ("html:out", "sarif:out.sarif", "github", "json:out.json"):
        assert main(["report", kind, str(file)]) == 2


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_place_outside_is_named_and_never_linked_or_read(result, capsys, path) -> None:
    file = result(path)
    assert main(["report", "sarif:out.sarif?all", str(file)]) == 0
    (location,) = json.loads(Path("out.sarif").read_text())["runs"][0]["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "pyproject.toml"
    capsys.readouterr()
    assert main(["report", "github?all", str(file)]) == 0
    out = capsys.readouterr().out
    assert "::notice" in out
    assert "file=" not in out
    assert main(["report", "html:out", str(file)]) == 0
    pages = "".join(page.read_text() for page in Path("out").glob("*.html"))
    assert "root:" not in pages
    assert "THE_SECRET" not in pages


def test_a_link_out_of_the_project_is_not_followed(result, tmp_path) -> None:
    (tmp_path / "project" / "link.py").symlink_to(tmp_path / "secret.py")
    file = result("link.py")
    assert main(["report", "html:out", str(file)]) == 0
    pages = "".join(page.read_text() for page in Path("out").glob("*.html"))
    assert "This path leads out of the project, so that the file is not shown." in pages
    assert "THE_SECRET" not in pages


def test_a_result_cannot_name_another_root_to_be_read_from(result, tmp_path) -> None:
    """Only a folder with a configuration of ours is believed to be the root of a run."""
    file = result("secret.py", root=tmp_path)
    assert main(["report", "html:out", str(file)]) == 0
    assert "THE_SECRET" not in "".join(page.read_text() for page in Path("out").glob("*.html"))


def test_the_pages_allow_nothing_but_their_own_two_files() -> None:
    base = (PACKAGE / "report/html/templates/base.html").read_text()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', base)
    assert policy is not None
    assert policy.group(1).split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    templates = "".join(page.read_text() for page in (PACKAGE / "report/html/templates").iterdir())
    assert not re.findall(r"<script(?! src=)|<style|\son\w+=|\|\s*safe\b|javascript:", templates)
