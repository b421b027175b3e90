"""Read what the code of one file declares deprecated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from pytest_ssot_tracker.harvest.answered import Answered, answered, answered_by_table
from pytest_ssot_tracker.harvest.declaration import Declaration, FileDeclarations, Helper
from pytest_ssot_tracker.harvest.deprecation_marks import DeprecationMark, mark_of, parameters_of, renamed
from pytest_ssot_tracker.harvest.documented import directives
from pytest_ssot_tracker.harvest.known_texts import UNKNOWN, text_of
from pytest_ssot_tracker.harvest.warned import NAMED_SO, Leading, WarningCall, leading, warned_by
from pytest_ssot_tracker.harvest.warned_parameters import passed
from pytest_ssot_tracker.imported import brought, package_of
from pytest_ssot_tracker.names.syntax import FUNCTIONS, Function, defaults, parameters, statements
from pytest_ssot_tracker.records import NamedTuple, regex

__all__ = ["facts_of", "names_itself"]

_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__"})
_UNNAMED = frozenset(
    {
        *("__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__del__", "__class_getitem__"),
        *("__init_subclass__", "__instancecheck__", "__subclasscheck__"),  # deriving or asking may be what is to go
    }
)
_OF_A_PART = regex(
    r"(?i)\b(?:arguments?|parameters?|keywords?|positional|settings?|options?|environment variables?|values?|defaults?)"
    r"\b"
)
_OF_A_MANNER = regex(
    r"(?i)\A(?:(?:passing|providing|specifying|supplying|support for|setting)\b|\w+ing (?:\S+ ){1,5}?with(?:out)?\b)"
)
_OF_A_CASE = regex(
    r"(?i)\A(?:if|when|where|unless|passing|setting|providing|specifying|using|an?|none|values?|support|calling|in)\b"
)
"""How a text begins that is about some values of a parameter."""
_FIRST_NAME = regex(r"\A(?:the )?[*`'\"]{1,2}(\w+)")
_WORD = regex(r"\w+")
_PARAMETER = regex(r"\{\w+\}")


class _Defined(NamedTuple):
    """A class or function that can be named from outside, with the class around it."""

    node: ast.ClassDef | Function
    name: str
    owner: str


def facts_of(tree: ast.Module, module: str, *, is_package: bool) -> FileDeclarations:
    """Return what the file of `module` says."""
    return _DeclarationReader(tree, module, package_of(module, is_package=is_package)).facts()


def names_itself(message: str, attribute: str) -> bool:
    """Whether a text speaks of what it stands in, by its name or as "this function"."""
    words = set(_WORD.findall(message))
    if attribute.endswith(")"):  # a parameter
        return attribute.partition("(")[2].rstrip(")").partition("=")[0] in words
    if re.search(r"(?i)\bthis (?:\w+ )?(?:function|method|class|property|attribute|module|decorator|api)\b", message):
        return True
    return not words.isdisjoint(attribute.split(".")[-2:])


class _DeclarationReader:
    """Reads one file."""

    def __init__(self, tree: ast.Module, module: str, package: str) -> None:
        self._tree = tree
        self._module = module
        self._top = module.partition(".")[0]
        self._imports = dict(_imported(tree, package))
        self._defined = [*_definitions(tree.body, "")]
        self._own = {defined.name for defined in self._defined if not defined.owner}
        self._assigned = dict(_assignments(tree.body))
        names = {name: name for name in (*self._own, *self._imports)}
        texts = {name: text for name, value in self._assigned.items() if (text := text_of(value, names)) is not None}
        self._known = {**names, **texts, "__name__": module}

    def facts(self) -> FileDeclarations:
        """Return what the file says."""
        return FileDeclarations(
            self._module, tuple(self._declarations()), dict(self._warning_classes()), dict(self._helpers())
        )

    def _warning_classes(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the classes that may be warnings, by their names or because they are empty, with their bases."""
        for defined in self._defined:
            if isinstance(defined.node, ast.ClassDef):
                bases = tuple(self._last(base) for base in defined.node.bases)
                if any(name.endswith("Warning") for name in (defined.node.name, *bases)) or len(defined.node.body) == 1:
                    yield defined.node.name, bases

    def _declarations(self) -> Iterator[Declaration]:
        yield from self._of_the_module()
        for defined in self._defined:
            if any(self._last(decorator) == "overload" for decorator in defined.node.decorator_list):
                continue
            yield from self._marked(defined)
            whole = defined.owner if defined.owner and defined.node.name in _CONSTRUCTORS else _target(defined)
            yield from self._documented(defined.node, whole)
            if isinstance(defined.node, ast.ClassDef):
                yield from self._warns_as_class(defined.node, defined.name)
                yield from self._renamed(defined.node.body, f"{defined.name}.")
            elif defined.name == "__getattr__" and isinstance(defined.node, ast.FunctionDef):
                yield from self._answered(answered(defined.node, self._assigned, self._known))
            else:
                yield from self._warns(defined)
                yield from self._passed(defined)
        yield from self._renamed(self._tree.body, "")

    # --- The module

    def _of_the_module(self) -> Iterator[Declaration]:
        yield from self._documented(self._tree, "")
        last = re.escape(self._module.rpartition(".")[2])
        itself = rf"\b(?:[\w.]+\.)?{last}\b(?!\.\w)|\b(?:this|the) (?:\S+ )?(?:module|package)\b"
        for node in self._tree.body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                plain = self._last(node.value) in ("warn", "_deprecated")  # others may speak of what they are given
                warned = self._tell(node.value, self._known) if plain else None
                if warned is not None and re.search(itself, warned.message):
                    yield _declaration("warnings", "", warned)
        maker = self._assigned.get("__getattr__")
        if isinstance(maker, ast.Call) and NAMED_SO.search(self._last(maker.func)):
            for answer in answered_by_table(maker, self._assigned, self._known):
                yield Declaration("getattr", answer.name, answer.line, "", self._beside(answer))

    def _answered(self, names: Iterator[Answered]) -> Iterator[Declaration]:
        for name in names:
            found = (self._tell(call, name.known) for call in name.calls)
            warned = next((each for each in found if each is not None), None)
            if warned is not None:
                yield _declaration("getattr", name.name, warned)._replace(new=self._beside(name))
            elif any(NAMED_SO.search(self._last(call)) for call in name.calls):
                yield Declaration("getattr", name.name, name.line, "", self._beside(name))

    def _beside(self, answer: Answered) -> str:
        """Return what a table says to use instead of a name that the module answers for."""
        parts = answer.new.elts if isinstance(answer.new, ast.Tuple) else [answer.new]
        for part in parts:
            if isinstance(part, (ast.Name, ast.Attribute)):
                return self._refers(part)
            text = text_of(part, {})
            if text is not None and re.fullmatch(r"[\w.:]+", text) and not text[0].isdigit():
                return text
        return ""

    # --- Marks and words

    def _marked(self, defined: _Defined) -> Iterator[Declaration]:
        marks = (mark_of(decorator, self._known, self._refers) for decorator in defined.node.decorator_list)
        mark = next((each for each in marks if each is not None), None)
        if mark is not None and not (defined.owner and defined.node.name in _UNNAMED):
            yield _from_mark(_target(defined), mark)

    def _renamed(self, body: Sequence[ast.stmt], prefix: str) -> Iterator[Declaration]:
        for node in body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                mark = renamed(node, self._known, self._refers)
                if mark is not None:
                    yield _from_mark(f"{prefix}{node.targets[0].id}", mark)

    def _documented(self, node: ast.Module | ast.ClassDef | Function, attribute: str) -> Iterator[Declaration]:
        docstring = ast.get_docstring(node) if node.body else None
        for found in directives(docstring or ""):
            declaration = Declaration("docstring", attribute, getattr(node.body[0], "lineno", 1), found.message)
            if found.parameter:
                if found.parameter in _takes(node) and not _OF_A_CASE.match(found.message.lstrip("`*")):
                    yield declaration._replace(attribute=f"{attribute}({found.parameter})")
            elif isinstance(node, FUNCTIONS) or not found.under_heading:  # which may be about a part
                yield from self._directed(node, declaration)

    def _directed(self, node: ast.Module | ast.ClassDef | Function, declaration: Declaration) -> Iterator[Declaration]:
        """Yield what a directive speaks of that stands in no list: all of it, a parameter, or nothing with a name."""
        message = declaration.message
        first = _FIRST_NAME.match(message)
        if first is not None and first[1] in _takes(node):
            yield declaration._replace(attribute=f"{declaration.attribute}({first[1]})")
            return
        sentence = message.partition(". ")[0]
        part = _OF_A_PART.search(sentence) and not names_itself(sentence, declaration.attribute)
        if not part and not _OF_A_MANNER.match(message):
            yield declaration

    # --- Warnings

    def _warns_as_class(self, node: ast.ClassDef, name: str) -> Iterator[Declaration]:
        start = leading(node.body, self._known, self._tell)
        if start is not None and start.first:
            yield _declaration("warnings", name, start.warned)

    def _warns(self, defined: _Defined) -> Iterator[Declaration]:
        """Yield the function, or for its constructor the class, that begins with a warning of its own deprecation."""
        start = None if defined.node.name in _UNNAMED else self._start(defined.node)
        if start is None or self._is_helper(start, defined):
            return
        target = defined.owner if defined.owner and defined.node.name in _CONSTRUCTORS else _target(defined)
        warned = start.warned
        itself = names_itself(warned.message, target.removesuffix("="))
        if itself or warned.depends.endswith("()") or self._is_of_it_all(start, defined):
            yield _declaration("warnings", target, warned)

    def _passed(self, defined: _Defined) -> Iterator[Declaration]:
        """Yield the parameters for which a function, or for its constructor the class, warns."""
        if isinstance(defined.node, ast.ClassDef) or defined.node.name in _UNNAMED:
            return
        target = defined.owner if defined.owner and defined.node.name in _CONSTRUCTORS else defined.name
        for use, warned in passed(defined.node, self._texts(defined.node), self._tell):
            yield _declaration("warnings", f"{target}{use}", warned)
        names = parameters(defined.node.args)
        for decorator in defined.node.decorator_list:
            for name, mark in parameters_of(decorator, self._known, self._refers):
                if name in names or defined.node.args.kwarg is not None:
                    yield _from_mark(f"{target}({name})", mark)

    def _is_of_it_all(self, start: Leading, defined: _Defined) -> bool:
        """Whether a warning that does not name the function in which it stands is about it all the same.

        A function that does nothing else warns of something else's deprecation; a text may speak of an argument.
        """
        if not start.first or not (start.more or defined.node.name in _CONSTRUCTORS):
            return False
        return not (_OF_A_PART.search(start.warned.message) or _OF_A_MANNER.search(start.warned.message))

    def _start(self, node: ast.ClassDef | Function) -> Leading | None:
        if isinstance(node, ast.ClassDef):
            return None
        return leading(node.body, self._texts(node), self._tell)

    def _texts(self, node: Function) -> dict[str, str]:
        """Return the texts that are known in a function; a parameter stands as `{name}`."""
        given = {name: f"{{{name}}}" for name in parameters(node.args) if name not in ("self", "cls")}
        return {**self._known, **given}

    def _tell(self, call: ast.Call, known: Mapping[str, str]) -> WarningCall | None:
        return warned_by(call, known, self._refers, self._is_own)

    def _helpers(self) -> Iterator[tuple[str, Helper]]:
        """Yield the functions of the module that only warn of what they are told."""
        for defined in self._defined:
            start = None if defined.owner else self._start(defined.node)
            if start is not None and self._is_helper(start, defined) and not isinstance(defined.node, ast.ClassDef):
                names, warned = tuple(parameters(defined.node.args)), start.warned
                yield defined.name, Helper(names, warned.message, warned.depends, dict(_defaults(defined.node)))

    @staticmethod
    def _is_helper(start: Leading, defined: _Defined) -> bool:
        """Whether a function only warns of what it is told, or of something that it is not."""
        message = start.warned.message
        if start.more or defined.owner or start.warned.depends.endswith("()"):
            return False
        if _PARAMETER.search(message):
            return f"{defined.name}(" not in message
        return not names_itself(message, defined.name)

    # --- Names

    def _refers(self, node: ast.expr) -> str:
        """Return the dotted name that an expression means, as far as the imports and names of the file tell."""
        if isinstance(node, ast.Attribute):
            above = self._refers(node.value)
            return f"{above}.{node.attr}" if above else node.attr
        if not isinstance(node, ast.Name):
            return ""
        if node.id in self._imports:
            return self._imports[node.id]
        return f"{self._module}.{node.id}" if node.id in self._own else node.id

    def _last(self, node: ast.expr) -> str:
        return self._refers(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]

    def _is_own(self, name: str) -> bool:
        """Whether a dotted name is a plain function of the project's own, which may be a helper."""
        module, _, last = name.rpartition(".")
        return module.partition(".")[0] == self._top and bool(last) and not last[0].isupper()


