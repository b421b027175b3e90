"""Inheritance and plug-ins look like duplicates and are none; what only looks like a family still is a duplicate."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_ssot_tracker.discover import discover
from pytest_ssot_tracker.settings import Tree

METHODS = """
    def connect_wire(self, url): ...
    def drain_wire(self, limit): ...
    def close_wire(self): ...
"""
BASE = f"class Transport:{METHODS}"


def of(*statements: str, name: str = "Transport", bases: str = "") -> str:
    """Return a module with a class of three methods after `statements`."""
    return "\n".join([*statements, f"class {name}({bases}):{METHODS}"])


@pytest.fixture
def grouped(tmp_path: Path) -> Callable[..., list[set[str]]]:
    """Return what writes a package and returns which targets look like one job."""

    def look(**files: str) -> list[set[str]]:
        for name, text in {"__init__": "", **files}.items():
            file = tmp_path / "wires" / f"{name.replace('__in__', '/')}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        found = discover(Tree.of(tmp_path)).groups
        return [{one.candidate.target.removeprefix("wires.") for one in group.members} for group in found]

    return look


def test_without_kin_two_of_one_name_are_one_job_done_twice(grouped):
    assert grouped(one=of(), two=of()) == [{"one:Transport", "two:Transport"}]


def test_a_subclass_with_the_name_of_its_base_is_no_duplicate_of_it(grouped):
    assert grouped(base=BASE, redis=of("from wires import base", bases="base.Transport")) == []


def test_nor_are_those_that_derive_from_it_of_each_other(grouped):
    modules = {name: of("from wires import base", bases="base.Transport") for name in ("redis", "sqs", "file")}
    assert grouped(base=BASE, **modules) == []


def test_nor_what_a_package_hands_on_and_others_derive_from(grouped):
    assert (
        grouped(
            base=BASE,
            virtual=of("from wires import base", bases="base.Transport"),
            redis=of("from wires import virtual", bases="virtual.Transport"),
            amqp=of("from wires.base import Transport as Base", bases="Base"),
            sqs=of("from wires import base", "Above = base.Transport", bases="Above"),
        )
        == []
    )


def test_kin_by_a_class_that_is_no_candidate_itself_are_kin(grouped):
    middle = "from wires.base import Transport\n\n\nclass Middle(Transport):\n    pass\n"
    modules = {name: of("from wires.middle import Middle", name=f"{name}Transport", bases="Middle") for name in "AB"}
    assert grouped(base=BASE, middle=middle, **modules) == []


def test_plug_ins_of_a_base_that_the_tree_does_not_show_are_no_duplicates(grouped):
    modules = {name: of("from elsewhere import Wire", bases="Wire") for name in ("one", "two", "three")}
    assert grouped(**modules) == []


def test_plug_ins_of_an_interface_of_zope_are_no_duplicates(grouped):
    head = "from wires.face import IWire"
    text = f"{head}\n\n\n@implementer(IWire)\nclass Transport:{METHODS}"
    face = f"class IWire(Interface):{METHODS}"
    assert grouped(face=face, one=text, two=text) == []


def test_a_name_that_a_family_shares_makes_nobody_a_duplicate(grouped):
    modules = {name: of("from wires import base", bases="base.Transport") for name in ("redis", "sqs")}
    assert grouped(base=BASE, alone=of(), **modules) == []


def test_plug_ins_without_a_base_are_known_by_how_their_names_end(grouped):
    classes = "".join(f"class {name}FilesStore:{METHODS}" for name in ("S3", "FTP", "GCS"))
    assert grouped(stores=classes) == []


def test_versions_of_what_is_called_by_the_ending_alone_are_one_job(grouped):
    classes = "".join(f"class {name}FilesStore:{METHODS}" for name in ("", "New", "Unified"))
    assert grouped(stores=classes) == [{"stores:FilesStore", "stores:NewFilesStore", "stores:UnifiedFilesStore"}]


def test_versions_that_have_a_base_in_common_are_one_job(grouped):
    base = "class Logged:\n    def log(self): ...\n    def unlog(self): ...\n"
    head = "from wires.base import Logged"
    files = {
        "one": of(head, name="OrderTracker", bases="Logged"),
        "two": of(head, name="OrderTrackerV2", bases="Logged"),
    }
    assert grouped(base=base, **files) == [{"one:OrderTracker", "two:OrderTrackerV2"}]


def test_two_of_one_name_with_a_mixin_in_common_are_one_job(grouped):
    base = "class Logged:\n    def log(self): ...\n    def unlog(self): ...\n"
    head = "from wires.base import Logged"
    assert grouped(base=base, one=of(head, bases="Logged"), two=of(head, bases="Logged")) == [
        {"one:Transport", "two:Transport"}
    ]


def test_what_only_shares_the_methods_of_an_interface_is_no_job_done_twice(grouped):
    middleware = (
        "    def process_request(self, request, spider): ...\n    def process_response(self, response, spider): ...\n"
    )
    names = ("HttpCache", "HttpAuth", "HttpProxy")
    files = {name.lower(): f"class {name}Middleware:\n{middleware}    def {name}(self): ...\n" for name in names}
    assert grouped(**files) == []


def test_a_part_of_a_package_called_like_another_is_no_job_done_twice(grouped):
    assert (
        grouped(
            connection=of(name="Link"), qpid=of(name="Link").replace("drain_wire", "receive").replace("close_", "end_")
        )
        == []
    )


def test_a_module_that_repeats_the_names_of_another_with_other_bodies_is_no_job_done_twice(grouped):
    def functions(body: str) -> str:
        return "".join(f"def {name}_distance(graph):\n{body}\n" for name in ("center", "inner", "outer"))

    exact, rough = functions("    a = graph.all()\n    b = max(a)\n    return b"), functions("    return graph.guess()")
    assert grouped(distances=exact, rough__in__distances=rough, rough__in____init__="") == []
    files = {"distances": exact, "rough__in__distances": exact, "rough__in____init__": ""}
    assert grouped(**files) == [{"distances", "rough.distances"}]


def test_a_base_beside_what_is_built_on_it_is_no_job_done_twice(grouped):
    base = "class CrawlerBase:\n    def crawl(self): ...\n    def stop(self): ...\n"
    process = "class Crawler:\n    def crawl(self): ...\n    def stop(self): ...\n    def join(self): ...\n"
    assert grouped(base=base, process=process) == []
