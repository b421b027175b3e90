from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_ssot_tracker.model import By, Flag, Guard, Phase, Rule, Site, Status, Step
from pytest_ssot_tracker.report import REPORTERS, Output, Report, RunInfo, published
from pytest_ssot_tracker.report.combine import combine
from pytest_ssot_tracker.report.published import schema
from pytest_ssot_tracker.report.result import ResultError, from_plain, read, to_plain, write
from pytest_ssot_tracker.report.rows import (
    CHARGES,
    AllowRow,
    BlindRow,
    BudgetRow,
    Exercise,
    SeenRow,
    SiteRow,
    SsotRow,
    TestRow,
    Totals,
)

THING = Site(
    Rule.DEPRECATED_USE, "execution", "pkg.old:Thing", "app/b.py", 12, "C.make", "thing = Thing()", 1, "pkg.old"
)
HOSTILE = "\u202e\x1b[31m</script>\n\udcff"
EMPTY = Report(
    run=RunInfo(
        version="1.0",
        phase=Phase.RATCHET,
        python="3.13.0",
        pytest="9.2.0",
        root="/project",
        started="2026-06-01T12:00:00+00:00",
    )
)
FULL = Report(
    run=replace(
        EMPTY.run, selected=True, complete=False, workers=("gw0",), lost_workers=("gw1",), incomplete=("interrupted",)
    ),
    ssots=(
        SsotRow(
            name="execution",
            phase=Phase.ENFORCE,
            canonical="pkg.new:Tracker",
            owner="platform",
            issue="#220",
            until="2026-12-31",
            reason="races",
            retired=("pkg.gone",),
            guards=(Guard("pkg.old", "import"),),
            blind_spots=(BlindRow("pkg.x", "loaded before"),),
        ),
    ),
    sites=(
        SiteRow(
            site=THING,
            status=Status.NEW,
            found_by=("scan", "run"),
            exercise=Exercise.EXERCISED,
            owner="platform",
            issue="#220",
            replacement="pkg.new:Tracker",
            seen=(
                SeenRow(
                    test="tests/test_a.py::t",
                    step=Step.CALL,
                    count=3,
                    by=By.CALL,
                    fixture="db",
                    thread="T-1",
                    via="threading",
                    detail=("fact",),
                ),
                SeenRow(test=None, step=Step.COLLECT, count=1, bucket="collection"),
                SeenRow(test=None, step=Step.CALL, count=1, bucket="unattributed", origin=HOSTILE),
            ),
            fails="collection",
        ),
        SiteRow(
            site=THING.flagged(Flag.GUARDED, Flag.TYPE_CHECKING),
            status=Status.ALLOWED,
            found_by=("scan",),
            exercise=Exercise.UNEXERCISED,
        ),
    ),
    tests=(
        TestRow(
            id=f"tests/test_a.py::t[{HOSTILE}]",
            outcome="failed",
            reason="ssot",
            markers=("slow",),
            notes=("fixed: x",),
            sites=(THING.id,),
            blind_spots=(BlindRow("child", "why"),),
        ),
        TestRow(id="b", outcome="passed"),
    ),
    blind_spots=(BlindRow("x", "y"),),
    totals=Totals(new=1, known=2, expected=3, allowed=4, fixed=5, stale=6),
    fixed=(THING,),
    allows=(AllowRow("a.py", 3, "no reason"),),
    budgets=(BudgetRow("execution", Rule.DEPRECATED_IMPORT, 4, 5),),
    failures=("budget",),
)


@pytest.mark.parametrize("report", [EMPTY, FULL])
def test_a_report_is_read_as_it_was_written(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path / "deep" / "r.json")
    again = read(tmp_path / "deep" / "r.json")
    assert again == report
    assert [(row.site.line, row.site.text, row.site.declared, row.site.flags) for row in again.sites] == [
        (row.site.line, row.site.text, row.site.declared, row.site.flags) for row in report.sites
    ]
    assert os.listdir(tmp_path / "deep") == ["r.json"]


