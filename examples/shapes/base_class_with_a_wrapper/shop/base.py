import threading


class Worker(threading.Thread):  #: both allowed deprecated-base
    pass
