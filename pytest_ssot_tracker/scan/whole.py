"""The rules that look at whole files, whatever names them: texts that are to go, and second definitions.

They read the files again, so they are loaded only where a table asks for one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_ssot_tracker.model import Exempt, Rule, Site
from pytest_ssot_tracker.names.definitions import Definition, Definitions
from pytest_ssot_tracker.scan.duplicates import Original, alike
from pytest_ssot_tracker.scan.finding import Findings
from pytest_ssot_tracker.scan.learning import decoded
from pytest_ssot_tracker.scan.own_modules import OwnModules
from pytest_ssot_tracker.scan.texts import find, may_hold
from pytest_ssot_tracker.scan.walk import read
from pytest_ssot_tracker.settings import Settings, Ssot
from pytest_ssot_tracker.source import SourceFile, Statement

__all__ = ["look"]

_TROUBLE = (OSError, SyntaxError, ValueError, RecursionError, MemoryError)


def look(settings: Settings, modules: OwnModules, paths: Iterable[str], findings: Findings) -> None:
    """Add the sites of the files at `paths`; one that cannot be read is named by others."""
    texts = [(ssot, text) for ssot in settings.ssots for text in ssot.texts]
    definitions = Definitions(modules)
    originals = list(_originals(settings, definitions))
    for path in paths:
        wanted = texts if settings.tree.in_source(path) else []
        if path.endswith(".ipynb") or not (wanted or originals):
            continue
        try:
            text = decoded(read(settings.tree.absolute(path)))
            near = [(ssot, original) for ssot, original in originals if _may_define(text, original)]
            if not near and not may_hold(text, [target for _, target in wanted]):
                continue
            file = SourceFile(path, text)
        except _TROUBLE:
            continue
        _texts(settings, file, wanted, findings)
        _duplicates(settings, definitions, file, near, findings)


def _originals(settings: Settings, definitions: Definitions) -> Iterator[tuple[Ssot, Original]]:
    for ssot in settings.ssots:
        canonical = ssot.canonical
        if ssot.single and canonical is not None and "." not in (canonical.attribute or "."):
            found = Original.of(definitions.find(canonical.module, canonical.attribute))
            if found is not None:
                yield ssot, found


def _may_define(text: str, original: Original) -> bool:
    """Whether a source text can define what is like `original`: bodies can be alike under any name."""
    word = "class " if original.is_class else "def "
    return word in text and (
        bool(original.bodies) or original.name in text or any(f"def {method}" in text for method in original.methods)
    )


def _texts(settings: Settings, file: SourceFile, wanted: Sequence[tuple[Ssot, str]], findings: Findings) -> None:
    for ssot, text in wanted:
        for found in find(file, [text]):
            site = _add(
                settings, file, ssot, Rule.DEPRECATED_TEXT, f"text:{text}", found.statement, found.line, findings
            )
            findings.lines.setdefault(site.id, []).append((found.line, False))


def _duplicates(
    settings: Settings,
    definitions: Definitions,
    file: SourceFile,
    near: Sequence[tuple[Ssot, Original]],
    findings: Findings,
) -> None:
    module = settings.tree.module(file.path)
    for ssot, original in near:
        for found in alike(file, original):
            here = Definition("class", module, found.statement.node)
            itself = (module, found.name) == (original.definition.module, original.name)
            if itself or definitions.are_kin(here, original.definition):
                continue
            if not any(target.covers(module, found.name) for target in ssot.deprecated):
                _add(
                    settings,
                    file,
                    ssot,
                    Rule.DUPLICATE_SSOT,
                    str(ssot.canonical),
                    found.statement,
                    found.statement.line,
                    findings,
                )


def _add(
    settings: Settings,
    file: SourceFile,
    ssot: Ssot,
    rule: Rule,
    target: str,
    statement: Statement,
    line: int,
    findings: Findings,
) -> Site:
    site = file.site(rule, ssot=ssot.name, target=target, declared=target, statement=statement, line=line)
    scope = None if site.scope == "<module>" else site.scope
    allowed = ssot.allow_in and ssot.allows(settings.tree.module(file.path), scope)
    findings.add(site, Exempt.ALLOW_IN if allowed else None, file.allow_for(rule, line))
    return site
