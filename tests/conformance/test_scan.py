"""Hold the scan to the cases of the run: a site that both see is one site."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_ssot_tracker.scan import scan
from pytest_ssot_tracker.settings import load

from .case import Case, toml
from .cases import CASES, handed
from .project import tables_of

RUN_ONLY = frozenset(
    (
        *(case.slug for case in handed.CASES),
        *("argument_partial", "argument_unknown_mapping", "argument_value"),
        *(
            "enum_members",
            "read_by_name",
            "written_by_a_mock",
            "written_by_setattr",
            "written_items",
            "written_out_of_sight",
        ),
        *("alias_in_a_container", "between_tests_hook", "bypass_by_library", "c_function_alias"),
        *("c_function_in_a_container", "test_case"),
        *("cached_accessor_in_a_container", "child_process", "copied", "copy_bound_before"),
        *("copy_by_own_hooks", "copy_of_a_canonical", "copy_of_a_dataclass", "dataclass_replace"),
        *("deep_copied", "deep_copied_inside", "default_factory", "doctest_itself"),
        *(
            "fixture_autouse",
            "fixture_requests",
            "fixture_that_skips",
            "fixture_by_its_other_name",
            "metaclass_inherited",
            "descriptor_of_the_class",
            "descriptors",
            "slots",
        ),
        *("click_command", "told_by_text", "enum_lookup", "exec_string", "function_of_text"),
        "generator_advanced_later",
        *("import_before_hooks", "in_a_collection_hook", "incomplete", "initial_conftest_import"),
        *("base_enum_called_with_names", "base_given_to_a_library", "copy_by_own_method", "copy_of_a_model"),
        *("lazy_import", "map_and_sorted", "mock_patch_start", "namedtuple_make_and_replace"),
        *(
            "session_finish_hook",
            "session_hooks",
            "through_type",
            "unpickled",
            "unpickled_by_protocol_0",
            "unpickled_dataclass",
        ),
        *("unpickled_in_python", "unpickled_with_setstate", "uuid4_beside_generator"),
        *("uuid4_default_factory",),
        *("made_by_exec", "made_during_a_test", "object_for_a_module"),
        "import_in_compiled_code",
        "import_handed_to_a_thread",
        "import_in_a_made_function",
        *("entry_point", "entry_point_of_a_reexport", "found_and_executed", "import_by_timeit", "import_in_a_script"),
        *("import_in_eval", "loaded_by_its_loader", "loaded_from_an_archive", "loaded_from_its_file"),
        *("other_name_given_to_a_thread", "plugin_named_in_a_conftest", "relative_import_in_exec", "run_by_its_path"),
    )
)
"""Cases with a site that only a run can see: made by a library, by copying, or where nothing is scanned."""

RUN_RULES = frozenset(
    {
        *("foreign-id", "incomplete-ssot", "split-brain", "illegal-transition", "state-leak"),
        *("deprecation-warning", "wrong-context"),
    }
)
"""Rules that speak of what happens while tests run (contract 3)."""

SCAN_ONLY = frozenset(
    (
        *("bypass_allowed", "bypass_by_library", "bypass_direct", "bypass_in_fixture", "bypass_subclass"),
        *("cached_accessor_alias_before", "closure_untouched", "enum_lookup", "import_before_hooks"),
        *("descriptors", "lazy_import", "loaded_before", "metaclass_singleton", "mock_patch_start", "mock_spec"),
        *("module_loaded_before", "rerun_without_last_violation", "retired_import"),
        *("retired_name_import", "static_inherited", "static_lent", "strict_blind_spots"),
        *("subclass_made_earlier", "subclass_of_c_type"),
        *("type_checking_import", "unpatched_again", "uuid4_by_library", "uuid4_default_factory"),
        *("uuid4_partial", "uuid4_patched"),
        "served_constant_import",
    )
)
"""Cases with a site that no run of theirs reaches, or that is found at another statement: where it is written."""


def compared(case: Case, root: Path) -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    """Return what the case says a run finds, and what the scan finds, by all that makes a site's identity."""
    case.write(root)
    (root / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n\n{toml(tables_of([case]))}", encoding="utf-8")
    labels = case.labels()
    expected: set[tuple[object, ...]] = set()
    for site in case.sites:
        path, line, text = labels[site.label]
        shown = text if site.text is None else case.named(site.text)
        expected.add((site.rule, case.named(site.target), path, line, case.named(site.scope), shown))
    sites = scan(load(root)).sites
    return expected, {(str(one.rule), one.target, one.path, one.line, one.scope, one.text) for one in sites}


@pytest.mark.parametrize("case", [pytest.param(case, id=case.slug) for case in CASES if case.runs_here])
def test_the_scan_and_the_run_mean_the_same_site(case: Case, tmp_path: Path) -> None:
    expected, found = compared(case, tmp_path)
    if case.slug not in RUN_ONLY:
        assert {one for one in expected if one[0] not in RUN_RULES} - found == set()
    if case.slug not in SCAN_ONLY:
        assert found - expected == set()
