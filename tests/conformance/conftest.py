"""Run the cases that were asked for, each group of them once, and write down how they came out."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from .case import HERE, Case
from .cases import CASES
from .project import Outcome, Plan, run_once

_BY_SLUG = {case.slug: case for case in CASES}


@pytest.fixture(scope="session")
def outcome_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Outcome]]:
    """Return what gives the outcome of a case's group; the first call starts the groups of all selected cases."""
    groups: dict[Plan, list[Case]] = {}
    for item in request.session.items:
        callspec = getattr(item, "callspec", None)
        if callspec is not None and "outcome_of" in item.fixturenames and "asked" in callspec.params:
            asked = callspec.params["asked"]
            case = _BY_SLUG[asked[0]]
            groups.setdefault(Plan.of(case, spread=asked[1]), []).append(case)
    running: dict[Plan, Future[Outcome]] = {}
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # what all workers of this run have in common
    folder /= "groups"
    folder.mkdir(exist_ok=True)

    def outcome(case: Case, *, spread: bool) -> Outcome:
        plan = Plan.of(case, spread=spread)
        for other in () if running else sorted(groups, key=lambda one: -len(groups[one])):
            running[other] = pool.submit(run_once, other, groups[other], folder)
        return running[plan].result()

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        yield outcome
        for one in running.values():
            one.cancel()


@pytest.fixture(scope="session")
def summary() -> Iterator[dict[str, str]]:
    """Return where a case's plain run is noted; in the end it goes to the file that `CONFORMANCE_SUMMARY` names."""
    noted: dict[str, str] = {}
    yield noted
    file = os.environ.get("CONFORMANCE_SUMMARY")
    if file:
        about = {"backend": HERE, "python": ".".join(platform.python_version_tuple()[:2]), "cases": noted}
        Path(file).write_text(json.dumps(about, indent=1, sort_keys=True) + "\n", encoding="utf-8")
