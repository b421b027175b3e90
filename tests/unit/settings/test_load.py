"""A configuration is read from one place, checked whole, and refused with every problem at once."""

from __future__ import annotations

import datetime
import pickle
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import pytest_ssot_tracker
from pytest_ssot_tracker import settings
from pytest_ssot_tracker.model import Phase, Rule, Target
from pytest_ssot_tracker.settings import ConfigurationError, Problem, Settings, load, may_be_configured
from pytest_ssot_tracker.settings.argument_mapping import Passing

WHOLE = """
phase    = "ratchet"
source   = ["backend/app"]
scan     = ["backend", "tests"]
exclude  = ["**/migrations/**"]
baseline = "known.json"

[ssot.execution]
canonical   = "app.core.tracker:Tracker"
accessors   = ["app.core.tracker:get_tracker"]
deprecated  = ["app.agents.state_tracker", "app.agents.timeouts:TimeoutManager", "logging:getLogger"]
allow_in    = ["app.core.**", "app.shim:old_way"]
competing   = ["app.engine", "app.engine_consolidated"]
provides    = ["get_agent_state", "set_timeout"]
replace     = { "app.agents.state_tracker:get_state_tracker" = "app.core.tracker:get_tracker" }
fixture     = "execution_tracker"
reset       = "app.core.tracker:reset"
phase       = "enforce"
max         = { "deprecated-import" = 4 }
owner = "platform"
issue = "#220"
until = 2026-12-31
reason = "race conditions"

[ssot.execution.keys]
"app.core.tracker:Tracker.update" = "execution_id"

[ssot.execution.states]
method = "app.core.tracker:Tracker.update"
key    = "execution_id"
state  = "state"
allowed = { "" = ["PENDING"], PENDING = ["RUNNING", "FAILED"] }

[ids.execution]
generators = ["app.core.ids:Ids.generate"]
forbidden  = ["uuid:uuid1", "uuid:uuid4"]
patterns   = ["time-format"]
consumers  = { "app.core.tracker:Tracker.start" = "execution_id" }
adopt      = ["app.db:next_id"]
fix        = { "uuid:uuid4" = "ids:generate()" }
until      = "2026-06-30"

[[gate]]
name = "few left"
measure = "sites"
rule = "deprecated-use"
ssot = "execution"
max = 5

[[gate]]
name = "critical green"
measure = "passed_percent"
tests = "tests/critical/**"
marker = "critical"
min = 99.5
"""


def write(root: Path, text: str, name: str = "ssot_tracker.toml") -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return file


def read(root: Path, text: str) -> Settings:
    write(root, text)
    return load(root)


def with_folders(root: Path) -> Path:
    """Return `root` with the folders that `WHOLE` names."""
    for folder in ("backend/app", "tests"):
        (root / folder).mkdir(parents=True)
    return root


