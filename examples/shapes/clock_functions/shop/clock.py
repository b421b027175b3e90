import time


def now():
    return time.time()  #: both allowed deprecated-use
