"""Pass the arguments of a call on as `replace` says, in the order in which they are evaluated."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise

from pytest_ssot_tracker.fix.defining import OwnDefinitions
from pytest_ssot_tracker.fix.editing import Edits, Piece, Span
from pytest_ssot_tracker.fix.fixes import Uncertain
from pytest_ssot_tracker.fix.parsed_file import File
from pytest_ssot_tracker.names.definitions import Definition
from pytest_ssot_tracker.names.signatures import Call
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.settings.argument_mapping import Passing

__all__ = ["NewCall", "has_effects", "passed"]

_HARMLESS = (
    *(ast.Name, ast.Constant, ast.Attribute, ast.UnaryOp, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Lambda),
    *(ast.JoinedStr, ast.FormattedValue, ast.expr_context, ast.unaryop),
)


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call as it is to be: its `shape`, and the `edits` of its arguments."""

    shape: Call
    edits: Edits


@dataclass(slots=True, eq=False)
class _PassedArgument:
    """One argument that is passed on: for the parameter `name`, by place or by keyword."""

    name: str
    keyword: bool
    span: Span | None = None
    node: ast.expr | None = None
    text: str = ""
    was: str | None = None


def passed(
    file: File,
    call: ast.Call,
    passing: Passing,
    definitions: OwnDefinitions,
    was: Definition,
    now: Definition,
    *,
    bound: bool,
) -> NewCall:
    """Return how `call` of `was` is made of `now`; raise `Uncertain` where that is not the same.

    `bound` says that both are methods called on an object, so that their first parameter is not among the arguments.
    """
    shape = file.shape(call)
    if shape.unpacked:
        raise Uncertain("its arguments are unpacked, and they are passed on one by one")
    places = definitions.places(was, bound=bound)
    given = _given(file, call, passing, passing.takes if places is None else places)
    given += _by_default(passing, given, definitions.default_of(now))
    names = [argument.name for argument in given]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Uncertain(f"{twice} would be given twice")
    order = definitions.places(now, bound=bound)
    arranged = _arranged(given, [argument.name for argument in passing.gives] if order is None else order)
    keywords = tuple(argument.name for argument in arranged if argument.keyword)
    return NewCall(Call(len(arranged) - len(keywords), keywords), _edits(file, call, arranged))


def has_effects(node: ast.expr) -> bool:
    """Whether it can be told apart that `node` was evaluated, or when: it calls something, say."""
    if isinstance(node, ast.Lambda):
        return False
    return not isinstance(node, _HARMLESS) or any(
        has_effects(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)
    )


def _given(file: File, call: ast.Call, passing: Passing, places: Sequence[str]) -> list[_PassedArgument]:
    """Return what the new call is given, in the order in which the old one is given it."""
    found: list[_PassedArgument] = []
    spans = _spans(file, call)
    by_keyword = [(keyword.arg, keyword.value) for keyword in sorted(call.keywords, key=file.order)]
    for number, (keyword, value) in enumerate((*((None, value) for value in call.args), *by_keyword)):
        if keyword is None and number >= len(places):
            raise Uncertain("it is not known which parameters its arguments are for")
        name = keyword if keyword is not None else places[number]
        argument = passing.given(name)
        if argument is not None or name not in passing.takes:
            new = name if argument is None else argument.name
            found.append(_PassedArgument(new, keyword is not None, spans[number], value, was=keyword))
        elif has_effects(value) or not _is_bound(file, value):
            raise Uncertain(f"{name} is passed on no more, and what it is given has effects")
    for argument in passing.gives:
        if argument.text is not None:
            found.append(_PassedArgument(argument.name, True, text=argument.text))
    return found


def _is_bound(file: File, node: ast.expr) -> bool:
    """Whether every name in `node` means something: where one does not, evaluating it fails."""
    names = (part for part in ast.walk(node) if isinstance(part, ast.Name))
    return all(file.knows(name.id, file.scope(name)) for name in names)


def _by_default(
    passing: Passing, given: Sequence[_PassedArgument], default_of: Callable[[str], str | None]
) -> Iterator[_PassedArgument]:
    """Yield what the old one passes on where it is given nothing, unless the new one's own default is the same."""
    for source, text in passing.defaults.items():
        argument = passing.given(source)
        if argument is None or any(other.name == argument.name for other in given):
            continue
        if text is None:
            raise Uncertain(f"{source} is not given, and its default means something only where it is defined")
        if default_of(argument.name) != text:
            yield _PassedArgument(argument.name, True, text=text)


def _arranged(given: Sequence[_PassedArgument], order: Sequence[str]) -> list[_PassedArgument]:
    """Return the arguments in an order that the new call can be written in, none evaluated at another time."""
    rank = {name: number for number, name in enumerate(order)}
    by_place = [argument for argument in given if not argument.keyword]
    arranged: list[_PassedArgument] = []
    for argument in sorted(by_place, key=lambda argument: rank.get(argument.name, len(rank))):
        argument.keyword = rank.get(argument.name) != len(arranged) or any(other.keyword for other in arranged)
        arranged.append(argument)
    arranged += [argument for argument in given if argument not in arranged]
    before, after = ([argument.node for argument in every if argument.node is not None] for every in (given, arranged))
    if before == after or not any(map(has_effects, before)):
        return arranged
    for argument in given:
        argument.keyword = True
    return list(given)


