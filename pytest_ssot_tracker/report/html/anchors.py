"""Name pages and anchors: plain ASCII, however the things are called, the same on every machine."""

from __future__ import annotations

import re
from functools import lru_cache

from pytest_ssot_tracker.hashing import blake2b
from pytest_ssot_tracker.model import Rule
from pytest_ssot_tracker.records import regex

__all__ = [
    "FUNCTIONS",
    "INDEX",
    "OURS",
    "file_page",
    "owner_page",
    "rule_page",
    "site_anchor",
    "target_page",
    "test_anchor",
    "test_file",
    "test_page",
]

INDEX = "index.html"
FUNCTIONS = "functions.html"
OURS = regex(r"(?:file|tests|target|owner)-[a-z0-9-]*[0-9a-f]{8}\.html|rule-[a-z-]+\.html|functions\.html")
"""What the name of a page that comes and goes looks like; only such a file is ever removed."""


@lru_cache(maxsize=65536)
def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _page(kind: str, name: str) -> str:
    readable = re.sub(r"[^a-z0-9]+", "-", name[-40:].lower()).strip("-")
    return f"{kind}-{readable}-{_digest(name)}.html"


@lru_cache(maxsize=65536)
def file_page(path: str) -> str:
    """Return the name of the page of a source file."""
    return _page("file", path)


@lru_cache(maxsize=65536)
def test_page(path: str) -> str:
    """Return the name of the page of a test file."""
    return _page("tests", path)


def target_page(target: str) -> str:
    """Return the name of the page of a target."""
    return _page("target", target)


def owner_page(owner: str) -> str:
    """Return the name of the page of an owner."""
    return _page("owner", owner)


def rule_page(rule: Rule) -> str:
    """Return the name of the page of a rule."""
    return f"rule-{rule}.html"


def test_file(node_id: str) -> str:
    """Return the file of a test."""
    return node_id.partition("::")[0]


def site_anchor(site_id: str) -> str:
    """Return the anchor of a site on the page of its file."""
    return f"site-{site_id}"


def test_anchor(node_id: str) -> str:
    """Return the anchor of a test on the page of its file."""
    return f"t-{_digest(node_id)}"
