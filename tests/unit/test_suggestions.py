"""What a deprecation says to use instead, and when the deprecated thing goes, is read out of its text."""

from __future__ import annotations

import pytest

from pytest_ssot_tracker.suggestions import removal_in, replacement_in


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Use new_thing instead.", "new_thing"),
        ("foo is deprecated, use pkg.mod.Bar instead", "pkg.mod.Bar"),
        ("``old`` is deprecated in favor of ``pkg.new``.", "pkg.new"),
        ("OldLog is deprecated; use :class:`~app.new.Log` instead", "app.new.Log"),
        ("old() has been renamed to get_thing()", "get_thing"),
        ("scrapy.utils.foo is deprecated, instead use scrapy.utils.bar", "scrapy.utils.bar"),
        ("Importing x from y is deprecated. Import it from y.z instead", "y.z"),
        ("'nb_of' is deprecated, use 'count'", "count"),
        ("The `a` attribute is deprecated; use `b` instead. See https://x.y", "b"),
        ("Call to deprecated function foo. (use bar)", "bar"),
        ("NewThing should be used instead", "NewThing"),
        ("use the function get_thing instead", "get_thing"),
    ],
)
def test_a_replacement_is_read_as_it_is_written(text: str, name: str) -> None:
    assert replacement_in(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "this is deprecated, use a new one",
        "Please use the dedicated class.",
        "use of this is discouraged",
        "foo is deprecated",
        "",
    ],
)
def test_a_plain_word_after_use_is_no_replacement(text: str) -> None:
    assert replacement_in(text) is None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("will be removed in version 3.4", "3.4"),
        ("OldLog is deprecated and will be removed in 2.0; use Log", "2.0"),
        ("scheduled for removal in Python 3.16", "3.16"),
        ("gets dropped with v5", "5"),
        ("deprecated since 1.2", None),
        ("", None),
    ],
)
def test_a_version_is_that_of_the_removal(text: str, version: str | None) -> None:
    assert removal_in(text) == version
