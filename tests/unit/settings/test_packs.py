"""Rule packs of installed distributions lend their tables; the project's own win."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_ssot_tracker.model import Phase
from pytest_ssot_tracker.settings import ConfigurationError, load

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a distribution with one pack; its module is named like the pack."""
    home = tmp_path / "installed"
    home.mkdir()
    monkeypatch.syspath_prepend(home)

    def install(name: str, body: str, *, module: str | None = None) -> None:
        module = module or f"pack_{name}"
        monkeypatch.delitem(sys.modules, module, raising=False)
        (home / f"{module}.py").write_text(textwrap.dedent(body), encoding="utf-8")
        info = home / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
        entry = f"[ssot_tracker.policies]\n{name} = {module}:policy\n"
        (info / "entry_points.txt").write_text(entry, encoding="utf-8")

    return install


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    def project(text: str) -> Path:
        root = tmp_path / "project"
        root.mkdir()
        (root / "ssot_tracker.toml").write_text(textwrap.dedent(text), encoding="utf-8")
        return root

    return project


def refused(root: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(root)
    return str(caught.value)


def test_an_active_pack_lends_its_tables(install: Install, project: Callable[[str], Path]) -> None:
    install(
        "clock",
        """
        def policy():
            return {
                "phase": "ratchet",
                "ssot": {"time": {"deprecated": ["time:clock"]}},
                "ids": {"any": {"forbidden": ["uuid:uuid1"]}},
                "gate": [{"name": "none", "measure": "sites", "ssot": "time", "max": 0}],
            }
        """,
    )
    settings = load(project("policies = ['clock']"))
    assert settings.packs == ("clock",)
    assert settings.phase is Phase.RATCHET
    assert [str(one) for one in settings.ssots[0].deprecated] == ["time:clock"]
    assert settings.ids[0].name == "any"
    assert settings.gates[0].max == 0


def test_a_pack_that_is_not_named_is_not_even_imported(install: Install, project: Callable[[str], Path]) -> None:
    install("loud", "raise RuntimeError('imported')")
    settings = load(project("[ssot.own]"))
    assert settings.packs == ()
    assert "pack_loud" not in sys.modules


def test_the_projects_own_keys_win_and_a_pack_wins_over_later_ones(
    install: Install, project: Callable[[str], Path]
) -> None:
    install(
        "first",
        """
        def policy():
            return {
                "phase": "baseline",
                "exclude": ["vendor/**"],
                "ssot": {"a": {"deprecated": ["first"], "owner": "first", "issue": "#1"}, "b": {"owner": "first"}},
                "gate": [{"name": "g", "measure": "sites", "max": 1}, {"name": "h", "measure": "sites", "max": 1}],
            }
        """,
    )
    install(
        "second",
        """
        def policy():
            return {"ssot": {"a": {"issue": "#2", "reason": "second"}, "c": {}}, "phase": "ratchet"}
        """,
    )
    settings = load(
        project(
            """
            phase = "enforce"
            policies = ["first", "second"]
            [ssot.a]
            deprecated = ["own"]
            [[gate]]
            name = "g"
            measure = "failures"
            max = 0
            """
        )
    )
    a, b, c = settings.ssots
    assert (a.name, b.name, c.name) == ("a", "b", "c")
    assert settings.phase is Phase.ENFORCE
    assert settings.tree.exclude == ("vendor/**",)
    assert [str(one) for one in a.deprecated] == ["own"]
    assert (a.owner, a.issue, a.reason) == ("first", "#1", "second")
    assert [(gate.name, gate.measure, gate.max) for gate in settings.gates] == [("g", "failures", 0), ("h", "sites", 1)]


def test_a_pack_may_build_on_another_even_in_a_circle(install: Install, project: Callable[[str], Path]) -> None:
    install("one", "def policy(): return {'policies': ['two'], 'ssot': {'a': {}}}")
    install("two", "def policy(): return {'policies': ['one'], 'ssot': {'b': {}}}")
    settings = load(project("policies = ['one', 'one']"))
    assert settings.packs == ("one", "two")
    assert [one.name for one in settings.ssots] == ["a", "b"]


def test_an_error_in_a_pack_names_the_pack(install: Install, project: Callable[[str], Path]) -> None:
    install("bad", "def policy(): return {'ssot': {'a': {'cannonical': 'x:Y', 'deprecated': ['a/b']}}}")
    assert refused(project("phse = 1\npolicies = ['bad']")).splitlines() == [
        "ssot_tracker.toml: phse: unknown key 'phse'; did you mean 'phase'?",
        "policy pack 'bad': ssot.a.cannonical: unknown key 'cannonical'; did you mean 'canonical'?",
        "policy pack 'bad': ssot.a.deprecated[0]: 'a/b' is not a target: 'a/b' is no identifier; "
        "write pkg.mod, pkg.mod:Name or pkg.mod:Class.method",
    ]


def test_a_fixture_claimed_by_project_and_pack_is_told_where_it_came_second(
    install: Install, project: Callable[[str], Path]
) -> None:
    install("claim", "def policy(): return {'ssot': {'b': {'canonical': 'x:Y', 'fixture': 'f'}}}")
    root = project("policies = ['claim']\n[ssot.a]\ncanonical = 'x:Z'\nfixture = 'f'")
    assert refused(root) == (
        "policy pack 'claim': ssot.b.fixture: ssot.a already claims the fixture 'f'; choose another name"
    )


def test_a_misspelled_pack_is_told_with_the_nearest_installed(install: Install, project: Callable[[str], Path]) -> None:
    install("company", "def policy(): return {}")
    assert refused(project("policies = ['compnay']")) == (
        "ssot_tracker.toml: policies[0]: no installed distribution offers the policy pack 'compnay'; "
        "did you mean 'company'?"
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            "def policy(): raise KeyError('x')",
            "the policy pack 'p' (pack_p:policy) cannot be loaded: KeyError: 'x'; repair it",
        ),
        (
            "import no_such_module_at_all",
            "the policy pack 'p' (pack_p:policy) cannot be loaded: ModuleNotFoundError: "
            "No module named 'no_such_module_at_all'; repair it",
        ),
        ("def policy(): return []", "the policy pack 'p' (pack_p:policy) returned list, not a mapping; repair it"),
    ],
)
def test_a_broken_pack_is_a_problem_of_the_line_that_names_it(
    install: Install, project: Callable[[str], Path], body: str, problem: str
) -> None:
    install("p", body)
    assert refused(project("policies = ['p']")) == f"ssot_tracker.toml: policies[0]: {problem}"


def test_a_pack_offered_twice_is_refused(install: Install, project: Callable[[str], Path]) -> None:
    install("p", "def policy(): return {}", module="pack_one")
    install("p", "def policy(): return {}", module="pack_two")
    assert refused(project("policies = ['p']")) in (
        "ssot_tracker.toml: policies[0]: several distributions offer a policy pack 'p': "
        f"{one}:policy, {two}:policy; keep one of them"
        for one, two in (("pack_one", "pack_two"), ("pack_two", "pack_one"))
    )


def test_a_pack_may_hand_out_tuples_and_dates(install: Install, project: Callable[[str], Path]) -> None:
    install(
        "p",
        """
        import datetime
        def policy():
            return {"ssot": {"a": {"deprecated": ("x", "y"), "until": datetime.date(2030, 1, 1)}}}
        """,
    )
    (table,) = load(project("policies = ['p']")).ssots
    assert [str(one) for one in table.deprecated] == ["x", "y"]
    assert table.until is not None
