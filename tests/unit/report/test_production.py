"""What production exports is read as OTLP has it, each number once, and never for more than it says."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.model import Rule, Site, Status, Target
from pytest_ssot_tracker.report.combine import combine
from pytest_ssot_tracker.report.production import Production, is_export
from pytest_ssot_tracker.report.result import ResultError, read, write

DAY = 86_400 * 1_000_000_000
SITE = {
    "rule": "deprecated-use",
    "target": "shop.old:Log",
    "site": "0123456789abcdef",
    "ssot": "logs",
    "declared": "shop.old:Log",
    "path": "shop/use.py",
    "line": 4,
    "scope": "log",
}
TARGET = Target.parse("shop.old:Log")


def attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return attributes as OTLP has them: a number of 64 bits is text."""
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
    ]


def export(*metrics: dict[str, Any], service: str = "shop", **resource: str) -> dict[str, Any]:
    """Return one export of the metrics of one service."""
    about = {"attributes": attributes({"service.name": service, **resource})}
    scope = {"scope": {"name": "pytest_ssot_tracker"}, "metrics": list(metrics)}
    return {"resourceMetrics": [{"resource": about, "scopeMetrics": [scope]}]}


def counter(total: int, *, start: int = 0, time: int = DAY, temporality: Any = 2, **site: Any) -> dict[str, Any]:
    """Return the counter with one number."""
    point = {
        "attributes": attributes({**SITE, **site}),
        "startTimeUnixNano": str(start),
        "timeUnixNano": str(time),
        "asInt": str(total),
    }
    counted = {"dataPoints": [point], "aggregationTemporality": temporality, "isMonotonic": True}
    return {"name": "ssot.observations", "sum": counted}


def watched(target: str = "shop.old:Log", *, time: int = 0) -> dict[str, Any]:
    """Return what says that `target` is watched."""
    point = {"attributes": attributes({"ssot": "logs", "target": target}), "timeUnixNano": str(time), "asInt": "1"}
    return {"name": "ssot.watched", "gauge": {"dataPoints": [point]}}


def told(tmp_path: Path, *exports: dict[str, Any]) -> Production:
    """Return what exports say, written as a collector does, in any order, over two files, and some of it twice."""
    lines = [json.dumps(each) for each in (*exports, *exports[:2])]
    random.Random(len(lines)).shuffle(lines)
    paths = [tmp_path / "one.json", tmp_path / "two.jsonl"]
    paths[0].write_text("".join(f"{line}\n" for line in lines[::2]))
    paths[1].write_text("".join(f"{line}\n" for line in lines[1::2]))
    return Production.of(path for path in paths if path.stat().st_size)


def counts(production: Production) -> dict[str | None, int]:
    """Return how often each service used the site."""
    return {seen.origin: seen.count for row in production.report().sites for seen in row.seen}


def test_of_totals_the_last_counts_for_each_start_of_each_process(tmp_path: Path):
    exports = [
        export(counter(5, start=1, time=2)),
        export(counter(9, start=1, time=3)),
        export(counter(2, start=10, time=11)),
        export(counter(4, start=1, time=2), host="other"),
        export(counter(7, start=1, time=2), service="worker"),
    ]
    assert counts(told(tmp_path, *exports)) == {"shop": 9 + 2 + 4, "worker": 7}


@pytest.mark.parametrize("temporality", [1, "AGGREGATION_TEMPORALITY_DELTA"])
def test_of_differences_each_counts_once(tmp_path: Path, temporality: Any):
    exports = [
        export(counter(number, start=time, time=time + 1, temporality=temporality))
        for time, number in enumerate([3, 4, 3])
    ]
    assert counts(told(tmp_path, *exports)) == {"shop": 10}


def test_a_site_of_production_is_that_of_the_tests_and_decides_nothing(tmp_path: Path):
    (row,) = told(tmp_path, export(counter(3))).report().sites
    assert (row.site.id, row.site.rule, row.site.where) == ("0123456789abcdef", Rule.DEPRECATED_USE, "shop/use.py:4")
    assert (row.status, row.fails) == (Status.KNOWN, None)
    (allowed,) = told(tmp_path, export(counter(3, exempt="allow_in"))).report().sites
    assert allowed.status is Status.ALLOWED


def test_what_was_never_seen_is_no_site(tmp_path: Path):
    assert told(tmp_path, export(counter(0), watched())).report().sites == ()


