"""Say what a container holds, and what is taken out of it.

What is held is written as a reference with a mark in front: `<[0]>app.old.Log` stands for something that has
`app.old.Log` at its first place, `<[.log]>app.old.Log` for a mapping that has it under `"log"`. Where the place or the
key is not known it is left out: `<[]>`, `<[.]>`. What is within containers in containers has a mark for each.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from pytest_ssot_tracker.scan.scopes import NOTHING, References

__all__ = [
    "ANY",
    "CALLS",
    "HELD",
    "KEYED",
    "METHODS",
    "RUN",
    "RUN_BY_METHODS",
    "held",
    "is_held",
    "iterated",
    "key_of",
    "met",
    "promised",
    "taken",
    "together",
    "unpacked",
]

HELD = "{}"
"""Stands behind the name of something that may be a container of another file, for anything in it."""
ANY = ""
KEYED = "."
_MARK = "<["
_DEPTH = 4
"""Containers within containers: what lies deeper is not followed, since a loop may nest them for ever."""


def held(references: Iterable[str], key: str) -> References:
    """Return what holds `references` at the place or under the key `key`."""
    return tuple(f"{_MARK}{key}]>{reference}" for reference in references if reference.count(_MARK) < _DEPTH)


def is_held(reference: str) -> bool:
    """Whether `reference` stands for a container."""
    return reference.startswith(_MARK)


def key_of(node: ast.expr | None, *, mapping: bool) -> str:
    """Return how the place or the key is marked that an expression gives."""
    before = KEYED if mapping else ANY
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, str) and "]" not in value:
        return f"{before}{value}"
    return f"{before}{value}" if type(value) is int else before


def _apart(references: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield the outermost mark of each container, and what it is the mark of."""
    for reference in references:
        if reference.startswith(_MARK):
            key, _, inner = reference[len(_MARK) :].partition("]>")
            yield key, inner


def taken(references: Iterable[str], node: ast.expr | None = None) -> References:
    """Return what containers may hold under the key, or at the place, that `node` gives; without it, anywhere."""
    wanted = {key_of(node, mapping=True), key_of(node, mapping=False)}
    known = isinstance(node, ast.Constant) and not wanted & {ANY, KEYED}
    return tuple(inner for key, inner in _apart(references) if not known or key in wanted or key in (ANY, KEYED))


def iterated(references: Iterable[str]) -> References:
    """Return what is met by going through containers: of a mapping the keys are, of which none is known."""
    return tuple(inner for key, inner in _apart(references) if key[:1] != KEYED)


def unpacked(references: Iterable[str], place: int | None) -> References:
    """Return what goes to the target at `place` where containers are taken apart; `None` stands for any place."""
    return tuple(
        inner for key, inner in _apart(references) if key[:1] != KEYED and (place is None or key in (ANY, str(place)))
    )


def met(references: References) -> References:
    """Return what is met by going through what `references` are: containers, or names from elsewhere."""
    found = [*iterated(references)]
    for reference in references:
        name, called, _ = reference.rpartition("()")
        holder, _, method = name.rpartition(".")
        if called and method in ("values", "items") and holder:
            found += (f"{holder}{HELD}",) if method == "values" else held((f"{holder}{HELD}",), "1")
        elif reference[0] != "<" and reference[-1] not in ")]}":
            found.append(f"{reference}{HELD}")
    return tuple(found)


def _values(references: Iterable[str]) -> References:
    return tuple(inner for key, inner in _apart(references) if key[:1] == KEYED)


# --- What hands on what it is given, or what is in it


def together(arguments: Sequence[References]) -> References:
    """Return the containers given, as one that has nothing at a certain place."""
    found: list[str] = []
    for references in arguments:
        found += held(iterated(references), ANY)
        found += (reference for reference in references if reference.startswith(f"{_MARK}{KEYED}"))
    return tuple(found)


def _first(arguments: Sequence[References]) -> References:
    return arguments[0] if arguments else NOTHING


def _numbered(arguments: Sequence[References]) -> References:
    return held(held(iterated(_first(arguments)), "1"), ANY)


def _side_by_side(arguments: Sequence[References]) -> References:
    pairs = (held(iterated(references), str(place)) for place, references in enumerate(arguments))
    return tuple(pair for references in pairs for pair in held(references, ANY))


def _one(arguments: Sequence[References]) -> References:
    return iterated(_first(arguments))


def _unchanged(arguments: Sequence[References]) -> References:
    return _first(arguments)


Taking = Callable[[Sequence[References]], References]

