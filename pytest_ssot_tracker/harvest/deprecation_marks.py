"""Read the decorators and calls that mark something deprecated: PEP 702, `deprecated`, `deprecation`, pydeprecate …"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from pytest_ssot_tracker.harvest.known_texts import text_of
from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["DeprecationMark", "mark_of", "parameters_of", "renamed"]

_MARKS = regex(
    r"_*(?:mark_|set_|make_)?(?:deprecated?|deprecation|deprecate_?[fF]unc)"
    r"(?:_(?:function|func|class|cls|method|property|api|callable|alias|since|with_replacement))?\Z"
)
"""The name of what marks the whole thing; `deprecated_argument` and its like speak of a part of it."""

_MESSAGE = ("message", "msg", "reason", "details", "detail", "extra", "extra_msg", "addendum", "note", "why", "hint")
_NEW = (
    *("target", "alternative", "replacement", "use_instead", "instead", "new", "new_name", "replaced_by"),
    *("replace_with", "obsoleted_by", "alternative_import", "use", "recommended"),
)
_REMOVAL = (
    *("removed_in", "remove_in", "removal", "will_be_removed_in", "to_be_removed_in", "removal_version"),
    *("removed", "drop_in", "version_removed", "removal_in", "remove"),
)
_NAME = regex(r"[^\W\d]\w*(?:[.:][^\W\d]\w*)*(?:\(\))?\Z")
_VERSION = regex(r"v?\d[\w.]*\Z")


Refers: TypeAlias = Callable[[ast.expr], str]
"""Returns the dotted name that an expression means, as far as its file tells."""


class DeprecationMark(NamedTuple):
    """What a mark says: its text, the replacement as it is written or imported, and the version of the removal."""

    line: int
    message: str = ""
    new: str = ""
    removal: str = ""


def mark_of(decorator: ast.expr, known: Mapping[str, str], refers: Refers) -> DeprecationMark | None:
    """Return what a decorator says, `None` where it marks nothing deprecated."""
    call = decorator if isinstance(decorator, ast.Call) else None
    name = refers(decorator if call is None else call.func)
    if not _MARKS.match(name.rpartition(".")[2]):
        return None
    return DeprecationMark(decorator.lineno) if call is None else _said(call, known, refers)


def _said(call: ast.Call, known: Mapping[str, str], refers: Refers) -> DeprecationMark | None:
    words = {word.arg: word.value for word in call.keywords if word.arg is not None}
    if "args_mapping" in words and not isinstance(words.get("target"), (ast.Name, ast.Attribute)):
        return None  # pydeprecate: it is arguments that are deprecated
    positional = [text for text in (text_of(node, known) for node in call.args) if text]
    names = [text for text in positional if _NAME.match(text)]
    message = [text for text in positional if text not in names and not _VERSION.match(text)]
    message += filter(None, (text_of(words.get(key), known) for key in _MESSAGE))
    new = [_new(words[key], known, refers) for key in _NEW if key in words]
    new += [*_referred(call.args, refers), *names]
    removal = (_version(words[key], known) for key in _REMOVAL if key in words)
    return DeprecationMark(call.lineno, " ".join(message), next(filter(None, new), ""), next(filter(None, removal), ""))


def _referred(nodes: Iterable[ast.expr], refers: Refers) -> list[str]:
    """Return what those of `nodes` mean that name something."""
    return [refers(node) for node in nodes if isinstance(node, (ast.Name, ast.Attribute))]


_PART_MARKS = regex(r"(?i)deprecat\w*_(?:kw|keyword_?)?(?:arg|argument|param|parameter)s?\Z")
"""The name of what marks a parameter of a function."""


def parameters_of(
    decorator: ast.expr, known: Mapping[str, str], refers: Refers
) -> Iterator[tuple[str, DeprecationMark]]:
    """Yield the parameters that a decorator marks, with what it says of each."""
    if not isinstance(decorator, ast.Call):
        return
    name = refers(decorator.func).rpartition(".")[2]
    words = {word.arg: word.value for word in decorator.keywords if word.arg is not None}
    mapping = words.get("args_mapping")
    if _MARKS.match(name) and isinstance(mapping, ast.Dict):
        for key, value in zip(mapping.keys, mapping.values, strict=True):
            old = text_of(key, known)
            if old is not None:
                yield old, DeprecationMark(decorator.lineno, new=text_of(value, known) or "")
    elif _PART_MARKS.search(name):
        old, *rest = [text_of(node, known) or "" for node in decorator.args] or [""]
        if old.isidentifier():
            new = rest[0] if rest and rest[0].isidentifier() else ""
            message = " ".join(text for text in rest if " " in text)
            yield old, DeprecationMark(decorator.lineno, message, new)


def _new(node: ast.expr, known: Mapping[str, str], refers: Refers) -> str:
    text = text_of(node, known)
    if text is not None and not (isinstance(node, ast.Name) and text == node.id):
        return text
    return refers(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""


def _version(node: ast.expr, known: Mapping[str, str]) -> str:
    if isinstance(node, ast.Tuple):  # `warnings._deprecated(…, remove=(3, 14))`
        return ".".join(str(element.value) for element in node.elts if isinstance(element, ast.Constant))
    return text_of(node, known) or ""


def renamed(node: ast.Assign, known: Mapping[str, str], refers: Refers) -> DeprecationMark | None:
    """Return what an assignment says that makes an old name of something: `Old = deprecated_alias("Old", New)`."""
    call, name = node.value, node.targets[0]
    if not isinstance(call, ast.Call) or not isinstance(name, ast.Name) or "deprecat" in name.id.lower():
        return None
    inner = call.func if isinstance(call.func, ast.Call) else call
    if "deprecat" not in refers(inner.func).rpartition(".")[2].lower():
        return None
    said = _said(inner, known, refers) or DeprecationMark(node.lineno)
    values = [*inner.args, *call.args, *(word.value for word in inner.keywords)]
    called_so = any(text_of(value, known) == name.id for value in values)
    new = next((thing for thing in _referred(values, refers) if thing.rpartition(".")[2] not in ("", name.id)), "")
    if not called_so and not (new and inner is not call):
        return None
    return said._replace(line=node.lineno, new=new or ("" if said.new == name.id else said.new))
