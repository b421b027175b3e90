"""What was harvested becomes tables, beside what the configuration says itself."""

from __future__ import annotations

import pytest

from pytest_ssot_tracker.settings import ConfigurationError

OLD = "from warnings import deprecated\n\ndef total(): ...\n\n@deprecated({words!r})\ndef old(): ...\n"


def declares(project, words: str = "use total") -> None:
    project.write("shop/api.py", OLD.format(words=words))


def test_without_the_key_nothing_is_harvested(project) -> None:
    declares(project)
    assert project.load("[]").ssots == ()
    assert not (project.root / ".ssot_cache").exists()


def test_each_kind_is_harvested_only_where_it_is_asked_for(project) -> None:
    declares(project)
    project.write("shop/b.py", 'def older():\n    """.. deprecated:: 1.2"""\n')
    assert project.harvested(kinds='["docstring"]') == {"shop.b:older": ""}
    assert project.harvested(kinds='["deprecated"]') == {"shop.api:old": "shop.api:total"}


def test_a_kind_that_there_is_not_is_refused_with_the_nearest(project) -> None:
    with pytest.raises(ConfigurationError) as caught:
        project.load('["docstrings", "ruff"]')
    kinds = "deprecated, warnings, getattr, docstring, banned-api, import-linter"
    assert str(caught.value).splitlines() == [
        "ssot_tracker.toml: harvest[0]: unknown kind of harvest 'docstrings'; did you mean 'docstring'?",
        f"ssot_tracker.toml: harvest[1]: unknown kind of harvest 'ruff'; write one of {kinds}",
    ]


def test_there_is_a_table_for_each_package(project) -> None:
    declares(project)
    project.write("store/__init__.py", "")
    project.write("store/api.py", OLD.format(words="gone"))
    settings = project.load()
    assert [table.name for table in settings.ssots] == ["shop"], "source is shop alone"
    project.write("ssot_tracker.toml", 'source = ["shop", "store"]\nharvest = ["deprecated"]\n')
    assert {name: [*map(str, table.deprecated)] for name, table in tables(project)} == {
        "shop": ["shop.api:old"],
        "store": ["store.api:old"],
    }


def tables(project):
    from pytest_ssot_tracker.settings import load

    return [(table.name, table) for table in load(project.root).ssots]


def test_what_is_configured_wins(project) -> None:
    declares(project)
    configured = """
        [ssot.totals]
        canonical = "shop.api:total"
        deprecated = ["shop.api:old"]
    """
    assert [table.name for table in project.load(tables=configured).ssots] == ["totals"]


def test_a_table_of_the_same_name_says_how_it_is_judged(project) -> None:
    declares(project)
    project.write("shop/older.py", "")
    shop = project.table(tables='[ssot.shop]\nphase = "baseline"\nowner = "us"\ndeprecated = ["shop.older"]\n')
    assert (shop.phase, shop.owner) == ("baseline", "us")
    assert [*map(str, shop.deprecated)] == ["shop.older", "shop.api:old"]
    assert shop.replace == {"shop.api:old": "shop.api:total"}


def test_a_canonical_replaces_nothing_that_was_harvested(project) -> None:
    declares(project, "gone")
    project.write("shop/core.py", "class Core: ...\n")
    ssots = project.load(tables='[ssot.shop]\ncanonical = "shop.core:Core"\n').ssots
    assert [(table.name, table.replacement("shop.api:old")) for table in ssots] == [
        ("shop", "shop.core:Core"),
        ("shop-harvested", None),
    ]


def test_tests_are_not_harvested(project) -> None:
    for path in ("shop/tests/helping.py", "shop/test_api.py", "shop/conftest.py"):
        project.write(path, OLD.format(words="gone"))
    assert project.harvested() == {}


@pytest.mark.parametrize("config", ['exclude = ["shop/vendor/**"]'])
def test_what_is_excluded_is_not_harvested(project, config) -> None:
    project.write("shop/vendor/api.py", OLD.format(words="gone"))
    assert project.harvested(top=config) == {}


