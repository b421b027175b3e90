"""What a person does with the pages: sort, filter, press keys, unfold, follow a link, turn the light off."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.report.html import write
from pytest_ssot_tracker.report.html.anchors import FUNCTIONS, owner_page, rule_page, target_page
from pytest_ssot_tracker.report.result import read

GOLD = Path(__file__).parents[1] / "gold" / "html"
SHOTS = Path(__file__).parents[2] / "screenshots"
KEYS = {"escape": "\ue00c"}


def test_a_click_sorts_and_a_second_turns_it_around(browser: Any) -> None:
    browser.open()
    browser.js("document.querySelectorAll('table.sortable th button')[6].click()")
    assert browser.column(6) == ["15", "1", "0"]
    browser.js("document.querySelectorAll('table.sortable th button')[6].click()")
    assert browser.column(6) == ["0", "1", "15"]
    assert browser.js("document.querySelector('[aria-sort]').getAttribute('aria-sort')") == "ascending"


def test_keys_sort_the_files(browser: Any) -> None:
    browser.open()
    browser.press("f")
    browser.press("f")
    assert browser.column() == ["app/removed.py", "app/orders.py", "app/core.py"]
    browser.press("x")
    assert browser.column(5) == ["4/6", "1/1", "0/1"]


def test_lines_are_sorted_as_numbers(browser: Any) -> None:
    browser.open(rule_page(Rule.DEPRECATED_USE))
    browser.press("f")
    assert browser.column() == ["app/orders.py:9", "app/orders.py:17", "app/orders.py:18"]


def test_the_filter_hides_rows_and_keys_typed_there_are_text(browser: Any) -> None:
    browser.open()
    browser.press("/")
    browser.press("removed")
    assert browser.column() == ["app/removed.py"]
    assert browser.js("document.activeElement.value") == "removed"
    browser.press(KEYS["escape"])
    assert browser.js("document.activeElement === document.body")


def test_the_question_mark_shows_help_and_escape_closes_it(browser: Any) -> None:
    browser.open()
    browser.press("?")
    assert browser.js("document.getElementById('help').open") is True
    browser.press(KEYS["escape"])
    assert browser.js("document.getElementById('help').open") is False


def test_j_and_k_go_from_site_to_site_and_enter_unfolds(browser: Any, orders: str) -> None:
    def at() -> str:
        return str(browser.js("document.activeElement.closest('details').querySelector('code').textContent"))

    browser.open(orders)
    browser.press("j")
    first = browser.js("document.activeElement.closest('details').id")
    browser.press("j")
    assert browser.js("document.activeElement.closest('details').id") != first
    browser.press("k")
    assert browser.js("document.activeElement.closest('details').id") == first
    browser.press("\ue007")
    assert browser.js("document.activeElement.closest('details').open") is True
    assert at() == "app.legacy:Queue"


def test_o_opens_every_fold_out_and_closes_them(browser: Any, orders: str) -> None:
    browser.open(orders)
    for opened in (6, 0):
        browser.press("o")
        assert browser.js("document.querySelectorAll('details.site[open]').length") == opened


def test_a_status_can_be_hidden(browser: Any, orders: str) -> None:
    browser.open(orders)
    browser.press("w")
    shown = "[...document.querySelectorAll('details.site')].filter(s => s.offsetHeight).length"
    assert browser.js(shown) == 3
    assert browser.js("document.querySelector('[data-status=known]').ariaPressed") == "false"


def test_brackets_go_to_the_next_file_and_u_up_to_the_index(browser: Any, orders: str) -> None:
    browser.open(orders)
    browser.press("]")
    assert "file-app-removed" in browser.js("location.href")
    browser.press("u")
    assert browser.js("location.href").endswith("index.html")


def test_a_deep_link_opens_its_site_and_shows_it(browser: Any, orders: str) -> None:
    last = read(GOLD / "result.json").sites[-2].site
    browser.open(orders, f"site-{last.id}")
    assert browser.js("document.querySelectorAll('details.site[open]').length") == 1
    assert browser.js("document.querySelector('details.site[open]').id") == f"site-{last.id}"
    place = "document.querySelector('details.site[open]').getBoundingClientRect().top"
    assert 0 <= browser.js(place) < 800


def test_a_link_that_was_cut_off_still_has_its_keys(browser: Any, orders: str) -> None:
    browser.open(orders, "site-%E2")
    browser.press("?")
    assert browser.js("document.getElementById('help').open") is True


def test_dark_is_what_the_system_asks_for_until_someone_says_otherwise(browser: Any) -> None:
    back = "getComputedStyle(document.body).backgroundColor"
    browser.open(dark=False)
    light = browser.js(back)
    browser.open(dark=True)
    dark = browser.js(back)
    assert light != dark
    browser.press("t")
    assert browser.js(back) == light
    browser.open(dark=True)
    assert browser.js(back) == light
    browser.js("localStorage.clear()")


@pytest.mark.parametrize("name", ["index", "orders", "tests"])
def test_nothing_is_wider_than_a_phone(name: str, browser: Any, orders: str, tests_page: str) -> None:
    browser.open({"index": "index.html", "orders": orders, "tests": tests_page}[name], wide=390)
    assert browser.js("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", ["rule", "tests"])
def test_a_row_with_much_to_say_is_not_cut_off_on_a_phone(name: str, browser: Any, tests_page: str) -> None:
    browser.open({"rule": rule_page(Rule.DEPRECATED_USE), "tests": tests_page}[name], wide=390)
    ends = "[...document.querySelectorAll('td')].map(cell => cell.getBoundingClientRect().right)"
    assert browser.js(f"Math.max(...{ends})") <= 390


def test_without_javascript_everything_can_be_read(browser: Any, orders: str) -> None:
    browser.tell("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(orders)
        page = browser.driver.find_element("css selector", "main")
        summary = browser.driver.find_elements("css selector", "details.site summary")[3]
        assert "return uuid4()" in page.text
        assert "Thread-1" not in page.text
        summary.click()
        assert "Thread-1" in page.text
    finally:
        browser.tell("Emulation.setScriptExecutionDisabled", value=False)


def test_hostile_names_run_nothing(driver: Any, browser: Any, tmp_path: Path) -> None:
    evil = "\u202e</script><img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>'\"\n"
    report = read(GOLD / "result.json")
    row = report.sites[0]
    site = replace(row.site, path=evil, target=evil, scope=evil, text=evil, ssot=evil)
    tests = (replace(report.tests[0], id=f"{evil}::{evil}", sites=(site.id,), markers=(evil,)),)
    write(
        replace(report, sites=(replace(row, site=site, owner=evil, issue=evil),), tests=tests, failures=(evil,)),
        browser.folder / "hostile",
    )
    pages = sorted((browser.folder / "hostile").glob("*.html"))
    assert len(pages) == 7
    for page in pages:
        browser.open(f"hostile/{page.name}")
        assert browser.js("document.title") != "run"
        assert browser.js("document.images.length") == 0


def test_a_script_that_got_in_would_still_not_run(driver: Any, folder: Path, orders: str) -> None:
    text = (
        (folder / orders).read_text(encoding="utf-8").replace("</main>", "<script>document.title='run'</script></main>")
    )
    (folder / "injected.html").write_text(text, encoding="utf-8")
    driver.get((folder / "injected.html").as_uri())
    assert driver.title != "run"
    assert any("Content Security Policy" in one["message"] for one in driver.get_log("browser"))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["index", "orders", "tests", "rule", "target", "owner", "functions"])
def test_axe_finds_no_serious_problem(name: str, dark: bool, browser: Any, orders: str, tests_page: str) -> None:
    """Ask axe-core, from the package that carries it (or the file in `SSOT_AXE`)."""
    script = os.environ.get("SSOT_AXE")
    if script is None:
        package = importlib.util.find_spec("axe_core_python")
        if package is None or package.origin is None:
            pytest.skip("accessibility tests need axe-core-python")
        script = str(Path(package.origin).parent / "axe.min.js")
    pages = {"index": "index.html", "orders": orders, "tests": tests_page, "rule": "rule-deprecated-use.html"}
    pages |= {"target": target_page("app.legacy:Queue"), "owner": owner_page("platform"), "functions": FUNCTIONS}
    browser.open(pages[name], dark=dark)
    browser.js("document.querySelectorAll('details').forEach(one => { one.open = true })")
    browser.driver.execute_script(Path(script).read_text(encoding="utf-8"))
    found = browser.driver.execute_async_script(
        "axe.run(document, {preload: false}).then(found => arguments[0](found.violations))"
    )
    serious = [
        (one["id"], [node["html"] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("look", [{}, {"dark": True}, {"wide": 420}], ids=["light", "dark", "phone"])
@pytest.mark.parametrize("name", ["index", "orders"])
def test_screenshots_are_kept(
    name: str, look: dict[str, Any], browser: Any, orders: str, request: pytest.FixtureRequest
) -> None:
    browser.open({"index": "index.html", "orders": orders}[name], **look)
    if name == "orders":
        browser.js("document.querySelectorAll('details.site')[3].open = true")
    SHOTS.mkdir(exist_ok=True)
    shot = SHOTS / f"{request.node.callspec.id}.png"
    assert browser.driver.save_screenshot(str(shot))
    assert shot.stat().st_size > 10_000


def test_the_map_leads_to_a_site_and_stays_out_of_the_way_of_the_keyboard(browser: Any, orders: str) -> None:
    browser.open(orders)
    places = "[...document.querySelectorAll('.map a')]"
    assert browser.js(f"{places}.length") == 5
    assert browser.js(f"{places}.every(one => one.tabIndex === -1)") is True
    browser.js(f"{places}[1].dispatchEvent(new MouseEvent('click', {{bubbles: true}}))")
    browser.open(orders, wide=420)
    assert browser.js("getComputedStyle(document.querySelector('.map')).display") == "none"


def test_the_index_opens_a_file_at_its_first_site(browser: Any) -> None:
    browser.open()
    browser.js("document.querySelector('a[href*=\"orders\"]').click()")
    assert browser.js("document.querySelector('details.site:target').open") is True


def test_what_is_to_be_written_can_be_copied(browser: Any, orders: str) -> None:
    browser.open(orders)
    assert browser.js("getComputedStyle(document.querySelector('.copied')).userSelect") == "all"
    assert browser.js("[...document.querySelectorAll('button.copy')].every(one => one.dataset.copy)") is True