def problems(root: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(root, text)
    return str(caught.value).splitlines()


def test_every_key_is_read(tmp_path: Path) -> None:
    settings = read(with_folders(tmp_path), WHOLE)
    (execution,) = settings.ssots
    (ids,) = settings.ids
    few, green = settings.gates
    update = Target("app.core.tracker", "Tracker.update")
    assert settings.file == tmp_path / "ssot_tracker.toml"
    assert settings.active
    assert (settings.phase, settings.phase_override) == (Phase.RATCHET, None)
    assert settings.baseline == tmp_path / "known.json"
    assert (settings.tree.source, settings.tree.scan) == (("backend/app",), ("backend", "tests"))
    assert settings.tree.exclude == ("**/migrations/**",)
    assert execution.name == "execution"
    assert execution.canonical == Target("app.core.tracker", "Tracker")
    assert execution.accessors == (Target("app.core.tracker", "get_tracker"),)
    assert [str(one) for one in execution.deprecated] == [
        "app.agents.state_tracker",
        "app.agents.timeouts:TimeoutManager",
        "logging:getLogger",
    ]
    assert [str(one) for one in execution.allow_in] == ["app.core.**", "app.shim:old_way"]
    assert execution.competing == (Target("app.engine"), Target("app.engine_consolidated"))
    assert execution.provides == ("get_agent_state", "set_timeout")
    assert execution.replacement("app.agents.state_tracker:get_state_tracker") == "app.core.tracker:get_tracker"
    assert execution.replacement("app.agents.state_tracker") == "app.core.tracker:Tracker"
    assert execution.fixture == "execution_tracker"
    assert execution.reset == Target("app.core.tracker", "reset")
    assert execution.phase is Phase.ENFORCE
    assert execution.max == {Rule.DEPRECATED_IMPORT: 4}
    assert (execution.owner, execution.issue, execution.reason) == ("platform", "#220", "race conditions")
    assert execution.until == datetime.date(2026, 12, 31)
    assert execution.keys == {update: "execution_id"}
    assert execution.states is not None
    assert (execution.states.method, execution.states.key, execution.states.state) == (update, "execution_id", "state")
    assert execution.states.allowed == {"": ("PENDING",), "PENDING": ("RUNNING", "FAILED")}
    assert ids.generators == (Target("app.core.ids", "Ids.generate"),)
    assert ids.forbidden == (Target("uuid", "uuid1"), Target("uuid", "uuid4"))
    assert ids.patterns == ("time-format",)
    assert ids.consumers == {Target("app.core.tracker", "Tracker.start"): "execution_id"}
    assert ids.adopt == (Target("app.db", "next_id"),)
    assert ids.fix == {"uuid:uuid4": "ids:generate()"}
    assert ids.until == datetime.date(2026, 6, 30)
    assert (few.name, few.measure, few.rule, few.ssot, few.max) == (
        "few left",
        "sites",
        Rule.DEPRECATED_USE,
        "execution",
        5,
    )
    assert (green.measure, green.tests, green.marker, green.min) == (
        "passed_percent",
        "tests/critical/**",
        "critical",
        99.5,
    )


def test_pyproject_says_the_same_below_its_table(tmp_path: Path) -> None:
    tables = WHOLE.replace("[[gate]]", "[[tool.ssot_tracker.gate]]")
    tables = tables.replace("[ssot.", "[tool.ssot_tracker.ssot.").replace("[ids.", "[tool.ssot_tracker.ids.")
    write(with_folders(tmp_path / "a"), WHOLE)
    write(with_folders(tmp_path / "b"), "[tool.ssot_tracker]" + tables, "pyproject.toml")
    one, other = load(tmp_path / "a"), load(tmp_path / "b")
    assert (one.ssots, one.ids, one.gates) == (other.ssots, other.ids, other.gates)
    assert other.file == tmp_path / "b" / "pyproject.toml"


def test_without_a_configuration_nothing_is_active(tmp_path: Path) -> None:
    for text in ("", "[tool.other]\nx = 1\n", "[tool.black]\nexclude = 'ssot_tracker'\n"):
        write(tmp_path, text, "pyproject.toml")
        settings = load(tmp_path)
        assert (settings.file, settings.active, settings.baseline) == (None, False, None)
    assert load(tmp_path / "nowhere").file is None


def test_a_configuration_that_declares_nothing_is_not_active(tmp_path: Path) -> None:
    settings = read(tmp_path, 'phase = "ratchet"')
    assert settings.file is not None
    assert not settings.active


def test_a_pyproject_that_does_not_name_us_is_not_even_parsed(tmp_path: Path) -> None:
    write(tmp_path, "this is no TOML", "pyproject.toml")
    assert loaded_by(f"assert not load(Path({str(tmp_path)!r})).active", "tomllib", "tomli", "difflib") == []


def test_to_see_that_nothing_is_configured_nothing_of_ours_is_loaded(tmp_path: Path) -> None:
    ours = [f"pytest_ssot_tracker.{name}" for name in ("model", "settings.tables", "settings.checks", "source")]
    assert loaded_by(f"assert not may_be_configured(Path({str(tmp_path)!r}))", *ours, load="may_be_configured") == []


def loaded_by(code: str, *modules: str, load: str = "load") -> list[str]:
    """Return which of `modules` a fresh interpreter has loaded after `code`."""
    home = str(Path(pytest_ssot_tracker.__file__).parents[1])
    script = (
        f"import sys; sys.path.insert(0, {home!r}); from pathlib import Path;"
        f"from pytest_ssot_tracker.settings import {load}, options;"
        f"{code}; print(*({set(modules)!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_where_a_configuration_may_stand_is_worth_a_look(tmp_path: Path) -> None:
    assert not may_be_configured(tmp_path)
    assert may_be_configured(tmp_path, Path("any.toml"))
    write(tmp_path, "[tool.ssot_tracker]", "a/pyproject.toml")
    write(tmp_path, "", "b/ssot_tracker.toml")
    write(tmp_path, "[tool.other]", "c/pyproject.toml")
    assert [may_be_configured(tmp_path / name) for name in "abc"] == [True, True, False]


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "x/" * 3000], ids=["long", "null byte", "deep"])
def test_where_no_folder_can_be_nothing_is_configured(tmp_path: Path, name: str) -> None:
    assert not may_be_configured(tmp_path / name)


