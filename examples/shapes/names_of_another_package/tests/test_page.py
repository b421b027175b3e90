from shop.page import order, page
from tools.export import export


def test_page():
    assert page(" a") == export(" a") == "a"


def test_order():
    assert order("1") == (1, 1)
