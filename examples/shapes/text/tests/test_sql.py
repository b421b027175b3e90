from shop import sql


def test_sql():
    assert sql.HOST
    assert sql.key()
    assert sql.statement("a") != sql.new()