def test_the_room_has_no_other_names() -> None:
    assert all(hasattr(settings, name) for name in settings.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'laod'"):
        settings.laod  # noqa: B018


def test_defaults_are_the_whole_root_and_enforce(tmp_path: Path) -> None:
    settings = read(tmp_path, "[ssot.a]\ndeprecated = ['old']")
    assert settings.phase is Phase.ENFORCE
    assert settings.baseline == tmp_path / "ssot-baseline.json"
    assert (settings.tree.source, settings.tree.scan, settings.tree.exclude) == ((".",), (".",), ())
    assert settings.ssots[0].reset == "state"
    assert settings.warnings == ()


def test_what_is_scanned_is_source_and_testpaths_unless_said(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    write(tmp_path, "source = ['app']\n[ssot.a]")
    outside = str(tmp_path.parent / "elsewhere")
    settings = load(tmp_path, testpaths=["tests", "./app", str(tmp_path / "more"), outside])
    assert settings.tree.scan == ("app", "tests", "more", "../elsewhere")


def test_modules_are_named_from_pythonpath_and_src(tmp_path: Path) -> None:
    write(tmp_path, "[ssot.a]")
    outside = tmp_path.parent / "elsewhere"
    settings = load(tmp_path, pythonpath=[tmp_path / "libs" / "core", "libs", outside, "."])
    assert settings.tree.import_roots == ("libs/core", "libs", "src", "")


def test_modules_beside_the_root_are_named_from_the_folder_that_is_declared(tmp_path: Path) -> None:
    write(tmp_path, "", "root/app/a.py")
    write(tmp_path, "source = ['app', '../libs', '../more/pkg']\n[ssot.a]", "root/ssot_tracker.toml")
    write(tmp_path, "", "libs/util/x.py")
    write(tmp_path, "", "more/pkg/__init__.py")
    tree = load(tmp_path / "root").tree
    assert tree.import_roots == ("../libs", "../more", "src", "")
    assert tree.place(str(tmp_path / "libs/util/x.py")) == ("../libs/util/x.py", "util.x", True, False)
    assert tree.place(str(tmp_path / "more/pkg/y.py")) == ("../more/pkg/y.py", "pkg.y", True, False)
    assert tree.place(str(tmp_path / "more/other.py")) is None


def test_src_is_no_import_root_where_it_is_a_package(tmp_path: Path) -> None:
    write(tmp_path, "[ssot.a]")
    write(tmp_path, "", "src/__init__.py")
    assert load(tmp_path).tree.import_roots == ("",)


def test_phase_and_baseline_can_be_overridden(tmp_path: Path) -> None:
    write(with_folders(tmp_path), WHOLE)
    settings = load(tmp_path, phase=Phase.BASELINE, baseline=Path("other.json"))
    assert (settings.phase, settings.phase_override) == (Phase.RATCHET, Phase.BASELINE)
    assert settings.baseline == tmp_path / "other.json"
    assert load(tmp_path, baseline=tmp_path.parent / "x.json").baseline == tmp_path.parent / "x.json"


def test_a_named_file_is_read_instead_of_all_others(tmp_path: Path) -> None:
    write(tmp_path, "phse = 1")
    write(tmp_path, "[ssot.plain]", "conf/plain.toml")
    write(tmp_path, "[tool.ssot_tracker.ssot.table]\n[ssot.not_this]", "conf/table.toml")
    assert load(tmp_path, config_file=Path("conf/plain.toml")).ssots[0].name == "plain"
    settings = load(tmp_path, config_file=tmp_path / "conf" / "table.toml")
    assert [one.name for one in settings.ssots] == ["table"]
    assert settings.root == tmp_path


def test_a_named_pyproject_without_our_table_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "[project]\nname = 'x'", "sub/pyproject.toml")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, config_file=Path("sub/pyproject.toml"))
    assert str(caught.value) == (
        "sub/pyproject.toml: there is no [tool.ssot_tracker] in it; add it, or name another file"
    )


def test_our_own_file_may_have_the_table_that_pyproject_has(tmp_path: Path) -> None:
    assert [one.name for one in read(tmp_path, "[tool.ssot_tracker.ssot.table]").ssots] == ["table"]


@pytest.mark.parametrize("name", ["ssot-tracker", "pytest-ssot-tracker", "pytest_ssot_tracker"])
def test_a_table_that_was_meant_to_be_ours_is_no_configuration_that_is_quietly_off(tmp_path: Path, name: str) -> None:
    write(tmp_path, f"[project]\nname = 'x'\n[tool.{name}.ssot.one]\n", "pyproject.toml")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert (
        str(caught.value) == f"pyproject.toml: tool.{name}: nobody reads this table; did you mean 'tool.ssot_tracker'?"
    )


def test_who_only_depends_on_the_distribution_has_configured_nothing(tmp_path: Path) -> None:
    write(tmp_path, "[dependency-groups]\ntest = ['pytest-ssot-tracker']\n", "pyproject.toml")
    assert not may_be_configured(tmp_path)


