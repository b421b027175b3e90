from shop.checkout import pay, preview
from shop.tracker import get_tracker


def test_a_payment_is_tracked(tracker):
    assert tracker is get_tracker()
    pay("A-1")
    assert tracker.states == {"A-1": "paid"}


def test_nothing_is_left_of_another_test(tracker):
    assert tracker.states == {}


def test_a_preview(tracker):
    assert preview("A-2") == {"A-2": "paid"}
