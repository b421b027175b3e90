"""What a configuration names is looked for, and what is surely misspelt is refused, all at once."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from pytest_ssot_tracker.settings import ConfigurationError, Settings, load
from pytest_ssot_tracker.settings.question import Question
from pytest_ssot_tracker.settings.tables import Unfound

FILES = {
    "shop/__init__.py": "",
    "shop/core.py": """
        class Tracker:
            def move(self, key, state): pass
            def start(self, order): pass
        def get_tracker(): pass
        def reset(): pass
        def new_id(): pass
        """,
    "shop/legacy.py": """
        class OrderLog:
            def write(self, key): pass
        def get_log(): pass
        """,
    "shop/served.py": "def __getattr__(name):\n    if name == 'OldThing':\n        return 1\n",
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        put(tmp_path, name, text)
    return tmp_path


def put(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")


def read(root: Path, text: str) -> Settings:
    put(root, "ssot_tracker.toml", text)
    return load(root)


def refused(root: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(root, text)
    return [line.removeprefix("ssot_tracker.toml: ") for line in str(caught.value).splitlines()]


def unfound(root: Path, text: str) -> list[Unfound]:
    return list(read(root, f"[ssot.a]\n{text}").unfound)


GONE = " Where it is gone for good, list it under 'retired'"


def test_all_that_is_there_is_found(project: Path) -> None:
    text = """
        [ssot.a]
        canonical  = "shop.core:Tracker"
        accessors  = ["shop.core:get_tracker"]
        deprecated = ["shop.legacy", "shop.legacy:OrderLog.write", "shop.*:get_*", "os:environ", "uuid:uuid4"]
        reset      = "shop.core:reset"
        replace    = { "shop.legacy:get_log" = "shop.core:get_tracker" }
        keys       = { "shop.core:Tracker.move" = "key" }
        states     = { method = "shop.core:Tracker.move", key = "key", state = "state", allowed = {} }
        [ids.a]
        generators = ["shop.core:new_id"]
        forbidden  = ["uuid:uuid1"]
        consumers  = { "shop.core:Tracker.start" = "order" }
        adopt      = ["shop.core:new_id"]
        """
    assert read(project, text).unfound == ()


def test_every_slip_is_refused_at_once_with_its_key_and_the_nearest_name(project: Path) -> None:
    text = """
        [ssot.a]
        canonical  = "shop.core:Trakcer"
        accessors  = ["shop.core:get_trackr", "shop.core:other"]
        deprecated = ["shop.legcy:OrderLog", "shop.legacy.OrdrLog", "shop.legacy:OrderLog.writ", "uuid:uid4"]
        competing  = ["shop.legacy:OrderLog", "shop.legcy"]
        reset      = "shop.core:rest"
        replace    = { "shop.legacy:get_lgo" = "shop.core:get_trackre" }
        keys       = { "shop.core:Tracker.mvoe" = "key" }
        states     = { method = "shop.core:Tracker.mov", key = "key", state = "state", allowed = {} }
        [ids.a]
        generators = ["shop.core:newid", "shop.ids:make"]
        forbidden  = ["uuid:uuid_4"]
        consumers  = { "shop.core:Tracker.strat" = "order" }
        adopt      = ["shop.core:new_idd"]
        [context.a]
        targets    = ["shop.core:Tracker.mvoe"]
        inside     = ["shop.core:rset"]
        [warnings.a]
        module     = ["shop.legcy", "shop.**"]
        """
    expected = {
        ("ssot.a.canonical", "shop.core has no 'Trakcer'", "shop.core:Tracker"),
        ("ssot.a.accessors[0]", "shop.core has no 'get_trackr'", "shop.core:get_tracker"),
        ("ssot.a.deprecated[0]", "there is no module 'shop.legcy'", "shop.legacy:OrderLog"),
        ("ssot.a.deprecated[1]", "shop.legacy has no 'OrdrLog'", "shop.legacy:OrderLog"),
        ("ssot.a.deprecated[2]", "shop.legacy:OrderLog has no 'writ'", "shop.legacy:OrderLog.write"),
        ("ssot.a.deprecated[3]", "uuid has no 'uid4'", "uuid:uuid4"),
        ("ssot.a.competing[1]", "there is no module 'shop.legcy'", "shop.legacy"),
        ("ssot.a.reset", "shop.core has no 'rest'", "shop.core:reset"),
        ('ssot.a.replace."shop.legacy:get_lgo"', "shop.legacy has no 'get_lgo'", "shop.legacy:get_log"),
        ('ssot.a.replace."shop.legacy:get_lgo"', "shop.core has no 'get_trackre'", "shop.core:get_tracker"),
        ('ssot.a.keys."shop.core:Tracker.mvoe"', "shop.core:Tracker has no 'mvoe'", "shop.core:Tracker.move"),
        ("ssot.a.states.method", "shop.core:Tracker has no 'mov'", "shop.core:Tracker.move"),
        ("ids.a.generators[0]", "shop.core has no 'newid'", "shop.core:new_id"),
        ("ids.a.forbidden[0]", "uuid has no 'uuid_4'", "uuid:uuid4"),
        ('ids.a.consumers."shop.core:Tracker.strat"', "shop.core:Tracker has no 'strat'", "shop.core:Tracker.start"),
        ("ids.a.adopt[0]", "shop.core has no 'new_idd'", "shop.core:new_id"),
        ("context.a.targets[0]", "shop.core:Tracker has no 'mvoe'", "shop.core:Tracker.move"),
        ("context.a.inside[0]", "shop.core has no 'rset'", "shop.core:reset"),
        ("warnings.a.module[0]", "there is no module 'shop.legcy'", "shop.legacy"),
    }
    lines = {
        f"{key}: {lacks}; did you mean {near!r}?{GONE if '.deprecated' in key else ''}" for key, lacks, near in expected
    }
    lines |= {
        "ssot.a.replace.\"shop.legacy:get_lgo\": 'shop.legacy:get_lgo' is not deprecated in this table; add it to "
        "'deprecated', or leave it out",
        "ssot.a.accessors[1]: shop.core has no 'other'; it has Tracker, get_tracker, new_id, reset",
        "ids.a.generators[1]: there is no module 'shop.ids'; it has core, legacy, served",
    }
    assert set(refused(project, text)) == lines


def test_slips_are_told_together_with_what_else_is_wrong(project: Path) -> None:
    lines = refused(project, "phse = 1\nsource = ['shpo']\n[ssot.a]\ncanonical = 'shop.core:Trakcer'\nmax = 3")
    assert [line.partition(":")[0] for line in lines] == ["phse", "ssot.a.max", "source[0]", "ssot.a.canonical"]


@pytest.mark.parametrize("spelled", ["later.core:Tracker", "later.core.Tracker", "later", "shop.later.core:Tracker"])
def test_what_is_to_come_may_have_no_package_yet(project: Path, spelled: str) -> None:
    (row,) = unfound(project, f"canonical = '{spelled}'")
    assert (row.goes, row.sure, row.was) == (False, True, "")


def test_a_package_of_the_project_may_be_misspelt_itself(project: Path) -> None:
    line = "ssot.a.canonical: there is no module 'shpo'; did you mean 'shop.core:Tracker'?"
    assert refused(project, "[ssot.a]\ncanonical = 'shpo.core:Tracker'") == [line]


def test_of_a_deprecated_target_that_is_not_there_nothing_is_known(project: Path) -> None:
    (gone, never, far) = unfound(
        project, "deprecated = ['shop.gone', 'shop.legacy:Never', 'jwt:decode', 'shop.legacy']"
    )
    assert gone == Unfound(
        "a", "shop.gone", goes=True, lacks="there is no module 'shop.gone'", trouble="this is no git repository"
    )
    assert (never.target, never.lacks) == ("shop.legacy:Never", "shop.legacy has no 'Never'")
    assert (far.target, far.lacks) == ("jwt:decode", "there is no module 'jwt'")


def test_what_is_listed_as_retired_is_known_and_deprecated_all_the_same(project: Path) -> None:
    settings = read(project, "[ssot.a]\ndeprecated = ['shop.legacy']\nretired = ['shop.legcy', 'shop.legacy:OrdrLog']")
    assert [(row.target, row.was) for row in settings.unfound] == [
        ("shop.legcy", "listed as retired"),
        ("shop.legacy:OrdrLog", "listed as retired"),
    ]
    assert list(map(str, settings.ssots[0].deprecated)) == ["shop.legacy", "shop.legcy", "shop.legacy:OrdrLog"]


def test_what_is_retired_and_there_again_is_watched(project: Path) -> None:
    settings = read(project, "[ssot.a]\nretired = ['shop.legacy:OrderLog']")
    assert settings.unfound == ()
    assert list(map(str, settings.ssots[0].deprecated)) == ["shop.legacy:OrderLog"]


def test_what_the_baseline_remembers_is_no_slip(project: Path) -> None:
    put(project, "ssot-baseline.json", '{"format": 1, "sites": [["a.py", {"target": "shop.legacy:OrderLgo"}, null]]}')
    (row,) = unfound(project, "deprecated = ['shop.legacy:OrderLgo']")
    assert row.was == "remembered by the baseline"


def test_what_a_test_proves_to_be_gone_is_no_slip(project: Path) -> None:
    put(project, "tests/test_gone.py", "try:\n    from shop import legcy\nexcept ImportError:\n    pass\n")
    (row,) = unfound(project, "deprecated = ['shop.legcy:OrderLog']")
    assert row.was == "its import is guarded at tests/test_gone.py:2"


def test_a_name_that_is_declared_itself_is_not_what_another_means(project: Path) -> None:
    (row,) = unfound(project, "deprecated = ['shop.legacy:get_log', 'shop.legacy:get_logs']")
    assert (row.target, row.near) == ("shop.legacy:get_logs", None)


def test_what_may_be_made_at_run_time_is_not_refused(project: Path) -> None:
    put(project, "tests/conftest.py", "import sys, shop.core\nsys.modules['shop.legcy'] = shop.core\n")
    rows = unfound(project, "deprecated = ['shop.served:OldThing', 'shop.legcy:OrderLog']")
    rows += unfound(project, "deprecated = ['shop.served:OldTing']")
    assert {row.target: (row.sure, row.may_be_made, row.near) for row in rows} == {
        "shop.served:OldThing": (False, True, None),
        "shop.served:OldTing": (False, False, "shop.served:OldThing"),
        "shop.legcy:OrderLog": (False, True, "shop.legacy:OrderLog"),
    }


def test_a_method_of_what_goes_need_not_be_there(project: Path) -> None:
    rows = unfound(
        project, "deprecated = ['shop.gone']\nkeys = { 'shop.gone:Log.write' = 'key', 'shop.core:gone' = 'key' }"
    )
    assert [row.target for row in rows] == ["shop.gone", "shop.core:gone"]


def test_competing_modules_need_not_be_there(project: Path) -> None:
    assert unfound(project, "competing = ['shop.core', 'shop.engine']") == []


def test_a_pattern_that_matches_nothing_is_not_found(project: Path) -> None:
    spelled = "'shop.old_*', 'shop.legacy:Old*', 'shop.*:Order*', '**.old', '**.legacy', 'shop.legacy:OrderLog.old*'"
    assert [row.lacks for row in unfound(project, f"deprecated = [{spelled}]")] == [
        "no module matches 'shop.old_*'",
        "nothing in shop.legacy matches 'Old*'",
        "no module matches '**.old'",
        "nothing in shop.legacy matches 'OrderLog.old*'",
    ]


def test_a_slip_behind_a_pattern_of_modules_is_refused(project: Path) -> None:
    line = f"ssot.a.deprecated[0]: nothing in shop.le* is 'OrdrLog'; did you mean 'shop.le*:OrderLog'?{GONE}"
    assert refused(project, "[ssot.a]\ndeprecated = ['shop.le*:OrdrLog']") == [line]


def test_whom_a_table_judges_has_to_be_there(project: Path) -> None:
    text = """
        tests = ["tets"]
        [ssot.a]
        deprecated = ["shop.legacy"]
        within = ["shpo", "shop/legcy.py", "shpo/core/**", "shop.nowhere", "shop/**", "**/later.py", "shop.core"]
        """
    (project / "tests").mkdir()
    assert refused(project, text) == [
        f"tests[0]: there is no 'tets' in {project}; did you mean 'tests'?",
        f"ssot.a.within[1]: there is no 'shop/legcy.py' in {project}; did you mean 'shop/legacy.py'?",
        f"ssot.a.within[2]: there is no 'shpo/core' in {project}; did you mean 'shop'?",
        "ssot.a.within[0]: there is no module 'shpo'; did you mean 'shop'?",
        "ssot.a.within[3]: there is no module 'shop.nowhere'; it has core, legacy, served",
    ]
    assert read(project, "[warnings.a]\nmodule = ['sqlalchemy.**']").unfound == (), "it may not be installed here"
    path, module = unfound(project, "deprecated = ['shop.legacy']\nwithin = ['later', 'later/**']")
    assert (path.target, path.lacks, module.target, module.goes) == (
        "later/**",
        "nothing is at 'later/**'",
        "later",
        False,
    )


def test_callers_go_by_the_name_that_their_files_have(project: Path) -> None:
    put(project, "src/app/__init__.py", "")
    put(project, "src/app/use.py", "def log(): pass\n")
    (table,) = read(
        project,
        """
        [ssot.a]
        deprecated = ["shop.legacy"]
        allow_in = ["src.app.use", "src.a*", "app.use:log", "shop.core"]
        within = ["src.app", "src.app.**", "app.use", "shop"]
        """,
    ).ssots
    assert list(map(str, table.allow_in)) == ["app.use", "a*", "app.use:log", "shop.core"]
    assert table.within == ("app", "app.**", "app.use", "shop")


def test_a_slip_in_a_question_is_refused_whatever_the_project_declares_itself(project: Path) -> None:
    put(project, "ssot_tracker.toml", "[ssot.a]\ndeprecated = ['shop.legacy:OrderLog']")
    with pytest.raises(ConfigurationError, match=r"did you mean 'shop\.legacy:OrderLog'"):
        load(project, question=Question(("shop.legacy.OrdrLog",)))


def test_nobody_looks_where_it_was_done_already(project: Path) -> None:
    put(project, "ssot_tracker.toml", "[ssot.a]\ncanonical = 'shop.core:Trakcer'")
    assert load(project, verify=False).unfound == ()


SENT = """
    from dataclasses import dataclass
    from functools import wraps

    from shop.base import Base

    def send(text, urgent=False, *, copy=None): pass
    def anything(text, **options): pass
    @wraps(send)
    def wrapped(*args): pass
    class Mail(Base):
        def ring(self, text, urgent=False): pass
    @dataclass
    class Row:
        text: str
        urgent: bool = False
    """


def test_a_parameter_is_looked_for_in_what_takes_it(project: Path) -> None:
    put(project, "shop/base.py", "class Base:\n    def __init__(self, name): pass\n    def call(self, number): pass\n")
    put(project, "shop/mail.py", SENT)
    there = """
        "shop.mail:send(urgent)", "shop.mail.send(copy)", "shop.mail:anything(what)", "shop.mail:wrapped(what)",
        "shop.mail:Mail(name)", "shop.mail:Mail.call(number)", "shop.mail:Row(urgent)", "json:dumps(indent)",
        "shop.mail:*(urgent)",
        """
    assert unfound(project, f"deprecated = [{there}]") == []
    text = """
        [ssot.a]
        deprecated = ["shop.mail:send(urgnt)", "shop.mail:Mail.ring(urgnet='x')", "shop.mail:Mail(nmae)",
                      "shop.mail:Row(urgnt)"]
        """
    assert refused(project, text) == [
        f"ssot.a.deprecated[{at}]: {owner} has no parameter {wrong!r}; did you mean {owner + right!r}?{GONE}"
        for at, owner, wrong, right in (
            (0, "shop.mail:send", "urgnt", "(urgent)"),
            (1, "shop.mail:Mail.ring", "urgnet", '(urgent="x")'),
            (2, "shop.mail:Mail", "nmae", "(name)"),
            (3, "shop.mail:Row", "urgnt", "(urgent)"),
        )
    ]


def test_of_a_parameter_that_is_not_there_nothing_is_known_unless_it_is_listed(project: Path) -> None:
    put(project, "shop/mail.py", SENT)
    rows = unfound(project, 'deprecated = ["shop.mail:send(mode)"]\nretired = ["shop.mail:send(kind)"]')
    assert [(row.target, row.lacks, row.was) for row in rows] == [
        ("shop.mail:send(mode)", "shop.mail:send has no parameter 'mode'", ""),
        ("shop.mail:send(kind)", "shop.mail:send has no parameter 'kind'", "listed as retired"),
    ]


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            'canonical = "shop.core:Tracker"\ndeprecated = ["shop.core:Tracker"]',
            "ssot.a.canonical: the canonical 'shop.core:Tracker' is deprecated in the same table; "
            "name what is to be used instead, or deprecate less",
        ),
        (
            'canonical = "shop.core:Tracker"\ndeprecated = ["uuid:uuid1", "shop"]',
            "ssot.a.canonical: the canonical 'shop.core:Tracker' is deprecated with 'shop' in the same table; "
            "name what is to be used instead, or deprecate less",
        ),
        (
            'deprecated = ["shop.legacy:OrderLog"]\nreplace = { "shop.legacy:get_log" = "shop.core:get_tracker" }',
            "ssot.a.replace.\"shop.legacy:get_log\": 'shop.legacy:get_log' is not deprecated in this table; "
            "add it to 'deprecated', or leave it out",
        ),
        (
            'deprecated = ["text:orders_old"]\nreplace = { "text:orders_odl" = "orders" }',
            "ssot.a.replace.\"text:orders_odl\": 'text:orders_odl' is not deprecated in this table; "
            "did you mean 'text:orders_old'?",
        ),
        (
            'canonical = "shop.core"\nsingle = true',
            "ssot.a.single: the canonical 'shop.core' is a module; name the class or function that is to be alone",
        ),
        (
            'deprecated = ["shop.legacy"]\nallow_in = ["shop.migration.**"]',
            "ssot.a.allow_in[0]: there is no module 'shop.migration', so this allows nothing; "
            "correct it or leave it out",
        ),
        (
            'deprecated = ["shop.legacy"]\nallow_in = ["shop.cor"]',
            "ssot.a.allow_in[0]: there is no module 'shop.cor', so this allows nothing; did you mean 'shop.core'?",
        ),
        (
            'deprecated = ["shop.legacy"]\nallow_in = ["shop.core:rset"]',
            "ssot.a.allow_in[0]: shop.core has no 'rset', so this allows nothing; did you mean 'shop.core:reset'?",
        ),
    ],
)
def test_what_contradicts_itself_or_says_nothing_is_refused(project: Path, table: str, line: str) -> None:
    assert refused(project, f"[ssot.a]\n{table}") == [line]


@pytest.mark.parametrize(
    "table",
    [
        'canonical = "shop.core:Tracker"\ndeprecated = ["shop.core:Tracker.start"]',
        'canonical = "shop.core:Tracker.start"\ndeprecated = ["shop.core:Tracker.start(order)"]\n'
        'replace = { "shop.core:Tracker.start(order)" = "shop.core:Tracker.start(number)" }',
        'deprecated = ["shop.legacy"]\nreplace = { "shop.legacy:get_log" = "shop.core:get_tracker" }',
        'deprecated = ["shop.legacy:OrderLog.write"]\nreplace = { "shop.legacy:OrderLog" = "shop.core:Tracker" }',
        'deprecated = ["shop.leg*:*"]\nreplace = { "shop.legacy:get_log" = "shop.core:get_tracker" }',
        'deprecated = ["shop.legacy"]\nallow_in = ["shop.**", "shop.core.**", "**.core", "shop.core:Tracker.start"]',
        'deprecated = ["later.old"]\nallow_in = ["later.core.**"]',
    ],
)
def test_what_can_be_meant_is_not_refused(project: Path, table: str) -> None:
    read(project, f"[ssot.a]\n{table}")


def test_who_was_let_in_and_is_deleted_fails_nothing(project: Path) -> None:
    """What improves a project must not break its build."""
    text = '[ssot.a]\ndeprecated = ["shop.legacy"]\nallow_in = ["shop.migration.**"]'
    put(project, "test_gone.py", "try:\n    import shop.migration\nexcept ImportError:\n    pass\n")
    read(project, text)


def test_what_is_harvested_may_be_replaced_though_no_table_names_it(project: Path) -> None:
    table = '[ssot.shop]\nreplace = { "shop.legacy:get_log" = "shop.core:get_tracker" }'
    read(project, f'harvest = ["deprecated"]\n{table}')
    assert len(refused(project, table)) == 1
