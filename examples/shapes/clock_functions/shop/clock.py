import time


def now():
    return time.time()  #: scan allowed deprecated-use; run from 3.12 allowed deprecated-use