def test_a_named_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, config_file=Path("gone.toml"))
    assert str(caught.value) == "gone.toml: the file cannot be read: No such file or directory; name a file that exists"


def test_two_files_that_both_configure_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "[tool.ssot_tracker]", "pyproject.toml")
    assert problems(tmp_path, "[ssot.a]") == [
        "ssot_tracker.toml: pyproject.toml has [tool.ssot_tracker] too, and only one of them can hold; "
        "keep one of the two"
    ]


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "phase = 'ratchet'\nsource = [\n  'a'\n  'b'\n]\n")
    assert line.startswith("ssot_tracker.toml: the file is not TOML: ")
    assert "(at line 4, column 3); correct it there" in line


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.ssot_tracker]\nx = '\xe9'\n")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        "pyproject.toml: the file is not UTF-8: invalid continuation byte at byte 25; save it as UTF-8"
    )


TARGET = "write pkg.mod, pkg.mod:Name or pkg.mod:Class.method"
CALL = "not something to call; write pkg.mod:name or pkg.mod:Class.method"
BUDGET = "write how many distinct sites may remain"
NAME = "is no identifier; write a plain Python name"
TABLE = "write { key = value } or a [table] of its own"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # unknown keys, at every level
        ("phse = 1", "phse: unknown key 'phse'; did you mean 'phase'?"),
        (
            "zzz = 1",
            "zzz: unknown key 'zzz'; write one of phase, source, scan, exclude, baseline, owners, tests, tests_of, "
            "policies, harvest, ssot, ids, warnings, context, gate",
        ),
        (
            "[execution]",
            "execution: unknown key 'execution'; a single source of truth stands below 'ssot': write ssot.execution",
        ),
        ("[ssot.a]\nCannonical = 'a:b'", "ssot.a.Cannonical: unknown key 'Cannonical'; did you mean 'canonical'?"),
        ("[ssot.a]\nallow-in = []", "ssot.a.allow-in: unknown key 'allow-in'; did you mean 'allow_in'?"),
        (
            "[ssot.a.states]\nmethod='a:b'\nkey='k'\nstate='s'\nallowed={}\nstart='x'",
            "ssot.a.states.start: unknown key 'start'; did you mean 'state'?",
        ),
        ("[ids.a]\ngenerator = []", "ids.a.generator: unknown key 'generator'; did you mean 'generators'?"),
        (
            "[[gate]]\nname='n'\nmeasure='sites'\nmax=1\nrules='x'",
            "gate[0].rules: unknown key 'rules'; did you mean 'rule'?",
        ),
        # wrong types
        ("phase = 1", "phase: expected a string, found an integer; write one of baseline, ratchet, enforce"),
        ("source = 'app'", 'source: expected a list, found a string; write a list: ["app"]'),
        ("source = [1]", 'source[0]: expected a string, found an integer; put it in quotes: "1"'),
        ("source = ['']", "source[0]: the string is empty; write a value or leave the key out"),
        ("scan = 2026-01-01", "scan: expected a list, found a date or time; write a list: [...]"),
        ("baseline = true", "baseline: expected a string, found a boolean; write a text in quotes"),
        ("ssot = []", f"ssot: expected a table, found a list; {TABLE}"),
        (
            "ssot.a = 1",
            "ssot.a: expected a table, found an integer; "
            "write keys such as canonical, accessors, deprecated in a [table]",
        ),
        ("gate = {}", "gate: expected a list, found a table; write a list: [...]"),
        ("[ssot.a]\nowner = 1.5", 'ssot.a.owner: expected a string, found a float; put it in quotes: "1.5"'),
        ("[ssot.a]\nkeys = ['a:b']", f"ssot.a.keys: expected a table, found a list; {TABLE}"),
        ("[ssot.a]\nfixture = 1", "ssot.a.fixture: expected a string, found an integer"),
        ("[ssot.a]\ncanonical = 'a:B'\nprovides = ['a.b']", f"ssot.a.provides[0]: 'a.b' {NAME}"),
        # targets
        ("[ssot.a]\ncanonical = 1", f"ssot.a.canonical: expected a target, found an integer; {TARGET}"),
        (
            "[ssot.a]\ndeprecated = ['a', 'b/c']",
            f"ssot.a.deprecated[1]: 'b/c' is not a target: 'b/c' is no identifier; {TARGET}",
        ),
        (
            "[ssot.a]\ncanonical = 'a.*:B'",
            "ssot.a.canonical: 'a.*:B' is a pattern and names no single thing; write it without '*'",
        ),
        (
            "[ssot.a]\naccessors = ['logging.handlers']",
            f"ssot.a.accessors[0]: 'logging.handlers' names a module, {CALL}",
        ),
        (
            "[ssot.a.replace]\n'a b' = 'c'",
            f"ssot.a.replace.\"a b\": 'a b' is not a target: 'a b' is no identifier; {TARGET}",
        ),
        (
            "[ssot.a.replace]\n'a.b' = 'c:'",
            f"ssot.a.replace.\"a.b\": 'c:' is not a target: the name after ':' is missing; {TARGET}",
        ),
        ("[ssot.a.keys]\n'a:b' = 'not a name'", f"ssot.a.keys.\"a:b\": 'not a name' {NAME}"),
        ("[ids.a.consumers]\nlogging = 'x'", f"ids.a.consumers.logging: 'logging' names a module, {CALL}"),
        # dates, phases, rules, budgets
        ("[ssot.a]\nuntil = 'soon'", "ssot.a.until: 'soon' is no date; write one such as 2026-12-31"),
        ("[ssot.a]\nuntil = 2026", "ssot.a.until: 2026 is no date; write one such as 2026-12-31"),
        (
            "[ssot.a]\nuntil = 2026-12-31T00:00:00",
            "ssot.a.until: datetime.datetime(2026, 12, 31, 0, 0) is a date with a time; "
            "write a plain date such as 2026-12-31",
        ),
        ("phase = 'ratched'", "phase: unknown phase 'ratched'; did you mean 'ratchet'?"),
        ("[ids.a]\nphase = 'off'", "ids.a.phase: unknown phase 'off'; write one of baseline, ratchet, enforce"),
        (
            "[ssot.a.max]\ndeprecated_use = 1",
            "ssot.a.max.deprecated_use: unknown rule 'deprecated_use'; did you mean 'deprecated-use'?",
        ),
        ("[ssot.a.max]\ndeprecated-use = -1", f"ssot.a.max.deprecated-use: -1 is less than 0; {BUDGET}"),
        (
            "[ssot.a.max]\ndeprecated-use = true",
            f"ssot.a.max.deprecated-use: expected an integer, found a boolean; {BUDGET}",
        ),
        (
            "[ssot.a.max]\ndeprecated-use = 1.0",
            f"ssot.a.max.deprecated-use: expected an integer, found a float; {BUDGET}",
        ),
        ("[ids.a]\npatterns = ['time']", "ids.a.patterns[0]: unknown pattern 'time'; write one of time-format"),
        # fixtures and reset
        ("[ssot.a]\nfixture = 'x-y'\ncanonical = 'a:B'", f"ssot.a.fixture: 'x-y' {NAME}"),
        ("[ssot.a]\nfixture = 'class'\ncanonical = 'a:B'", f"ssot.a.fixture: 'class' {NAME}"),
        (
            "[ssot.a]\nfixture = 'ssot'\ncanonical = 'a:B'",
            "ssot.a.fixture: the fixture name 'ssot' is taken; choose another name",
        ),
        (
            "[ssot.a]\nfixture = 'tmp_path'\ncanonical = 'a:B'",
            "ssot.a.fixture: the fixture 'tmp_path' is pytest's own, and would be replaced; choose another name",
        ),
        (
            "[ssot.a]\nfixture = 'f'",
            "ssot.a.fixture: there is nothing the fixture could hand out; add 'accessors' or 'canonical'",
        ),
        (
            "[ssot.a]\nfixture = 'f'\ncanonical = 'a.b'",
            "ssot.a.fixture: the canonical 'a.b' is a module, nothing the fixture could hand out; add 'accessors'",
        ),
        (
            "[ssot.a]\nfixture = 'f'\ncanonical = 'a:B'\n[ssot.b]\nfixture = 'f'\ncanonical = 'a:C'",
            "ssot.b.fixture: ssot.a already claims the fixture 'f'; choose another name",
        ),
        (
            "[ssot.a]\nreset = 'sate'",
            'ssot.a.reset: unknown way to reset \'sate\'; write "state", "instance" or a callable as "pkg.mod:name"',
        ),
        ("[ssot.a]\nreset = true", f"ssot.a.reset: expected a target, found a boolean; {TARGET}"),
        (
            "[ssot.a]\nprovides = ['x']",
            "ssot.a.provides: there is no 'canonical' that could provide these; add 'canonical'",
        ),
        (
            "[ssot.a]\nsingle = true",
            "ssot.a.single: there is no 'canonical' that could be defined twice; add 'canonical'",
        ),
        # parameters
        (
            "[ssot.a]\ndeprecated = ['a.b:c(']",
            "ssot.a.deprecated[0]: 'a.b:c(' is not a target: '(' is no parameter such as (name) or (name=\"value\"); "
            'write pkg.mod:func(name) or, for one value, pkg.mod:func(name="value")',
        ),
        (
            "[ssot.a]\ndeprecated = ['a.b:c(mode=old)']",
            "ssot.a.deprecated[0]: 'a.b:c(mode=old)' is not a target: "
            "'(mode=old)' is no parameter such as (name) or (name=\"value\"); "
            'write pkg.mod:func(name) or, for one value, pkg.mod:func(name="value")',
        ),
        (
            "[ssot.a]\nallow_in = ['a.b:c(mode)']",
            "ssot.a.allow_in[0]: 'a.b:c(mode)' names a parameter; "
            "write what takes it; only 'deprecated' and 'replace' go that far",
        ),
        (
            "[ssot.a]\ncanonical = 'a.b:C.d='",
            "ssot.a.canonical: 'a.b:C.d=' names the writing of something; "
            "write it; only 'deprecated' and 'replace' go that far",
        ),
        # states and gate
        (
            "[ssot.a.states]\nkey='k'\nstate='s'\nallowed={}",
            "ssot.a.states: the key 'method' is missing; a table here needs method, key, state, allowed",
        ),
        (
            "[ssot.a.states]\nmethod='a:b'\nkey='k'\nstate='s'\nallowed={A = 'B'}",
            'ssot.a.states.allowed.A: expected a list, found a string; write a list: ["B"]',
        ),
        ("[[gate]]\nname='n'\nmeasure='site'\nmax=1", "gate[0].measure: unknown measure 'site'; did you mean 'sites'?"),
        ("[[gate]]\nmeasure='sites'\nmax=1", "gate[0]: the key 'name' is missing; a table here needs name, measure"),
        (
            "[[gate]]\nname='n'\nmeasure='sites'",
            "gate[0]: the criterion has neither 'min' nor 'max'; write the figure that 'measure' must reach or keep",
        ),
        ("[[gate]]\nname='n'\nmeasure='sites'\nmax='5'", "gate[0].max: expected a number, found a string"),
        (
            "[ssot.execution]\n[[gate]]\nname='n'\nmeasure='sites'\nmax=5\nssot='exection'",
            "gate[0].ssot: there is no table 'exection'; did you mean 'execution'?",
        ),
        # paths
        ("exclude = ['/abs']", "exclude[0]: '/abs' is not relative; write a path relative to pytest's rootdir"),
        ("source = ['C:\\x']", "source[0]: 'C:\\\\x' is not relative; write a path relative to pytest's rootdir"),
        (
            "source = ['..']",
            "source[0]: '..' leads to no folder of its own; write '..' in front of a folder's name, as in '../libs'",
        ),
        (
            "scan = ['app/../x']",
            "scan[0]: 'app/../x' leads to no folder of its own; "
            "write '..' in front of a folder's name, as in '../libs'",
        ),
        (
            "policies = ['no-such-pack']",
            "policies[0]: no installed distribution offers the policy pack 'no-such-pack'; "
            "install the distribution that offers it",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_key_and_way_out(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, text) == [f"ssot_tracker.toml: {problem}"]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    lines = problems(
        tmp_path,
        """
        phse = "ratchet"
        source = "app"
        [ssot.a]
        deprecated = ["a/b", 3]
        fixture = "f"
        until = "soon"
        [ssot.b]
        canonical = "a:B"
        fixture = "f"
        [[gate]]
        measure = "site"
        ssot = "c"
        [ids.k]
        patterns = ["time"]
        """,
    )
    assert [line.split(": ")[1] for line in lines] == [
        "phse",
        "source",
        "ssot.a.deprecated[0]",
        "ssot.a.deprecated[1]",
        "ssot.a.until",
        "gate[0].measure",
        "gate[0]",
        "gate[0]",
        "ids.k.patterns[0]",
        "ssot.a.fixture",
        "ssot.b.fixture",
        "gate[0].ssot",
    ]


def test_a_wrong_value_draws_no_second_problem(tmp_path: Path) -> None:
    lines = problems(tmp_path, "[ssot.a]\nfixture = 'f'\ncanonical = 'a/b'\nprovides = ['x']")
    assert [line.split(": ")[1] for line in lines] == ["ssot.a.canonical"]


def test_in_pyproject_the_key_is_told_below_the_table(tmp_path: Path) -> None:
    write(tmp_path, "[tool.ssot_tracker.ssot.execution]\ndeprecated = ['a', 'b/c']\n", "pyproject.toml")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert str(caught.value).startswith("pyproject.toml: ssot.execution.deprecated[1]: 'b/c' is not a target")


def test_the_table_itself_of_a_wrong_type_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "[tool]\nssot_tracker = 1\n", "pyproject.toml")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        "pyproject.toml: expected a table, found an integer; write keys such as phase, source, scan in a [table]"
    )


