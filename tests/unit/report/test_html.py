"""The HTML report: what stands on the pages, what is written and removed, and that nothing in it can run."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.judge.words import harmless
from pytest_ssot_tracker.model import Rule, Site, Step
from pytest_ssot_tracker.report import REPORTERS, Output, Report
from pytest_ssot_tracker.report.html import folder as making
from pytest_ssot_tracker.report.html import write
from pytest_ssot_tracker.report.html.anchors import file_page, owner_page, target_page, test_page
from pytest_ssot_tracker.report.html.highlight import coloured
from pytest_ssot_tracker.report.html.listing import read as read_source
from pytest_ssot_tracker.report.html.listing import stands
from pytest_ssot_tracker.report.html.pages import SHOWN, pages
from pytest_ssot_tracker.report.result import read
from pytest_ssot_tracker.report.rows import SeenRow

test_page.__test__ = False  # type: ignore[attr-defined]

GOLD = Path(__file__).parents[2] / "gold" / "html"
HOSTILE = "a\u202e</script><img src=x onerror=alert(1)>\r\n{{ 7*7 }}'\"&lt;\x1b[31m\udcff" + "x" * 5000
ORDERS = file_page("app/orders.py")


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Report:
    """Return the sample, whose root is relative so that its pages are the same everywhere."""
    monkeypatch.chdir(GOLD)
    return read(GOLD / "result.json")


def written(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def only(report: Report, number: int = 0, **changes: object) -> Report:
    """Return `report` with one of its sites alone, changed."""
    return replace(report, sites=(replace(report.sites[number], **changes),))


class Page(HTMLParser):
    """Take a page apart: its elements with their attributes, and its text."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.unbalanced: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.unbalanced += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.text += " " if tag in ("td", "th", "dt", "dd", "li", "title") else ""
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]

    @property
    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.elements if tag == "a" and "href" in attributes]


def page(folder: Path, name: str) -> Page:
    return Page((folder / name).read_text(encoding="utf-8"))


