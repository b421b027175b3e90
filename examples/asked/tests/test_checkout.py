from shop.checkout import pay, refund


def test_a_payment_is_tracked():
    assert pay("A-1") == 20


def test_a_refund_is_logged():
    assert refund("A-1") == [("A-1", "refunded")]


def test_a_second_refund_is_logged_too():
    assert refund("A-2") == [("A-2", "refunded")]