def test_the_error_survives_pickling_with_its_problems() -> None:
    error = ConfigurationError([Problem("a.toml", "x", "is wrong", "mend it"), Problem("a.toml", "", "is odd")])
    copy = pickle.loads(pickle.dumps(error))
    assert copy.problems == error.problems
    assert str(copy) == str(error) == "a.toml: x: is wrong; mend it\na.toml: is odd"


def test_a_path_that_is_not_there_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    for folder in ("app/core", "libs/one/src", ".hidden"):
        (tmp_path / folder).mkdir(parents=True)
    text = (
        "source = ['app', 'ap', 'app/cor']\nscan = ['tests', 'libs/*/src', 'libs/*/scr', 'hiden', 'app/x/y']\n[ssot.a]"
    )
    assert problems(tmp_path, text) == [
        f"ssot_tracker.toml: source[1]: there is no 'ap' in {tmp_path}; did you mean 'app'?",
        f"ssot_tracker.toml: source[2]: there is no 'app/cor' in {tmp_path}; did you mean 'app/core'?",
        f"ssot_tracker.toml: scan[0]: there is no 'tests' in {tmp_path}; correct the path or leave it out",
        f"ssot_tracker.toml: scan[2]: nothing in {tmp_path} matches 'libs/*/scr'; correct the pattern or leave it out",
        f"ssot_tracker.toml: scan[3]: there is no 'hiden' in {tmp_path}; correct the path or leave it out",
        f"ssot_tracker.toml: scan[4]: there is no 'app/x/y' in {tmp_path}; correct the path or leave it out",
    ]


