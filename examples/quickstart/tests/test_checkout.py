# tests/test_checkout.py

import pytest
from shop.checkout import pay, refund


def test_a_payment_is_tracked(order_tracker):
    pay("A-1")
    assert order_tracker.states == {"A-1": "paid"}


@pytest.mark.ssot_expect_violation(ssot="orders", reason="refunds move last")
def test_a_refund_is_logged():
    assert refund("A-1") == [("A-1", "refunded")]
