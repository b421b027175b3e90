"""Sixty wrong inputs: each is refused without a traceback, and told what is wrong, where, and what to do about it.

A row is what somebody typed and, in the order in which the message has them, what it must say.
"""

from __future__ import annotations

import shlex

import pytest

from pytest_ssot_tracker.cli import main

COMMANDS = [
    ("scna", "COMMAND", "'scna'", "did you mean 'scan'?"),
    ("scan --frmat json", "--frmat", "did you mean '--format'?"),
    ("scan --format jsn", "--format", "'jsn'", "did you mean 'json'?"),
    ("scan --group owners", "--group", "'owners'", "did you mean 'owner'?"),
    ("scan nowhere.py", "'nowhere.py'", "name files or folders that exist"),
    ("scan ..", "'..' lies outside the project", "--root names another"),
    ("scan --jobs 0", "--jobs", "'0'", "give 1 or more"),
    ("scan --phase ratched", "--phase", "'ratched'", "did you mean 'ratchet'?"),
    ("scan --config none.toml", "none.toml", "cannot be read", "name a file that exists"),
    ("scan --baseline none.json", "--baseline", "there is no file 'none.json'", "`ssot-tracker baseline` writes one"),
    ("scan --since main", "--since", "no git repository", "use a baseline file"),
    ("scan --root nowhere", "--root", "no folder 'nowhere'", "name one that exists"),
    ("status --group tagret", "--group", "'tagret'", "did you mean 'target'?"),
    ("status --history nowhere", "--history", "no folder nowhere", "name one that holds result files"),
    ("report", "required: TYPE[:DEST]", "--help"),
    ("report htlm", "'htlm'", "did you mean 'html'?"),
    ("report json:", "destination", "write 'json:ssot-result.json'"),
    ("report junit", "junit", "run pytest with --ssot-report=junit --junitxml=FILE"),
    ("report term none.json", "none.json", "no such result file", "--ssot-report=json"),
    ("report term shop/core.py", "shop/core.py", "no JSON", "run the tests again"),
    ("combine none.json -o all.json", "none.json", "no such result file", "--ssot-report=json"),
    ("combine none.json", "required: -o/--output", "--help"),
    ("gate", "ssot-result.json", "no such result file", "--ssot-report=json"),
    ("explain deprecated-imprt", "'deprecated-imprt'", "did you mean 'deprecated-import'?"),
    ("who shop..core", "'shop..core'", "a dotted part is empty", "write pkg.mod"),
    ("who", "required: TARGET[=NEW]", "--help"),
    ("run --", "no command", "write it after --"),
    ("fix --write=yes", "--write", "'yes'", "--help"),
    ("init --wirte", "--wirte", "did you mean '--write'?"),
    ("--colour always scan", "--colour", "did you mean '--color'?"),
]
OPTIONS = [
    ("--ssot-phase=ratched", "--ssot-phase", "'ratched'", "ratchet"),
    ("--ssot-group=owners", "--ssot-group", "'owners'", "owner"),
    ("--ssot-config=none.toml", "none.toml", "cannot be read", "name a file that exists"),
    (
        "--ssot-baseline=none.json",
        "--ssot-baseline",
        "there is no file 'none.json'",
        "`ssot-tracker baseline` writes one",
    ),
    ("--ssot-since=main", "--ssot-since", "no git repository", "use a baseline file"),
    ("--ssot-report=htlm", "--ssot-report", "'htlm'", "did you mean 'html'?"),
    ("--ssot-report=sarif:", "--ssot-report", "destination", "write 'sarif:ssot-result.sarif'"),
    ("--ssot-report=json?all", "--ssot-report", "everything already", "write 'json'"),
    ("--ssot-coverage=none", "--ssot-coverage", "no such file", "name coverage data that is there"),
    ("--ssot-deprecate=shop..old", "'shop..old'", "a dotted part is empty", "write pkg.mod"),
]
TABLE = '[tool.ssot_tracker]\nsource = ["shop"]\n[tool.ssot_tracker.ssot.orders]\n'
CONFIGURATIONS = [
    ("[tool.ssot_tracker]\nphase = 'ratched'", "pyproject.toml: phase", "'ratched'", "did you mean 'ratchet'?"),
    ("[tool.ssot_tracker]\nsource = 'shop'", "source", "a list", ""),
    ("[tool.ssot_tracker]\nsource = ['shpo']", "source[0]", "no 'shpo'", "did you mean 'shop'?"),
    ("[tool.ssot_tracker]\nowner = 'CODEOWNERS'\n", "owner", "unknown key", "did you mean 'owners'?"),
    ("[tool.ssot-tracker]\n", "tool.ssot-tracker", "nobody reads this table", "did you mean 'tool.ssot_tracker'?"),
    ("[tool.ssot_tracker", "pyproject.toml", "", ""),
    (TABLE + "deprecatd = []", "ssot.orders.deprecatd", "unknown key", "did you mean 'deprecated'?"),
    (TABLE + "deprecated = ['shop.odl']", "deprecated[0]", "no module 'shop.odl'", "did you mean 'shop.old'?"),
    (TABLE + "deprecated = ['shop.old:OrdrLog']", "deprecated[0]", "no 'OrdrLog'", "did you mean 'shop.old:OrderLog'?"),
    (TABLE + "canonical = 'shop.core:Trakcer'", "canonical", "no 'Trakcer'", "did you mean 'shop.core:Tracker'?"),
    (
        TABLE + "canonical = 'shop.old:OrderLog'\ndeprecated = ['shop.old']",
        "canonical",
        "is deprecated with 'shop.old'",
        "deprecate less",
    ),
    (
        TABLE + "deprecated = ['shop.old']\nreplace = { 'shop.core:Tracker' = 'shop.core' }",
        "replace",
        "is not deprecated in this table",
        "add it to 'deprecated', or leave it out",
    ),
    (TABLE + "allow_in = ['shop.cor.**']", "allow_in[0]", "this allows nothing", "did you mean 'shop.core.**'?"),
    (TABLE + "until = '31.12.2026'", "until", "'31.12.2026'", "2026-12-31"),
    (TABLE + "max = { 'deprecated-imprt' = 4 }", "max", "'deprecated-imprt'", "did you mean 'deprecated-import'?"),
    (TABLE + "max = { 'deprecated-import' = -1 }", "max", "-1", ""),
    (TABLE + "fixture = 'tmp_path'\naccessors = ['shop.core:get']", "fixture", "pytest's own", "choose another name"),
    (TABLE + "provides = ['move']", "provides", "no 'canonical'", "add 'canonical'"),
    (
        "[tool.ssot_tracker.ids.orders]\npatterns = ['time-fromat']",
        "ids.orders.patterns[0]",
        "'time-fromat'",
        "'time-format'",
    ),
    (
        "[tool.ssot_tracker.ssot.a]\n[[tool.ssot_tracker.gate]]\nname = 'n'\nmeasure = 'stes'\nmax = 1",
        "gate[0].measure",
        "'stes'",
        "did you mean 'sites'?",
    ),
]
MARKERS = [
    ("ssot_expect_violation('deprecated-imprt')", "'deprecated-imprt'", "did you mean 'deprecated-import'?"),
    ("ssot_expect_violation(ssot='ordres')", "'ordres'", "did you mean 'orders'?"),
    ("ssot_expect_violation(untill='2026-12-31')", "untill", "until"),
    ("ssot_expect_violation(until='soon')", "'soon'", "2026-12-31"),
    ("ssot_expect_violation(target='shop.odl')", "shop.odl", "shop.old"),
    ("ssot_expect_violation(raises='AssertionError')", "raises", ""),
    ("ssot_allow('deprecated-import')", "reason", ""),
    ("ssot_allow('deprecated-import', reason='')", "reason", ""),
    ("ssot_allow(reason='a', ssot=1)", "ssot", ""),
    ("ssot_enforce('deprecated-import')", "ssot_enforce", ""),
]


