"""Find the project that a command speaks of, as pytest would find it, and what its configuration says."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_ssot_tracker.cli.exits import CommandError, refusing
from pytest_ssot_tracker.judge.words import undeclared
from pytest_ssot_tracker.records import dataclass
from pytest_ssot_tracker.settings import ConfigurationError, Settings, load
from pytest_ssot_tracker.settings.pytest_ini import PytestIni

if TYPE_CHECKING:
    from pytest_ssot_tracker.detect.record.sites import Sites
    from pytest_ssot_tracker.session import Session
    from pytest_ssot_tracker.settings.question import Question

__all__ = ["Project", "add_arguments"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options by which every command that reads the configuration can be told where it stands."""
    group = parser.add_argument_group("project")
    group.add_argument("--root", metavar="DIR", type=Path, help="the project's folder (default: found as pytest does)")
    group.add_argument("--config", metavar="FILE", help="read the configuration from FILE")
    group.add_argument("--phase", choices=("baseline", "ratchet", "enforce"), help="judge by this phase")
    group.add_argument("--baseline", metavar="FILE", help="the file of known sites")
    group.add_argument("--since", metavar="REF", help="new is what stands in lines that changed since this commit")


@dataclass(frozen=True, slots=True)
class Project:
    """A project with its configuration; `here` is where the user stands."""

    settings: Settings
    here: Path
    since: str | None = None
    traces: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        args: argparse.Namespace,
        *,
        unconfigured: bool = False,
        question: Question | None = None,
        writes_baseline: bool = False,
        verify: bool = True,
    ) -> Project:
        """Return the project that `args` names (see `add_arguments`).

        What `question` asks is added to its configuration, or is all there is. The baseline that is named has to be
        there, unless the command `writes_baseline`; what the configuration names is looked for unless `verify` is
        false. Raises `CommandError` for a bad configuration, and for none unless `unconfigured` is fine.
        """
        from pytest_ssot_tracker.settings.options import check_baseline, read

        here = Path.cwd()
        given = {
            "ssot_config": getattr(args, "config", None),
            "ssot_phase": getattr(args, "phase", None),
            "ssot_baseline": getattr(args, "baseline", None),
            "ssot_since": getattr(args, "since", None),
            "ssot_trace": getattr(args, "trace", None),
        }
        root = getattr(args, "root", None)
        if root is not None and not os.path.isdir(root):
            raise CommandError(f"--root: there is no folder {str(root)!r}; name one that exists")
        try:
            ini = PytestIni.find(here, root=root and (here / root).resolve(), given=given)
            options = read(ini)
            if not writes_baseline:
                check_baseline(ini, "--baseline")
            settings = load(
                ini.rootpath,
                config_file=options.config,
                phase=options.phase,
                baseline=options.baseline,
                testpaths=ini.words("testpaths"),
                pythonpath=ini.words("pythonpath"),
                question=question,
                since=options.since,
                verify=verify,
            )
        except ConfigurationError as error:
            raise CommandError(str(error)) from None
        if not settings.active and not unconfigured:
            if settings.file is not None:
                raise CommandError(undeclared(settings))
            raise CommandError(
                f"nothing is configured in {ini.rootpath}: add [tool.ssot_tracker] to pyproject.toml; "
                "`ssot-tracker init` proposes one"
            )
        return cls(settings, here, options.since, options.trace)

    def check(self, paths: Iterable[Path]) -> None:
        """Raise `CommandError` for those of `paths` that are not there or lie outside the project, all at once."""
        tree = self.settings.tree
        homes = [Path(os.path.realpath(os.path.join(tree.root, name))) for name in (".", *tree.source, *tree.scan)]
        problems = []
        for path in paths:
            if not os.path.exists(path):
                problems.append(f"there is no {str(path)!r}; name files or folders that exist")
            elif not any(path.resolve().is_relative_to(home) for home in homes):
                problems.append(f"{str(path)!r} lies outside the project in {tree.root}; --root names another project")
        if problems:
            raise CommandError("\n".join(problems))

    def session(self, sites: Sites) -> Session:
        """Return the session of this project; raise `CommandError` for what it cannot be judged by."""
        from pytest_ssot_tracker.session import Session, SessionError

        with refusing(SessionError):
            return Session.of(self.settings, sites, since=self.since)
