from shop import sql


def test_sql():
    assert sql.HOST and sql.key() and sql.statement("a") != sql.new()
