from shop.cart import full, left, new


def test_cart():
    assert (full([]), left([]), new([])) == (False, 10, 10)
