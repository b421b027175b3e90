import os


def get(name):
    found = os.getenv(name)  #: both allowed deprecated-use
    return found or os.environ[name]  #: scan allowed deprecated-access
