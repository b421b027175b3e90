"""The rules: one record each, from which every table, text, schema and choice about rules is made.

To add a rule, add a member to `Rule` here, write what detects it, and describe it in docs/rules.md; a test names
whatever was forgotten.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

from pytest_ssot_tracker.records import NamedTuple

__all__ = ["About", "Rule"]

_SCAN, _RUN, _BOTH = frozenset({"scan"}), frozenset({"run"}), frozenset({"scan", "run"})


class About(NamedTuple):
    """Everything that is to be known of a rule, beside its name.

    `summary`, `why` and `fix` are sentences for people; `deed` says what a site does to its target, after a subject
    (`imports {}`). `found_by` holds `scan`, `run` or both, `seen_by` what a run sees of it. `stands_at` says what a
    site stands for: the statement at its line, the class defined there, or the whole file. `allow_in` tells whether a
    table's `allow_in` exempts callers, `by_tests` whether a test's marker can cover a site, `fails` whether a site can
    fail anything. `table` is the kind of table that configures it.
    """

    summary: str
    deed: str
    why: str
    fix: str
    found_by: frozenset[str]
    seen_by: Literal["call", "import", "class", "check", "warning"] = "call"
    stands_at: Literal["statement", "class", "file"] = "statement"
    allow_in: bool = False
    by_tests: bool = True
    fails: bool = True
    table: Literal["ssot", "ids", "warnings", "context"] = "ssot"


class Rule(str, Enum):
    """What can be found: the members' values are the public spellings, in the order in which reports list them."""

    _value_: str
    about: About

    def __new__(cls, spelling: str, about: About | None = None) -> Rule:
        """Return the member whose text and value are `spelling`."""
        # Optional for the type checker alone: it takes `Rule(spelling)`, a look-up, for a call of this.
        assert about is not None
        rule = str.__new__(cls, spelling)
        rule._value_ = spelling
        rule.about = about
        return rule

    __str__ = str.__str__

    def __format__(self, format_spec: str) -> str:
        return str.__format__(self, format_spec)

    DEPRECATED_IMPORT = (
        "deprecated-import",
        About(
            summary="A deprecated module or name is imported.",
            deed="imports {}",
            why="While anybody imports it, the old module cannot be deleted, and its state lives on beside the new.",
            fix="Import the replacement instead; `replace` in the configuration names it for each target.",
            found_by=_BOTH,
            seen_by="import",
            allow_in=True,
        ),
    )
    DEPRECATED_USE = (
        "deprecated-use",
        About(
            summary="A deprecated class is constructed, or a deprecated function called.",
            deed="uses {}",
            why="What the old class or function remembers, the single source of truth does not know: two answers "
            "to one question.",
            fix="Call the replacement; for a singleton that is its accessor, not its class.",
            found_by=_BOTH,
            allow_in=True,
        ),
    )
    DEPRECATED_BASE = (
        "deprecated-base",
        About(
            summary="A class derives from a deprecated class.",
            deed="derives a class from {}",
            why="A subclass keeps the old class alive under a new name, and every object of it is one of the old kind.",
            fix="Derive from the replacement, or hold one instead of being one.",
            found_by=_BOTH,
            seen_by="class",
            allow_in=True,
        ),
    )
    DEPRECATED_ACCESS = (
        "deprecated-access",
        About(
            summary="A deprecated attribute, constant or enum member is read, or an attribute written.",
            deed="reads {}",
            why="Whoever reads the old constant or attribute does not see what the new source says; of two who write "
            "one attribute, each undoes what the other did.",
            fix="Read the value from the single source of truth; have it written by the one that `allow_in` names.",
            found_by=_BOTH,
            allow_in=True,
        ),
    )
    DEPRECATED_ARGUMENT = (
        "deprecated-argument",
        About(
            summary="A deprecated parameter is passed, or a parameter with a deprecated value.",
            deed="passes {}",
            why="The parameter, or what its old value switches on, cannot be removed while a caller passes it.",
            fix="Leave it out, or pass what `replace` in the configuration names.",
            found_by=_BOTH,
            allow_in=True,
        ),
    )
    DEPRECATED_TEXT = (
        "deprecated-text",
        About(
            summary="A text that is to go stands in a string.",
            deed="names {}",
            why="A table, key or address that is spelled out is found by nobody who looks for what replaces it.",
            fix="Name it by a constant of the single source of truth, as `replace` in the configuration says.",
            found_by=_SCAN,
            allow_in=True,
        ),
    )
    DEPRECATION_WARNING = (
        "deprecation-warning",
        About(
            summary="Code of ours makes a library, or our own code, warn of something deprecated.",
            deed="triggers {}",
            why="Whoever warns will remove it: the release that does breaks every place that still makes it warn.",
            fix="Do what the warning says; most name what to use instead.",
            found_by=_RUN,
            seen_by="warning",
            allow_in=True,
            table="warnings",
        ),
    )
    SINGLETON_BYPASS = (
        "singleton-bypass",
        About(
            summary="The canonical class is constructed by someone who is not its accessor.",
            deed="constructs {} past its accessors",
            why="A second object of the class is a second source of truth: what one is told, the other does not know.",
            fix="Ask one of the `accessors`; in a test, ask for the table's fixture.",
            found_by=_BOTH,
            allow_in=True,
        ),
    )
    OUT_OF_BAND_ID = (
        "out-of-band-id",
        About(
            summary="An identifier is made by something else than its generators.",
            deed="takes an id from {}",
            why="An identifier that the generator did not make may have another form, collide, or name nothing that is "
            "registered.",
            fix="Call one of the `generators`.",
            found_by=_BOTH,
            allow_in=True,
            table="ids",
        ),
    )
    FOREIGN_ID = (
        "foreign-id",
        About(
            summary="An identifier is used that no generator issued.",
            deed="passes an id that no generator issued to {}",
            why="The consumer is told of something that the generator never issued: a lookup by it finds nothing, or "
            "the wrong thing.",
            fix="Pass the identifier on from where the generator issued it; name who else may issue ids in `adopt`.",
            found_by=_RUN,
            table="ids",
        ),
    )
    COMPETING_MODULES = (
        "competing-modules",
        About(
            summary="More than one of several competing modules exists.",
            deed="has {} beside its competitors",
            why="Of several modules for one job, each caller picks another; a repair in one is missing in the others.",
            fix="Move callers to one of them and delete the rest.",
            found_by=_SCAN,
            stands_at="file",
            by_tests=False,
        ),
    )
    DUPLICATE_SSOT = (
        "duplicate-ssot",
        About(
            summary="What the canonical is, is defined a second time.",
            deed="defines again what {} is",
            why="The next duplicate is written while the last one is still being removed; each caller then picks one.",
            fix="Use the canonical; where it lacks something, add it there.",
            found_by=_SCAN,
            allow_in=True,
        ),
    )
    INCOMPLETE_SSOT = (
        "incomplete-ssot",
        About(
            summary="The canonical lacks something it must provide.",
            deed="finds {} incomplete",
            why="Callers cannot leave the old thing for one that does not offer what they need.",
            fix="Add the missing attribute to the canonical, or take it out of `provides`.",
            found_by=_RUN,
            seen_by="check",
            stands_at="class",
            by_tests=False,
        ),
    )
    SPLIT_BRAIN = (
        "split-brain",
        About(
            summary="One key is handled by two classes.",
            deed="handles one key in two classes with {}",
            why="Two classes keep a state of their own for one key, and nothing keeps the two in step.",
            fix="Let one of the two handle the key, and the other ask it.",
            found_by=_RUN,
        ),
    )
    ILLEGAL_TRANSITION = (
        "illegal-transition",
        About(
            summary="A state follows another that it may not follow.",
            deed="makes an illegal change of state with {}",
            why="A state that follows one it may not follow is a lost update, a race, or a step that was left out.",
            fix="Make the missing step, or serialise those who change the state; where the change is right, add it to "
            "`states.allowed`.",
            found_by=_RUN,
        ),
    )
    WRONG_CONTEXT = (
        "wrong-context",
        About(
            summary="Something is called outside of the context that it needs, or inside one that it must not run in.",
            deed="calls {} in the wrong context",
            why="A write outside of its transaction is lost or half done; a call that blocks stops the event loop.",
            fix="Call it below one of `inside`; from an event loop, hand it to a thread or use what can be awaited.",
            found_by=_RUN,
            allow_in=True,
            table="context",
        ),
    )
    STATE_LEAK = (
        "state-leak",
        About(
            summary="A test leaves state behind in the singleton.",
            deed="leaves state behind in {}",
            why="What one test leaves in the singleton the next one finds: tests pass or fail by their order.",
            fix="Ask for the table's fixture in the test; it takes away what the test left.",
            found_by=_RUN,
            seen_by="check",
            stands_at="class",
            fails=False,
        ),
    )
    DOUBLE_IMPORT = (
        "double-import",
        About(
            summary="One file is loaded under two module names.",
            deed="loads {} under a second name",
            why="Each name gets classes, functions and state of its own: two singletons, and an `isinstance` that says "
            "no.",
            fix="Import the module by one name everywhere, and take the folder that gives it the other out of "
            "`pythonpath` or `sys.path`.",
            found_by=_RUN,
            seen_by="check",
            stands_at="file",
            by_tests=False,
        ),
    )
    UNREADABLE_SOURCE = (
        "unreadable-source",
        About(
            summary="A source file cannot be decoded or parsed.",
            deed="cannot be read ({})",
            why="What cannot be read cannot be called clean: there may be sites in it.",
            fix="Correct the file, run with the Python version that it needs, or name it in `exclude`.",
            found_by=_SCAN,
            stands_at="file",
        ),
    )

    @property
    def deprecates(self) -> bool:
        """Whether the rule speaks of something that a table deprecates."""
        return self.startswith("deprecated-")
