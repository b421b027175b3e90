from shop.checkout import direct, through_the_hub


def test_checkout():
    assert type(direct()) is type(through_the_hub())
