from shop.mail import remind


def test_nobody_is_reminded_of_nothing():
    assert remind([]) == 0