def test_a_report_of_production_survives_the_result_file(tmp_path: Path):
    report = combine([told(tmp_path, export(counter(3))).report()])
    write(report, tmp_path / "all.json")
    again = read(tmp_path / "all.json")
    assert [row.site.id for row in again.sites] == ["0123456789abcdef"]
    assert combine([again, report]).sites == report.sites


def test_the_text_of_a_site_comes_from_whoever_knows_it(tmp_path: Path):
    known = Site(
        rule=Rule.DEPRECATED_USE,
        ssot="logs",
        target="shop.old:Log",
        path="shop/use.py",
        line=9,
        scope="log",
        text="Log()",
    )
    production = told(tmp_path, export(counter(3, site=known.id))).report()
    (row,) = production.sites
    from pytest_ssot_tracker.records import replace

    tests = replace(production, sites=(replace(row, site=known, status=Status.NEW, fails="unexercised", seen=()),))
    (both,) = combine([production, tests]).sites
    assert (both.site.text, both.count, both.status, both.fails) == ("Log()", 3, Status.NEW, "exercised")


def test_uses_without_a_site_are_a_blind_spot(tmp_path: Path):
    folded = counter(8)
    folded["sum"]["dataPoints"][0]["attributes"] = [{"key": "otel.metric.overflow", "value": {"boolValue": True}}]
    (spot,) = told(tmp_path, export(folded)).report().blind_spots
    assert spot.why.startswith("8 uses are counted there without the site")


def test_a_target_is_known_to_be_unused_only_where_a_service_says_that_it_watches(tmp_path: Path):
    production = told(
        tmp_path,
        export(watched(time=DAY)),
        export(watched(time=31 * DAY)),
        export(watched("shop.old", time=0), service="worker"),
        export(watched("shop.other", time=0), service="other"),
    )
    assert [span.words for span in production.spans(TARGET)] == ["shop in 30 days", "worker in less than an hour"]
    assert production.spans(Target.parse("shop.third")) == []


@pytest.mark.parametrize(
    ("days", "words", "silence"),
    [
        ([1, 2, 3, 4], "shop in 3 days", ""),
        ([1, 31], "shop in 30 days", "shop was not heard on 29 of 31 days"),
        # A clock that begins in 1970, and is set right once there is a network.
        ([0, 20_000, 20_001], "shop in 20001 days", "shop was not heard on 19999 of 20002 days"),
        ([5], "shop in less than an hour", ""),
    ],
)
def test_days_without_a_word_are_told(tmp_path: Path, days: list[int], words: str, silence: str):
    production = told(tmp_path, *(export(watched(time=day * DAY)) for day in days))
    (span,) = production.spans(TARGET)
    assert (span.words, span.silence) == (words, silence)


def test_a_service_is_heard_on_a_day_by_whichever_of_its_targets(tmp_path: Path):
    exports = [export(watched("shop.old" if day % 2 else "shop.old:Log", time=day * DAY)) for day in range(4)]
    (span,) = told(tmp_path, *exports).spans(TARGET)
    assert (span.words, span.silence) == ("shop in 3 days", "")


@pytest.mark.parametrize(
    ("text", "exported"),
    [
        (json.dumps(export()) + "\n", True),
        (json.dumps(export(), indent=2), True),
        ('{"resourceSpans":[]}\n', True),
        ('{\n"format":2,\n"run":{}}', False),
        ("", False),
        ("resourceMetrics", False),
        ("\x00\xff", False),
    ],
)
def test_an_export_is_told_from_a_result(tmp_path: Path, text: str, exported: bool):
    (tmp_path / "file").write_text(text, encoding="latin-1")
    assert is_export(tmp_path / "file") is exported
    assert not is_export(tmp_path / "nowhere")


def test_a_line_that_was_cut_makes_it_incomplete_and_one_that_is_damaged_is_refused(tmp_path: Path):
    path = tmp_path / "export.json"
    line = json.dumps(export(counter(3)))
    path.write_text(f"{line}\n{line[:40]}")
    report = Production.of([path]).report()
    assert not report.run.complete
    assert report.run.incomplete == (f"{path} ends within a line",)
    for damaged in (
        f"{line[:40]}\n{line}\n",
        line.replace('"timeUnixNano"', '"time"'),
        line.replace("deprecated-use", "x"),
    ):
        path.write_text(damaged)
        with pytest.raises(ResultError, match=r"export\.json"):
            Production.of([path]).report()