def test_what_pytest_itself_is_told_need_not_be_there(tmp_path: Path) -> None:
    write(tmp_path, "[ssot.a]")
    assert load(tmp_path, testpaths=["nowhere"], pythonpath=["lib"]).tree.scan == (".", "nowhere")


def test_who_takes_a_configuration_over_need_not_look_again(tmp_path: Path) -> None:
    write(tmp_path, "source = ['ap']\n[ssot.a]")
    assert load(tmp_path, verify=False).tree.source == ("ap",)


@pytest.mark.parametrize("spelling", ["app/core", "./app/core/", "app//core", "app\\\\core", "app/./core"])
def test_paths_are_spelled_one_way(tmp_path: Path, spelling: str) -> None:
    (tmp_path / "app" / "core").mkdir(parents=True)
    assert read(tmp_path, f'source = ["{spelling}"]').tree.source == ("app/core",)


@pytest.mark.parametrize("spelling", [".", "./"])
def test_the_root_itself_can_be_named(tmp_path: Path, spelling: str) -> None:
    assert read(tmp_path, f'source = ["{spelling}"]').tree.source == (".",)


def test_a_table_and_an_ids_table_may_share_a_name(tmp_path: Path) -> None:
    settings = read(tmp_path, "[ssot.execution]\nphase = 'baseline'\n[ids.execution]")
    assert len(settings.table("execution")) == 2
    assert settings.phase_of("execution", today=datetime.date(2026, 1, 1)) is Phase.BASELINE


