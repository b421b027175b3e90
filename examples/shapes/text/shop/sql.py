"""Read orders, which were in legacy_orders once."""

HOST = "https://old.example.com/api"  #: scan deprecated-text


def statement(name):
    # legacy_orders in a comment is none
    return f"select * from legacy_orders where name = '{name}'"  #: scan deprecated-text


def key():
    return "ORDER" + "_KEY"  #: scan deprecated-text


def new():
    return "select * from orders"
