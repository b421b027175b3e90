"""Read the code cells of a Jupyter notebook as one file: what a cell binds, the cells after it see.

Cells are JSON, so nothing but the standard library is needed, and IPython's own lines (`%time f()`, `!ls`, `f?`) are
made plain Python line by line. A site stands at its line of the `.ipynb` file, within the scope of its cell.
"""

from __future__ import annotations

import ast
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from pytest_ssot_tracker.records import NamedTuple, regex
from pytest_ssot_tracker.source.file import Allow, SourceFile, Statement

__all__ = ["Cell", "Notebook", "NotebookError", "plain_python"]

_OLDEST = 3
# Cell magics whose cell is Python all the same, and line magics that run the Python behind them.
_PYTHON_CELLS = frozenset(
    {"time", "timeit", "capture", "prun", "memit", "mprun", "lprun", "snakeviz", "scalene", "skip"}
)
_PYTHON_LINES = frozenset({"time", "timeit", "prun", "memit", "mprun", "lprun", "snakeviz", "scalene", "pdb"})
_MAGIC = regex(r"(?P<indent>\s*)(?P<bound>[\w\s,.\[\]'\"]+=\s*)?%(?P<name>\w+)\s*(?P<rest>.*)", re.DOTALL)
_SHELL = regex(r"(?P<indent>\s*)(?P<bound>[\w\s,.\[\]'\"]+=\s*)?!")
_HELP = regex(r"(?P<indent>\s*)(?:\?{1,2}\s*[%\w.*]+|[%\w.*]+\s*\?{1,2})\s*;?\s*$")
_OPTION = regex(r"-\w+(?:[ =]?\d+)?\s+|-[pq]\s+")
_PIECE = regex(r"""\"\"\"|'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*|[(\[{]|[)\]}]""")


class NotebookError(ValueError):
    """Why a notebook cannot be read."""


class Cell(NamedTuple):
    """One code cell: what it is called, where it starts in the code of them all, from line 1, and its own code.

    `number` counts from 1 through the cells of every kind; `error` says why the code is no Python.
    """

    name: str
    number: int
    start: int
    code: str
    error: Exception | None = None


class Notebook(SourceFile):
    """The code of a notebook, cell after cell; `cells` are its code cells, those without Python left aside.

    Raises `NotebookError` for what is no notebook. A cell that cannot be parsed is left out, and named in `broken`.
    """

    def __init__(self, path: str, text: str) -> None:
        self._json = text
        self._raw = list(_code_cells(_loaded(text)))
        self.cells = list(_cells(self._raw))
        code = "".join("\n" * cell.code.count("\n") if cell.error else cell.code for cell in self.cells)
        self._first_lines = [cell.start for cell in self.cells]
        super().__init__(path, code)

    @classmethod
    def read(cls, path: str, data: bytes) -> Notebook:
        """Return the notebook with the content `data`."""
        return cls(path, data.decode("utf-8-sig"))

    @property
    def broken(self) -> Iterator[tuple[int, Cell, Exception]]:
        """Yield the cells that cannot be parsed, each with its line in the file, and why."""
        return ((self.shown(cell.start, "")[0], cell, cell.error) for cell in self.cells if cell.error is not None)

    def _cell(self, line: int) -> int:
        return max(bisect_right(self._first_lines, line) - 1, 0)

    def shown(self, line: int, scope: str) -> tuple[int, str]:
        """Return the line of the `.ipynb` file in which the code's `line` stands, and `scope` within its cell."""
        if not self.cells:
            return 1, scope
        index = self._cell(line)
        cell, lines = self.cells[index], self._lines_of_cells[index]
        name = cell.name if scope == "<module>" else f"{cell.name}.{scope}"
        return lines[min(line - cell.start, len(lines) - 1)], name

    def written(self, line: int) -> int:
        """Return the line of the code that stands in the `line` of the `.ipynb` file."""
        for cell, lines in zip(self.cells, self._lines_of_cells, strict=True):
            if line in lines:
                return cell.start + lines.index(line)
        return 0

    def _part(self, statement: Statement) -> int:
        return self._cell(statement.line)

    @cached_property
    def allows(self) -> tuple[Allow, ...]:
        """Return every `# ssot: allow[…]` comment, with its problem where it has no effect."""
        return tuple(allow._replace(line=self.shown(allow.line, "")[0]) for allow in super().allows)

    @cached_property
    def _lines_of_cells(self) -> list[list[int]]:
        """Return for each cell in which line of the file each of its lines stands."""
        ends = [match.start() for match in re.finditer("\n", self._json)]
        found, position = [], 0
        for raw, cell in zip(self._raw, self.cells, strict=True):
            places, position = _places(self._json, raw, position)
            lines = [bisect_right(ends, place) + 1 for place in places]
            found.append([*lines, *[lines[-1]] * (cell.code.count("\n") - len(lines))])
        return found


def _loaded(text: str) -> dict[str, Any]:
    try:
        notebook: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"the file is no JSON: {error}") from None
    version = notebook.get("nbformat") if isinstance(notebook, dict) else None
    if not isinstance(version, int):
        raise NotebookError("the file is no notebook: it names no nbformat")
    if version < _OLDEST:
        raise NotebookError(f"the notebook has format {version}; save it anew, or convert it with jupyter nbconvert")
    found: dict[str, Any] = notebook
    return found


