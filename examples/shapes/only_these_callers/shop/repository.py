from shop.db import execute  #: both allowed deprecated-import


def orders():
    return execute("orders")  #: both allowed deprecated-use