def test_targets_that_do_not_exist_are_no_problem_of_the_configuration(tmp_path: Path) -> None:
    settings = read(tmp_path, "[ssot.a]\ndeprecated = ['no.such.module:Thing']\ncanonical = 'nor.this:One'")
    assert settings.active
    assert not {"no", "nor"} & sys.modules.keys()


SHOP = {
    "shop/__init__.py": "",
    "shop/old.py": "",
    "shop/log.py": "class Log:\n    def write(self, text):\n        pass\n\n\ndef get_log():\n    return Log()\n",
}
DOTTED = """
[ssot.log]
canonical  = "shop.log.Log"
accessors  = ["shop.log.get_log"]
deprecated = ["shop.log.Log.write", "os.path.join", "shop.*.get_*", "logging.getLogger", "shop.old"]
allow_in   = ["shop.log.get_log"]
competing  = ["shop.log.Log"]
reset      = "shop.log.get_log"
replace    = { "shop.log.Log.write" = "shop.log.get_log" }
keys       = { "shop.log.Log.write" = "text" }
states     = { method = "shop.log.Log.write", key = "text", state = "text", allowed = {} }
[ids.log]
generators = ["shop.log.get_log"]
forbidden  = ["uuid.uuid4"]
consumers  = { "shop.log.Log.write" = "text" }
adopt      = ["shop.log.get_log"]
fix        = { "uuid.uuid4" = "shop.log:get_log()" }
"""


