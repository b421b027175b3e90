"""Open the pages of the sample report in headless Chromium; without one, or without Selenium, these tests skip."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_ssot_tracker.report.html import write
from pytest_ssot_tracker.report.html.anchors import file_page, test_page
from pytest_ssot_tracker.report.result import read

GOLD = Path(__file__).parents[1] / "gold" / "html"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


@dataclass(frozen=True)
class Browser:
    """Be a page in the browser; `driver` is Selenium's."""

    driver: Any
    folder: Path

    def open(self, name: str = "index.html", anchor: str = "", *, dark: bool = False, wide: int = 1200) -> None:
        """Show one page anew, as a browser with these wishes does."""
        self.driver.get("about:blank")
        self.tell("Emulation.setEmulatedMedia", features=[scheme(dark)])
        size = {"width": wide, "height": 800, "deviceScaleFactor": 1, "mobile": wide < 600}
        self.tell("Emulation.setDeviceMetricsOverride", **size)
        self.driver.get((self.folder / name).as_uri() + (f"#{anchor}" if anchor else ""))

    def tell(self, command: str, **arguments: Any) -> None:
        """Send a command of the DevTools protocol."""
        self.driver.execute_cdp_cmd(command, arguments)

    def js(self, expression: str, *arguments: Any) -> Any:
        """Return what `expression` gives in the page."""
        return self.driver.execute_script(f"return {expression}", *arguments)

    def press(self, keys: str) -> None:
        """Type `keys` into whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(keys)

    def column(self, number: int = 0, table: int = 0) -> list[str]:
        """Return the texts of a column's visible cells."""
        rows = f"[...document.querySelectorAll('table.sortable')[{table}].tBodies[0].rows].filter(r => !r.hidden)"
        texts: list[str] = self.js(f"{rows}.map(r => r.cells[{number}].textContent.trim())")
        return texts


def scheme(dark: bool) -> dict[str, str]:
    return {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the sample's pages."""
    folder = tmp_path_factory.mktemp("pages")
    before = Path.cwd()
    os.chdir(GOLD)
    try:
        write(read(GOLD / "result.json"), folder)
    finally:
        os.chdir(before)
    return folder


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return one browser for all tests; `SSOT_BROWSER=required` turns a skip into an error."""
    missing = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    required = os.environ.get("SSOT_BROWSER") == "required"
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        missing.append("selenium")
    if missing and not required:
        pytest.skip(f"browser tests need {', '.join(missing)}")
    assert not missing, f"browser tests need {', '.join(missing)}"
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture
def browser(driver: Any, folder: Path) -> Iterator[Browser]:
    """Return the browser; after the test, nothing was complained of and nothing left the page."""
    driver.get_log("browser"), driver.get_log("performance")
    yield Browser(driver, folder)
    assert driver.get_log("browser") == []
    events = (json.loads(one["message"])["message"] for one in driver.get_log("performance"))
    asked = [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]
    here = folder.as_uri()
    assert [url for url in asked if not url.startswith((here, "data:", "about:"))] == []
    driver.get("about:blank")


@pytest.fixture
def orders() -> str:
    """Return the page of the sample's busiest file."""
    return file_page("app/orders.py")


@pytest.fixture
def tests_page() -> str:
    """Return the page of the sample's test file."""
    return test_page("tests/test_orders.py")
