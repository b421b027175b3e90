from shop.money import Money


def total(money: Money):
    return money.amount  #: run deprecated-use


def discount():
    money = Money(200)
    money.amount = 1  #: run deprecated-use
    return money.cents
