from shop.states import state, states


def test_states():
    assert state() in states()
