"""Keep the result file of a run that has not ended, so that a run which is killed loses nothing that was finished.

The file is a whole and valid result at every moment, marked incomplete. What belongs to no test is written anew when it
changes; the row of a test that has ended is put at the end, in place, and carries what the test reached.
"""

from __future__ import annotations

import json
from _io import FileIO
from contextlib import suppress
from pathlib import Path

from pytest_ssot_tracker.judge.verdict import Judge
from pytest_ssot_tracker.judge.writing import replace_text
from pytest_ssot_tracker.records import replace
from pytest_ssot_tracker.report.build import Report, rows, totals_of
from pytest_ssot_tracker.report.form import written
from pytest_ssot_tracker.report.gather import Gathered
from pytest_ssot_tracker.report.result import site_to_plain, text_of, to_plain

__all__ = ["UNENDED", "Growing"]

UNENDED = "the run has not ended, or was killed"
"""What such a file gives as the reason for being incomplete."""

_CLOSING = b"\n]\n}\n"
_AS_JSON = json.JSONEncoder(separators=(",", ":")).encode


class Growing:
    """The result file at `path` while the run goes on; where it cannot be written, the end of the run will say so.

    What `add` needs is bound early: a test that ended may have left it replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: FileIO | None = None
        self._end = 0
        self._first = True

    def rewrite(self, report: Report) -> None:
        """Write everything that is known by now."""
        self.close()
        run = replace(report.run, complete=False, incomplete=(*report.run.incomplete, UNENDED))
        totals = totals_of(report.sites, report.tests, (), complete=False)
        plain = to_plain(replace(report, run=run, fixed=(), totals=totals))
        plain["tests"] = plain.pop("tests")  # the last key, for `add`
        self._first = not plain["tests"]
        text = text_of(plain)
        if self._first:
            text = text.removesuffix("[]\n}\n") + "[\n]\n}\n"
        with suppress(OSError):
            replace_text(self._path, text)
            self._stream = FileIO(str(self._path), "r+")
            self._end = len(text.encode()) - len(_CLOSING)

    def add(self, test: Gathered, judge: Judge) -> None:
        """Put the one test of `test` at the end."""
        if self._stream is None:
            return
        sites, tests = rows(judge, test)
        plain = written(tests[0])
        if sites:
            plain["seen"] = [site_to_plain(row) for row in sites]
        row = (b"\n" if self._first else b",\n") + _AS_JSON(plain).encode()
        try:
            self._put(row)
        except OSError:
            with suppress(OSError):  # a full disk: leave what was there
                self._stream.truncate(self._end)
                self._put(b"")
            self.close()
            return
        self._end += len(row)
        self._first = False

    def close(self) -> None:
        """Stop growing; the file stays as it is."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _put(self, row: bytes) -> None:
        assert self._stream is not None
        data = row + _CLOSING
        self._stream.seek(self._end)
        if self._stream.write(data) != len(data):
            raise OSError("the disk is full")
