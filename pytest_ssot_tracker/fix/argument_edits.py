"""Rewrite the deprecated arguments of one statement: under another name, or with another value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

from pytest_ssot_tracker.fix.call_arguments import passed
from pytest_ssot_tracker.fix.editing import Edits
from pytest_ssot_tracker.fix.fixes import Uncertain
from pytest_ssot_tracker.fix.parsed_file import File, quoted_like
from pytest_ssot_tracker.fix.qualified_name import Name
from pytest_ssot_tracker.fix.replacing import Replacements
from pytest_ssot_tracker.model import Parameter, Site, Target

__all__ = ["argument_edits"]


def argument_edits(
    file: File, replacements: Replacements, site: Site, *, check_proof: Callable[[ast.Call], None]
) -> Edits:
    """Return how the calls at `site` pass their arguments from now on; raise `Uncertain` where that is not certain.

    `check_proof` raises it for a call that proves something about what it passes.
    """
    target = Target.parse(site.target)
    parameter = target.parameter
    assert parameter is not None
    old = Name(target.module, target.thing.attribute)
    new = replacements.argument(site)
    if new.thing != target.thing or new.parameter is None:
        raise Uncertain(f"{new} is another function: replace {old} as a whole")
    calls = list(_calls(file, old, site))
    if not calls:
        raise Uncertain(f"{old.last} is not named here: it comes through another name")
    edits: Edits = {}
    for call, bound in calls:
        check_proof(call)
        if parameter.value is None:
            edits.update(_renamed(file, replacements, site, old, call, bound=bound))
        else:
            places = replacements.definitions.places(
                replacements.definitions.find(old.module, old.attribute), bound=bound
            )
            edits.update(_with_value(file, parameter, new.parameter, call, places))
    if not edits:
        raise Uncertain(f"which argument is {parameter.name} is not certain")
    return edits


def _calls(file: File, old: Name, site: Site) -> Iterator[tuple[ast.Call, bool]]:
    """Yield the calls of `old` in the statement of `site`, and whether each is of a method of an object."""
    name = (old.attribute or "").removesuffix(".__init__").removesuffix(".__new__")
    dotted = f"{old.module}.{name}"
    seen = set()
    for chain in file.chains:
        node = chain.upto(dotted)
        call = None if node is None else file.call_of(node)
        if call is not None and file.statement_line(call) == site.line:
            seen.add(call)
            yield call, False
    through: dict[ast.Call, str] = {}
    for attribute in file.attributes(name.rpartition(".")[2]) if "." in name else ():
        call = file.call_of(attribute)
        if call is not None and call not in seen and file.statement_line(call) == site.line:
            through[call] = ast.dump(attribute.value)
    if len(set(through.values())) > 1:
        raise Uncertain(f"several things are called here that may be {old.attribute}")
    yield from ((call, True) for call in through)


def _renamed(file: File, replacements: Replacements, site: Site, old: Name, call: ast.Call, *, bound: bool) -> Edits:
    definitions = replacements.definitions
    found = definitions.find(old.module, old.attribute)
    passing = replacements.passing(site, old)
    assert passing is not None
    of_class = (old.attribute or "").endswith((".__init__", ".__new__"))
    moved = passed(file, call, passing, definitions, found, found, bound=bound or of_class)
    if definitions.accepts(found, moved.shape, bound=bound or of_class) is False:
        raise Uncertain(f"{old.last} does not take these arguments")
    return moved.edits


def _with_value(
    file: File, parameter: Parameter, new: Parameter, call: ast.Call, places: Sequence[str] | None
) -> Edits:
    """Return the edit of a literal; raise `Uncertain` where what is passed is not written there as one."""
    if new.value is None or new.name != parameter.name:
        raise Uncertain(f"its replacement names no other value of {parameter.name}")
    given = [keyword.value for keyword in call.keywords if keyword.arg == parameter.name]
    by_place = None if places is None or file.shape(call).unpacked else zip(call.args, places, strict=False)
    if not given:
        given = call.args if by_place is None else [value for value, name in by_place if name == parameter.name]
    wanted = parameter.literal
    found = [value for value in given if _is_literal(value, wanted)]
    if not found and by_place is not None:
        return {}  # this call of several in the statement is not given it
    if len(found) != 1:
        raise Uncertain(f"which argument is {parameter.name} is not certain")
    text = new.literal if isinstance(wanted, str) else None
    plain = isinstance(text, str) and text.isprintable() and not set("\\\"'") & set(text)
    return {file.span(found[0]): (quoted_like(file, found[0], str(text)) if plain else new.value,)}


def _is_literal(node: ast.expr, wanted: object) -> bool:
    """Whether `node` is written as the value `wanted`: `1` is not `True`."""
    return isinstance(node, ast.Constant) and type(node.value) is type(wanted) and node.value == wanted
