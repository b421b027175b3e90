"""Write pytest_ssot_tracker/report/result.schema.json from the rows of a report, or check that it is up to date.

scripts/result_schema.py [--write]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pytest_ssot_tracker.report import published

FILE = Path(published.__file__).with_name("result.schema.json")


def main() -> int:
    """Check or write the file."""
    text = json.dumps(published.schema(), indent=2) + "\n"
    if "--write" in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
    return int(FILE.read_text(encoding="utf-8") != text)


if __name__ == "__main__":
    sys.exit(main())
