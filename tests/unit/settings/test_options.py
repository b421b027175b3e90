"""One table makes the command line and ini alike; the command line wins, and neither hides the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Phase
from pytest_ssot_tracker.settings import ConfigurationError
from pytest_ssot_tracker.settings.options import (
    OPTIONS,
    Option,
    Options,
    ReportError,
    ReportRequest,
    parse_report,
    read,
)

PLUGIN = """
from pytest_ssot_tracker.settings import options

def pytest_addoption(parser):
    options.add_to(parser)

def pytest_load_initial_conftests(early_config):
    early_config.options_read = options.read(early_config)
"""
ALONE = ("-p", "no:ssot_tracker", "-p", "no:asyncio", "-p", "only_options")


@pytest.fixture
def options(pytester: pytest.Pytester) -> Ask:
    """Return a function that reads the options as a real pytest parses them, before any conftest."""
    pytester.makepyfile(only_options=PLUGIN)
    pytester.syspathinsert()
    return Ask(pytester)


class Ask:
    """Ask a real pytest for our options, with an ini section and command-line arguments."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.root = pytester.path

    def __call__(self, *args: str, ini: str = "") -> Options:
        self.pytester.makeini(f"[pytest]\n{ini}")
        config = self.pytester.parseconfig(*ALONE, *args)
        found = read(config)
        assert found == config.options_read  # type: ignore[attr-defined]
        return found

    def refused(self, *args: str, ini: str = "") -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            self(*args, ini=ini)
        return str(caught.value).splitlines()


def test_the_table_holds_each_option_of_the_contract() -> None:
    assert [option.flag for option in OPTIONS] == [
        "--ssot-phase",
        "--ssot-config",
        "--ssot-baseline",
        "--ssot-since",
        "--ssot-update-baseline",
        "--ssot-report",
        "--ssot-group",
        "--ssot-scan",
        "--ssot-coverage",
        "--ssot-deprecate",
        "--ssot-warnings",
        "--ssot-explain",
        "--ssot-trace",
        "--ssot-subprocess",
        "--ssot-otel",
        "--ssot-strict-blind-spots",
        "--no-ssot",
    ]
    assert OPTIONS[0].choices == tuple(phase.value for phase in Phase)
    assert [option.negative for option in OPTIONS if option.negative] == ["--no-ssot-scan"]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_each_option_has_an_ini_twin_a_field_and_a_help_that_teaches(option: Option) -> None:
    assert option.ini == option.name.replace("-", "_")
    assert option.field in Options._fields
    assert option.help.endswith(".")
    assert len(option.help) > 40
    assert "%" not in option.help


def test_without_a_word_nothing_is_set(options: Ask) -> None:
    assert options() == Options()
    assert Options().scan
    assert not Options().off


def test_everything_can_be_said_on_the_command_line(options: Ask) -> None:
    found = options(
        "--ssot-phase=ratchet",
        "--ssot-config=a/b.toml",
        "--ssot-baseline=known.json",
        "--ssot-update-baseline",
        "--ssot-report=term-verbose",
        "--ssot-report=json:out/result.json",
        "--no-ssot-scan",
        "--ssot-coverage=.coverage",
        "--ssot-explain=a.py:3",
        "--no-ssot",
    )
    assert found == Options(
        phase=Phase.RATCHET,
        config=options.root / "a" / "b.toml",
        baseline=options.root / "known.json",
        update_baseline=True,
        reports=(ReportRequest("term-verbose"), ReportRequest("json", options.root / "out" / "result.json")),
        scan=False,
        coverage=options.root / ".coverage",
        explain="a.py:3",
        off=True,
    )


def test_everything_can_be_said_in_ini(options: Ask) -> None:
    found = options(
        ini="""
ssot_phase = baseline
ssot_config = conf.toml
ssot_baseline = known.json
ssot_update_baseline = true
ssot_report =
    html
    sarif:out.sarif
ssot_scan = false
ssot_coverage = .coverage
ssot_explain = a.py:3
no_ssot = yes
"""
    )
    assert found == Options(
        phase=Phase.BASELINE,
        config=options.root / "conf.toml",
        baseline=options.root / "known.json",
        update_baseline=True,
        reports=(ReportRequest("html", options.root / "ssot_html"), ReportRequest("sarif", options.root / "out.sarif")),
        scan=False,
        coverage=options.root / ".coverage",
        explain="a.py:3",
        off=True,
    )


