"""Take names apart: what they are about, what kind of thing they name, and what only tells versions apart."""

from __future__ import annotations

from pytest_ssot_tracker.records import dataclass, regex

__all__ = ["KEEPERS", "STRUCTURE", "Subject", "spelled", "subject"]

_ROLES_TEXT = """
accessor adapter aggregator allocator api bridge broker buffer builder bus cache calculator checker client collector
config configuration connector container context controller coordinator creator detector dispatcher driver emitter
engine evaluator executor exporter facade factory finder formatter gateway generator handler helper importer
inspector integration interface iterator layer listener loader locator logger manager mapper mediator middleware
mixin model monitor normalizer notifier observer operations orchestrator parser plugin policy pool processor
producer provider proxy publisher queue reader recorder registry renderer reporter repository resolver router runner
scanner scheduler selector sender serializer server service session source state storage store strategy subscriber
supervisor system tester tool tracker transformer translator util utility utils validator verifier view watcher
worker wrapper writer
"""
_KEEPERS_TEXT = """
cache controller coordinator history manager monitor pool registry repository service state storage store supervisor
tracker
"""
_QUALIFIERS_TEXT = """
abstract actual advanced base basic better canonical clean common compat complete comprehensive consolidated core
current default deprecated enhanced extended final fixed full generic global impl improved legacy lightweight local
main minimal modern my native new next obsolete old optimized original plain previous primary proper real refactored
replacement robust safe secure simple simplified single singleton smart ssot standard temp temporary true unified
universal updated
"""

_ROLES = frozenset(_ROLES_TEXT.split())
"""Last words of names that say what kind of thing it is, not what it is about."""
KEEPERS = frozenset(_KEEPERS_TEXT.split())
"""Roles that keep something between calls: whoever has one is easily taken for another."""
_QUALIFIERS = frozenset(_QUALIFIERS_TEXT.split())
"""Words by which a second version of a thing is told from the first."""
STRUCTURE = frozenset(
    {
        "abstract",
        "actual",
        "base",
        "basic",
        "common",
        "core",
        "default",
        "generic",
        "global",
        "impl",
        "local",
        "main",
        "simple",
    }
)
"""Those of them that tell the parts of a design apart as well: what is called so need not be an older or newer one."""
_WORDS = regex(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_VERSION = regex(r"v?\d+\Z")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a name is about (`words`), the kind of thing it names (`role`), and what tells versions apart."""

    words: tuple[str, ...]
    role: str
    qualifiers: tuple[str, ...]

    @property
    def all_words(self) -> tuple[str, ...]:
        """Return the words of what it is about, and that of its role if it has one."""
        return (*self.words, self.role) if self.role else self.words

    def is_same_thing(self, other: Subject) -> bool:
        """Whether both are about the same, so that they are versions of one thing."""
        return (self.words, self.role) == (other.words, other.role)


def spelled(name: str) -> tuple[str, ...]:
    """Return the words of a name."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def subject(name: str) -> Subject:
    """Take a name apart: `ConsolidatedUserTrackerV2` is about `user`, its role is `tracker`."""
    words = list(spelled(name))
    if len(words) > 1 and words[-1].isdigit() and words[-2] == "v":
        words[-2:] = [f"v{words[-1]}"]
    if len(words) > 1 and words[0] == "i":  # IThing
        words = words[1:]
    kept = [word for word in words if word not in _QUALIFIERS and not _VERSION.match(word)]
    versions = tuple(word for word in words if word in _QUALIFIERS or _VERSION.match(word))
    role = ""
    if kept and _singular(kept[-1]) in _ROLES:
        role = _singular(kept.pop())
    return Subject(tuple(map(_singular, kept)), role, versions)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as")) else word