def test_a_target_with_dots_alone_means_the_same_as_one_with_a_colon(tmp_path: Path) -> None:
    for name, text in SHOP.items():
        write(tmp_path, text, name)
    colons = DOTTED.replace("shop.log.", "shop.log:").replace("os.path.", "os.path:").replace("uuid.", "uuid:")
    colons = colons.replace("shop.*.", "shop.*:").replace("logging.", "logging:")
    assert colons.count(".") == DOTTED.count(".") - 18
    dotted, plain = read(tmp_path, DOTTED), read(tmp_path, colons)
    assert (dotted.ssots, dotted.ids) == (plain.ssots, plain.ids)


def test_a_callable_of_which_nothing_is_there_yet_may_have_dots_alone(tmp_path: Path) -> None:
    (table,) = read(tmp_path, "[ssot.a]\naccessors = ['later.core.get_it']\nreset = 'later.core.Thing.clear'").ssots
    assert list(map(str, table.accessors)) == ["later.core:get_it"]
    assert str(table.reset) == "later.core:Thing.clear"


def test_parameters_are_kept_apart_and_spelled_in_one_way(tmp_path: Path) -> None:
    text = """
        [ssot.a]
        deprecated = ["shop.log:Log.write(text)", "shop.log.get_log( kind = 'old' )", "shop.log:get_log",
                      "shop.log.get_log(n=1.5)"]
        retired    = ["shop.log:get_log(gone)"]
        replace    = { "shop.log:get_log(kind='old')" = "shop.log:get_log(sort)" }
        """
    write(tmp_path, "class Log:\n    def write(self, text): pass\n\ndef get_log(kind, n): pass\n", "shop/log.py")
    found = read(tmp_path, text).ssots[0]
    assert [str(target) for target in found.deprecated] == ["shop.log:get_log"]
    assert [str(target) for target in found.parameters] == [
        "shop.log:Log.write(text)",
        'shop.log:get_log(kind="old")',
        "shop.log:get_log(n=1.5)",
        "shop.log:get_log(gone)",
    ]
    assert (found.replace, found.passing) == ({}, {})
    assert found.arguments == {'shop.log:get_log(kind="old")': "shop.log:get_log(sort)"}


def test_each_parameter_of_a_function_may_have_what_replaces_it(tmp_path: Path) -> None:
    text = """
        [ssot.a]
        deprecated = ["shop.log:note"]
        [ssot.a.replace]
        "shop.log:note(text)" = "shop.log:note(message)"
        "shop.log:note(kind)" = "shop.log:note(sort)"
        "shop.log:note(level=1)" = "shop.log:note(urgent)"
        """
    found = read(tmp_path, text).ssots[0]
    assert found.passing["shop.log:note"] == Passing.parse("text, kind", "message=text, sort=kind")
    assert list(found.arguments) == ["shop.log:note(text)", "shop.log:note(kind)", "shop.log:note(level=1)"]
    twice = text.replace("(kind)", "(text, kind)").replace("(sort)", "(sort, of)")
    assert problems(tmp_path, twice) == [
        'ssot_tracker.toml: ssot.a.replace."shop.log:note(text, kind)": shop.log:note is replaced twice; '
        "leave one of the two entries"
    ]


@pytest.mark.parametrize(
    ("text", "testpaths", "inside", "outside"),
    [
        ("", ["tests"], "tests/deep/any.py", "shop/test_it.py"),
        ("tests = ['checks']", ["tests"], "checks/any.py", "tests/test_it.py"),
        ("source = ['shop']", ["shop"], "shop/deep/test_it.py", "shop/it.py"),
        ("", ["."], "shop/it_test.py", "shop/it.py"),
        ("tests = []", ["tests"], None, "tests/test_it.py"),
    ],
)
def test_tests_are_where_it_is_said_or_where_pytest_looks(
    tmp_path: Path, text: str, testpaths: list[str], inside: str | None, outside: str
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "checks").mkdir()
    write(tmp_path, f"{text}\n[ssot.a]\ndeprecated = ['os:environ']")
    tree = load(tmp_path, testpaths=testpaths).tree
    assert inside is None or tree.in_tests(inside)
    assert not tree.in_tests(outside)


def test_what_has_tests_of_its_own_must_be_deprecated(tmp_path: Path) -> None:
    text = """
        tests_of = { "shop.lgo:Log" = ["tests/a.py"] }
        [ssot.a]
        deprecated = ["shop.log:Log"]
        tests_of = { "shop.log" = ["tests/b.py"], "shop.other" = "tests/c.py", "shop.log:Log.note" = "tests/d.py" }
        """
    assert [line.partition(": ")[2] for line in problems(tmp_path, text)] == [
        "ssot.a.tests_of.\"shop.other\": 'shop.other' is not deprecated; add it to 'deprecated', or leave it out",
        "tests_of.\"shop.lgo:Log\": 'shop.lgo:Log' is not deprecated; did you mean 'shop.log:Log'?",
    ]
