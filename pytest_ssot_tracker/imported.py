"""Say what an import names: by statement or by string, as module and attribute, and which target that is.

The scan and the running process both come here, so that `from .old import Thing` means the same to both.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from pytest_ssot_tracker.model import Target
from pytest_ssot_tracker.records import NamedTuple

__all__ = [
    "BY_STRING",
    "Imported",
    "Named",
    "absolute",
    "at_home",
    "brought",
    "decorator_line",
    "matched",
    "matched_by_text",
    "named_by_call",
    "named_by_statement",
    "named_by_text",
    "package_of",
    "prefixes",
]


class Imported(NamedTuple):
    """One thing that an import names: a module, or an attribute of it (perhaps a submodule, or `*`)."""

    module: str
    attribute: str | None = None

    @property
    def dotted(self) -> str:
        """Return both as one name."""
        return self.module if self.attribute is None else f"{self.module}.{self.attribute}"


class Named(NamedTuple):
    """What a target turned out to be: its resolved name and the target as configured."""

    name: str
    declared: Target


BY_STRING = {
    "importlib.import_module": "name",
    "importlib.__import__": "name",
    "builtins.__import__": "name",
    "__import__": "name",
    "pkgutil.resolve_name": "name",
    "pydoc.locate": "path",
    "runpy.run_module": "mod_name",
    "unittest.mock.patch": "target",
    "unittest.mock.patch.multiple": "target",
    "unittest.mock.patch.dict": "in_dict",
    "mock.patch": "target",
    "mock.patch.multiple": "target",
    "mock.patch.dict": "in_dict",
    "pytest.importorskip": "modname",
    "pytest.MonkeyPatch.setattr": "target",
    "pytest.MonkeyPatch.delattr": "target",
    "monkeypatch.setattr": "target",
    "monkeypatch.delattr": "target",
    "mocker.patch": "target",
    "mocker.patch.multiple": "target",
    "mocker.patch.dict": "in_dict",
}
"""The calls that import what a string names, with the parameter (always the first) that takes it.

