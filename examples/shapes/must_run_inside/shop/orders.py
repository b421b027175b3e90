from shop.db import transaction, write


def save(row):
    with transaction():
        write(row)


def save_at_once(row):
    write(row)  #: run wrong-context