@pytest.mark.parametrize("report", [EMPTY, FULL])
def test_what_is_written_is_what_the_schema_says(report: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(json.loads(json.dumps(to_plain(report))), schema())


def test_the_published_file_is_the_schema_of_the_rows() -> None:
    """`scripts/result_schema.py --write` brings it up to date."""
    text = Path(published.__file__).with_name("result.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == schema()


def test_the_schema_says_what_a_row_may_lack_and_what_its_keys_mean() -> None:
    found = schema()["properties"]
    assert "selected" not in found["run"]["required"]
    assert found["run"]["properties"]["complete"] == {"type": "boolean", "description": "Nothing was lost."}
    assert found["run"]["properties"]["pytest"] == {"type": ["string", "null"]}
    assert found["ssots"]["items"]["properties"]["phase"] == {"$ref": "#/$defs/phase"}
    assert found["budgets"]["items"]["properties"]["used"] == {"type": "integer", "minimum": 0}
    assert "failures" not in schema()["required"]


def test_the_schema_knows_every_rule_status_and_key_that_is_written() -> None:
    found = schema()
    assert found["$defs"]["rule"]["enum"] == [rule.value for rule in Rule]
    site = found["$defs"]["site"]["properties"]
    assert site["status"]["enum"] == [status.value for status in Status]
    assert site["fails"]["enum"] == list(CHARGES)
    plain = to_plain(FULL)
    assert set(found["properties"]) == set(plain)
    assert set(found["properties"]["run"]["properties"]) == set(plain["run"])
    assert set(site) == {*plain["sites"][0], "in_tests", "reason"}
    assert set(site["tests"]["items"]["properties"]) == {key for one in plain["sites"][0]["tests"] for key in one}
    assert set(found["properties"]["tests"]["items"]["properties"]) == {*plain["tests"][0], "seen"}
    assert set(found["properties"]["ssots"]["items"]["properties"]) == set(plain["ssots"][0])


def test_the_file_holds_what_the_contract_shows() -> None:
    plain = to_plain(FULL)
    assert plain["format"] == 2
    contract = {"version", "phase", "python", "pytest", "root", "started", "complete", "workers", "lost_workers"}
    assert contract <= set(plain["run"])
    assert {"name", "canonical", "retired", "blind_spots"} <= set(plain["ssots"][0])
    site = plain["sites"][0]
    assert {key: site[key] for key in ("id", "rule", "path", "line", "scope", "text", "status", "exercise")} == {
        "id": THING.id,
        "rule": "deprecated-use",
        "path": "app/b.py",
        "line": 12,
        "scope": "C.make",
        "text": "thing = Thing()",
        "status": "new",
        "exercise": "exercised",
    }
    assert (site["count"], site["found_by"], site["declared"], site["flags"]) == (5, ["scan", "run"], "pkg.old", [])
    assert site["tests"][:2] == [
        {
            "id": "tests/test_a.py::t",
            "step": "call",
            "fixture": "db",
            "thread": "T-1",
            "via": "threading",
            "by": "call",
            "count": 3,
            "detail": ["fact"],
        },
        {
            "id": None,
            "step": "collect",
            "fixture": None,
            "thread": None,
            "via": None,
            "by": None,
            "count": 1,
            "bucket": "collection",
        },
    ]
    assert plain["tests"][1] == {"id": "b", "outcome": "passed", "reason": None, "markers": [], "sites": []}
    assert plain["totals"] == {"new": 1, "known": 2, "expected": 3, "allowed": 4, "fixed": 5, "stale": 6}


def test_equal_reports_give_equal_bytes_with_one_row_a_line(tmp_path: Path) -> None:
    write(FULL, tmp_path / "a.json")
    write(from_plain(to_plain(FULL)), tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    lines = (tmp_path / "a.json").read_text(encoding="ascii").splitlines()
    assert sum(line.startswith('{"id":"' + THING.id) for line in lines) == len(FULL.sites)


def test_what_a_later_version_added_is_left_alone() -> None:
    plain = to_plain(FULL)
    plain["run"]["later"] = plain["tests"][0]["later"] = plain["sites"][0]["later"] = plain["later"] = [1]
    assert from_plain(plain) == FULL


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the result file is no JSON (Expecting value: line 1 column 1 (char 0)); run the tests again"),
        ("[]", "this is no result file: it has no 'format'; write one with --ssot-report=json"),
        ('{"format": true}', "this is no result file: it has no 'format'; write one with --ssot-report=json"),
        ('{"format": 3}', "it has format 3, this version reads up to 2; update pytest-ssot-tracker"),
        (
            json.dumps({**to_plain(EMPTY), "sites": [{"id": 3}]}),
            "the result file is damaged at sites/0: 'rule' is a required property; run the tests again",
        ),
        (
            json.dumps({key: value for key, value in to_plain(EMPTY).items() if key != "totals"}),
            "the result file is damaged at the top level: 'totals' is a required property; run the tests again",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(ResultError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: {problem}"


def of_format_1(plain: dict[str, Any]) -> dict[str, Any]:
    """Return `plain` as it was written before a test's phase was called its step."""
    for site in (*plain["sites"], *(site for test in plain["tests"] for site in test.get("seen", ()))):
        site["tests"] = [{"phase": seen.pop("step"), **seen} for seen in site["tests"]]
    return {**plain, "format": 1}


def test_a_file_of_format_1_is_read_and_combined_with_one_of_format_2(tmp_path: Path) -> None:
    plain = to_plain(FULL)
    (tmp_path / "old.json").write_text(json.dumps(of_format_1(plain)))
    assert read(tmp_path / "old.json") == FULL
    write(FULL, tmp_path / "new.json")
    both = [read(tmp_path / "old.json"), read(tmp_path / "new.json")]
    assert combine(both) == combine(both[::-1]) == combine(both[:1]) == combine(both[1:])


def test_a_killed_run_of_format_1_has_what_its_tests_reached(tmp_path: Path) -> None:
    plain = to_plain(replace(FULL, tests=FULL.tests[1:], sites=()))
    plain["tests"][0] |= {"sites": [THING.id], "seen": to_plain(FULL)["sites"][:1]}
    (tmp_path / "old.json").write_text(json.dumps(of_format_1(plain)))
    [row] = read(tmp_path / "old.json").sites
    assert [seen.step for seen in row.seen] == [seen.step for seen in FULL.sites[0].seen]


def test_format_2_says_step_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps({**of_format_1(to_plain(FULL)), "format": 2}))
    with pytest.raises(ResultError, match=r"damaged at sites/0/tests/.: 'step' is a required property"):
        read(tmp_path / "r.json")


@pytest.mark.parametrize("rows", [None, 1, [1], {"a": 1}, [{"tests": 1}], [{"tests": [1]}], [{"seen": [{"tests": 1}]}]])
def test_rubbish_of_format_1_is_refused(tmp_path: Path, rows: object) -> None:
    (tmp_path / "r.json").write_text(json.dumps({**to_plain(EMPTY), "format": 1, "sites": rows, "tests": rows}))
    with pytest.raises(ResultError, match=r"the result file is damaged at (sites|tests)"):
        read(tmp_path / "r.json")


def test_a_whole_number_written_with_a_point_is_one(tmp_path: Path) -> None:
    plain = to_plain(FULL)
    plain["sites"][0]["line"] = 12.0
    (tmp_path / "r.json").write_text(json.dumps(plain))
    assert read(tmp_path / "r.json").sites[0].site.line == 12


@pytest.mark.parametrize("root", ["D:\\a\\shop", "d:/a/shop", "\\\\server\\shop"])
def test_paths_of_windows_are_the_same_paths_whoever_spelled_them(tmp_path: Path, root: str) -> None:
    there, here = tmp_path / "there.json", tmp_path / "here.json"
    plain = to_plain(replace(FULL, run=replace(FULL.run, root=root)))
    here.write_text(json.dumps(plain), encoding="utf-8")
    for row in (*plain["sites"], *plain["fixed"], *plain["allows"]):
        row["path"] = row["path"].replace("/", "\\")
    for row in (*plain["tests"], *(seen for site in plain["sites"] for seen in site["tests"])):
        row["id"] = row["id"] and row["id"].replace("tests/", "tests\\")
    there.write_text(json.dumps(plain), encoding="utf-8")
    assert there.read_text(encoding="utf-8") != here.read_text(encoding="utf-8")
    assert read(there) == read(here)


def test_elsewhere_a_backslash_is_part_of_a_name(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    odd = replace(FULL, sites=(replace(FULL.sites[0], site=replace(THING, path="a\\b.py")),))
    write(odd, file)
    assert read(file).sites[0].site.path == "a\\b.py"


def test_a_missing_or_unreadable_file_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match=r"none\.json: there is no such result file; write one with --ssot-report"):
        read(tmp_path / "none.json")
    with pytest.raises(ResultError, match=r"the result file cannot be read: .*Is a directory"):
        read(tmp_path)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"format": 1, "run": ' + "[" * 100_000])
def test_a_file_nested_beyond_all_sense_is_no_crash(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(ResultError, match="no JSON"):
        read(tmp_path / "r.json")


def test_json_is_a_reporter(tmp_path: Path) -> None:
    REPORTERS["json"](FULL, Output(dest=tmp_path / "r.json"))
    assert read(tmp_path / "r.json") == FULL


def test_the_rooms_load_no_heavy_library() -> None:
    code = (
        "import sys; before = set(sys.modules); "  # a coverage measurement has loaded things of its own
        "import pytest_ssot_tracker.report, pytest_ssot_tracker.report.result; "
        "print([name for name in ('jsonschema', 'rich', 'html', 'tempfile') if name in {*sys.modules} - before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
