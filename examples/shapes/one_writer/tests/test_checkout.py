from shop.checkout import cheat, pay


def test_checkout():
    assert pay() == cheat() == "paid"
