"""Move definitions to another module, and leave behind what goes on importing them from there."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from pytest_ssot_tracker.fix.defining import OwnDefinitions
from pytest_ssot_tracker.fix.editing import Edits, Span, applied
from pytest_ssot_tracker.fix.fixes import Change, Uncertain
from pytest_ssot_tracker.fix.import_edits import ImportEdits, on_one_line
from pytest_ssot_tracker.fix.parsed_file import File
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.fix.scoping import Binding
from pytest_ssot_tracker.fix.whole_files import blank_lines_after, changed, check_parses, every_path, file_at, lines_of
from pytest_ssot_tracker.scan.walk import read
from pytest_ssot_tracker.settings import Tree

__all__ = ["move"]

_OF_A_MODULE = frozenset({"__name__", "__file__", "__package__", "__spec__", "__path__", "__doc__", "globals", "vars"})
"""Names that mean something else in another module."""


def move(tree: Tree, moves: Mapping[Name, Name]) -> tuple[Change, ...]:
    """Return the files with what `moves` names moved to where it says; raise `Uncertain` where that is not the same.

    All of it comes from one module and goes to one module, which is made where it is not there yet.
    """
    definitions = OwnDefinitions(tree)
    (old_module,), (new_module,) = ({name.module for name in names} for names in (moves, moves.values()))
    path = definitions.modules.path(old_module)
    if path is None:
        raise Uncertain(f"the project has no file of a module {old_module}")
    source = file_at(tree, path)
    names = {str(old.attribute): str(new.attribute) for old, new in moves.items()}
    moving = _Moving(source, names, new_module)
    taken = moving.needed()
    _check_patched(tree, old_module, taken)
    for module in moving.modules_of(taken):
        if definitions.reaches(module, old_module):
            raise Uncertain(f"it needs {module}, which imports {old_module}: {new_module} would import it in a circle")
    where = definitions.modules.path(new_module)
    if where is None:
        made = Change(_path_of(definitions, path, old_module, new_module), b"", moving.new_file(taken), (), made=True)
        return (made, moving.left_behind(taken))
    if definitions.reaches(new_module, old_module) and not moving.is_imported_by(file_at(tree, where)):
        raise Uncertain(f"{new_module} imports {old_module}, which would have to import it in turn")
    return (moving.added_to(file_at(tree, where), taken), moving.left_behind(taken))


class _Moving:
    """OwnDefinitions of `file` on their way to `module`; `names` maps what each is called to what it will be called."""

    def __init__(self, file: File, names: Mapping[str, str], module: str) -> None:
        self._file = file
        self._names = names
        self._module = module
        self._statements = sorted((self._definition(name) for name in names), key=file.order)
        self._within = {part for part in file.nodes(ast.AST) if self._is_moved(part)}

    def _is_moved(self, node: ast.AST) -> bool:
        """Whether `node` is part of what is moved, be it in an annotation that is a text."""
        return any(outer in self._statements for outer in (node, *self._file.ancestors(node)))

    def _definition(self, name: str) -> ast.stmt:
        bound = self._file.module_scope.bindings.get(name, [])
        if not bound or "." in name:
            raise Uncertain(f"{self._file.module} defines no {name} at its top level")
        if len(bound) > 1:
            raise Uncertain(f"{name} is bound more than once in {self._file.module}")
        node = bound[0].node
        statement = self._file.statement(node)
        if bound[0].alias is not None:
            raise Uncertain(f"{self._file.module} only imports {name}")
        if not self._file.is_top(statement):
            raise Uncertain(f"{name} is defined under a condition")
        alone = isinstance(statement, ast.AnnAssign) or (
            isinstance(statement, ast.Assign) and len(statement.targets) == 1 and statement.targets[0] is node
        )
        if not alone and not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            raise Uncertain(f"{name} is not defined by a statement of its own")
        if len(on_one_line(self._file.tree.body, statement)) > 1:
            raise Uncertain(f"{name} shares a line with another statement")
        return statement

    # --- What they need

    def needed(self) -> dict[str, Binding]:
        """Return the imports that the definitions use, by name; raise `Uncertain` where they use anything else."""
        found: dict[str, Binding] = {}
        beside: list[str] = []
        for read_name, bindings in self._file.reads():
            name = read_name.id
            if read_name not in self._within:
                continue
            if name in _OF_A_MODULE or (not bindings and not hasattr(builtins, name)):
                raise Uncertain(f"{name} is used, and means something else in {self._module}")
            for binding in filter(self._stays, bindings):
                if binding.alias is None or len(bindings) > 1 or not self._file.is_top(binding.node):
                    beside.append(name)
                else:
                    found[name] = binding
        declared = (node for node in self._within if isinstance(node, ast.Global))
        beside += [name for node in declared for name in node.names if name not in self._names]
        if beside:
            named = ", ".join(dict.fromkeys(beside))
            raise Uncertain(f"it uses {named} of {self._file.module}: move that too, or first")
        if self._file.quoted & set(self._file.module_scope.bindings) - set(self._names):
            raise Uncertain("an annotation that is a text over several lines names something")
        return found

    def _stays(self, binding: Binding) -> bool:
        """Whether a binding is one of the module that is not moved."""
        return binding.scope is self._file.module_scope and binding.node not in self._within

    def modules_of(self, needed: Mapping[str, Binding]) -> Iterator[str]:
        """Yield the modules that the definitions need something of."""
        for binding in needed.values():
            (module, name), _ = self._named(binding)
            yield from (module, ".".join(filter(None, (module, name))))

    def is_imported_by(self, target: File) -> bool:
        """Whether `target` imports what is moved, and nothing else of where it comes from."""
        pairs = ((statement, alias) for statement in target.imports for alias in statement.names)
        named = (target.imported(statement, alias) for statement, alias in pairs)
        taken = [of[1] for of in named if of is not None and of[0] == self._file.module]
        return bool(taken) and all(name in self._names for name in taken)

    # --- What becomes of the files

    def left_behind(self, needed: Mapping[str, Binding]) -> Change:
        """Return the old file, which imports what it defined."""
        file = self._file
        imports = ImportEdits(file)
        edits: Edits = {}
        public = {text.value for text in file.strings if text not in self._within}
        for old, new in self._names.items():
            binding = file.module_scope.bindings[old][0]
            used = old in public or any(name not in self._within for name in binding.reads)
            imports.add(Name(self._module, new), old, explicit=not used)
        for statement in self._statements:
            start, end = lines_of(file, statement)
            edits[Span(start, blank_lines_after(file, end))] = ()
        gone = {name for name in self._within if isinstance(name, ast.Name)}
        for binding in needed.values():
            if all(name in gone for name in binding.reads) and binding.alias is not None:
                assert isinstance(binding.node, (ast.Import, ast.ImportFrom))
                imports.drop(binding.node, binding.alias)
        return changed(file, {**edits, **imports.edits()}, trimmed=True)

    def added_to(self, target: File, needed: Mapping[str, Binding]) -> Change:
        """Return the new file, with the definitions at its end and the imports that they need."""
        imports = ImportEdits(target)
        for name in self._names.values():
            self._drop_import(imports, name, target)
        if _is_future(self._file) and not _is_future(target) and self._is_annotated():
            raise Uncertain(f"{target.module} has no `from __future__ import annotations`, unlike {self._file.module}")
        for name, binding in needed.items():
            there = target.module_scope.bindings.get(name, ())
            if not there:
                self._import(imports, name, binding)
            elif any(target.meaning(other) != self._file.meaning(binding) for other in there):
                raise Uncertain(f"{name} means something else in {target.module}")
        at, before, after = _end(target)
        text = f"{before}{self._text(target.newline)}{after}"
        return changed(target, {**imports.edits(), Span(at, at): (text,)})

    def _drop_import(self, imports: ImportEdits, name: str, target: File) -> None:
        """Drop the import by which `target` has what it defines from now on; raise `Uncertain` for any other `name`."""
        for binding in target.module_scope.bindings.get(name, ()):
            if binding.alias is None or target.meaning(binding) != f"{self._file.module}.{name}":
                raise Uncertain(f"{target.module} has a {name} already")
            if not all(map(target.is_late, binding.reads)):
                raise Uncertain(f"{target.module} uses {name} while it is loaded, before what is put at its end")
            assert isinstance(binding.node, (ast.Import, ast.ImportFrom))
            imports.drop(binding.node, binding.alias)

    def _named(self, binding: Binding) -> tuple[tuple[str, str | None], str | None]:
        """Return the module, and the name in it, that a binding by an import stands for; and its `as`."""
        assert isinstance(binding.node, (ast.Import, ast.ImportFrom))
        assert binding.alias is not None
        named = self._file.imported(binding.node, binding.alias)
        assert named is not None
        return named, binding.alias.asname

    def _import(self, imports: ImportEdits, name: str, binding: Binding) -> None:
        named, called = self._named(binding)
        if named[1] is None:
            imports.add_line(_as_import(named[0], called))
        else:
            imports.add(Name(*named), name)

    def new_file(self, needed: Mapping[str, Binding]) -> bytes:
        """Return the content of a new file with the definitions."""
        newline = self._file.newline
        lines = ["from __future__ import annotations", ""] if _is_future(self._file) else []
        for name, binding in sorted(needed.items()):
            named, called = self._named(binding)
            if named[1] is None:
                lines.append(_as_import(named[0], called))
            else:
                lines.append(f"from {named[0]} import {named[1]}" + (f" as {name}" if name != named[1] else ""))
        head = newline.join([*lines, "", "", ""]) if needed else newline.join([*lines, "", ""]) if lines else ""
        content = f"{head}{self._text(newline)}{newline}".encode(self._file.encoding)
        check_parses(content, self._module)
        return content

    def _is_annotated(self) -> bool:
        return any(
            isinstance(node, ast.AnnAssign) or getattr(node, "annotation", None) or getattr(node, "returns", None)
            for statement in self._statements
            for node in ast.walk(statement)
        )

    def _text(self, newline: str) -> str:
        """Return the definitions as they are to stand in the new file."""
        file = self._file
        renames: Edits = {}
        for old, new in self._names.items():
            (binding,) = file.module_scope.bindings[old]
            if old == new:
                continue
            for name in binding.reads:
                if name in self._within:
                    renames[file.span(name)] = (new,)
            renames[self._name_span(binding.node, old)] = (new,)
        edited = []
        for statement in self._statements:
            span = lines_of(file, statement)
            inner = {Span(s.start - span.start, s.end - span.start): p for s, p in renames.items() if span.holds(s)}
            edited.append(applied(file.data[span.start : span.end], inner).decode().rstrip("\r\n"))
        return (newline * 3).join(edited).replace(file.newline, newline)

    def _name_span(self, node: ast.AST, name: str) -> Span:
        """Return where a definition names what it defines."""
        if isinstance(node, ast.Name):
            return self._file.span(node)
        start = self._file.offset(node.lineno, node.col_offset)  # type: ignore[attr-defined]
        at = self._file.data.index(name.encode(), start + len("class" if isinstance(node, ast.ClassDef) else "def"))
        return Span(at, at + len(name.encode()))


def _as_import(module: str, asname: str | None) -> str:
    return f"import {module}" if asname is None else f"import {module} as {asname}"


def _is_future(file: File) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in file.tree.body)


def _end(file: File) -> tuple[int, str, str]:
    """Return where a definition is put into a file, and what is put before and after it."""
    newline = file.newline
    body = file.tree.body
    if body and isinstance(body[-1], ast.If) and "__name__" in ast.unparse(body[-1].test):
        return file.line_start(file.span(body[-1]).start), "", newline * 3
    ended = file.data[-1:] in (b"\n", b"\r")
    blank = newline * 2 if file.data.strip() else ""
    return len(file.data), blank if ended or not blank else f"{newline}{blank}", newline


def _path_of(definitions: OwnDefinitions, path: str, old_module: str, new_module: str) -> str:
    """Return where the file of a module that is not there yet belongs."""
    package, _, last = new_module.rpartition(".")
    if not package:
        above = PurePosixPath(path).parents[old_module.count(".") + path.endswith("/__init__.py")]
        return str(above / f"{last}.py")
    home = definitions.modules.path(package)
    if home is None or not home.endswith("__init__.py"):
        raise Uncertain(f"there is no package {package}: make it first")
    return str(PurePosixPath(home).parent / f"{last}.py")


def _check_patched(tree: Tree, module: str, needed: Mapping[str, Binding]) -> None:
    """Raise `Uncertain` where a text names what is moved code's import in its old module: a patch would miss it."""
    wanted = [f"{quote}{module}.{name}".encode() for name in needed for quote in "'\""]
    for path in every_path(tree) if wanted else ():
        try:
            data = read(tree.absolute(path))
        except OSError:
            continue
        for text in wanted:
            if text in data:
                raise Uncertain(f"{path} patches {text.decode()[1:]}, which what is moved would not use any more")