def _edits(file: File, call: ast.Call, arranged: Sequence[_PassedArgument]) -> Edits:
    """Return the edits of the arguments: piece by piece where their order stays, so that layout and comments do."""
    spans = _spans(file, call)
    kept = [argument.span for argument in arranged if argument.span is not None]
    if kept and kept == sorted(kept):
        return _piecewise(file, arranged, spans, kept)
    closing = file.span(call).end - 1
    start = spans[0].start if spans else closing
    end = spans[-1].end if arranged and spans else closing
    pieces: list[Piece] = []
    for argument in arranged:
        pieces += [*([", "] if pieces else []), *_written(file, argument)]
    return {Span(start, end): tuple(pieces)} if spans or pieces else {}


def _piecewise(file: File, arranged: Sequence[_PassedArgument], spans: Sequence[Span], kept: Sequence[Span]) -> Edits:
    """Return the edits of arguments that keep their order; none has the span of an argument, which has its own."""
    edits, end = _without_others(file, spans, kept)
    after: list[Piece] = []
    for argument in arranged:
        if argument.span is None:
            after += (", ", *_written(file, argument))
            continue
        start = argument.span.start
        opening = f"{_keyword(argument)}=" if argument.keyword and argument.was is None else ""
        if (opening or len(arranged) > 1) and _is_bare(file, argument):
            opening = f"{opening}("
            after.insert(0, ")")
        if opening:
            edits[Span(start, start)] = (opening,)
        if argument.was is not None and argument.was != argument.name:
            edits[Span(start, start + len(argument.was.encode()))] = (_keyword(argument),)
    if after:
        edits[Span(end, end)] = tuple(after)
    return edits


def _without_others(file: File, spans: Sequence[Span], kept: Sequence[Span]) -> tuple[Edits, int]:
    """Return the edits that take out the arguments that are not kept, and where more can be put behind the others."""
    edits: Edits = {}
    last = kept[-1]
    lines = {span: _line_of(file, span) for span in spans if span not in kept}
    for span, following in pairwise(spans):
        if span in lines and span < last:
            edits[lines[span] or Span(span.start, following.start)] = ()
    tail = [line for span, line in lines.items() if span > last]
    whole = [line for line in tail if line is not None]
    if len(whole) == len(tail):
        edits.update(dict.fromkeys(whole, ()))
        return edits, last.end if tail else spans[-1].end
    edits[Span(last.end, spans[-1].end)] = ()
    return edits, spans[-1].end


def _line_of(file: File, span: Span) -> Span | None:
    """Return the whole line of an argument that stands alone on it, with its comma and comment; `None` for others."""
    start, end = file.line_start(span.start), file.line_end(span.end)
    rest = file.data[span.end : end].partition(b"#")[0].strip()
    alone = not file.data[start : span.start].strip() and rest in (b"", b",")
    return Span(start, file.next_line(span.end)) if alone and b"\n" not in file.data[start : span.end] else None


def _keyword(argument: _PassedArgument) -> str:
    """Return the keyword that an argument is passed by; raise `Uncertain` where it is not known."""
    if not argument.name.isidentifier():
        raise Uncertain("the parameters of the replacement are not known")
    return argument.name


def _written(file: File, argument: _PassedArgument) -> list[Piece]:
    """Return an argument as it is to be written."""
    if argument.span is None:
        return [f"{_keyword(argument)}={argument.text}"]
    value = argument.span
    if argument.was is not None:
        value = Span(file.data.index(b"=", argument.span.start) + 1, argument.span.end)
    pieces: list[Piece] = ["(", value, ")"] if _is_bare(file, argument) else [value]
    return [f"{_keyword(argument)}=", *pieces] if argument.keyword else pieces


def _is_bare(file: File, argument: _PassedArgument) -> bool:
    """Whether an argument is a generator that borrows the parentheses of its call."""
    return (
        isinstance(argument.node, ast.GeneratorExp)
        and argument.span is not None
        and file.data[argument.span.start] != ord("(")
    )


def _spans(file: File, call: ast.Call) -> list[Span]:
    """Return where the arguments of a call stand, parentheses of their own included."""
    # From the tokens: the tree says where an expression is, and nothing of parentheses, stars and keywords around it.
    spans: list[Span] = []
    depth = 0
    first: int | None = None
    last = 0
    for start, end, sign in _tokens(file, Span(file.span(call.func).end, file.span(call).end)):
        if depth == 0:
            depth += sign == "("
            continue
        depth += (sign in ("(", "[", "{")) - (sign in (")", "]", "}"))
        if depth == 0 or (depth == 1 and sign == ","):
            if first is not None:
                spans.append(Span(first, last))
            first = None
        else:
            first, last = start if first is None else first, end
    if len(spans) != len(call.args) + len(call.keywords):
        raise Uncertain("where its arguments stand is not known")
    return spans


def _tokens(file: File, whole: Span) -> Iterator[tuple[int, int, str]]:
    """Yield where the tokens of a piece of the file stand, each with its sign where it is an operator."""
    text = file.data[whole.start : whole.end].decode()
    lines = text.split("\n")
    starts = list(accumulate((len(line.encode()) + 1 for line in lines), initial=whole.start))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        raise Uncertain("where its arguments stand is not known") from None
    for token in tokens:
        if token.type not in _LAYOUT:
            ends = (
                starts[line - 1] + len(lines[line - 1][:column].encode()) for line, column in (token.start, token.end)
            )
            yield (*ends, token.string if token.type == tokenize.OP else "")  # type: ignore[misc]


_LAYOUT = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)
