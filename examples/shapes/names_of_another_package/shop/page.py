import json
from textwrap import dedent  #: both deprecated-import

from shop.codec import read


def page(text):
    return dedent(text)  #: both deprecated-use


def order(text):
    return json.loads(text), read(text)  #: both deprecated-use
