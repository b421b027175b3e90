"""Say what stands in a file of the project: its text, its statements, and the allows written there."""

from __future__ import annotations

from pytest_ssot_tracker.source.file import Allow, SourceFile, Statement, decode, fold

__all__ = ["Allow", "SourceFile", "Statement", "decode", "fold", "read_source"]


def read_source(path: str, data: bytes) -> SourceFile:
    """Return the file at the relative `path` with the content `data`, be it a module, a script or a notebook.

    Raises `SyntaxError` or `ValueError` where the running interpreter cannot parse it.
    """
    if path.endswith(".ipynb"):
        from pytest_ssot_tracker.source.notebook import Notebook

        return Notebook.read(path, data)
    return SourceFile.read(path, data)