@pytest.mark.parametrize(
    ("ini", "args", "field", "value"),
    [
        ("ssot_phase = baseline", ["--ssot-phase=enforce"], "phase", Phase.ENFORCE),
        ("ssot_scan = false", ["--ssot-scan"], "scan", True),
        ("ssot_scan = true", ["--no-ssot-scan"], "scan", False),
        ("no_ssot_scan = true", ["--ssot-scan"], "scan", True),
        ("no_ssot_scan = true", [], "scan", False),
        ("no_ssot_scan = false", [], "scan", True),
        ("no_ssot_scan = true\nssot_scan = true", [], "scan", False),
        ("ssot_report = html", ["--ssot-report=github"], "reports", (ReportRequest("github"),)),
        ("ssot_phase = nonsense", ["--ssot-phase=enforce"], "phase", Phase.ENFORCE),
    ],
)
def test_the_command_line_wins(options: Ask, ini: str, args: list[str], field: str, value: object) -> None:
    assert getattr(options(*args, ini=ini), field) == value


def test_the_last_word_on_the_command_line_wins(options: Ask) -> None:
    assert options("--ssot-scan", "--no-ssot-scan").scan is False
    assert options("--no-ssot-scan", "--ssot-scan").scan is True


def test_an_option_from_addopts_or_override_ini_is_heard(options: Ask) -> None:
    assert options(ini="addopts = --ssot-phase=ratchet").phase is Phase.RATCHET
    assert options("-o", "ssot_scan=false").scan is False