def _code_cells(notebook: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Yield number, cell and the key of its code, for each cell with Python."""
    metadata = notebook.get("metadata")
    kernel = _at(metadata, "kernelspec", "language") or _at(metadata, "language_info", "name") or "python"
    if str(kernel).lower() not in ("python", "python3", "ipython", "xonsh"):
        return
    cells = notebook.get("cells")
    if cells is None:  # before format 4
        sheets = notebook.get("worksheets")
        cells = [cell for sheet in sheets or () for cell in _at(sheet, "cells") or ()]
    if not isinstance(cells, list):
        raise NotebookError("the notebook has no list of cells")
    for number, cell in enumerate(cells, 1):
        if _at(cell, "cell_type") == "code":
            key = "source" if "source" in cell else "input"
            if str(_at(cell, "language") or "python").lower() == "python":
                yield number, cell, key


def _at(holder: Any, *keys: str) -> Any:
    for key in keys:
        holder = holder.get(key) if isinstance(holder, dict) else None
    return holder


def _cells(raw: Sequence[tuple[int, dict[str, Any], str]]) -> Iterator[Cell]:
    start = 1
    for number, cell, key in raw:
        source = cell.get(key)
        pieces: list[Any] = source if isinstance(source, list) else [source]
        if not all(isinstance(piece, str) for piece in pieces):
            raise NotebookError(f"the code of cell {number} is no text")
        code = "".join(pieces)
        name = f"cell {cell['id']}" if isinstance(cell.get("id"), str) else f"cell {number}"
        error = None
        try:
            code = plain_python(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as reason:
            error = reason
        code = code.replace("\r\n", "\n").replace("\r", "\n") + "\n"
        yield Cell(name, number, start, code, error)
        start += code.count("\n")


def plain_python(code: str) -> str:
    """Return the code of a cell as Python with as many lines; raise `SyntaxError` where it is none.

    What is Python as it stands stays as it is: `%` may begin a line, too.
    """
    try:
        ast.parse(code)
    except SyntaxError:
        lines = code.split("\n")
        first = next((number for number, line in enumerate(lines) if line.strip()), 0)
        if lines[first].startswith("%%"):
            magic = re.match(r"%%(\w*)", lines[first])
            if magic is not None and magic[1] not in _PYTHON_CELLS:
                return "\n" * code.count("\n")
            lines[first] = ""
        code = "\n".join(_without_magics(lines))
        ast.parse(code)
    return code


def _without_magics(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines, those that only IPython understands made plain Python."""
    depth, quotes, going_on = 0, "", False
    for line in lines:
        if going_on:  # a shell command over several lines
            going_on = line.rstrip().endswith("\\")
            yield ""
            continue
        if not depth and not quotes:
            plain = _plain_line(line)
            if plain is not None:
                going_on = line.rstrip().endswith("\\")
                yield plain
                continue
        depth, quotes = _after(line, depth, quotes)
        yield line


def _plain_line(line: str) -> str | None:
    """Return what a line for IPython does that Python can say, `None` for a line of Python."""
    match = _SHELL.match(line)
    if match is not None:
        return f"{match['indent']}{match['bound'] or ''}{'None' if match['bound'] else 'pass'}"
    match = _MAGIC.match(line)
    if match is not None:
        rest = match["rest"]
        while match["name"] in _PYTHON_LINES and (option := _OPTION.match(rest)) is not None:
            rest = rest[option.end() :]
        runs = rest if match["name"] in _PYTHON_LINES and rest.strip() else ""
        return f"{match['indent']}{match['bound'] or ''}{runs or ('None' if match['bound'] else 'pass')}"
    match = _HELP.match(line)
    return None if match is None else f"{match['indent']}pass"


def _after(line: str, depth: int, quotes: str) -> tuple[int, str]:
    """Return how many brackets are open behind `line`, and in which kind of string of several lines it ends."""
    position = 0
    while position < len(line):
        if quotes:
            end = line.find(quotes, position)
            if end < 0:
                return depth, quotes
            position, quotes = end + 3, ""
            continue
        piece = _PIECE.search(line, position)
        if piece is None:
            break
        position = piece.end()
        text = piece.group()
        if text in ('"""', "'''"):
            quotes = text
        elif text in "([{":
            depth += 1
        elif text in ")]}":
            depth = max(depth - 1, 0)
    return depth, quotes


def _places(text: str, raw: tuple[int, dict[str, Any], str], position: int) -> tuple[list[int], int]:
    """Return where each line of a cell's code begins in the JSON `text`, from `position` on, and where it all ends."""
    _, cell, key = raw
    decoder = json.JSONDecoder()
    for match in re.compile(rf'"{key}"\s*:\s*').finditer(text, position):
        try:
            value, end = decoder.raw_decode(text, match.end())
        except ValueError:
            continue
        if value != cell[key]:
            continue  # the same word within an output
        if isinstance(value, str):
            return [match.end()] * (value.count("\n") + 1), end
        return [*_items(text, value, match.end() + 1, decoder)] or [match.end()], end
    return [position], position


def _items(text: str, items: Sequence[str], position: int, decoder: json.JSONDecoder) -> Iterator[int]:
    """Yield for each line of the code where the item begins in which it begins; as a rule an item is a line."""
    begins = True
    for item in items:
        start = text.index('"', position)
        _, position = decoder.raw_decode(text, start)
        if begins:
            yield start
        yield from [start] * (item.count("\n") - item.endswith("\n"))
        begins = item.endswith("\n")
