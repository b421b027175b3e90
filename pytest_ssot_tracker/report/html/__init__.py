"""Write the report as a folder of pages: an index, and a page for each file, test file and rule."""

from __future__ import annotations

from pytest_ssot_tracker.report.html.folder import render, write

__all__ = ["render", "write"]