def test_what_a_deprecated_module_holds_goes_with_it(project) -> None:
    text = "import warnings\nfrom shop.new import total\nwarnings.warn('shop.old is deprecated', DeprecationWarning)\n"
    project.write("shop/new.py", "def total(): ...\n")
    project.write(
        "shop/old.py", text + "\ndef old():\n    warnings.warn('use total', DeprecationWarning)\n    return 1\n"
    )
    shop = project.table()
    assert [*map(str, shop.deprecated)] == ["shop.old"]
    assert shop.replacement("shop.old:old", "shop.old") == "shop.new:total"


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("total", "shop.api:total"),
        ("shop.core.fresh", "shop.core:fresh"),
        ("core.fresh", "shop.core:fresh"),
        ("fresh", "shop.core:fresh"),
        ("Core.run", "shop.core:Core.run"),
        ("json.dumps", "json:dumps"),
        ("shop.core", "shop.core"),
        ("twice", ""),
        ("nothing_of_the_kind", ""),
        ("old", ""),
    ],
)
def test_the_replacement_is_the_thing_that_is_meant(project, name, new) -> None:
    declares(project, f"Use `{name}` instead.")
    project.write("shop/core.py", "def fresh(): ...\n\nclass Core:\n    def run(self): ...\n")
    for module in ("a", "b"):
        project.write(f"shop/{module}.py", "def twice(): ...\n")
    assert project.harvested() == {"shop.api:old": new}


def test_an_import_beside_it_is_followed_to_where_the_project_defines_it(project) -> None:
    project.write(
        "shop/api.py", "from shop.core import total\n" + OLD.format(words="use total").replace("def total(): ...", "")
    )
    project.write("shop/core.py", "def total(): ...\n")
    assert project.harvested() == {"shop.api:old": "shop.core:total"}


VERSION = '[project]\nname = "shop"\nversion = "{}"\n'


def test_the_version_of_the_removal_ends_the_leniency_about_that_target(project) -> None:
    project.write("pyproject.toml", VERSION.format("2.0"))
    declares(project, "old() will be removed in 2.0, use total()")
    project.write("shop/b.py", OLD.format(words="will be removed in version 3.0"))
    settings = project.load(tables='[ssot.shop]\nphase = "baseline"\n')
    (shop,) = settings.ssots
    assert shop.removed_in == {"shop.api:old": "2.0", "shop.b:old": "3.0"}
    assert (shop.overdue, shop.late) == (False, frozenset({"shop.api:old"}))


def test_the_version_that_a_helper_says_by_default_is_one(project) -> None:
    project.write("pyproject.toml", VERSION.format("2.0"))
    helper = (
        "def moved(old, *, gone='3.0'):\n    warnings.warn(f'{old} will be removed in {gone}', DeprecationWarning)\n"
    )
    uses = "".join(
        f"def {name}():\n    moved('{name}'{more})\n    return 1\n" for name, more in (("a", ""), ("b", ", gone='4.0'"))
    )
    project.write("shop/api.py", f"import warnings\n{helper}{uses}")
    assert project.table().removed_in == {"shop.api:a": "3.0", "shop.api:b": "4.0"}


def test_one_version_of_all_is_that_of_the_table(project) -> None:
    project.write("pyproject.toml", VERSION.format("1.9"))
    declares(project, "old() will be removed in 2.0")
    assert (project.table().removed_in, project.table().overdue) == ("2.0", False)


def test_since_when_it_is_deprecated_is_no_version_of_its_removal(project) -> None:
    project.write("pyproject.toml", VERSION.format("2.0"))
    project.write("shop/api.py", 'def old():\n    """.. deprecated:: 1.2\n       Will be removed in 3.0.\n    """\n')
    project.write("shop/b.py", 'def old():\n    """.. deprecated:: 1.2"""\n')
    assert project.table().removed_in == {"shop.api:old": "3.0"}


def test_a_version_is_no_trouble_where_nobody_knows_that_of_the_project(project) -> None:
    declares(project, "old() will be removed in 2.0")
    assert project.table().overdue is False


def test_a_second_load_reads_only_what_has_changed(project, monkeypatch) -> None:
    import os
    import time

    from pytest_ssot_tracker.harvest import harvesting

    declares(project)
    project.write("shop/other.py", "x = 1\n")
    long_ago = time.time_ns() + 10**10
    monkeypatch.setattr(time, "time_ns", lambda: long_ago)
    assert project.harvested() == {"shop.api:old": "shop.api:total"}
    kept = project.root / ".ssot_cache"
    (file,) = kept.glob("harvest-*.json")
    os.utime(file, ns=(long_ago, long_ago))
    monkeypatch.setattr(harvesting, "facts_of", None)
    assert project.harvested() == {"shop.api:old": "shop.api:total"}
    monkeypatch.undo()
    declares(project, "gone")
    assert project.harvested() == {"shop.api:old": ""}
    file.write_text("no JSON")
    assert project.harvested() == {"shop.api:old": ""}


