"""Hold every case, by section; a case is added to the list of its module and nowhere else."""

from __future__ import annotations

from ..case import Case
from . import (
    appearing,
    arguments,
    attributes,
    attribution,
    bases,
    contexts,
    copies,
    factories,
    footprint,
    handed,
    identifiers,
    identity,
    imports,
    limits,
    loading,
    objects,
    singletons,
    swallowed,
    texts,
    uses,
    warned,
)

__all__ = ["CASES", "SECTIONS"]

SECTIONS: dict[str, list[Case]] = {
    "Imports": imports.CASES,
    "Imports without a statement": loading.CASES,
    "Names that exist only at run time": appearing.CASES,
    "Uses": uses.CASES,
    "Bases": bases.CASES,
    "Class methods and static methods": factories.CASES,
    "Arguments": arguments.CASES,
    "Members of enums and writes": attributes.CASES,
    "Warnings": warned.CASES,
    "Contexts": contexts.CASES,
    "Texts and second definitions": texts.CASES,
    "Fixtures and other objects": objects.CASES,
    "What is handed to a library": handed.CASES,
    "Copies": copies.CASES,
    "Singletons": singletons.CASES,
    "Identifiers": identifiers.CASES,
    "Identity, state and races": identity.CASES,
    "Attribution": attribution.CASES,
    "Swallowed exceptions": swallowed.CASES,
    "Footprint": footprint.CASES,
    "Blind spots and limits": limits.CASES,
}

CASES: list[Case] = [case for cases in SECTIONS.values() for case in cases]
