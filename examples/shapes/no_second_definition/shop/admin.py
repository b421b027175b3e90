class Tracker:  #: scan duplicate-ssot
    pass