CALLS: Mapping[str, Taking] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "builtins.iter"),
                *("builtins.sorted", "builtins.reversed", "builtins.dict", "itertools.chain", "itertools.cycle"),
                *("collections.deque", "collections.OrderedDict", "collections.ChainMap", "types.MappingProxyType"),
            ),
            together,
        ),
        **dict.fromkeys(("builtins.next", "builtins.min", "builtins.max", "random.choice"), _one),
        **dict.fromkeys(
            (
                *("copy.copy", "copy.deepcopy", "contextlib.nullcontext", "contextlib.closing", "functools.partial"),
                *("functools.partialmethod", "functools.lru_cache", "functools.cache", "functools.singledispatch"),
                *("builtins.staticmethod", "builtins.classmethod", "typing.final"),
            ),
            _unchanged,
        ),
        "builtins.enumerate": _numbered,
        "builtins.zip": _side_by_side,
    }
)
"""What calls of builtins and of the standard library give of what they are given."""

METHODS: Mapping[str, Callable[[References], References]] = MappingProxyType(
    {
        "values": lambda references: held(_values(references), ANY),
        "items": lambda references: held(held(_values(references), "1"), ANY),
        "copy": tuple,
        "popitem": lambda references: held(_values(references), "1"),
        "popleft": iterated,
        "__iter__": iterated,
        "__next__": iterated,
    }
)
"""What methods of containers give of what these hold; those that take a key are not among them."""

RUN: Mapping[str, int | str] = MappingProxyType(
    {
        **dict.fromkeys(("builtins.map", "builtins.filter", "functools.reduce", "itertools.starmap"), 0),
        **dict.fromkeys(("itertools.takewhile", "itertools.dropwhile", "itertools.filterfalse"), 0),
        **dict.fromkeys(("builtins.sorted", "builtins.min", "builtins.max"), "key"),
        **dict.fromkeys(("heapq.nsmallest", "heapq.nlargest"), "key"),
        **dict.fromkeys(("pytest.raises", "pytest.warns", "itertools.groupby", "re.sub", "re.subn"), 1),
        **dict.fromkeys(("pytest.deprecated_call", "asyncio.to_thread"), 0),
    }
)
"""Functions that call what they are given where they are called themselves: at which place, or under which name."""

RUN_BY_METHODS: Mapping[str, int | str] = MappingProxyType(
    {
        **dict.fromkeys(("submit", "call_soon", "call_soon_threadsafe"), 0),
        **dict.fromkeys(("run_in_executor", "call_later", "call_at", "assertRaises", "assertWarns"), 1),
        "sort": "key",
    }
)
"""Methods of whatever object that do, by their names alone."""


# --- What annotations promise

_SEQUENCES = frozenset(
    {
        *("list", "set", "frozenset", "deque", "List", "Set", "FrozenSet", "Deque", "Sequence", "MutableSequence"),
        *("Iterable", "Iterator", "Collection", "Container", "Reversible", "AbstractSet", "MutableSet", "Generator"),
        *("AsyncIterable", "AsyncIterator", "AsyncGenerator", "ValuesView"),
    }
)
_MAPPINGS = frozenset(
    {
        *("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict", "ChainMap"),
        *("MappingProxyType", "WeakValueDictionary", "Counter"),
    }
)
_ITSELF = frozenset({"Optional", "Union", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"})
_LATER = frozenset({"Awaitable", "Coroutine"})


def promised(generic: Iterable[str], within: ast.expr, instance: Callable[[ast.expr | None], References]) -> References:
    """Return what an annotation such as `list[Log]` promises; `instance` says so of what stands in the brackets."""
    found: list[str] = []
    parts = within.elts if isinstance(within, ast.Tuple) else [within]
    for name in (reference.rpartition(".")[2] for reference in generic):
        if name in _ITSELF:
            found += (reference for part in parts for reference in instance(part))
        elif name == "Annotated":
            found += instance(parts[0])
        elif name in _LATER:
            found += instance(parts[-1])
        elif name in ("type", "Type"):
            found += (reference.removesuffix("()") for part in parts for reference in instance(part))
        elif name in _MAPPINGS:
            found += held(instance(parts[-1]), KEYED)
        elif name in ("tuple", "Tuple"):
            places = [ANY if len(parts) == 2 and _is_rest(parts[1]) else str(place) for place in range(len(parts))]
            found += (inner for part, place in zip(parts, places, strict=True) for inner in held(instance(part), place))
        elif name in _SEQUENCES:
            found += held(instance(parts[0]), ANY)
    return tuple(dict.fromkeys(found))


def _is_rest(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis
