from shop import orders


def test_orders():
    assert type(orders.by_the_factory()) is type(orders.by_hand())
    assert isinstance(orders.by_a_subclass(), type(orders.by_hand()))
