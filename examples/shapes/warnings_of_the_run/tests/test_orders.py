from shop.orders import confirm, remind


def test_orders():
    assert (confirm(), remind()) == ("confirmed", "reminded")
