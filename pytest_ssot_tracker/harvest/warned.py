"""Tell of a call whether it warns of a deprecation, and with which words."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from pytest_ssot_tracker.harvest.known_texts import UNKNOWN, text_of
from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["DEPRECATION", "NAMED_SO", "Leading", "WarningCall", "leading", "warned_by"]

DEPRECATION = regex(r"(?i:deprecat)|\ARemovedIn|\APendingRemoval")
"""What the name of a warning class, or of what warns, holds that is about deprecations."""

NAMED_SO = regex(r"(?i)deprecat")

_WARN = frozenset({"warnings.warn", "warnings._deprecated"})
_OTHER = frozenset(
    {
        *("UserWarning", "RuntimeWarning", "ResourceWarning", "SyntaxWarning", "ImportWarning", "UnicodeWarning"),
        *("BytesWarning", "EncodingWarning", "Warning", "FutureWarning", ""),
    }
)
"""Categories that are about anything: only the text tells."""

_Scalar = (ast.Constant, ast.JoinedStr, ast.Name, ast.Attribute, ast.BinOp)


class WarningCall(NamedTuple):
    """A call that warns of a deprecation: what it says, and what must be looked up before that is certain.

    `depends` is a warning class by its last name, or with `()` a function of the project, which is called with `given`.
    """

    line: int
    message: str
    depends: str = ""
    given: dict[str, str] | None = None


class Leading(NamedTuple):
    """The warning that a body begins with: how many statements come after it, and whether nothing came before it."""

    warned: WarningCall
    more: int
    first: bool


Tell: TypeAlias = Callable[[ast.Call, Mapping[str, str]], "WarningCall | None"]


class _Category(NamedTuple):
    name: str
    message: ast.expr | None


def leading(body: Sequence[ast.stmt], known: Mapping[str, str], tell: Tell) -> Leading | None:
    """Return the warning that `body` begins with, `None` where it begins with something else.

    A docstring, imports and plain assignments may stand before it, and, where it is not the first, other plain
    statements and what turns callers away. `tell` says of a call what it warns of.
    """
    texts = dict(known)
    possible: Leading | None = None
    plain = True
    for place, node in enumerate(body):
        for call in _calls(node):
            warned = tell(call, texts)
            if warned is not None:
                more = sum(not _says_nothing(statement) for statement in body[place + 1 :])
                possible = possible or Leading(warned, more, plain)
                if not warned.depends.endswith("()"):
                    return Leading(warned, more, plain)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = text_of(node.value, texts)
            plain = plain and (text is not None or isinstance(node.value, _Scalar))
            texts[node.targets[0].id] = UNKNOWN if text is None else text
        elif isinstance(node, (ast.Expr, ast.With, ast.Assign, ast.AnnAssign, ast.AugAssign)):
            plain = plain and _is_prelude(node)
        elif isinstance(node, ast.If) and (_turns_away(node) or _asks_for_the_class(node)):
            plain = False
        elif not _is_prelude(node):
            break
    return possible


def _calls(node: ast.stmt) -> Iterator[ast.Call]:
    """Yield the calls that a statement is, or that stand in a `with`, or for this class alone, as statements."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield node.value
    elif isinstance(node, ast.With) or (isinstance(node, ast.If) and _asks_for_the_class(node)):
        for inner in node.body:
            yield from _calls(inner)


def _turns_away(node: ast.If) -> bool:
    """Whether a branch ends the call, for want of something that has to be there."""
    return not node.orelse and isinstance(node.body[-1], (ast.Raise, ast.Return))


def _asks_for_the_class(node: ast.If) -> bool:
    """Whether a branch is taken for one class, and perhaps not for those that derive from it."""
    return not node.orelse and not _turns_away(node) and _is_about_the_class(node.test)


def _is_about_the_class(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp):
        return all(map(_is_about_the_class, test.values))
    if isinstance(test, ast.UnaryOp):
        return _is_about_the_class(test.operand)
    if isinstance(test, ast.Compare):
        return any(map(_is_class, (test.left, *test.comparators)))
    called = test.func.id if isinstance(test, ast.Call) and isinstance(test.func, ast.Name) else ""
    return called == "issubclass" and isinstance(test, ast.Call) and _is_class(test.args[0])


def _is_class(node: ast.expr) -> bool:
    """Whether an expression is the class of the object at hand."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "type" and [*map(_name, node.args)] == ["self"]
    if isinstance(node, ast.Attribute):
        return node.attr == "__class__" and _name(node.value) == "self"
    return _name(node) == "cls"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _is_prelude(node: ast.stmt) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass))


def _says_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Return):
        return node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
    return _is_prelude(node)


def warned_by(
    call: ast.Call, known: Mapping[str, str], refers: Callable[[ast.expr], str], is_own: Callable[[str], bool]
) -> WarningCall | None:
    """Return what `call` warns of, `None` where it does not, or of something else.

    `refers` gives the dotted name that an expression means, `is_own` tells whether that is one of the project.
    """
    name = refers(call.func)
    if name in _WARN:
        return _warning(call, known, refers)
    if name and is_own(name):
        return WarningCall(call.lineno, "", f"{name}()", _given(call, known))
    if NAMED_SO.search(name.rpartition(".")[2]):
        said = [text for text in _texts(call, known) if " " in text]
        return WarningCall(call.lineno, " ".join(said)) if said else None
    return None


def _warning(call: ast.Call, known: Mapping[str, str], refers: Callable[[ast.expr], str]) -> WarningCall | None:
    category = _category(call, refers)
    message = text_of(category.message, known) or ""
    if DEPRECATION.search(category.name) or NAMED_SO.search(message):
        return WarningCall(call.lineno, message)
    return None if category.name in _OTHER else WarningCall(call.lineno, message, category.name)


def _category(call: ast.Call, refers: Callable[[ast.expr], str]) -> _Category:
    """Return the last name of the category of a warning, and the expression of its text."""
    words = {word.arg: word.value for word in call.keywords}
    message = call.args[0] if call.args else words.get("message")
    category = call.args[1] if len(call.args) > 1 else words.get("category")
    if isinstance(message, ast.Call) and category is None and not isinstance(message.func, ast.Attribute):
        text = message.args[0] if message.args else None
        return _Category(refers(message.func).rpartition(".")[2], text)
    name = "" if category is None else refers(category).rpartition(".")[2]
    return _Category("DeprecationWarning" if refers(call.func) == "warnings._deprecated" else name, message)


def _given(call: ast.Call, known: Mapping[str, str]) -> dict[str, str]:
    given = {str(place): text_of(node, known) for place, node in enumerate(call.args)}
    given.update((word.arg, text_of(word.value, known)) for word in call.keywords if word.arg is not None)
    return {name: text for name, text in given.items() if text is not None}


def _texts(call: ast.Call, known: Mapping[str, str]) -> Iterable[str]:
    values = [*call.args, *(word.value for word in call.keywords)]
    return (text for text in (text_of(value, known) for value in values) if text is not None)
