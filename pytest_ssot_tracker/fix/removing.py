"""Remove what nothing uses any more: its definition, the exports that only hand it on, and the tests of it alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from pytest_ssot_tracker.fix.absence import proved_by
from pytest_ssot_tracker.fix.defining import OwnDefinitions
from pytest_ssot_tracker.fix.editing import Edits, Span
from pytest_ssot_tracker.fix.fixes import Change, Fixes, Refusal, Uncertain
from pytest_ssot_tracker.fix.import_edits import ImportEdits, on_one_line
from pytest_ssot_tracker.fix.outside import Outside, contents
from pytest_ssot_tracker.fix.parsed_file import File, Import, local_of
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.fix.whole_files import blank_lines_after, changed, every_path, file_at, lines_of
from pytest_ssot_tracker.grouped import grouped
from pytest_ssot_tracker.model import Rule, Site
from pytest_ssot_tracker.names.syntax import literal_text
from pytest_ssot_tracker.records import regex
from pytest_ssot_tracker.scan.walk import read
from pytest_ssot_tracker.settings import Tree
from pytest_ssot_tracker.source import SourceFile

__all__ = ["remove"]

_COMMA = regex(rb"\s*,[ \t]*")
_ALLOW = regex(rb"[ \t]*#\s*ssot:\s*allow\b")
_USED = "it is still used"


def remove(tree: Tree, target: Name, sites: Iterable[Site]) -> Fixes:
    """Return what deleting `target` comes to, of which `sites` are the uses; refusals alone where any remains.

    Raises `Uncertain` where what defines it cannot be taken out for certain.
    """
    return _Removal(tree, target).of(sites)


class _Removal:
    """The removal of `target`, file by file."""

    def __init__(self, tree: Tree, target: Name) -> None:
        self._tree = tree
        self._target = target
        self._modules = OwnDefinitions(tree).modules
        self._every = every_path(tree)
        home = self._modules.path(target.module)
        if home is None:
            raise Uncertain(f"the project has no file of a module {target.module}")
        self._home = home
        self._read: dict[str, File] = {}

    def of(self, sites: Iterable[Site]) -> Fixes:
        """Return the changes, or else what remains."""
        gone = dict.fromkeys(path for path in self._every if self._goes(path))
        left = [site for site in sites if site.path not in gone and not self._proves(site)]
        exports = [site for site in left if self._exported(site)]
        remaining = self._remaining(gone, left, exports)
        if remaining:
            return Fixes((), tuple(Refusal(site, _USED, _USED) for site in remaining))
        changes = [self._gone(path) for path in gone]
        by_path = grouped(exports, lambda site: site.path)
        if self._is_name:
            by_path.setdefault(self._home, [])
        changes += [self._without(path, here) for path, here in by_path.items()]
        return Fixes(tuple(sorted(changes, key=lambda change: change.path)))

    def _remaining(self, gone: Iterable[str], left: Sequence[Site], exports: Sequence[Site]) -> list[Site]:
        """Return what still uses the target, of the sites that are `left` and of what names it, in order."""
        found = [site for site in left if site not in exports]
        if self._is_name:  # the rest of its own module is looked at by what it reads
            found = [*(site for site in found if site.path != self._home), *self._within_home()]
        known = {site.where for site in left}
        found += (site for site in self._texts(gone) if site.where not in known)
        return sorted(dict.fromkeys(found), key=lambda site: (site.path, site.line))

    @property
    def _is_name(self) -> bool:
        return self._target.attribute is not None

    def _file(self, path: str) -> File:
        if path not in self._read:
            self._read[path] = file_at(self._tree, path)
        return self._read[path]

    # --- Whole files

    def _goes(self, path: str) -> bool:
        """Whether a file goes as a whole: it is the module, or a module of tests that is named after the target."""
        below = not self._is_name and self._is_below(self._tree.module(path))
        return below or PurePosixPath(path).stem in self._named_tests

    def _is_below(self, dotted: str) -> bool:
        """Whether the dotted name of something is that of the target, or of what is below it."""
        return f"{dotted}.".startswith(f"{self._target.dotted}.")

    @property
    def _named_tests(self) -> frozenset[str]:
        last = self._target.last
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower()
        return frozenset({f"test_{name}", f"{name}_test", f"test_{last}"})

    def _gone(self, path: str) -> Change:
        return Change(path, read(self._tree.absolute(path)), b"", (), gone=True)

    # --- Who uses it

    def _proves(self, site: Site) -> bool:
        """Whether a use only proves that the target is gone, or is refused."""
        if site.flags:
            return True
        if not site.path.endswith(".py"):
            return False
        file = self._file(site.path)
        nodes: list[ast.AST] = [chain.root for chain in file.chains]
        nodes += [*file.imports, *file.strings]
        here = [node for node in nodes if file.statement_line(node) == site.line]
        return bool(here) and all(proved_by(file, node) is not None for node in here)

    def _exported(self, site: Site) -> bool:
        """Whether a use is an import that nothing reads, neither in its file nor from elsewhere."""
        if site.rule is not Rule.DEPRECATED_IMPORT or not site.path.endswith(".py"):
            return False
        file = self._file(site.path)
        found = list(self._imports_at(file, site))
        names = [(local_of(statement, alias), file.module) for statement, alias in found]
        outside = Outside(self._tree, names)
        for path, data in contents(self._tree, (path for path in self._every if not self._goes(path))):
            outside.look(path, data)
        return bool(found) and not any(
            (binding := file.binding_of(statement, alias)) is None or binding.reads or outside(*name)
            for (statement, alias), name in zip(found, names, strict=True)
        )

    def _imports_at(self, file: File, site: Site) -> Iterator[tuple[Import, ast.alias]]:
        """Yield the names that the import at a site brings of the target."""
        for statement in file.imports:
            if file.statement_line(statement) != site.line:
                continue
            for alias in statement.names:
                named = file.imported(statement, alias)
                below = named is not None and self._is_below(".".join(filter(None, named)))
                if below or (self._is_name and alias.name == self._target.last):
                    yield statement, alias

    def _within_home(self) -> list[Site]:
        """Return where the rest of its own module uses what is to go."""
        file = self._file(self._home)
        first, _, member = str(self._target.attribute).partition(".")
        statement = self._definition(file)
        inside = set(ast.walk(statement))
        bindings = file.module_scope.bindings.get(first, [])
        nodes: list[ast.AST] = [read for binding in bindings for read in binding.reads]
        if member:
            nodes = list(file.attributes(member.rpartition(".")[2]))
        lines = {file.statement_line(node) for node in nodes if node not in inside}
        return [self._site(file, line) for line in sorted(lines)]

    def _texts(self, gone: Iterable[str]) -> Iterator[Site]:
        """Yield where a text names the target as imports and patches do."""
        word = self._target.dotted.encode()
        for path in self._every:
            if path in gone or not path.endswith(".py") or word not in read(self._tree.absolute(path)):
                continue
            file = self._file(path)
            for node in file.strings:
                text = str(node.value)
                names = self._is_below(text) or text == str(self._target) or text.startswith(f"{self._target}:")
                if names and proved_by(file, node) is None:
                    yield self._site(file, file.statement_line(node))

    def _site(self, file: File, line: int) -> Site:
        source = SourceFile(file.path, file.data.decode())
        statement = source.statement_at(line)
        return source.site(Rule.DEPRECATED_USE, ssot="", target=str(self._target), statement=statement, line=line)

    # --- Pieces of files

    def _definition(self, file: File) -> ast.stmt:
        """Return the one statement that defines the target; raise `Uncertain` where there is another number of them."""
        block: Sequence[ast.stmt] = file.tree.body
        found: list[ast.stmt] = []
        for name in str(self._target.attribute).split("."):
            found = [statement for statement in block if name in _defined_by(statement)]
            block = getattr(found[0], "body", []) if found else []
        if len(found) != 1:
            many = "more than once" if found else "nowhere that is known"
            raise Uncertain(f"{self._target} is defined {many}")
        others = sorted({*_defined_by(found[0])} - {self._target.last})
        if others:
            raise Uncertain(f"{self._target} is defined together with {others[0]}")
        if len(on_one_line(file.block_of(found[0]), found[0])) > 1:
            raise Uncertain(f"{self._target} shares a line with another statement")
        return found[0]

    def _without(self, path: str, exports: Sequence[Site]) -> Change:
        """Return a file without the exports in it, and without the definition where it has that."""
        file = self._file(path)
        imports = ImportEdits(file)
        edits: Edits = {}
        names = {self._target.last} if path == self._home else set()
        for site in exports:
            for statement, alias in self._imports_at(file, site):
                imports.drop(statement, alias)
                names.add(local_of(statement, alias))
                if len(statement.names) == 1:
                    edits.update(_allow_above(file, statement))
        if path == self._home and self._is_name:
            edits.update(self._definition_out(file, imports))
        for element, row in _public(file):
            if literal_text(element) in names:
                edits.update(_element_out(file, element, row))
        at_home = path == self._home and bool(edits)
        return changed(file, {**edits, **imports.edits()}, tuple(exports), trimmed=at_home)

    def _definition_out(self, file: File, imports: ImportEdits) -> Edits:
        statement = self._definition(file)
        inside = {node for node in ast.walk(statement) if isinstance(node, ast.Name)}
        for brought in file.imports:
            for alias in brought.names:
                binding = file.binding_of(brought, alias)
                if binding is not None and binding.reads and all(name in inside for name in binding.reads):
                    imports.drop(brought, alias)
        block = file.block_of(statement)
        if len(block) == 1 and block is not file.tree.body:
            return {file.span(statement): ("pass",)}
        start, end = lines_of(file, statement)
        return {Span(start, blank_lines_after(file, end)): ()}


def _defined_by(statement: ast.stmt) -> list[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    parts = (part for target in targets if target is not None for part in ast.walk(target))
    return [part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


def _public(file: File) -> Iterator[tuple[ast.expr, ast.List | ast.Tuple]]:
    """Yield each name in `__all__`, with the row that it stands in."""
    for node in file.nodes(ast.Assign, ast.AugAssign, ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        named = any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
        if named and isinstance(value, (ast.List, ast.Tuple)):
            yield from ((element, value) for element in value.elts)


def _element_out(file: File, element: ast.expr, row: ast.List | ast.Tuple) -> Edits:
    """Return the edit that takes an element out of a list or tuple, with its line where it stands alone there."""
    start, end = file.span(element)
    comma = _COMMA.match(file.data, end)
    after = end if comma is None else comma.end()
    line = file.line_start(start)
    alone = not file.data[line:start].strip() and not file.data[after : file.line_end(after)].partition(b"#")[0].strip()
    if alone and row.lineno != row.end_lineno and line > file.span(row).start:
        return {Span(line, file.next_line(after)): ()}
    if comma is None and element is not row.elts[0]:
        start = file.span(row.elts[row.elts.index(element) - 1]).end
        return {Span(start, end): ("," if isinstance(row, ast.Tuple) and len(row.elts) == 2 else "",)}
    return {Span(start, after): ()}


def _allow_above(file: File, statement: ast.stmt) -> Edits:
    """Return the edit that takes out an allow which stands above a statement that goes."""
    start = file.line_start(file.span(statement).start)
    above = file.line_start(max(start - 1, 0))
    return {Span(above, start): ()} if start and _ALLOW.match(file.data, above) else {}
