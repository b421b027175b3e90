from shop.retry import retry, retrying  #: both deprecated-import


@retry  #: both deprecated-use
def fetch():
    return 1


@retrying(3)
def load():
    return 2
