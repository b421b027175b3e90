from shop import orders


def test_orders():
    assert orders.by_name() == orders.by_position() == orders.by_value() == orders.by_partial() == "a"
    assert orders.by_mapping({"urgent": True}) == orders.by_constructor() == "a"
    assert orders.defaulted() == "aaa"