@pytest.mark.parametrize(("version", "new"), [('"format":[', "shop.api:total"), ('"format":[0,', "")])
def test_what_another_version_has_kept_is_not_used(project, version, new) -> None:
    declares(project, "gone soon")
    assert project.harvested() == {"shop.api:old": ""}
    (file,) = (project.root / ".ssot_cache").glob("harvest-*.json")
    file.write_text(file.read_text().replace('"gone soon"', '"use total"').replace('"format":[', version))
    assert project.harvested() == {"shop.api:old": new}


def test_nothing_is_kept_where_that_is_not_wanted(project) -> None:
    declares(project)
    assert project.harvested(cached=False) == {"shop.api:old": "shop.api:total"}
    assert not (project.root / ".ssot_cache").exists()


def test_code_that_cannot_be_read_says_nothing(project) -> None:
    declares(project)
    project.write("shop/broken.py", "def deprecated(:\n")
    (project.root / "shop" / "latin.py").write_bytes(b"# deprecated \xff\n")
    assert project.harvested() == {"shop.api:old": "shop.api:total"}


def test_a_replacement_is_looked_for_once_while_nothing_changes(project, monkeypatch) -> None:
    from pytest_ssot_tracker.harvest.named_replacements import NamedReplacements

    declares(project)
    find, asked = NamedReplacements.find, []
    monkeypatch.setattr(NamedReplacements, "find", lambda *words: asked.append(words[1]) or find(*words))
    for _ in range(2):
        assert project.harvested() == {"shop.api:old": "shop.api:total"}
        assert asked == ["total"]
    project.write("shop/other.py", "x = 1\n")
    assert project.harvested() == {"shop.api:old": "shop.api:total"}
    assert asked == ["total", "total"]


def test_a_replacement_that_is_gone_is_none(project) -> None:
    declares(project)
    assert project.harvested() == {"shop.api:old": "shop.api:total"}
    project.write("shop/api.py", OLD.format(words="use total").replace("def total", "def whole"))
    assert project.harvested() == {"shop.api:old": ""}


SITE = (
    '{{"format": 1, "sites": ["00", ["shop/use.py", '
    '{{"rule": "{rule}", "ssot": "{ssot}", "target": "{target}", "scope": "f", "text": "api.old()"}}, null], "end"]}}'
)


@pytest.mark.parametrize(
    ("ssot", "target", "rule", "kept"),
    [
        ("shop", "shop.api:old", "deprecated-use", ["shop.api:old"]),
        ("shop", "shop.gone", "deprecated-import", ["shop.gone"]),
        ("shop", "shop.gone:Log.put", "deprecated-use", ["shop.gone:Log.put"]),
        ("shop", "shop.api:total", "deprecated-use", []),
        ("shop", "shop.api:old", "singleton-bypass", []),
        ("orders", "shop.api:old", "deprecated-use", []),
    ],
)
def test_what_is_gone_stays_deprecated_while_the_baseline_knows_uses_of_it(project, ssot, target, rule, kept) -> None:
    project.write("shop/api.py", "def total(): ...\n")
    project.write("ssot-baseline.json", SITE.format(ssot=ssot, target=target, rule=rule))
    settings = project.load()
    assert [str(one) for table in settings.ssots for one in table.deprecated] == kept
    assert [(row.target, row.was) for row in settings.unfound] == [(one, "remembered by the baseline") for one in kept]


def test_a_table_of_that_name_that_says_itself_what_is_deprecated_is_left_alone(project) -> None:
    project.write("shop/api.py", "def total(): ...\n")
    project.write("ssot-baseline.json", SITE.format(ssot="shop", target="shop.api:old", rule="deprecated-use"))
    (shop,) = project.load(tables='[ssot.shop]\ndeprecated = ["shop.api:total"]\n').ssots
    assert [*map(str, shop.deprecated)] == ["shop.api:total"]
