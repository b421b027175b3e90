"""Write inline allows for sites: `# ssot: allow[rule] reason`, behind their statement or on a line of its own above."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from pytest_ssot_tracker.fix.editing import Edits, Span, applied
from pytest_ssot_tracker.fix.fixes import Change, Fixes, Refusal, Uncertain
from pytest_ssot_tracker.fix.parsed_file import File
from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.model import Site
from pytest_ssot_tracker.names.syntax import UNREADABLE
from pytest_ssot_tracker.scan.walk import read
from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.source import SourceFile

__all__ = ["allow", "problem_of"]

_WIDTH = 120
"""How long a line may become before the allow is put above it."""


def problem_of(reason: str) -> str | None:
    """Return why `reason` cannot be written behind an allow, `None` where it can."""
    if not reason.strip():
        return "an allow needs a reason"
    if not reason.isprintable():
        return "the reason has to stand on one line"
    return "the reason must hold no '# ', which would end it" if "# " in reason else None


def allow(tree: Tree, sites: Iterable[Site], reason: str) -> Fixes:
    """Return the files with an allow for each of `sites`, which says `reason`; nothing is written."""
    changes: list[Change] = []
    refusals: list[Refusal] = []
    for path, here in sorted(grouped(sites, lambda site: site.path).items()):
        wanted = [site for site in here if site.rule.about.stands_at != "file"]
        whole = "it stands for the whole file: exempt that by allow_in or exclude"
        refusals += (Refusal(site, whole, whole) for site in here if site not in wanted)
        try:
            changes += [_allowed(tree, path, wanted, reason.strip())] if wanted else []
        except Uncertain as uncertain:
            refusals += (Refusal(site, uncertain.reason, uncertain.reason) for site in wanted)
    return Fixes(tuple(changes), tuple(refusals))


def _allowed(tree: Tree, path: str, sites: Sequence[Site], reason: str) -> Change:
    """Return a file with allows for `sites`; raise `Uncertain` where one of them would not be exempt by that."""
    if not path.endswith(".py"):
        raise Uncertain("it is no Python file: write the allow there by hand")
    try:
        data = read(tree.absolute(path))
        file = File(path, tree.module(path), data)
        source = SourceFile.read(path, data)
    except OSError as error:
        raise Uncertain(f"the file cannot be read: {error.strerror}") from None
    except UNREADABLE:
        raise Uncertain("the file cannot be parsed") from None
    edits: Edits = {}
    above: list[int] = []
    for line, here in sorted(grouped(sites, lambda site: site.line).items()):
        rules = ", ".join(dict.fromkeys(site.rule.value for site in here))
        span, text, is_above = _comment(file, source, line, f"# ssot: allow[{rules}] {reason}")
        edits[span] = (*edits.get(span, ()), text)
        above += [file.data.count(b"\n", 0, span.start) + 1] if is_above else []
    after = applied(file.data, edits).decode().encode(file.encoding)
    changed = SourceFile.read(path, after)
    for site in sites:
        shifted = site.line + sum(line <= site.line for line in above)
        if ast.dump(changed.tree) != ast.dump(source.tree) or changed.allow_for(site.rule, shifted) is None:
            raise Uncertain("a comment there would not exempt it: write the allow by hand")
    return Change(path, data, after, tuple(sites))


def _comment(file: File, source: SourceFile, line: int, text: str) -> tuple[Span, str, bool]:
    """Return where an allow for the statement at `line` is put, as what, and whether on a line of its own."""
    statement = source.statement_at(line)
    start = file.offset(line, 0)
    end = file.line_end(start)
    written = file.data[start:end].decode()
    is_plain = statement is not None and statement.line == statement.end_line and "#" not in written
    if is_plain and not written.rstrip().endswith("\\") and len(written) + len(text) + 2 <= _WIDTH:
        return Span(end, end), f"  {text}", False
    head = line if statement is None else statement.head_line
    start = file.offset(head, 0)
    written = file.data[start : file.line_end(start)].decode()
    indent = written[: len(written) - len(written.lstrip())]
    return Span(start, start), f"{indent}{text}{file.newline}", True
