"""Millions of identifiers in little memory, and the birthplaces of the last few thousand others."""

from __future__ import annotations

import threading
from uuid import UUID

from pytest_ssot_tracker.detect.ids.issued import Birth, Births, Issued

HERE = Birth("uuid:uuid4", (lambda: None).__code__, 0)
THERE = Birth("uuid:uuid1", (lambda: None).__code__, 2)
MADE = UUID("6ba7b810-9dad-41d1-80b4-00c04fd430c8")


def births(*texts: str) -> Births:
    found = Births()
    for text in texts:
        found.note(text, HERE)
    return found


def test_what_was_added_stays_known_however_much_follows() -> None:
    issued = Issued()
    for number in range(70_000):
        issued.add(f"id-{number}")
    assert all(f"id-{number}" in issued for number in range(0, 70_000, 7))
    assert not any(f"di-{number}" in issued for number in range(0, 70_000, 7))


def test_threads_that_add_at_once_lose_nothing() -> None:
    issued = Issued()
    threads = [
        threading.Thread(target=lambda name=name: [issued.add(f"{name}-{number}") for number in range(10_000)])
        for name in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"{name}-{number}" in issued for name in "abcd" for number in range(10_000))


def test_a_text_is_found_where_it_was_made() -> None:
    assert births("order-1").of("order-1") == HERE
    assert births("order-1").of("order-2") is None


def test_a_uuid_is_found_with_dashes_without_and_within_another_text() -> None:
    known = births(MADE.hex)
    for text in (str(MADE), MADE.hex, MADE.hex.upper(), f"run_{MADE}_7", f"run-{MADE.hex}", MADE.urn):
        assert known.of(text) == HERE, text


def test_a_uuid_is_found_by_its_first_eight_digits_and_not_by_fewer() -> None:
    assert births(MADE.hex).of(f"run_{MADE.hex[:8]}") == HERE
    assert births(MADE.hex).of(f"run_{MADE.hex[:12]}") == HERE
    assert births(MADE.hex).of(f"run_{MADE.hex[:7]}") is None


def test_the_last_to_be_made_is_told() -> None:
    known = births(MADE.hex)
    known.note(MADE.hex, THERE)
    assert known.of(str(MADE)) == THERE


def test_the_oldest_birth_is_forgotten_for_the_ten_thousand_and_first() -> None:
    known = births(*(f"order-{number}" for number in range(10_001)))
    assert known.of("order-0") is None
    assert known.of("order-1") == HERE
