from shop.session import Session, make_session


def by_the_factory():
    with make_session() as session:
        return session


def by_hand():
    return Session()  #: both singleton-bypass


class OwnSession(Session):
    pass


def by_a_subclass():
    return OwnSession()  #: both singleton-bypass