def test_pyproject_speaks_as_ini_does(options: Ask) -> None:
    root = options.root
    (root / "pyproject.toml").write_text(
        "[tool.pytest.ini_options]\nssot_phase = 'ratchet'\nssot_scan = false\nssot_report = ['html', 'json:x.json']\n",
        encoding="utf-8",
    )
    found = read(options.pytester.parseconfig(*ALONE))
    assert (found.phase, found.scan) == (Phase.RATCHET, False)
    assert found.reports == (ReportRequest("html", root / "ssot_html"), ReportRequest("json", root / "x.json"))


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="[tool.pytest] came with pytest 9")
def test_pytests_own_table_speaks_with_types(options: Ask) -> None:
    pyproject = options.root / "pyproject.toml"
    pyproject.write_text(
        '[tool.pytest]\nssot_phase = "ratchet"\nssot_scan = false\nssot_report = ["github"]\n', encoding="utf-8"
    )
    found = read(options.pytester.parseconfig(*ALONE))
    assert (found.phase, found.scan, found.reports) == (Phase.RATCHET, False, (ReportRequest("github"),))
    pyproject.write_text('[tool.pytest]\nssot_phase = 1\nssot_scan = "no"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        options.pytester.parseconfig(*ALONE)
    keys = [(problem.file, problem.key, problem.todo) for problem in caught.value.problems]
    assert keys == [
        ("pyproject.toml", "ssot_phase", "write one of baseline, ratchet, enforce"),
        ("pyproject.toml", "ssot_scan", "write true or false"),
    ]


def test_a_path_on_the_command_line_is_from_where_one_stands_and_in_ini_from_the_rootdir(
    options: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = options.root / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    args = (
        f"--rootdir={options.root}",
        "-c",
        str(options.root / "tox.ini"),
        "--ssot-config=c.toml",
        "--ssot-report=json",
    )
    found = options(*args, ini="ssot_baseline = known.json")
    assert found.config == below / "c.toml"
    assert found.reports == (ReportRequest("json", below / "ssot-result.json"),)
    assert found.baseline == options.root / "known.json"


def test_an_absolute_path_stays(options: Ask, tmp_path: Path) -> None:
    assert options(f"--ssot-config={tmp_path / 'c.toml'}").config == tmp_path / "c.toml"


def test_the_parsed_command_line_holds_only_plain_data_for_the_workers(options: Ask) -> None:
    options.pytester.makeini("[pytest]\n")
    config = options.pytester.parseconfig(*ALONE, "--ssot-report=html", "--ssot-phase=enforce")
    values = {option.ini: getattr(config.option, option.ini) for option in OPTIONS}
    assert values["ssot_report"] == ["html"]
    assert {type(value) for value in values.values()} <= {type(None), str, bool, list}


def test_what_is_wrong_in_ini_names_the_key_and_what_is_valid(options: Ask) -> None:
    assert options.refused(ini="ssot_phase = ratched") == [
        "tox.ini: ssot_phase: unknown phase 'ratched'; did you mean 'ratchet'?"
    ]
    (line,) = options.refused(ini="ssot_scan = maybe")
    assert line.startswith("tox.ini: ssot_scan: ")
    assert "maybe" in line
    assert line.endswith("; write true or false")


def test_everything_wrong_is_told_at_once(options: Ask) -> None:
    lines = options.refused(
        "--ssot-report=htlm", "--ssot-report=term:x", ini="ssot_phase = x\nssot_scan = 7\nno_ssot = 8"
    )
    assert [line.split(": ")[:2] for line in lines] == [
        ["tox.ini", "ssot_phase"],
        ["command line", "--ssot-report"],
        ["command line", "--ssot-report"],
        ["tox.ini", "ssot_scan"],
        ["tox.ini", "no_ssot"],
    ]


def test_an_empty_ini_value_says_nothing(options: Ask) -> None:
    assert options(ini="ssot_phase =\nssot_baseline =\nssot_report =\n") == Options()


def test_an_unknown_phase_on_the_command_line_is_a_usage_error(options: Ask) -> None:
    result = options.pytester.runpytest(*ALONE, "--ssot-phase=ratched")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--ssot-phase*ratched*"])


def test_the_help_of_pytest_lists_them_all(options: Ask) -> None:
    text = options.pytester.runpytest(*ALONE, "--help").stdout.str()
    assert "single source of truth tracker:" in text
    assert [option.flag for option in OPTIONS if option.flag not in text] == []
    assert [option.ini for option in OPTIONS if f"{option.ini} (" not in text] == []
    assert "--ssot-phase={baseline,ratchet,enforce}" in text
    assert "--no-ssot-scan" in text


@pytest.mark.parametrize(
    ("spelling", "kind", "dest"),
    [
        ("term", "term", None),
        ("term-verbose", "term-verbose", None),
        ("html", "html", "ssot_html"),
        ("html:out/report", "html", "out/report"),
        ("json", "json", "ssot-result.json"),
        ("json:C:\\work\\result.json", "json", "C:\\work\\result.json"),
        ("html:D:/reports", "html", "D:/reports"),
        ("sarif", "sarif", "ssot-result.sarif"),
        ("gitlab", "gitlab", "gl-code-quality-report.json"),
        ("sarif:a b.sarif", "sarif", "a b.sarif"),
        ("junit", "junit", None),
        ("github", "github", None),
    ],
)
def test_a_report_is_a_type_and_a_destination(spelling: str, kind: str, dest: str | None) -> None:
    assert parse_report(spelling) == ReportRequest(kind, None if dest is None else Path(dest))


@pytest.mark.parametrize(
    ("spelling", "kind", "dest"),
    [
        ("sarif?all", "sarif", "ssot-result.sarif"),
        ("sarif:a b?all", "sarif", "a b"),
        ("gitlab?all", "gitlab", "gl-code-quality-report.json"),
        ("github?all", "github", None),
    ],
)
def test_what_passes_is_asked_for_at_the_end(spelling: str, kind: str, dest: str | None) -> None:
    assert parse_report(spelling) == ReportRequest(kind, None if dest is None else Path(dest), everything=True)
    assert parse_report("json:a?b") == ReportRequest("json", Path("a?b"))


@pytest.mark.parametrize(
    ("spelling", "message"),
    [
        ("htlm", "there is no report 'htlm'; did you mean 'html'?"),
        ("C:\\x", "there is no report 'C'; write one of term, term-verbose, html, json, sarif, junit, github, gitlab"),
        ("", "there is no report ''; write one of term, term-verbose, html, json, sarif, junit, github, gitlab"),
        ("json:", "the destination after ':' is missing; write 'json:ssot-result.json' or 'json' alone"),
        ("term:x", "the report 'term' goes to no file of its own; write 'term' alone"),
        ("json?all", "the report 'json' has everything already; write 'json' without '?all'"),
        ("html:x?all", "the report 'html' has everything already; write 'html:x' without '?all'"),
        ("sarif:?all", "the destination after ':' is missing; write 'sarif:ssot-result.sarif' or 'sarif' alone"),
        ("github:x?all", "the report 'github' goes to no file of its own; write 'github' alone"),
        ("junit:x.xml", "the report 'junit' goes to no file of its own; write 'junit' alone"),
    ],
)
def test_a_report_that_cannot_be_is_refused(spelling: str, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        parse_report(spelling)
    assert str(caught.value) == message


def test_asking_twice_for_one_report_is_asking_once(options: Ask) -> None:
    assert len(options("--ssot-report=json", "--ssot-report=json:ssot-result.json").reports) == 1


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_each_option_says_what_to_write(option: Option) -> None:
    assert option.valid.startswith("write ")
