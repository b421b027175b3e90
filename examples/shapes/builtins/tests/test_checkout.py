from shop.checkout import pay, refund


def test_checkout(capsys):
    pay()
    refund()
    assert capsys.readouterr().out == "paid\nrefunded\n"
