from shop.bill import discount, total
from shop.money import Money


def test_bill():
    assert (total(Money(200)), discount()) == (2, 100)