def test_the_pages_are_those_on_file(report: Report, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    write(report, tmp_path, [replace(report, run=replace(report.run, started="2026-05-01T00:00:00+00:00"))])
    pages = {name: text.decode() for name, text in written(tmp_path).items() if name.endswith(".html")}
    shown = {file.name: file.read_text(encoding="utf-8") for file in (GOLD / "pages").glob("*.html")}
    assert sorted(pages) == sorted(shown), "run scripts/gold-html when this is meant"
    for name, text in pages.items():
        assert text == shown[name], f"{name} changed; run scripts/gold-html when this is meant"


def test_the_reporter_writes_the_folder(report: Report, tmp_path: Path) -> None:
    REPORTERS["html"](report, Output(dest=tmp_path / "deep" / "down"))
    assert (tmp_path / "deep" / "down" / "index.html").is_file()


def test_every_link_leads_to_a_page_and_an_anchor_that_are_there(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    pages = {file.name: page(tmp_path, file.name) for file in tmp_path.glob("*.html")}
    for name, one in pages.items():
        assert len(one.ids) == len(set(one.ids)), name
        for link in one.links:
            target, _, anchor = link.partition("#")
            assert not anchor or anchor in pages[target or name].ids, (name, link)
            assert not target or target in pages, (name, link)


def test_a_site_tells_rule_replacement_tests_phase_fixture_thread_and_count(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    text = " ".join(page(tmp_path, ORDERS).text.split())
    assert "deprecated-use app.legacy:get_queue → app.core:Hub 10 times by 2 tests, unattributed" in text
    assert "tests/test_orders.py::test_in_a_thread[a-b] setup orders Thread-1 2" in text
    assert "thread Thread-2, started in tests/test_orders.py::test_in_a_thread[a-b]" in text


def test_each_line_has_its_anchor_and_a_site_marks_its_own(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    text = (tmp_path / ORDERS).read_text(encoding="utf-8")
    site = next(row.site for row in report.sites if row.site.line == 9)
    assert re.search(rf'<span id=L9 class="m fails">.*\n</span></pre>\n<details id="site-{site.id}"', text)
    assert set(re.findall(r"id=L(\d+)", text)) == {str(number) for number in range(1, 19)}


def test_a_line_that_turns_text_around_is_written_out_and_a_tab_stays(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    text = page(tmp_path, ORDERS).text
    assert "\u202e" not in text
    assert "def drain(queue):\t# a tab, and a mark that turns text around: \\u202eevil" in text


def test_the_index_counts_and_says_what_was_lost(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    text = " ".join(page(tmp_path, "index.html").text.split())
    assert "This run is incomplete. Worker gw1 was lost" in text
    assert "1 of 2 deprecated targets retired" in text
    assert "6 sites still to remove (3 new, 3 known), 1 expected, 1 allowed" in text
    assert "owner platform issue #220 until 2026-12-31" in text
    assert "app/orders.py 1 3 1 1 4/6 15" in text
    assert "3 files 3 3 1 1 5/8 16" in text
    assert "1 test file with nothing to tell." in text


def test_a_file_that_is_gone_and_a_line_that_changed_are_said_so(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    assert "This file is gone since the run" in page(tmp_path, file_page("app/removed.py")).text
    changed = page(tmp_path, ORDERS).text
    assert "This file changed since the run." in changed
    assert "17: return Queue(old=True)" in changed


def test_a_path_that_leads_out_of_the_project_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("token = 1")
    (tmp_path / "root").mkdir()
    source = read_source(tmp_path / "root", "../secret.py")
    assert source.lines == ()
    assert source.problem == "This path leads out of the project, so that the file is not shown."
    assert read_source(tmp_path / "root", "../secret.py", ["../libs"]).lines == ()


def test_a_file_beside_the_root_is_read_where_the_project_names_its_folder(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs" / "a.py").write_text("token = 1")
    assert list(read_source(tmp_path / "root", "../libs/a.py", ["../libs"]).lines) == ["token = 1"]
    assert read_source(tmp_path / "root", "../libs/../root/../secret.py", ["../libs"]).lines == ()


@pytest.mark.parametrize("data", [b"x = '\xff'\n", b"# coding: nonsense\n", b"\0"])
def test_a_file_that_cannot_be_decoded_does_not_stop_the_report(data: bytes, report: Report, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "orders.py").write_bytes(data)
    write(replace(report, run=replace(report.run, root=str(tmp_path))), tmp_path / "out")
    assert (tmp_path / "out" / ORDERS).is_file()


@pytest.mark.parametrize(
    ("text", "line", "holds"),
    [
        ("f(a, b)", "    f(a, b)  # why", True),
        ("x = f( a, b)", "x = f(  # why", True),
        ("g()", "f(); g()", True),
        ("g( a)", "f(); g(", True),
        ("g()", "h()", False),
        ("g()", "", False),
    ],
)
def test_a_statement_stands_where_its_line_still_begins_it(text: str, line: str, holds: bool, report: Report) -> None:
    site = replace(report.sites[3].site, text=text, line=1)
    assert stands(site, [line]) is holds


def test_the_same_report_gives_the_same_bytes(report: Report, tmp_path: Path) -> None:
    for name in "ab":
        write(report, tmp_path / name)
    assert written(tmp_path / "a") == written(tmp_path / "b")


def test_only_pages_that_changed_are_written(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    before = {file.name: file.stat().st_ino for file in tmp_path.iterdir()}
    write(replace(report, run=replace(report.run, started="2026-06-04T10:00:00+00:00")), tmp_path)
    after = {file.name: file.stat().st_ino for file in tmp_path.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"index.html"}


def test_pages_of_ours_that_are_stale_go_and_what_is_foreign_stays(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    names = ["notes.html", "file-mine.html", "file-mine-00000000.html"]
    for name in names:
        (tmp_path / name).write_text("mine")
    write(replace(report, sites=(), tests=()), tmp_path)
    kept = [".gitignore", "index.html", "ssot-pages.json", "ssot.css", "ssot.js"]
    assert sorted(written(tmp_path)) == sorted([*names, *kept])


def test_a_list_of_pages_that_was_tampered_with_removes_nothing_else(report: Report, tmp_path: Path) -> None:
    victim = tmp_path / "victim-00000000.html"
    victim.write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "ssot-pages.json").write_text('["../victim-00000000.html", "/etc/passwd", 7, "file-gone-00000000.html"]')
    write(report, folder)
    assert victim.exists()


def test_hostile_names_stay_text(report: Report, tmp_path: Path) -> None:
    seen = SeenRow(test=f"{HOSTILE}::{HOSTILE}", step=Step.CALL, count=1, fixture=HOSTILE, thread=HOSTILE)
    bucket = SeenRow(
        test=None, bucket="unattributed", step=Step.CALL, count=1, via=HOSTILE, origin=HOSTILE, detail=(HOSTILE,)
    )
    row = report.sites[0]
    site = Site(row.site.rule, HOSTILE, HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE, declared=HOSTILE)
    hostile = replace(
        report,
        run=replace(report.run, incomplete=(HOSTILE,), lost_workers=(HOSTILE,), workers=(HOSTILE,)),
        ssots=(replace(report.ssots[0], name=HOSTILE, owner=HOSTILE, issue=HOSTILE, reason=HOSTILE, until=HOSTILE),),
        sites=(replace(row, site=site, owner=HOSTILE, issue=HOSTILE, replacement=HOSTILE, seen=(seen, bucket)),),
        tests=(replace(report.tests[0], id=seen.test, sites=(site.id,), markers=(HOSTILE,), notes=(HOSTILE,)),),
        failures=(HOSTILE,),
    )
    write(hostile, tmp_path)
    pages = list(tmp_path.glob("*.html"))
    assert len(pages) == 7
    for file in pages:
        one = page(tmp_path, file.name)
        assert one.unbalanced == []
        assert [attributes for tag, attributes in one.elements if tag == "script"] == [
            {"src": "ssot.js", "defer": None}
        ]
        assert not any(tag == "img" for tag, _ in one.elements)
        assert not any(
            name.startswith("on") or name == "style" for _, attributes in one.elements for name in attributes
        )
        assert "49" not in re.findall(r"\{\{.*?\}\}", one.text)
        assert "\u202e" not in file.read_text(encoding="utf-8")
        assert len(file.name) < 100


def test_a_hostile_source_stays_text(report: Report, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    lines = "from app.legacy import get_queue, Queue  # </span></pre><script>alert(1)</script>\n" * 20
    (tmp_path / "app" / "orders.py").write_text(lines + "x = '" + "y" * 5000 + "'")
    write(replace(report, run=replace(report.run, root=str(tmp_path))), tmp_path / "out")
    one = page(tmp_path / "out", ORDERS)
    assert one.unbalanced == []
    assert len([tag for tag, _ in one.elements if tag == "script"]) == 1


def test_a_site_with_many_tests_shows_some_and_counts_the_rest(report: Report, tmp_path: Path) -> None:
    seen = tuple(SeenRow(test=f"t.py::test_{number}", step=Step.CALL, count=1) for number in range(SHOWN + 7))
    write(only(report, 3, seen=seen), tmp_path)
    text = page(tmp_path, ORDERS).text
    assert "… and 7 more; the JSON result has all." in text
    assert text.count("t.py::test_") == SHOWN


def test_a_test_with_many_sites_shows_some_and_counts_the_rest(report: Report, tmp_path: Path) -> None:
    row = report.sites[3]
    rows = tuple(replace(row, site=replace(row.site, ordinal=number), seen=()) for number in range(SHOWN + 3))
    test = replace(report.tests[0], sites=tuple(one.site.id for one in rows))
    write(replace(report, sites=rows, tests=(test,)), tmp_path)
    text = page(tmp_path, test_page("tests/test_orders.py")).text
    assert "… and 3 more; the JSON result has all." in text


def test_the_sites_of_a_test_are_listed_by_where_they_stand(report: Report, tmp_path: Path) -> None:
    by_id = sorted(report.sites, key=lambda row: row.site.id)
    assert by_id != sorted(by_id, key=report.sites.index)
    write(replace(report, tests=(replace(report.tests[0], sites=tuple(one.site.id for one in by_id)),)), tmp_path)
    shown = page(tmp_path, test_page("tests/test_orders.py"))
    links = [one["href"] for tag, one in shown.elements if tag == "a" and "#site-" in (one.get("href") or "")]
    assert [(link or "").partition("#site-")[2] for link in links] == [row.site.id for row in report.sites]


def test_the_trend_plots_each_run_once_in_the_order_of_time(report: Report, tmp_path: Path) -> None:
    def run(day: int, number: int) -> Report:
        started = f"2026-05-{day:02}T10:00:00+00:00"
        return replace(report, run=replace(report.run, started=started), sites=report.sites[:number])

    write(run(20, 2), tmp_path, iter([run(20, 2), run(1, 8), run(10, 7)]))
    one = page(tmp_path, "index.html")
    table = " ".join(one.text.rpartition("figures")[2].split())
    assert re.search(
        r"2026-05-01T10:00:00\+00:00 1 3 1 1 2026-05-10T10:00:00\+00:00 \S+ \S+ \S+ \S+ 2026-05-20T10:00:00\+00:00",
        table,
    )
    points = [attributes["points"] for tag, attributes in one.elements if tag == "polyline"]
    assert all((line or "").split()[0].startswith("44,") or (line or "").startswith("44.0,") for line in points)
    assert all(len((line or "").split()) == 3 for line in points)


def test_without_a_history_there_is_no_plot(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    assert not any(tag == "svg" for tag, _ in page(tmp_path, "index.html").elements)


def test_an_empty_report_has_an_index(report: Report, tmp_path: Path) -> None:
    write(Report(run=replace(report.run, complete=True, lost_workers=())), tmp_path)
    text = page(tmp_path, "index.html").text
    assert "Nothing here fails the session." in text
    assert "No site was found." in text


def test_a_folder_that_cannot_be_made_is_an_os_error(report: Report, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        write(report, tmp_path / "file")
    shutil.rmtree(tmp_path / "file", ignore_errors=True)


def test_source_is_coloured_and_reads_as_before(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    text = (tmp_path / ORDERS).read_text(encoding="utf-8")
    assert "<i class=pk>def</i> <i class=pf>drain</i>" in text
    shown = page(tmp_path, ORDERS).text
    for line in (GOLD / "project" / "app" / "orders.py").read_text(encoding="utf-8").splitlines():
        assert harmless(line).replace("\\t", "\t") in shown


@pytest.mark.parametrize(
    "text",
    [
        "x = '''a\n<b>\n\n'''  # <i>\n",
        "def (:\n\x00\t'''\n",
        "\n\n",
        "a\x0cb\r\nc\u2028d",
        "é = 'ü'\n@d\nclass A: ...",
    ],
)
def test_colours_lose_no_character_of_any_line(text: str) -> None:
    lines = text.split("\n")
    shown = coloured(lines, "a.py")
    assert [html.unescape(re.sub(r"</?i( class=\w+)?>", "", line)) for line in shown] == lines
    assert all(line.count("<i ") == line.count("</i>") for line in shown)


def test_what_is_not_python_has_no_colours() -> None:
    assert coloured(["def a(): <"], "a.ipynb") == ["def a(): &lt;"]


def test_a_page_is_made_anew_only_where_something_it_shows_has_changed(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is saved is the making: 1,000 lines in colours take 40 ms, and 10,000 sites seconds."""
    made: list[str] = []

    def noted(*given: Any) -> Iterator[Any]:
        for one in pages(*given):
            yield one._replace(make=lambda one=one: made.append(one.name) or one.make())

    def made_for(changed: Report) -> list[str]:
        made.clear()
        write(changed, tmp_path)
        return made

    monkeypatch.setattr(making, "pages", noted)
    assert len(made_for(report)) == len(list(tmp_path.glob("*.html")))
    assert made_for(report) == ["index.html"]
    row = report.sites[3]
    moved = replace(report, sites=(*report.sites[:3], replace(row, owner="shipping"), *report.sites[4:]))
    assert ORDERS in made_for(moved)
    assert file_page("app/removed.py") not in made
    made_for(report)
    (tmp_path / ORDERS).write_text("touched")
    assert made_for(report) == [ORDERS, "index.html"]


def test_git_is_told_to_leave_the_folder_alone_unless_it_holds_other_things(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path / "new")
    assert (tmp_path / "new" / ".gitignore").read_text().endswith("\n*\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("mine")
    write(report, tmp_path / "docs")
    assert not (tmp_path / "docs" / ".gitignore").exists()


def test_a_target_and_an_owner_have_a_page_with_their_sites(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    target = " ".join(page(tmp_path, target_page("app.legacy:get_queue")).text.split())
    assert "use instead app.core:Hub" in target
    assert "app/orders.py:9" in target
    owner = " ".join(page(tmp_path, owner_page("platform")).text.split())
    assert "app/orders.py:9" in owner


def test_a_site_says_why_how_to_fix_it_and_what_to_write_to_allow_it(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    text = " ".join(page(tmp_path, ORDERS).text.split())
    about = Rule.DEPRECATED_USE.about
    assert f"why {about.why} fix {about.fix}" in text
    assert "allow # ssot: allow[deprecated-use] REASON" in text
    copied = {one["data-copy"] for tag, one in page(tmp_path, ORDERS).elements if "data-copy" in one}
    assert {"app.core:Hub", "# ssot: allow[deprecated-use] REASON"} <= copied


def test_the_index_leads_to_the_first_site_of_each_file(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path)
    links = [link for link in page(tmp_path, "index.html").links if link.startswith("file-")]
    assert len(links) == 3
    assert all("#site-" in link for link in links)
