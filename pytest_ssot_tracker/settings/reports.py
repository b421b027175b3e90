"""The reports that there are: one record each, from which options, formats and the table of reporters are made.

To add a report, add a record here and a module in `report` with a function `render(report, output)`.
"""

from __future__ import annotations

from pytest_ssot_tracker.records import NamedTuple

__all__ = ["BY_NAME", "REPORTERS", "Reporter"]


class Reporter(NamedTuple):
    """One type of report.

    `name` is what `--ssot-report` and `--format` take, `shown` how the help writes it. `module` in `report` renders it
    with its function `function`; of a report without one pytest itself writes the file. `dest` is where it goes if
    nothing else is said, `None` for the terminal. `failures_only` is for services that take each entry for a fault: it
    has what passes only where `?all` asks for it. `printed` offers it as a `--format` of the commands.
    """

    name: str
    shown: str
    module: str | None = None
    function: str = "render"
    dest: str | None = None
    failures_only: bool = False
    printed: bool = False


REPORTERS = (
    Reporter("term", "term", "terminal"),
    Reporter("term-verbose", "term-verbose", "terminal", "render_verbose"),
    Reporter("html", "html[:DIR] (ssot_html)", "html", dest="ssot_html"),
    Reporter("json", "json[:FILE] (ssot-result.json)", "result", dest="ssot-result.json", printed=True),
    Reporter(
        "sarif",
        "sarif[:FILE] (ssot-result.sarif)",
        "sarif",
        dest="ssot-result.sarif",
        failures_only=True,
        printed=True,
    ),
    Reporter("junit", "junit (in pytest's own JUnit file)"),
    Reporter("github", "github (annotations)", "github", failures_only=True, printed=True),
    Reporter(
        "gitlab",
        "gitlab[:FILE] (gl-code-quality-report.json)",
        "gitlab",
        dest="gl-code-quality-report.json",
        failures_only=True,
    ),
)
"""Every report, in the order in which help lists them."""

BY_NAME = {reporter.name: reporter for reporter in REPORTERS}