def _target(defined: _Defined) -> str:
    """Return the spelling of what is defined in its module: for the setter of a property that of writing to it."""
    for decorator in defined.node.decorator_list:
        if isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter"):
            return f"{defined.name}="
    return defined.name


def _from_mark(attribute: str, mark: DeprecationMark) -> Declaration:
    return Declaration("deprecated", attribute, mark.line, mark.message, mark.new, mark.removal)


def _declaration(kind: str, attribute: str, warned: WarningCall) -> Declaration:
    message = _PARAMETER.sub(UNKNOWN, warned.message)
    return Declaration(kind, attribute, warned.line, message, depends=warned.depends, given=warned.given)


def _defaults(node: Function) -> Iterator[tuple[str, str]]:
    """Yield the parameters that have a text as their default, with it."""
    texts = ((name, text_of(default, {})) for name, default in defaults(node.args).items())
    return ((name, text) for name, text in texts if text is not None)


def _takes(node: ast.Module | ast.ClassDef | Function) -> list[str]:
    """Return the parameters of a function, or of what constructs a class."""
    if isinstance(node, ast.ClassDef):
        inner = (
            statement for statement in node.body if isinstance(statement, FUNCTIONS) and statement.name in _CONSTRUCTORS
        )
        return [name for method in inner for name in parameters(method.args)[1:]]
    return [] if isinstance(node, ast.Module) else parameters(node.args)


def _definitions(body: Sequence[ast.stmt], owner: str) -> Iterator[_Defined]:
    """Yield the classes and functions that can be named from outside, those in branches included."""
    for node in statements(body):
        if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
            name = f"{owner}.{node.name}" if owner else node.name
            yield _Defined(node, name, owner)
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node.body, name)


def _assignments(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in statements(body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value


def _imported(tree: ast.Module, package: str) -> Iterator[tuple[str, str]]:
    """Yield the names that imports anywhere in the file bind, with the dotted names that they mean."""
    for node in statements(tree.body, inside=True):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((name, found.dotted) for name, found in brought(node, package) if found is not None)
