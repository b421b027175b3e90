from shop.legacy import OrderLog  #: both deprecated-import


def refund():
    return OrderLog()  #: both deprecated-use
