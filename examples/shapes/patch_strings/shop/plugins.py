import importlib


def load():
    return importlib.import_module("shop.legacy")  #: both deprecated-import
