from shop.legacy import OrderLog  #: both deprecated-import


def pay():
    return OrderLog()  #: both deprecated-use
