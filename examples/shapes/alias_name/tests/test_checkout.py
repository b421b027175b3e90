from shop.checkout import new, old


def test_checkout():
    assert type(old()) is type(new())
