import os
from os import environ  #: both deprecated-import

from shop.settings import get


def host():
    return os.environ.get("MAIL_HOST", "localhost")  #: scan deprecated-access


def port():
    return environ.get("MAIL_PORT")  #: scan deprecated-access


def user():
    return os.getenv("MAIL_USER")  #: both deprecated-use


def sender():
    return get("MAIL_SENDER")
