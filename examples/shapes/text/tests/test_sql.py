from shop import sql


def test_sql():
    assert sql.key() not in sql.HOST
    assert sql.statement("a") != sql.new()
