from shop import wiring


def test_wiring():
    assert wiring.cart().lines == wiring.logs().lines == wiring.elsewhere().lines == []
    assert not wiring.named()