`monkeypatch` and `mocker` stand for the fixtures of that name.
"""


def package_of(module: str, *, is_package: bool) -> str:
    """Return the package that relative imports written in `module` start from; `""` at the top level."""
    return module if is_package else module.rpartition(".")[0]


def absolute(name: str, level: int, package: str) -> str | None:
    """Return the absolute name of `name` imported `level` dots up from `package`.

    `None` where the dots lead beyond the top-level package: such an import fails.
    """
    if not level:
        return name
    parts = package.split(".") if package else []
    if level > len(parts):
        return None
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])


def named_by_statement(node: ast.Import | ast.ImportFrom, *, module: str, is_package: bool) -> tuple[Imported, ...]:
    """Return what an import statement written in `module` names, in the order written.

    `import a.b as c` names the module `a.b`; `from a import b` the attribute `b` of `a`, whether it is a name or
    a submodule; a star import the attribute `*`.
    """
    if isinstance(node, ast.Import):
        return tuple(Imported(alias.name) for alias in node.names)
    base = absolute(node.module or "", node.level, package_of(module, is_package=is_package))
    return () if not base else tuple(Imported(base, alias.name) for alias in node.names)


def brought(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, Imported | None]]:
    """Yield each name that an import statement written in `package` binds, with what it stands for.

    `import a.b` binds `a`, a star import whatever there is: that is called `*`. Nothing is known of what is imported
    from beyond the top-level package.
    """
    if isinstance(node, ast.Import):
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            yield name, Imported(alias.name if alias.asname else name)
        return
    base = absolute(node.module or "", node.level, package)
    for alias in node.names:
        yield alias.asname or alias.name, Imported(base, alias.name) if base else None


def named_by_call(callee: str, node: ast.Call, *, module: str, is_package: bool) -> str | None:
    """Return the dotted text that a call imports, `None` when it imports nothing that can be read.

    `callee` is the resolved dotted name of what is called (see `BY_STRING`). `import_module(".old", "pkg")` gives
    `pkg.old`; `importlib.import_module(".old", __package__)` is resolved from `module`.
    """
    parameter = BY_STRING.get(callee)
    first = node.args[0] if node.args else _keyword(node, parameter)
    if parameter is None or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    text = first.value
    if callee != "importlib.import_module" or not text.startswith("."):
        return text
    anchor = node.args[1] if len(node.args) > 1 else _keyword(node, "package")
    name = text.lstrip(".")
    package: str | None = None
    if isinstance(anchor, ast.Constant) and isinstance(anchor.value, str):
        package = anchor.value
    elif isinstance(anchor, ast.Name) and anchor.id == "__package__":
        package = package_of(module, is_package=is_package)
    elif isinstance(anchor, ast.Name) and anchor.id == "__name__":
        package = module
    return None if package is None else absolute(name, len(text) - len(name), package)


def _keyword(node: ast.Call, name: str | None) -> ast.expr | None:
    return next((keyword.value for keyword in node.keywords if keyword.arg == name), None)


def named_by_text(text: str, is_module: Callable[[str], bool]) -> Imported:
    """Return what the dotted `text` names: the longest module in it, and the rest as attribute.

    `pkg.mod:Name` says itself where the module ends. The first part counts as a module without being asked.
    """
    module, colon, attribute = text.partition(":")
    if colon:
        return Imported(module, attribute or None)
    parts = text.split(".")
    end = 1
    while end < len(parts) and is_module(".".join(parts[: end + 1])):
        end += 1
    return Imported(".".join(parts[:end]), ".".join(parts[end:]) or None)


def matched(targets: Iterable[Target], imported: Imported, *, submodule: bool = False) -> Named | None:
    """Return which of `targets` an import of `imported` means, `None` when none of them.

    `submodule` tells that the attribute is a module of its own. A target that spells the attribute is preferred to
    one that covers the whole module. `*` means the module; the names it brings are the caller's to ask for.
    """
    whole: Named | None = None
    for target in targets:
        name = _resolved(target, imported, submodule=submodule)
        if name is None:
            continue
        if target.attribute is not None:
            return Named(name, target)
        whole = whole or Named(name, target)
    return whole


def matched_by_text(targets: Iterable[Target], imported: Imported) -> Named | None:
    """Return which of `targets` a string that names `imported` imports (see `named_by_text`).

    A string imports the module; only with a single name deprecated is that name what it is about.
    """
    named = matched(targets, imported)
    return named if named is None or named.declared.attribute is not None else Named(imported.module, named.declared)


def _resolved(target: Target, imported: Imported, *, submodule: bool) -> str | None:
    module, attribute = imported
    if attribute is None or attribute == "*":
        return module if target.covers_module(module) else None
    if target.attribute is not None:
        return None if submodule else _covered(target, module, attribute)
    if submodule:
        below = f"{module}.{attribute}"
        return below if target.covers_module(below) else None
    return f"{module}:{attribute}" if target.covers_module(module) else None


def _covered(target: Target, module: str, attribute: str) -> str | None:
    """Return the shortest part of the dotted `attribute` that `target` covers, as a resolved name."""
    return next((f"{module}:{part}" for part in prefixes(attribute) if target.covers(module, part)), None)


def prefixes(dotted: str) -> Iterator[str]:
    """Yield each dotted name that `dotted` begins with, the shortest first and itself last."""
    parts = dotted.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def at_home(named: Named, importer: str) -> bool:
    """Whether code of the module `importer` is no site for what is named, because it belongs to it.

    For a name that is the module that holds it; for a whole module that module, with all below it.
    """
    module = named.name.partition(":")[0]
    if named.declared.attribute is not None:
        return importer == module
    own = next((part for part in prefixes(module) if named.declared.covers_module(part)), module)
    return importer == own or importer.startswith(own + ".")


def decorator_line(tree: ast.Module, first: int, text: str) -> int:
    """Return the line of the decorator that names `text` as a string, on a function or on a class around it.

    `first` is the line where the function starts, decorators included; it is returned when nothing names `text`.
    """
    around: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if start == first or (isinstance(node, ast.ClassDef) and start < first <= (node.end_lineno or start)):
                around.append(node)
    decorators = [decorator for node in reversed(around) for decorator in getattr(node, "decorator_list", [])]
    return next(
        (decorator.lineno for decorator in decorators if any(_names(part, text) for part in ast.walk(decorator))), first
    )


def _names(node: ast.AST, text: str) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or not node.value:
        return False
    return text == node.value or text.startswith(f"{node.value}.")
