import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from shop import bill


def test_bill():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert (bill.bill(), bill.added(), bill.rate(), bill.new()) == (1, 1, 3, 1)
        assert (bill.receipt(), bill.ticket(), bill.discount()) == (["tea"], [], 0)
