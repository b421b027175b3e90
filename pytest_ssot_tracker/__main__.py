"""Run the command line tool: `python -m pytest_ssot_tracker`."""

from __future__ import annotations

import sys

from pytest_ssot_tracker.cli import main

if __name__ == "__main__":
    sys.exit(main())
