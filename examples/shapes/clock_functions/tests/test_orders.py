from shop import orders


def test_orders():
    assert orders.stamp() <= orders.placed()
    assert orders.started() > 0
