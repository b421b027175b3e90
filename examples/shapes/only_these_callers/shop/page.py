from shop import db, repository


def page():
    return repository.orders() + db.execute("page")  #: both deprecated-use