@pytest.fixture
def shop(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project in no git repository."""
    pytester.makepyprojecttoml(TABLE + 'canonical = "shop.core:Tracker"\ndeprecated = ["shop.old"]\n')
    pytester.makepyfile(
        **{"shop/__init__": "", "shop/core": "class Tracker: ...\ndef get(): ...", "shop/old": "class OrderLog: ..."}
    )
    pytester.makepyfile("def test_it(): ...")
    return pytester


def check(said: str, words: tuple[str, ...]) -> None:
    """Hold a message to say all of `words`, and to be none that only a programmer reads."""
    assert "Traceback" not in said
    assert "INTERNALERROR" not in said
    flat = " ".join(said.split())
    assert [word for word in words if word not in flat] == []


@pytest.mark.parametrize(("typed", "words"), [(row[0], row[1:]) for row in COMMANDS])
def test_a_wrong_command_line(shop, capsys, typed, words):
    assert main(shlex.split(typed)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    check(said.err, words)


@pytest.mark.parametrize(("typed", "words"), [(row[0], row[1:]) for row in OPTIONS])
def test_a_wrong_option_of_pytest(shop, typed, words):
    done = shop.runpytest_inprocess("-p", "no:asyncio", typed)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    check(done.stderr.str(), words)


@pytest.mark.parametrize(("text", "words"), [(row[0], row[1:]) for row in CONFIGURATIONS])
def test_a_wrong_configuration(shop, capsys, text, words):
    shop.makepyprojecttoml(text)
    assert main(["scan"]) == 2
    check(capsys.readouterr().err, words)
    done = shop.runpytest_inprocess("-p", "no:asyncio")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    check(done.stderr.str(), words)


@pytest.mark.parametrize(("marker", "words"), [(row[0], row[1:]) for row in MARKERS])
def test_a_wrong_marker(shop, marker, words):
    shop.makepyfile(test_marked=f"import pytest\n@pytest.mark.{marker}\ndef test_it(): ...")
    done = shop.runpytest_inprocess("-p", "no:asyncio")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    check(done.stderr.str(), ("test_marked.py::test_it", *words))


def test_pytest_refuses_an_option_that_there_is_not_and_we_say_what_was_meant(shop):
    done = shop.runpytest_subprocess("-p", "no:asyncio", "--ssot-grup=owner", "--no-ssot-scna")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(
        [
            "ssot: there is no option '--ssot-grup'; did you mean '--ssot-group'[?]",
            "ssot: there is no option '--no-ssot-scna'; did you mean '--no-ssot-scan'[?]",
            "*unrecognized arguments: --ssot-grup=owner --no-ssot-scna",
        ]
    )


def test_there_are_sixty_rows_and_no_two_are_alike():
    rows = [row[0] for row in (*COMMANDS, *OPTIONS, *CONFIGURATIONS, *MARKERS)]
    assert len(set(rows)) == len(rows) >= 60
