from shop import db, orders


def test_orders():
    orders.save(1)
    orders.save_at_once(2)
    assert db.rows == [1, 2]
