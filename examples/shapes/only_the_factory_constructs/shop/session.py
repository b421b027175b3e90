from contextlib import contextmanager


class Session:
    pass


@contextmanager
def make_session():
    yield Session()
