"""Say what a configuration may hold as a JSON schema, so that editors complete and check it.

It is made from the readers that check a configuration, so there is one list of keys, types and choices.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from pytest_ssot_tracker.settings import checks
from pytest_ssot_tracker.settings.checks import Either, Fields, Reader

__all__ = ["WORDS", "in_pyproject", "schema"]

Plain = dict[str, Any]

_DIALECT = "http://json-schema.org/draft-07/schema#"
_PART = r"[^\W\d][\w*]*|\*[\w*]*"
_DOTTED = rf"(?:{_PART})(?:\.(?:{_PART}))*"
_NAME = r"[^\W\d]\w*"
_DOTTED_NAME = rf"{_NAME}(?:\.{_NAME})*"


def _matching(pattern: str) -> Plain:
    return {"type": "string", "pattern": f"^{pattern}$"}


_TEXT: Plain = {"type": "string", "pattern": r"\S"}
_TARGET = _matching(f"{_DOTTED}(?::{_DOTTED})?")
_NAMED = f"{_DOTTED_NAME}(?::{_DOTTED_NAME})?"
_SINGLE = _matching(_NAMED)
_PASSING = rf"{_NAMED}(?:\(.*\))?"
_USE = rf"(?:\(\s*{_NAME}\s*(?:=.*)?\)|\s*=)?"
_USED = _matching(f"{_DOTTED}(?::{_DOTTED})?{_USE}")
_CALLABLE = _matching(rf"(?:{_DOTTED_NAME}:{_DOTTED_NAME}|{_NAME}(?:\.{_NAME})+)")

_SIMPLE: Mapping[Reader, Plain] = MappingProxyType(
    {
        checks.text: _TEXT,
        checks.any_text: {"type": "string"},
        checks.path: {**_TEXT, "not": {"pattern": r"^[/\\]|^.:|[^./\\][/\\]+\.\.(?:[/\\]|$)|(?:^|[/\\])\.\.[/\\]*$"}},
        checks.identifier: _matching(_NAME),
        checks.argument: _matching(_DOTTED_NAME),
        checks.fixture: {**_matching(_NAME), "not": {"enum": [*checks.OUR_FIXTURES, *sorted(checks.PYTEST_FIXTURES)]}},
        checks.target: _TARGET,
        checks.caller: _TARGET,
        checks.single: _SINGLE,
        checks.target_text: _SINGLE,
        checks.callable_target: _CALLABLE,
        checks.templates: {
            "anyOf": [
                _TEXT,
                {
                    "type": "object",
                    "propertyNames": {"anyOf": [{"pattern": f"^{_NAMED}$"}, {"enum": list(checks.PATTERNS)}]},
                    "additionalProperties": _TEXT,
                },
            ]
        },
        checks.reset: {"anyOf": [{"enum": list(checks.RESETS)}, _CALLABLE]},
        checks.category: _SINGLE,
        checks.never: {"anyOf": [{"const": checks.EVENT_LOOP}, _TARGET]},
        checks.expression: {**_TEXT, "format": "regex"},
        checks.used: _USED,
        checks.deprecated: {"anyOf": [_USED, _matching(f"{checks.TEXT}.*\\S.*")]},
        checks.replacements: {
            "type": "object",
            "propertyNames": {"anyOf": [_matching(_PASSING), _matching(f"{checks.TEXT}.*\\S.*")]},
            "additionalProperties": _matching(_PASSING),
        },
        checks.switch: {"type": "boolean"},
        checks.version: _TEXT,
        checks.removal: {
            "anyOf": [
                _TEXT,
                {"type": "object", "propertyNames": {"pattern": f"^{_NAMED}$"}, "additionalProperties": _TEXT},
            ]
        },
        checks.place: _TEXT,
        checks.until: {"type": "string", "format": "date"},
        checks.budget: {"type": "integer", "minimum": 0},
        checks.figure: {"type": "number"},
    }
)


def schema() -> Plain:
    """Return the schema of what stands below `[tool.ssot_tracker]`, and at the top of `ssot_tracker.toml`."""
    return {
        "$schema": _DIALECT,
        "title": "Configuration of pytest-ssot-tracker",
        **_table(checks.TOP),
    }


def in_pyproject() -> Plain:
    """Return the schema of a whole pyproject.toml, which says nothing about other tables."""
    own = schema()
    del own["$schema"]
    tool = {"type": "object", "properties": {"ssot_tracker": own}}
    return {"$schema": _DIALECT, "title": "pyproject.toml with [tool.ssot_tracker]", "properties": {"tool": tool}}


def _of(reader: Reader) -> Plain:
    """Return what `reader` takes."""
    if not isinstance(reader, partial):
        return dict(_SIMPLE[reader])
    if reader.func is checks.read_one_of:
        return {"enum": list(reader.args[0])}
    if reader.func is checks.read_member:
        return {"enum": [argument.value for argument in reader.args[0]]}
    if reader.func is checks.read_items:
        return {"type": "array", "items": _of(reader.args[0])}
    if reader.func is checks.read_one_or_more:
        item = _of(reader.args[0])
        return {"anyOf": [item, {"type": "array", "items": item}]}
    if reader.func is checks.read_pairs:
        keys, values = [_of(argument) for argument in reader.args]
        keys.pop("type", None)  # the name of a property is always a string
        return {"type": "object", "propertyNames": keys, "additionalProperties": values}
    assert reader.func is checks.read_table, reader
    return _table(*reader.args)


def _table(fields: Fields, required: tuple[str, ...] = (), either: Either | None = None) -> Plain:
    properties = {key: {"description": WORDS[key], **_of(reader)} for key, reader in fields.items()}
    found: Plain = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        found["required"] = list(required)
    if either is not None:
        found["anyOf"] = [{"required": [key]} for key in either.keys]
    return found


WORDS: Mapping[str, str] = MappingProxyType(
    {
        "phase": "How strict it is: baseline records, ratchet fails what is new, enforce fails all.",
        "source": "Paths of our code, where the rules about identifiers and foreign targets hold.",
        "scan": "Paths that the static scan reads. Default: source and pytest's testpaths.",
        "exclude": "Patterns of paths that are never scanned and never reported.",
        "baseline": "The file of known sites. Default: ssot-baseline.json.",
        "policies": "Names of installed rule packs to take over.",
        "ssot": "One table for each single source of truth; in a criterion of the gate, the table it counts.",
        "ids": "One table for each kind of identifier: where it comes from.",
        "warnings": "One table for each kind of warning that is to be worked off.",
        "context": "One table for each kind of call that needs a context, or must not run in one.",
        "gate": "Criteria for going on, which `ssot-tracker gate` checks.",
        "canonical": "What replaces everything else: pkg.mod:Class.",
        "accessors": "Functions that may construct the canonical: pkg.mod:get_it.",
        "deprecated": "What must go: a module, a class, a function, an attribute, a parameter of one; * and ** match.",
        "retired": "What was deprecated and is gone for good; it is still watched for.",
        "single": "Whether nobody else may define what the canonical is.",
        "competing": "Modules or classes of which at most one may exist.",
        "provides": "Attributes that the canonical must offer.",
        "replace": "What to use instead of one deprecated target. Default: the canonical.",
        "fixture": "The fixture that hands out the real singleton.",
        "reset": "How the fixture makes it fresh: state, instance, or a function pkg.mod:name.",
        "keys": "Methods and the parameter that holds the key, for split-brain.",
        "states": "Which changes of state are legal, for illegal-transition.",
        "method": "The method that changes the state.",
        "key": "Its parameter that says whose state it is.",
        "state": "Its parameter that says which state follows.",
        "allowed": 'What may follow each state; what may follow "" may be first.',
        "generators": "Functions that issue identifiers.",
        "forbidden": "Functions that source must not call for identifiers, such as uuid:uuid4.",
        "patterns": "Other ways of making identifiers to look for: time-format.",
        "consumers": "Callables and their parameter that takes an identifier, for foreign-id.",
        "adopt": "Callables whose results count as issued.",
        "fix": "The expression that `ssot-tracker fix` puts in place of a call of a forbidden function.",
        "allow_in": "Modules that may still use what is deprecated or forbidden here.",
        "max": "Budgets of distinct sites per rule; in a criterion of the gate, the figure not to exceed.",
        "owner": "Whom to ask; shown with each violation.",
        "issue": "The ticket; shown with each violation.",
        "until": "The day after which every leniency of the table ends.",
        "removed_in": "The version of the project from which on every leniency ends: of the table, or of each target.",
        "within": "Paths or modules whose callers the table judges. Default: everybody.",
        "rules": "The rules by which the table judges. Default: all that it has something for.",
        "harvest": "What to take over that is declared already: by decorators, warnings, docstrings, other tools.",
        "tests_of": "Where the tests of one deprecated target are: what they use of it is allowed.",
        "owners": "The CODEOWNERS file. Default: the one in ., .github, docs or .gitlab.",
        "reason": "Why; for people.",
        "category": "Full names of warning classes. Default: those about deprecation.",
        "message": "A regular expression that the text of the warning begins with.",
        "module": "Whose warnings: the modules that declare what is deprecated.",
        "targets": "What may be called there only: functions, methods, classes.",
        "inside": "Functions and context managers of which one has to run in this thread or task.",
        "never": "Functions and context managers that must not, or event-loop for a running event loop.",
        "name": "The name of the criterion.",
        "measure": "The figure that is held against min and max.",
        "rule": "Only sites of this rule count.",
        "tests": "Where tests are, which are counted apart; in a criterion of the gate, a pattern of node ids.",
        "marker": "Only tests with this marker count.",
        "min": "The figure to reach.",
    }
)
"""What each key means, in a line."""
