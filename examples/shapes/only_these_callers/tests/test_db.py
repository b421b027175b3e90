from shop.page import page
from shop.report import Report


def test_db():
    assert (page(), Report().rows(), Report().totals()) == (["orders", "page"], ["rows"], ["totals"])
