"""Prove: plant a use of everything that is declared in a copy of the tree, and say whether it is seen."""

from __future__ import annotations

import argparse
import shlex
import tempfile
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli import project
from pytest_ssot_tracker.cli.console import Console
from pytest_ssot_tracker.cli.exits import CommandError, ExitStatus
from pytest_ssot_tracker.judge.words import counted, harmless

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_ssot_tracker.prove.answers import Proof
    from pytest_ssot_tracker.prove.plants import Plant

__all__ = ["add_arguments", "run"]

_WORDS = {True: "seen", False: "NOT SEEN", None: "not proved"}
_ANSWERS = {True: "seen", False: "not seen", None: "not watched"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `ssot-tracker prove`."""
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="only what is declared with this spelling, or in this table"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how it is printed (default: text)")
    parser.add_argument("--pytest-args", metavar="ARGS", default="", help="more arguments for pytest, as one text")
    project.add_arguments(parser)


def run(args: argparse.Namespace, console: Console) -> int:
    """Print what was planted and who has seen it; return `VIOLATIONS` where a guard does not bite."""
    from pytest_ssot_tracker.prove.prover import ProofError, Prover
    from pytest_ssot_tracker.settings.pytest_ini import PytestIni

    here = project.Project.of(args)
    ini = PytestIni.find(here.here, root=here.settings.root, given={})
    with tempfile.TemporaryDirectory(prefix="ssot-prove-") as folder:
        try:
            prover = Prover(
                here.settings,
                Path(folder).resolve(),
                testpaths=ini.words("testpaths"),
                config=None if here.settings.file is None else str(here.settings.file),
                ini=ini.inipath,
                options=[*_kept(ini.words("addopts")), *shlex.split(args.pytest_args)],
            )
            for path in prover.scratch.left_out:
                console.note(f"left out of the copy, for its size: {path}")
            planted = _asked(prover.plants(), args.targets)
            backends = prover.backends()
            console.note(f"planting {counted(len(planted), 'use')} in a copy; back ends: {', '.join(backends)}")
            proofs = prover.prove(planted)
        except ProofError as error:
            raise CommandError(str(error)) from None
    if args.format == "json":
        console.write_json(_plain(proofs, backends))
    else:
        _print(proofs, console.folding())
    return ExitStatus.VIOLATIONS if any(proof.bites is False for proof in proofs) else ExitStatus.FINE


def _kept(words: Sequence[str]) -> list[str]:
    """Return those of pytest's own options that say how tests are loaded, and none that choose among them."""
    kept = []
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word in ("-p", "--confcutdir"):
            kept += [word, following]
        elif word.startswith(("--import-mode", "--ds=", "--dc=", "-p")):
            kept.append(word)
    return kept


def _asked(plants: Sequence[Plant], targets: Sequence[str]) -> list[Plant]:
    """Return the plants of `targets`, all where none is given; raise `CommandError` for those that nothing declares."""
    from pytest_ssot_tracker.settings.problems import nearest

    if not targets:
        return list(plants)
    spelled = {target.replace(":", "."): target for target in targets}
    names = [{plant.table, plant.target.replace(":", ".")} for plant in plants]
    strange = [target for dotted, target in spelled.items() if not any(dotted in known for known in names)]
    if strange:
        declared = list(dict.fromkeys(name for plant in plants for name in (plant.table, plant.target) if name))
        raise CommandError("\n".join(f"{name}: nothing declares it; {nearest(name, declared)}" for name in strange))
    return [plant for plant, known in zip(plants, names, strict=True) if known & spelled.keys()]


def _print(proofs: Sequence[Proof], console: Console) -> None:
    from pytest_ssot_tracker.prove.answers import BLIND

    width = max((len(proof.plant.rule) for proof in proofs), default=0)
    for name, group in groupby(proofs, key=lambda proof: proof.plant.table):
        console.write_line(name or "everywhere", bold=True)
        for proof in group:
            plant, bites = proof.plant, proof.bites
            what = " ".join(filter(None, (f"{plant.rule:{width}}", plant.name or plant.target)))
            line = f"  {_WORDS[bites]:10}  {harmless(what)}  ({_words(proof)})"
            console.write_line(line, red=bites is False, yellow=bites is None, green=bool(bites))
            for reason in _reasons(proof):
                console.write_line(f"              {harmless(reason)}")
    told = [proof.bites for proof in proofs]
    biting, missed, unproved = told.count(True), told.count(False), told.count(None)
    counts = [f"{counted(biting, 'guard')} {'bites' if biting == 1 else 'bite'}"]
    counts += [f"{missed} {'does' if missed == 1 else 'do'} not"] if missed else []
    counts += [f"{unproved} not proved"] if unproved else []
    blind = sum(answer.why.startswith(BLIND) for proof in proofs for answer in proof.answers)
    counts += [f"{counted(blind, 'blind spot')} named"] if blind else []
    console.write_line(", ".join(counts), bold=True)


def _reasons(proof: Proof) -> Iterator[str]:
    """Yield why somebody has not seen a use, and for a guard that does not bite what was planted."""
    yield from (f"{answer.by}: {answer.why}" for answer in proof.answers if answer.why)
    if proof.plant.unproved:
        yield proof.plant.unproved
    if proof.bites is False:
        yield f"planted: {' / '.join(proof.plant.shown.splitlines())}"


def _words(proof: Proof) -> str:
    return ", ".join(f"{answer.by}: {_ANSWERS[answer.seen]}" for answer in proof.answers) or "nothing was planted"


def _plain(proofs: Sequence[Proof], backends: Sequence[str]) -> dict[str, object]:
    return {
        "back_ends": list(backends),
        "bites": all(proof.bites is not False for proof in proofs),
        "proofs": [
            {
                "table": proof.plant.table or None,
                "rule": proof.plant.rule.value,
                "target": proof.plant.target or None,
                "name": proof.plant.name or proof.plant.target or None,
                "planted": proof.plant.shown or None,
                "bites": proof.bites,
                "why": proof.plant.unproved or None,
                "answers": [
                    {"by": answer.by, "seen": answer.seen, "why": answer.why or None} for answer in proof.answers
                ],
            }
            for proof in proofs
        ],
    }
